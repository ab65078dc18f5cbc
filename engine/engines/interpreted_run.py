# SPDX-License-Identifier: Apache-2.0
"""One prepared run on plain Python objects: no compiler, breakpoints work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.order_prices import OrderPrices
from engine.engines.state_path import StatePath
from engine.errors import Problem, StrategyError
from engine.inputs.prepared import Prepared, PreparedSleeve, Stretch
from engine.kernel import loop, rows
from engine.kernel.codes import RunCode
from engine.kernel.listed_rows import BOOK_METHODS, bars_for, features_for
from engine.kernel.seam import close_book
from engine.progress import Watch
from engine.records import ENTRY, MARK, ORDER, POINT
from engine.strategy.compile_errors import explain_decision_error

AUTHORS_ERRORS = (ArithmeticError, ValueError, TypeError, AttributeError, LookupError)
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
    prepared: Prepared,
    watch: Watch,
    prices: OrderPrices | None,
    opening: NDArray[Any] | None,
    path: StatePath | None = None,
) -> tuple[NDArray[Any], ...]:
    """The final book, ledger, order log, equity path, option marks and final state of the run."""
    with _uncollected():
        return _run(prepared, watch, prices, opening, path)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nobody looks for cycles: a bar is some objects without any, and all that the process has is looked through too.

    Of a first run over 6,300 bars that was a quarter.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _run(
    prepared: Prepared,
    watch: Watch,
    prices: OrderPrices | None,
    opening: NDArray[Any] | None,
    path: StatePath | None,
) -> tuple[NDArray[Any], ...]:
    market, first = prepared.market, prepared.first_book()
    lone = prepared.lone
    named = (lone.part.plain, lone.part.options) if lone else ((), ())
    book_class = rows.row_class(first.dtype, named[0], BOOK_METHODS, named[1])
    book = rows.from_values(book_class, first.tolist()[0], *named)
    bars = bars_for(lone.part, market.bars, book) if lone else rows.author_bars(market.bars, len(market.roles))
    seen = _of_one(lone, bars, book) if lone else _of_all(prepared.sleeves, book)
    tables = (rows.rows_of(prepared.terms), prepared.benchmark.tolist(), rows.rows_of(prepared.option_inputs))
    read = loop.Inputs(seen.bars, bars, seen.features, *tables, rows.RowsOnDemand(prepared.cost_inputs))
    written = [rows.GrowingRows(kind) for kind in (ENTRY, ORDER, POINT, MARK)]
    write = loop.Outputs(*written)
    decide = seen.decide if prices is None else prices.watching(seen.decide)
    decide = decide if path is None else path.watching(decide)
    watch(f"simulating {len(bars):,} bars", lambda: float(book.t) / len(bars))
    try:
        for laws, stretch in _course(prepared, book.rules, opening):
            book.rules = laws
            asked = close_book if stretch.closes else decide
            if prepared.changes:
                seen = replace(seen, params=rows.rows_of(stretch.params)[0])
            loop.simulate(
                asked, *read, seen.params, seen.state, seen.account, book, *write, stretch.start, stretch.stop
            )  # fmt: skip
            if stretch.closes:
                seen = replace(seen, state=rows.rows_of(prepared.first_state())[0])
    except AUTHORS_ERRORS as error:
        failed = prepared.sleeves[book.deciding]
        raise explain_decision_error(error, failed.strategy.on_bar, str(market.sessions[book.t])) from error
    kept = _kept(seen.state_values(), prepared.first_state().dtype)
    last = np.array([rows.to_values(book)], first.dtype)[0]
    lengths = (book.entries, book.closed, len(market), book.marks)
    return last, *(table.table(length) for table, length in zip(written, lengths, strict=True)), kept


def _course(prepared: Prepared, laws: Any, opening: NDArray[Any] | None) -> list[tuple[Any, Stretch]]:
    """The stretches of the run, each with its rules; `opening` are those of the first bar alone."""
    first, *later = prepared.stretches
    begun = [(laws, first)]
    if opening is not None:
        begun = [(rows.rows_of(opening)[0], replace(first, stop=1)), (laws, replace(first, start=1))]
    return [*begun, *((laws, one) for one in later)]


def _kept(values: tuple[Any, ...], state: np.dtype[Any]) -> Any:
    """The final state as a record. Raises StrategyError for a whole number that 64 bits do not hold."""
    try:
        return np.array([values], state)[0]
    except OverflowError:
        names = state.names or ()
        single = [
            (name, one)
            for name, of in zip(names, values, strict=True)
            for one in (of if isinstance(of, tuple) else (of,))
        ]
        for name, value in single:
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise StrategyError(
                    Problem(
                        "a whole number of State has grown beyond 64 bits, which compiled code would have cut",
                        path=f"s.{name}",
                        found=f"about 2^{value.bit_length()} after the last bar",
                        allowed=f"`{name}: float`, or a bound such as `min(s.{name}, 1000000)`",
                    )
                ) from None
        raise


def _of_one(sleeve: PreparedSleeve, bars: list[Any], account: Any) -> Seen:
    params, state = (rows.rows_of(table)[0] for table in (sleeve.params_row(), sleeve.first_state()))
    features = features_for(sleeve.part, sleeve.features, account)
    return Seen(sleeve.strategy.on_bar, bars, features, params, state, account)


def _of_all(sleeves: tuple[PreparedSleeve, ...], book: Any) -> Seen:
    """Each sleeve with rows of its own; one call of `decide` asks all of them, in their order."""
    each = []
    for sleeve in sleeves:
        own = rows.sleeve_row(book, sleeve.part, len(sleeves), BOOK_METHODS)
        each.append(_of_one(sleeve, bars_for(sleeve.part, sleeve.market.bars, own), own))
    on_bars = [one.decide for one in each]

    def decide(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        for number, on_bar in enumerate(on_bars):
            orders.deciding = number
            on_bar(bar[number], f[number], p[number], s[number], account[number], account[number])
            if orders.error != RunCode.OK:
                return

    return Seen(
        decide,
        list(zip(*(one.bars for one in each), strict=True)),
        list(zip(*(one.features for one in each), strict=True)),
        tuple(one.params for one in each),
        tuple(one.state for one in each),
        tuple(one.account for one in each),
    )
