# SPDX-License-Identifier: Apache-2.0
"""Option orders in the book of working orders: kind OPTION, role the number of roles + slot, and a contract."""

import math

from engine.kernel.book import enter_order, option_role, refuse
from engine.kernel.codes import OrderKind, RunCode
from engine.kernel.steps import WHOLE_ANYWAY
from engine.kernel.two_modes import two_modes
from engine.records import Book, Contract, Order

LAST_DAY = 1e6
"""Sessions count from 1970-01-01: no calendar reaches this one."""


@two_modes
def whole_contracts(qty: float) -> float:
    """`qty` cut toward zero to whole contracts; NaN, inf and what has no fraction stay for `submit_option`."""
    return float(math.trunc(qty)) if math.fabs(qty) < WHOLE_ANYWAY else qty


@two_modes
def submit_option(book: Book, slot: int, qty: float, right: int, strike: float, expiry: float, reason: int) -> int:
    """Put an option order in the book; returns its id, or 0 when there is nothing to do or the run must stop."""
    if not is_contract(book, slot, right, strike, expiry):
        return 0
    if not math.isfinite(qty):
        return refuse(book, RunCode.BAD_NUMBER, -1, qty)
    role = option_role(book, slot)
    order_id = enter_order(book, role, OrderKind.OPTION, qty, math.nan, math.nan, math.nan, 0, reason)
    if order_id > 0:
        order = book.order[book.orders - 1]
        order.right = right
        order.strike = strike
        order.expiry = int(expiry)
    return order_id


@two_modes
def is_contract(book: Book, slot: int, right: int, strike: float, expiry: float) -> bool:
    """Whether slot and contract can exist; where they cannot, the run must stop."""
    if not is_slot(book, slot):
        refuse(book, RunCode.BAD_SLOT, -1, slot)
        return False
    if not (math.isfinite(strike) and math.isfinite(expiry)):
        refuse(book, RunCode.BAD_NUMBER, -1, strike)
        return False
    if strike <= 0.0 or (right != 1 and right != -1) or not 0.0 <= expiry < LAST_DAY:
        refuse(book, RunCode.BAD_CONTRACT, -1, strike)
        return False
    return True


@two_modes
def is_slot(book: Book, slot: int) -> bool:
    """Whether the strategy declares the slot."""
    return 0 <= slot < len(book.contract) and book.contract[slot].role >= 0


@two_modes
def close_contract(book: Book, slot: int, qty: float, reason: int) -> int:
    """An order for `qty` more of the contract in the slot, signed; 0 where the slot is empty."""
    contract = book.contract[slot]
    if contract.qty == 0.0:
        return 0
    return submit_option(book, slot, qty, contract.right, contract.strike, float(contract.expiry), reason)


@two_modes
def holds(contract: Contract, order: Order) -> bool:
    """Whether the slot is filled with the order's very contract."""
    return (
        contract.qty != 0.0
        and contract.strike == order.strike
        and contract.expiry == order.expiry
        and contract.right == order.right
    )


@two_modes
def reduces(book: Book, order: Order) -> bool:
    """Whether the order makes the position in its slot smaller."""
    contract = book.contract[order.role - len(book.asset)]
    return holds(contract, order) and contract.qty * order.qty < 0.0
