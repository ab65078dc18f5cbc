# SPDX-License-Identifier: Apache-2.0
"""What an option contract is called, and which contract each order and each ledger entry is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.codes import EntryKind, OrderKind
from engine.kernel.flows import TRADE_KINDS


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed option: `symbol` is the underlying's, right 1 call or -1 put, expiry days since 1970-01-01."""

    symbol: str
    right: int
    strike: float
    expiry: int

    def __str__(self) -> str:
        """`IWM 2020-03-20 P150`."""
        day = np.int64(self.expiry).astype("datetime64[D]")
        return f"{self.symbol} {day} {'C' if self.right > 0 else 'P'}{self.strike:g}"


def order_contracts(orders: NDArray[Any], symbols: Mapping[str, str], slots: Mapping[str, str]) -> dict[int, Contract]:
    """Contract by order id, of the option orders among records of ORDER.

    symbols  role -> symbol;  slots  option slot -> role of its underlying
    """
    underlying = [symbols[role] for role in slots.values()]
    return {
        number: Contract(underlying[role - len(symbols)], right, strike, expiry)
        for number, role, strike, expiry, right in orders[orders["kind"] == OrderKind.OPTION][
            ["id", "role", "strike", "expiry", "right"]
        ].tolist()
    }


def entry_contracts(
    ledger: NDArray[Any], contracts: Mapping[int, Contract], roles: int, slots: int
) -> dict[int, Contract]:
    """Contract by place in the ledger, of the entries about an option slot; splits change the strike from there on.

    contracts  by order id, as `order_contracts` gives them
    Raises ValueError for an entry whose order is not among them.
    """
    found: dict[int, Contract] = {}
    for role in range(roles, roles + slots):
        held, strike = 0.0, 0.0
        for at in np.flatnonzero(ledger["role"] == role).tolist():
            entry = ledger[at]
            contract = contracts.get(int(entry["order"]))
            if contract is None:
                raise ValueError(f"entry {at} of the ledger is about an option, and its order names no contract")
            kind, qty = EntryKind(int(entry["kind"])), float(entry["qty"])
            if kind == EntryKind.SPLIT:
                strike = strike * held / (held + qty)
            elif kind == EntryKind.OPTION_FILL and held == 0.0:
                strike = contract.strike
            if kind in TRADE_KINDS:
                held = held + qty
            found[at] = Contract(contract.symbol, contract.right, strike, contract.expiry)
    return found


def named(
    roles: NDArray[Any], symbols: Sequence[str], contracts: Mapping[int, Contract]
) -> tuple[list[str | None], NDArray[np.int64]]:
    """(vocabulary, place of each row's word in it): the role's symbol, the contract's name, None without a role.

    contracts  by row, of the rows about an option slot
    """
    names = sorted({str(contract) for contract in contracts.values()})
    place = {name: len(symbols) + 1 + number for number, name in enumerate(names)}
    places = np.where((roles < 0) | (roles >= len(symbols)), len(symbols), roles).astype(np.int64)
    for row, contract in contracts.items():
        places[row] = place[str(contract)]
    return [*symbols, None, *names], places
