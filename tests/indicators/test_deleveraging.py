# SPDX-License-Identifier: Apache-2.0
"""The detector of forced selling: by hand, in the sample market's episodes, and on the days of 2007, 2011 and 2020."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from engine.errors import StrategyError
from engine.indicators import by_name, deleveraging, relative_fall
from engine.market.sample import EPISODES, sample_frame

SIGMA = math.sqrt(4 / 3)  # sample standard deviation of +1, -1, +1, -1
UP_DOWN, UP_UP = np.array([1.0, -1.0, 1.0, -1.0]), np.array([1.0, 1.0, -1.0, -1.0])
HAND = {"k": 1, "n": 4}


def _prices(changes):
    return 100 * np.exp(np.cumsum([0.0, *changes]))


def _by_hand(large=-0.01, small=-0.03, fear=0.05):
    """Four calm bars (sigma of the large leg 1 %, of the gap 0.5 %, of the volatility 5 %, times SIGMA), then one."""
    legs = _prices([*(0.01 * UP_DOWN), large]), _prices([*(0.01 * UP_DOWN + 0.005 * UP_UP), small])
    return legs[1], legs[0], _prices([*(0.05 * UP_UP), fear])


@pytest.mark.parametrize(
    ("large", "small", "expected"),
    [
        (-0.01, -0.03, 3.0),
        (-0.02, -0.03, 1.5),
        (-0.001, -0.03, 0.03 / (0.5 * 0.01 * SIGMA)),  # the floor: half a sigma
        (0.02, -0.03, 0.03 / (0.5 * 0.01 * SIGMA)),
        (-0.01, 0.01, -1.0),
    ],
)
def test_relative_fall_by_hand(large, small, expected):
    found = relative_fall(*_by_hand(large, small)[:2], **HAND)
    assert np.isnan(found[:5]).all()
    assert found[5] == pytest.approx(expected, rel=1e-9)


def test_a_fall_over_several_bars_is_measured_from_its_start():
    small, large = _prices([*(0.01 * UP_DOWN), -0.01, -0.02, -0.03]), _prices([*(0.01 * UP_DOWN), 0.01, -0.02, -0.01])
    assert relative_fall(small, large, k=3, n=4, floor=0.1)[-1] == pytest.approx(0.06 / 0.02, rel=1e-9)


@pytest.mark.parametrize(
    ("case", "fires"),
    [
        ({}, 1.0),
        ({"small": -0.0251}, 1.0),
        ({"small": -0.0249}, 0.0),  # not 2.5 times the 1 % of the large leg
        ({"large": -0.05, "small": -0.13}, 1.0),
        ({"fear": 0.05 * SIGMA * 0.999}, 1.0),
        ({"fear": 0.05 * SIGMA * 1.001}, 0.0),  # the volatility index did notice
        ({"fear": -0.5}, 1.0),
        ({"large": 0.03, "small": 0.01}, 0.0),  # small lags, but did not fall
        ({"large": -0.001, "small": -0.0096}, 0.0),  # nearly ten times as hard, within 1.5 sigma of the gap
        ({"large": -0.004, "small": -0.0152}, 1.0),
    ],
)
def test_what_fires_by_hand(case, fires):
    found = deleveraging(*_by_hand(**case), **HAND)
    assert np.isnan(found[:5]).all()
    assert found[5] == fires


@pytest.mark.parametrize(
    ("change", "fires"),
    [({"times": 3.1}, 0), ({"times": 2.9}, 1), ({"spread": 3.5}, 0), ({"spread": 3.4}, 1), ({"calm": 0.8}, 0)],
)
def test_each_threshold_decides(change, fires):
    """In this case the multiple is 3, the gap -2 % / 0.577 % = -3.46 sigma, the rise of volatility 0.87 sigma."""
    assert deleveraging(*_by_hand(), **HAND, **change)[5] == fires


def test_undefined_where_something_never_moved():
    small, large, fear = _by_hand()
    still = np.full(6, 100.0)
    for inputs in ((small, still, fear), (small, large, still), (large * 1.1, large, fear)):
        assert np.isnan(deleveraging(*inputs, **HAND)[-1])


@pytest.mark.parametrize(("name", "params"), [("deleveraging", {"times": 0.5}), ("relative_fall", {"floor": 0})])
def test_thresholds_have_bounds(name, params):
    with pytest.raises(StrategyError, match="not allowed"):
        by_name(name, **params)


def _firing(closes, **params):
    """Sessions on which it fires; closes has the columns small, large, volatility."""
    found = deleveraging(*(closes[name].to_numpy() for name in ("small", "large", "volatility")), **params)
    return closes.index[found == 1.0]


def _sample(seed, fear):
    symbols = {"small": "IWM", "large": "SPY", "volatility": fear}
    return pd.DataFrame({name: sample_frame(symbol, seed).close for name, symbol in symbols.items()})


@pytest.mark.parametrize("fear", ["VIX", "RVX"])
@pytest.mark.parametrize("seed", [7, 0, 1, 2, 3, 4])
def test_in_the_sample_it_fires_in_the_deleveraging_and_not_in_the_crash(seed, fear):
    episodes = {episode.name: episode for episode in EPISODES}
    firing = _firing(_sample(seed, fear))
    for name, fires in (("quant_deleveraging", True), ("crash", False)):
        here = episodes[name]
        inside = firing[(firing >= pd.Timestamp(here.first)) & (firing <= pd.Timestamp(here.last))]
        assert bool(len(inside)) == fires, name


@pytest.fixture(scope="module")
def real_closes(real_data):
    files = {"small": "daily/IWM.csv", "large": "daily/SPY.csv", "volatility": "index/VIX.csv"}
    columns = {
        name: pd.read_csv(real_data / file, parse_dates=["date"]).set_index("date").close
        for name, file in files.items()
    }
    return pd.DataFrame(columns).dropna().loc[:"2026-05-01"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2007-07-01", "2007-08-31", ["2007-07-24", "2007-07-25"]),  # two sessions before the worst of it
        ("2011-07-15", "2011-08-31", ["2011-07-27"]),  # a week before the worst of it
        ("2020-02-01", "2020-04-30", []),  # everything fell together, and the VIX rose at once
        ("2024-07-01", "2024-07-31", []),  # the other way round: small caps rose
    ],
)
def test_real_firings(real_closes, first, last, expected):
    firing = _firing(real_closes)
    inside = firing[(firing >= first) & (firing <= last)]
    assert [str(day.date()) for day in inside] == expected


def test_it_is_rare_on_real_bars(real_closes):
    firing = _firing(real_closes)
    rows = real_closes.index.get_indexer(firing)
    clusters = 1 + sum(later - earlier > 21 for earlier, later in itertools.pairwise(rows))
    assert (len(firing), clusters) == (71, 30)
