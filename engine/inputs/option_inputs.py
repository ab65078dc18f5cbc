# SPDX-License-Identifier: Apache-2.0
"""From market and configuration to what options are priced with: implied volatility at the money, bar by bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import ConfigError, Problem, nearest_name
from engine.indicators.expiries import good_fridays, is_juneteenth
from engine.inputs.rates import check_volatility, unit_of
from engine.market.panel import Market
from engine.model.options import VOLATILITY_INDEX
from engine.model.run import Options, RunConfig
from engine.model.sleeves import alone, one_by_one, prefix, weights
from engine.model.spelling import known_as
from engine.records import option_input_dtype

FEWEST_SESSIONS = 21
"""Returns that a realised volatility needs."""

NS_A_DAY = 86_400_000_000_000.0

DAYS_A_WEEK, FRIDAY, WEEKEND = 7, 1, (2, 3)
"""The week of day counts since 1970-01-01, a Thursday."""


def build_option_inputs(market: Market, config: RunConfig, slots: Mapping[str, str]) -> NDArray[Any]:
    """(T,) records of `option_input_dtype` for the underlyings of `slots`, slot -> role; one empty row without slots.

    Volatilities are NaN on bars where their series has no value or there are too few sessions for a realised ratio.
    Causal: row t depends on rows 0..t, but for the days and closes of sessions, which exchanges publish ahead.
    Raises ConfigError where an underlying has nothing to take its volatility from.
    """
    roles = market.roles
    if not slots:
        return np.zeros(1, option_input_dtype(len(roles)))
    made = np.zeros(len(market), option_input_dtype(len(roles)))
    made["left"] = _days_left(market)
    made["until"] = _settled_until(market)
    made["volatility"] = np.nan
    for role in dict.fromkeys(slots.values()):
        series, scaled = volatility_source(config, market, role)
        volatility = _volatility(config, market, series)
        if scaled:
            volatility = volatility * realised_ratio(market, role, config.options.window)
        made["volatility"][:, roles.index(role)] = volatility
    return made


def volatility_source(config: RunConfig, market: Market, role: str) -> tuple[str, bool]:
    """(series, whether it is scaled by realised volatilities) for the options on `role`; series "" is the number.

    Raises ConfigError naming what could be bound.
    """
    options, bound = config.options, market.series
    own = VOLATILITY_INDEX.get(known_as(one_by_one(config.roles)[role], VOLATILITY_INDEX) or "", "")
    if isinstance(options.volatility, float):
        return "", False
    if isinstance(options.volatility, str):
        if options.volatility not in bound:
            raise ConfigError(
                Problem(
                    "no series of this name is bound",
                    path="options.volatility",
                    found=options.volatility,
                    allowed=", ".join([*bound, "or a fraction a year such as 0.2"]),
                    nearest=nearest_name(options.volatility, bound),
                )
            )
        return options.volatility, options.scale == "realised"
    if own in bound:
        return own, options.scale == "realised"
    if "vix" in bound:
        first = role == market.roles[0]
        return "vix", options.scale == "realised" or (options.scale is None and not first)
    wanted = f"series {own} or vix" if own and own != "vix" else "series vix"
    raise ConfigError(
        Problem(
            f"nothing to take the implied volatility of options on {role} ({one_by_one(config.roles)[role]}) from",
            path="options.volatility",
            allowed=f"a bound {wanted}, or options.volatility: the name of a bound series or a fraction a year",
        )
    )


def modelled_with(config: RunConfig, market: Market, slots: Mapping[str, str]) -> str:
    """The sentence that must stand beside every option price; empty without slots."""
    if not slots:
        return ""
    parts = [words for sleeve in weights(config) for words in _sources(config, market, slots, sleeve)]
    return (
        "Option prices are MODELLED, never quoted: Black-Scholes-Merton with implied volatility of "
        f"{', '.join(dict.fromkeys(parts))}, skew {config.options.skew:g}."
    )


def _sources(config: RunConfig, market: Market, slots: Mapping[str, str], sleeve: str) -> list[str]:
    """`IWM at vix x realised ratio` of each underlying of a sleeve, whose first role is its own."""
    mark, own = prefix(sleeve), alone(config, sleeve)
    symbols = {role.removeprefix(mark): symbol for role, symbol in market.symbols.items() if role.startswith(mark)}
    seen = replace(market, symbols=symbols)
    parts = []
    for role in dict.fromkeys(role.removeprefix(mark) for role in slots.values() if role.startswith(mark)):
        series, scaled = volatility_source(own, seen, role)
        words = series or f"{config.options.volatility:g}"
        factor = " x realised ratio" if scaled else ""
        if series and isinstance(config.options.scale, float):
            factor = f" x {config.options.scale:g}"
        parts.append(f"{one_by_one(own.roles)[role]} at {words}{factor}")
    return parts


def realised_ratio(market: Market, role: str, window: int) -> FloatArray:
    """(T,) realised volatility of `role` over that of the first role, of the sessions completed so far.

    Sample deviations of the last `window` log returns from session close to session close; NaN before there are 21.
    """
    last = np.flatnonzero(market.bars["last"] == 1)
    ratio = _deviation(_closes(market, role)[last], window) / _deviation(_closes(market, market.roles[0])[last], window)
    done = np.searchsorted(last, np.arange(len(market)), side="right") - 1
    return np.where(done >= 0, np.append(ratio, np.nan)[done], np.nan)


def _closes(market: Market, role: str) -> FloatArray:
    closes: FloatArray = getattr(market, role).close
    return closes


def _deviation(closes: FloatArray, window: int) -> FloatArray:
    """(S,) sample deviation of up to `window` log returns that end at each close; NaN where fewer than 21, or 0."""
    returns = np.append(np.nan, np.diff(np.log(closes)))
    padded = np.concatenate([np.full(window - 1, np.nan), returns])
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)
    known = ~np.isnan(windows)
    count = known.sum(axis=1)
    some = np.maximum(count, 2)
    mean = np.where(known, windows, 0.0).sum(axis=1) / some
    squares = (np.where(known, windows - mean[:, None], 0.0) ** 2).sum(axis=1)
    deviation = np.sqrt(squares / (some - 1))
    return np.where((count >= FEWEST_SESSIONS) & (deviation > 0.0), deviation, np.nan)


def _volatility(config: RunConfig, market: Market, series: str) -> FloatArray:
    """(T,) fraction a year, before any realised ratio; what is not above 0 is not known."""
    options: Options = config.options
    if not series:
        return np.full(len(market), options.volatility, np.float64)
    values: FloatArray = getattr(market, series)
    factor = options.scale if isinstance(options.scale, float) else 1.0
    volatility = values / 100.0 if unit_of(config, series) == "level" else values
    check_volatility(market, config, series, volatility)
    return np.where(volatility > 0.0, volatility * factor, np.nan)


def _days_left(market: Market) -> FloatArray:
    """(T,) days from each bar's close to the close of its session's last bar."""
    last = np.flatnonzero(np.append(market.bars["session"][1:] != market.bars["session"][:-1], True))
    ends = market.bars["ts"][last][np.searchsorted(last, np.arange(len(market)))]
    return np.asarray((ends - market.bars["ts"]) / NS_A_DAY, np.float64)


def _settled_until(market: Market) -> NDArray[np.int64]:
    """(T,) the last day before the session that follows each bar's.

    After the last session of the bars weekends are known, and the two holidays that fall on Fridays of expiry.
    """
    sessions = market.bars["session"].astype(np.int64)
    own = np.unique(sessions)
    after = int(own[-1]) + 1
    while after % DAYS_A_WEEK in WEEKEND or _is_closed_friday(after):
        after += 1
    following = np.append(own[1:], after)
    return np.asarray(following[np.searchsorted(own, sessions)] - 1)


def _is_closed_friday(day: int) -> bool:
    days = np.array([day], "M8[D]")
    return bool(np.isin(days, good_fridays(days))[0] or (day % DAYS_A_WEEK == FRIDAY and is_juneteenth(days)[0]))
