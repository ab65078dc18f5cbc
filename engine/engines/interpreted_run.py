# SPDX-License-Identifier: Apache-2.0
"""One prepared run on plain Python objects: no compiler, breakpoints work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.order_prices import OrderPrices
from engine.inputs.portfolio import Portfolio
from engine.inputs.prepared import Prepared
from engine.kernel import loop, rows
from engine.kernel.codes import RunCode
from engine.kernel.order_api import ORDER_API
from engine.progress import Watch
from engine.records import ENTRY, MARK, ORDER, POINT
from engine.strategy.compile_errors import explain_decision_error

AUTHORS_ERRORS = (ArithmeticError, ValueError, TypeError, AttributeError)
"""What an on_bar may raise."""


@dataclass(frozen=True)
class Seen:
    """What the loop hands to `decide`: of several sleeves each of these holds one of each."""

    decide: Any
    bars: Any
    features: Any
    params: Any
    state: Any
    account: Any

    def state_values(self) -> tuple[Any, ...]:
        """The state after the last bar as one flat tuple."""
        states = self.state if isinstance(self.state, tuple) else (self.state,)
        return tuple(value for state in states for value in rows.to_values(state))


def run_interpreted(
    prepared: Prepared | Portfolio, watch: Watch, prices: OrderPrices | None, opening: NDArray[Any] | None
) -> tuple[NDArray[Any], ...]:
    """The final book, ledger, order log, equity path, option marks and final state of the run."""
    market, first = prepared.market, prepared.first_book()
    bars = rows.author_bars(market.bars, len(market.roles))
    named = ((), ()) if isinstance(prepared, Portfolio) else (market.roles, prepared.options)
    book_class = rows.row_class(first.dtype, named[0], tuple(ORDER_API.values()), named[1])
    book = rows.from_values(book_class, first.tolist()[0], *named)
    entries, log, points, marks = (rows.GrowingRows(kind) for kind in (ENTRY, ORDER, POINT, MARK))
    seen = _portfolio(prepared, book) if isinstance(prepared, Portfolio) else _single(prepared, book, bars)
    rules, terms = rows.rows_of(prepared.rules)[0], rows.rows_of(prepared.terms)
    benchmark, option_inputs = prepared.benchmark.tolist(), rows.rows_of(prepared.option_inputs)
    decide = seen.decide if prices is None else prices.watching(seen.decide)
    watch(f"simulating {len(bars):,} bars", lambda: float(book.t) / len(bars))
    stretches = [(rules, 0, len(bars))]
    if opening is not None:
        stretches = [(rows.rows_of(opening)[0], 0, 1), (rules, 1, len(bars))]
    try:
        for laws, start, stop in stretches:
            loop.simulate(
                decide, seen.bars, bars, seen.features, seen.params, seen.state, seen.account, book, laws, terms,
                benchmark, option_inputs, entries, log, points, marks, start, stop,
            )  # fmt: skip
    except AUTHORS_ERRORS as error:
        failed = prepared.sleeves[book.deciding] if isinstance(prepared, Portfolio) else prepared
        raise explain_decision_error(error, failed.strategy.on_bar, str(market.sessions[book.t])) from error
    kept = np.array([seen.state_values()], prepared.state_dtype)[0]
    table = np.array([rows.to_values(book)], first.dtype)[0]
    tables = entries.table(book.entries), log.table(book.closed), points.table(len(market)), marks.table(book.marks)
    return table, *tables, kept


def _single(prepared: Prepared, book: Any, bars: list[Any]) -> Seen:
    params, state = (rows.rows_of(table)[0] for table in (prepared.params_row(), prepared.first_state()))
    return Seen(prepared.strategy.on_bar, bars, rows.rows_of(prepared.features), params, state, book)


def _portfolio(prepared: Portfolio, book: Any) -> Seen:
    """Each sleeve with rows of its own; one call of `decide` asks all of them, in their order."""
    sleeves, methods = prepared.sleeves, tuple(ORDER_API.values())
    on_bars = [sleeve.strategy.on_bar for sleeve in sleeves]

    def decide(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        for number, on_bar in enumerate(on_bars):
            orders.deciding = number
            on_bar(bar[number], f[number], p[number], s[number], account[number], account[number])
            if orders.error != RunCode.OK:
                return

    return Seen(
        decide,
        list(zip(*(rows.author_bars(one.market.bars, len(one.market.roles)) for one in sleeves), strict=True)),
        list(zip(*(rows.rows_of(one.features) for one in sleeves), strict=True)),
        tuple(rows.rows_of(one.params_row())[0] for one in sleeves),
        tuple(rows.rows_of(one.first_state())[0] for one in sleeves),
        tuple(rows.sleeve_row(book, part, len(sleeves), methods) for part in prepared.parts),
    )
