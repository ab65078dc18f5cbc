# SPDX-License-Identifier: Apache-2.0
"""The count of trials as a person reads it: families, and the trials of one; docs/schemas/trials.json has the data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.report.kit.grid import Field, Grid
from engine.report.kit.terminal import DIM, heading, say
from engine.report.kit.words import count, counted, decimal
from engine.runs.trials import store
from engine.runs.trials.standing import deviation_of
from engine.runs.trials.store import Record

if TYPE_CHECKING:
    from rich.console import Console


def show_families(found: list[Record], screen: Console) -> None:
    """One line a family."""
    if not found:
        say(f"No trial is on record in {store.place()}.", screen)
        return
    fields = (Field("", "id"), Field("", "trials"), Field("", "since"), Field("", "strategy", text=True),
              Field("", "symbols", text=True), Field("", "bars", text=True))  # fmt: skip
    rows = [
        [one.family.id, count(tried(one)), one.since[:10], one.family.strategy, one.family.legs, one.family.source]
        for one in found
    ]
    screen.print(Grid(fields, rows).on_terminal(breaks=("strategy", "symbols")))
    say(f"Kept in {store.place()}.", screen, DIM)


def show_record(found: Record, screen: Console) -> None:
    """Every trial of a family, and what was forgotten."""
    family = found.family
    heading(family.strategy, f"on {family.legs}, bars of {family.source}", screen)
    say(f"{counted(tried(found), 'trial')} since {found.since[:10]}.", screen)
    fields = (Field("", "when"), Field("", "kind", text=True), Field("", "name", text=True), Field("", "trials"),
              Field("", "best Sharpe"), Field("", "mean"))  # fmt: skip
    rows = [
        [one.at[:16].replace("T", " "), one.kind, one.name, count(one.tried), *map(_ratio, (one.best, one.mean))]
        for one in found.trials
    ]
    if rows:
        screen.print(Grid(fields, rows).on_terminal(breaks=("name",)))
    for gone in found.forgotten:
        say(f"{counted(gone.tried, 'trial')} forgotten on {gone.at[:10]}: {gone.reason}", screen)


def _ratio(value: float) -> str:
    return decimal(value, 2)


def tried(record: Record) -> int:
    """Trials of a family."""
    return sum(one.tried for one in record.trials)


def families_document(found: list[Record]) -> dict[str, Any]:
    """What `tandem trials list --json` prints."""
    return {"file": str(store.place()), "families": [_family(one) for one in found]}


def record_document(found: Record) -> dict[str, Any]:
    """What `tandem trials show --json` prints."""
    trials = [
        {
            "key": one.key,
            "kind": one.kind,
            "name": one.name,
            "at": one.at,
            "tried": one.tried,
            "ratios": one.ratios,
            "mean": _number(one.mean),
            "best": _number(one.best),
        }
        for one in found.trials
    ]
    return {**_family(found), "trials": trials}


def _family(one: Record) -> dict[str, Any]:
    return {
        "id": one.family.id,
        "strategy": one.family.strategy,
        "symbols": one.family.legs,
        "source": one.family.source,
        "since": one.since,
        "tried": tried(one),
        "deviation": deviation_of(one.trials),
        "forgotten": [{"at": gone.at, "tried": gone.tried, "reason": gone.reason} for gone in one.forgotten],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
