from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from audit.errors import UserError
from audit.ingest import registry, table_mapped
from audit.ingest.discover import FileOpener
from audit.ingest.mapping import Mapping, from_profile, load_profile, propose
from audit.ingest.model import ReadOptions, Source


def source_of(tmp_path: Path, header: list, rows: list, name: str = "chats.csv") -> Source:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    path = tmp_path / name
    path.write_text(out.getvalue(), encoding="utf-8")
    return Source(name, path.stat().st_size, FileOpener(str(path)), str(path))


def read(source: Source, mapping: dict | None = None, **options) -> tuple[pd.DataFrame, list]:
    chunks = list(registry.read(source, ReadOptions(mapping=mapping, **options)))
    frame = pd.concat([c.frame for c in chunks], ignore_index=True)
    return frame, [b for c in chunks for b in c.bad_rows]


def cells(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    return list(frame[list(columns)].astype("str").itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("header", "row", "meaning"),
    [
        (
            ["发送时间", "发送者", "接收者", "消息内容"],
            ["2026/3/5 10:00", "甲", "乙", "您好"],
            {"sent_at": "发送时间", "name": "发送者", "receiver": "接收者", "text": "消息内容"},
        ),
        (
            ["会话编号", "买家昵称", "客服账号", "消息方向", "消息时间", "聊天内容"],
            ["1", "甲", "小禾", "接收", "2026-03-05 10:00:00", "有吗"],
            {
                "session": "会话编号",
                "buyer": "买家昵称",
                "agent": "客服账号",
                "role": "消息方向",
                "sent_at": "消息时间",
                "text": "聊天内容",
            },
        ),
        (
            ["StrTime", "IsSender", "NickName", "StrContent", "Type"],
            ["2026-03-05 10:00:00", "1", "小禾", "您好", "1"],
            {"sent_at": "StrTime", "role": "IsSender", "name": "NickName", "text": "StrContent"},
        ),
        (
            ["conversation_id", "created_at", "direction", "customer_name", "staff_name", "content"],
            ["9", "1772676000", "outgoing", "c", "s", "hello"],
            {
                "session": "conversation_id",
                "sent_at": "created_at",
                "role": "direction",
                "buyer": "customer_name",
                "agent": "staff_name",
                "text": "content",
            },
        ),
    ],
)
def test_headers_are_mapped_by_their_names(header: list, row: list, meaning: dict) -> None:
    mapping = propose(header, [row])
    assert {f: h[0] for f, h in mapping.columns.items()} == meaning
    assert set(mapping.certainty) == set(meaning)
    assert all(0.3 <= c <= 1 for c in mapping.certainty.values())


def test_values_outvote_a_header(tmp_path: Path) -> None:
    rows = [["昨天", "2026-03-05 10:00:00", "客户", "甲", "在吗"]] * 3
    mapping = propose(["时间", "创建时间", "角色", "客户", "内容"], rows)
    assert mapping.columns["sent_at"] == ("创建时间",)


def test_roles_from_a_role_column(tmp_path: Path) -> None:
    header = ["时间", "角色", "客户昵称", "客服", "内容"]
    rows = [
        ["2026-03-05 10:00:01", "客户", "甲", "小禾", "在吗"],
        ["2026-03-05 10:00:05", "客服", "甲", "小禾", "在的"],
        ["2026-03-05 10:00:09", "机器人", "甲", "小蜜", "多行\n内容"],
        ["昨天 10:00", "客户", "甲", "小禾", "好的"],
    ]
    source = source_of(tmp_path, header, rows)
    assert registry.detect(source).NAME == "mapped-table"
    frame, bad = read(source, platform="jd", shop="店甲")
    assert cells(frame, "sender", "buyer", "agent", "text") == [
        ("buyer", "甲", "小禾", "在吗"),
        ("agent", "甲", "小禾", "在的"),
        ("robot", "甲", "小蜜", "多行\n内容"),
    ]
    assert set(frame["platform"]) == {"jd"}
    assert set(frame["shop"]) == {"店甲"}
    assert [(b.row, b.column) for b in bad] == [(6, "sent_at")]


def test_one_and_zero_only_under_headers_that_say_what_one_is(tmp_path: Path) -> None:
    rows = [["s1", "u1", "0", "在吗"], ["s1", "u1", "1", "在"]]
    frame, _ = read(source_of(tmp_path, ["会话ID", "客户", "是否客服发送", "内容"], rows))
    assert frame["sender"].tolist() == ["buyer", "agent"]
    unclear = source_of(tmp_path, ["会话ID", "客户", "direction", "内容"], rows, "d.csv")
    with pytest.raises(UserError, match=r"values\.role"):
        read(unclear)
    profile = {
        **propose(["会话ID", "客户", "direction", "内容"], rows).profile(),
        "values": {"role": {"0": "buyer", "1": "客服"}},
    }
    assert read(unclear, profile)[0]["sender"].tolist() == ["buyer", "agent"]


def test_roles_from_sender_beside_buyer_or_agent_columns(tmp_path: Path) -> None:
    rows = [
        ["甲", "甲", "在吗"],
        ["小禾", "甲", "在"],
        ["店小蜜", "甲", "您好"],
        ["系统", "甲", "转接"],
        ["乙", "乙", "？"],
    ]
    frame, _ = read(source_of(tmp_path, ["发送人", "买家昵称", "内容"], rows))
    assert frame["sender"].tolist() == ["buyer", "agent", "robot", "system", "buyer"]
    assert frame["agent"].tolist() == ["", "小禾", "店小蜜", "", ""]
    rows = [["甲", "小禾", "s1", "在吗"], ["小禾", "小禾", "s1", "在"], ["乙", "小禾", "s2", "有吗"]]
    frame, _ = read(source_of(tmp_path, ["发送人", "接待客服", "会话ID", "内容"], rows, "b.csv"))
    assert cells(frame, "sender", "buyer", "agent") == [
        ("buyer", "甲", "小禾"),
        ("agent", "甲", "小禾"),
        ("buyer", "乙", "小禾"),
    ]


def test_roles_from_who_talks_to_many(tmp_path: Path) -> None:
    rows = []
    for i in range(6):
        rows += [[f"买{i}", "禾禾", "有吗"], ["禾禾", f"买{i}", "有"]]
    source = source_of(
        tmp_path, ["发送者", "接收者", "内容"], [*rows, ["路人甲", "路人乙", "私聊"], ["系统", "买1", "提示"]]
    )
    frame, bad = read(source)
    assert set(frame.loc[frame["sender"] == "agent", "agent"]) == {"禾禾"}
    assert set(frame.loc[frame["sender"] == "buyer", "buyer"]) == {f"买{i}" for i in range(6)}
    assert (frame["sender"] == "system").sum() == 1
    assert [b.row for b in bad] == [14]
    ((_, mapping),) = table_mapped.plan(source, None)
    assert mapping.agents == ("禾禾",)


def test_agents_that_appear_late_in_the_file_are_found(tmp_path: Path) -> None:
    rows = []
    for agent, start in (("禾禾", 0), ("苗苗", 300)):
        for i in range(start, start + 300):
            rows += [[f"买{i}", agent, "有吗"], [agent, f"买{i}", "有"]]
    frame, bad = read(source_of(tmp_path, ["发送者", "接收者", "内容"], rows))
    assert bad == []
    assert set(frame.loc[frame["sender"] == "agent", "agent"]) == {"禾禾", "苗苗"}
    assert (frame["sender"] == "agent").sum() == 600


def test_a_single_pair_of_names_cannot_be_told_apart(tmp_path: Path) -> None:
    source = source_of(tmp_path, ["发送者", "接收者", "内容"], [["甲", "乙", "您好"], ["乙", "甲", "在"]])
    with pytest.raises(UserError) as error:
        read(source)
    assert "agents" in str(error.value)
    assert "--map" in error.value.fix
    assert "name: 发送者" in error.value.fix
    profile = {"columns": {"name": "发送者", "receiver": "接收者", "text": "内容"}, "agents": ["乙"]}
    frame, _ = read(source, profile)
    assert cells(frame, "sender", "buyer", "agent") == [("buyer", "甲", "乙"), ("agent", "甲", "乙")]


def test_the_shops_name_in_a_sender_makes_an_agent(tmp_path: Path) -> None:
    rows = [["青禾旗舰店:小禾", "甲", "您好"], ["甲", "青禾旗舰店:小禾", "在"], ["青禾旗舰店:服务助手", "甲", "您好"]]
    frame, _ = read(source_of(tmp_path, ["发送者", "接收者", "内容"], rows))
    assert frame["sender"].tolist() == ["agent", "buyer", "robot"]
    assert set(frame["buyer"]) == {"甲"}


def test_names_alone_are_not_enough_and_the_proposal_is_shown(tmp_path: Path) -> None:
    source = source_of(tmp_path, ["时间", "发送者", "内容"], [["2026-03-05 10:00:00", "甲", "您好"]])
    with pytest.raises(UserError) as error:
        read(source)
    assert "who is buyer and who is agent" in error.value.what
    assert "tells the buyers apart" in error.value.what
    assert "columns:" in error.value.fix


def test_date_and_time_of_day_in_two_columns(tmp_path: Path) -> None:
    rows = [["2026-03-05", "10:00:01", "买家", "甲", "在吗"], ["2026/3/5", "10:05", "卖家", "甲", "在"]]
    frame, _ = read(source_of(tmp_path, ["日期", "时刻", "角色", "买家", "内容"], rows))
    assert frame["sent_at"].tolist() == [pd.Timestamp("2026-03-05 10:00:01"), pd.Timestamp("2026-03-05 10:05")]
    assert frame["precision"].tolist() == [1, 60]


def test_dates_alone_are_left_out_so_that_the_texts_are_still_read(tmp_path: Path) -> None:
    frame, bad = read(source_of(tmp_path, ["日期", "角色", "买家", "内容"], [["2026-03-05", "买家", "甲", "在吗"]]))
    assert bad == []
    assert frame["sent_at"].isna().all()


def test_a_time_format_of_the_profile(tmp_path: Path) -> None:
    source = source_of(
        tmp_path,
        ["when", "角色", "买家", "内容"],
        [["05.03.2026 10:00", "买家", "甲", "在"], ["x", "买家", "甲", "在"]],
    )
    profile = {
        "columns": {"sent_at": "when", "role": "角色", "buyer": "买家", "text": "内容"},
        "time_format": "%d.%m.%Y %H:%M",
        "constants": {"platform": "抖音", "shop": "店甲"},
    }
    frame, bad = read(source, profile)
    assert frame["sent_at"].tolist() == [pd.Timestamp("2026-03-05 10:00")]
    assert frame["precision"].tolist() == [60]
    assert cells(frame, "platform", "shop") == [("douyin", "店甲")]
    assert [b.row for b in bad] == [3]


def test_headers_that_nobody_knows_can_be_mapped(tmp_path: Path) -> None:
    source = source_of(tmp_path, ["a1", "b2", "c3"], [["V", "u", "在吗"], ["K", "u", "在"], ["Q", "u", "在"]])
    with pytest.raises(UserError, match="not a known chat export"):
        registry.detect(source)
    profile = {"columns": {"role": "a1", "buyer": "b2", "text": "c3"}, "values": {"role": {"V": "buyer", "K": "agent"}}}
    frame, bad = read(source, profile)
    assert frame["sender"].tolist() == ["buyer", "agent"]
    assert [(b.row, b.reason) for b in bad] == [(4, "unknown sender 'Q'")]


def test_profile_columns_that_the_file_lacks_are_named(tmp_path: Path) -> None:
    source = source_of(tmp_path, ["角色", "买家", "内容"], [["买家", "u", "在吗"]])
    with pytest.raises(UserError) as error:
        read(source, {"columns": {"role": "角色", "buyer": "买家名", "text": "内容"}})
    assert "买家名" in error.value.fix
    with pytest.raises(UserError, match="does not tell enough"):
        read(source, {"columns": {"role": "角色", "text": "内容"}})


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (["客服账号", "客服服务分", "咨询人数", "询单人数", "询单转化率", "平均人工响应时长"], "客服绩效表"),
        (
            ["日期", "店铺id", "店铺名称", "客服昵称", "人工已接待人数", "不满意率", "首次响应时长（秒）", "满意率"],
            "客服绩效表",
        ),
        (
            ["ID", "客服组", "会话类型", "开始时间", "客户名称", "结束时间", "客服首次响应时长", "对话回合数"],
            "会话列表",
        ),
        (["订单编号", "买家会员名", "买家实付金额", "订单状态", "收货人姓名", "收货地址", "宝贝标题"], "订单表"),
        (["订单号", "评价内容", "评价时间", "评分", "买家昵称", "评价类型"], "评价表"),
    ],
)
def test_sheets_that_are_no_chats_are_refused_by_name(tmp_path: Path, header: list, what: str) -> None:
    source = source_of(tmp_path, header, [["1"] * len(header)])
    assert registry.detect(source).NAME == "mapped-table"
    with pytest.raises(UserError) as error:
        read(source)
    assert what in error.value.what
    assert "instead" in error.value.fix


