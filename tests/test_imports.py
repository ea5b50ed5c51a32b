"""Cold starts stay light: what a command does not need is not imported. Time itself is measured in bench/, not here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = ("jieba", "rjieba", "sklearn", "scipy", "onnxruntime", "transformers", "torch")
FRAMES = ("pandas", "numpy", "pyarrow")

PROBE = """
import json, sys
from audit.cli.main import main
code = main(json.loads(sys.argv[1]))
print("\\n" + json.dumps({"code": code, "modules": sorted({name.split(".")[0] for name in sys.modules})}))
"""

CHAT = """platform,shop,buyer,session,sent_at,sender,agent,text
taobao,木叶家居,小禾,s1,2026-03-02 10:00:00,buyer,,收到的杯子裂了，怎么处理
taobao,木叶家居,小禾,s1,2026-03-02 10:09:00,agent,木叶:阿青,你有病吧，自己不会看吗
taobao,木叶家居,小禾,s1,2026-03-02 10:10:00,buyer,,你怎么骂人
taobao,木叶家居,小禾,s1,2026-03-02 10:10:20,agent,木叶:阿青,抱歉，马上给您补发
"""


def probe(*args: str) -> tuple[int, set[str]]:
    """Exit code of `audit ARGS` in a process of its own, and the top-level modules that it loaded."""
    command = [sys.executable, "-c", PROBE, json.dumps(args)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return told["code"], set(told["modules"])


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_is_light(option: str) -> None:
    code, modules = probe(option)
    assert code == 0
    assert "click" in modules
    assert not modules & {*FRAMES, *MODELS, "rich", "jinja2", "xlsxwriter", "ahocorasick_rs", "yaml"}


def test_audit_of_words_and_clocks_loads_no_models(tmp_path: Path) -> None:
    chat = tmp_path / "chat.csv"
    chat.write_text(CHAT, encoding="utf-8")
    out = tmp_path / "report"
    code, modules = probe("run", str(chat), "--policy", "auto", "--out", str(out), "--format", "jsonl")
    assert code == 0
    found = [json.loads(line)["rule"] for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"RSP003", "ATT001"} <= set(found)
    assert {"pandas", "ahocorasick_rs"} <= modules
    assert not modules & {*MODELS, "jinja2", "xlsxwriter", "openpyxl"}


def test_reports_load_no_models(tmp_path: Path) -> None:
    chat = tmp_path / "chat.csv"
    chat.write_text(CHAT, encoding="utf-8")
    code, modules = probe("run", str(chat), "--policy", "auto", "--out", str(tmp_path / "report"))
    assert code == 0
    assert not modules & (set(MODELS) - {"jieba", "rjieba"})
