# SPDX-License-Identifier: Apache-2.0
"""Fourteen strategies as their authors would port them trade, in both modes alike."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import engine

HERE = Path(__file__).parent / "ports"
PORTS = sorted(file.stem for file in HERE.glob("*.yaml"))
PLAIN = ("period={start: 2000-01-03, end: 2006-12-29}", "costs.slippage={half_spread: 0, impact: 0}")


@cache
def made_bars():
    """Sixty sessions of five-minute bars, a walk that drifts by day."""
    chance = np.random.default_rng(11)
    days = pd.bdate_range("2024-02-01", periods=60).difference(pd.to_datetime(["2024-02-19", "2024-03-29"]))
    opens = [stamp for day in days for stamp in pd.date_range(f"{day.date()} 09:30", periods=78, freq="5min")]
    steps = chance.normal(np.repeat(chance.normal(0.0, 0.0002, len(days)), 78), 0.0008)
    close = np.round(100.0 * np.exp(np.cumsum(steps)), 2)
    open_ = np.append(100.0, close[:-1])
    spread = np.round(chance.uniform(0.0, 0.1, (2, len(close))), 2)
    frame = {"open": open_, "high": np.maximum(open_, close) + spread[0], "low": np.minimum(open_, close) - spread[1]}
    index = pd.DatetimeIndex(opens).tz_localize("America/New_York")
    return pd.DataFrame({**frame, "close": close, "volume": 1e6, "dividend": 0.0}, index=index)


def run(name, mode):
    if name == "bollinger_backtrader":
        pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    if name == "opening_range":
        return engine.backtest(HERE / f"{name}.yaml", [f"mode={mode}", PLAIN[1]], data={"SPY_5m": made_bars()})
    return engine.backtest(HERE / f"{name}.yaml", [f"mode={mode}", *PLAIN])


@cache
def interpreted(name):
    return run(name, "interpreted")


@pytest.mark.parametrize("name", PORTS)
def test_a_port_trades_and_no_order_is_refused(name):
    result = interpreted(name)
    assert len(result.fills) >= 20
    assert (result.fills["quantity"] > 0).any()
    assert (result.fills["quantity"] < 0).any()
    assert set(result.orders["status"]) <= {"filled", "cancelled", "expired", "working"}


@pytest.mark.slow  # each is compiled anew
@pytest.mark.parametrize("name", [one for one in PORTS if one != "bollinger_backtrader"])
def test_both_modes_do_the_same(name):
    one, other = interpreted(name).record, run(name, "compiled").record
    assert one.mode == "interpreted"
    assert other.mode == "compiled"
    assert one.ledger.tobytes() == other.ledger.tobytes()
    assert one.orders.tobytes() == other.orders.tobytes()
    assert one.points.tobytes() == other.points.tobytes()
    assert one.state == other.state


@pytest.mark.real_data
def test_the_opening_range_on_real_bars(real_data):
    result = engine.backtest(HERE / "opening_range.yaml", [f"data.path={real_data}/intraday", "mode=interpreted"])
    assert len(result.fills) > 100
    assert not result.account["gross"][result.features["clock.last"].to_numpy() == 1].any(), "flat at every close"
