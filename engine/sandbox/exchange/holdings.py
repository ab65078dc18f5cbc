# SPDX-License-Identifier: Apache-2.0
"""What a position cost and what its sales locked in, as the broker counts it: commissions are part of the price."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Holding:
    """One symbol of an account. quantity signed; average includes commission and fees; realized is that of the day."""

    quantity: float = 0.0
    average: float = 0.0
    realized: float = 0.0

    def trade(self, qty: float, now: float, price: float, cost: float) -> float | None:
        """Take in a fill of `qty` signed shares and what it cost; returns the profit locked in, None where it opened.

        now is the quantity after it, in whole steps as the book has it.
        A fill that turns the position round pays its costs by parts: those of the closing shares are realized.
        """
        held = self.quantity
        self.quantity = now
        if held * qty >= 0.0:
            self.average = (self.average * held + price * qty + cost) / self.quantity
            return None
        closed = min(abs(held), abs(qty))
        part = cost * closed / abs(qty)
        sign = 1.0 if held > 0.0 else -1.0
        profit = sign * closed * (price - self.average) - part
        self.realized += profit
        if abs(qty) > abs(held):
            self.average = price + (cost - part) / self.quantity
        elif self.quantity == 0.0:
            self.average = 0.0
        return profit

    def split(self, qty: float) -> None:
        """A split changed the quantity by `qty`: the same money stands for other shares."""
        now = self.quantity + qty
        self.average = self.average * self.quantity / now if now else 0.0
        self.quantity = now
