# SPDX-License-Identifier: Apache-2.0
"""Facts: the arrays and totals of one run that metrics read, each taken from ledger, points and orders once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import of_kind, unit_sizes
from engine.analytics.sessions import Dates, Sessions
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EngineReason, OrderStatus
from engine.kernel.flows import FILL_KINDS, POSTED, SLIPPAGE


@dataclass(frozen=True)
class Facts:
    """S sessions, T bars, K closed round trips, B closed spread trades. Money in the account's currency.

    paid and received are totals by name of a flow, both >= 0; of a cost everything is paid.
    """

    nav: FloatArray  # (S + 1,)
    bar_nav: FloatArray  # (T + 1,)
    session_index: NDArray[np.int64]  # (T,)
    dates: Dates  # (S,)
    returns: FloatArray  # (S,)
    rates: FloatArray  # (S,)
    benchmark: FloatArray  # (S,)
    equity: FloatArray  # (S,)
    bar_gross_exposure: FloatArray  # (T,) gross / equity
    bar_net_exposure: FloatArray  # (T,) net / equity
    bar_margin_use: FloatArray  # (T,) maintenance / equity
    years: float  # from the first session to the last, in sessions of the exchange / 252
    per_year: float  # sessions with a bar in a year: 252, of weekly bars 52; NaN where they are unevenly spaced
    traded: float  # sum of |quantity| * price over all fills; of options the premium
    fills: int
    forced_fills: int
    orders: int
    rejected_orders: int
    trip_pnl: FloatArray  # (K,) net
    trip_sessions: NDArray[np.int64]  # (K,)
    open_trips: int
    spread_pnl: FloatArray  # (B,) net
    paid: Mapping[str, float]
    received: Mapping[str, float]


def gather(result: RunRecord, sessions: Sessions, trips: NDArray[Any], spreads: NDArray[Any]) -> Facts:
    """The facts of `result` from its reduced parts."""
    ledger, points, rows = result.ledger, result.points, sessions.rows
    gross, net = over_equity(result, result.gross), over_equity(result, result.net)
    filled = ledger[of_kind(ledger, *FILL_KINDS)]
    closed = trips[trips["close_row"] >= 0]
    amounts = {flow: ledger["amount"][of_kind(ledger, *flow.kinds)] for flow in POSTED}
    forced = np.isin(filled["reason"], (EngineReason.MARGIN_CALL, EngineReason.RUINED))
    paid = {flow.name: _paid(part[part < 0] if flow.received else part) for flow, part in amounts.items()}
    return Facts(
        nav=sessions.nav,
        bar_nav=sessions.bar_nav,
        session_index=sessions.index,
        dates=sessions.dates,
        returns=sessions.returns,
        rates=sessions.rates,
        benchmark=sessions.benchmark,
        equity=points["equity"][rows],
        bar_gross_exposure=gross,
        bar_net_exposure=net,
        bar_margin_use=over_equity(result, points["maintenance"]),
        years=result.market.spacing.years,
        per_year=result.market.spacing.per_year,
        traded=float(np.sum(np.abs(filled["qty"]) * unit_sizes(result, filled["role"]) * filled["price"])),
        fills=len(filled),
        forced_fills=int(np.count_nonzero(forced)),
        orders=len(result.orders),
        rejected_orders=int(np.count_nonzero(result.orders["status"] == OrderStatus.REJECTED)),
        trip_pnl=closed["net_pnl"],
        trip_sessions=sessions.index[closed["close_row"]] - sessions.index[closed["open_row"]],
        open_trips=len(trips) - len(closed),
        spread_pnl=spreads["net_pnl"][spreads["close_row"] >= 0],
        paid={SLIPPAGE.name: float(np.sum(filled["slippage"])), **paid},
        received={flow.name: float(np.sum(part[part > 0])) for flow, part in amounts.items() if flow.received},
    )


def over_equity(result: RunRecord, money: FloatArray) -> FloatArray:
    """(T,) money at each close as a part of equity; NaN where equity is not positive."""
    equity = result.points["equity"]
    return np.asarray(money / np.where(equity > 0, equity, np.nan), np.float64)


def _paid(amounts: FloatArray) -> float:
    return 0.0 - float(np.sum(amounts))  # 0.0 - keeps an empty sum from printing as -0
