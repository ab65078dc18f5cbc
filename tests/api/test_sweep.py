# SPDX-License-Identifier: Apache-2.0
"""A sweep is a DataFrame, and each of its rows is the backtest of its values."""

import datetime as dt
import math

import numpy as np
import pytest

import engine
from engine.api import sweep as module
from engine.errors import ConfigError, InputError, StrategyError
from engine.kernel.codes import RunCode
from engine.runs.sweep.figures import FIGURES
from tests.api.conftest import CONFIG, Hold

SHORT = CONFIG | {"period": {"start": "2018-01-02", "end": "2019-12-31"}}


def test_a_row_is_the_backtest_of_its_values_in_their_order():
    swept = engine.sweep(SHORT, {"fills.at": ["next_open", "next_close"], "enter": [0.5, 1.5], "params.z_window": [60]})
    assert list(swept.columns[:3]) == ["fills.at", "enter", "params.z_window"]
    assert swept["fills.at"].tolist() == ["next_open", "next_open", "next_close", "next_close"]
    assert swept["enter"].tolist() == [0.5, 1.5, 0.5, 1.5]
    assert swept["error"].tolist() == [""] * 4
    assert len(set(swept["final_equity"])) == 4
    for row in swept.to_dict("records"):
        one = engine.backtest(SHORT, params={"enter": row["enter"]}, fills={"at": row["fills.at"]})
        assert row["final_equity"] == one.equity.iloc[-1]
        assert row["fills"] == len(one.fills)
        assert row["max_drawdown"] == pytest.approx(one.metrics.max_drawdown, rel=1e-12)
        assert row["costs"] == pytest.approx(one.metrics.total_costs, rel=1e-12) != 0.0


def test_some_combinations_are_drawn_by_the_seed_and_the_front_is_marked():
    grid = {"enter": [0.5, 1.0, 1.5, 2.0], "z_window": [60, 120]}
    whole = engine.sweep(SHORT, grid, objectives=["total_return", "max_drawdown"])
    points = list(zip(whole["total_return"], -whole["max_drawdown"], strict=True))
    for own, front in zip(points, whole["front"], strict=True):
        assert front != any(other != own and other[0] >= own[0] and other[1] >= own[1] for other in points)
    drawn = engine.sweep(SHORT, grid, tries=3, seed=5)
    assert len(drawn) == 3
    assert "front" not in drawn
    rows = whole.drop(columns="front").merge(drawn)
    assert rows.equals(drawn)  # in the order of the grid, each the figures of its values
    assert not engine.sweep(SHORT, grid, tries=3, seed=6).equals(drawn)
    assert engine.sweep(SHORT, grid, tries=9).equals(whole.drop(columns="front"))
    best = engine.sweep(SHORT, grid, objectives=["total_return"])
    assert best["total_return"][best["front"]].tolist() == [whole["total_return"].max()]


def test_metrics_of_some_combinations():
    found = engine.sweep(SHORT, {"enter": [0.5, 1.0, 1.5]}, metrics=["total_return"], tries=1, seed=2)
    alone = engine.backtest(SHORT, params={"enter": found["enter"][0]}, seed=2)
    assert found["total_return"].tolist() == [alone.metrics.total_return]


def test_metrics_are_those_of_whole_backtests():
    grid = {"costs.slippage.half_spread": [0.0, 0.001], "params.enter": [0.5]}
    found = engine.sweep(SHORT, grid, metrics=["sharpe", "turnover"], params={"z_window": 90})
    assert list(found.columns) == [*grid, "sharpe", "turnover", "error"]
    one = engine.backtest(SHORT, ["costs.slippage.half_spread=0.001"], params={"z_window": 90, "enter": 0.5})
    assert found["sharpe"].tolist()[1] == one.metrics.sharpe != found["sharpe"].tolist()[0]


def test_bars_in_memory_are_swept():
    from engine.market.sample import sample_frame

    frames = {symbol: sample_frame(symbol, 7) for symbol in ("SPY", "IWM")}
    swept = {"config": SHORT, "grid": {"enter": [0.5]}, "metrics": ["total_return"]}
    held, sample = (engine.sweep(**swept, **more) for more in ({"data": frames}, {}))
    assert held.equals(sample)


def test_a_portfolio_is_swept():
    given = {"period": {"start": "2019-01-02", "end": "2019-12-31"}}
    grid = {"sleeves.hedge.params.base": [0.5, 1.0]}
    found = engine.sweep("configs/portfolio_sample.yaml", grid, metrics=["total_return"], **given)
    assert found["total_return"].nunique() == 2
    with pytest.raises(ConfigError, match=r"sleeves.NAME.params.base, NAME one of"):
        engine.sweep("configs/portfolio_sample.yaml", {"base": [0.5]}, **given)


