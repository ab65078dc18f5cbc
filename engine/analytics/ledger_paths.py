# SPDX-License-Identifier: Apache-2.0
"""The ledger folded along time: who held what, and what each role's cash flows add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.contract_names import Contract

FILL_KINDS = (EntryKind.FILL, EntryKind.LIQUIDATION, EntryKind.OPTION_FILL)
COMMISSION_KINDS = (EntryKind.COMMISSION, EntryKind.FEE)
SETTLED_KINDS = (EntryKind.SPLIT, EntryKind.OPTION_EXPIRY)
"""What changes a position without a fill."""

TRADE_KINDS = (*FILL_KINDS, *SETTLED_KINDS)


def of_kind(ledger: NDArray[Any], *kinds: EntryKind) -> NDArray[np.bool_]:
    """Mask of the entries of these kinds, (L,) bool."""
    return np.isin(ledger["kind"], [int(kind) for kind in kinds])


def role_closes(result: RunRecord) -> FloatArray:
    """Marks of the roles alone, (T, N): their unscaled closes."""
    bars = result.market.bars
    return np.column_stack([bars[role]["close"] for role in result.market.roles])


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
    charges = np.flatnonzero(of_kind(ledger, *COMMISSION_KINDS))
    owner = np.cumsum(fills)[charges] - 1
    if np.any(owner < 0) or np.any(ledger["order"][at[owner]] != ledger["order"][charges]):
        raise ValueError("the ledger holds a commission that follows no fill of its order")
    paid = np.bincount(owner, weights=ledger["amount"][charges], minlength=len(at))
    return np.asarray(0.0 - paid, np.float64)


@dataclass(frozen=True)
class LedgerPaths:
    """Cumulative paths from the first bar on; money, signed as cash: received is positive, paid is negative.

    N counts roles and option slots, as `RunRecord.legs` does.

    positions   (T, N) shares held at each close; contracts of an option slot
    price       (T, N) gain of prices at reference prices, before slippage
    slippage    (T, N) what fills lost against their reference price, <= 0
    commission  (T, N) commissions and fees, <= 0
    borrow      (T, N) fees for shares borrowed, <= 0
    dividends   (T, N) dividends received less those paid in lieu
    interest    (T,)   interest on cash; belongs to no role
    deposits    (T,)   money put in

    price + slippage + commission + borrow + dividends, summed over roles, + interest + deposits = equity.
    """

    positions: FloatArray
    price: FloatArray
    slippage: FloatArray
    commission: FloatArray
    borrow: FloatArray
    dividends: FloatArray
    interest: FloatArray
    deposits: FloatArray

    @property
    def role_pnl(self) -> FloatArray:
        """Cumulative net profit of each role, (T, N)."""
        total: FloatArray = self.price + self.slippage + self.commission + self.borrow + self.dividends
        return total

    @property
    def equity(self) -> FloatArray:
        """Equity at each close as the ledger alone gives it, (T,)."""
        return np.asarray(self.role_pnl.sum(axis=1) + self.interest + self.deposits, np.float64)


def fold(result: RunRecord) -> LedgerPaths:
    """Fold the ledger of `result` along its bars."""
    ledger, closes = result.ledger, leg_closes(result)
    rows, roles = closes.shape

    def per_role(weight: str, *kinds: EntryKind) -> FloatArray:
        part = ledger[of_kind(ledger, *kinds)]
        return np.cumsum(by_row_and_role(part, part[weight], rows, roles), axis=0)

    def whole(kind: EntryKind) -> FloatArray:
        part = ledger[of_kind(ledger, kind)]
        return np.cumsum(np.bincount(part["t"], weights=part["amount"], minlength=rows))

    positions = _snapped(per_role("qty", *TRADE_KINDS))
    slippage = per_role("slippage", *FILL_KINDS)
    traded = per_role("amount", *TRADE_KINDS)
    return LedgerPaths(
        positions=positions,
        price=positions * closes + traded + slippage,
        slippage=-slippage,
        commission=per_role("amount", *COMMISSION_KINDS),
        borrow=per_role("amount", EntryKind.BORROW),
        dividends=per_role("amount", EntryKind.DIVIDEND),
        interest=whole(EntryKind.INTEREST),
        deposits=whole(EntryKind.DEPOSIT),
    )


def _snapped(positions: FloatArray) -> FloatArray:
    """Positions without the dust that adding fractional shares leaves: below 1e-9 of the largest is flat."""
    largest = np.max(np.abs(positions), initial=0.0)
    positions[np.abs(positions) <= 1e-9 * largest] = 0.0
    return positions


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
