"""Hostile and clumsy input from the command line: a clear error or a counted bad row, never a traceback, never clean.

Each case was first a file or a command line that a person could have; what one of them broke stays mended.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from audit.cli.main import main
from audit.errors import UserError

HEADER = "platform,shop,buyer,sent_at,sender,agent,text\n"
HTML = "</script><img src=x onerror=alert(1)>"
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


def row(number: int, sender: str = "agent", text: str = "好的", **cells: str) -> str:
    """One line of a canonical table; `number` counts seconds from ten o'clock."""
    at = cells.get("at", f"2026-11-10 {10 + number // 3600}:{number // 60 % 60:02d}:{number % 60:02d}")
    shop, buyer, agent = cells.get("shop", "青禾家居"), cells.get("buyer", "买家甲"), cells.get("agent", "青禾:小一")
    return f"taobao,{shop},{buyer},{at},{sender},{agent},{text}\n"


def chat(rows: int = 10, buyer: str = "买家甲") -> str:
    """A harmless conversation."""
    said = ("agent", "buyer")
    return HEADER + "".join(row(i, said[(i + 1) % 2], f"第{i}句", buyer=buyer) for i in range(rows))


class Shell:
    """A folder and what a command printed there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.out = self.err = ""

    def write(self, name: str, content: str | bytes) -> Path:
        """A file under the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def zip(self, name: str, members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
        """A zip under the folder."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return self.write(name, packed.getvalue())

    def audit(self, *args: str | Path) -> int:
        """Exit code of the command; what it told is in `out` and `err`, and never a traceback or a bug."""
        code = main([str(a) for a in args])
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.out + self.err and "bug:" not in self.err
        return code

    def run(self, *args: str | Path) -> int:
        """`audit run` into the folder out, quiet, JSON lines only."""
        return self.audit("run", *args, "--out", "out", "--format", "jsonl", "--quiet")

    @property
    def coverage(self) -> dict[str, Any]:
        """coverage.json of the last run."""
        found: dict[str, Any] = json.loads((self.folder / "out" / "coverage.json").read_text(encoding="utf-8"))
        return found

    @property
    def findings(self) -> list[dict[str, Any]]:
        """findings.jsonl of the last run."""
        lines = (self.folder / "out" / "findings.jsonl").read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


# -- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"taobao,s,b,2026-11-10 10:00:00,agent,k,a\0b\n", "NUL bytes"),
        (b"taobao,s\n", "2 fields instead of 7"),
        (b"taobao,s,\xff\xfe\xfa\n", "neither UTF-8 nor GB18030"),
        (row(1).encode().rstrip() + b",x" * 10_000 + b"\n", "10007 fields instead of 7"),
        (row(1, "alien").encode(), "unknown sender 'alien'"),
        (row(1, at="1970-01-01 00:00:00").encode(), "no such date or time from 1990 to 2099"),
        (row(1, at="9" * 400).encode(), "unreadable time"),
        (row(1, text='"nie geschlossen').encode(), "a quote is never closed"),
        (b"\xef\xbb\xbf" + HEADER.encode(), "unknown sender 'sender'"),
    ],
)
def test_one_bad_row_never_stops_an_audit_and_is_listed(shell: Shell, line: bytes, reason: str) -> None:
    shell.write("a.csv", chat(200).encode() + line + row(300, "buyer", "最后一句").encode())
    assert shell.run("a.csv") == 0
    (bad,) = shell.coverage["bad_rows"]
    assert (bad["file"], bad["row"]) == ("a.csv", 202) and reason in bad["reason"]
    assert shell.coverage["counts"]["messages"] == 201


def test_quotes_that_swallow_the_next_line_are_bad_rows_and_real_ones_are_not(shell: Shell) -> None:
    torn = row(301, "buyer", '"没有说完') + row(302, text="中间") + row(303, "buyer", '"又没有说完')
    shell.write("a.csv", chat(300) + torn + row(304, text='"两行\n文字""好"') + row(305, "buyer", '他说"你好'))
    assert shell.run("a.csv") == 0
    assert [b["row"] for b in shell.coverage["bad_rows"]] == [302, 304]
    assert shell.coverage["counts"]["messages"] == 303


def test_too_many_bad_rows_stop_it_with_the_first_one(shell: Shell) -> None:
    shell.write("a.csv", HEADER + row(1, "buyer", "caf\0"))
    assert shell.run("a.csv") == 2
    assert "a.csv:2 encoding: 1 of 1 rows could not be read" in shell.err and "NUL" in shell.err
    assert not (shell.folder / "out").exists()


def test_a_key_that_only_later_objects_have_is_read(shell: Shell) -> None:
    said = {"platform": "taobao", "shop": "店", "buyer": "b", "sender": "buyer", "text": "在吗"}
    lines = [said | {"sent_at": f"2026-11-10 10:{i // 60:02d}:{i % 60:02d}"} for i in range(300)]
    event = {"sender": "system", "event": "rating", "event_value": {"agent": "k", "score": 5}, "text": ""}
    wrong = {"sender": "agent", "agent": "k", "kind": "hologram"}
    late = [said | {"sent_at": "2026-11-10 11:00:00"} | more for more in (event, wrong)]
    shell.write("a.jsonl", "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in [*lines, *late]))
    assert shell.run("a.jsonl") == 0
    assert [b["reason"] for b in shell.coverage["bad_rows"]] == ["unknown kind 'hologram'"]
    assert shell.coverage["counts"]["messages"] == 301


@pytest.mark.parametrize(
    "line",
    [
        '{"sender":"buyer","text":"x","buyer":"b","sent_at":' + "9" * 10_000 + "}",
        '{"sender":"buyer","buyer":"b","text":' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"sender":"buyer","buyer":"b","text":"a\0b"}',
        '{"broken',
        "[1]",
        '{"sender":["buyer"],"text":{"a":1},"buyer":5}',
    ],
)
def test_a_hostile_json_line_is_one_bad_row(shell: Shell, line: str) -> None:
    good = '{"platform":"taobao","shop":"s","buyer":"b","sent_at":"2026-11-10 10:00:00","sender":"buyer","text":"%d"}\n'
    shell.write("a.jsonl", "".join(good % i for i in range(200)) + line + "\n" + good % 999)
    assert shell.run("a.jsonl") == 0
    assert [b["row"] for b in shell.coverage["bad_rows"]] == [201]


def test_half_surrogates_become_a_visible_character(shell: Shell) -> None:
    line = '{"platform":"taobao","shop":"s","buyer":"b\\ud800","sender":"agent","text":"滚 \\ud83d","\\udc00":1}'
    shell.write("a.jsonl", line + "\n")
    assert shell.run("a.jsonl") == 0
    assert shell.coverage["counts"]["messages"] == 1


def test_a_first_object_longer_than_the_head_is_still_a_table(shell: Shell) -> None:
    said = {"platform": "taobao", "shop": "s", "buyer": "b", "sender": "buyer", "text": "x" * 300_000}
    shell.write("a.jsonl", json.dumps(said) + "\n" + json.dumps(said | {"sender": "agent", "text": "y"}) + "\n")
    assert shell.run("a.jsonl") == 0
    assert shell.coverage["counts"]["messages"] == 2


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\n \n\n", "it holds only blanks"),
        (b"\0" * 5000, "binary data"),
        (HEADER.encode(), "a.csv: no message in it"),
        (b"text\nx\n", "not a known chat export"),
        ("".join(chat()).encode("utf-32"), "binary data"),
        (b"sender,text,buyer,text\nbuyer,a,b,c\n", "a.csv:1: two columns are called text"),
        (b"PK\x03\x04" + b"x" * 100, "damaged or truncated zip archive"),
        (b"PAR1" + b"\xc1" * 200 + b"PAR1", "a damaged Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000, "not a readable workbook"),
        (b"[" * 100_000, "not a known chat export"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_is(shell: Shell, content: bytes, told: str) -> None:
    shell.write("a.csv", content)
    assert shell.run("a.csv") == 2
    assert told in shell.err and "a.csv" in shell.err and "→" in shell.err


def test_pipes_devices_loops_and_dangling_links_are_named_and_never_hang(shell: Shell) -> None:
    shell.write("f/a.csv", chat())
    (shell.folder / "f" / "b.csv").symlink_to("/nowhere")
    (shell.folder / "f" / "c.csv").symlink_to("/dev/zero")
    (shell.folder / "f" / "self").symlink_to("self")
    (shell.folder / "f" / "up").symlink_to("..")
    (shell.folder / "f" / "d.csv").mkdir()
    os.mkfifo(shell.folder / "f" / "e.csv")
    assert shell.run("f") == 0
    refused = {f["path"]: f["refused"] for f in shell.coverage["files"] if f["refused"]}
    assert set(refused) == {"b.csv", "c.csv", "e.csv", "self"}
    assert all(f"skipped {name}: {why}" in shell.err for name, why in refused.items())
    assert shell.run("f", "--strict") == 2
    assert shell.run("f/e.csv") == 2 and "not a regular file" in shell.err
    assert shell.run("f/b.csv") == 2 and "a link to something that does not exist" in shell.err
    assert shell.run("/dev/zero") == 2
    assert shell.run("f/d.csv") == 2 and "there is no file to read" in shell.err


@pytest.mark.parametrize("option", ["--ignore", "--baseline", "--map", "--shop-profile", "--policy"])
def test_a_pipe_or_device_for_an_option_never_hangs(shell: Shell, option: str) -> None:
    shell.write("a.csv", chat())
    os.mkfifo(shell.folder / "pipe.yaml")
    assert shell.run("a.csv", option, "pipe.yaml") == 2
    assert shell.run("a.csv", option, "/dev/zero") == 2


def test_a_member_damaged_far_inside_is_skipped_and_the_others_are_read(shell: Shell) -> None:
    path = shell.zip("f/a.zip", {"a.csv": chat(3000), "b.csv": chat(20, "买家乙")}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[150_000:150_005] = b"\xff" * 5
    path.write_bytes(bytes(data))
    shell.write("f/c.csv", chat(20, "买家丙"))
    assert shell.run("f") == 0
    assert [f["path"] for f in shell.coverage["files"] if not f["refused"]] == ["a.zip!b.csv", "c.csv"]
    assert shell.err.count("a.zip!a.csv") == 1 and "damaged archive member" in shell.err


def test_bombs_nests_and_paths_out_of_an_archive_are_refused(shell: Shell) -> None:
    shell.zip("bomb.zip", {"a.csv": b"a" * 210_000_000})
    assert shell.run("bomb.zip") == 2 and "zip bomb" in shell.err
    inner: bytes | str = chat()
    for _ in range(8):
        inner = shell.zip("nest.zip", {"n.zip" if isinstance(inner, bytes) else "a.csv": inner}).read_bytes()
    assert shell.run("nest.zip") == 2 and "nested deeper" in shell.err
    shell.zip("s/out.zip", {"../../evil.csv": chat(), "/evil.csv": chat(), "..\\evil.csv": chat(), "ok.csv": chat()})
    assert shell.run("s/out.zip") == 0
    assert shell.err.count("its name points outside the archive") == 3
    assert not list(shell.folder.rglob("evil*"))


def test_a_stray_cell_at_the_far_end_of_a_sheet_does_not_fill_the_memory(shell: Shell) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(shell.folder / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(chat().splitlines()):
            sheet.write_row(number, 0, line.split(","))
        sheet.write(1_048_575, 16_383, "x")
    assert shell.run("a.xlsx") == 2
    assert "spans 1,048,576 rows × 16,384 columns" in shell.err


def test_control_characters_in_names_and_texts_never_reach_the_terminal(shell: Shell) -> None:
    evil = "x\x1b[31mred\u202e"
    shell.write(f"f/{evil}.txt", "kein Chat")
    shell.write("f/a.csv", HEADER + row(1, "buyer", "在吗") + row(2, text=f"你有病吧 滚{evil}", agent=f"[/b]{evil}"))
    assert shell.audit("run", "f", "--out", "out", "--per-agent") == 0
    assert shell.audit("inspect", "f") == 0
    assert "\x1b" not in shell.out + shell.err
    (page,) = (shell.folder / "out" / "agents").glob("*.html")
    assert page.stem.isprintable()


def test_reports_of_an_earlier_audit_are_no_chats(shell: Shell) -> None:
    shell.write("a.csv", HEADER + row(1, "buyer", "在吗") + row(2, text="你有病吧，滚"))
    for out in ("report", "."):
        for _ in range(2):
            assert shell.audit("run", ".", "--out", out, "--per-agent", "--strict") == 0, shell.err
        coverage = json.loads((shell.folder / out / "coverage.json").read_text(encoding="utf-8"))
        assert [f["path"] for f in coverage["files"]] == ["a.csv"]


# -- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "(" * 20_000 + ")" * 20_000,
        "😀" * 100_000,
        "你有病" * 10_000,
        "加微信" * 3_000,
        "1" * 50_000,
        "https://" * 3_000,
        "没有不是" * 5_000,
        "“" * 20_000,
        "别人说" * 5_000,
        "五星好评返现" * 60,
    ],
    ids=lambda text: f"{text[:6]}x{len(text)}",
)
def test_walls_of_text_take_bounded_time(shell: Shell, text: str) -> None:
    shell.write(
        "a.csv", HEADER + row(1, "buyer", text) + row(2, text=text) + row(9, "buyer", "在吗") + row(12, text=text)
    )
    began = time.monotonic()
    assert shell.run("a.csv") == 0
    assert time.monotonic() - began < 30, "quadratic: every match looks at the whole text"
    assert shell.coverage["counts"]["messages"] == 4


def test_a_wall_of_insults_lists_its_first_hundred_and_says_so(shell: Shell) -> None:
    shell.write("a.csv", HEADER + row(1, "buyer", "在吗") + row(2, text="你有病，" * 300))
    assert shell.run("a.csv") == 0
    insults = [f for f in shell.findings if f["rule"] == "ATT001"]
    assert len(insults) == 100 and sum(f["points"] > 0 for f in insults) == 1
    assert any("其余 200 处没有单列" in note for note in shell.coverage["notes"])


def test_html_of_a_chat_stays_text(shell: Shell) -> None:
    names = {"agent": HTML, "shop": HTML, "buyer": HTML}
    shell.write(
        "<img onerror=1>.csv", HEADER + row(1, "buyer", HTML, **names) + row(2, text=f"你有病吧 滚{HTML}", **names)
    )
    assert shell.audit("run", ".", "--out", "out", "--per-agent") == 0
    ids = [json.loads(x)["id"] for x in (shell.folder / "out" / "findings.jsonl").read_text("utf-8").splitlines()]
    assert shell.audit("evidence", ids[0], "<img onerror=1>.csv", "--out", "e.html") == 0
    pages = [*shell.folder.rglob("*.html")]
    assert len(pages) == 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<img src=x onerror" not in text and "<img onerror" not in text


# -- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--since", "2026-12-01", "--until", "2026-11-01"], "lies after --until"),
        (["--since", "2026-11-11"], "--since: it lies after every message: the chats run from 2026-11-10T10:00:00"),
        (["--until", "2026-11-09"], "--until: it lies before every message"),
        (["--as-of", "2026-11-01"], "--as-of: it lies before every message"),
        (["--since", ""], "--since: the value is empty"),
        (["--out", ""], "--out: the value is empty"),
        (["--max-bad-rows", "nan"], "--max-bad-rows: not a share"),
        (["--max-bad-rows", "-1"], "--max-bad-rows: not a share"),
        (["--max-bad-rows", "2"], "--max-bad-rows: not a share"),
        (["--agent", "青禾:小二"], "did you mean 青禾:小一?"),
        (["--rule", "RSP01"], "did you mean RSP010"),
        (["--policy", "taobo"], "did you mean taobao?"),
        (["--platform", "taobo"], "did you mean taobao?"),
        (["--out", "a.csv/x"], "a.csv: cannot be written: Not a directory"),
    ],
)
def test_values_that_choose_nothing_are_errors(shell: Shell, options: list[str], told: str) -> None:
    shell.write("a.csv", chat())
    assert shell.audit("run", "a.csv", *([] if "--out" in options else ["--out", "out"]), "--quiet", *options) == 2
    assert told in shell.err
    assert not (shell.folder / "out").exists()


@pytest.mark.parametrize("text", [LAUGHS, "columns: " + "[" * 5000, "#" * 2_000_000, "&a [*a]", "!!python/name:os.x"])
def test_hostile_yaml_is_refused_at_once(shell: Shell, text: str) -> None:
    shell.write("a.csv", chat())
    shell.write("x.yaml", text)
    began = time.monotonic()
    for option in ("--map", "--policy", "--shop-profile"):
        assert shell.run("a.csv", option, "x.yaml") == 2
        assert "x.yaml" in shell.err and len(shell.err) < 5000
    assert time.monotonic() - began < 15


def test_a_mapping_finds_headers_that_are_no_known_words(shell: Shell) -> None:
    shell.write("a.csv", "甲,乙,丙,丁\n" + "张一,2026-11-10 10:00:00,买家,在吗\n张一,2026-11-10 10:00:05,客服,在的\n")
    shell.write(
        "m.yaml", "columns: {text: 丁, role: 丙, buyer: 甲, sent_at: 乙}\nvalues: {role: {买家: buyer, 客服: agent}}\n"
    )
    assert shell.run("a.csv", "--map", "m.yaml", "--platform", "taobao") == 0
    assert shell.coverage["counts"]["messages"] == 2


def test_a_profile_a_thousand_folders_deep_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from audit.policy.shop import load_profiles

    for _ in range(1100):
        os.mkdir("x")
        os.chdir("x")
    try:
        Path("shop.yaml").write_text("platform: taobao\nshop: 店\n", encoding="utf-8")
        assert list(load_profiles(shell.folder)) == [("taobao", "店")]
    finally:
        monkeypatch.chdir(shell.folder)
        subprocess.run(["rm", "-rf", str(shell.folder / "x")], check=True)


# -- what is written -------------------------------------------------------------------------------------------------


def test_no_command_overwrites_the_chats_it_reads(shell: Shell) -> None:
    content = HEADER + row(1, "buyer", "在吗") + row(2, text="你有病吧，滚")
    shell.write("a.csv", content)
    assert shell.run("a.csv") == 0
    (found, *_) = [f["id"] for f in shell.findings]
    assert shell.audit("evidence", found, "a.csv", "--out", "./a.csv") == 2
    assert shell.audit("convert", "a.csv", "./a.csv") == 2
    assert (shell.folder / "a.csv").read_text(encoding="utf-8") == content


def test_a_report_that_cannot_be_written_is_an_error_with_its_name(shell: Shell) -> None:
    shell.write("a.csv", chat())
    for name in ("report.html", "report.xlsx"):
        (shell.folder / name.split(".")[1] / name).mkdir(parents=True)
        assert shell.audit("run", "a.csv", "--out", name.split(".")[1]) == 2
        assert name in shell.err and "cannot be written" in shell.err


@pytest.mark.parametrize("title", ['"""\nimport os', "", 'x"', "x\\"])
def test_a_title_cannot_write_code_into_a_new_rule(shell: Shell, title: str) -> None:
    assert shell.audit("rules", "new", "attitude.hostile_title", "--title", title) == 2
    assert not (Path(__file__).parents[2] / "audit" / "rules" / "attitude" / "hostile_title.py").exists()


def test_an_error_crosses_from_a_worker_process() -> None:
    import pickle

    again = pickle.loads(pickle.dumps(UserError("what", where="where", fix="fix")))
    assert isinstance(again, UserError) and str(again) == "where: what\n  → fix"


# -- the process -----------------------------------------------------------------------------------------------------


def process(shell: Shell, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A shell line in which `audit` is the command."""
    line = command.replace("audit ", f"'{sys.executable}' -m audit ")
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root, **environment}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        capture_output=True, text=True, cwd=shell.folder, env=env, errors="replace", check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("audit rules list | head -1", 0),
        ("audit run a.csv --out out --format jsonl --fail-on severe | true", 1),
        ("audit run a.csv --out out --format jsonl >&- 2>&-", 0),
        ("audit rules list >/dev/full", 2),
        ("audit rules list >&- 2>&-", 0),
    ],
)
def test_closed_and_full_outputs(shell: Shell, command: str, code: int) -> None:
    shell.write("a.csv", HEADER + row(1, "buyer", "在吗") + row(2, text="你有病吧，滚"))
    done = process(shell, command)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "bug:" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_of_another_encoding_shows_what_it_can(shell: Shell, encoding: str) -> None:
    shell.write("a.csv", HEADER + row(1, "buyer", "在吗😀") + row(2, text="你有病吧，滚😀"))
    done = process(shell, "audit run a.csv --out out --format jsonl", PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and done.stdout and not done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_ended_audit_leaves_nothing_behind(shell: Shell, workers: int) -> None:
    rows = (
        row(i % 3000, ("buyer", "agent")[i % 2], f"第{i}句", buyer=f"b{i // 10}", shop=f"店{i % 4}")
        for i in range(150_000)
    )
    shell.write("a.csv", HEADER + "".join(rows))
    temporary = shell.folder / "tmp"
    temporary.mkdir()
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "audit", "run", "a.csv", "--out", "out", "--workers", str(workers)]
    env = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(temporary)}
    running = subprocess.Popen(command, cwd=shell.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    began = time.monotonic()
    while not (workers == 1 or list(temporary.iterdir())) and time.monotonic() - began < 30:
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGTERM)
    _, told = running.communicate(timeout=30)
    assert running.returncode == 130, told.decode()
    assert told.decode().strip() == "interrupted"
    assert list(temporary.iterdir()) == [] and not (shell.folder / "out").exists()
