"""Makes AuditResults of any size from a seed; all names, shops, numbers and sentences are invented."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from audit.engine.result import WIRE_SCHEMA, AuditResult, Coverage, Evidence, FileRecord, Finding

ZONE = "+08:00"
START = datetime(2026, 3, 2, 8, 0, 0)

RULES: dict[str, dict[str, Any]] = {
    code: {
        "code": code,
        "name": name,
        "title": title,
        "group": name.split(".")[0],
        "severity": severity,
        "why": why,
        "source": source,
        "doc": f"{why}\n不算违规：见规则说明。\n依据：{source}",
    }
    for code, name, title, severity, why, source in [
        ("RSP001", "response.same_day", "当天未回复", "major", "买家当天等不到人工回复会认为店铺没有人。", "001 A-A"),
        ("RSP003", "response.dispute_3min", "纠纷3分钟未回复", "major", "出现质量问题时三分钟内要有人接。", "001 A-B"),
        ("RSP008", "response.slow", "慢响应", "info", "等待过长影响体验。", "own"),
        ("ATT001", "attitude.insult", "辱骂", "severe", "任何情况下都不能骂买家。", "TB-1"),
        ("ATT002", "attitude.insult_coded", "暗语辱骂", "severe", "换字、谐音、表情骂人同样是骂人。", "001 C-B"),
        ("REV001", "review.incentive", "好评返现", "severe", "有偿好评违反平台规则。", "003, TB-3"),
        ("CND001", "conduct.off_platform", "引导站外", "severe", "引导买家离开平台交易。", "TB-2"),
        ("PFN001", "perfunctory.meaningless", "无意义回复", "major", "买家的问题没有得到回答。", "001 B-C"),
        ("PRC002", "process.closing", "缺少结束语", "info", "结束时要有结束语。", "own"),
        ("PFN006", "perfunctory.clock_stopper", "刷响应", "minor", "先用无用的话占住响应时间。", "003"),
    ]
}
POINTS = {"severe": 10.0, "major": 5.0, "minor": 2.0, "info": 0.0}
QUESTIONS = (
    "这件外套洗了一次就起球了怎么办",
    "收到的杯子有裂纹",
    "什么时候发货呀",
    "尺码偏小想换大一号",
    "拉链坏了能处理吗",
    "快递三天没动静了",
)
ANSWERS = ("亲，您稍等，我看一下订单", "可以给您换一件的", "麻烦拍一张照片", "仓库今天就能发出", "在的亲")
BAD: dict[str, tuple[str, str, str | None]] = {
    "ATT001": ("你这人真是有毛病", "有毛病", None),
    "ATT002": ("😀你可真是个煞笔啊", "煞笔", "谐音 → 骂人的话"),
    "REV001": ("晒图五星返2元红包哦", "五星返2元红包", None),
    "CND001": ("加微信abc_demo99转账便宜", "加微信abc_demo99", None),
    "PFN001": ("哦", "哦", None),
    "PRC002": ("好的", "", None),
    "PFN006": ("在的亲", "在的亲", None),
}
HOT = ("起球", "裂纹", "拉链坏了", "尺码偏小", "物流太慢", "掉色")


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ZONE


def _clock(rule: str, opened: datetime, rng: np.random.Generator) -> tuple[datetime, datetime, float]:
    limit = {"RSP001": 4 * 3600, "RSP003": 180, "RSP008": 180}[rule]
    latency = float(limit + int(rng.integers(1, 1200)))
    return opened + timedelta(seconds=limit), opened + timedelta(seconds=latency), latency


def make_result(findings: int = 30, seed: int = 7, agents: int = 6, per_session: int = 14) -> AuditResult:
    """An AuditResult with `findings` findings over `agents` agents, one session each, of `per_session` messages."""
    rng = np.random.default_rng(seed)
    codes = sorted(RULES)
    names = [f"晴川旗舰店:客服{i:02d}" for i in range(agents)]
    rows: list[dict[str, Any]] = []
    made: list[Finding] = []
    sessions: list[dict[str, Any]] = []
    for n in range(findings):
        code = codes[int(rng.integers(len(codes)))]
        rule = RULES[code]
        agent: str | None = names[int(rng.integers(agents)) if n else 0]
        if n % 17 == 16:
            agent = None
        buyer = f"买家小{n:05d}号"
        key = f"taobao:晴川旗舰店:{buyer}:0"
        opened = START + timedelta(
            days=int(rng.integers(9)), hours=int(rng.integers(14)), seconds=int(rng.integers(3600))
        )
        at = per_session // 2
        texts: list[tuple[str, str, bool]] = []
        for i in range(per_session):
            if i % 2 == 0:
                texts.append(("buyer", QUESTIONS[(n + i) % len(QUESTIONS)], False))
            elif i == 1:
                texts.append(("robot", "欢迎光临，请问有什么可以帮您", True))
            else:
                texts.append(("agent", ANSWERS[(n + i) % len(ANSWERS)], False))
        if n % 5 == 0:
            texts[0] = ("buyer", f"收件人：赵小晴，电话1380000{n % 10000:04d}，{buyer}催一下", False)
        timing = code.startswith("RSP")
        start: int | None = None
        end: int | None = None
        decoded = decoded_by = None
        if timing:
            bad = at if at % 2 == 0 else at - 1
            quote = texts[bad][1]
        else:
            bad = at if at % 2 else at + 1
            text, quote, decoded_by = BAD[code]
            decoded = "骂人的话" if decoded_by else None
            texts[bad] = ("agent", text, False)
            start = text.index(quote) if quote else -1
            end = start + len(quote) if quote else -1
        times = [opened + timedelta(seconds=41 * (i - bad)) for i in range(per_session)]
        keys = [hashlib.blake2b(f"{key}:{i}".encode(), digest_size=8).hexdigest() for i in range(per_session)]
        for i, (sender, text, auto) in enumerate(texts):
            rows.append(
                {
                    "session_key": key,
                    "platform": "taobao",
                    "shop": "晴川旗舰店",
                    "buyer": buyer,
                    "message_key": keys[i],
                    "sent_at": times[i],
                    "sender": sender,
                    "agent": (agent or "") if sender == "agent" else "",
                    "kind": "text",
                    "auto": auto,
                    "recalled": False,
                    "text": text,
                    "event": "",
                    "source_file": "三月.csv",
                    "source_row": n * per_session + i + 2,
                }
            )
        evidence = [
            Evidence(keys[bad], "violation", texts[bad][0], _iso(times[bad]), start, end, quote, decoded, decoded_by,
                     "三月.csv", n * per_session + bad + 2)
        ]  # fmt: skip
        provoked = n % 9 == 3 and not timing
        if provoked:
            evidence.append(
                Evidence(
                    keys[0],
                    "provocation",
                    "buyer",
                    _iso(times[0]),
                    -1,
                    -1,
                    texts[0][1],
                    None,
                    None,
                    "三月.csv",
                    n * per_session + 2,
                )
            )
        clock: dict[str, Any] = {"opened_at": None, "deadline": None, "closed_at": None, "latency_s": None}
        reason = f"客服的话里有「{quote or texts[bad][1]}」。"
        if timing:
            deadline, closed, latency = _clock(code, opened, rng)
            clock = {
                "opened_at": _iso(opened),
                "deadline": _iso(deadline),
                "closed_at": _iso(closed),
                "latency_s": latency,
            }
            reason = f"买家 {opened:%H:%M:%S} 提问，{int(latency)} 秒后才有人工回复。"
        state = ("pending" if n % 11 == 5 else "violation") if timing else ("suspected" if n % 13 == 6 else "violation")
        if state == "pending":
            clock |= {"closed_at": None, "latency_s": None}
        made.append(
            Finding(
                schema=WIRE_SCHEMA,
                id=hashlib.blake2b(f"{seed}:{n}".encode(), digest_size=8).hexdigest(),
                rule=code,
                name=rule["name"],
                title=rule["title"],
                severity=rule["severity"],
                state=state,
                group=f"g{n}" if timing else None,
                at=_iso(opened),
                platform="taobao",
                shop="晴川旗舰店",
                agent=agent,
                buyer=buyer,
                session=key,
                message_keys=[keys[bad]],
                evidence=evidence,
                reason=reason,
                confidence=0.7 if state == "suspected" else 1.0,
                points=POINTS[rule["severity"]] if state == "violation" else 0.0,
                provoked=provoked,
                decided_by="rule" if timing else "lexicon",
                policy="taobao",
                policy_version="2026-03-01",
                cite=f"{rule['source']}（2021-03-01 起）",
                **clock,
            )
        )
        sessions.append(
            {
                "session_key": key,
                "platform": "taobao",
                "shop": "晴川旗舰店",
                "buyer": buyer,
                "started_at": times[0],
                "ended_at": times[-1],
                "messages": per_session,
                "buyer_messages": per_session // 2,
                "human_messages": per_session // 2 - 1,
                "agents": [agent] if agent else [],
                "first_response_s": 82.0 if n % 3 else float("nan"),
                "findings": 1,
            }
        )
    made.sort(key=lambda f: (f.at or "", f.platform, f.shop, f.buyer, f.rule, f.id))
    order = sorted(range(len(sessions)), key=lambda i: sessions[i]["session_key"])
    frame = pd.DataFrame(rows)
    frame = frame.sort_values("session_key", kind="stable", ignore_index=True)
    frame["sent_at"] = frame["sent_at"].astype("datetime64[ms]")
    for column in ("platform", "shop", "buyer", "sender", "agent", "kind", "event", "source_file"):
        frame[column] = frame[column].astype("category")
    return AuditResult(
        findings=made,
        excerpts=frame,
        sessions=pd.DataFrame([sessions[i] for i in order]),
        agents=_agents(made, [*names, "晴川旗舰店:新人"]),
        complaints=[(f"{word}，{QUESTIONS[i % len(QUESTIONS)]}", 20 - i) for i, word in enumerate(HOT)],
        metrics={"messages": len(rows), "sessions": findings + 40, "first_response_median_s": 33.0},
        coverage=_coverage(made, len(rows), findings),
        rules={code: dict(RULES[code]) for code in codes},
        status={f.id: "new" if i % 2 else "known" for i, f in enumerate(made[:8])},
    )


def _agents(findings: list[Finding], names: list[str]) -> pd.DataFrame:
    table = []
    for i, name in enumerate([*names, ""]):
        own = [f for f in findings if (f.agent or "") == name]
        scored = [f for f in own if f.state == "violation"]
        table.append(
            {
                "platform": "taobao",
                "shop": "晴川旗舰店",
                "agent": name,
                "name": f"小{'甲乙丙丁戊己庚辛'[i % 8]}" if name else "",
                "team": "售后组" if i % 2 else "售前组",
                "sessions": len(own) + 5,
                "messages": (len(own) + 5) * 7,
                **{s: sum(f.severity == s for f in scored) for s in POINTS},
                "suspected": sum(f.state == "suspected" for f in own),
                "pending": sum(f.state == "pending" for f in own),
                "points": sum(f.points for f in own),
                "first_response_median_s": 20.0 + i if own else float("nan"),
                "response_mean_s": 41.5 + i if own else float("nan"),
                "waits": len(own) * 3,
                "unanswered": i,
            }
        )
    return pd.DataFrame(table)


def _coverage(findings: list[Finding], messages: int, sessions: int) -> Coverage:
    pending = sum(f.state == "pending" for f in findings)
    return Coverage(
        files=[
            FileRecord("三月.csv", "canonical", "utf-8", messages, 1, hashlib.sha256(b"march").hexdigest()),
            FileRecord("绩效.xlsx", "", "", 0, 0, hashlib.sha256(b"kpi").hexdigest(), "这是客服绩效表，不是聊天记录"),
        ],
        bad_rows=[{"file": "三月.csv", "row": 88, "column": "sent_at", "reason": "看不懂的时间"}],
        counts={
            "messages": messages,
            "sessions": sessions + 40,
            "conversations": sessions + 30,
            "duplicates": 3,
            "untimed": 0,
        },
        as_of=[{"platform": "taobao", "shop": "晴川旗舰店", "as_of": "2026-03-11T21:00:00+08:00", "given": False}],
        policies=[
            {
                "platform": "taobao",
                "policy": "taobao",
                "version": "2026-03-01",
                "messages": messages,
                "fallback": False,
            },
        ],
        not_checkable=[
            {
                "rule": "PRC008",
                "name": "process.authority",
                "title": "越权",
                "reason": "agents.csv 没有 tier 一栏",
                "unit": "session",
                "count": 12,
            },
        ],
        disabled=[{"rule": "DST005", "policy": "taobao", "reason": "店铺没有专属客服"}],
        pending={"count": pending, "settled_by": "2026-03-12T00:00:00+08:00"},
        inferred_auto=[
            {
                "platform": "taobao",
                "shop": "晴川旗舰店",
                "agent": "晴川旗舰店:客服00",
                "text": "亲，客服马上就到",
                "sessions": 9,
            }
        ],
        silenced=[
            {
                "id": "00ff00ff00ff00ff",
                "reason": "已申诉",
                "by": "质检",
                "date": "2026-03-01",
                "until": "",
                "matched": False,
            }
        ],
        baseline={"new": 4, "known": 4, "gone": 2},
        notes=["有 2 个会话的买家昵称被隐藏，无法跨文件合并。"],
    )


def hostile(text: str, seed: int = 3) -> AuditResult:
    """A small result in which `text` stands wherever text of a chat or of a file can stand."""
    result = make_result(6, seed)
    frame = result.excerpts.copy()
    frame["text"] = text
    frame["agent"] = pd.Categorical([text if s == "agent" else "" for s in frame["sender"]])
    frame["source_file"] = pd.Categorical([text] * len(frame))
    findings = [
        replace(
            f,
            agent=text,
            buyer=text,
            shop=text,
            reason=text,
            title=text,
            cite=text,
            evidence=[
                replace(e, quote=text, start=0, end=len(text), decoded=text, decoded_by=text) for e in f.evidence
            ],
        )
        for f in result.findings
    ]
    agents = result.agents.copy()
    for column in ("agent", "name", "team", "shop"):
        agents[column] = text
    coverage = replace(
        result.coverage, notes=[text], bad_rows=[{"file": text, "row": 1, "column": text, "reason": text}]
    )
    rules = {code: {**r, "title": text, "why": text, "doc": text, "source": text} for code, r in result.rules.items()}
    return replace(
        result,
        excerpts=frame,
        findings=findings,
        agents=agents,
        coverage=coverage,
        rules=rules,
        complaints=[(text, 3)],
    )
