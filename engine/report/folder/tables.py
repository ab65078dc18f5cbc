# SPDX-License-Identifier: Apache-2.0
"""A run as Arrow tables: the columns of a run folder's parquet files. docs/run_folder.md explains each of them.

ts is timestamp[ns, UTC] and the close of the bar, but the open of what filled there; session is date32 and the
exchange's date, quantities are signed.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.facts import over_equity
from engine.analytics.ledger_paths import fill_commissions, of_kind
from engine.engines.run_record import RunRecord
from engine.inputs.terms import benchmark_rates
from engine.kernel.codes import Cause, EntryKind, Moment, OrderKind, OrderStatus, TimeInForce
from engine.kernel.contract_names import named
from engine.kernel.flows import CHARGES, FILL_KINDS, FLOWS, HELD, SLIPPAGE
from engine.records import ASSET_BAR
from engine.report.folder.state_columns import state_columns
from engine.report.kit.arrow_columns import as_it_is, coded, column, table
from engine.report.kit.arrow_columns import words as text

TS = pa.timestamp("ns", tz="UTC")
PRICES = ASSET_BAR.names or ()
"""Fields of a role's bar, all of which features.parquet keeps."""


def tables(result: RunRecord, analysis: Analysis) -> dict[str, pa.Table]:
    """Every table of the run folder, by file name without `.parquet`.

    `options` where the strategy has option slots, `sleeves` where a portfolio ran, `state` where it was kept.
    """
    made = {
        "equity": equity_table(result, analysis),
        "fills": fills_table(result),
        "orders": orders_table(result),
        "ledger": ledger_table(result),
        "round_trips": round_trips_table(result, analysis),
        "features": features_table(result),
    }
    made |= {"options": options_table(result, analysis)} if result.options else {}
    made |= (
        {} if result.states is None else {"state": table(_clock(result, slice(None)) | state_columns(result.states))}
    )
    return {**made, "sleeves": sleeves_table(result, analysis)} if result.sleeves else made


def equity_table(result: RunRecord, analysis: Analysis) -> pa.Table:
    """The account at each close, (T,) rows. leverage and margin_use are NaN where equity is not positive."""
    points = result.points
    return table(
        {
            **_clock(result, slice(None)),
            "cash": points["cash"],
            "equity": points["equity"],
            "gross": result.gross,
            "net": result.net,
            "leverage": over_equity(result, result.gross),
            "drawdown": analysis.drawdown,
            "maintenance": points["maintenance"],
            "margin_use": over_equity(result, points["maintenance"]),
        }
    )


def sleeves_table(result: RunRecord, analysis: Analysis) -> pa.Table:
    """Each sleeve at each close, (N x T,) rows, sleeve by sleeve: equity, cumulative profit and its parts."""
    rows, sleeves = len(result.points), analysis.sleeves
    bars = np.tile(np.arange(rows), len(sleeves))
    return table(
        {
            **_clock(result, bars),
            "sleeve": text(list(result.sleeves), np.repeat(np.arange(len(sleeves)), rows)),
            **{name: np.concatenate([getattr(sleeve, name) for sleeve in sleeves]) for name in ("equity", "pnl")},
            **{flow.name: np.concatenate([sleeve[flow.name] for sleeve in sleeves]) for flow in FLOWS},
        }
    )


def fills_table(result: RunRecord) -> pa.Table:
    """One row an execution, ts when it filled: the open, else the close of the bar in whose range or at whose close.

    commission is what the fill paid in commissions and fees, slippage a memo; both >= 0.
    """
    ledger = result.ledger
    at = np.flatnonzero(of_kind(ledger, *FILL_KINDS))
    fills = ledger[at]
    names, places = result.ledger_symbols
    return table(
        {
            "ts": column(result.times(fills["t"], fills["moment"]), TS),
            "session": column(result.market.bars["session"][fills["t"]], pa.date32()),
            "symbol": text(names, places[at]),
            "quantity": fills["qty"],
            "price": fills["price"],
            "commission": fill_commissions(ledger),
            "slippage": fills["slippage"],
            "reason": _reasons(result, fills["reason"]),
            "order_id": fills["order"],
            "role": _roles(result, fills["role"]),
            "kind": _words(EntryKind, fills["kind"]),
            "seq": at,
            "row": fills["t"],
            "moment": _words(Moment, fills["moment"]),
            **_sleeve(result, fills["role"]),
        }
    )