def test_profiles_are_strict_and_name_all_problems() -> None:
    with pytest.raises(UserError) as error:
        from_profile(
            {
                "colums": {},
                "columns": {"buyr": "a", "text": "b"},
                "values": {"role": {"x": "sellr"}, "colour": {}},
                "constants": {"platform": "ebay"},
                "agents": "one",
            }
        )
    for part in ("did you mean columns", "did you mean buyer", "'sellr'", "values.colour", "'ebay'", "agents: must be"):
        assert part in error.value.what
    with pytest.raises(UserError, match="is empty"):
        from_profile({})


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("columns: [", "not valid YAML"),
        ("- a", "no table"),
        ("columns: {text: a}\ncolumns: {text: b}\n", "twice"),
        ("{", "YAML"),
    ],
)
def test_profile_files_with_errors(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=match):
        load_profile(tmp_path / "m.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        load_profile(tmp_path / "none.yaml")


def test_a_profile_survives_yaml(tmp_path: Path) -> None:
    mapping = Mapping(
        {"text": ("内容",), "sent_at": ("日期", "时间"), "role": ("方向",)},
        {"role": {"0": "buyer", "1": "agent", "true": "agent"}},
        {"shop": "店甲", "platform": "jd"},
        "%Y",
        "表1",
        ("小禾", "007"),
        "店",
    )
    (tmp_path / "m.yaml").write_text(mapping.to_yaml(), encoding="utf-8")
    assert from_profile(load_profile(tmp_path / "m.yaml")) == mapping


def test_json_lines_with_other_keys(tmp_path: Path) -> None:
    rows = [
        {"时间": 1772676000, "角色": "客户", "客户昵称": "甲", "消息内容": "在吗"},
        {"角色": "客服", "客户昵称": "甲", "消息内容": "在"},
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    frame, _ = read(Source("x.jsonl", path.stat().st_size, FileOpener(str(path)), str(path)))
    assert frame["sender"].tolist() == ["buyer", "agent"]
    assert frame["sent_at"].isna().tolist() == [False, True]


def test_an_unknown_file_shows_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("\n  " + "备忘" * 60 + "\n", encoding="utf-8")
    with pytest.raises(UserError) as error:
        registry.detect(Source("note.txt", 9, FileOpener(str(path))))
    assert "备忘" * 40 + "'" in error.value.what
    assert "audit inspect" in error.value.fix
    path.write_bytes(b"%PDF-1.7\n%\xff\xff")
    with pytest.raises(UserError, match="a PDF"):
        registry.detect(Source("note.txt", 9, FileOpener(str(path))))
    path.write_text("<html><table><tr><td>发送者</td></tr></table></html>", encoding="utf-8")
    with pytest.raises(UserError, match="web page"):
        registry.detect(Source("note.xls", 9, FileOpener(str(path))))


def test_every_listed_format_is_there_and_has_the_protocol() -> None:
    names = set()
    for name in registry.FORMATS:
        module = registry.load(name)
        names.add(module.NAME)
        assert module.TITLE
        assert callable(module.sniff)
        assert callable(module.read)
    assert len(names) == len(registry.FORMATS)
