# SPDX-License-Identifier: Apache-2.0
"""The native engine: one prepared run, interpreted or compiled, with the same RunRecord either way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import as_bytes
from engine.engines.interpreted_run import run_interpreted
from engine.engines.notices.costs import cost_notices
from engine.engines.notices.cut_orders import cut_notices
from engine.engines.notices.ended_roles import ended_positions
from engine.engines.notices.expiry import early_settlements
from engine.engines.notices.factors import alike_factors
from engine.engines.order_mistakes import Fault, refuse_unknown_reasons, stopped
from engine.engines.order_prices import OrderPrices
from engine.engines.run_record import RunRecord
from engine.engines.state_path import StatePath
from engine.errors import StrategyError
from engine.inputs.prepared import Prepared
from engine.inputs.rules import fill_convention
from engine.kernel.codes import EngineReason, RunCode
from engine.notice import Notice
from engine.progress import Watch, unwatched
from engine.records import ORDER
from engine.strategy.absent_series import done_without
from engine.strategy.reasons import ReasonWords, reason_table

NO_ROW = (
    "on_bar asked a table or a State field for a place that it does not have; run with --mode interpreted to stop at "
    "the line"
)

INTERPRETED_BARS = 40_000
"""Longest run that `auto` interprets. That takes half a second at most, and tells where orders waited. A compiled run
takes a twentieth of a second for so many bars, but ten to twenty where its code is not kept yet.
"""


def run(
    prepared: Prepared,
    mode: str = "auto",
    watch: Watch = unwatched,
    prices: OrderPrices | None = None,
    opening: NDArray[Any] | None = None,
) -> RunRecord:
    """Run it; `mode` is auto, interpreted or compiled. Raises RunError or StrategyError with the bar it happened on.

    prices notes where orders wait, in an interpreted run; a compiled one leaves it empty.
    opening are rules for the first bar alone; such a run is interpreted.
    """
    path = StatePath(len(prepared.market), prepared.first_state()) if prepared.config.keep_state else None
    if opening is not None or path is not None:
        mode = "interpreted"
    elif mode == "auto":
        mode = "interpreted" if len(prepared.market) <= INTERPRETED_BARS else "compiled"
    if mode == "compiled":
        from engine.engines.compiled_run import run_compiled

        try:
            book, entries, log, points, marks, state = run_compiled(prepared, watch)
        except IndexError as error:
            raise StrategyError(NO_ROW) from error
    else:
        book, entries, log, points, marks, state = run_interpreted(prepared, watch, prices, opening, path)
    code = int(book["error"])
    if code != RunCode.OK:
        fault = Fault(code, int(book["error_role"]), float(book["error_number"]))
        raise stopped(prepared, int(book["deciding"]), fault, int(book["t"]))
    orders = _by_id(log, book["order"][: int(book["orders"])])
    refuse_unknown_reasons(prepared, orders)
    _name_seams(prepared, entries, orders)
    entries, orders, reasons = _reasons(prepared, entries, orders)
    record = RunRecord(
        config=prepared.config,
        market=prepared.market,
        ledger=entries,
        points=points,
        orders=orders,
        features=prepared.features,
        params=prepared.params,
        reasons=reasons,
        engine="native",
        mode=mode,
        fill_convention=fill_convention(prepared.config),
        notices=(*prepared.market.notices, *_without(prepared), *cost_notices(prepared, entries, orders)),
        options=prepared.slots,
        marks=marks,
        state={name: state[name].tolist() for name in prepared.state_names},
        states=None if path is None else path.fields(prepared.state_names),
    )
    ended = early_settlements(record) if prepared.slots else ended_positions(prepared, record.ledger)
    more = (*alike_factors(prepared), *ended, *cut_notices(prepared, book, len(orders)))
    return replace(record, notices=(*record.notices, *more)) if more else record


def _by_id(log: NDArray[Any], live: NDArray[Any]) -> NDArray[Any]:
    """The orders that have ended and those that still work, by id, not in the book's memory."""
    orders = np.concatenate([as_bytes(log), as_bytes(live)]).view(ORDER) if len(live) else log
    ids = orders["id"]
    return orders if (ids[1:] > ids[:-1]).all() else orders.take(ids.argsort())


def _name_seams(prepared: Prepared, entries: NDArray[Any], orders: NDArray[Any]) -> None:
    """Give what was sold where parameters change that reason: no strategy was asked there."""
    if not prepared.changes:
        return
    rows = [row for one in prepared.stretches if one.closes for row in range(one.start, one.stop)]
    sold = (orders["reason"] == EngineReason.NONE) & np.isin(orders["born"], rows)
    orders["reason"][sold] = EngineReason.SEAM
    named = (entries["reason"] == EngineReason.NONE) & np.isin(entries["order"], orders["id"][sold])
    entries["reason"][named] = EngineReason.SEAM


def _without(prepared: Prepared) -> tuple[Notice, ...]:
    """What the run says about optional series without data, each notice once."""
    said: list[Notice] = []
    for one in prepared.sleeves if prepared.market.missing else ():
        own = one.strategy.optional_series
        said += done_without(one.strategy, [name for name in one.market.missing if name in own])
    return tuple(dict.fromkeys(said))


def _reasons(
    prepared: Prepared, entries: NDArray[Any], orders: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], dict[int, ReasonWords]]:
    """Ledger and orders with reason codes that tell sleeves apart, and the words of each code.

    Every strategy counts its reasons from 1; those of a later sleeve come after the codes of the ones before.
    """
    if prepared.lone:
        return entries, orders, dict(reason_table(prepared.lone.strategy))
    table: dict[int, ReasonWords] = {}
    shift = 0
    for part, sleeve in zip(prepared.parts, prepared.sleeves, strict=True):
        own = reason_table(sleeve.strategy)
        table |= {code: one for code, one in own.items() if code <= 0}
        table |= {code + shift: one._replace(name=part.named(one.name)) for code, one in own.items() if code > 0}
        _shift_codes(prepared, part.number, (entries, orders), shift)
        shift += max(own)
    return entries, orders, table


def _shift_codes(prepared: Prepared, sleeve: int, tables: tuple[NDArray[Any], ...], shift: int) -> None:
    """Add `shift` to the sleeve's codes in the tables."""
    owner = prepared.first_book()["owner"][0]
    for records in tables:
        mine = (records["role"] >= 0) & (owner[records["role"]] == sleeve) & (records["reason"] > 0)
        records["reason"][mine] += shift
