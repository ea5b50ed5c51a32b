"""What every rule owes its readers: a docstring with all its parts, a source, enough examples, real options."""

import inspect
import re

import pytest

from audit.engine.examples import parse
from audit.policy.load import load, pack_names
from audit.resources import home
from audit.rules.model import GROUPS, SEVERITIES, UNITS, Rule, all_rules
from audit.text.lexicon import load_all

RULES = list(all_rules().values())
PARTS = ("为什么：", "不算违规：", "已知误报：", "选项：", "依据：")


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
class TestRule:
    def test_docstring_has_every_part(self, rule: Rule) -> None:
        first, *rest = rule.doc.split("\n")
        assert first.endswith("。"), first
        for part in PARTS:
            assert any(line.startswith(part) and len(line) > len(part) for line in rest), part

    def test_declaration(self, rule: Rule) -> None:
        assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
        assert rule.severity in SEVERITIES and rule.unit in UNITS and rule.group in GROUPS
        assert rule.cite and rule.title
        assert rule.module == f"audit.rules.{rule.name}"

    def test_module_names_code_name_and_title(self, rule: Rule) -> None:
        module = inspect.getmodule(rule.check)
        assert module is not None and module.__doc__ == f"{rule.code} {rule.name} {rule.title}"

    def test_enough_examples(self, rule: Rule) -> None:
        examples = list(parse(rule.examples))
        hits = sum(1 for e in examples for line in e.lines if line.flagged or line.spans)
        hits += sum(int(e.header["count"]) for e in examples if "count" in e.header and not e.expects_hit)
        clean = sum(1 for e in examples if not e.expects_hit and e.header.get("count", "0") == "0")
        assert hits >= 8 and clean >= 8, (hits, clean)

    def test_examples_differ(self, rule: Rule) -> None:
        sources = [(str(e.header), e.source) for e in parse(rule.examples)]
        assert len(sources) == len(set(sources))

    def test_options_are_keywords_with_defaults(self, rule: Rule) -> None:
        positional, *rest = inspect.signature(rule.check).parameters.values()
        assert positional.name == "chats"
        for p in rest:
            assert p.kind is inspect.Parameter.KEYWORD_ONLY and p.default is not inspect.Parameter.empty

    def test_needs_exist(self, rule: Rule) -> None:
        for need in rule.needs:
            kind, _, name = need.partition(":")
            assert kind in ("times", "lexicon", "event", "profile", "model"), need
            if kind == "lexicon":
                assert name in load_all()
            if kind == "model":
                assert (home("models") / name / "card.json").is_file()

    def test_it_is_in_every_pack(self, rule: Rule) -> None:
        for name in pack_names():
            assert load(name, all_rules()).clauses_of(rule.code), name
