# SPDX-License-Identifier: Apache-2.0
"""Several strategies prepared as sleeves of one account: each by itself, then side by side in one kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import ConfigError, Problem
from engine.inputs.option_inputs import bar_minutes
from engine.inputs.prepared import Prepared, empty_books, prepare
from engine.inputs.rules import build_rules
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.views import Part, bar_view, joined, place_parts
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.model.sleeves import alone
from engine.records import OPTION_SLOTS, option_input_dtype
from engine.strategy.base import Strategy

MONTHS = {"never": 0, "monthly": 1, "quarterly": 3, "yearly": 12}
"""Months from one transfer of capital to the next."""


@dataclass(frozen=True)
class Portfolio:
    """Everything one run of several sleeves needs; the counterpart of `Prepared` for one strategy.

    market    the bars of all sleeves; role `hedge.small` is the sleeve hedge's small
    sleeves   each strategy prepared on a view of these bars, under its own names
    parts     where each stands in the kernel
    """

    config: RunConfig
    market: Market
    sleeves: tuple[Prepared, ...]
    parts: tuple[Part, ...]
    rules: NDArray[Any]
    terms: NDArray[Any]
    benchmark: FloatArray
    option_inputs: NDArray[Any]

    @property
    def options(self) -> tuple[str, ...]:
        """Option slots of all sleeves, `sleeve.slot`."""
        return tuple(f"{part.name}.{slot}" for part in self.parts for slot in part.options)

    @property
    def slots(self) -> dict[str, str]:
        """Option slot -> role of its underlying, both as `sleeve.name`."""
        return {
            f"{part.name}.{slot}": f"{part.name}.{role}"
            for part, sleeve in zip(self.parts, self.sleeves, strict=True)
            for slot, role in sleeve.strategy.options.items()
        }

    @property
    def params(self) -> dict[str, int | float]:
        """Parameters of all sleeves, `sleeve.name`."""
        return {f"{part.name}.{name}": value for part, sleeve in self._pairs for name, value in sleeve.params.items()}

    @property
    def params_dtype(self) -> np.dtype[Any]:
        return joined({part.name: sleeve.params_dtype for part, sleeve in self._pairs})

    @property
    def state_dtype(self) -> np.dtype[Any]:
        return joined({part.name: sleeve.state_dtype for part, sleeve in self._pairs})

    @property
    def state_names(self) -> tuple[str, ...]:
        """Fields of the state that the strategies declare, `sleeve.name`."""
        return tuple(f"{part.name}.{name}" for part, sleeve in self._pairs for name in sleeve.state_names)

    @cached_property
    def features(self) -> NDArray[Any]:
        """(T,) records of the features of all sleeves, `sleeve.name`."""
        table = np.zeros(len(self.market), joined({part.name: one.features.dtype for part, one in self._pairs}))
        for part, sleeve in self._pairs:
            for name in sleeve.features.dtype.names or ():
                table[f"{part.name}.{name}"] = sleeve.features[name]
        return table

    def first_state(self) -> NDArray[Any]:
        """(1,) joined state records as the strategies declare them."""
        return self._side_by_side(self.state_dtype, [sleeve.first_state() for sleeve in self.sleeves])

    def params_row(self) -> NDArray[Any]:
        """(1,) joined parameter record."""
        return self._side_by_side(self.params_dtype, [sleeve.params_row() for sleeve in self.sleeves])

    def first_book(self) -> NDArray[Any]:
        """(1,) an empty book with its sleeves."""
        book = empty_books(1, self.market, self.config, self.rules, self.slots, len(self.parts))
        symbols = list(self.market.symbols.values())
        book["twin"] = [symbols.index(symbol) for symbol in symbols]
        for part, own in zip(self.parts, book["sleeve"][0], strict=True):
            own["weight"] = self.config.sleeves[part.name].weight
            own["role_shift"], own["roles"] = part.first_role, len(part.roles)
            own["option_shift"] = part.option_shift(len(symbols))
            own["first_slot"], own["slots"] = part.first_slot, len(part.options)
            owner = book["owner"][0]
            owner[part.first_role : part.first_role + len(part.roles)] = part.number
            first = len(symbols) + part.first_slot
            owner[first : first + len(part.options)] = part.number
        return book

    @property
    def _pairs(self) -> list[tuple[Part, Prepared]]:
        return list(zip(self.parts, self.sleeves, strict=True))

    def _side_by_side(self, dtype: np.dtype[Any], rows: list[NDArray[Any]]) -> NDArray[Any]:
        row = np.zeros(1, dtype)
        for part, own in zip(self.parts, rows, strict=True):
            for name in own.dtype.names or ():
                row[f"{part.name}.{name}"] = own[name]
        return row


def prepare_portfolio(
    config: RunConfig,
    strategies: Mapping[str, type[Strategy]],
    market: Market,
    start: int = 0,
    stop: int | None = None,
) -> Portfolio:
    """Prepare every sleeve on its view of the market, whose roles are those of all sleeves, and the account's rules.

    strategies  sleeve -> its class, in the order of the configuration
    Raises what `prepare` raises, with the sleeve's path, and ConfigError for more option slots than an account has.
    """
    stop = len(market) if stop is None else stop
    parts = place_parts({name: (one.roles, tuple(one.options)) for name, one in strategies.items()})
    _check_slots(parts)
    sleeves = tuple(
        prepare(alone(config, part.name), strategies[part.name], sleeve_market(market, part), start, stop)
        for part in parts
    )
    window = market.slice(start, stop)
    rules = build_rules(
        config, recording=True, options=any(part.options for part in parts), bar_minutes=bar_minutes(market)
    )
    rules["rebalance"] = MONTHS[config.rebalance]
    terms = build_terms(window, config.costs, config.account.margin, monthly=config.rebalance != "never")
    benchmark = benchmark_rates(window, config.costs)
    return Portfolio(config, window, sleeves, parts, rules, terms, benchmark, _option_inputs(parts, sleeves, window))


def sleeve_market(market: Market, part: Part) -> Market:
    """The same bars with the sleeve's roles alone, under its own names; memory is shared."""
    symbols = list(market.symbols.values())[part.first_role :][: len(part.roles)]
    seen = market.bars.view(bar_view(market.bars.dtype, part, len(market.roles)))
    return replace(market, bars=seen, symbols=dict(zip(part.roles, symbols, strict=True)))


def _option_inputs(parts: tuple[Part, ...], sleeves: tuple[Prepared, ...], window: Market) -> NDArray[Any]:
    """(T,) option inputs of every role, each from its own sleeve's; one empty row where no sleeve has option slots."""
    priced = [(part, sleeve) for part, sleeve in zip(parts, sleeves, strict=True) if part.options]
    made = np.zeros(len(window) if priced else 1, option_input_dtype(len(window.roles)))
    if priced:
        made["volatility"] = np.nan
    for part, sleeve in priced:
        made["left"] = sleeve.option_inputs["left"]
        own = slice(part.first_role, part.first_role + len(part.roles))
        made["volatility"][:, own] = sleeve.option_inputs["volatility"]
    return made


def _check_slots(parts: tuple[Part, ...]) -> None:
    wanted = {part.name: len(part.options) for part in parts if part.options}
    if sum(wanted.values()) > OPTION_SLOTS:
        found = ", ".join(f"{name} {count}" for name, count in wanted.items())
        raise ConfigError(
            Problem(
                "too many option slots in one account", path="sleeves", found=found, allowed=f"{OPTION_SLOTS} in all"
            )
        )
