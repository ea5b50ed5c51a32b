from __future__ import annotations

import csv
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import UserError
from audit.policy.nodes import FileProblems
from audit.policy.shop import Step, Tier, load_profiles, profile_for, write_profile

FULL = """\
shop: 云朵小铺
platform: tmall
service_hours: ["09:30", "22:00"]
holidays: [2026-01-01, [2026-02-16, 2026-02-18]]
policy: own.yaml
lexicons: {insult: words.tsv}
auto_texts: ["您好，欢迎光临云朵小铺"]
redo_promise: true
no_promotion: true
steps:
  - {name: 核对订单, any_of: [订单号, 哪一单]}
  - {name: 道别, any_of: [祝您生活愉快]}
tiers: {1线: {limit: 30, topics: [延期发货, 退差价]}, 2线: {limit: null}}
supervisors: ["云朵小铺:主管"]
robot_accounts: ["云朵小铺:机器人"]
"""
AGENTS = """\
account,name,team,tier,shift,from,to
云朵小铺:小云,小云,售前,1线,早班,,
云朵小铺:小雨,小雨,售前,1线,早班,2026-01-01,2026-03-31
云朵小铺:小雨,小雨,售后,2线,晚班,2026/4/1,
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own.yaml").write_text("policy: own\n", encoding="utf-8")
    (tmp_path / "words.tsv").write_text("term\n", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(FULL, encoding="utf-8")
    (tmp_path / "agents.csv").write_text(AGENTS, encoding="utf-8-sig")
    return tmp_path


def problems_of(path) -> list[str]:
    with pytest.raises(FileProblems) as error:
        load_profiles(path)
    root = str(path if path.is_dir() else path.parent)
    return [str(p).replace(root + "/", "") for p in error.value.problems]


def test_every_field(folder):
    profile = load_profiles(folder)["tmall", "云朵小铺"]
    assert profile.service_hours == (34_200, 79_200)
    assert profile.holidays == {date(2026, 1, 1), date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)}
    assert profile.policy == str(folder / "own.yaml")
    assert profile.lexicons == {"insult": str(folder / "words.tsv")}
    assert profile.auto_texts == ("您好，欢迎光临云朵小铺",)
    assert profile.redo_promise and profile.no_promotion
    assert profile.steps == (Step("核对订单", ("订单号", "哪一单")), Step("道别", ("祝您生活愉快",)))
    assert profile.tiers == {"1线": Tier(30.0, ("延期发货", "退差价")), "2线": Tier(None, ())}
    assert profile.supervisors == ("云朵小铺:主管",)
    assert profile.robot_accounts == ("云朵小铺:机器人",)
    assert profile.source_files == ("shop.yaml", "agents.csv")
    agents = profile.agents
    assert agents["account"].tolist() == ["小云", "小雨", "小雨"]
    assert agents["tier"].tolist() == ["1线", "1线", "2线"]
    assert agents["from"].tolist() == [pd.NaT, pd.Timestamp("2026-01-01"), pd.Timestamp("2026-04-01")]
    assert str(agents["to"].dtype) == "datetime64[ms]"
    assert agents["name"].dtype == "str"


def test_only_shop_and_platform_are_needed(tmp_path):
    (tmp_path / "shop.yaml").write_text("shop: 甲店\nplatform: pdd\n", encoding="utf-8")
    profile = load_profiles(tmp_path / "shop.yaml")["pdd", "甲店"]
    assert profile.service_hours is None
    assert (profile.policy, profile.tiers, profile.steps, len(profile.agents)) == ("", {}, (), 0)
    assert list(profile.agents.columns) == ["account", "name", "team", "tier", "shift", "from", "to"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_other_encodings(tmp_path, encoding):
    (tmp_path / "shop.yaml").write_bytes("shop: 甲店铺\nplatform: pdd\n".encode(encoding))
    (tmp_path / "agents.csv").write_bytes("账号;姓名\n甲店铺:一号;阿一\n".encode(encoding))
    profile = load_profiles(tmp_path)["pdd", "甲店铺"]
    assert profile.agents["name"].tolist() == ["阿一"]


def test_several_shops_in_one_file(tmp_path):
    (tmp_path / "shop.yaml").write_text(
        "shops:\n  - {platform: pdd, shop: 甲店}\n  - {platform: jd, shop: 甲店, redo_promise: true}\n",
        encoding="utf-8",
    )
    (tmp_path / "agents.csv").write_text(
        "platform,shop,account\npdd,甲店,一号\njd,甲店,一号\n,甲店,二号\n", encoding="utf-8"
    )
    profiles = load_profiles(tmp_path)
    assert set(profiles) == {("pdd", "甲店"), ("jd", "甲店")}
    assert profiles["jd", "甲店"].agents["account"].tolist() == ["一号", "二号"]
    assert profiles["jd", "甲店"].redo_promise and not profiles["pdd", "甲店"].redo_promise


def test_folders_below_and_a_folder_without(tmp_path):
    assert load_profiles(tmp_path) == {}
    for name in ("甲店", "乙店"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.yaml").write_text(f"shop: {name}\nplatform: jd\n", encoding="utf-8")
        (tmp_path / name / "agents.csv").write_text(f"account\n{name}:客服\n", encoding="utf-8")
    profiles = load_profiles(tmp_path)
    assert {k: p.agents["account"].tolist() for k, p in profiles.items()} == {
        ("jd", "甲店"): ["客服"],
        ("jd", "乙店"): ["客服"],
    }


def test_every_problem_of_every_file(folder):
    (folder / "shop.yaml").write_text(
        "shop: 甲店\nplatform: tmal\nservice_hour: x\nholidays: [2026-01-01, [2026-01-01, 2026-12-31]]\n"
        "policy: tabao\nlexicons: {insult: none.tsv}\nredo_promise: yes\nsteps: [{name: a}, {name: b, any_of: []}]\n"
        "tiers: {1线: {limt: 3}}\nauto_texts: 您好\n",
        encoding="utf-8",
    )
    (folder / "agents.csv").write_text(
        "account,tier,from,to\n一号,3线,,\n,,,\n一号,,2026-02-01,2026-01-01\n二号,,去年,\n", encoding="utf-8"
    )
    assert problems_of(folder) == [
        "agents.csv:2:2 there is no tier '3线' in shop.yaml, known: 1线",
        "agents.csv:4:1 一号 stands twice for the same days, first on line 2",
        "agents.csv:4:4 to (2026-01-01) lies before from (2026-02-01)",
        "agents.csv:5:3 from must be a date such as 2026-08-12, not '去年'",
        "shop.yaml:2:11 platform must be one of taobao / tmall / pdd / douyin / jd / kuaishou / xiaohongshu / other, "
        "not 'tmal', did you mean tmall?",
        "shop.yaml:3:1 unknown key 'service_hour' in the shop profile, did you mean service_hours / supervisors?",
        "shop.yaml:4:24 a holiday of 365 days, at most 62 are believed",
        "shop.yaml:5:9 there is no policy 'tabao', did you mean taobao?",
        "shop.yaml:6:20 there is no file none.tsv, the path is taken from the profile's folder",
        "shop.yaml:7:15 redo_promise must be true or false, not 'yes'",
        "shop.yaml:8:9 the step has no any_of, a step is {name: …, any_of: [phrases]}",
        "shop.yaml:8:38 the step has no phrase: every chat would miss it",
        "shop.yaml:9:14 unknown key 'limt' in tier 1线, did you mean limit?",
        "shop.yaml:10:13 auto_texts must be a list, not a scalar",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("platform: jd\n", "names no shop"),
        ("shop: 甲店\n", "names no platform"),
        ("- a\n", "must be a mapping"),
        ("shops: {a: b}\n", "shops must be a list"),
        ("shops:\n - {shop: 甲, platform: jd}\n - {shop: 甲, platform: jd}\n", "two profiles"),
        ("shop: 甲\nplatform: jd\nagents: none.csv\n", "there is no file"),
        ("shop: [\n", "not valid YAML"),
    ],
)
def test_broken_profiles(tmp_path, text, word):
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    assert any(word in p for p in problems_of(tmp_path))


def test_two_files_about_one_shop(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.yaml").write_text("shop: 甲店\nplatform: jd\n", encoding="utf-8")
    assert problems_of(tmp_path) == ["b/shop.yaml:1:7 jd/甲店 has two profiles, first in a/shop.yaml"]


def test_accounts_without_a_profile_are_not_ignored(tmp_path):
    (tmp_path / "agents.csv").write_text("account,name\n一号,阿一\n", encoding="utf-8")
    assert "without a shop.yaml" in problems_of(tmp_path)[0]
    (tmp_path / "agents.csv").write_text("sender,text,buyer,agent\nagent,你好,甲,一号\n", encoding="utf-8")
    assert load_profiles(tmp_path) == {}


def test_accounts_of_another_shop_are_not_ignored(tmp_path):
    (tmp_path / "shop.yaml").write_text("shop: 甲店\nplatform: jd\n", encoding="utf-8")
    (tmp_path / "agents.csv").write_text("shop,account\n甲点,一号\n", encoding="utf-8")
    assert problems_of(tmp_path) == ["agents.csv:2:1 no profile is of the shop /甲点, known: 甲店"]


def test_no_such_path(tmp_path):
    with pytest.raises(UserError, match="no such shop profile"):
        load_profiles(tmp_path / "none.yaml")


def test_profile_for(tmp_path):
    (tmp_path / "shop.yaml").write_text(
        "shops: [{platform: pdd, shop: 甲}, {platform: jd, shop: 乙}, {platform: jd, shop: 丙}]\n", encoding="utf-8"
    )
    profiles = load_profiles(tmp_path)
    assert profile_for(profiles, "jd", "丙") is profiles["jd", "丙"]
    assert profile_for(profiles, "pdd", "") is profiles["pdd", "甲"]
    assert profile_for(profiles, "jd", "") is None
    assert profile_for(profiles, "pdd", "乙") is None


def messages(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["platform", "shop", "sender", "agent"])
    return frame.astype("category")


def test_write_and_read_back(tmp_path):
    paths = write_profile(
        tmp_path / "new",
        messages(
            ("jd", "甲店", "buyer", "甲店:小雨"),
            ("jd", "甲店", "agent", "甲店:小云"),
            ("jd", "甲店", "agent", "甲店:小云"),
            ("jd", "甲店", "agent", ""),
            ("jd", "甲店", "robot", "甲店:智能客服"),
        ),
    )
    profile = load_profiles(tmp_path / "new")["jd", "甲店"]
    assert profile.agents["account"].tolist() == ["小云"]
    assert profile.robot_accounts == ("甲店:智能客服",)
    assert [p.name for p in paths] == ["shop.yaml", "agents.csv"]
    assert paths[1].read_bytes().startswith(b"\xef\xbb\xbf")


def test_write_several_shops(tmp_path):
    write_profile(
        tmp_path, messages(("jd", "甲", "agent", "一号"), ("pdd", "甲", "agent", "一号"), ("pdd", "乙", "buyer", ""))
    )
    profiles = load_profiles(tmp_path)
    assert {k: p.agents["account"].tolist() for k, p in profiles.items()} == {
        ("jd", "甲"): ["一号"],
        ("pdd", "甲"): ["一号"],
        ("pdd", "乙"): [],
    }


def test_nothing_is_overwritten_without_force(tmp_path):
    (tmp_path / "agents.csv").write_text("account\n手写的\n", encoding="utf-8")
    chats = messages(("jd", "甲", "agent", "一号"))
    with pytest.raises(UserError, match="--force"):
        write_profile(tmp_path, chats)
    assert "手写的" in (tmp_path / "agents.csv").read_text(encoding="utf-8")
    assert not (tmp_path / "shop.yaml").exists()
    write_profile(tmp_path, chats, force=True)
    assert load_profiles(tmp_path)["jd", "甲"].agents["account"].tolist() == ["一号"]


@pytest.mark.parametrize("rows", [[], [("", "甲", "agent", "一号")], [("jd", "", "agent", "一号")]])
def test_a_profile_needs_a_shop(tmp_path, rows):
    with pytest.raises(UserError):
        write_profile(tmp_path, messages(*rows))
    assert list(tmp_path.iterdir()) == []


NAMES = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).map(str.strip).filter(bool)
)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, NAMES)
def test_any_name_reads_back(tmp_path_factory, shop, account, robot):
    folder = tmp_path_factory.mktemp("profile")
    write_profile(folder, messages(("jd", shop, "agent", account), ("jd", shop, "robot", robot)))
    profile = load_profiles(folder)["jd", shop]
    assert profile.robot_accounts == (robot,)
    with (folder / "agents.csv").open(encoding="utf-8-sig", newline="") as f:
        assert [r["account"] for r in csv.DictReader(f)] == [account]
    assert profile.agents["account"].tolist() == [account]


def test_the_commented_lines_are_valid_once_uncommented(tmp_path):
    write_profile(tmp_path, messages(("taobao", "甲", "agent", "甲:一号")))
    path = tmp_path / "shop.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    cut = next(n for n, line in enumerate(lines) if line.startswith("# 以下"))
    (tmp_path / "my_insult.tsv").write_text("term\n", encoding="utf-8")
    path.write_text("\n".join(lines[:cut] + [line[2:] for line in lines[cut + 1 :]]) + "\n", encoding="utf-8")
    profile = load_profiles(tmp_path)["taobao", "甲"]
    assert profile.redo_promise and profile.no_promotion and profile.steps and profile.supervisors
    assert profile.tiers["1线"] == Tier(30.0, ("延期发货", "安装", "退差价"))
