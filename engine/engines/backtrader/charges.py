# SPDX-License-Identifier: Apache-2.0
"""What the broker's dated terms make an execution cost, for a broker that asks execution by execution."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from engine.kernel import rows
from engine.kernel.costs import order_commission, order_fees, slippage_fraction, traded_before


class Charges:
    """Commission, fees and slippage under the terms in force; counts the shares of the month.

    An order pays for its total so far, less what its earlier part would cost on the day: minimum and maximum are an
    order's, not an execution's.
    """

    def __init__(self, terms: NDArray[Any], cost_inputs: NDArray[Any]) -> None:
        self._terms, self._inputs = rows.rows_of(terms), rows.RowsOnDemand(cost_inputs)
        self._now = self._inputs[0]
        self._row = 0
        self._month = -1
        self._month_shares = 0.0
        self._filled: dict[int, tuple[float, float]] = {}  # order -> shares, value
        self._order, self._lot = 0, 1.0
        self.commission = 0.0  # of the execution at hand
        self.fees = 0.0

    def adopt(self, session: int, t: int) -> None:
        """Bring the terms up to `session`, an exchange date in days; they never go back. t is the row of the bar."""
        self._now = self._inputs[t]
        while self._row + 1 < len(self._terms) and self._terms[self._row + 1].session <= session:
            self._row += 1
        month = self._terms[self._row].month
        if month != self._month:
            self._month, self._month_shares = month, 0.0

    def begin(self, order: int, role: int) -> None:
        """The next charges are for an execution of this order, of a role's shares."""
        self._order, self._lot, self.commission, self.fees = order, self._now.lot[role], 0.0, 0.0

    def charge(self, qty: float, price: float) -> float:
        """Money >= 0 that a part of an execution adds to its order's bill; qty is signed."""
        now = self._terms[self._row]
        shares, value = self._filled.get(self._order, (0.0, 0.0))
        lot = self._lot
        before = traded_before(self._month_shares, shares * lot)
        commission = -order_commission(now, before, shares * lot, value)
        fees = -order_fees(now, -commission, shares * lot, value, qty < 0.0)
        shares, value = shares + abs(qty), value + abs(qty) * price
        bill = order_commission(now, before, shares * lot, value)
        commission += bill
        fees += order_fees(now, bill, shares * lot, value, qty < 0.0)
        self._filled[self._order] = (shares, value)
        self._month_shares += abs(qty) * lot
        self.commission += commission
        self.fees += fees
        return float(commission + fees)

    def split(self, order: int, ratio: float) -> None:
        """An order has so far traded `ratio` shares for one: commissions by the share count the new ones."""
        if order in self._filled:
            shares, value = self._filled[order]
            self._filled[order] = (shares * ratio, value)

    def slippage(self, order: int, role: int, shares: float) -> float:
        """Fraction of the price, >= 0, that `shares` more of an order pay beyond their reference."""
        before = self._filled.get(order, (0.0, 0.0))[0]
        return slippage_fraction(self._terms[self._row], role, before, abs(shares), self._now.impact[role])
