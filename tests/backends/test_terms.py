"""Term matching: longest wins, exceptions, edges, gaps, views, sounds; what lint says of a lexicon file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.backends.lint import problems
from audit.backends.terms import Matches, TermMatcher, sound_keys
from audit.errors import UserError
from audit.text.glyphs import decoded
from audit.text.lexicon import COLUMNS, Lexicon, load_all, merge, read_tsv
from audit.text.normalise import fold
from audit.text.pinyin import pinyin
from audit.text.steps import decoded_by


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


def viewed(tmp_path: Path, *rows: tuple[str, str, str]) -> Lexicon:
    """A lexicon of (term, views, exceptions)."""
    lines = ["\t".join(COLUMNS)]
    lines += [f"{term}\t\t\t{exceptions}\t\t{views}\t\town\t2026-11-22" for term, views, exceptions in rows]
    path = tmp_path / "words.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_tsv(path)


def test_a_term_matches_only_in_its_views(tmp_path: Path) -> None:
    lex = viewed(tmp_path, ("垃圾", "", ""), ("小丑", "decoded", ""), ("红包", "folded|decoded", ""))
    view = fold(["垃圾小丑红包", "垃土及🤡🧧"])
    matcher = TermMatcher({"words": lex})

    def terms(matches: Matches) -> list[tuple[int, str]]:
        return [(int(t), matches.entries[e].term) for t, e in zip(matches.text, matches.entry, strict=True)]

    assert terms(matcher.scan(view).matches("words")) == [(0, "垃圾"), (0, "红包")]
    found = matcher.scan(decoded(view)).matches("words")
    assert terms(found) == [(0, "小丑"), (0, "红包"), (1, "小丑"), (1, "红包")]
    assert found.view.quotes(found.start, found.end) == ["小丑", "红包", "🤡", "🧧"]
    assert [decoded_by(s) for s in found.steps] == ["", "", "表情或数字", "表情或数字"]


def test_views_and_their_frames_are_checked(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        viewed(tmp_path, ("垃圾", "decode", ""), ("小丑", "pinyin:persn", ""))
    assert "unknown view 'decode'" in str(error.value) and "unknown frame 'persn'" in str(error.value)
    entry = viewed(tmp_path, ("垃圾", "folded|pinyin:person", "")).entries[0]
    assert entry.view_frames == {"folded": "", "pinyin": "person"}
    assert entry.reads("pinyin") and not entry.reads("decoded")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("辣姬", [(0, 2)]),
        ("la ji", [(0, 2)]),
        ("l圾", [(0, 2)]),
        ("垃j", [(0, 2)]),
        ("lj", []),  # initials alone
        ("ab-l圾", []),  # no token
        ("辣，姬", []),
    ],
)
def test_terms_are_heard_in_the_pinyin_view(tmp_path: Path, text: str, heard: list[tuple[int, int]]) -> None:
    matcher = TermMatcher({"words": viewed(tmp_path, ("垃圾", "pinyin", ""), ("蜡笔", "folded", ""))})
    found = matcher.hear(pinyin(fold([text])))
    assert list(zip(found.start.tolist(), found.end.tolist(), strict=True)) == heard


def test_initials_alone_from_four_on(tmp_path: Path) -> None:
    assert "sqj" not in sound_keys("死全家") and "spqj" in sound_keys("少碰全家")
    assert sound_keys("滚") == [] and sound_keys("加v") == [] and sound_keys("没…脑子") == []


def test_lint_tells_views_in_which_a_term_can_never_match(tmp_path: Path) -> None:
    lex = viewed(
        tmp_path,
        ("🐔翅", "folded|decoded", ""),
        ("滚", "folded|pinyin", ""),
        ("智障", "pinyin", "纸张|好人"),
        ("小丑", "decoded", ""),
    )
    said = [p.split(": ", 1) for p in problems(lex)]
    assert [where for where, _ in said] == ["words:2 🐔翅", "words:3 滚", "words:4 exception 好人"]
    assert "decoded view" in said[0][1] and "鸡翅" in said[0][1] and "pinyin view" in said[1][1]
