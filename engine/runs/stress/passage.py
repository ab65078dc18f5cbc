# SPDX-License-Identifier: Apache-2.0
"""The strategy as configured, inside one window of its whole run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.facts import over_equity
from engine.analytics.metrics.performance import SHOCK_SESSIONS
from engine.analytics.sessions import simple_returns
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EngineReason
from engine.kernel.flows import CHARGES, HELD, POSTED, SLIPPAGE
from engine.strategy.base import ReasonKind


@dataclass(frozen=True)
class Passage:
    """Rows first..last of a run of T bars; `before` is the close it is measured from, the first bar's own on the first.

    Fractions of the equity before; NaN where the account was gone before. Costs are >= 0 when paid.
    path      equity at each close from `before` on, as a multiple of the equity before
    worst_15  worst change over 15 sessions that lie inside; NaN in a shorter window
    gross     gross / equity before;  margin_use: largest maintenance / equity
    cuts      (reason's name, decisions) of stops and unwind guards
    """

    before: int
    first: int
    last: int
    path: FloatArray
    total: float
    worst_day: float
    drawdown: float
    worst_15: float
    gross: float
    margin_use: float
    calls: int
    cuts: tuple[tuple[str, int], ...]
    trading_costs: float
    borrow: float
    carry: float  # dividends and interest, net, signed as cash


def passage(result: RunRecord, analysis: Analysis, first: int, last: int) -> Passage:
    """Read rows first..last off a finished run."""
    before = max(0, first - 1)
    nav = analysis.sessions.bar_nav[1:]
    opening = float(nav[before])
    path = nav[before : last + 1] / opening if opening > 0 else np.full(last + 1 - before, np.nan)
    closes = path[_session_closes(analysis, before, last)]
    solvent = np.where(closes > 0, closes, np.nan)
    stretches = closes[SHOCK_SESSIONS:] / solvent[:-SHOCK_SESSIONS] - 1
    use = over_equity(result, result.points["maintenance"])[first : last + 1]
    costs, borrow, carry = _flows(analysis, before, last)
    born = result.orders["born"]
    inside = result.orders[(born >= first) & (born <= last)]
    return Passage(
        before=before,
        first=first,
        last=last,
        path=path,
        total=float(path[-1] - 1),
        worst_day=_least(simple_returns(closes)),
        drawdown=float(np.max(1 - path / np.maximum.accumulate(path))),
        worst_15=_least(stretches),
        gross=float(over_equity(result, result.gross)[before]),
        margin_use=float(np.nanmax(use)) if np.isfinite(use).any() else float("nan"),
        calls=len(np.unique(inside["born"][inside["reason"] < EngineReason.NONE])),
        cuts=_cuts(result, inside),
        trading_costs=costs / opening if opening > 0 else float("nan"),
        borrow=borrow / opening if opening > 0 else float("nan"),
        carry=carry / opening if opening > 0 else float("nan"),
    )


def _session_closes(analysis: Analysis, before: int, last: int) -> NDArray[np.int64]:
    """Places in the path of the closes of sessions, the close before included."""
    rows = analysis.sessions.rows
    inside = rows[(rows > before) & (rows <= last)] - before
    return np.append(0, inside)


def _flows(analysis: Analysis, before: int, last: int) -> tuple[float, float, float]:
    paths = analysis.paths
    carried = tuple(flow for flow in POSTED if flow.carry)
    lent = tuple(flow for flow in HELD if not flow.carry)
    found = (paths.total(SLIPPAGE, *CHARGES), paths.total(*lent), paths.total(*carried))
    trading, borrow, carry = (float(flow[last] - flow[before]) for flow in found)
    return 0.0 - trading, 0.0 - borrow, carry


def _cuts(result: RunRecord, inside: NDArray[Any]) -> tuple[tuple[str, int], ...]:
    """Decisions that sent orders to stop or to cut; a stop that rested counts when some of it filled."""
    decided: Counter[str] = Counter()
    pairs = {(int(order["born"]), int(order["reason"])) for order in inside if order["filled"] != 0}
    for _, reason in sorted(pairs):
        if result.reasons[reason].kind in (ReasonKind.STOP, ReasonKind.CUT):
            decided[result.reasons[reason].name] += 1
    return tuple(sorted(decided.items()))


def _least(changes: FloatArray) -> float:
    known = changes[~np.isnan(changes)]
    return float(known.min()) if len(known) else float("nan")
