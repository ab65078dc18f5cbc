# SPDX-License-Identifier: Apache-2.0
"""The morning note as one JSON document; docs/schemas/note.json describes it. The renderers take nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from engine.report.kit.words import MINUS, count, counted, decimal, percent, plain_name, shares
from engine.report.note.papers import paper_alarms, paper_part
from engine.report.signals.document import alarms
from engine.report.signals.document import document as signals_document
from engine.report.signals.levels import condition_words, waiting_levels
from engine.runs.note import Entry, Note
from engine.runs.signals.decision import at_any_price
from engine.strategy.conditions import CLOSES

FINE, LATE, BROKEN = 0, 1, 2
"""Exit codes: all of it is of the close that was asked for; a decision is stale or a paper account needs a person; a
configuration could not be decided."""

NEAR = 0.02
"""A price is near within this fraction of the close, where nothing else is asked for."""

HARD = ("stop", "cut", "forced")
"""Kinds of reasons whose fills are alarms."""

MOST_KNOWN = 2
"""Known levels of a role that are told as near; those of the rules and of orders are all told."""


def document(found: Note, near: float = NEAR) -> dict[str, Any]:
    """All of the note as plain data. near: how close a level is, as a fraction, to be told."""
    strategies = [_strategy(one, near) for one in found.entries]
    broken = [{"file": str(one.file), "why": one.why} for one in found.broken]
    late = [one for one in strategies if one["stale"] or one["other"] or (one["paper"] or {}).get("needs_a_person")]
    code = BROKEN if broken else LATE if late else FINE
    orders, alarms = (sum(len(one[part]) for one in strategies) for part in ("send", "alarms"))
    sessions = [one["asof"] for one in strategies]
    counts = {
        "configurations": len(strategies) + len(broken),
        "broken": len(broken),
        "stale": sum(one["stale"] for one in strategies),
        "orders": orders,
        "alarms": alarms,
    }
    return {
        "made": found.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "asked": found.asked and found.asked.isoformat(),
        "session": max(sessions, default=None),
        "exit_code": code,
        "headline": _headline(counts),
        "counts": counts,
        "near": near,
        "broken": broken,
        "strategies": strategies,
        "doubts": _doubts(strategies),
    }


def _headline(counts: Mapping[str, int]) -> str:
    """How much there is to do, the worst first."""
    parts = [f"{counted(counts['broken'], 'configuration')} broken"] if counts["broken"] else []
    parts += [f"{counted(counts['stale'], 'decision')} stale"] if counts["stale"] else []
    parts += [counted(counts["alarms"], "alarm")] if counts["alarms"] else []
    if counts["broken"] == counts["configurations"]:
        return ", ".join([*parts, "nothing decided"])
    parts.append(counted(counts["orders"], "order") + " to send" if counts["orders"] else "nothing to send")
    return ", ".join(parts)


def _strategy(one: Entry, near: float) -> dict[str, Any]:
    shown = signals_document(one.decided, one.age)
    parts = shown.get("sleeves", {"": shown})
    paper = paper_part(one.paper)
    notices = [notice["text"] for notice in shown["notices"] if notice["level"] == "loud"]
    first = 1 if one.decided.other or one.age else 0
    return {
        "file": str(one.file),
        "name": shown["name"],
        "strategy": shown["strategy"],
        "asof": shown["asof"],
        "age_sessions": shown["data"]["age_sessions"],
        "stale": shown["data"]["stale"],
        "other": notices[0] if first else "",
        "synthetic": shown["data"]["synthetic"],
        "label": shown["data"]["label"],
        "book": {name: _known(value) for name, value in asdict(one.book).items()},
        "alarms": [*_alarms(one), *paper_alarms(paper)],
        "changes": list(_changes(one)),
        "regimes": [_regime(name, part, one) for name, part in parts.items() if part["regime"]],
        "fills": [{**asdict(fill)} for fill in one.fills],
        "send": [_with_sleeve(name, order) for name, part in parts.items() for order in part["send"]],
        "cancel": [_with_sleeve(name, order) for name, part in parts.items() for order in part["cancel"]],
        "near": [said for name, part in parts.items() for said in _near(name, part, _levels(one, name, part), near)],
        "positions": [_with_sleeve(name, held) for name, part in parts.items() for held in _held(part)],
        "series": shown["data"]["series"],
        "paper": paper,
        "notices": notices[first:],
    }


def _with_sleeve(sleeve: str, what: Mapping[str, Any]) -> dict[str, Any]:
    return {"sleeve": sleeve, **what}


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _held(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Positions that are held or are to be."""
    return [one for one in part["positions"] if one["held"] or one["target"]]


