# SPDX-License-Identifier: Apache-2.0
"""The native engine: one prepared run, interpreted or compiled, with the same Result either way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.order_prices import OrderPrices
from engine.backends.prepared import Prepared
from engine.backends.stages import Watch, unwatched
from engine.errors import RunError, StrategyError
from engine.result import Result
from engine.sim import loop, rows
from engine.sim.codes import RunCode
from engine.sim.pad import PAD_METHODS
from engine.sim.rules import fill_convention
from engine.strategy.absent_series import done_without
from engine.strategy.compile_errors import explain_decision_error
from engine.strategy.params import declared_state
from engine.strategy.reasons import reason_table
from engine.types import ENTRY, LIVE_ORDERS, MARK, ORDER, POINT, book_dtype

INTERPRETED_BARS = 40_000
"""Longest run that `auto` interprets: about where loading numba costs more than it saves (benchmarks/process)."""


def run(
    prepared: Prepared,
    mode: str = "auto",
    watch: Watch = unwatched,
    prices: OrderPrices | None = None,
    opening: NDArray[Any] | None = None,
) -> Result:
    """Run it; `mode` is auto, interpreted or compiled. Raises RunError or StrategyError with the bar it happened on.

    prices notes where orders wait, in an interpreted run; a compiled one leaves it empty.
    opening are rules for the first bar alone; such a run is interpreted.
    """
    if opening is not None:
        mode = "interpreted"
    elif mode == "auto":
        mode = "interpreted" if len(prepared.market) <= INTERPRETED_BARS else "compiled"
    if mode == "compiled":
        from engine.backends.compiled_run import run_compiled

        book, entries, log, points, marks, state = run_compiled(prepared, watch)
    else:
        book, entries, log, points, marks, state = _interpreted(prepared, watch, prices, opening)
    code = int(book["error"])
    if code != RunCode.OK:
        raise stopped(prepared, code, int(book["t"]))
    live = book["order"][: int(book["orders"])]
    orders = np.concatenate([log, live]) if len(live) else log
    orders = orders[np.argsort(orders["id"])]
    return Result(
        config=prepared.config,
        market=prepared.market,
        ledger=entries,
        points=points,
        orders=orders,
        features=prepared.features,
        params=prepared.params,
        reasons=reason_table(prepared.strategy),
        engine="native",
        mode=mode,
        fill_convention=fill_convention(prepared.config),
        notices=(*prepared.market.notices, *done_without(prepared.strategy, prepared.market.missing)),
        options=dict(prepared.strategy.options),
        marks=marks,
        state={name: state[name].item() for name in declared_state(prepared.strategy.State)},
    )


_OPTION_MISTAKES = {
    RunCode.BAD_SLOT: "an order for an option slot that it does not declare",
    RunCode.BAD_CONTRACT: "an option order needs a strike above 0, CALL or PUT for its right, and a session's number "
    "(days since 1970-01-01, as bar.session) for its expiry",
    RunCode.NOT_FOR_OPTIONS: "attach, oco, reduce_only and move are not for option orders",
}


def _interpreted(
    prepared: Prepared, watch: Watch, prices: OrderPrices | None, opening: NDArray[Any] | None
) -> tuple[NDArray[Any], ...]:
    market, roles = prepared.market, prepared.market.roles
    bars = rows.author_bars(market.bars, len(roles))
    book_class = rows.row_class(book_dtype(len(roles)), roles, tuple(PAD_METHODS.values()), prepared.options)
    book = rows.from_values(book_class, prepared.first_book().tolist()[0], roles, prepared.options)
    entries, log, points, marks = (rows.GrowingRows(kind) for kind in (ENTRY, ORDER, POINT, MARK))
    params, state, rules = (
        rows.rows_of(table)[0] for table in (prepared.params_row(), prepared.first_state(), prepared.rules)
    )
    features, terms = rows.rows_of(prepared.features), rows.rows_of(prepared.terms)
    benchmark, quotes = prepared.benchmark.tolist(), rows.rows_of(prepared.quotes)
    decide = prepared.strategy.on_bar if prices is None else prices.watching(prepared.strategy.on_bar)
    watch(f"simulating {len(bars):,} bars", lambda: float(book.t) / len(bars))
    stretches = [(rules, 0, len(bars))]
    if opening is not None:
        stretches = [(rows.rows_of(opening)[0], 0, 1), (rules, 1, len(bars))]
    try:
        for laws, start, stop in stretches:
            loop.simulate(
                decide,
                bars,
                bars,
                features,
                params,
                state,
                book,
                book,
                laws,
                terms,
                benchmark,
                quotes,
                entries,
                log,
                points,
                marks,
                start,
                stop,
            )
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise explain_decision_error(error, prepared.strategy.on_bar, str(market.sessions[book.t])) from error
    kept = np.array([rows.to_values(state)], prepared.state_dtype)[0]
    table = np.array([rows.to_values(book)], book_dtype(len(roles)))[0]
    tables = entries.table(book.entries), log.table(book.closed), points.table(len(market)), marks.table(book.marks)
    return table, *tables, kept


def stopped(prepared: Prepared, code: int, row: int) -> Exception:
    """Why a run ended early in `row`, as the error to raise; code is a RunCode other than OK."""
    name = prepared.strategy.__name__
    when = prepared.market.sessions[row]
    if code == RunCode.BOOK_FULL:
        return RunError(
            f"{name} has more than {LIVE_ORDERS} orders working on {when}; cancel the old ones with orders.cancel"
        )
    if code == RunCode.BAD_ROLE:
        return StrategyError(
            f"{name} sent an order on {when} for a role that does not exist; "
            f"roles count from 0 to {len(prepared.market.symbols) - 1}"
        )
    if code in _OPTION_MISTAKES:
        slots = ", ".join(f"{slot} ({option})" for slot, option in enumerate(prepared.options)) or "none"
        return StrategyError(f"{name} on {when}: {_OPTION_MISTAKES[RunCode(code)]}; its option slots: {slots}")
    return StrategyError(
        f"{name} sent an order on {when} whose quantity or price is not a finite number; "
        "guard divisions and NaN features (`if f.x != f.x: return`), or run with --mode interpreted to stop at the line"
    )
