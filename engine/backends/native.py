# SPDX-License-Identifier: Apache-2.0
"""The native engine: builds the records, runs the loop interpreted or compiled, returns the same Result either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.config.model import RunConfig
from engine.errors import RunError, StrategyError
from engine.market.panel import FloatArray, Market
from engine.result import Result
from engine.sim import loop, rows
from engine.sim.codes import RunCode
from engine.sim.pad import PAD_METHODS
from engine.sim.rules import build_rules, fill_convention
from engine.sim.terms import benchmark_rates, build_terms
from engine.strategy.base import Strategy
from engine.strategy.border import check_features, check_on_bar, check_strategy, decision_digest, pure_helpers
from engine.strategy.compile_errors import explain_decision_error, explain_numba_error
from engine.strategy.params import declared_params, declared_state, record_dtype, resolve_params
from engine.strategy.reasons import reason_table
from engine.types import ENTRY, LIVE_ORDERS, ORDER, POINT, book_dtype

if TYPE_CHECKING:
    from engine.sim import compiled

INTERPRETED_BARS = 40_000
"""Longest run that `auto` interprets: about where loading numba costs more than it saves (benchmarks/process)."""


@dataclass(frozen=True)
class Prepared:
    """Everything one run needs, before the mode is chosen: (T,) bars with their features, parameters, rules, terms."""

    strategy: type[Strategy]
    config: RunConfig
    market: Market
    features: NDArray[Any]
    params: dict[str, int | float]
    rules: NDArray[Any]
    terms: NDArray[Any]
    benchmark: FloatArray

    @property
    def params_dtype(self) -> np.dtype[Any]:
        return record_dtype({name: spec.kind for name, spec in declared_params(self.strategy.Params).items()})

    @property
    def state_dtype(self) -> np.dtype[Any]:
        return record_dtype({name: kind for name, (kind, _) in declared_state(self.strategy.State).items()})

    def first_state(self, runs: int = 1) -> NDArray[Any]:
        """(runs,) state records as the strategy declares them."""
        state = np.zeros(runs, self.state_dtype)
        for name, (_, value) in declared_state(self.strategy.State).items():
            state[name] = value
        return state

    def first_book(self, runs: int = 1) -> NDArray[Any]:
        """(runs,) empty books."""
        book = np.zeros(runs, book_dtype(len(self.market.symbols)))
        book["whole_shares"] = self.config.fills.whole_shares
        book["month"] = -1
        return book

    def params_row(self) -> NDArray[Any]:
        """(1,) parameter record."""
        row = np.zeros(1, self.params_dtype)
        for name, value in self.params.items():
            row[name] = value
        return row


def prepare(
    config: RunConfig,
    strategy: type[Strategy],
    market: Market,
    start: int = 0,
    stop: int | None = None,
    *,
    recording: bool = True,
) -> Prepared:
    """Check the strategy, compute its features over the whole market, cut rows start..stop-1.

    Raises StrategyError for anything the compile border refuses, ConfigError and DataError for the cost tables.
    """
    check_strategy(strategy)
    params = resolve_params(strategy.Params, config.params)
    features = feature_table(strategy, market, params)
    check_on_bar(strategy, features.dtype.names or (), market.roles, (*market.series, *market.missing))
    stop = len(market) if stop is None else stop
    window = market.slice(start, stop)
    rules = build_rules(config, recording=recording)
    terms = build_terms(window, config.costs, config.account.margin)
    benchmark = benchmark_rates(window, config.costs)
    return Prepared(strategy, config, window, features[start:stop], params, rules, terms, benchmark)


def feature_table(strategy: type[Strategy], market: Market, params: dict[str, int | float]) -> NDArray[Any]:
    """(T,) records of the strategy's features. Raises StrategyError on a wrong shape or name."""
    return _feature_table(strategy, market, SimpleNamespace(**params))


def features_read(strategy: type[Strategy], market: Market, params: dict[str, int | float]) -> tuple[str, ...]:
    """Names of the parameters that features() looked at: sets that agree in these share their features."""
    watched = _WatchedParams(params)
    _feature_table(strategy, market, watched)
    return tuple(name for name in params if name in watched.read)


class _WatchedParams:
    """Parameters that remember which of them were read."""

    def __init__(self, params: dict[str, int | float]) -> None:
        self._params = params
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> int | float:
        if name not in self._params:
            raise AttributeError(name)
        self.read.add(name)
        return self._params[name]


def _feature_table(strategy: type[Strategy], market: Market, p: Any) -> NDArray[Any]:
    returned = strategy().features(market, p)
    arrays = check_features(strategy, returned, len(market))
    table = np.zeros(len(market), record_dtype(dict.fromkeys(arrays, float)))
    for name, values in arrays.items():
        table[name] = values
    return table


