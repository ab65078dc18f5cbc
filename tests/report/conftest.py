# SPDX-License-Identifier: Apache-2.0
"""Finished runs for the report: four years of the spread trade on the sample market, and long runs made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.config.canonical import config_hash, resolved_yaml
from engine.records import POINT
from engine.report.folder.run_folder import publish, write_run
from engine.runs.backtest import backtest

CONFIG = {
    "name": "spread",
    "description": "four <b>years</b>",
    "strategy": "spread_trade",
    "roles": {"large": "SPY", "small": "IWM"},
    "params": {"z_window": 60, "enter": 0.5, "unwind_shock": -1.0, "unwind_flat": -2.0},
    "data": {"source": "sample"},
    "period": {"start": "2016-01-04", "end": "2019-12-31"},
}


@pytest.fixture(scope="session")
def result():
    return backtest(CONFIG)


@pytest.fixture(scope="session")
def later():
    """The same run with another entry band and another period."""
    period = {"start": "2016-01-04", "end": "2018-12-31"}
    return backtest(CONFIG | {"params": CONFIG["params"] | {"enter": 1.5}, "period": period})


@pytest.fixture(scope="session")
def analysis(result):
    return analyse(result)


@pytest.fixture
def written(tmp_path):
    """write(result, **more) publishes into this test's own results folder."""

    def write(result, **more):
        more = {"config_hash": config_hash(result.config), "root": tmp_path / "results"} | more
        return publish(result, config_text=resolved_yaml(result.config), **more)

    return write


@pytest.fixture
def write_page(tmp_path, result, analysis):
    """Write the run with a page of our own: what is tested is the folder, not the drawing."""

    def write(page="<html>", root=tmp_path / "results", **more):
        return write_run(
            result,
            analysis,
            config_text=resolved_yaml(result.config),
            config_hash="c0ffee",
            report_html=page,
            root=root,
            **more,
        )

    return write


@pytest.fixture(scope="session")
def long_run(result):
    """long_run(bars, a_session): the first bar over and over, equity on a walk."""

    def make(bars, a_session):
        rng = np.random.default_rng(5)
        table = np.repeat(result.market.bars[:1], bars)
        table["session"] = 16_000 + np.arange(bars) // a_session
        table["ts"] = (16_000 * 86_400 + np.arange(bars) * 60) * 1_000_000_000
        points = np.zeros(bars, POINT)
        points["equity"] = points["cash"] = 1e6 * np.exp(np.cumsum(rng.normal(0, 1e-4, bars)))
        market = replace(result.market, bars=table, frequency="1min")
        return replace(
            result,
            market=market,
            points=points,
            ledger=result.ledger[:1],
            orders=result.orders[:0],
            features=np.zeros(bars, [("unused", "f8")]),
        )

    return make
