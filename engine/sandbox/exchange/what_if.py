# SPDX-License-Identifier: Apache-2.0
"""What an order would do to its account, were it to fill at the marks."""

from __future__ import annotations

import numpy as np

from engine.kernel import rows
from engine.kernel.codes import Cause
from engine.kernel.fill import fill_costs
from engine.kernel.margin import add_shares, maintenance, refusal
from engine.kernel.steps import whole
from engine.records import ORDER
from engine.sandbox.exchange.account import Account, Order
from engine.sandbox.exchange.orders import refusal_text
from engine.sandbox.tickets import Margins


def margins(account: Account, order: Order) -> Margins:
    """Requirements and equity before and after it, and its commission with fees."""
    book, terms, role = account.book, account.terms, order.role
    price = book.asset[role].close
    qty = whole(book, order.qty)
    _, before, after = add_shares(book, terms, role, book.asset[role].qty + qty, price, book.cash, 0.0, 0.0)
    kept = book.maintenance - maintenance(terms, role, book.asset[role].qty, price)
    blank = rows.rows_of(np.zeros(1, ORDER))[0]
    blank.role = role
    commission, fees = fill_costs(book, terms, blank, qty, price)
    cause = refusal(book, terms, role, qty, price)
    return Margins(
        initial_before=before,
        initial_after=after,
        maintenance_before=book.maintenance,
        maintenance_after=kept + maintenance(terms, role, book.asset[role].qty + qty, price),
        equity_before=book.equity,
        equity_after=book.equity - commission - fees,
        commission=commission + fees,
        warning="" if cause == Cause.NONE else refusal_text(cause, book.equity, after),
    )
