# SPDX-License-Identifier: Apache-2.0
"""One prepared run through the compiled kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from engine.arrays import as_bytes
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.kernel.codes import RunCode
from engine.kernel.loop import ENDS_A_BAR, ENTRIES_A_ROLE, ENTRIES_AN_ORDER, Inputs
from engine.kernel.machine import programs
from engine.kernel.machine.decisions import Decision, UncompiledError
from engine.kernel.machine.layouts import Layout, SleeveLayout, checked, rows_as
from engine.kernel.machine.loader import Program
from engine.kernel.views import Part, account_view, listed_bar, listed_features, orders_view, part_view
from engine.progress import Watch
from engine.records import ENTRY, LISTED, MARK, ORDER, POINT, book_dtype
from engine.strategy.base import Strategy
from engine.strategy.border import decision_digest, pure_helpers
from engine.strategy.compile_errors import explain_numba_error

FIRST_ENTRIES, FIRST_ORDERS = 1 << 15, 1 << 13
"""Room of the ledger and the order log to begin with, at least twice what a bar may fill: half a table is a bar's.

What no row has filled is never read, so nothing is cleared.
"""


REMEMBERED = 64
"""Most strategies, with the rows that they see, whose programs are found at once: a notebook runs the same few."""


@dataclass(frozen=True)
class Programs:
    """Record types of a run, what the kernel calls at each close, and the kernel.

    decide  the on_bar of a lone strategy, or one function that asks every sleeve
    """

    made_of: Layout
    decide: Program

    @cached_property
    def kernel(self) -> Program:
        """It takes long to make: who asks for the decision alone does not wait for it."""
        return programs.kernel(self.made_of.whole)


class _Rows(NamedTuple):
    """What the record types of a run follow from, as `Layout` has it; the part of a lone strategy that has a list."""

    bars: np.dtype[Any]
    roles: tuple[str, ...]
    features: np.dtype[Any]
    params: np.dtype[Any]
    state: np.dtype[Any]
    options: tuple[str, ...]
    sleeves: int
    orders: int
    spans: bool
    listed: Part | None


def run_compiled(prepared: Prepared, watch: Watch) -> tuple[NDArray[Any], ...]:
    """The final book, ledger, order log, equity path, option marks and final state of the run."""
    market = prepared.market
    watch("compiling the strategy")
    own = programs_of(prepared)
    made_of, decide, kernel = own.made_of, own.decide, own.kernel
    books = prepared.first_book()
    states = prepared.first_state()
    places = books["order"].shape[1]
    a_bar = ENTRIES_AN_ORDER * places + ENTRIES_A_ROLE * len(market.roles)
    entries = np.empty(max(FIRST_ENTRIES, 2 * a_bar), ENTRY)
    log = np.empty(max(FIRST_ORDERS, 2 * ENDS_A_BAR * places), ORDER)
    marks = np.empty(FIRST_ORDERS if prepared.slots else 1, MARK)
    points = np.empty(len(market), POINT)
    read, row = read_by(prepared, prepared.features, made_of), 0
    watch(f"simulating {len(market):,} bars", lambda: float(books["t"][0]) / len(market))
    for stretch in prepared.stretches:
        asked = programs.seam(made_of.whole) if stretch.closes else decide
        params, state = checked(stretch.params, made_of.params), checked(states, made_of.state)
        while True:
            row = kernel(
                asked, *read, params, state, books, books, entries, log, points, marks, row, stretch.stop,
            )  # fmt: skip
            failed = int(books["error"][0]) != RunCode.OK
            if row >= stretch.stop or failed:
                break
            entries, log = _grown(entries, books["entries"][0]), _grown(log, books["closed"][0])
            marks = _grown(marks, books["marks"][0])
        if failed:
            break
        states = prepared.first_state() if stretch.closes else states
    book = books[0]
    return book, entries[: book["entries"]], log[: book["closed"]], points, marks[: book["marks"]], states[0]


def read_by(prepared: Prepared, features: NDArray[Any], made_of: Layout) -> Inputs:
    """What the kernel reads of a prepared run. Raises TypeError for features in other columns than the run's own.

    Bars and features are those that `layout_of` made the layout of: the kernel hands them on unread.
    """
    if features.dtype != prepared.features.dtype:
        raise TypeError(f"features {features.dtype.names}, where the run's are {prepared.features.dtype.names}")
    bars = prepared.market.bars
    told = (prepared.terms, prepared.benchmark, prepared.option_inputs, prepared.cost_inputs)
    return Inputs(bars, rows_as(bars, made_of.whole.bars), features, *told)


def programs_of(prepared: Prepared) -> Programs:
    """What runs it, from memory where the same strategy has run over rows of the same types.

    Raises StrategyError with the line where numba refuses an on_bar.
    """
    try:
        if prepared.lone:
            strategy = prepared.lone.strategy
            return _of_lone(cast("Any", strategy), strategy.on_bar, _rows_of(prepared))
        made_of = layout_of(prepared)
        sleeves = [_sleeve_layout(sleeve, len(prepared.sleeves), made_of) for sleeve in prepared.sleeves]
        decisions = [_decision(one.strategy, own) for one, own in zip(prepared.sleeves, sleeves, strict=True)]
        return Programs(made_of, programs.portfolio(tuple(decisions), made_of))
    except UncompiledError as error:
        raise explain_numba_error(cast("BaseException", error.__cause__), error.on_bar) from error.__cause__


def layout_of(prepared: Prepared) -> Layout:
    """The record types that the compiled kernel is made for."""
    return _layout(_rows_of(prepared))


@lru_cache(REMEMBERED)
def _of_lone(strategy: Any, on_bar: Any, rows: _Rows) -> Programs:  # noqa: ARG001  another on_bar is another strategy
    """The programs of a lone strategy."""
    made_of = _layout(rows)
    return Programs(made_of, programs.decision(_decision(strategy, made_of)))


def _rows_of(prepared: Prepared) -> _Rows:
    market, lone = prepared.market, prepared.lone
    return _Rows(
        market.bars.dtype,
        market.roles,
        prepared.features.dtype,
        *prepared.record_types,
        tuple(prepared.slots),
        len(prepared.sleeves),
        prepared.config.account.orders,
        bool(market.partial_roles),
        lone.part if lone and lone.part.listed else None,
    )


def _layout(rows: _Rows) -> Layout:
    bars, roles, features, params, state, options, sleeves, orders, spans, part = rows
    seen = None
    if part is not None:
        many = len(roles)
        bars, features = listed_bar(bars, many, len(part.plain)), listed_features(features, many)
        roles = tuple(f"{LISTED}_{number}" for number in range(many))  # of any symbols it is the same code
        seen = account_view(book_dtype(many, sleeves, orders, spans), part, 1)
    return Layout(bars, roles, features, params, state, options, sleeves, orders, spans, seen)


def _sleeve_layout(sleeve: PreparedSleeve, sleeves: int, made_of: Layout) -> SleeveLayout:
    """The record types that one sleeve's on_bar sees."""
    part = sleeve.part
    bars, features = sleeve.market.bars.dtype, part_view(made_of.features, part, sleeve.features.dtype)
    if part.listed:
        many = len(part.roles)
        bars, features = listed_bar(bars, many, len(part.plain)), listed_features(features, many)
    params, state = sleeve.record_types
    return SleeveLayout(
        bars,
        features,
        part_view(made_of.params, part, params),
        part_view(made_of.state, part, state),
        account_view(made_of.book, part, sleeves),
        orders_view(made_of.book, part, sleeves),
    )


def _decision(strategy: type[Strategy], made_of: Layout | SleeveLayout) -> Decision:
    return Decision(strategy.on_bar, made_of, *_decision_parts(cast("Any", strategy)))


@cache
def _decision_parts(strategy: Any) -> tuple[tuple[Callable[..., Any], ...], str]:
    """The author's helpers and the digest of the decision; reading sources once a process is enough."""
    return tuple(pure_helpers(strategy)), decision_digest(strategy)


def _grown(table: NDArray[Any], used: int) -> NDArray[Any]:
    """Twice the room when the table is more than half full; numpy grows it in place where it can."""
    if used * 2 < len(table):
        return table
    larger = np.empty(2 * len(table), table.dtype)
    as_bytes(larger)[:used] = as_bytes(table)[:used]
    return larger
