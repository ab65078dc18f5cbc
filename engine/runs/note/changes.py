# SPDX-License-Identifier: Apache-2.0
"""What the last session of a run changed: its equity, its fills, the regime, thresholds that were passed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.flows import FILL_KINDS
from engine.runs.signals.decision import Decision


@dataclass(frozen=True)
class Book:
    """An account at the last close, money in its currency.

    day, month  profit since the close before, and since the last close of the month before; deposits are none.
                None where the run began later
    drawdown    from the highest close, a fraction >= 0
    gross, net  exposure, as multiples of equity; NaN where that is gone
    """

    equity: float
    day: float | None
    month: float | None
    drawdown: float
    gross: float
    net: float


@dataclass(frozen=True)
class Fill:
    """Signed shares or contracts that the last session filled at one price, and why."""

    symbol: str
    quantity: float
    price: float
    reason: str
    why: str
    kind: str


@dataclass(frozen=True)
class Crossing:
    """A watched feature that stood on one side of a threshold at the close before and on the other at this one."""

    feature: str
    threshold: str
    level: float
    before: float
    now: float


@dataclass(frozen=True)
class Change:
    """What changed for one sleeve between the last close of the session before and this close.

    regime  names before and now, None where none holds; None where the strategy tells none
    """

    regime: tuple[str | None, str | None] | None
    crossings: tuple[Crossing, ...]

    @property
    def turned(self) -> bool:
        """Whether the regime is another one."""
        return self.regime is not None and self.regime[0] != self.regime[1]


def row_before(result: RunRecord) -> int:
    """The row of the last close before the last session; -1 where there is none."""
    sessions = result.market.bars["session"]
    return int(np.searchsorted(sessions, sessions[-1])) - 1


def book(result: RunRecord) -> Book:
    """The account of a run at its last close."""
    points, months = result.points, result.market.sessions.astype("M8[M]")
    equity = points["equity"]
    last = float(equity[-1])
    gross, net = (float(money[-1]) / last if last > 0.0 else math.nan for money in (result.gross, result.net))
    month = int(np.searchsorted(months, months[-1])) - 1
    peak = float(np.max(equity))
    return Book(
        equity=last,
        day=_profit(result, row_before(result)),
        month=_profit(result, month),
        drawdown=1.0 - last / peak if peak > 0.0 else 0.0,
        gross=gross,
        net=net,
    )


def _profit(result: RunRecord, since: int) -> float | None:
    """Profit from the close of a row to the last one, without what was put in."""
    if since < 0:
        return None
    ledger = result.ledger
    put_in = ledger["amount"][(ledger["kind"] == EntryKind.DEPOSIT) & (ledger["t"] > since)].sum()
    return float(result.points["equity"][-1] - result.points["equity"][since] - put_in)


def fills(result: RunRecord) -> Iterator[Fill]:
    """Fills of the last session, in their order."""
    ledger = result.ledger
    chosen = ledger[np.isin(ledger["kind"], FILL_KINDS) & (ledger["t"] > row_before(result))]
    for one in chosen:
        reason = result.reasons[int(one["reason"])]
        symbol = result.symbol(int(one["role"]), int(one["order"]))
        yield Fill(symbol, float(one["qty"]), float(one["price"]), reason.name, reason.words, str(reason.kind))


def change(decision: Decision) -> Change:
    """What changed for one sleeve."""
    result, path = decision.result, decision.result.interpretation.regimes
    before = row_before(result)
    regime = None
    if path is not None and before >= 0:
        regime = (path.names.get(int(path.codes[before])), path.names.get(int(path.codes[-1])))
    return Change(regime, tuple(_crossings(decision, before)) if before >= 0 else ())


def _crossings(decision: Decision, before: int) -> Iterator[Crossing]:
    for name, now, thresholds in decision.watched:
        then = float(decision.result.features[name][before])
        if math.isnan(now + then):
            continue
        for threshold, level in thresholds.items():
            if (then > level) != (now > level):
                yield Crossing(name, threshold, level, then, now)
