from __future__ import annotations

import pytest

from audit.cli.main import main
from audit.policy.shop import load_profiles

CHAT = """\
platform,shop,buyer,sent_at,sender,agent,text
jd,云朵小铺,tb_anon,2026-03-02 10:00:00,buyer,,在吗
jd,云朵小铺,tb_anon,2026-03-02 10:00:02,robot,云朵小铺:智能客服,您好
jd,云朵小铺,tb_anon,2026-03-02 10:00:45,agent,云朵小铺:小云,在的亲
"""


@pytest.fixture
def chats(tmp_path):
    folder = tmp_path / "chats"
    folder.mkdir()
    (folder / "chat.csv").write_text(CHAT, encoding="utf-8")
    return folder


def test_init_writes_a_profile_beside_the_chats(chats, capsys):
    assert main(["init", str(chats)]) == 0
    assert capsys.readouterr().out.count("wrote ") == 2
    profile = load_profiles(chats)["jd", "云朵小铺"]
    assert profile.agents["account"].tolist() == ["小云"]
    assert profile.robot_accounts == ("智能客服",)


def test_init_of_a_file_writes_beside_it_and_keeps_what_is_there(chats, capsys):
    assert main(["init", str(chats / "chat.csv")]) == 0
    (chats / "agents.csv").write_text("account,name\n云朵小铺:小云,小云\n", encoding="utf-8")
    assert main(["init", str(chats)]) == 2
    assert "--force" in capsys.readouterr().err
    assert load_profiles(chats)["jd", "云朵小铺"].agents["name"].tolist() == ["小云"]
    assert main(["init", str(chats), "--force"]) == 0
    assert load_profiles(chats)["jd", "云朵小铺"].agents["name"].tolist() == [""]


def test_init_elsewhere_and_with_a_shop_that_the_export_does_not_name(tmp_path, capsys):
    chat = tmp_path / "chat.csv"
    chat.write_text("sender,text,buyer,agent\nagent,在的,甲,一号\n", encoding="utf-8")
    assert main(["init", str(chat)]) == 2
    assert "--shop" in capsys.readouterr().err
    out = tmp_path / "new" / "profile"
    assert main(["init", str(chat), "--platform", "pdd", "--shop", "某店", "--out", str(out)]) == 0
    assert load_profiles(out)["pdd", "某店"].agents["account"].tolist() == ["一号"]
