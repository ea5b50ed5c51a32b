"""Term matching: longest wins, exceptions, edges, gaps, frames of the lexicon file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.backends.terms import TermMatcher
from audit.errors import UserError
from audit.text.lexicon import COLUMNS, Lexicon, load_all, merge, read_tsv
from audit.text.normalise import fold


def lexicon(tmp_path: Path, *rows: str) -> Lexicon:
    lines = ["\t".join(COLUMNS)]
    for row in rows:
        term, role, variants, exceptions = (row.split(";") + ["", "", ""])[:4]
        lines.append(f"{term}\t{role}\t{variants}\t{exceptions}\t\t\t\town\t2026-11-22")
    path = tmp_path / "words.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_tsv(path)


def found(lex: Lexicon, text: str, role: str | None = None) -> list[str]:
    view = fold([text])
    matches = TermMatcher({lex.name: lex}).scan(view).matches(lex.name, role)
    a, b = view.original_span(matches.start, matches.end)
    return [text[i:j] for i, j in zip(a, b, strict=True)]


def test_longest_wins_and_exceptions_are_longer_terms(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "有病;;;有病史|有病在身", "好评", "好评返现")
    assert found(lex, "你有病吧") == ["有病"]
    assert found(lex, "有病史的人群，你有病") == ["有病"]
    assert found(lex, "好评返现哦") == ["好评返现"]
    assert found(lex, "给个好评") == ["好评"]


@pytest.mark.parametrize(("text", "hit"), [("USB", 0), ("你sb", 1), ("sb！", 1), ("sb123", 0), ("ＳＢ", 1), ("3sb", 0)])
def test_latin_terms_match_at_token_edges(tmp_path: Path, text: str, hit: int) -> None:
    assert len(found(lexicon(tmp_path, "sb"), text)) == hit


def test_gaps_stay_inside_a_clause(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "再…拉黑", "删……退款")
    assert found(lex, "再这样就拉黑") == ["再这样就拉黑"]
    assert found(lex, "再说吧，拉黑") == []
    assert found(lex, "删了，给您退款") == ["删了，给您退款"]
    assert found(lex, "删了。给您退款") == []


def test_one_character_terms(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "嗯;filler", "好;ack;;好看")
    assert found(lex, "嗯 好看 好", "ack") == ["好"]
    assert found(lex, "嗯好", "filler") == ["嗯"]


def test_quotes_of_evasions_are_the_original(tmp_path: Path) -> None:
    assert found(lexicon(tmp_path, "好评返现"), "有好*評·返 现哦") == ["好*評·返 现"]


def test_merged_spans_overlaps(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "你有病", "病得不轻")
    view = fold(["你有病得不轻", "你有病"])
    merged = TermMatcher({lex.name: lex}).scan(view).matches(lex.name).merged()
    assert [view.string[a:b] for a, b in zip(merged.start, merged.end, strict=True)] == ["你有病得不轻", "你有病"]


def test_unknown_lexicon_and_role_are_errors(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "嗯;filler")
    scan = TermMatcher({lex.name: lex}).scan(fold(["嗯"]))
    with pytest.raises(UserError, match="did you mean"):
        scan.matches("word")
    with pytest.raises(UserError, match="no role"):
        scan.matches("words", "fillers")


def test_bad_lines_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text("\t".join(COLUMNS) + "\n词\t\t\n\t\t\t\t\t\t\town\t\n词\t\t\t\tnobody\t\t\t\t\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_tsv(path)
    text = str(caught.value)
    assert "bad.tsv:2" in text and "bad.tsv:3" in text and "unknown frame" in text and "no source" in text


def test_own_entries_replace_shipped_ones(tmp_path: Path) -> None:
    base = lexicon(tmp_path, "垃圾;;;垃圾袋", "废物")
    own = lexicon(tmp_path, "垃圾;;;垃圾袋|垃圾桶")
    both = merge(base, own)
    assert [e.term for e in both.entries] == ["废物", "垃圾"]
    assert found(both, "垃圾桶") == []


def test_shipped_lexicons_load() -> None:
    assert all(lex.entries for lex in load_all().values())


@given(st.text(alphabet="有病史好评返现你，。 *ab", max_size=30))
def test_matches_are_what_they_claim(text: str) -> None:
    lines = ["\t".join(COLUMNS)]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.tsv"
        lines += [
            f"{t}\t\t\t{e}\t\t\t\town\t2026" for t, e in (("有病", "有病史"), ("好评", ""), ("返现", ""), ("ab", ""))
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
        lex = read_tsv(path)
    view = fold([text])
    matches = TermMatcher({lex.name: lex}).scan(view).matches(lex.name)
    for start, end, entry in zip(matches.start, matches.end, matches.entry, strict=True):
        assert view.string[start:end] == lex.entries[entry].term
    if "有病史" not in view.string:
        assert sum(lex.entries[e].term == "有病" for e in matches.entry) == view.string.count("有病")
