"""`audit evidence` on chats that were really audited."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from audit.cli.main import main

CHAT = """platform,shop,buyer,session,sent_at,sender,agent,text
taobao,木叶家居,小禾苗,s1,2026-03-02 10:00:00,buyer,,收到的杯子裂了，怎么处理
taobao,木叶家居,小禾苗,s1,2026-03-02 10:09:00,agent,木叶:阿青,你有病吧，自己不会看吗
taobao,木叶家居,小禾苗,s1,2026-03-02 10:10:00,buyer,,你怎么骂人，我电话13800001234
taobao,木叶家居,小禾苗,s1,2026-03-02 10:10:20,agent,木叶:阿青,抱歉，马上给您补发
"""


@pytest.fixture
def audited(tmp_path: Path) -> tuple[Path, Path, dict[str, str]]:
    """The chats, the report's folder, and finding ids by rule."""
    chat, out = tmp_path / "chat.csv", tmp_path / "report"
    chat.write_text(CHAT, encoding="utf-8")
    assert main(["run", str(chat), "--out", str(out), "--format", "jsonl", "--quiet"]) == 0
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return chat, out, {json.loads(x)["rule"]: json.loads(x)["id"] for x in lines}


def test_pages_of_two_findings(audited: tuple[Path, Path, dict[str, str]], tmp_path: Path) -> None:
    chat, out, ids = audited
    page = tmp_path / "appeal.html"
    assert (
        main(["evidence", ids["ATT001"][:10], ids["RSP003"], str(chat), "--report", str(out), "--out", str(page)]) == 0
    )
    text = page.read_text(encoding="utf-8")
    assert text.count("<article>") == 2
    for words in (ids["ATT001"], ids["RSP003"], "超时 6 分", "chat.csv · 3", "小***"):
        assert words in text
    assert re.search("<mark>[^<]*有病[^<]*</mark>", text)
    for secret in ("小禾苗", "13800001234", str(tmp_path)):
        assert secret not in text


def test_unknown_id_is_an_error_with_a_hint(
    audited: tuple[Path, Path, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat, _, ids = audited
    wrong = ids["ATT001"][:-1] + ("0" if ids["ATT001"][-1] != "0" else "1")
    page = tmp_path / "appeal.html"
    assert main(["evidence", wrong, str(chat), "--out", str(page)]) == 2
    assert ids["ATT001"] in capsys.readouterr().err
    assert not page.exists()
