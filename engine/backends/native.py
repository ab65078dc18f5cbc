# SPDX-License-Identifier: Apache-2.0
"""The native engine: one prepared run, interpreted or compiled, with the same Result either way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.prepared import Prepared
from engine.backends.stages import Watch, unwatched
from engine.errors import RunError, StrategyError
from engine.result import Result
from engine.sim import loop, rows
from engine.sim.codes import RunCode
from engine.sim.pad import PAD_METHODS
from engine.sim.rules import fill_convention
from engine.strategy.compile_errors import explain_decision_error
from engine.strategy.params import declared_state
from engine.strategy.reasons import reason_table
from engine.types import ENTRY, LIVE_ORDERS, ORDER, POINT, book_dtype

INTERPRETED_BARS = 40_000
"""Longest run that `auto` interprets: about where loading numba costs more than it saves (benchmarks/process)."""


def run(prepared: Prepared, mode: str = "auto", watch: Watch = unwatched) -> Result:
    """Run it; `mode` is auto, interpreted or compiled. Raises RunError or StrategyError with the bar it happened on."""
    if mode == "auto":
        mode = "interpreted" if len(prepared.market) <= INTERPRETED_BARS else "compiled"
    if mode == "compiled":
        from engine.backends.compiled_run import run_compiled

        book, entries, log, points, state = run_compiled(prepared, watch)
    else:
        book, entries, log, points, state = _interpreted(prepared, watch)
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
        notices=prepared.market.notices,
        state={name: state[name].item() for name in declared_state(prepared.strategy.State)},
    )


def _interpreted(prepared: Prepared, watch: Watch) -> tuple[NDArray[Any], ...]:
    market, roles = prepared.market, prepared.market.roles
    bars = rows.author_bars(market.bars, len(roles))
    book_class = rows.row_class(book_dtype(len(roles)), roles, tuple(PAD_METHODS.values()))
    book = rows.from_values(book_class, prepared.first_book().tolist()[0], roles)
    entries, log, points = rows.GrowingRows(ENTRY), rows.GrowingRows(ORDER), rows.GrowingRows(POINT)
    params, state, rules = (
        rows.rows_of(table)[0] for table in (prepared.params_row(), prepared.first_state(), prepared.rules)
    )
    features, terms = rows.rows_of(prepared.features), rows.rows_of(prepared.terms)
    benchmark = prepared.benchmark.tolist()
    decide = prepared.strategy.on_bar
    watch(f"simulating {len(bars):,} bars", lambda: float(book.t) / len(bars))
    try:
        loop.simulate(
            decide,
            bars,
            bars,
            features,
            params,
            state,
            book,
            book,
            rules,
            terms,
            benchmark,
            entries,
            log,
            points,
            0,
            len(bars),
        )
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise explain_decision_error(error, prepared.strategy.on_bar, str(market.sessions[book.t])) from error
    kept = np.array([rows.to_values(state)], prepared.state_dtype)[0]
    table = np.array([rows.to_values(book)], book_dtype(len(roles)))[0]
    return table, entries.table(book.entries), log.table(book.closed), points.table(len(market)), kept


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
    return StrategyError(
        f"{name} sent an order on {when} whose quantity or price is not a finite number; "
        "guard divisions and NaN features (`if f.x != f.x: return`), or run with --mode interpreted to stop at the line"
    )
