# SPDX-License-Identifier: Apache-2.0
"""What option contracts require of the account, money >= 0 against equity; initial and maintenance are the same.

Source: FINRA rule 4210(f)(2), listed equity options. Its formulas hold the premium of a short option, because they
are measured against an equity that does not count options. Here equity does: a short option has lowered it by its
premium already, a long one has raised it by a value that lends nothing. The same inequality, premium on the other side.
"""

from typing import Any

from engine.sim.dual import dual
from engine.types import OPTION_SLOTS

SHORT_PART = 0.20
"""Of the underlying, less what the option is out of the money by."""

SHORT_LEAST = 0.10
"""Of the underlying for a call, of the strike for a put: what a short option requires at least."""


@dual
def options_margin(book: Any, rules: Any) -> float:
    """Requirement of every contract held: longs their full value, vertical spreads the most they can still lose."""
    total = 0.0
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty == 0.0:
            continue
        other = spread_leg(book, slot)
        if other >= 0:
            if slot < other:
                total += spread_margin(rules, contract, book.contract[other])
        elif contract.qty > 0.0:
            total += contract.value
        else:
            total += naked_margin(rules, contract, book.asset[contract.role].close)
    return total


@dual
def spread_leg(book: Any, slot: int) -> int:
    """Slot that makes a vertical spread with `slot`, or -1: same underlying, right, expiry and size, other side.

    Where several could, the first long goes with the first short, the second with the second.
    """
    own = book.contract[slot]
    before = 0
    for other in range(slot):
        if same_kind(own, book.contract[other]) and book.contract[other].qty == own.qty:
            before += 1
    for other in range(OPTION_SLOTS):
        if same_kind(own, book.contract[other]) and book.contract[other].qty == -own.qty:
            if before == 0:
                return other
            before -= 1
    return -1


@dual
def same_kind(one: Any, two: Any) -> bool:
    """Whether two contracts differ in strike and size alone."""
    return one.right == two.right and one.expiry == two.expiry and one.role == two.role


@dual
def spread_margin(rules: Any, one: Any, two: Any) -> float:
    """What a vertical spread can still lose: its value now less its worst value at expiry."""
    width = one.right * (two.strike - one.strike)  # of a spread long one and short two: what it pays at its best
    if one.qty < 0.0:
        width = -width
    worst = min(0.0, width) * rules.multiplier * abs(one.qty)
    return max(0.0, one.value + two.value - worst)


@dual
def naked_margin(rules: Any, contract: Any, spot: float) -> float:
    """20 % of the underlying less what is out of the money, at least 10 %; the premium beside it is in equity."""
    out = max(0.0, contract.right * (contract.strike - spot))
    least = SHORT_LEAST * (spot if contract.right > 0 else contract.strike)
    return max(SHORT_PART * spot - out, least) * rules.multiplier * abs(contract.qty)


@dual
def options_value(book: Any) -> float:
    """Market value of every contract, signed."""
    total = 0.0
    for slot in range(OPTION_SLOTS):
        total += book.contract[slot].value
    return total