def run(prepared: Prepared, mode: str = "auto") -> Result:
    """Run it; `mode` is auto, interpreted or compiled. Raises RunError or StrategyError with the bar it happened on."""
    if mode == "auto":
        mode = "interpreted" if len(prepared.market) <= INTERPRETED_BARS else "compiled"
    runner: Callable[[Prepared], tuple[NDArray[Any], ...]] = _compiled if mode == "compiled" else _interpreted
    book, entries, log, points = runner(prepared)
    stopped = int(book["error"])
    if stopped != RunCode.OK:
        raise _stopped(prepared, stopped, int(book["t"]))
    live = book["order"][: int(book["orders"])]
    orders = np.concatenate([log, live])
    orders.sort(order="id")
    reasons = reason_table(prepared.strategy)
    return Result(
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
        notices=prepared.market.notices,
    )


def _interpreted(prepared: Prepared) -> tuple[NDArray[Any], ...]:
    market, roles = prepared.market, prepared.market.roles
    bars = rows.author_bars(market.bars, len(roles))
    book_class = rows.row_class(book_dtype(len(roles)), roles, tuple(PAD_METHODS.values()))
    book = rows.from_values(book_class, prepared.first_book().tolist()[0], roles)
    entries, log, points = rows.GrowingRows(ENTRY), rows.GrowingRows(ORDER), rows.GrowingRows(POINT)
    params, state, rules = (rows.rows_of(table)[0] for table in (prepared.params_row(), prepared.first_state(), prepared.rules))
    features, terms = rows.rows_of(prepared.features), rows.rows_of(prepared.terms)
    benchmark = prepared.benchmark.tolist()
    decide = prepared.strategy.on_bar
    try:
        loop.simulate(decide, bars, bars, features, params, state, book, book, rules, terms, benchmark, entries, log, points, 0, len(bars))
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise explain_decision_error(error, prepared.strategy.on_bar, str(market.sessions[book.t])) from error
    table = np.array([rows.to_values(book)], book_dtype(len(roles)))[0]
    return table, entries.table(book.entries), log.table(book.closed), points.table(len(market))


def _compiled(prepared: Prepared) -> tuple[NDArray[Any], ...]:
    from engine.sim import compiled

    market, made_of = prepared.market, layout_of(prepared)
    decide, kernel = compiled_decision(prepared, made_of), compiled.compile_kernel(made_of)
    books = prepared.first_book()
    accounts = books.view(made_of.account)
    params, states = prepared.params_row(), prepared.first_state()
    entries, log = np.zeros(4096, ENTRY), np.zeros(1024, ORDER)
    points = np.zeros(len(market), POINT)
    bars, row = market.bars, 0
    kernel_bars = bars.view(made_of.kernel_bars)
    while True:
        row = kernel(
            decide, bars, kernel_bars, prepared.features, params[0], states[0], accounts[0], books[0], prepared.rules[0],
            prepared.terms, prepared.benchmark, entries, log, points, row, len(market),
        )  # fmt: skip
        if row >= len(market) or books["error"][0] != RunCode.OK:
            break
        entries, log = _grown(entries, books["entries"][0]), _grown(log, books["closed"][0])
    return books[0], entries[: books["entries"][0]], log[: books["closed"][0]], points


def layout_of(prepared: Prepared) -> compiled.Layout:
    """The record types that the compiled kernel is made for."""
    from engine.sim import compiled

    market = prepared.market
    return compiled.Layout(
        market.bars.dtype, market.roles, prepared.features.dtype, prepared.params_dtype, prepared.state_dtype
    )


def compiled_decision(prepared: Prepared, made_of: compiled.Layout) -> Any:
    """The strategy's on_bar, compiled. Raises StrategyError with the line where numba refuses it."""
    from engine.sim import compiled

    strategy = prepared.strategy
    try:
        return compiled.compile_decision(strategy.on_bar, made_of, *_decision_parts(strategy))
    except compiled.NumbaError as error:
        raise explain_numba_error(error, strategy.on_bar) from error


@cache
def _decision_parts(strategy: type[Strategy]) -> tuple[tuple[Callable[..., Any], ...], str]:
    """The author's helpers and the digest of the decision; reading sources once a process is enough."""
    return tuple(pure_helpers(strategy)), decision_digest(strategy)


def _grown(table: NDArray[Any], used: int) -> NDArray[Any]:
    """Twice the room when the table is more than half full; numpy grows it in place where it can."""
    if used * 2 < len(table):
        return table
    larger = np.zeros(2 * len(table), table.dtype)
    larger[:used] = table[:used]
    return larger


def _stopped(prepared: Prepared, code: int, row: int) -> Exception:
    name = prepared.strategy.__name__
    when = prepared.market.sessions[row]
    if code == RunCode.BOOK_FULL:
        return RunError(f"{name} has more than {LIVE_ORDERS} orders working on {when}; cancel the old ones with orders.cancel")
    if code == RunCode.BAD_ROLE:
        return StrategyError(f"{name} sent an order on {when} for a role that does not exist; roles count from 0 to {len(prepared.market.symbols) - 1}")
    return StrategyError(
        f"{name} sent an order on {when} whose quantity or price is not a finite number; "
        "guard divisions and NaN features (`if f.x != f.x: return`), or run with --mode interpreted to stop at the line"
    )