def _regime(sleeve: str, part: Mapping[str, Any], one: Entry) -> dict[str, Any]:
    turned = one.changes[sleeve].regime
    return {"sleeve": sleeve, **part["regime"], "before": turned[0] if turned else None}


def _alarms(one: Entry) -> Iterator[str]:
    """What a person should look at: another regime, what a strategy declares, stops and cuts that filled or are due."""
    for name, own in one.changes.items():
        if own.turned and own.regime is not None:
            before, now = (plain_name(regime or "none") for regime in own.regime)
            yield f"{_of(name)}the regime is {now}, it was {before}"
    for name, decision in one.decided.sleeves.items():
        yield from (f"{_of(name)}{words}" for words in alarms(decision))
    for fill in one.fills:
        if fill.kind in HARD:
            side = "bought" if fill.quantity > 0 else "sold"
            what = f"{side} {shares(abs(fill.quantity))} {fill.symbol} at {decimal(fill.price, 2)}"
            yield f"filled: {what}: {fill.why}"
    for name, decision in one.decided.sleeves.items():
        sent = decision.sent
        for code in dict.fromkeys(sent["reason"][at_any_price(sent)].tolist()):
            reason = decision.result.reasons[int(code)]
            if str(reason.kind) in HARD:
                yield f"{_of(name)}decided: {reason.words}"


def _changes(one: Entry) -> Iterator[str]:
    """What else the session changed: thresholds that were passed, fills."""
    for name, own in one.changes.items():
        for crossed in own.crossings:
            way = "above" if crossed.now > crossed.level else "below"
            values = f"{decimal(crossed.before, 2)} before, {decimal(crossed.now, 2)} now"
            limit = f"{plain_name(crossed.threshold)} {crossed.level + 0.0:g}".replace("-", MINUS)
            yield f"{_of(name)}{plain_name(crossed.feature)} is {way} {limit}: {values}"
    for fill in one.fills:
        if fill.kind not in HARD:
            side = "bought" if fill.quantity > 0 else "sold"
            what = f"{side} {shares(abs(fill.quantity))} {fill.symbol} at {decimal(fill.price, 2)}"
            yield f"filled: {what}: {fill.why}"


def _of(sleeve: str) -> str:
    return f"{sleeve}: " if sleeve else ""


def _levels(one: Entry, sleeve: str, part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Levels of a sleeve; of a strategy that declares none those of the orders that wait at a price."""
    decision = one.decided.sleeves[sleeve]
    return part["levels"] if decision.tells_levels else waiting_levels(decision)


def _near(sleeve: str, part: Mapping[str, Any], levels: list[dict[str, Any]], near: float) -> Iterator[dict[str, Any]]:
    """Conditions and levels within reach, nearest first; what comes at the next close is within reach."""
    found = []
    for one in part["conditions"]:
        reach = abs(one["distance"]) / (abs(one["at"]) if one["unit"] and one["at"] else 1.0)
        if one["unit"] == CLOSES:
            reach = 0.0 if one["distance"] <= 1.0 else math.inf
        if reach <= near and (one["distance"] > 0.0) == one["above"]:
            found.append((reach, condition_words(one)))
    told: dict[str, int] = {}
    for one in levels:
        told[one["symbol"]] = told.get(one["symbol"], 0) + (one["kind"] == "known")
        if abs(one["distance"]) <= near and (one["kind"] != "known" or told[one["symbol"]] <= MOST_KNOWN):
            found.append((abs(one["distance"]), _level_words(one)))
    yield from ({"sleeve": sleeve, "distance": reach, "words": words} for reach, words in sorted(found))


def _level_words(one: Mapping[str, Any]) -> str:
    name = plain_name(one["name"])
    if one["kind"] == "order":
        name += f", {'buy' if one['quantity'] > 0 else 'sell'} {count(abs(one['quantity']))}"
    elif one["touches"]:
        name += f" with {counted(one['touches'], 'touch').replace('touchs', 'touches')}"
    way = "above" if one["distance"] > 0.0 else "below"
    return f"{name}: {one['symbol']} {decimal(one['price'], 2)}, {percent(abs(one['distance']), 1)} {way} the close"


def _doubts(strategies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each loud notice once, with the names of those that it is about."""
    found: dict[str, list[str]] = {}
    for one in strategies:
        for text in one["notices"]:
            found.setdefault(text, []).append(one["name"])
    return [{"text": text, "names": names} for text, names in found.items()]
