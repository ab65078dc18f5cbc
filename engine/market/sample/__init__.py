# SPDX-License-Identifier: Apache-2.0
"""The embedded sample market: 25 years of synthetic daily bars on real NYSE sessions, the same for a seed everywhere.

It has the statistics of the real market (docs/sample_market.md) and scripted episodes on fixed dates (EPISODES). It is
for learning, demonstrations and tests; no strategy was ever proven on it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, Problem, nearest_name
from engine.market.sample.episodes import EPISODES, SUPPORT_TESTS, Episode

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["EPISODES", "SUPPORT_TESTS", "Episode", "sample_frame", "sample_series", "sample_symbols", "support_level"]

_TRADABLE = ("SPY", "QQQ", "IWM", "RWM", "TWM", "SRTY", "KRE", "XLE", "XLY")
_SERIES = ("VIX", "RVX", "SHORT_INTEREST", "TBILL", "FUND")
IN_PERCENT = ("TBILL", "FUND")
"""Series of rates and returns, which `unit: percent` makes fractions."""


def sample_symbols() -> tuple[str, ...]:
    """Every symbol of the sample market: nine funds, then five untradable series."""
    return _TRADABLE + _SERIES


def sample_series() -> tuple[str, ...]:
    """What cannot be traded.

    VIX, RVX in points, SHORT_INTEREST in per cent of float, TBILL in per cent a year, FUND in per cent a month.
    """
    return _SERIES


def sample_frame(symbol: str, seed: int) -> pd.DataFrame:
    """One symbol's daily history under a seed; the caller may change the frame.

    Index: DatetimeIndex `date` of sessions without a zone, 2000-01-03 to 2024-12-31; SHORT_INTEREST has only the about
    24 sessions a year on which a figure is published, FUND the last of each month from 2000-02 on. Columns, float64:

    open high low close   dollars in whole cents, as traded: RWM, TWM and SRTY split in reverse; of a series the value
    volume                shares; NaN for a series
    dividend              dollars a share on the ex-date, otherwise 0
    split                 new shares per old share on the first session at the new price, otherwise 1

    Raises DataError on an unknown symbol and on a seed that is not a whole number of at least 0.
    """
    if symbol not in sample_symbols():
        raise DataError(
            Problem(
                "no such symbol in the sample market",
                found=symbol,
                allowed=", ".join(sample_symbols()),
                nearest=nearest_name(symbol, sample_symbols()),
            )
        )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DataError(Problem("bad seed", path="data.seed", found=repr(seed), allowed="a whole number of at least 0"))
    return _market(int(seed))[symbol].copy()


def support_level(seed: int) -> float:
    """The price in dollars of the support line under IWM (episodes support_line and support_break)."""
    from engine.market.sample.series import support_level as level

    return level(sample_frame("IWM", seed)["close"].to_numpy())


@lru_cache(maxsize=4)
def _market(seed: int) -> dict[str, pd.DataFrame]:
    """Every frame of one seed, made once in a process."""
    from engine.market.sample import bars, funds, hedge_fund, inverse, series
    from engine.market.sample.streams import sessions

    paths, factors = funds.fund_paths(seed)
    columns = {fund.symbol: bars.fund_columns(seed, fund, paths[fund.symbol], factors.log_vix) for fund in funds.FUNDS}
    rates = series.tbill(seed)
    for short in inverse.INVERSE_FUNDS:
        columns[short.symbol] = inverse.inverse_columns(seed, short, columns["IWM"], rates, factors.log_vix)
    columns["VIX"] = series.vix_columns(seed, factors.log_vix)
    columns["RVX"] = series.vix_columns(seed, series.log_rvx(seed, factors.log_vix), name="RVX")
    columns["TBILL"] = _flat(rates)
    rows, shorted = series.short_interest(seed, np.log(columns["IWM"]["close"] / columns["SPY"]["close"]))
    columns["SHORT_INTEREST"] = _flat(shorted)
    ends, earned = hedge_fund.fund_returns(seed, columns, rates)
    columns["FUND"] = _flat(earned)
    days = {"SHORT_INTEREST": sessions()[rows], "FUND": sessions()[ends]}
    return {symbol: _frame(columns[symbol], days.get(symbol, sessions())) for symbol in sample_symbols()}


def _flat(values: FloatArray) -> dict[str, FloatArray]:
    return dict.fromkeys(("open", "high", "low", "close"), values)


def _frame(columns: dict[str, FloatArray], days: NDArray[np.int64]) -> pd.DataFrame:
    import pandas as pd

    index = pd.DatetimeIndex(days.astype("M8[D]").astype("M8[ns]"), name="date")
    empty = {"volume": np.nan, "dividend": 0.0, "split": 1.0}
    return pd.DataFrame({**empty, **columns}, index=index)[
        ["open", "high", "low", "close", "volume", "dividend", "split"]
    ]
