# SPDX-License-Identifier: Apache-2.0
"""What moves a price: daily volatility and daily volume of each symbol, known before the session that trades on them.

The square-root law of market impact: an order for Q shares is paid

    Y x sigma_day x sqrt( Q / V_day )

beyond its reference, a fraction of the price, whatever the length of the bars it was tested on. Y is of order one, and
the exponent near 1/2 over decades of size: Toth et al., Anomalous Price Impact and the Critical Nature of Liquidity in
Financial Markets, 2011 (Y about 1); Almgren et al., Direct Estimation of Equity Market Impact, 2005 (exponent 0.6).
Backtest and stress measure both with the functions of this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.inputs.terms import by_symbol
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import cost_input_dtype

SESSIONS = 60
"""Most sessions behind daily volatility and daily volume."""

FEWEST_RETURNS = 5
"""Of these on the volatility is the symbol's own."""

FIRST_SIGMA = 0.02
"""Daily volatility until then: that of a volatile fund, so that what is not known yet is not cheap."""


@dataclass(frozen=True)
class Daily:
    """Of S sessions and N roles, each row known before its session opens; prices and volumes split-continuous.

    sigma   (S + 1, N) sample deviation of the log returns from close to close of up to SESSIONS sessions before
    volume  (S + 1, N) mean shares a day of the same sessions; NaN where none of them has a volume
    close   (S + 1, N) close before; NaN in the first row

    The last row is what is known after the last session.
    """

    sigma: FloatArray
    volume: FloatArray
    close: FloatArray


def daily(market: Market) -> Daily:
    """Measured over a market of any bar length: sessions are those of the calendar, closes their last bars."""
    closes, volumes = session_closes(market), session_volumes(market)
    blank = np.full((1, closes.shape[1]), np.nan)
    returns = np.log(closes[1:] / closes[:-1])  # the unit of money leaves no trace, not even in the last bit
    known = np.concatenate([blank, blank, _deviation(returns)])[: len(closes) + 1]
    return Daily(
        sigma=np.where(np.isnan(known), FIRST_SIGMA, known),
        volume=np.concatenate([blank, _mean(volumes)]),
        close=np.concatenate([blank, closes]),
    )


def session_closes(market: Market) -> FloatArray:
    """(S, N) split-continuous closes of the sessions."""
    last = _last_rows(market)
    return np.column_stack([getattr(market, role).close[last] for role in market.roles])


def session_volumes(market: Market) -> FloatArray:
    """(S, N) shares traded in each session, split-continuous; NaN where a bar has no volume."""
    starts = np.append(0, _last_rows(market)[:-1] + 1)
    return np.column_stack([np.add.reduceat(getattr(market, role).volume, starts) for role in market.roles])


def build_cost_inputs(market: Market, config: RunConfig) -> NDArray[np.void]:
    """(T,) records of `cost_input_dtype`: impact of one share, and shares as traded in one share of the bars.

    A role whose symbol follows another (`costs.slippage.follows`) trades against the deeper of the two: its own volume,
    or that of the other in shares of its own, at the closes before and by the fund's leverage. No impact where no
    volume is known: in the first session, and where the source has none. Where no bar says anything, all of them are
    one record in memory.
    """
    symbols = market.symbols.values()
    if not any(_coefficients(market, config)) and not any(market.contained.get(symbol) for symbol in symbols):
        nothing = np.array((0.0, 1.0), cost_input_dtype(len(market.roles)))
        return np.ndarray(len(market), nothing.dtype, nothing, strides=(0,))
    return _cost_inputs(market, config, _session_numbers(market), np.arange(len(market)))


def daily_depth(market: Market, config: RunConfig) -> FloatArray:
    """(T, N) shares a day that the impact of an order in each bar is measured by, in the bar's own shares.

    Of a role whose symbol follows another the deeper of the two, as in `build_cost_inputs`. NaN where none is known.
    """
    factors = np.column_stack([market.bars[role]["factor"] for role in market.roles])
    return np.asarray(_depth(market, daily(market), config)[_session_numbers(market)] * factors)


