# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a part of replica_figures beside)
"""Weights of the claim's three factors alone and of all five, by least squares over all months, with their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import statsmodels.api as sm
from page import CONFIGS, Table

from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.runs.backtest import prepare

CONFIG = CONFIGS / "fund_replica_real.yaml"
CLAIM = {"small_value": "long", "large_growth": "short", "emerging": "long"}
FIVE = (*CLAIM, "small", "large")
LAGS = 6
"""Months over which errors may be correlated."""


def claim(given: Sequence[str]) -> Table:
    """The three factors of the claim, alone."""
    return _weights(given, tuple(CLAIM))


def five(given: Sequence[str]) -> Table:
    """All factors of the replica."""
    return _weights(given, FIVE)


def _weights(given: Sequence[str], roles: tuple[str, ...]) -> Table:
    """One line a factor: its weight with two errors, how much the others inflate it, and the one it is most like."""
    market, fund, factors = months(given, roles)
    names, design = [market.symbols[role] for role in roles], sm.add_constant(factors)
    plain, robust = sm.OLS(fund, design).fit(), sm.OLS(fund, design).fit(cov_type="HAC", cov_kwds={"maxlags": LAGS})
    alike = np.corrcoef(factors.T) - np.eye(len(names))
    rows = [
        ["factor", "the claim", "weight", "usual error", "Newey-West", "times the variance", "most like", "correlation"]
    ]
    for at, (role, name) in enumerate(zip(roles, names, strict=True)):
        others = sm.OLS(factors[:, at], sm.add_constant(np.delete(factors, at, axis=1))).fit()
        near = int(np.argmax(alike[at]))
        errors = (f"{one.bse[at + 1]:.2f}" for one in (plain, robust))
        inflated = f"{1.0 / (1.0 - others.rsquared):.1f}"
        side = CLAIM.get(role, "")
        rows.append(
            [name, side, f"{plain.params[at + 1]:+.2f}", *errors, inflated, names[near], f"{alike[at, near]:.2f}"]
        )
    return rows


def months(given: Sequence[str], roles: tuple[str, ...]) -> tuple[Market, FloatArray, FloatArray]:
    """The market, the (M,) fund and (M, N) factors of each published month, simple returns less the bill's."""
    prepared = prepare(CONFIG, given)
    market, f = prepared.market, prepared.features
    rows = np.flatnonzero((f["published"] == 1.0) & np.isfinite(f["fund_month"]))
    calendar = market.sessions.astype("M8[M]")
    ends = {month: row for row, month in enumerate(calendar)}  # the last row of each month
    fund, factors = [], []
    for row in rows:
        month = calendar[row] - 1  # a month is published in the one that follows
        if month in ends and month - 1 in ends:
            span = slice(ends[month - 1] + 1, ends[month] + 1)
            bill = float(f["bill_month"][row])
            fund.append(float(f["fund_month"][row]) - bill)
            factors.append([_total(market, role, span) - bill for role in roles])
    return market, np.array(fund), np.array(factors)


def _total(market: Market, role: str, span: slice) -> float:
    """The role's return over a month, what it paid included."""
    close, paid = market.bars[role]["close"], market.bars[role]["dividend"]
    before = close[span.start - 1 : span.stop - 1]
    return float(np.prod((close[span] + paid[span]) / before) - 1.0)
