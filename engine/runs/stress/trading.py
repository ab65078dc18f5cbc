# SPDX-License-Identifier: Apache-2.0
"""The strategy trading through a window at other sizes than its own: its daily returns, times as large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.facts import over_equity
from engine.analytics.sessions import session_rows, simple_returns
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.runs.stress.frozen import Fall, Moment, fall
from engine.runs.stress.survival import MOST_LEVERAGE


@dataclass(frozen=True)
class Trading:
    """The strategy as it decided, its positions a constant multiple of what they were, set again at every close.

    At L times equity in place of its own, each session's return is L / own times as large. Costs and interest of the
    run are in it and grow with it; no call is carried out.
    falls      within the window, by leverage of the ladder
    day        the worst day, at a gross of 1x: its loss over the strategy's own leverage; None where no day lost
    called_at  lowest leverage at which maintenance is above equity at some close; None beyond 100, without positions,
               or without margin rules
    """

    falls: tuple[Fall, ...]
    day: Moment | None
    called_at: float | None


def trading(
    result: RunRecord, path: FloatArray, before: int, last: int, leverages: tuple[float, ...], own: float
) -> Trading | None:
    """Rows before..last of a run; path is its equity there, as a multiple of that at `before`.

    own is the leverage of the configuration. None where the account was gone, or where no session lies inside.
    """
    sessions = result.market.sessions[before : last + 1]
    rows = np.append(0, _closes(result, before, last))
    closes = path[rows]
    if len(rows) < 2 or not (closes > 0).all():
        return None
    returns = simple_returns(closes)
    falls = tuple(
        fall(np.append(1.0, np.cumprod(np.maximum(0.0, 1.0 + leverage / own * returns))), sessions[rows])
        for leverage in leverages
    )
    worst = int(np.argmin(returns))
    day = sessions[rows[worst + 1]].item()
    asked = over_equity(result, result.points["maintenance"])[before : last + 1][rows[1:]] * (1.0 + returns)
    return Trading(
        falls=falls,
        day=Moment(day, day, -float(returns[worst]) / own) if returns[worst] < 0 else None,
        called_at=_called_at(asked, returns, own),
    )


def _closes(result: RunRecord, before: int, last: int) -> NDArray[np.int64]:
    """Places behind row `before` of the session closes of the window."""
    rows = session_rows(result.market.bars["session"])
    return np.asarray(rows[(rows > before) & (rows <= last)] - before)


def _called_at(asked: FloatArray, returns: FloatArray, own: float) -> float | None:
    """The leverage at which maintenance, `asked` times the equity of the close before, first meets equity.

    k x asked > 1 + k x return, with k times the positions.
    """
    most = float(np.max(np.where(asked > 0, asked - returns, 0.0)))
    leverage = own / most if most > 0 else np.inf
    return leverage if leverage <= MOST_LEVERAGE else None
