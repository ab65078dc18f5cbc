# SPDX-License-Identifier: Apache-2.0
"""What a night does to cash, for a broker that knows trades alone: borrow fees, interest, dividends and their tax.

All of it is worked out here, from the cash and the positions that backtrader holds and the tables of rates. Nothing is
taken from the native ledger: two engines that agree on these have come to them by two ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from engine.inputs.prepared import Prepared
from engine.kernel.codes import EntryKind
from engine.kernel.overnight import COLLATERAL, DAY_COUNT

Posted = Callable[[int, EntryKind, int, float, float], None]
"""(row, kind, role, price, amount) of a flow of cash; role is -1 where it concerns none."""


class Nights:
    """The nights of a run; `posted` hears of each flow.

    Quantities are signed shares by role, money is signed as cash.
    """

    def __init__(self, prepared: Prepared, posted: Posted) -> None:
        bars = prepared.market.bars
        self._posted = posted
        self._days = bars["days"].tolist()
        self._terms, self._lots = prepared.terms, prepared.cost_inputs["lot"]
        self._in_force = np.searchsorted(prepared.terms["session"], bars["session"], side="right") - 1
        self._benchmark = np.broadcast_to(prepared.benchmark, len(bars))
        paid = np.column_stack([bars[role]["dividend"] for role in prepared.market.roles])
        self._withheld = prepared.config.costs.withholding
        self._dividends = paid if prepared.config.costs.dividends else np.zeros_like(paid)

    def carry(self, row: int, cash: float, held: Sequence[float], closes: Sequence[float]) -> float:
        """Borrow fees for the calendar days before `row`, on what was held at the closes before; then interest.

        The terms and the benchmark rate are those of the session that ended.
        """
        years = self._days[row] / DAY_COUNT
        if row == 0 or years == 0.0:
            return 0.0
        terms = self._terms[self._in_force[row - 1]]
        change = shorts = 0.0
        for role, (shares, close) in enumerate(zip(held, closes, strict=True)):
            if shares < 0.0:
                shorts += -shares * close
                lot = float(self._lots[row - 1, role])  # the dollar is that of the day's price, for the day's shares
                secured = float(math.ceil(COLLATERAL * (close / lot)))
                fee = secured * (shares * lot) * _fee(terms, role) * years
                change += self._post(row, EntryKind.BORROW, role, secured, fee)
        earned = interest(terms, cash + change, shorts, float(self._benchmark[row - 1])) * years
        return change + self._post(row, EntryKind.INTEREST, -1, math.nan, earned)

    def dividends(self, row: int, held: Sequence[float]) -> float:
        """Dividends of `row`, on the shares after its splits: longs receive them less the tax, shorts pay in lieu."""
        if row == 0 or self._days[row] == 0:
            return 0.0
        change = 0.0
        for role, (paid, shares) in enumerate(zip(self._dividends[row].tolist(), held, strict=True)):
            tax = self._withheld * max(0.0, paid * shares)
            change += self._post(row, EntryKind.DIVIDEND, role, paid, paid * shares)
            change += self._post(row, EntryKind.WITHHOLDING, role, paid, -tax)
        return change

    def _post(self, row: int, kind: EntryKind, role: int, price: float, amount: float) -> float:
        if amount != 0.0:
            self._posted(row, kind, role, price, amount)
        return amount


def interest(terms: Any, cash: float, shorts: float, benchmark: float) -> float:
    """Money that an account earns in a year, below 0 where it pays; `terms` is a record of `terms_dtype`.

    shorts  market value of what is short, >= 0: its proceeds lie in `cash` as collateral, and earn the rebate alone
    Source: the tables of configs/costs, as docs/costs_and_margin.md has them.
    """
    base = benchmark * float(terms["over_benchmark"])
    earned = _by_steps(
        shorts, terms["rebate_upto"], (max(0.0, base - spread) for spread in terms["rebate_spread"].tolist())
    )
    free = cash - shorts
    if free < 0.0:
        return earned - max(0.0, _by_steps(-free, terms["debit_upto"], (base + terms["debit_spread"]).tolist()))
    return earned + max(0.0, free - float(terms["credit_exempt"])) * max(0.0, base - float(terms["credit_spread"]))


def _fee(terms: Any, role: int) -> float:
    return float(terms["asset"]["borrow"][role])


def _by_steps(amount: float, upto: Any, rates: Iterable[float]) -> float:
    """`amount` cut at the ends of the steps, each part at its step's rate."""
    total = low = 0.0
    for high, rate in zip(upto.tolist(), rates, strict=True):
        if amount > low:
            total += (min(amount, high) - low) * rate
        low = high
    return total
