# SPDX-License-Identifier: Apache-2.0
"""Funds of different launch dates, one of them delisted: the engine against a script that knows nothing of it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import engine
from engine.analytics.analysis import analyse
from engine.errors import InputError
from engine.kernel.codes import EngineReason
from engine.market.calendar import exchange
from tests.authors.launches import Launches
from tests.kernel.spans import FREE

ROWS = 240
LIVES = {"OLD": (0, ROWS), "AAA": (37, ROWS), "BBB": (112, ROWS), "GONE": (0, 165), "LATE": (198, ROWS)}


@cache
def walks():
    """(T, N) opens and closes, NaN before a fund's launch and after its end."""
    chance = np.random.default_rng(5)
    close = np.round(50.0 * np.exp(np.cumsum(chance.normal(0.0004, 0.015, (ROWS, len(LIVES))), axis=0)), 2)
    opened = np.round(close * np.exp(chance.normal(0.0, 0.004, close.shape)), 2)
    for fund, (first, stop) in enumerate(LIVES.values()):
        for prices in (opened, close):
            prices[:first, fund] = prices[stop:, fund] = np.nan
    return opened, close


@cache
def frames():
    days = pd.DatetimeIndex(exchange().between(16_000, 16_000 + 2 * ROWS)[:ROWS].astype("M8[D]"))
    found = {}
    for fund, name in enumerate(LIVES):
        opened, close = (prices[:, fund] for prices in walks())
        table = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close), "close": close}
        found[name] = pd.DataFrame({**table, "volume": 1e6, "dividend": 0.0}, index=days).dropna()
    return found


def run(**given):
    return engine.backtest(
        strategy=Launches, roles={"etf": list(LIVES)}, data=frames(), costs=FREE, fills={"participation": None},
        account={"cash": 1e6}, **{"spans": {"default": {"from": "launch"}, "GONE": {"until": "end"}}, **given},
    )  # fmt: skip


def by_script(window=20, count=2):
    """(T,) equity of the rotation: whole shares at the next open, what ends is money at its last close."""
    opened, close = walks()
    shares, cash, equity, wanted = np.zeros(len(LIVES)), 1e6, [], None
    for row in range(ROWS):
        gone = np.isnan(close[row]) & (shares != 0.0)
        cash += float(shares[gone] @ close[row - 1][gone]) if gone.any() else 0.0
        shares[gone] = 0.0
        if wanted is not None:
            able = ~np.isnan(opened[row])
            cash -= float((wanted - shares)[able] @ opened[row][able])
            shares, wanted = np.where(able, wanted, 0.0), None
        worth = cash + float(np.nansum(shares * close[row]))
        equity.append(worth)
        if row % 10 == 0:
            past = close[row - window] if row >= window else np.full(len(LIVES), np.nan)
            gain = close[row] / past - 1.0
            known = [fund for fund in np.argsort(-gain, kind="stable") if not np.isnan(gain[fund])]
            wanted = np.zeros(len(LIVES))
            for fund in known[:count]:
                wanted[fund] = np.floor(0.98 / count * worth / close[row][fund] + 1e-9)
    return np.array(equity)


def test_the_path_is_that_of_the_script():
    result = run()
    record = result.record
    assert record.points["equity"] == pytest.approx(by_script(), rel=1e-12)
    assert set(result.fills["symbol"]) == set(LIVES)
    assert (result.fills["reason"] == "role_ended").sum() == 1
    assert not (result.orders["status"] == "rejected").any()


def test_the_figures_hold_what_the_ledger_holds():
    """Profit by role, round trips and the benchmark add up although most roles have no price on some bars."""
    result = run()
    gained = float(result.record.points["equity"][-1]) - 1e6
    found = analyse(result.record)
    trips = found.trips
    assert trips["net_pnl"].sum() == pytest.approx(gained, rel=1e-9)
    assert found.paths.role_pnl[-1].sum() == pytest.approx(gained, rel=1e-9)
    assert trips["role"][trips["exit_reason"] == EngineReason.ROLE_ENDED].tolist() == [list(LIVES).index("GONE")]
    old = frames()["OLD"]["close"]
    assert result.metrics["beta"] == pytest.approx(beta(by_script(), old.to_numpy()), rel=1e-6)


def beta(equity, close):
    own, other = np.diff(equity) / equity[:-1], np.diff(close) / close[:-1]
    return np.cov(own, other)[0, 1] / np.var(other, ddof=1)


def test_without_spans_one_that_ended_before_another_began_leaves_no_common_span():
    with pytest.raises(InputError, match="no bar in common"):
        run(spans={})


@pytest.mark.slow
def test_both_modes_agree():
    one, other = (run(mode=mode).record for mode in ("interpreted", "compiled"))
    assert one.ledger.tobytes() == other.ledger.tobytes()
    assert one.points.tobytes() == other.points.tobytes()
