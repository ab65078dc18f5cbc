# SPDX-License-Identifier: Apache-2.0
"""What the broker sees of an account whose sleeves hold the same symbol: their sum.

Two roles of one symbol are twins. A role stands for its symbol when it is the first of its twins. An account of one
strategy has no twins: every role stands for itself, and compiled code keeps nothing of these tests.
"""

from engine.kernel.steps import in_steps
from engine.kernel.two_modes import every_bar
from engine.records import Book


@every_bar
def stands(book: Book, role: int) -> bool:
    """Whether the role stands for its symbol."""
    return len(book.sleeve) == 1 or book.twin[role] == role


@every_bar
def are_twins(book: Book, one: int, two: int) -> bool:
    """Whether two roles are the same symbol; a role is its own twin."""
    return one == two if len(book.sleeve) == 1 else book.twin[one] == book.twin[two]


@every_bar
def net_quantity(book: Book, role: int) -> float:
    """Signed shares of the role's symbol in the account."""
    if len(book.sleeve) == 1:
        return book.asset[role].qty
    total = 0.0
    for other in range(len(book.asset)):
        if book.twin[other] == book.twin[role]:
            total += book.asset[other].qty
    return in_steps(book, total)


@every_bar
def same_side(book: Book, role: int, net: float) -> float:
    """Shares, >= 0, of the symbol in the sleeves that hold it on the side of `net`."""
    total = 0.0
    for other in range(len(book.asset)):
        if are_twins(book, other, role) and book.asset[other].qty * net > 0.0:
            total += abs(book.asset[other].qty)
    return total


@every_bar
def filled_shares(book: Book, role: int) -> float:
    """Shares of the symbol traded in this bar, unsigned, by all sleeves."""
    if len(book.sleeve) == 1:
        return book.asset[role].filled
    total = 0.0
    for other in range(len(book.asset)):
        if book.twin[other] == book.twin[role]:
            total += book.asset[other].filled
    return total
