"""Cases written from the rulebook alone (tests/rulebook/): the rules give the findings that it demands."""

from pathlib import Path

import pytest

from audit.engine.examples import Example, parse
from audit.engine.trial import try_example
from audit.rules.model import all_rules

FOLDER = Path(__file__).parents[1] / "rulebook"
CASES = [(path.stem, e) for path in sorted(FOLDER.glob("*.txt")) for e in parse(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("code", "example"), CASES, ids=[f"{c}-{e.number}" for c, e in CASES])
def test_case(code: str, example: Example) -> None:
    outcome = try_example(all_rules()[code], example, exact=False)
    assert outcome.ok, "\n".join([str(example.header), example.source, *outcome.problems])
