# SPDX-License-Identifier: Apache-2.0
"""Bars to feed every indicator with, as arrays and as a Market."""

import numpy as np
import pytest

from engine.indicators import find
from engine.market.panel import Market
from engine.records import bar_dtype

BAR = ("open", "high", "low", "close", "volume")
SECOND = {"y", "large", "follower", "denominator", "b"}  # the input that is fed with the other role's close


def _columns(rows, seed, volatility=0.012, tick=0.01):
    """One random walk of bars; a coarse tick makes dojis, ties and unchanged closes."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.standard_normal(rows) * volatility))
    opened = np.concatenate(([100.0], close[:-1]))[:rows] * np.exp(rng.standard_normal(rows) * volatility / 3)
    close, opened = (np.maximum(np.round(prices / tick), 1) * tick for prices in (close, opened))
    high = np.maximum(opened, close) + np.round(rng.exponential(volatility * 50, rows) / tick) * tick
    low = np.minimum(opened, close) * (1 - 0.5 * rng.random(rows) * volatility)
    volume = np.round(rng.lognormal(12, 0.5, rows))
    return dict(zip(BAR, (opened, high, low, close, volume), strict=True))


def _market(rows, seed=1, **shape):
    bars = np.zeros(rows, bar_dtype(("large", "small"), ("periods",)))
    bars["ts"] = np.arange(rows) * 86_400 * 10**9
    bars["session"] = np.arange(rows)
    bars["periods"] = np.random.default_rng(seed).integers(2, 20, rows)
    for shift, role in enumerate(("large", "small")):
        for name, values in _columns(rows, seed + 1000 * shift, **shape).items():
            bars[role][name] = values
        bars[role]["split"] = bars[role]["factor"] = 1.0
    bars.setflags(write=False)
    return Market(bars=bars, symbols={"large": "BIG", "small": "LITTLE"}, series={"periods": "PERIODS"})


def _inputs(name, market):
    """The series that the indicator `name` needs, out of a market."""
    odd = {"periods": market.periods, **dict.fromkeys(SECOND, market.large.close)}
    return [
        getattr(market.small, wanted) if wanted in BAR else odd.get(wanted, market.small.close)
        for wanted in find(name).inputs
    ]


def _settled(name, **given):
    """Parameters of `name`: `given`, else defaults, else five bars where the window has no default."""
    wanted = {spec.name: 5 for spec in find(name).parameters if spec.default is None}
    return {**wanted, **given}


@pytest.fixture(scope="session")
def market_of():
    """market_of(rows, seed=1, volatility=0.012, tick=0.01): two roles and a series of small whole numbers."""
    return _market


@pytest.fixture(scope="session")
def inputs_of():
    """inputs_of(name, market): the series that the indicator needs, in order."""
    return _inputs


@pytest.fixture(scope="session")
def settled():
    """settled(name, **given): a full set of parameters."""
    return _settled
