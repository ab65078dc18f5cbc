# SPDX-License-Identifier: Apache-2.0
"""The ledger folded along time: who held what, and what each role's cash flows add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.exposure import held, role_closes
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.contract_names import Contract
from engine.kernel.flows import CHARGE_KINDS, DEPOSITS, FILL_KINDS, POSTED, PRICE, PROFIT, SLIPPAGE, TRADE_KINDS, Flow


def of_kind(ledger: NDArray[Any], *kinds: EntryKind) -> NDArray[np.bool_]:
    """Mask of the entries of these kinds, (L,) bool."""
    return np.isin(ledger["kind"], [int(kind) for kind in kinds])


def leg_closes(result: RunRecord) -> FloatArray:
    """Marks of one share or contract, (T, N).

    The unscaled close of each role; of an option slot the modelled price times the multiplier, 0 while it is empty.
    """
    bars, roles = result.market.bars, result.market.roles
    closes = np.zeros((len(bars), len(result.legs)))
    closes[:, : len(roles)] = role_closes(result)
    marks = result.marks
    closes[marks["t"], len(roles) + marks["slot"]] = marks["price"] * result.config.options.multiplier
    return closes


def unit_sizes(result: RunRecord, roles: NDArray[Any]) -> FloatArray:
    """Shares that one unit of each role's quantity stands for: 1, and of an option slot the multiplier."""
    options = roles >= len(result.market.roles)
    return np.where(options, float(result.config.options.multiplier), 1.0)


def by_row_and_role(ledger: NDArray[Any], weights: NDArray[Any], rows: int, roles: int) -> FloatArray:
    """Sum of `weights` by row and role, (T, N). Every entry needs a role; ValueError where one has none."""
    if np.any(ledger["role"] < 0):
        raise ValueError("the ledger holds an entry without a role where only a role's entries belong")
    cell = ledger["t"] * roles + ledger["role"]
    total = np.bincount(cell, weights=weights, minlength=rows * roles)
    return total.astype(np.float64).reshape(rows, roles)


def fill_commissions(ledger: NDArray[Any]) -> FloatArray:
    """Commissions and fees of each fill, >= 0: the charges that follow it under the same order.

    Raises ValueError for a charge that follows no fill of its order.
    """
    fills = of_kind(ledger, *FILL_KINDS)
    at = np.flatnonzero(fills)
    charges = np.flatnonzero(of_kind(ledger, *CHARGE_KINDS))
    owner = np.cumsum(fills)[charges] - 1
    if np.any(owner < 0) or np.any(ledger["order"][at[owner]] != ledger["order"][charges]):
        raise ValueError("the ledger holds a commission that follows no fill of its order")
    paid = np.bincount(owner, weights=ledger["amount"][charges], minlength=len(at))
    return np.asarray(0.0 - paid, np.float64)


@dataclass(frozen=True)
class LedgerPaths:
    """Cumulative paths from the first bar on; money, signed as cash: received is positive, paid is negative.

    N counts roles and option slots, as `RunRecord.legs` does.

    positions  (T, N) shares held at each close; contracts of an option slot
    flows      by name of each flow of PROFIT and of the deposits: (T, N) of a role's, else (T,)

    The roles' flows summed over roles + the others = equity. `price` is the gain of prices at reference prices,
    before slippage; slippage <= 0 is what fills lost against them.
    """

    positions: FloatArray
    flows: Mapping[str, FloatArray]

    def __getitem__(self, flow: str) -> FloatArray:
        """The path of one flow by name, (T, N) or (T,)."""
        return self.flows[flow]

    def total(self, *flows: Flow) -> FloatArray:
        """(T,) several flows of PROFIT added up, over all roles."""
        of_roles = [self.flows[flow.name] for flow in flows if flow.of_role]
        start = [np.asarray(reduce(add, of_roles).sum(axis=1), np.float64)] if of_roles else []
        return reduce(add, [*start, *(self.flows[flow.name] for flow in flows if not flow.of_role)])

    @property
    def role_pnl(self) -> FloatArray:
        """Cumulative net profit of each role, (T, N)."""
        return reduce(add, (self.flows[flow.name] for flow in PROFIT if flow.of_role))

    @property
    def unbound_pnl(self) -> FloatArray:
        """Cumulative profit that belongs to no role, (T,): the interest."""
        return self.total(*(flow for flow in PROFIT if not flow.of_role))

    @property
    def pnl(self) -> FloatArray:
        """Cumulative net profit of the account, (T,)."""
        return self.total(*PROFIT)

    @property
    def equity(self) -> FloatArray:
        """Equity at each close as the ledger alone gives it, (T,)."""
        return self.pnl + self.flows[DEPOSITS.name]


def fold(result: RunRecord) -> LedgerPaths:
    """Fold the ledger of `result` along its bars."""
    ledger, closes = result.ledger, leg_closes(result)
    rows, roles = closes.shape

    def per_role(weight: str, *kinds: EntryKind) -> FloatArray:
        part = ledger[of_kind(ledger, *kinds)]
        return np.cumsum(by_row_and_role(part, part[weight], rows, roles), axis=0)

    positions = np.column_stack([held(result, leg) for leg in range(roles)])
    slippage = per_role("slippage", *FILL_KINDS)
    flows = {PRICE.name: positions * closes + per_role("amount", *TRADE_KINDS) + slippage, SLIPPAGE.name: -slippage}
    for flow in (*POSTED, DEPOSITS):
        flows[flow.name] = per_role("amount", *flow.kinds) if flow.of_role else whole_path(ledger, flow, rows)
    return LedgerPaths(positions, flows)


def whole_path(ledger: NDArray[Any], flow: Flow, rows: int) -> FloatArray:
    """(T,) cumulative amounts of a flow, whichever role or sleeve its entries name."""
    part = ledger[of_kind(ledger, *flow.kinds)]
    return np.cumsum(np.bincount(part["t"], weights=part["amount"], minlength=rows))


def mark_contracts(result: RunRecord) -> dict[int, Contract]:
    """Contract by place in `RunRecord.marks`: the one of the slot's latest entry up to the mark's bar."""
    found: dict[int, Contract] = {}
    roles, marks = len(result.market.roles), result.marks
    places = np.array(sorted(result.entry_contracts), np.int64)
    slots, rows = result.ledger["role"][places] - roles, result.ledger["t"][places]
    for slot in range(len(result.options)):
        own = places[slots == slot]
        at = np.flatnonzero(marks["slot"] == slot)
        latest = np.searchsorted(rows[slots == slot], marks["t"][at], side="right") - 1
        found |= {
            mark: result.entry_contracts[int(own[place])] for mark, place in zip(at.tolist(), latest, strict=True)
        }
    return dict(sorted(found.items()))
