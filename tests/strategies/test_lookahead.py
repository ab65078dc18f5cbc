# SPDX-License-Identifier: Apache-2.0
"""No strategy sees the future: features on a shorter past are the beginning of the features on all of it."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from engine.inputs.features import feature_table
from engine.market.panel import Market
from engine.runs.look_ahead import THOROUGH, LookAheadTest
from engine.strategy import Strategy
from engine.strategy.lookahead.finding import Finding
from engine.strategy.params import declared_params, resolve_params
from engine.strategy.source.discover import list_strategies
from tests.strategies.honest import HONEST
from tests.strategies.leaks import LEAKS
from tests.strategies.shipped import bars_of, load_shipped

NOTHING_SENT = np.zeros(0, np.int64)


def found_in(strategy: type[Strategy], market: Market, **given) -> Finding:
    """What the test of `tandem verify` finds, without the bars that sent orders."""
    params = resolve_params(strategy.Params, given)
    test = LookAheadTest(strategy, params, market, THOROUGH, 11)
    return test.end(feature_table(strategy, market, params), NOTHING_SENT)


def passes(found: Finding) -> None:
    assert found.passed, found.words
    assert found.rounded is None, "no shipped feature differs in a bit"
    assert not found.failed
    assert found.cuts > 50


@pytest.mark.parametrize("strategy", list_strategies())
def test_on_the_sample_market(strategy: str):
    ready, market = load_shipped(strategy, "sample"), bars_of(strategy, "sample")
    passes(
        found_in(
            ready.strategy,
            market,
            **{name: ready.config.params[name] for name in declared_params(ready.strategy.Params)},
        )
    )


@pytest.mark.parametrize("strategy", list_strategies())
def test_on_real_bars(strategy: str, real_data: Path):
    ready, market = load_shipped(strategy, "real", real_data), bars_of(strategy, "real", real_data)
    passes(found_in(ready.strategy, market))


@pytest.mark.parametrize("hedge", ["dollar", "beta", "volatility"])
def test_the_spread_trade_with_every_hedge_and_its_trend_filter(hedge: str):
    ready, market = load_shipped("spread_trade", "sample"), bars_of("spread_trade", "sample")
    passes(found_in(ready.strategy, market, hedge=hedge, trend_window=50))


def knowing(features) -> type[Strategy]:
    """A strategy with these features."""

    class Knowing(Strategy):
        roles = ("small", "large")

        def features(self, market, p):
            return features(market)

    return Knowing


@pytest.fixture(scope="module")
def market() -> Market:
    """Twenty-five years of days, and the VIX."""
    return bars_of("vix_hedge:VixHedge", "sample")


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_found(name: str, market: Market):
    leak = found_in(knowing(LEAKS[name]), market).leak
    assert leak is not None
    assert leak.row < leak.cut
    assert f"feature {leak.feature} looks ahead: on {leak.when} it is " in str(leak)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_feature_is_not_accused(name: str, market: Market):
    found = found_in(knowing(HONEST[name]), market)
    assert found.passed, found.words
    assert found.cuts > 40


def test_the_one_feature_that_leaks_is_named(market: Market):
    leak = found_in(knowing(LEAKS["one_of_many_features"]), market).leak
    assert (leak.feature, leak.also) == ("trend_31", ())


def test_there_are_enough_of_both_and_they_take_seconds(market: Market):
    assert len(LEAKS) >= 20
    assert len(HONEST) >= 20
    started = perf_counter()
    found_in(knowing(HONEST["exponential_means"]), market)
    assert perf_counter() - started < 10.0, "two hundred pasts of twenty-five years"
