"""Every rule does on its own EXAMPLES exactly what their marks say: messages, spans, clocks."""

import pytest

from audit.engine.examples import Example, parse
from audit.engine.trial import try_example
from audit.rules.model import all_rules

CASES = [(code, example) for code, rule in all_rules().items() for example in parse(rule.examples)]


@pytest.mark.parametrize(("code", "example"), CASES, ids=[f"{c}-{e.number}" for c, e in CASES])
def test_example(code: str, example: Example) -> None:
    outcome = try_example(all_rules()[code], example)
    assert outcome.ok, "\n".join([example.source, *outcome.problems])
