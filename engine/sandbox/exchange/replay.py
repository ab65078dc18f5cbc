# SPDX-License-Identifier: Apache-2.0
"""The market that the sandbox replays: the bars of a configuration, one role a symbol, and the broker's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, copies_of
from engine.config.loader import LoadedConfig
from engine.errors import ConfigError, Problem
from engine.inputs.first_book import empty_book
from engine.inputs.liquidity import build_cost_inputs
from engine.inputs.rules import build_rules
from engine.inputs.spans import refuse_spans
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.views import Part
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import bar_dtype, option_input_dtype
from engine.runs.backtest import load_bars, placed

ORDERS = 512
"""Orders that may work in one account at a time, where its configuration asks for no more."""


@dataclass(frozen=True)
class Replay:
    """T bars to replay, what the kernel reads beside them, and the book of an account before the first of them.

    market  all bars that the source has up to the last one replayed; its roles are the symbols
    first   the row of `market` that is replayed first: what lies before it is history from the start
    """

    config: RunConfig
    market: Market
    first: int
    terms: NDArray[Any]
    benchmark: FloatArray
    option_inputs: NDArray[Any]
    cost_inputs: NDArray[Any]
    book: NDArray[Any]

    def __len__(self) -> int:
        return len(self.market) - self.first

    @property
    def window(self) -> Market:
        """The bars to replay."""
        return self.market.slice(self.first, len(self.market))

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded, in the order of the book's roles."""
        return tuple(self.market.symbols.values())


def replay_of(ready: LoadedConfig) -> Replay:
    """What a configuration replays: the bars of its period, held to its costs, margin and fills.

    Raises InputError as a backtest does, and for `fills.at: this_close`, which no client can trade.
    """
    with placed(ready):
        if ready.config.fills.at == "this_close":
            raise ConfigError(
                Problem(
                    "no order that is sent after a close can fill at it: the sandbox cannot replay this",
                    path="fills.at", found="this_close", allowed="next_open or next_close",
                )
            )  # fmt: skip
        market, start, stop = load_bars(ready)
        return from_market(ready.config, market, start, stop)


def from_market(config: RunConfig, market: Market, start: int, stop: int) -> Replay:
    """The same from bars at hand: rows start..stop-1 are replayed."""
    refuse_spans(config, "the broker sandbox")
    known = by_symbol(market.head(stop))
    window = known.slice(start, stop)
    rules = build_rules(config, recording=True)
    return Replay(
        config=config,
        market=known,
        first=start,
        terms=build_terms(window, config.costs, config.account.margin),
        benchmark=benchmark_rates(window, config.costs),
        option_inputs=np.zeros(1, option_input_dtype(len(known.roles))),
        cost_inputs=build_cost_inputs(known, config)[start:],
        book=_first_book(rules, tuple(known.symbols.values()), config.account.orders),
    )


def by_symbol(market: Market) -> Market:
    """The same bars with one role a symbol, named `.SYMBOL`: no series is called so."""
    first: dict[str, str] = {}
    for role, symbol in market.symbols.items():
        first.setdefault(symbol, role)
    names = market.bars.dtype.names or ()
    series = names[4 + len(market.symbols) :]
    bars = np.zeros(len(market), bar_dtype(tuple(f".{symbol}" for symbol in first), series))
    for name in (*names[:4], *series):
        bars[name] = market.bars[name]
    for symbol, role in first.items():
        bars[f".{symbol}"] = market.bars[role]
    return replace(market, bars=bars, symbols={f".{symbol}": symbol for symbol in first})


def _first_book(rules: NDArray[Any], symbols: tuple[str, ...], orders: int) -> NDArray[Any]:
    """(1,) book of an account of one strategy, which is what a client is to the broker."""
    client = Part(0, "", symbols, 0, (), 0)
    book = copies_of(empty_book(symbols, (client,), max(orders, ORDERS)))
    book["rules"] = rules
    book["sleeve"]["weight"] = 1.0
    return book
