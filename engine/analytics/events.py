# SPDX-License-Identifier: Apache-2.0
"""Unwind events: each time the strategy's guard, or the broker, cut the book, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.facts import over_equity
from engine.analytics.ledger_paths import of_kind
from engine.analytics.sessions import Sessions
from engine.engines.run_record import RunRecord
from engine.kernel.flows import FILL_KINDS
from engine.strategy.base import ReasonKind

MOVE_SESSIONS = 15
AFTER_SESSIONS = (5, 20)


@dataclass(frozen=True, slots=True)
class Event:
    """All orders of one reason decided on one bar.

    stage        the reason's name; words: its words
    row          row of the decision; filled_row: row of the last fill, -1 if nothing filled
    ratio_move   change of first role / second role over the 15 sessions up to the decision, fraction; NaN with one role
    gross_before, gross_after  gross / equity at the decision's close and at the close of the last fill
    pnl_after    change of equity over the next 5 and 20 sessions from that close, money; NaN past the end of the run
    """

    stage: str
    words: str
    row: int
    filled_row: int
    ratio_move: float
    gross_before: float
    gross_after: float
    pnl_after: tuple[float, ...]


def ratio_path(result: RunRecord) -> NDArray[np.float64]:
    """Split-continuous close of the first role over that of the second, (T,); all NaN with a single role."""
    roles = result.market.roles
    bars = result.market.bars
    if len(roles) < 2:
        return np.full(len(bars), np.nan)
    first, second = (bars[role]["close"] * bars[role]["factor"] for role in roles[:2])
    return np.asarray(first / second, np.float64)


def unwind_events(result: RunRecord, sessions: Sessions) -> list[Event]:
    """Events in order of time: orders of reasons whose kind is CUT or FORCED."""
    codes = [code for code, one in result.reasons.items() if one.kind in (ReasonKind.CUT, ReasonKind.FORCED)]
    orders = result.orders[np.isin(result.orders["reason"], codes)]
    ratio, gross = ratio_path(result), over_equity(result, result.gross)
    found = []
    for (row, code), end in sorted(_last_fills(result, orders).items()):
        found.append(
            Event(
                stage=result.reasons[code].name,
                words=result.reasons[code].words,
                row=row,
                filled_row=end,
                ratio_move=_move(ratio, sessions, row),
                gross_before=float(gross[row]),
                gross_after=float(gross[end]) if end >= 0 else math.nan,
                pnl_after=tuple(_later(result.points, sessions, end, ahead) for ahead in AFTER_SESSIONS),
            )
        )
    return found


def _last_fills(result: RunRecord, orders: NDArray[Any]) -> dict[tuple[int, int], int]:
    """(row of the decision, reason) to the row of the last fill of its orders, -1 where none filled."""
    events = {number: (row, code) for number, row, code in orders[["id", "born", "reason"]].tolist()}
    last = dict.fromkeys(events.values(), -1)
    fills = result.ledger[of_kind(result.ledger, *FILL_KINDS)]
    own = fills[np.isin(fills["order"], orders["id"])]
    for number, row in zip(own["order"].tolist(), own["t"].tolist(), strict=True):
        last[events[number]] = max(last[events[number]], row)
    return last


def _move(ratio: NDArray[np.float64], sessions: Sessions, row: int) -> float:
    start = int(sessions.index[row]) - MOVE_SESSIONS
    return float(ratio[row] / ratio[sessions.rows[start]] - 1) if start >= 0 else math.nan


def _later(points: NDArray[Any], sessions: Sessions, row: int, ahead: int) -> float:
    if row < 0:
        return math.nan
    session = int(sessions.index[row]) + ahead
    if session >= len(sessions):
        return math.nan
    return float(points["equity"][sessions.rows[session]] - points["equity"][row])
