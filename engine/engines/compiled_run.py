# SPDX-License-Identifier: Apache-2.0
"""One prepared run through the compiled kernel. Only this module and the sweep import what imports numba."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.inputs.portfolio import Portfolio
from engine.inputs.prepared import Prepared
from engine.kernel import compiled
from engine.kernel.codes import RunCode
from engine.kernel.views import Part, account_view, joined_view, orders_view
from engine.progress import Watch
from engine.records import ENTRY, MARK, ORDER, POINT
from engine.strategy.border import decision_digest, pure_helpers
from engine.strategy.compile_errors import explain_numba_error

FIRST_ENTRIES, FIRST_ORDERS = 1 << 15, 1 << 13
"""Room of the ledger and the order log to begin with. What no row has filled is never read, so nothing is cleared."""


def run_compiled(prepared: Prepared | Portfolio, watch: Watch) -> tuple[NDArray[Any], ...]:
    """The final book, ledger, order log, equity path, option marks and final state of the run."""
    market, made_of = prepared.market, layout_of(prepared)
    watch("compiling the strategy")
    if isinstance(prepared, Portfolio):
        decide = portfolio_decision(prepared, made_of)
    else:
        decide = compiled_decision(prepared, made_of)
    kernel = compiled.compile_kernel(made_of)
    books = prepared.first_book()
    accounts = books.view(made_of.account)
    params, states = prepared.params_row(), prepared.first_state()
    entries, log = np.empty(FIRST_ENTRIES, ENTRY), np.empty(FIRST_ORDERS, ORDER)
    marks = np.empty(FIRST_ORDERS if prepared.options else 1, MARK)
    points = np.empty(len(market), POINT)
    bars, row = market.bars, 0
    kernel_bars = bars.view(made_of.kernel_bars)
    rules = prepared.rules[0]
    watch(f"simulating {len(market):,} bars", lambda: float(books["t"][0]) / len(market))
    while True:
        row = kernel(
            decide, bars, kernel_bars, prepared.features, params[0], states[0], accounts[0], books[0], rules,
            prepared.terms, prepared.benchmark, prepared.option_inputs, entries, log, points, marks, row, len(market),
        )  # fmt: skip
        if row >= len(market) or books["error"][0] != RunCode.OK:
            break
        entries, log = _grown(entries, books["entries"][0]), _grown(log, books["closed"][0])
        marks = _grown(marks, books["marks"][0])
    book = books[0]
    return book, entries[: book["entries"]], log[: book["closed"]], points, marks[: book["marks"]], states[0]


def layout_of(prepared: Prepared | Portfolio) -> compiled.Layout:
    """The record types that the compiled kernel is made for."""
    market = prepared.market
    return compiled.Layout(
        market.bars.dtype,
        market.roles,
        prepared.features.dtype,
        prepared.params_dtype,
        prepared.state_dtype,
        prepared.options,
        len(prepared.parts) if isinstance(prepared, Portfolio) else 1,
    )


def portfolio_decision(prepared: Portfolio, made_of: compiled.Layout) -> Any:
    """The on_bars of all sleeves, compiled for what each sees and put into one decision."""
    layouts = tuple(sleeve_layout(prepared, part, made_of) for part in prepared.parts)
    decisions = tuple(map(compiled_decision, prepared.sleeves, layouts))
    digests = "".join(_decision_parts(cast("Any", sleeve.strategy))[1] for sleeve in prepared.sleeves)
    return compiled.compile_portfolio(decisions, layouts, made_of, sha256(digests.encode()).hexdigest()[:16])


def sleeve_layout(prepared: Portfolio, part: Part, made_of: compiled.Layout) -> compiled.SleeveLayout:
    """The record types that one sleeve's on_bar sees."""
    sleeve, count = prepared.sleeves[part.number], len(prepared.parts)
    return compiled.SleeveLayout(
        sleeve.market.bars.dtype,
        joined_view(made_of.features, part.name, sleeve.features.dtype),
        joined_view(made_of.params, part.name, sleeve.params_dtype),
        joined_view(made_of.state, part.name, sleeve.state_dtype),
        account_view(made_of.book, part, count),
        orders_view(made_of.book, part, count),
    )


def compiled_decision(prepared: Prepared, made_of: compiled.Layout | compiled.SleeveLayout) -> Any:
    """The strategy's on_bar, compiled. Raises StrategyError with the line where numba refuses it."""
    strategy = prepared.strategy
    try:
        return compiled.compile_decision(strategy.on_bar, made_of, *_decision_parts(cast("Any", strategy)))
    except compiled.NumbaError as error:
        raise explain_numba_error(error, strategy.on_bar) from error


@cache
def _decision_parts(strategy: Any) -> tuple[tuple[Callable[..., Any], ...], str]:
    """The author's helpers and the digest of the decision; reading sources once a process is enough."""
    return tuple(pure_helpers(strategy)), decision_digest(strategy)


def _grown(table: NDArray[Any], used: int) -> NDArray[Any]:
    """Twice the room when the table is more than half full; numpy grows it in place where it can."""
    if used * 2 < len(table):
        return table
    larger = np.empty(2 * len(table), table.dtype)
    larger[:used] = table[:used]
    return larger
