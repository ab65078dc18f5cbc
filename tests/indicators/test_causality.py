# SPDX-License-Identifier: Apache-2.0
"""No indicator sees the future: every registered name, with the checker that `tandem verify` uses."""

import importlib
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import StrategyError
from engine.indicators import Indicator, find, names
from engine.indicators.libraries.ta_catalogue import REFUSED
from engine.strategy.lookahead.cuts import choose_cuts
from engine.strategy.lookahead.probe import first_leak

NAMES = names()
SLOW = {name for name in NAMES if name.startswith("ta.")}  # bar by bar in Python


def _feature(indicator, inputs_of, params):
    return lambda market: {indicator.name: indicator(*inputs_of(indicator.name, market), **params)}


@pytest.mark.parametrize("name", NAMES)
def test_later_bars_change_no_row(name, market_of, inputs_of, settled):
    market = market_of(240 if name in SLOW else 600)
    warm_up = find(name).warm_up(**settled(name))
    cuts = choose_cuts(len(market), seed=3, count=6, episodes=[warm_up])
    assert first_leak(_feature(find(name), inputs_of, settled(name)), market, cuts) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_last_bar_changes_no_row_before_it(name, market_of, inputs_of, settled):
    rows = 150
    series = inputs_of(name, market_of(rows))
    before = find(name)(*series, **settled(name))
    for factor in (1.5, 1e9):
        bumped = [np.append(values[:-1], values[-1] * factor) for values in series]
        after = find(name)(*bumped, **settled(name))
        np.testing.assert_array_equal(after[:-1], before[:-1], strict=True)


def _drawn(draw, spec):
    if spec.choices:
        return draw(st.sampled_from(spec.choices))
    if spec.kind is bool:
        return draw(st.booleans())
    if spec.kind is int:
        return draw(st.integers(int(spec.low), int(spec.low) + 12))
    low, high = max(spec.low or 0.0, 0.01), 3.0 if spec.high is None else min(spec.high, 3.0)
    return draw(st.floats(low, high))


@pytest.mark.parametrize("name", NAMES)
def test_no_parameters_and_no_prices_make_it_see_the_future(name, market_of, inputs_of):
    indicator = find(name)
    slow = name in SLOW

    @settings(max_examples=2 if slow else 10)
    @given(st.data())
    def check(data):
        params = {spec.name: _drawn(data.draw, spec) for spec in indicator.parameters}
        rows = data.draw(st.integers(2, 60 if slow else 150))
        seed = data.draw(st.integers(0, 10_000))
        tick = data.draw(st.sampled_from([0.01, 1.0, 5.0]))
        market = market_of(rows, seed, volatility=data.draw(st.sampled_from([0.001, 0.02, 0.3])), tick=tick)
        cuts = data.draw(st.lists(st.integers(0, rows), min_size=1, max_size=3))
        try:
            assert first_leak(_feature(indicator, inputs_of, params), market, cuts) is None
        except StrategyError as error:
            assume("refuses these parameters together" not in str(error))
            raise

    check()


def test_parameters_can_be_refused_together_without_a_look_ahead_going_unseen():
    """The search above may drop what TA-Lib refuses; that is a message of the library, not of the check."""
    with pytest.raises(StrategyError, match="refuses these parameters together"):
        find("mavp")(np.arange(50.0), np.full(50, 5.0), minperiod=10, maxperiod=5)


def _leaky(name, compute):
    return Indicator(name, "test", ("close",), (), compute, lambda _: 0)


@pytest.mark.parametrize(
    "compute",
    [
        pytest.param(lambda close: np.append(close[1:], np.nan), id="tomorrow's close"),
        pytest.param(lambda close: (close - close.mean()) / close.std(), id="normalised by the whole series"),
        pytest.param(lambda close: pd.Series(close).rolling(5, center=True).mean().to_numpy(), id="centred average"),
        pytest.param(lambda close: close / close[-1], id="rebased to the last bar"),
        pytest.param(lambda close: np.linspace(0, 1, len(close)), id="knows how long the run is"),
        pytest.param(lambda close: close - 1e-16 * close * close[-1], id="in the last digit"),
        pytest.param(lambda close: pd.Series(close).bfill().shift(-1).ffill().to_numpy(), id="filled backwards"),
    ],
)
def test_the_same_check_catches_an_indicator_that_looks_ahead(compute, market_of):
    market = market_of(300)
    leak = first_leak(
        lambda market: {"peek": _leaky("peek", compute)(market.small.close)}, market, choose_cuts(len(market), seed=3)
    )
    assert leak is not None
    assert leak.feature == "peek"
    assert leak.row < leak.cut


def _raw(name, close):
    """The output `name` of ta as ta computes it, without our fences."""
    module, method = name.split(".")
    library = importlib.import_module(f"ta.{module}")
    owner = {"kama": "KAMAIndicator", "kst": "KSTIndicator", "vortex": "VortexIndicator"}[method.split("_", 1)[0]]
    series = {"close": pd.Series(close)}
    if owner == "VortexIndicator":
        series |= {"high": pd.Series(close + 1), "low": pd.Series(close - 1)}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return getattr(getattr(library, owner)(**series), method)().to_numpy()


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_refused_does_look_ahead(name):
    leaks = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        close = 100 * np.exp(rng.standard_normal(40) * 0.3)
        bumped = np.append(close[:-1], close[-1] * 1e6)
        leaks += not np.array_equal(_raw(name, close)[:-1], _raw(name, bumped)[:-1], equal_nan=True)
    assert leaks > 0
