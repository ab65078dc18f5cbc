# SPDX-License-Identifier: Apache-2.0
"""Where the implied volatility comes from."""

import numpy as np
import pytest

from engine.errors import ConfigError
from engine.inputs.option_inputs import build_option_inputs, modelled_with, realised_ratio
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import bar_dtype

SYMBOLS = {"large": "SPY", "small": "IWM"}
SLOTS = {"put": "small"}


def market(series, rows=200, seed=1):
    """Small caps that move twice as much as large ones; series: name -> values."""
    rng = np.random.default_rng(seed)
    bars = np.zeros(rows, bar_dtype(tuple(SYMBOLS), tuple(series)))
    bars["session"], bars["last"] = 19_000 + np.arange(rows), 1
    bars["ts"] = bars["session"].astype("i8") * 86_400_000_000_000
    moves = rng.normal(0, 0.01, rows)
    for role, beta in (("large", 1.0), ("small", 2.0)):
        bars[role]["close"] = 100 * np.exp(np.cumsum(beta * moves))
        bars[role]["split"] = bars[role]["factor"] = 1.0
    for name, values in series.items():
        bars[name] = values
    return Market(bars=bars, symbols=SYMBOLS, series={name: name.upper() for name in series})


def config(series=(), roles=SYMBOLS, **options):
    bound = series if isinstance(series, dict) else {name: name.upper() for name in series}
    return RunConfig(name="quotes", strategy="quotes", roles=roles, series=bound, options=options)


def small(made):
    return made["volatility"][:, 1]


def test_its_own_index_comes_first():
    panel = market({"vix": 15.0, "rvx": 22.0})
    made = build_option_inputs(panel, config(("vix", "rvx")), SLOTS)
    assert (small(made) == 0.22).all()
    assert np.isnan(made["volatility"][:, 0]).all()  # nothing is an option on the large leg
    assert "IWM at rvx," in modelled_with(config(("vix", "rvx")), panel, SLOTS)


def test_vix_stands_in_by_the_ratio_of_realised_volatilities():
    panel = market({"vix": 15.0})
    made = small(build_option_inputs(panel, config(("vix",)), SLOTS))
    assert np.isnan(made[:21]).all()  # 21 returns need 22 closes
    np.testing.assert_allclose(made[21:], 0.30, rtol=1e-9)
    assert "IWM at vix x realised ratio" in modelled_with(config(("vix",)), panel, SLOTS)


def test_vix_is_the_large_legs_own():
    made = build_option_inputs(market({"vix": 15.0}), config(("vix",)), {"call": "large", "put": "small"})
    assert (made["volatility"][:, 0] == 0.15).all()
    np.testing.assert_allclose(small(made)[21:], 0.30, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"volatility": 0.25}, 0.25),
        ({"volatility": "vix"}, 0.15),
        ({"volatility": "vix", "scale": 1.4}, 0.21),
        ({"scale": 1.4}, 0.21),
    ],
)
def test_what_the_configuration_says(options, expected):
    made = small(build_option_inputs(market({"vix": 15.0}), config(("vix",), **options), SLOTS))
    np.testing.assert_allclose(made, expected, rtol=1e-12)


def test_a_series_in_fractions_is_taken_as_it_is():
    bound = {"rvx": {"symbol": "RVX", "unit": "percent"}}
    assert (small(build_option_inputs(market({"rvx": 0.22}), config(bound), SLOTS)) == 0.22).all()


def test_what_is_missing_or_not_above_zero_is_not_known():
    values = np.full(200, 20.0)
    values[[3, 4, 5]] = (np.nan, 0.0, -1.0)
    made = small(build_option_inputs(market({"rvx": values}), config(("rvx",)), SLOTS))
    assert np.flatnonzero(np.isnan(made)).tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("series", "options", "allowed"),
    [
        ((), {}, "a bound series rvx or vix, or options.volatility"),
        (("tbill",), {}, "a bound series rvx or vix"),
        (("vix",), {"volatility": "rvx"}, "vix, or a fraction"),
    ],
)
def test_nothing_to_price_with_is_an_error_before_anything_runs(series, options, allowed):
    with pytest.raises(ConfigError) as error:
        build_option_inputs(market(dict.fromkeys(series, 3.0)), config(series, **options), SLOTS)
    (problem,) = error.value.problems
    assert problem.path == "options.volatility"
    assert problem.allowed.startswith(allowed)


def test_without_slots_there_is_one_empty_row():
    assert len(build_option_inputs(market({}), config(), {})) == 1
    assert modelled_with(config(), market({}), {}) == ""


def test_the_ratio_is_causal_and_knows_completed_sessions_only():
    panel = market({})
    whole = realised_ratio(panel, "small", 63)
    for rows in (22, 60, 130):
        np.testing.assert_array_equal(realised_ratio(panel.head(rows), "small", 63), whole[:rows])
    bars = panel.bars.copy()
    bars["session"] = 19_000 + np.arange(200) // 2
    bars["last"] = np.arange(200) % 2
    halves = Market(bars=bars, symbols=SYMBOLS)
    made = realised_ratio(halves, "small", 63)
    np.testing.assert_array_equal(made[2::2], made[1:-1:2])


def test_days_left_are_those_to_the_sessions_close():
    bars = market({"vix": 15.0}).bars.copy()
    bars["session"] = 19_000 + np.arange(200) // 4
    bars["ts"] = bars["session"].astype("i8") * 86_400_000_000_000 + (np.arange(200) % 4) * 3_600_000_000_000
    panel = Market(bars=bars, symbols=SYMBOLS, series={"vix": "VIX"}, frequency="1h")
    made = build_option_inputs(panel, config(("vix",), volatility="vix"), SLOTS)
    np.testing.assert_allclose(made["left"][:4], np.array([3, 2, 1, 0]) / 24)
