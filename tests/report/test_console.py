from __future__ import annotations

import io

from rich.console import Console

from audit.report import console

from .factory import hostile, make_result


def rendered(result: object, *, terminal: bool = False, width: int = 120, **options: object) -> str:
    out = io.StringIO()
    console.render(result, Console(file=out, force_terminal=terminal, width=width), "out/报告", **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_pipe_gets_one_plain_line_per_agent() -> None:
    text = rendered(make_result(60), width=40)
    assert "\x1b" not in text
    lines = text.splitlines()
    line = next(x for x in lines if x.startswith("小丁（晴川旗舰店:客服03）"))
    assert "会话 18 | 消息 126 | 严重 6 | 较重 3 | 轻微 1 | 提示 2 | 扣分 77 | 首响中位 23 秒" in line
    worst = lines[lines.index(line) + 1 : lines.index(line) + 4]
    assert [w.split()[0] for w in worst] == ["CND001", "ATT002", "ATT001"]
    assert "“煞笔”" in worst[1]
    assert lines[-1] == "报告: out/报告"


def test_terminal_gets_a_table_with_warnings() -> None:
    text = rendered(make_result(60), terminal=True)
    assert "┃" in text
    for words in ("最重的三条", "有内容没有检查到", "1 条规则无法检查：PRC008 越权"):
        assert words in text


def test_quotes_are_masked_and_cannot_drive_the_terminal() -> None:
    assert "abc_demo99" not in rendered(make_result(60))
    assert "abc_demo99" in rendered(make_result(60), show_pii=True)
    for terminal in (False, True):
        text = rendered(hostile("\x1b]0;x\x07[bold]不[/bold]"), terminal=terminal)
        assert "\x1b]" not in text
        assert "[bold]不" in text


def test_english_and_a_narrow_terminal() -> None:
    assert "Violations 44" in rendered(make_result(60), lang="en")
    assert max(map(len, rendered(make_result(60), terminal=False, width=60).splitlines())) > 60
    assert "客服" in rendered(make_result(60), terminal=True, width=60)


def test_clean_run_says_that_all_was_checked() -> None:
    result = make_result(1)
    result.findings.clear()
    cover = result.coverage
    cover.files.clear()
    for rows in (cover.bad_rows, cover.not_checkable, cover.disabled, cover.silenced):
        rows.clear()
    cover.pending.clear()
    assert "读入的内容全部检查过" in rendered(result)
