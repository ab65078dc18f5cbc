# SPDX-License-Identifier: Apache-2.0
"""The native engine: one prepared run, interpreted or compiled, with the same RunRecord either way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.interpreted_run import run_interpreted
from engine.engines.order_prices import OrderPrices
from engine.engines.run_record import RunRecord
from engine.errors import RunError, StrategyError
from engine.inputs.prepared import Prepared
from engine.inputs.rules import fill_convention
from engine.kernel.codes import RunCode
from engine.notice import Notice
from engine.progress import Watch, unwatched
from engine.records import PLACES
from engine.strategy.absent_series import done_without
from engine.strategy.reasons import ReasonWords, reason_table

INTERPRETED_BARS = 40_000
"""Longest run that `auto` interprets: about where loading numba costs more than it saves (benchmarks/process)."""


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
    if opening is not None:
        mode = "interpreted"
    elif mode == "auto":
        mode = "interpreted" if len(prepared.market) <= INTERPRETED_BARS else "compiled"
    if mode == "compiled":
        from engine.engines.compiled_run import run_compiled

        book, entries, log, points, marks, state = run_compiled(prepared, watch)
    else:
        book, entries, log, points, marks, state = run_interpreted(prepared, watch, prices, opening)
    code = int(book["error"])
    if code != RunCode.OK:
        raise stopped(prepared, int(book["deciding"]), code, int(book["t"]))
    live = book["order"][: int(book["orders"])]
    orders = np.concatenate([log, live]) if len(live) else log
    orders = orders[np.argsort(orders["id"])]
    entries, orders, reasons = _reasons(prepared, entries, orders)
    return RunRecord(
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
        notices=(*prepared.market.notices, *_without(prepared)),
        options=prepared.slots,
        marks=marks,
        state={name: state[name].item() for name in prepared.state_names},
    )


def _without(prepared: Prepared) -> tuple[Notice, ...]:
    """What the run says about optional series without data, each notice once."""
    said: list[Notice] = []
    for one in prepared.sleeves:
        own = one.strategy.optional_series
        said += done_without(one.strategy, [name for name in one.market.missing if name in own])
    return tuple(dict.fromkeys(said))


def _reasons(
    prepared: Prepared, entries: NDArray[Any], orders: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], dict[int, ReasonWords]]:
    """Ledger and orders with reason codes that tell sleeves apart, and the words of each code.

    Every strategy counts its reasons from 1; those of a later sleeve come after the codes of the ones before.
    """
    owner = prepared.first_book()["owner"][0]
    table: dict[int, ReasonWords] = {}
    shift = 0
    for part, sleeve in zip(prepared.parts, prepared.sleeves, strict=True):
        own = reason_table(sleeve.strategy)
        highest = max(own)
        for records in (entries, orders):
            mine = (records["role"] >= 0) & (owner[records["role"]] == part.number) & (records["reason"] > 0)
            highest = max(highest, int(records["reason"][mine].max(initial=0)))
            records["reason"][mine] += shift
        table |= {code: one for code, one in own.items() if code <= 0}
        table |= {code + shift: one._replace(name=part.named(one.name)) for code, one in own.items() if code > 0}
        shift += highest
    return entries, orders, table


_OPTION_MISTAKES = {
    RunCode.BAD_SLOT: "an order for an option slot that it does not declare",
    RunCode.BAD_CONTRACT: "an option order needs a strike above 0, CALL or PUT for its right, and a session's number "
    "(days since 1970-01-01, as bar.session) for its expiry",
    RunCode.NOT_FOR_OPTIONS: "attach, oco, reduce_only and move are not for option orders",
}


def stopped(prepared: Prepared, deciding: int, code: int, row: int) -> Exception:
    """Why a run ended early in `row`, as the error to raise: the sleeve that decided, a RunCode other than OK."""
    sleeve, most = prepared.sleeves[deciding], prepared.config.account.orders
    name = sleeve.strategy.__name__
    when = sleeve.market.sessions[row]
    if code == RunCode.BOOK_FULL:
        return RunError(
            f"{name} has more than {most} orders working on {when}; cancel the old ones with orders.cancel, or allow "
            "more with account.orders"
        )
    if code == RunCode.NO_PLACE:
        return RunError(
            f"{name} has sent more than {PLACES * most} orders on {when}, those counted that it took back in the same "
            "bar; send what is to stay, or allow more with account.orders"
        )
    if code == RunCode.BAD_ROLE:
        return StrategyError(
            f"{name} sent an order on {when} for a role that does not exist; "
            f"roles count from 0 to {len(sleeve.market.symbols) - 1}"
        )
    if code in _OPTION_MISTAKES:
        slots = ", ".join(f"{slot} ({option})" for slot, option in enumerate(sleeve.part.options)) or "none"
        return StrategyError(f"{name} on {when}: {_OPTION_MISTAKES[RunCode(code)]}; its option slots: {slots}")
    return StrategyError(
        f"{name} sent an order on {when} whose quantity or price is not a finite number; "
        "guard divisions and NaN features (`if f.x != f.x: return`), or run with --mode interpreted to stop at the line"
    )
