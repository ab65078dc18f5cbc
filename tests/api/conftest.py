# SPDX-License-Identifier: Apache-2.0
"""Runs that a notebook would hold: four years of the spread trade on the sample market, saved and read back."""

import pytest

import engine

CONFIG = {
    "name": "spread",
    "strategy": "spread_trade",
    "roles": {"large": "SPY", "small": "IWM"},
    "params": {"z_window": 60, "enter": 0.5, "unwind_shock": -1.0, "unwind_flat": -2.0},
    "period": {"start": "2016-01-04", "end": "2019-12-31"},
}


class Hold(engine.Strategy):
    """Half of the equity in one fund from the first close on."""

    roles = ("fund",)

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, 0.5)


@pytest.fixture(scope="session")
def result():
    return engine.backtest(CONFIG)


@pytest.fixture(scope="session")
def folder(result, tmp_path_factory):
    return result.save(tmp_path_factory.mktemp("saved") / "one")


@pytest.fixture(scope="session")
def again(folder):
    return engine.read_run(folder)
