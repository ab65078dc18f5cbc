# SPDX-License-Identifier: Apache-2.0
"""How much of what the funds returned is alpha: the claim that it is a fifth to a quarter, with an interval.

    share = alpha / mean return

over all months, alpha the intercept of least squares of the index on a market or on several factors. A share of the
whole return, and where there is a bill, of the return above it. The interval is that of a stationary bootstrap of whole
months, 2.5 % to 97.5 % of the draws; a ratio has no useful standard error where its denominator can come near zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.bands import draws
from engine.hedgefunds.study import Study
from engine.hedgefunds.whole import LEAST, MONTHS

CLAIMED = (0.20, 0.25)
"""Of industry returns, according to the claim."""

ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Factors:
    """(T, K) monthly returns of factors on the panel's months, NaN where there is none, and their names."""

    names: tuple[str, ...]
    returns: FloatArray


@dataclass(frozen=True)
class Share:
    """The alpha share by one set of factors; returns are fractions a year.

    of         "return" or "return above the bill"
    first, last  rows of the panel
    inside     part of the draws in which the share lies between the bounds of the claim
    share, low, high, inside  NaN where the mean may be none: not positive, or not in ENDS[0] of the draws
    """

    factors: tuple[str, ...]
    of: str
    first: int
    last: int
    months: int
    mean: float
    alpha: float
    share: float
    low: float
    high: float
    inside: float

    @property
    def verdict(self) -> str:
        """`agrees`: the claim overlaps the interval; `below` or `above`: it lies there; `unknown`: no interval."""
        if np.isnan(self.share):
            return "unknown"
        if self.high < CLAIMED[0]:
            return "above"
        return "below" if self.low > CLAIMED[1] else "agrees"


def shares_of_alpha(found: Study, factors: Factors | None) -> tuple[Share, ...]:
    """By the market, and by the factors where there are any; of the return, and above the bill where there is one."""
    panel = found.panel
    sets: list[tuple[tuple[str, ...], FloatArray, bool]] = [((panel.benchmark_name,), panel.benchmark[:, None], True)]
    if factors is not None:
        sets.append((factors.names, factors.returns, False))
    made = []
    for names, table, total in sets:
        for above in (False, True) if panel.has_bill else (False,):
            off = panel.bill if panel.has_bill else np.zeros(len(panel.months))
            seen = table - off[:, None] if total and panel.has_bill else table
            one = _share(found.index.returns, seen, off, names, of_excess=above)
            made += [one] if one else []
    return tuple(made)


def _share(
    returns: FloatArray, table: FloatArray, off: FloatArray, names: Iterable[str], *, of_excess: bool
) -> Share | None:
    """Alpha is that of returns above `off` (T,), the bill or zero; the denominator is the return, or that above it."""
    rows = np.flatnonzero(np.isfinite(returns) & np.isfinite(off) & np.isfinite(table).all(axis=1))
    if len(rows) < LEAST or np.linalg.matrix_rank(np.column_stack([np.ones(len(rows)), table[rows]])) <= table.shape[1]:
        return None
    whole = (returns - off if of_excess else returns)[rows]
    seen = np.column_stack([(returns - off)[rows], table[rows], whole])
    _, drawn = draws(seen, _alpha_and_mean)
    alpha, mean = _alpha_and_mean(seen)
    figures = [np.nan] * 4
    if mean > 0.0 and (drawn[:, 1] <= 0.0).mean() < ENDS[0]:
        ratios = drawn[:, 0] / drawn[:, 1]
        inside = (ratios >= CLAIMED[0]) & (ratios <= CLAIMED[1])
        figures = [float(alpha / mean), *map(float, np.quantile(ratios, ENDS)), float(inside.mean())]
    return Share(
        tuple(names), "return above the bill" if of_excess else "return", int(rows[0]), int(rows[-1]), len(rows),
        float(mean), float(alpha), *figures,
    )  # fmt: skip


def _alpha_and_mean(seen: FloatArray) -> FloatArray:
    """Alpha and mean a year: the first column on those between, the mean of the last."""
    design = np.column_stack([np.ones(len(seen)), seen[:, 1:-1]])
    alpha = np.linalg.lstsq(design, seen[:, 0], rcond=None)[0][0]
    return MONTHS * np.array([alpha, seen[:, -1].mean()])
