# SPDX-License-Identifier: Apache-2.0
"""The index against its market: the figures of a month's commentary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL
from engine.hedgefunds.regression import rolling_split
from engine.hedgefunds.structure import YEAR
from engine.hedgefunds.study import Study


@dataclass(frozen=True)
class Capture:
    """Of the months in which the market rose (fell): how many, the market's mean return, the part the index made.

    part  mean index return over mean market return: 0.6 in rises is 40 % short, 0.4 in falls is 60 % better; NaN
          where there are no such months
    """

    months: int
    market: float
    part: float


@dataclass(frozen=True)
class Against:
    """Of the last month that has both, and the last YEAR months up to it. Returns are fractions; NaN: undefined.

    month, year_to_date, average  (index, market): the month, the calendar year compounded, its mean month
    alpha          a month, of the last year; alpha_excess of returns above the bill (NaN without one)
    beta           sensitivity to the market; beta_excess the same above the bill
    calmer         the market's standard deviation over the index's
    up, down       captures of the last year; up_all, down_all of all months
    months, all_months  how many months the year and the whole have
    """

    row: int
    month: tuple[float, float]
    year_to_date: tuple[float, float]
    average: tuple[float, float]
    alpha: float
    alpha_excess: float
    beta: float
    beta_excess: float
    calmer: float
    up: Capture
    down: Capture
    up_all: Capture
    down_all: Capture
    months: int
    all_months: int


def against(found: Study) -> Against | None:
    """The figures; None where index and market have no month in common."""
    panel, returns = found.panel, found.index.returns
    both = np.isfinite(returns) & np.isfinite(panel.benchmark)
    if not both.any():
        return None
    row = int(np.flatnonzero(both)[-1])
    year = np.flatnonzero(both[max(0, row - YEAR + 1) : row + 1]) + max(0, row - YEAR + 1)
    this = np.flatnonzero(both & (panel.months.astype("M8[Y]") == panel.months[row].astype("M8[Y]")))
    pair = (returns, panel.benchmark)
    plain = rolling_split(returns[:, None], panel.benchmark)
    above = rolling_split((returns - panel.bill)[:, None], panel.benchmark - panel.bill)
    own, market = (one[year] for one in pair)
    moved = len(year) > 1 and float(own.std()) > STILL
    return Against(
        row,
        (float(returns[row]), float(panel.benchmark[row])),
        (_compound(returns[this]), _compound(panel.benchmark[this])),
        (float(returns[this].mean()), float(panel.benchmark[this].mean())),
        float(plain.alpha[row, 0]),
        float(above.alpha[row, 0]),
        float(plain.beta[row, 0]),
        float(above.beta[row, 0]),
        float(market.std(ddof=1) / own.std(ddof=1)) if moved else np.nan,
        *_captures(own, market),
        *_captures(returns[both], panel.benchmark[both]),
        len(year),
        int(both.sum()),
    )


def _captures(own: FloatArray, market: FloatArray) -> tuple[Capture, Capture]:
    return _capture(own, market, market > 0.0), _capture(own, market, market < 0.0)


def _capture(own: FloatArray, market: FloatArray, chosen: NDArray[np.bool_]) -> Capture:
    if not chosen.any():
        return Capture(0, np.nan, np.nan)
    base = float(market[chosen].mean())
    return Capture(int(chosen.sum()), base, float(own[chosen].mean()) / base)


def _compound(returns: FloatArray) -> float:
    return float(np.prod(1.0 + returns) - 1.0)
