"""The written samples of the Douyin, JD and help-desk formats, and what damage to them does."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit.errors import UserError
from audit.ingest import registry
from audit.ingest.discover import discover
from audit.ingest.model import ReadOptions, Source
from tests.ingest.written import read, source

SAMPLES = {
    # file → format, conversations, buyer messages, human and automatic messages of agents, events
    "douyin_feige.txt": ("feige", 12, 33, 32, 0),
    "douyin_feige_hook.jsonl": ("feige", 6, 15, 12, 0),
    "jd_chatlog.json": ("jd-chatlog", 8, 24, 24, 11),
    "jd_jddc.tsv": ("jddc", 6, 17, 17, 1),
    "other_qidian.xlsx": ("qidian", 6, 16, 14, 10),
    "other_qiyu.zip!message.txt": ("qiyu", 6, 15, 14, 0),
    "other_qiyu.zip!session.txt": ("qiyu", 6, 0, 0, 9),
    "other_wecom_archive.jsonl": ("wecom", 7, 15, 15, 1),
    "other_wecom_kf.json": ("wecom", 5, 11, 11, 2),
    "other_chatwoot.json": ("chatwoot", 5, 13, 15, 4),
    "other_intercom.json": ("intercom", 6, 15, 14, 4),
    "other_zendesk_chat.json": ("zendesk-chat", 6, 15, 14, 4),
}


@pytest.fixture(scope="module")
def sources(samples: Path) -> dict[str, Source]:
    found, refusals = discover([samples])
    assert refusals == []
    return {s.name: s for s in found}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_recognised_and_read_without_a_bad_row(name: str, sources: dict[str, Source]) -> None:
    wanted, conversations, buyers, agents, events = SAMPLES[name]
    format_: Any = registry.detect(sources[name])
    assert wanted == format_.NAME
    frame, bad = read(format_, sources[name])
    assert bad == []
    said = frame[frame["kind"] != "event"]
    assert frame["buyer"].nunique() == conversations
    assert (said["sender"] == "buyer").sum() == buyers
    assert (said["sender"] == "agent").sum() == agents
    assert (frame["event"] != "").sum() == events
    timed = frame["sent_at"].dropna()
    assert timed.between("2026-11-09", "2026-11-16").all()
    assert len(timed) == (0 if name == "jd_jddc.tsv" else len(frame))


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def hole(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 200) :]


def noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes(rng.randrange(256) for _ in range(20)) + data[at:]


def other_types(data: bytes, rng: random.Random) -> bytes:
    """JSON with some scalars turned into values of other types."""
    try:
        values = [orjson.loads(line) for line in data.splitlines()] if data.count(b"\n{") > 1 else [orjson.loads(data)]
    except orjson.JSONDecodeError:
        return noise(data, rng)

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: turned(v) for k, v in value.items()}
        if isinstance(value, list):
            return [turned(v) for v in value]
        strange = (None, [], {}, "", "x", -1, 1e300, True, 2**60, [1], {"a": 1}, "\u0000")
        return rng.choice(strange) if rng.random() < 0.15 else value

    return b"\n".join(orjson.dumps(turned(v)) for v in values)


@pytest.mark.parametrize("damage", [cut, hole, noise, other_types])
@pytest.mark.parametrize("name", SAMPLES)
def test_damage_gives_rows_bad_rows_or_a_clear_refusal(
    name: str, damage: Callable[[bytes, random.Random], bytes], sources: dict[str, Source]
) -> None:
    format_: Any = registry.detect(sources[name])
    data = sources[name].read_bytes()
    rng = random.Random(name)
    for _ in range(12):
        damaged = source(damage(data, rng), name)
        format_.sniff(damaged)
        try:
            read(format_, damaged)
        except UserError as error:
            assert error.where and error.fix


def test_a_given_platform_fills_what_a_help_desk_does_not_say(sources: dict[str, Source]) -> None:
    given = ReadOptions(platform="kuaishou", shop="北岸书店")
    for name, platform in (("other_wecom_archive.jsonl", "kuaishou"), ("jd_chatlog.json", "jd")):
        chunks = list(registry.read(sources[name], given))
        assert {p for c in chunks for p in c.frame["platform"]} == {platform}
        assert {s for c in chunks for s in c.frame["shop"]} == {"北岸书店"}
