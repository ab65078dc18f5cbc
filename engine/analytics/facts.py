# SPDX-License-Identifier: Apache-2.0
"""Facts: the arrays and totals of one run that metrics read, each taken from ledger, points and orders once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import COMMISSION_KINDS, FILL_KINDS, of_kind, unit_sizes
from engine.analytics.sessions import SESSIONS_A_YEAR, Dates, Sessions
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EngineReason, EntryKind, OrderStatus


@dataclass(frozen=True)
class Facts:
    """S sessions, T bars, K closed round trips, B closed spread trades. Money in the account's currency.

    Costs are >= 0 when paid; dividends and interest are signed as cash (received is positive).
    """

    nav: FloatArray  # (S + 1,)
    bar_nav: FloatArray  # (T + 1,)
    session_index: NDArray[np.int64]  # (T,)
    dates: Dates  # (S,)
    returns: FloatArray  # (S,)
    rates: FloatArray  # (S,)
    first_leg: FloatArray  # (S,)
    equity: FloatArray  # (S,)
    gross_exposure: FloatArray  # (S,) gross / equity
    net_exposure: FloatArray  # (S,) net / equity
    bar_gross_exposure: FloatArray  # (T,)
    bar_margin_use: FloatArray  # (T,) maintenance / equity
    years: float
    traded: float  # sum of |quantity| * price over all fills; of options the premium
    fills: int
    forced_fills: int
    orders: int
    rejected_orders: int
    trip_pnl: FloatArray  # (K,) net
    trip_sessions: NDArray[np.int64]  # (K,)
    open_trips: int
    spread_pnl: FloatArray  # (B,) net
    commission: float
    slippage: float
    borrow: float
    dividends_received: float
    dividends_paid: float
    interest_received: float
    interest_paid: float


def gather(result: RunRecord, sessions: Sessions, trips: NDArray[Any], spreads: NDArray[Any]) -> Facts:
    """The facts of `result` from its reduced parts."""
    ledger, points, rows = result.ledger, result.points, sessions.rows
    gross, net = over_equity(points, "gross"), over_equity(points, "net")
    filled = ledger[of_kind(ledger, *FILL_KINDS)]
    closed = trips[trips["close_row"] >= 0]
    dividends = ledger["amount"][of_kind(ledger, EntryKind.DIVIDEND)]
    interest = ledger["amount"][of_kind(ledger, EntryKind.INTEREST)]
    return Facts(
        nav=sessions.nav,
        bar_nav=sessions.bar_nav,
        session_index=sessions.index,
        dates=sessions.dates,
        returns=sessions.returns,
        rates=sessions.rates,
        first_leg=sessions.first_leg,
        equity=points["equity"][rows],
        gross_exposure=gross[rows],
        net_exposure=net[rows],
        bar_gross_exposure=gross,
        bar_margin_use=over_equity(points, "maintenance"),
        years=len(rows) / SESSIONS_A_YEAR,
        traded=float(np.sum(np.abs(filled["qty"]) * unit_sizes(result, filled["role"]) * filled["price"])),
        fills=len(filled),
        forced_fills=int(np.count_nonzero(filled["reason"] < EngineReason.NONE)),
        orders=len(result.orders),
        rejected_orders=int(np.count_nonzero(result.orders["status"] == OrderStatus.REJECTED)),
        trip_pnl=closed["net_pnl"],
        trip_sessions=sessions.index[closed["close_row"]] - sessions.index[closed["open_row"]],
        open_trips=len(trips) - len(closed),
        spread_pnl=spreads["net_pnl"][spreads["close_row"] >= 0],
        commission=_paid(ledger["amount"][of_kind(ledger, *COMMISSION_KINDS)]),
        slippage=float(np.sum(filled["slippage"])),
        borrow=_paid(ledger["amount"][of_kind(ledger, EntryKind.BORROW)]),
        dividends_received=float(np.sum(dividends[dividends > 0])),
        dividends_paid=_paid(dividends[dividends < 0]),
        interest_received=float(np.sum(interest[interest > 0])),
        interest_paid=_paid(interest[interest < 0]),
    )


def over_equity(points: NDArray[Any], name: str) -> FloatArray:
    """`points[name] / equity`, (T,); NaN where equity is not positive."""
    equity = np.where(points["equity"] > 0, points["equity"], np.nan)
    return np.asarray(points[name] / equity, np.float64)


def _paid(amounts: FloatArray) -> float:
    return 0.0 - float(np.sum(amounts))  # 0.0 - keeps an empty sum from printing as -0
