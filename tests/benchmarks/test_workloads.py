# SPDX-License-Identifier: Apache-2.0
"""The workloads as strategies do what their rules say, to the cent, in both modes.

The rules stand here once more as plain loops over plain numbers, written without the engine.
"""

import math

import numpy as np
import pytest

from benchmarks.market import daily_market
from benchmarks.window_sweep import best_of, sweep_windows, window_grid
from benchmarks.workload_run import counted_trades, run_workload
from benchmarks.workloads import CrossTrail, shared_columns, shared_market, symbols_of, workload_config

COLUMNS = ("open", "high", "low", "close")
CASH, FEE = 1_000_000.0, 0.0001


def pair_momentum(large, small, window=60, every=20, weight=0.5):
    """Final equity and fills of W1; large and small hold columns `open` and `close`."""
    ratio = [math.log(a / b) for a, b in zip(large["close"], small["close"], strict=True)]
    cash, held, due, on, since, fills = CASH, [0, 0], [0, 0], False, 0, 0
    for t in range(len(ratio)):
        for leg, bars in enumerate((large, small)):
            if due[leg]:
                price = bars["open"][t]
                cash -= due[leg] * price + abs(due[leg]) * price * FEE
                held[leg] += due[leg]
                fills += 1
        due = [0, 0]
        wanted = t >= window and ratio[t] - ratio[t - window] > 0
        if wanted != on or (wanted and t - since >= every):
            closes = large["close"][t], small["close"][t]
            equity = cash + held[0] * closes[0] + held[1] * closes[1]
            size = weight if wanted else 0.0
            due = [int(size * equity / closes[0]) - held[0], -int(size * equity / closes[1]) - held[1]]
            on, since = wanted, t
    return cash + held[0] * large["close"][-1] + held[1] * small["close"][-1], fills


def cross_trail(bars, fast=20, slow=100, length=14, multiple=3.0, shares=200):
    """Final equity and entries of W2b."""
    close = bars["close"]
    ranges = [math.nan] + [
        max(bars["high"][t], close[t - 1]) - min(bars["low"][t], close[t - 1]) for t in range(1, len(close))
    ]

    def mean(values, t, window):
        return math.fsum(values[t - window + 1 : t + 1]) / window

    cash, held, due, stop, entries = CASH, 0, 0, 0.0, 0
    for t in range(len(close)):
        if due:
            price = bars["open"][t]
            cash -= due * price + abs(due) * price * FEE
            held += due
            entries += due > 0
            due = 0
        if t < slow:
            continue
        quick, steady = mean(close, t, fast), mean(close, t, slow)
        trail = close[t] - multiple * mean(ranges, t, length)
        if held:
            stop = max(stop, trail)
            if quick < steady or close[t] < stop:
                due = -held
        elif quick > steady and mean(close, t - 1, fast) <= mean(close, t - 1, slow):
            due, stop = shares, trail
    return cash + held * close[-1], entries


def _plain(name, market, **values):
    tables = [{column: market.bars[role][column].tolist() for column in COLUMNS} for role in market.roles]
    return pair_momentum(*tables) if name == "W1" else cross_trail(*tables, **values)


RUNS = [("W1", "interpreted"), ("W1", "compiled"), ("W1b", "interpreted"),
        pytest.param("W1b", "compiled", marks=pytest.mark.slow)]  # fmt: skip


@pytest.mark.parametrize(("name", "mode"), RUNS)
@pytest.mark.parametrize("seed", [1, 2])
def test_same_trades_and_equity_as_the_plain_rule(name, seed, mode):
    market = daily_market(1500, symbols_of(name), seed)
    result = run_workload(name, workload_config(name), market, mode)
    equity, trades = _plain(name, market)
    assert trades > 4
    assert counted_trades(name, result) == trades
    assert result.points["equity"][-1] == pytest.approx(equity, abs=0.005)


def test_features_know_only_the_past():
    market = daily_market(400, symbols_of("W1b"))
    params = CrossTrail.Params()
    for name in ("fast", "slow", "atr", "multiple", "shares"):
        setattr(params, name, getattr(CrossTrail.Params, name).default)
    whole = CrossTrail().features(market, params)
    for rows in (15, 100, 101, 399):
        part = CrossTrail().features(market.head(rows), params)
        for name, values in part.items():
            np.testing.assert_array_equal(values, whole[name][:rows])


def test_shared_data_files_become_markets(tmp_path):
    stamps = np.array(["2024-01-02", "2024-01-03", "2024-01-05"], "datetime64[ns]")
    columns = {f"{asset}_{column}": np.arange(3.0) + 1 for asset in ("LARGE", "SMALL") for column in "ohlcv"}
    np.savez(tmp_path / "daily.npz", t=stamps, **columns)
    stamps, tables = shared_columns(tmp_path, "W1", 2)
    market = shared_market("W1", stamps, tables)
    assert market.roles == ("large", "small")
    assert market.bars["small"]["close"].tolist() == [1.0, 2.0]
    assert market.bars["days"].tolist() == [0, 1]


@pytest.mark.slow
def test_every_set_of_a_sweep_is_the_plain_rule_with_its_values():
    market = daily_market(1500, symbols_of("W1b"))
    grid = window_grid({"fast": [5, 20], "slow": [60, 100], "multiple": [1.5, 3.0]})
    figures = sweep_windows(market, grid)
    for number, row in enumerate(figures):
        values = grid.values(number)
        equity, _ = _plain("W1b", market, **values)
        assert row["final_equity"] == pytest.approx(equity, abs=0.005), values
    assert best_of(figures, grid)["equity"] == figures["final_equity"].max()