def next_cost_inputs(market: Market, config: RunConfig) -> NDArray[np.void]:
    """(1,) the same for the session after the last one of the market, in shares of its last bar."""
    return _cost_inputs(market, config, np.array([-1]), np.array([-1]))


def _cost_inputs(market: Market, config: RunConfig, row: NDArray[np.intp], bar: NDArray[np.intp]) -> NDArray[np.void]:
    """Records for the bars `bar`, by what the rows `row` of Daily knew."""
    made = np.zeros(len(bar), cost_input_dtype(len(market.roles)))
    made["lot"] = np.column_stack([shares_as_traded(market, symbol)[bar] for symbol in market.symbols.values()])
    coefficients = _coefficients(market, config)
    if not any(coefficients):
        return made
    known = daily(market)
    depth = _depth(market, known, config)
    for role, name in enumerate(market.roles):
        a_day = depth[row, role] * market.bars[name]["factor"][bar]
        with np.errstate(divide="ignore", invalid="ignore"):
            impact = coefficients[role] * known.sigma[row, role] / np.sqrt(a_day)
        made["impact"][:, role] = np.where(a_day > 0.0, impact, 0.0)
    return made


def _coefficients(market: Market, config: RunConfig) -> list[float]:
    """What the configuration multiplies the impact of each role with."""
    impact = config.costs.slippage.impact
    return [by_symbol(impact, symbol, "costs.slippage.impact") for symbol in market.symbols.values()]


def shares_as_traded(market: Market, symbol: str) -> FloatArray:
    """(T,) shares that changed hands on the day for one share of the bars.

    1 unless the prices contain splits on record that were still to come: after a split of 0.25 the earlier bars count
    one share where four were traded.
    """
    sessions = market.bars["session"]
    lots = np.ones(len(market))
    for session, ratio in market.contained.get(symbol, ()):
        lots[sessions < session] /= ratio
    return lots


def _session_numbers(market: Market) -> NDArray[np.intp]:
    """(T,) number of each bar's session, from 0."""
    return np.cumsum(np.append(0, market.bars["session"][1:] != market.bars["session"][:-1]))


def _depth(market: Market, known: Daily, config: RunConfig) -> FloatArray:
    """(S + 1, N) shares a day that orders trade against."""
    follows, multiples = config.costs.slippage.follows, config.account.margin.multiples
    symbols = list(market.symbols.values())
    depth = known.volume.copy()
    for role, symbol in enumerate(symbols):
        other = follows.get(symbol)
        if other in symbols:
            at, leverage = symbols.index(other), multiples.get(symbol, 1.0)
            through = known.volume[:, at] * known.close[:, at] / (known.close[:, role] * leverage)
            depth[:, role] = np.fmax(depth[:, role], through)
    return depth


def _last_rows(market: Market) -> NDArray[np.intp]:
    session = market.bars["session"]
    return np.flatnonzero(np.append(session[1:] != session[:-1], True))


def _mean(rows: FloatArray) -> FloatArray:
    """(R, N) mean of what is known in each row and the ones before it, SESSIONS in all; NaN where nothing is."""
    count, total = _sums(~np.isnan(rows), np.nan_to_num(rows))
    with np.errstate(invalid="ignore"):
        return total / count


def _deviation(returns: FloatArray) -> FloatArray:
    """(R, N) sample deviation of each row and those before it, SESSIONS in all; NaN where below FEWEST_RETURNS."""
    values = np.nan_to_num(returns)
    count, total, squares = _sums(~np.isnan(returns), values, values * values)
    few = np.maximum(count, FEWEST_RETURNS)
    variance = np.maximum(0.0, squares - total * total / few) / (few - 1.0)
    return np.where(count >= FEWEST_RETURNS, np.sqrt(variance), np.nan)


def _sums(*columns: NDArray[np.generic]) -> list[FloatArray]:
    """Of each (R, N) column the sums of up to SESSIONS rows that end at each row, added up from the first row on."""
    made = []
    for column in columns:
        running = np.cumsum(column.astype(np.float64), axis=0)
        earlier = np.concatenate([np.zeros((min(SESSIONS, len(running)), running.shape[1])), running])
        made.append(running - earlier[: len(running)])
    return made
