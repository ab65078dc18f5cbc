# SPDX-License-Identifier: Apache-2.0
"""RunRecord: what one run leaves in memory, before anything is written or drawn; every number comes from the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.exposure import exposures
from engine.kernel.codes import Moment
from engine.kernel.contract_names import Contract, entry_contracts, named, order_contracts
from engine.market.opens import opens
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.notice import Notice
from engine.records import MARK
from engine.strategy.interpretation import Interpretation
from engine.strategy.reasons import ReasonWords


@dataclass(frozen=True)
class RunRecord:
    """One finished run of T bars.

    ledger    records of `engine.records.ENTRY`, in the order they were posted
    points    (T,) records of `engine.records.POINT`: the account at each close; `gross` and `net` are what it holds
    orders    records of `engine.records.ORDER`, by id; status says how each ended
    features  (T,) records, one f8 a feature
    params    the parameters as on_bar saw them
    reasons   code -> name, words and kind; negative codes are the engine's own (margin call, expiry ...)
    notices   what a reader must see: margin calls, refused orders, what the run did without
    options   option slot -> role of its underlying; in ledger and orders, slot i is role `number of roles + i`
    marks     records of `engine.records.MARK`: the modelled price of each open option at each close
    state     what the strategy remembered after the last bar: a number a field, of one of `slots` a list
    states    (T,) records of the same after each close, where `keep_state` asks for it
    interpretation  what the strategy declares of its result, worked out: agents, regimes, levels

    Of sleeves roles, features, params, options, reasons and state are named `sleeve.name`.
    """

    config: RunConfig
    market: Market
    ledger: NDArray[Any] = field(repr=False)
    points: NDArray[Any] = field(repr=False)
    orders: NDArray[Any] = field(repr=False)
    features: NDArray[Any] = field(repr=False)
    params: dict[str, int | float]
    reasons: dict[int, ReasonWords]
    engine: str
    mode: str
    fill_convention: str
    notices: tuple[Notice, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    marks: NDArray[Any] = field(default_factory=lambda: np.zeros(0, MARK), repr=False)
    state: dict[str, Any] = field(default_factory=dict)
    interpretation: Interpretation = field(default_factory=Interpretation)
    states: NDArray[Any] | None = field(default=None, repr=False)

    @property
    def gross(self) -> FloatArray:
        """(T,) money at each close, >= 0: see `engine.engines.exposure`."""
        return self._exposures[0]

    @property
    def net(self) -> FloatArray:
        """(T,) money at each close, signed: see `engine.engines.exposure`."""
        return self._exposures[1]

    @cached_property
    def _exposures(self) -> tuple[FloatArray, FloatArray]:
        return exposures(self)

    @property
    def legs(self) -> tuple[str, ...]:
        """Roles, then option slots: what `role` counts in ledger and orders."""
        return (*self.market.roles, *self.options)

    @property
    def sleeves(self) -> tuple[str, ...]:
        """Names of the sleeves, in the order of the configuration; none where one strategy ran."""
        return tuple(self.config.sleeves)

    def sleeve_numbers(self, roles: NDArray[Any]) -> NDArray[np.int64]:
        """Sleeve of each entry by its role, which is -1 - sleeve where it concerns none; 0 where one strategy ran."""
        names = list(self.sleeves)
        owner = np.array([names.index(leg.partition(".")[0]) if names else 0 for leg in self.legs], np.int64)
        return np.where(roles < 0, -1 - roles, owner[np.maximum(roles, 0)])

    @cached_property
    def contracts(self) -> dict[int, Contract]:
        """Contract by id of the option orders."""
        return order_contracts(self.orders, self.market.symbols, self.options)

    @cached_property
    def entry_contracts(self) -> dict[int, Contract]:
        """Contract by place in the ledger, of the entries about an option slot."""
        return entry_contracts(self.ledger, self.contracts, len(self.market.roles), len(self.options))

    @property
    def ledger_symbols(self) -> tuple[list[str | None], NDArray[np.int64]]:
        """(vocabulary, place of each entry's symbol in it); options by the contract's name."""
        return named(self.ledger["role"], list(self.market.symbols.values()), self.entry_contracts)

    def times(self, rows: NDArray[Any], moments: NDArray[Any] | int) -> NDArray[np.int64]:
        """Time in ns UTC of what happened in these bars at these moments, each a Moment.

        At the open and in the night before it is the bar's open, else its close: of what happened within a bar no more
        is known than that it was over by then.
        """
        ends = np.asarray(self.market.bars["ts"][rows], np.int64)
        at_open = np.isin(moments, (Moment.OPEN, Moment.NIGHT))
        return np.where(at_open, opens(self.market)[rows], ends) if np.any(at_open) else ends

    def symbol(self, role: int, order: int) -> str:
        """The symbol of a role, or the contract of an option order by its id."""
        symbols = list(self.market.symbols.values())
        return symbols[role] if role < len(symbols) else str(self.contracts[order])

    def symbols_of(self, roles: NDArray[Any], orders: NDArray[Any]) -> tuple[list[str | None], NDArray[np.int64]]:
        """The same for rows that have a role and the id of an order: options by the contract of that order."""
        about = np.flatnonzero(roles >= len(self.market.roles)).tolist()
        contracts = {row: self.contracts[int(orders[row])] for row in about}
        return named(roles, list(self.market.symbols.values()), contracts)