@pytest.mark.slow
def test_the_kernel_sweeps_a_portfolio_as_whole_backtests_do():
    given = {"period": {"start": "2019-01-02", "end": "2019-12-31"}}
    grid = {"sleeves.hedge.params.base": [0.5, 1.0]}
    found = engine.sweep("configs/portfolio_sample.yaml", grid, metrics=["total_return"], **given)
    swept = engine.sweep("configs/portfolio_sample.yaml", grid, **given)
    assert swept["total_return"].tolist() == pytest.approx(found["total_return"].tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("grid", "metrics", "error", "said"),
    [
        ({}, None, InputError, "no values to try"),
        ({"enter": []}, None, InputError, "enter: no values to try"),
        ({"enter": "1.5"}, None, InputError, "enter: no values to try"),
        ({"entr": [1.0]}, None, StrategyError, "did you mean 'enter'"),
        ({"enter": [-1e9]}, None, StrategyError, "enter"),
        ({"fills.att": ["next_open"]}, None, ConfigError, "did you mean 'at'"),
        ({"costs[0].x": [1]}, None, ConfigError, "no name of a setting"),
        ({"enter": [1.0]}, ["sharp"], InputError, "did you mean 'sharpe'"),
    ],
)
def test_what_cannot_be_swept_is_told(grid, metrics, error, said):
    with pytest.raises(error, match=said):
        engine.sweep(SHORT, grid, metrics=metrics)


def test_a_run_that_stopped_has_no_figures(monkeypatch):
    figures = np.zeros(2, FIGURES)
    figures["final_equity"], figures["error"] = 1_000.0, [RunCode.BOOK_FULL, RunCode.OK]
    monkeypatch.setattr(module.Bench, "figures", lambda *_: figures)
    stopped, whole = engine.sweep(SHORT, {"enter": [0.5, 1.0]}).to_dict("records")
    assert stopped["error"] == "book full"
    assert math.isnan(stopped["final_equity"])
    assert (whole["error"], whole["final_equity"]) == ("", 1_000.0)


def test_one_table_is_not_every_symbol_that_a_role_takes():
    from engine.market.sample import sample_frame

    frames = {symbol: sample_frame(symbol, 7) for symbol in ("SPY", "QQQ")}
    asked = {"config": None, "grid": {"roles.fund": ["SPY", "QQQ"]}, "strategy": Hold, "roles": {"fund": "SPY"},
             "metrics": ["total_return"], "period": SHORT["period"]}  # fmt: skip
    with pytest.raises(InputError) as caught:
        engine.sweep(**asked, data=frames["SPY"])
    assert caught.value.problems[0].allowed == "tables by symbol: data={'SPY': ..., 'QQQ': ...}"
    swept = engine.sweep(**asked, data=frames)
    each = [engine.backtest(strategy=Hold, roles={"fund": one}, data=frames, period=SHORT["period"]) for one in frames]
    assert swept["total_return"].tolist() == [one.metrics.total_return for one in each]
    assert swept["total_return"].nunique() == 2


def test_how_bars_in_memory_are_read_can_be_swept():
    from engine.market.sample import sample_frame

    grid = {"data.prices": ["raw", "split_adjusted"]}
    asked = {"strategy": Hold, "roles": {"fund": "SPY"}, "data": sample_frame("SPY", 7), "period": SHORT["period"]}
    swept = engine.sweep(None, grid, metrics=["total_return"], **asked)
    each = [engine.backtest(None, [f"data.prices={one}"], **asked).metrics.total_return for one in grid["data.prices"]]
    assert swept["total_return"].tolist() == each


@pytest.mark.slow
def test_settings_of_a_strategy_without_parameters_are_swept():
    asked = {"strategy": Hold, "roles": {"fund": "SPY"}, "period": SHORT["period"]}
    swept = engine.sweep(None, {"account.cash": [100_000, 200_000]}, **asked)
    each = [engine.backtest(account={"cash": cash}, **asked).equity.iloc[-1] for cash in (100_000, 200_000)]
    assert swept["final_equity"].tolist() == each


def test_values_of_numpy_and_dates_are_settings_of_data():
    from engine.market.sample import sample_frame

    grid = {"data.daily": np.array([True]), "data.confirmed": [{"SPY": [dt.date(2018, 2, 5)]}]}
    asked = {"strategy": Hold, "roles": {"fund": "SPY"}, "data": sample_frame("SPY", 7), "period": SHORT["period"]}
    assert len(engine.sweep(None, grid, metrics=["total_return"], **asked)) == 1


