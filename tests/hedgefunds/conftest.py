# SPDX-License-Identifier: Apache-2.0
"""Panels of funds made in memory."""

import numpy as np

from engine.hedgefunds.panel import Panel

FIRST = np.datetime64("2010-01")


def panel(returns, market, bill=None):
    """A panel of (T, N) returns against (T,) of the market; everybody is eligible."""
    returns = np.asarray(returns, float)
    months, count = returns.shape
    return Panel(
        FIRST + np.arange(months),
        tuple(f"F{place}" for place in range(count)),
        returns,
        np.ones(returns.shape, bool),
        np.asarray(market, float),
        "Market",
        np.full(months, np.nan) if bill is None else np.asarray(bill, float),
        "" if bill is None else "Bill",
    )


def drawn(months, funds, seed=0, gaps=0.05):
    """(returns, market) of funds that are young, that stop and that miss months."""
    chance = np.random.default_rng(seed)
    market = chance.normal(0.006, 0.04, months)
    returns = chance.normal(0.003, 0.01, (months, funds)) + chance.uniform(-0.3, 0.9, funds) * market[:, None]
    returns[chance.random((months, funds)) < gaps] = np.nan
    for place in range(funds):
        born, ends = sorted(chance.integers(0, months, 2))
        if place % 2:
            returns[:born, place] = np.nan
            returns[ends + 1 :, place] = np.nan
    return returns, market
