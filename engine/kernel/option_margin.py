# SPDX-License-Identifier: Apache-2.0
"""What option contracts require of the account, money >= 0 against equity; initial and maintenance are the same.

Source: FINRA rule 4210(f)(2), listed equity options. Its formulas hold the premium of a short option, because they
are measured against an equity that does not count options. Here equity does: a short option has lowered it by its
premium already, a long one has raised it by a value that lends nothing. The same inequality, premium on the other side.
"""

from engine.kernel.two_modes import two_modes
from engine.records import OPTION_SLOTS, Book, Contract

SHORT_PART = 0.20
"""Of the underlying, less what the option is out of the money by."""

SHORT_LEAST = 0.10
"""Of the underlying for a call, of the strike for a put: what a short option requires at least."""


@two_modes
def options_margin(book: Book, changed: int, more: float, first: int = 0, stop: int = OPTION_SLOTS) -> float:
    """Requirement of every contract: longs their full value, vertical spreads the most they can still lose.

    As if the slot `changed` held `more` contracts than it does; -1 changes none. first and stop: of these slots alone.
    """
    total = 0.0
    for slot in range(first, stop):
        contract = book.contract[slot]
        qty = carried(book, slot, changed, more)
        if qty == 0.0:
            continue
        other = spread_leg(book, slot, changed, more, first, stop)
        if other >= 0:
            if slot < other:
                total += spread_margin(contract, book.contract[other], qty * book.multiplier)
        elif qty > 0.0:
            total += qty * book.multiplier * contract.price
        else:
            total += naked_margin(contract, book.asset[contract.role].close, -qty * book.multiplier)
    return total


@two_modes
def carried(book: Book, slot: int, changed: int, more: float) -> float:
    """Contracts in a slot, as if `changed` held `more`."""
    return book.contract[slot].qty + more if slot == changed else book.contract[slot].qty


@two_modes
def spread_leg(book: Book, slot: int, changed: int, more: float, first: int, stop: int) -> int:
    """Slot that makes a vertical spread with `slot`, or -1: same underlying, right, expiry and size, other side.

    Looked for from `first` on and below `stop`.

    Where several could, the first long goes with the first short, the second with the second.
    """
    own = book.contract[slot]
    qty = carried(book, slot, changed, more)
    before = 0
    for other in range(first, slot):
        if carried(book, other, changed, more) == qty and same_kind(own, book.contract[other]):
            before += 1
    for other in range(first, stop):
        if carried(book, other, changed, more) == -qty and same_kind(own, book.contract[other]):
            if before == 0:
                return other
            before -= 1
    return -1


@two_modes
def same_kind(one: Contract, two: Contract) -> bool:
    """Whether two contracts differ in strike and size alone."""
    return one.right == two.right and one.expiry == two.expiry and one.role == two.role


@two_modes
def spread_margin(one: Contract, two: Contract, shares: float) -> float:
    """What a vertical spread of `shares` of one, signed, against two can still lose: its value less its worst one."""
    value = shares * (one.price - two.price)
    best = shares * one.right * (two.strike - one.strike)  # what it pays at expiry beyond both strikes
    return max(0.0, value - min(0.0, best))


@two_modes
def naked_margin(contract: Contract, spot: float, shares: float) -> float:
    """20 % of the underlying less what is out of the money, at least 10 %; the premium beside it is in equity."""
    out = max(0.0, contract.right * (contract.strike - spot))
    least = SHORT_LEAST * (spot if contract.right > 0 else contract.strike)
    return max(SHORT_PART * spot - out, least) * shares


@two_modes
def options_value(book: Book) -> float:
    """Market value of every contract, signed."""
    total = 0.0
    for slot in range(OPTION_SLOTS):
        total += book.contract[slot].value
    return total
