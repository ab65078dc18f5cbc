# SPDX-License-Identifier: Apache-2.0
"""Metrics of exposure, turnover, trades and costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.registry import Undefined, metric
from engine.arrays import FloatArray

NOT_RUINED = "equity was not positive at some session's close: the account was ruined"


def mean_equity(equity: FloatArray) -> float:
    """Mean of equity at session closes; Undefined unless positive throughout."""
    if len(equity) == 0:
        raise Undefined("the run has no session")
    if not np.all(equity > 0):
        raise Undefined(NOT_RUINED)
    return float(np.mean(equity))


def _known(exposure: FloatArray) -> FloatArray:
    if len(exposure) == 0:
        raise Undefined("the run has no session")
    if np.any(np.isnan(exposure)):
        raise Undefined(NOT_RUINED)
    return exposure


@metric(
    "turnover",
    "Turnover",
    group="exposure",
    unit="times equity",
    formula="value bought and sold / mean equity at session closes / years (both sides of a trade count)",
    annualised="a year is 252 sessions of the exchange",
)
def turnover(traded: float, equity: FloatArray, years: float) -> float:
    """Annual two-sided turnover as a multiple of mean equity."""
    return traded / mean_equity(equity) / years


@metric(
    "average_gross",
    "Average gross exposure",
    group="exposure",
    unit="times equity",
    formula="mean over bars of (sum of |value| of the legs / equity) at the close",
)
def average_gross(bar_gross_exposure: FloatArray) -> float:
    """Mean gross exposure, bars without a position included."""
    return float(np.mean(_known(bar_gross_exposure)))


@metric(
    "max_gross",
    "Max gross exposure",
    group="exposure",
    unit="times equity",
    formula="largest gross value / equity over every bar's close",
)
def max_gross(bar_gross_exposure: FloatArray) -> float:
    """Largest leverage."""
    return float(np.max(_known(bar_gross_exposure)))


@metric(
    "average_net",
    "Average net exposure",
    group="exposure",
    unit="times equity",
    formula="mean over bars of (sum of signed value of the legs / equity) at the close",
)
def average_net(bar_net_exposure: FloatArray) -> float:
    """Mean net exposure; near 0 for a dollar-neutral book."""
    return float(np.mean(_known(bar_net_exposure)))


@metric(
    "time_in_market",
    "Time in market",
    group="exposure",
    unit="fraction",
    formula="bars that end with a position / bars",
)
def time_in_market(bar_gross_exposure: FloatArray) -> float:
    """Fraction of bars with a position at their close: a book that is flat overnight counts as well."""
    return float(np.mean(_known(bar_gross_exposure) > 0))


@metric(
    "max_margin_use",
    "Max margin use",
    group="exposure",
    unit="fraction",
    better="low",
    formula="largest maintenance requirement / equity over every bar's close; above 1 is a margin call",
)
def max_margin_use(bar_margin_use: FloatArray) -> float:
    """Largest share of equity that the maintenance requirement took."""
    return float(np.max(_known(bar_margin_use)))


def _closed(pnl: FloatArray) -> FloatArray:
    if len(pnl) == 0:
        raise Undefined("no trade was closed")
    return pnl


@metric(
    "hit_rate",
    "Hit rate, legs",
    group="trades",
    unit="fraction",
    better="high",
    formula="closed round trips with net P&L above 0 / closed round trips; a round trip is one role from flat to flat",
)
def hit_rate(trip_pnl: FloatArray) -> float:
    """Fraction of a single role's closed round trips that made money after all costs."""
    return float(np.mean(_closed(trip_pnl) > 0))


@metric(
    "spread_hit_rate",
    "Hit rate, trades",
    group="trades",
    unit="fraction",
    better="high",
    formula="closed trades with net P&L above 0 / closed trades; a trade is the legs held at once",
)
def spread_hit_rate(spread_pnl: FloatArray) -> float:
    """Fraction of the book's closed trades, all legs together, that made money after all costs."""
    return float(np.mean(_closed(spread_pnl) > 0))


def gain_over_loss(pnl: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gains and losses (as positive numbers) of closed trades; Undefined without a loss."""
    gains, losses = _closed(pnl)[pnl > 0], -pnl[pnl < 0]
    if len(losses) == 0:
        raise Undefined("no closed trade lost")
    return gains, losses


@metric(
    "profit_factor",
    "Profit factor, trades",
    group="trades",
    unit="ratio",
    better="high",
    formula="sum of net gains / sum of net losses of closed trades",
)
def profit_factor(spread_pnl: FloatArray) -> float:
    """What winners made for each unit losers lost; 0 when nothing won."""
    gains, losses = gain_over_loss(spread_pnl)
    return float(np.sum(gains) / np.sum(losses))


@metric(
    "payoff",
    "Payoff, trades",
    group="trades",
    unit="ratio",
    better="high",
    formula="mean net gain / mean net loss of closed trades",
)
def payoff(spread_pnl: FloatArray) -> float:
    """Average winner against average loser."""
    gains, losses = gain_over_loss(spread_pnl)
    if len(gains) == 0:
        raise Undefined("no closed trade won")
    return float(np.mean(gains) / np.mean(losses))


@metric(
    "holding_sessions",
    "Mean holding time, legs",
    group="trades",
    unit="sessions",
    formula="mean over closed round trips of sessions from the first fill to the last; 0 is within one session",
)
def holding_sessions(trip_sessions: NDArray[np.int64]) -> float:
    """Mean sessions a role's position was held."""
    if len(trip_sessions) == 0:
        raise Undefined("no trade was closed")
    return float(np.mean(trip_sessions))


@metric(
    "spread_trades",
    "Trades closed",
    group="trades",
    unit="count",
    formula="closed trades: the legs held at once, from flat to flat",
)
def spread_trade_count(spread_pnl: FloatArray) -> int:
    """Number of closed trades of the book."""
    return len(spread_pnl)


@metric("round_trips", "Round trips closed, legs", group="trades", unit="count", formula="closed round trips")
def round_trip_count(trip_pnl: FloatArray) -> int:
    """Number of a single role's closed trades."""
    return len(trip_pnl)


@metric(
    "open_trips", "Round trips still open", group="trades", unit="count", formula="round trips open at the last bar"
)
def open_trip_count(open_trips: int) -> int:
    """Number of positions the run ends with."""
    return open_trips


@metric("fills", "Fills", group="trades", unit="count", formula="executions; a partly filled order has several")
def fill_count(fills: int) -> int:
    """Number of executions, forced ones included."""
    return fills


@metric(
    "forced_fills",
    "Forced fills",
    group="trades",
    unit="count",
    better="low",
    formula="executions that a margin call forced",
)
def forced_fill_count(forced_fills: int) -> int:
    """Number of liquidating executions."""
    return forced_fills


@metric("orders", "Orders", group="trades", unit="count", formula="orders submitted")
def order_count(orders: int) -> int:
    """Number of orders, whatever became of them."""
    return orders


@metric("rejected_orders", "Rejected orders", group="trades", unit="count", better="low", formula="orders rejected")
def rejected_order_count(rejected_orders: int) -> int:
    """Number of orders the broker's rules refused."""
    return rejected_orders
