"""The evaluation: what is measured, its tables, and where the figures are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.models import AGENT_ACT, BUYER_STATE, CARD, Models, shipped
from audit.chats.states import DISPUTED
from audit.errors import UserError
from audit.learn import corpus
from audit.learn.choose import Figure, average_precision, bootstrap, f1, precision, recall
from audit.learn.corpus import ACTS
from audit.learn.evaluate import SEVERE_RULES, decided, lines_as_chats
from audit.learn.train import bag_of
from audit.resources import home

Figures = dict[str, Any]


def measurements() -> dict[str, Callable[[Path, str], Figures | None]]:
    """Name → what measures it, given the data folder and the half of the development sets; None = data not there."""
    return {"acts": acts, "acts-lexicon-only": acts_without_models, "buyer-states": buyer_states, "jddc": jddc}


def acts(data: Path, half: str) -> Figures | None:
    """The ten acts on phrases_dev, decided by the whole audit."""
    return _acts(data, half, shipped())


def acts_without_models(data: Path, half: str) -> Figures | None:
    """The same without the classifiers: what they add."""
    return _acts(data, half, Models())


def _acts(data: Path, half: str, models: Models) -> Figures | None:
    if not (data / "dev" / "phrases_dev.jsonl").is_file():
        return None
    lines = corpus.read_dev(data / "dev", "phrases_dev", half)
    truth = corpus.acts_of(lines["labels"])
    chats = lines_as_chats(list(lines["context"]), list(lines["text"]), models)
    table = decided(chats, len(lines))
    said = table[list(ACTS)].to_numpy(dtype=bool)
    severe = table[list(SEVERE_RULES)].to_numpy(dtype=bool).any(axis=1)
    clean: npt.NDArray[np.bool_] = ~truth.max(axis=1)
    evasion = np.array(lines["evasion"], dtype=object)
    evasive: npt.NDArray[np.bool_] = np.asarray(evasion != "none", dtype=bool)
    probability = None
    if models.acts is not None:
        probability = models.acts.model.probabilities(bag_of(list(lines["text"])))
    rows = []
    for k, act in enumerate(ACTS):
        y, s = truth[:, k], said[:, k]
        row = {"class": act, "rows": int(y.sum())}
        for name, measure in (("precision", precision), ("recall", recall), ("f1", f1)):
            row[name] = bootstrap(measure, y, s).record()
        row["average_precision"] = (
            round(average_precision(y, probability[:, k]), 4) if probability is not None else None
        )
        row["recall_plain"] = round(recall(y[~evasive], s[~evasive]), 4)
        row["recall_evasive"] = round(recall(y[evasive], s[evasive]), 4) if (y & evasive).any() else None
        row["evasive_rows"] = int((y & evasive).sum())
        rows.append(row)
    kinds = [
        {
            "evasion": kind, "class": act, "rows": int((mine & truth[:, k]).sum()),
            "recall": round(recall(truth[mine, k], said[mine, k]), 4),
        }
        for act in ("insult", "review_incentive", "off_platform")
        for k in [ACTS.index(act)]
        for kind in corpus.EVASIONS
        for mine in [evasion == kind]
        if (mine & truth[:, k]).any()
    ]  # fmt: skip
    return {
        "data": f"phrases_dev, {half} half, {len(lines)} lines, {int(clean.sum())} clean",
        "macro_f1": bootstrap(_macro_f1, truth, said).record(),
        "clean_flagged_any": bootstrap(_share, np.asarray(said.any(axis=1))[clean]).record(),
        "clean_flagged_severe": bootstrap(_share, np.asarray(severe)[clean]).record(),
        "classes": rows,
        "by_evasion": kinds,
    }


def _macro_f1(truth: Any, said: Any) -> float:
    return float(np.mean([f1(truth[:, k], said[:, k]) for k in range(truth.shape[1])]))


def _share(flags: Any) -> float:
    return float(flags.mean())


def buyer_states(data: Path, half: str) -> Figures | None:
    """State and topic of buyer_dev by the buyer-state model, and disputes."""
    if not (data / "dev" / "buyer_dev.jsonl").is_file():
        return None
    classifier = shipped().states
    if classifier is None:
        raise UserError("there is no model buyer-state", where=str(home("models")), fix="audit model train buyer-state")
    lines = corpus.read_dev(data / "dev", "buyer_dev", half)
    p = classifier.model.probabilities(bag_of(list(lines["text"])))
    states = [classifier.classes.index(s) for s in corpus.STATES]
    topics = [classifier.classes.index(f"topic:{t}") for t in corpus.TOPICS]
    state, topic = p[:, states].argmax(axis=1), p[:, topics].argmax(axis=1)
    true_state = np.array([corpus.STATES.index(s) for s in lines["state"]])
    true_topic = np.array([corpus.TOPICS.index(t) for t in lines["topic"]])
    complaint = corpus.STATES.index("complaint")
    disputed = [corpus.TOPICS.index(t) for t in DISPUTED]
    dispute = (true_state == complaint) & np.isin(true_topic, disputed)
    said = (state == complaint) & np.isin(topic, disputed)
    rows = [
        {
            "class": name, "rows": int((true_state == k).sum()),
            "precision": bootstrap(precision, true_state == k, state == k).record(),
            "recall": bootstrap(recall, true_state == k, state == k).record(),
            "f1": bootstrap(f1, true_state == k, state == k).record(),
        }
        for k, name in enumerate(corpus.STATES)
    ]  # fmt: skip
    return {
        "data": f"buyer_dev, {half} half, {len(lines)} lines",
        "macro_f1_state": bootstrap(_macro, true_state, state).record(),
        "macro_f1_topic": bootstrap(_macro, true_topic, topic).record(),
        "dispute_recall": bootstrap(recall, dispute, said).record(),
        "dispute_precision": bootstrap(precision, dispute, said).record(),
        "classes": rows,
    }


def _macro(truth: Any, said: Any) -> float:
    return float(np.mean([f1(truth == k, said == k) for k in np.unique(truth)]))


def jddc(data: Path, half: str) -> Figures | None:
    """Severe findings per 1,000 real agent turns of JDDC: the buyer's last utterance, then the agent's turn."""
    del half  # JDDC has no halves
    if not (data / "jddc" / "train.dec").is_file():
        return None
    said = (data / "jddc" / "train.dec").read_text(encoding="utf-8").splitlines()
    before = (data / "jddc" / "train.enc").read_text(encoding="utf-8").splitlines()
    context = [line.split(",")[-1].replace(" ", "") for line in before]
    text = [line.replace(" ", "") for line in said]
    table = decided(lines_as_chats(context, text, platform="jd"), len(text))
    severe = table[list(SEVERE_RULES)].to_numpy(dtype=bool).any(axis=1)
    shares = {act: round(1000 * float(table[act].mean()), 2) for act in ACTS}
    found = np.flatnonzero(severe)
    return {
        "data": f"JDDC, {len(text)} agent turns",
        "severe_per_1000": [round(1000 * v, 3) for v in bootstrap(_share, severe).record()],
        "per_1000": shares,
        "severe_by_rule": {rule: int(table[rule].sum()) for rule in SEVERE_RULES},
        "severe_rows": found.tolist()[:50],
    }


def tables(name: str, figures: Figures) -> str:
    """The figures for people, Markdown."""
    out = [f"\n### {name}", "", str(figures["data"]), ""]
    for key, value in figures.items():
        if key in ("data", "classes", "by_evasion"):
            continue
        shown = Figure(*value).shown() if _is_figure(value) else str(value)
        out.append(f"- {key}: {shown}")
    for key in ("classes", "by_evasion"):
        if rows := figures.get(key):
            frame = pd.DataFrame(rows)
            for column in frame.columns:
                frame[column] = [_cell(value) for value in frame[column]]
            out += ["", "| " + " | ".join(frame.columns) + " |", "|" + "---|" * len(frame.columns)]
            out += ["| " + " | ".join(row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(out)


def _cell(value: Any) -> str:
    return Figure(*value).shown() if _is_figure(value) else "" if value is None or value != value else str(value)


def _is_figure(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(isinstance(v, float) for v in value)


#: measurement → the model whose card keeps it
KEPT_BY = {"acts": AGENT_ACT, "acts-lexicon-only": AGENT_ACT, "jddc": AGENT_ACT, "buyer-states": BUYER_STATE}


def store(figures: dict[str, Figures]) -> list[Path]:
    """Write the figures into their models' cards; returns the cards' paths."""
    written = []
    for name, found in figures.items():
        path = home("models") / KEPT_BY[name] / CARD
        card = json.loads(path.read_text(encoding="utf-8"))
        card.setdefault("evaluation", {})[name] = found
        path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    folder = home("models").parent / "docs"
    if folder.is_dir():
        page = folder / "models.md"
        page.write_text(document(), encoding="utf-8")
        written.append(page)
    return sorted(set(written))


_HEAD = """# Models

Written by `audit model eval --data FOLDER --write`. Brackets are 95 % bootstrap intervals. Rows with odd ids of the
development sets chose thresholds and lexicons; figures are from rows with even ids, unless they say otherwise.
"""


def document() -> str:
    """docs/models.md: every card with its thresholds and figures."""
    out = [_HEAD]
    for path in sorted(home("models").glob(f"*/{CARD}")):
        card = json.loads(path.read_text(encoding="utf-8"))
        size = card.get("weights", {}).get("bytes", 0) / 1e6
        facts = (
            card.get("tier", ""),
            f"{size:.1f} MB",
            f"licence: {card.get('licence', '')}",
            f"`{card.get('rebuild', '')}`",
        )
        out += [f"## {card['name']}", "", card.get("about", ""), "", "; ".join(facts)]
        if limits := card.get("thresholds"):
            out += ["", "| class | decided from | suspected from |", "|---|---|---|"]
            out += [f"| {name} | {t['decide']:.3f} | {t['suspect']:.3f} |" for name, t in limits.items()]
        out += [tables(name, figures) for name, figures in card.get("evaluation", {}).items()]
        out.append("")
    return "\n".join(out)
