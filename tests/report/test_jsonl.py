from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from audit.engine.result import Finding
from audit.report import jsonl

from .factory import make_result


def schema(name: str) -> jsonschema.Draft202012Validator:
    content = json.loads(files("audit.report").joinpath("schemas", name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    return jsonschema.Draft202012Validator(content)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    jsonl.write(make_result(80), out)
    return out


def test_findings_follow_the_schema(written: Path) -> None:
    lines = (written / "findings.jsonl").read_bytes().split(b"\n")
    assert lines[-1] == b""
    assert len(lines) == 81
    validator = schema("finding.schema.json")
    for line in lines[:-1]:
        validator.validate(json.loads(line))


def test_lines_hold_the_fields_in_order_and_nothing_is_masked(written: Path) -> None:
    first = json.loads((written / "findings.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == [f.name for f in dataclasses.fields(Finding)]
    assert first["buyer"].startswith("买家小")
    assert first["at"].endswith("+08:00")


def test_the_schema_names_every_field() -> None:
    known = schema("finding.schema.json").schema
    assert list(known["properties"]) == [f.name for f in dataclasses.fields(Finding)]
    finding = dataclasses.asdict(make_result(1).findings[0])
    finding["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(finding, known)


def test_coverage_and_metrics_follow_their_schemas(written: Path) -> None:
    coverage = json.loads((written / "coverage.json").read_bytes())
    schema("coverage.schema.json").validate(coverage)
    assert coverage["not_checkable"][0]["rule"] == "PRC008"
    metrics = json.loads((written / "metrics.json").read_bytes())
    schema("metrics.schema.json").validate(metrics)
    assert metrics["first_response_median_s"] == 33.0
    idle = [a for a in metrics["agents"] if a["agent"] == "晴川旗舰店:新人"]
    assert idle[0]["first_response_median_s"] is None
    assert [a for a in metrics["agents"] if a["agent"] is None]


def test_same_result_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        jsonl.write(make_result(40), tmp_path / name)
    for file in ("findings.jsonl", "coverage.json", "metrics.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_an_empty_result_is_written(tmp_path: Path) -> None:
    jsonl.write(make_result(0 + 1), tmp_path)
    empty = make_result(1)
    empty.findings.clear()
    jsonl.write(empty, tmp_path)
    assert (tmp_path / "findings.jsonl").read_bytes() == b""


def test_plain_turns_numpy_and_missing_values() -> None:
    frame = pd.DataFrame({"a": [1.5, float("nan")], "t": pd.to_datetime(["2026-01-02 03:04:05", None])})
    assert jsonl.records(frame) == [{"a": 1.5, "t": "2026-01-02T03:04:05"}, {"a": None, "t": None}]