def orders_table(result: RunRecord) -> pa.Table:
    """One row an order, by id. ts is the close that decided it; price is its limit, or else its stop, or else NaN."""
    orders = result.orders
    filled = np.where(orders["filled"] != 0, orders["filled"], np.nan)
    limited = np.isin(orders["kind"], (OrderKind.LIMIT, OrderKind.STOP_LIMIT))
    stopped = np.isin(orders["kind"], (OrderKind.STOP, OrderKind.TRAIL, OrderKind.TRAIL_PERCENT))
    ended = orders["ended"]
    return table(
        {
            "id": orders["id"],
            **_clock(result, orders["born"]),
            "symbol": text(*result.symbols_of(orders["role"], orders["id"])),
            "type": _words(OrderKind, orders["kind"]),
            "quantity": orders["asked"],
            "price": np.where(limited, orders["limit"], np.where(stopped, orders["stop"], np.nan)),
            "tif": _words(TimeInForce, orders["tif"]),
            "status": _words(OrderStatus, orders["status"]),
            "reason": _reasons(result, orders["reason"]),
            "cause": _words(Cause, orders["cause"]),
            "role": _roles(result, orders["role"]),
            "filled": orders["filled"],
            "average_price": orders["filled_value"] / filled,
            "ended_ts": _stamps(result, ended),
            **{name: orders[name] for name in ("limit", "stop", "trail", "strike", "expiry", "right", "away", "part")},
            **{name: orders[name] for name in ("parent", "group", "born", "ended", "qty", "filled_value")},
            **{name: orders[name] for name in ("triggered", "entry_bar")},
            "reason_code": orders["reason"],
            **_sleeve(result, orders["role"]),
        }
    )


def ledger_table(result: RunRecord) -> pa.Table:
    """One row an entry, in the order posted. symbol and role are null where an entry concerns no role."""
    ledger = result.ledger
    return table(
        {
            "seq": np.arange(len(ledger)),
            **_clock(result, ledger["t"]),
            "kind": _words(EntryKind, ledger["kind"]),
            "symbol": text(*result.ledger_symbols),
            "quantity": ledger["qty"],
            "price": ledger["price"],
            "amount": ledger["amount"],
            "slippage": ledger["slippage"],
            "order_id": ledger["order"],
            "reason": _reasons(result, ledger["reason"]),
            "role": _roles(result, ledger["role"]),
            "row": ledger["t"],
            "moment": _words(Moment, ledger["moment"]),
            "reason_code": ledger["reason"],
            **_sleeve(result, ledger["role"]),
        }
    )


def round_trips_table(result: RunRecord, analysis: Analysis) -> pa.Table:
    """One row a round trip. close_ts, close_session and exit_reason are null while it is open."""
    trips = analysis.trips
    is_open = trips["close_row"] < 0
    last = np.where(is_open, len(result.points) - 1, trips["close_row"])
    index = analysis.sessions.index
    return table(
        {
            "symbol": text(*result.symbols_of(trips["role"], trips["order"])),
            "role": _roles(result, trips["role"]),
            "side": text(("short", "long"), trips["quantity"] > 0),
            "quantity": trips["quantity"],
            "open_ts": _stamps(result, trips["open_row"], trips["open_moment"]),
            "open_session": _dates(result, trips["open_row"]),
            "close_ts": _stamps(result, trips["close_row"], trips["close_moment"]),
            "close_session": _dates(result, trips["close_row"]),
            "sessions": index[last] - index[trips["open_row"]],
            **{name: trips[name] for name in ("entry_price", "exit_price", "gross_pnl")},
            **{flow.name: trips[flow.name] for flow in (*CHARGES, SLIPPAGE, *HELD)},
            "net_pnl": trips["net_pnl"],
            "entry_reason": _reasons(result, trips["entry_reason"]),
            "exit_reason": _exit_reasons(result, trips["exit_reason"], is_open),
            "is_open": is_open,
            "fills": trips["fills"],
            "peak_quantity": trips["peak_quantity"],
            **_sleeve(result, trips["role"]),
        }
    )


