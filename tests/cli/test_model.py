"""`audit model`: list, card, train, eval, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.resources import home


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(["model", *args])
    out, err = capsys.readouterr()
    return code, out, err


def test_list_and_card(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "list")
    assert code == 0 and "agent-act" in out and "buyer-state" in out
    code, out, _ = said(capsys, "card", "agent-act")
    card = json.loads(out)
    assert code == 0 and set(card["thresholds"]) == set(card["classes"]) and card["licence"]


@pytest.mark.parametrize("args", [("card", "agent-akt"), ("train", "agent-akt"), ("export", "agent-akt", "x")])
def test_an_unknown_name_gets_a_suggestion(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, *args)
    assert code == 2 and "agent-act" in err


def test_export_copies_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "export", "buyer-state", str(tmp_path))[0] == 0
    shipped = home("models") / "buyer-state"
    assert (tmp_path / "buyer-state" / "weights.zip").read_bytes() == (shipped / "weights.zip").read_bytes()
    code, _, err = said(capsys, "export", "buyer-state", str(tmp_path))
    assert code == 2 and "already" in err


def test_a_general_model_needs_its_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "train", "offensive-general", "--out", str(tmp_path))
    assert code == 2 and "COLD" in err


def test_eval_measures_a_small_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        ("d0002", "能便宜吗", "傻逼，买不起别买", ["insult"]),
        ("d0004", "几码合适", "您穿L码", []),
        ("d0006", "收到了", "五星好评返5元红包", ["review_incentive"]),
        ("d0008", "发什么快递", "发中通，今天下午发", []),
    ]
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "phrases_dev.jsonl").write_text(
        "".join(
            json.dumps({"id": i, "context": c, "text": t, "labels": labels, "evasion": "none"}, ensure_ascii=False)
            + "\n"
            for i, c, t, labels in lines
        ),
        encoding="utf-8",
    )
    code, out, err = said(capsys, "eval", "acts", "buyer-states", "--data", str(tmp_path))
    assert code == 0 and "4 lines, 2 clean" in out and "clean_flagged_severe: 0.000" in out
    assert "| insult | 1 | 1.000" in out and "| review_incentive | 1 | 1.000" in out
    assert "buyer-states: its data is not in" in err
