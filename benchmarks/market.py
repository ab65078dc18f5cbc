# SPDX-License-Identifier: Apache-2.0
"""Markets to measure on: bars of correlated random walks, by seed, straight into the engine's record layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.panel import Market
from engine.records import bar_dtype

PAIR: Mapping[str, str] = MappingProxyType({"large": "SPY", "small": "IWM"})
"""Role to symbol: dated costs go by symbol."""

MINUTES_A_SESSION = 390
FIRST_SESSION = np.datetime64("2000-01-03")
OPENING = np.timedelta64(14 * 60 + 30, "m")
CLOSING = np.timedelta64(21 * 60, "m")
MINUTE = np.timedelta64(1, "m")

INNER_STEPS = 4
DAILY_VOLATILITY = 0.012
MINUTE_VOLATILITY = 0.0006
CORRELATION = 0.85  # of two roles
GAP_SHARE = 0.1  # of a bar's variance, before its open
QUARTER = 63  # sessions between dividends
DIVIDEND_YIELD = 0.004  # a quarter

Columns = Mapping[str, NDArray[np.float64]]


def minute_market(bars: int, roles: Mapping[str, str] = PAIR, seed: int = 11, missing: Sequence[str] = ()) -> Market:
    """`bars` one-minute bars in sessions of 390, weekdays from 2000-01-03, with quarterly dividends.

    `missing` names series that the strategy may do without: their columns are all NaN.
    """
    sessions = _weekdays(-(-bars // MINUTES_A_SESSION))
    minutes = np.arange(1, MINUTES_A_SESSION + 1) * MINUTE
    stamps = (sessions[:, None] + OPENING + minutes[None, :]).reshape(-1)[:bars]
    dates = np.repeat(sessions, MINUTES_A_SESSION)[:bars]
    return _walk_market(stamps, dates, roles, seed, missing, MINUTE_VOLATILITY, 2.0e5, "1min")


def daily_market(bars: int, roles: Mapping[str, str] = PAIR, seed: int = 11, missing: Sequence[str] = ()) -> Market:
    """`bars` daily bars, weekdays from 2000-01-03, otherwise like minute_market."""
    sessions = _weekdays(bars)
    return _walk_market(sessions + CLOSING, sessions, roles, seed, missing, DAILY_VOLATILITY, 5.0e7, "1d")


def market_of(
    stamps: NDArray[Any],
    dates: NDArray[Any],
    columns: Mapping[str, Columns],
    *,
    symbols: Mapping[str, str],
    label: str,
    frequency: str,
    missing: Sequence[str] = (),
) -> Market:
    """A Market from columns: role -> {open, high, low, close, volume and, where there is one, dividend}, each (T,)."""
    bars = np.zeros(len(stamps), bar_dtype(tuple(columns), missing))
    days = dates.astype("datetime64[D]").astype(np.int64)
    bars["ts"] = stamps.astype("datetime64[ns]").astype(np.int64)
    bars["session"] = days
    bars["days"][1:] = np.diff(days)
    bars["last"][:-1] = bars["days"][1:] > 0
    bars["last"][-1:] = 1
    for role, table in columns.items():
        for name, values in table.items():
            bars[role][name] = values
        bars[role]["split"] = 1.0
        bars[role]["factor"] = 1.0
    for name in missing:
        bars[name] = np.nan
    bars.flags.writeable = False
    return Market(
        bars=bars,
        symbols=dict(symbols),
        missing=tuple(missing),
        label=label,
        frequency=frequency,
        synthetic=True,
        fingerprint=label,
    )


def _weekdays(count: int) -> NDArray[Any]:
    days = np.arange(FIRST_SESSION, FIRST_SESSION + np.timedelta64(count * 7 // 5 + 7, "D"))
    return days[np.is_busday(days)][:count]


def _walk_market(
    stamps: NDArray[Any],
    dates: NDArray[Any],
    roles: Mapping[str, str],
    seed: int,
    missing: Sequence[str],
    volatility: float,
    shares: float,
    frequency: str,
) -> Market:
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((len(stamps), INNER_STEPS + 1))
    columns = {}
    for index, role in enumerate(roles):
        own = rng.standard_normal(common.shape)
        shocks = np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * own
        columns[role] = _walk(rng, shocks, dates, start=200.0 / (index + 1), volatility=volatility, shares=shares)
    label = f"random walks, {len(stamps)} {frequency} bars, seed {seed}"
    return market_of(stamps, dates, columns, symbols=roles, label=label, frequency=frequency, missing=missing)


def _walk(
    rng: np.random.Generator,
    shocks: NDArray[np.float64],
    dates: NDArray[Any],
    *,
    start: float,
    volatility: float,
    shares: float,
) -> Columns:
    """Open, a few steps inside the bar and the close: high and low are those of the path."""
    scale = np.full(INNER_STEPS + 1, volatility * np.sqrt((1 - GAP_SHARE) / INNER_STEPS))
    scale[0] = volatility * np.sqrt(GAP_SHARE)
    path = np.cumsum((shocks * scale).ravel()).reshape(shocks.shape)
    path -= np.linspace(0.0, path[-1, -1], len(path))[:, None]  # ends where it began: prices stay in a sane range
    prices = np.round(start * np.exp(path), 4)
    first = np.flatnonzero(np.diff(dates.astype(np.int64), prepend=0))
    dividend = np.zeros(len(dates))
    paid = first[QUARTER::QUARTER]
    dividend[paid] = np.round(prices[paid, 0] * DIVIDEND_YIELD, 4)
    return {
        "open": prices[:, 0],
        "high": prices.max(axis=1),
        "low": prices.min(axis=1),
        "close": prices[:, -1],
        "volume": np.round(shares * rng.lognormal(0.0, 0.5, len(dates))),
        "dividend": dividend,
    }