def test_truths_of_numpy_are_values_of_a_parameter():
    class Switch(engine.Strategy):
        roles = ("large", "small")  # as the others here: one kernel serves them

        class Params:
            on: bool = engine.param(True, doc="whether it trades")

        @staticmethod
        def on_bar(bar, f, p, s, account, orders):
            if p.on and account.t == 0:
                orders.target(0, 0.5)

    asked = {"strategy": Switch, "roles": {"large": "SPY", "small": "IWM"}, "period": SHORT["period"]}
    assert engine.sweep(None, {"on": np.array([True, False])}, **asked)["fills"].tolist() == [1, 0]


def test_any_iterable_is_a_list_of_values():
    swept = engine.sweep(SHORT, {"enter": (one / 2 for one in (1, 2))})
    assert swept["enter"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("grid", "more", "path"),
    [
        ({"enter": 0.5}, {}, "enter"),
        ({"enter": {"a": 1}}, {}, "enter"),
        ([("enter", [0.5])], {}, "grid"),
        ({"enter": [0.5], "params.enter": [1.0]}, {}, "params.enter"),
        ({"enter": [0.5]}, {"metrics": "sharpe"}, "metrics"),
    ],
)
def test_a_grid_of_another_kind_is_told(grid, more, path):
    with pytest.raises(InputError) as caught:
        engine.sweep(SHORT, grid, **more)
    assert [problem.path for problem in caught.value.problems] == [path]


THOUSAND = [one / 1000 for one in range(1000)]


@pytest.mark.parametrize(
    ("grid", "more", "said"),
    [
        (
            {"enter": THOUSAND, "exit": THOUSAND, "gross_cap": THOUSAND},
            {},
            r"found 1,000,000,000 \(1000 x 1000 x 1000\); allowed: 2,000,000 or fewer: fewer values, or tries=10_000",
        ),
        ({"enter": THOUSAND, "exit": THOUSAND, "gross_cap": THOUSAND}, {"tries": 3_000_000}, "found 3,000,000"),
        ({"enter": range(10**9)}, {}, "enter: too many values on one axis; allowed: 100,000 or fewer"),
        ({"enter": THOUSAND}, {"search": "tpee", "tries": 20}, "did you mean 'tpe'"),
        ({"enter": THOUSAND}, {"search": "tpe"}, "a search needs a number of tries; allowed: tries from 17 to 2,000"),
        ({"enter": THOUSAND}, {"search": "tpe", "tries": 16}, "fewer are drawn by search random"),
        ({"enter": [0.5, 1.0]}, {"search": "tpe", "tries": 20}, "20 tries of 2 combinations"),
        ({"enter": THOUSAND}, {"tries": 0}, "tries: not a number of tries; found 0"),
        ({"enter": THOUSAND}, {"tries": 2.5}, "tries: not a number of tries; found 2.5"),
        ({"enter": [0.5]}, {"objectives": "total_return"}, "objectives: not a list of names"),
        ({"enter": [0.5]}, {"objectives": []}, "objectives: not a list of names"),
        ({"enter": [0.5]}, {"objectives": ["total_retur"]}, "did you mean 'total_return'"),
        ({"enter": [0.5]}, {"objectives": ["total_return"], "metrics": ["sharpe"]}, "metrics: searched by other"),
    ],
)
def test_a_search_that_cannot_be_made_is_told(grid, more, said):
    with pytest.raises(InputError, match=said):
        engine.sweep(SHORT, grid, **more)


def test_a_billion_combinations_are_sampled_as_the_refusal_says():
    found = engine.sweep(
        SHORT, {"enter": THOUSAND, "leg_stop": THOUSAND, "gross_cap": [1.0 + one for one in THOUSAND]}, tries=5
    )
    assert len(found) == 5
    assert found["error"].tolist() == [""] * 5


def test_a_strategy_needs_no_configuration_to_be_swept_or_walked():
    given = {name: value for name, value in CONFIG.items() if name != "name"}
    grid = {"enter": [0.5, 1.5]}
    assert engine.sweep(grid=grid, **given).equals(engine.sweep(None, grid, **given))
    walked = engine.walk_forward(grid=grid, train="1y", test="1y", **given)
    assert walked.folds.equals(engine.walk_forward(None, grid, train="1y", test="1y", **given).folds)
    for call in (engine.sweep, engine.walk_forward):
        with pytest.raises(InputError, match=r'grid: not a grid; found NoneType; .*\{"enter": \[0\.5, 1\.0\]\}'):
            call(**given)
