from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.cli.main import main
from audit.ingest import table
from audit.ingest.discover import discover
from audit.ingest.model import ReadOptions
from audit.ingest.write import EXCEL_CELL, SUFFIXES, writer
from audit.schema import CANONICAL, EVENTS, KINDS, PLATFORMS, SENDERS, canonical

CSV = (
    "sender,buyer,agent,sent_at,text\n"
    "buyer,甲,小禾,2026-03-05 10:00,在吗\n"
    "agent,甲,小禾,2026-03-05 10:00:09,在的\n"
    "boss,甲,小禾,2026-03-05 10:01:00,坏行\n"
    'agent,甲,小禾,,"多行\n=1+1"\n'
)


def read(path: Path) -> pd.DataFrame:
    (source,), refusals = discover([path])
    assert refusals == []
    chunks = list(table.read(source, ReadOptions()))
    assert [b for c in chunks for b in c.bad_rows] == []
    return pd.concat([c.frame for c in chunks], ignore_index=True)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[*CANONICAL, "precision"]].astype(dict.fromkeys([c for c in CANONICAL if c != "sent_at"], "str"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_container_gives_the_same_frame_back(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_text(CSV, encoding="utf-8")
    out = tmp_path / f"out{suffix}"
    assert main(["convert", str(tmp_path / "in.csv"), str(out), "--platform", "jd", "--shop", "店甲"]) == 0
    error = capsys.readouterr().err
    assert "bad row: in.csv, row 4, column sender: unknown sender 'boss'" in error
    assert "3 rows from 1 files, 1 bad rows" in error
    frame = read(out)
    assert frame["text"].tolist() == ["在吗", "在的", "多行\n=1+1"]
    assert frame["precision"].tolist() == [60, 1, 1]
    assert frame["sent_at"].isna().tolist() == [False, False, True]
    assert set(frame["platform"]) == {"jd"}
    again = tmp_path / f"again{suffix}"
    assert main(["convert", str(out), str(again)]) == 0
    pd.testing.assert_frame_equal(plain(read(again)), plain(frame))
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_text_forms_of_the_outputs(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(CSV, encoding="utf-8")
    main(["convert", str(tmp_path / "in.csv"), str(tmp_path / "out.csv")])
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == ",".join(CANONICAL)
    assert ",2026-03-05 10:00,buyer," in lines[1]
    assert ",2026-03-05 10:00:09,agent," in lines[2]
    main(["convert", str(tmp_path / "in.csv"), str(tmp_path / "out.jsonl")])
    first = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == list(CANONICAL)
    assert (first["sent_at"], first["text"], first["recalled"]) == ("2026-03-05 10:00", "在吗", "false")


def test_nothing_readable_is_exit_2_and_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("没有聊天\n", encoding="utf-8")
    assert main(["convert", str(tmp_path / "in"), str(tmp_path / "out.csv")]) == 2
    assert "no message could be read" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.csv"], "only one path"),
        (["in.csv", "in.csv"], "one of the inputs"),
        (["in.csv", "out.txt"], "unknown output type"),
        (["in.csv", "none/out.csv"], "cannot be written"),
        (["ink.csv", "out.csv"], "did you mean in.csv"),
        (["in.csv", "out.csv", "--platform", "taobo"], "did you mean taobao"),
        (["in.csv", "out.csv", "--map", "none.yaml"], "mapping profile cannot be read"),
    ],
)
def test_wrong_arguments_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(CSV, encoding="utf-8")
    assert main(["convert", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert Path("in.csv").read_text(encoding="utf-8") == CSV


def test_in_a_folder_refused_files_are_named_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "b.txt").write_text("没有聊天\n", encoding="utf-8")
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04broken")
    assert main(["convert", str(tmp_path), str(tmp_path / "out.csv")]) == 0
    error = capsys.readouterr().err
    assert "refused: b.txt" in error
    assert "refused: c.zip: a damaged" in error
    assert main(["convert", str(tmp_path / "b.txt"), str(tmp_path / "x.csv")]) == 2


def test_texts_too_long_for_excel_are_cut_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.csv").write_text(f"sender,buyer,text\nbuyer,甲,{'长' * 40_000}\n", encoding="utf-8")
    assert main(["convert", str(tmp_path / "in.csv"), str(tmp_path / "out.xlsx")]) == 0
    assert "1 texts are longer" in capsys.readouterr().err
    assert read(tmp_path / "out.xlsx")["text"].str.len().tolist() == [EXCEL_CELL]


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t"), min_size=1
).filter(str.strip)
moments = st.datetimes(pd.Timestamp("1995-01-01"), pd.Timestamp("2090-01-01"))
rows = st.fixed_dictionaries(
    {
        "platform": st.sampled_from(PLATFORMS),
        "shop": words,
        "buyer": words.filter(bool),
        "session": words,
        "message_id": words,
        "sent_at": st.one_of(st.none(), moments),
        "sender": st.sampled_from(SENDERS),
        "agent": words,
        "kind": st.sampled_from(KINDS),
        "auto": st.sampled_from(["true", "false", ""]),
        "recalled": st.booleans(),
        "text": texts,
        "event": st.sampled_from(["", *EVENTS]),
        "event_value": st.one_of(st.just(""), st.dictionaries(words, words, max_size=2).map(json.dumps)),
        "precision": st.sampled_from([1, 60]),
    }
)


@settings(max_examples=40)
@given(st.lists(rows, min_size=1, max_size=6))
def test_any_canonical_frame_comes_back_from_every_container(
    tmp_path_factory: pytest.TempPathFactory, given_: list
) -> None:
    frame = pd.DataFrame(given_)
    times = pd.to_datetime(frame["sent_at"]).astype("datetime64[ms]")
    minutes = frame["precision"].eq(60)
    frame["sent_at"] = times.where(~minutes, times.dt.floor("min"))
    frame["precision"] = frame["precision"].where(times.notna(), 1)
    frame = canonical({c: frame[c] for c in frame.columns}, len(frame))
    folder = tmp_path_factory.mktemp("round")
    for suffix in SUFFIXES:
        with writer(folder / f"x{suffix}") as write:
            assert write(frame) == 0
        pd.testing.assert_frame_equal(plain(read(folder / f"x{suffix}")), plain(frame))
