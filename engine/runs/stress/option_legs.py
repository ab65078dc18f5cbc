# SPDX-License-Identifier: Apache-2.0
"""The option contracts of a run, as positions that can stand at any leverage, on any day and at any price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import mark_contracts
from engine.arrays import FloatArray
from engine.engines.exposure import role_closes
from engine.engines.run_record import RunRecord
from engine.kernel.contract_names import Contract

PRICE_TO_CENTS = 2
"""A strike that is moved with its underlying is rounded to cents."""


@dataclass(frozen=True)
class OptionLeg:
    """One option position of a book.

    slot       number of the option slot;  role: number of the underlying's role
    right      1 call, -1 put
    moneyness  strike / price of the underlying, at the close at which it was held
    days       calendar days from that close to the expiry, >= 1
    weight     signed contracts x multiplier x price of the underlying / gross of the book
    delta      of one option on one share, at that close
    """

    slot: int
    role: int
    right: int
    moneyness: float
    days: int
    weight: float
    delta: float

    def contracts(self, value: float, prices: FloatArray, multiplier: float) -> float:
        """Signed contracts, not rounded, of a book whose gross is worth `value` at these (N,) prices."""
        return float(self.weight * value / (prices[self.role] * multiplier))

    def strike(self, prices: FloatArray) -> float:
        """Dollars, as far from these (N,) prices as it was from those at which the leg was held; a cent at least."""
        return max(10.0**-PRICE_TO_CENTS, float(round(self.moneyness * prices[self.role], PRICE_TO_CENTS)))


@dataclass(frozen=True)
class HeldOptions:
    """What a run of T bars and N roles held in option slots at each close.

    gross      (T,) value of the shares that its contracts move like, each counted without its sign
    slot_role  number of the underlying's role by slot
    """

    result: RunRecord
    gross: FloatArray
    slot_role: tuple[int, ...]
    _quantities: FloatArray
    _contracts: dict[int, Contract]

    @classmethod
    def of(cls, result: RunRecord, positions: FloatArray) -> HeldOptions:
        """From (T, N + slots) positions, shares and contracts, as `engine.analytics.ledger_paths` folds them."""
        roles, marks = result.market.roles, result.marks
        slot_role = tuple(roles.index(role) for role in result.options.values())
        quantities = positions[marks["t"], len(roles) + marks["slot"]]
        underlying = np.array(slot_role, np.int64)[marks["slot"]]
        price = role_closes(result)[marks["t"], underlying]
        moves_like = np.abs(quantities * result.config.options.multiplier * marks["delta"] * price)
        gross = np.bincount(marks["t"], weights=moves_like, minlength=len(result.market))
        return cls(result, np.asarray(gross, np.float64), slot_role, quantities, mark_contracts(result))

    def legs(self, row: int, gross: float) -> tuple[OptionLeg, ...]:
        """The contracts held at the close of `row` in a book of this gross, money."""
        result, marks = self.result, self.result.marks
        session, closes = int(result.market.bars["session"][row]), role_closes(result)[row]
        found = []
        for at in self._at(row):
            contract, role = self._contracts[at], self.slot_role[int(marks["slot"][at])]
            notional = self._quantities[at] * result.config.options.multiplier * closes[role]
            found.append(
                OptionLeg(
                    slot=int(marks["slot"][at]),
                    role=role,
                    right=contract.right,
                    moneyness=float(contract.strike / closes[role]),
                    days=contract.expiry - session,
                    weight=float(notional / gross),
                    delta=float(marks["delta"][at]),
                )
            )
        return tuple(found)

    def _at(self, row: int) -> list[int]:
        places: NDArray[np.int64] = np.flatnonzero(self.result.marks["t"] == row)
        return [at for at in places.tolist() if self._quantities[at] != 0.0]
