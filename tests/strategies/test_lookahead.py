# SPDX-License-Identifier: Apache-2.0
"""No strategy sees the future: features on a shorter past are the beginning of the features on all of it."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.market.panel import Market
from engine.market.sample.episodes import EPISODES
from engine.strategy import Strategy
from engine.strategy.discover import list_strategies
from engine.strategy.lookahead import choose_cuts, first_leak
from engine.strategy.params import declared_params, resolve_params
from tests.strategies.shipped import bars_of, load_shipped


def features_of(strategy: type[Strategy], **given):
    params = SimpleNamespace(**resolve_params(strategy.Params, given))
    return lambda market: strategy().features(market, params)


def cuts_of(market: Market) -> tuple[int, ...]:
    """Random ones, both ends, and around everything special: splits, dividends, the scripted episodes."""
    starts = np.searchsorted(market.sessions, [np.datetime64(episode.first) for episode in EPISODES])
    paid = np.flatnonzero(sum(market.bars[role]["dividend"] for role in market.roles) > 0)[::40]
    rows = [int(row) for row in (*starts, *paid) if 0 < row < len(market) - 1]
    return choose_cuts(len(market), seed=11, count=6, episodes=rows[:6])


@pytest.mark.parametrize("strategy", list_strategies())
def test_on_the_sample_market(strategy: str):
    ready, market = load_shipped(strategy, "sample"), bars_of(strategy, "sample")
    given = {name: ready.config.params[name] for name in declared_params(ready.strategy.Params)}
    assert first_leak(features_of(ready.strategy, **given), market, cuts_of(market)) is None


@pytest.mark.parametrize("strategy", list_strategies())
def test_on_real_bars(strategy: str, real_data: Path):
    ready, market = load_shipped(strategy, "real", real_data), bars_of(strategy, "real", real_data)
    assert first_leak(features_of(ready.strategy), market, cuts_of(market)) is None


@pytest.mark.parametrize("hedge", ["dollar", "beta", "volatility"])
def test_the_spread_trade_with_every_hedge_and_its_trend_filter(hedge: str):
    ready, market = load_shipped("spread_trade", "sample"), bars_of("spread_trade", "sample")
    assert first_leak(features_of(ready.strategy, hedge=hedge, trend_window=50), market, cuts_of(market)) is None


WRONG = {
    "tomorrow": lambda close: np.append(close[1:], np.nan),
    "scaled": lambda close: close / close.max(),  # by a price that is known at the end
    "demeaned": lambda close: close - close.mean(),
    "centred": lambda close: (np.append(close[:1], close[:-1]) + close + np.append(close[1:], close[-1:])) / 3.0,
    "backwards": lambda close: np.maximum.accumulate(close[::-1])[::-1],
}
"""Each way in which a feature can know too much."""


class Leaking(Strategy):
    """Deliberately wrong."""

    roles = ("large", "small")

    def features(self, market, p):
        close = market.large.close
        return {p.way: WRONG[p.way](close), "honest": np.append(np.nan, close[:-1])}


@pytest.mark.parametrize("way", WRONG)
def test_a_leaking_strategy_is_caught(way: str):
    market = bars_of("spread_trade", "sample")
    leak = first_leak(lambda known: Leaking().features(known, SimpleNamespace(way=way)), market, cuts_of(market))
    assert leak is not None
    assert leak.feature == way
    assert leak.row < leak.cut
    assert "looks ahead" in str(leak)