def options_table(result: RunRecord, analysis: Analysis) -> pa.Table:
    """The modelled mark of each open option at each close, with what it was modelled from beside `features`."""
    marks, roles = result.marks, result.market.roles
    rows, leg = marks["t"], len(roles) + marks["slot"]
    underlying = np.array([roles.index(role) for role in result.options.values()])[marks["slot"]]
    closes = np.column_stack([result.market.bars[role]["close"] for role in roles])
    contracts = analysis.contracts
    names, places = named(leg, list(result.market.symbols.values()), contracts)
    terms = np.array([(one.right, one.strike, one.expiry) for one in contracts.values()], np.float64).reshape(-1, 3)
    held = analysis.paths.positions[rows, leg]
    return table(
        {
            **_clock(result, rows),
            "symbol": text(names, places),
            "role": _roles(result, leg),
            "right": text(("put", "call"), (terms[:, 0] > 0).astype(np.int64)),
            "strike": terms[:, 1].copy(),
            "expiry": column(terms[:, 2].astype(np.int32), pa.date32()),
            "quantity": held,
            "spot": closes[rows, underlying],
            "volatility": marks["volatility"],
            "rate": np.broadcast_to(benchmark_rates(result.market, result.config.costs), len(closes))[rows],
            "price": marks["price"],
            "delta": marks["delta"],
            "value": held * result.config.options.multiplier * marks["price"],
            "row": rows,
            "slot": marks["slot"],
        }
    )


def features_table(result: RunRecord) -> pa.Table:
    """What on_bar saw, (T,) rows: each feature, then `role.open` ... of each role's bar, then the series."""
    bars, features = result.market.bars, result.features
    names = features.dtype.names or ()
    roles = set(result.market.symbols)
    series = [name for name in bars.dtype.names or () if name not in roles and bars.dtype[name] == np.float64]
    return table(
        {
            **_clock(result, slice(None)),
            **{feature_column(name): as_it_is(features[name]) for name in names},
            **{f"{role}.{name}": as_it_is(bars[role][name]) for role in result.market.roles for name in PRICES},
            **{f"series.{name}": as_it_is(bars[name]) for name in series},
            **{f"clock.{name}": np.ascontiguousarray(bars[name]) for name in ("days", "last")},
        }
    )


def feature_column(name: str) -> str:
    """Column of a feature: its name, unless that is taken by the clock or has a sleeve in it."""
    return f"feature.{name}" if name in ("ts", "session") or "." in name else name


def _clock(result: RunRecord, rows: Any) -> dict[str, pa.Array]:
    bars = result.market.bars
    return {
        "ts": column(bars["ts"][rows], TS),
        "session": column(bars["session"][rows], pa.date32()),
    }


def _stamps(result: RunRecord, rows: NDArray[np.int64], moments: NDArray[Any] | int = Moment.CLOSE) -> pa.Array:
    return column(result.times(np.maximum(rows, 0), moments), TS, rows < 0)


def _dates(result: RunRecord, rows: NDArray[np.int64]) -> pa.Array:
    return column(result.market.bars["session"][np.maximum(rows, 0)], pa.date32(), rows < 0)


def _sleeve(result: RunRecord, roles: NDArray[Any]) -> dict[str, pa.Array]:
    """The column `sleeve` of rows with these roles, where a portfolio ran."""
    return {"sleeve": text(list(result.sleeves), result.sleeve_numbers(roles))} if result.sleeves else {}


def _roles(result: RunRecord, roles: NDArray[Any]) -> pa.Array:
    return text([*result.legs, None], np.where(roles < 0, len(result.legs), roles))


def _words(codes: type[IntEnum], values: NDArray[Any]) -> pa.Array:
    return coded({int(member): member.name.lower() for member in codes}, values)


def _reasons(result: RunRecord, codes: NDArray[Any]) -> pa.Array:
    return coded({code: one.name for code, one in result.reasons.items()}, codes)


def _exit_reasons(result: RunRecord, codes: NDArray[Any], is_open: NDArray[np.bool_]) -> pa.Array:
    names = [one.name for one in result.reasons.values()]
    place = {code: number for number, code in enumerate(result.reasons)}
    places = [
        len(names) if still else place[code] for code, still in zip(codes.tolist(), is_open.tolist(), strict=True)
    ]
    return text([*names, None], np.array(places, np.int64))
