# SPDX-License-Identifier: Apache-2.0
"""Roles by number, for strategies that trade a list: `account.at(i)`.

A number that is no role stops the run after the decision, as an order for such a role does; until then it stands for
role 0, so that no other memory is read.
"""

from engine.kernel.book import refuse
from engine.kernel.codes import RunCode
from engine.kernel.two_modes import two_modes
from engine.records import Book, Holding


@two_modes
def known_role(book: Book, role: int) -> int:
    """`role` where the strategy has it; 0 where it does not, and the run stops."""
    if 0 <= role < len(book.asset):
        return role
    refuse(book, RunCode.NO_SUCH_ROLE, -1, role)
    return 0


@two_modes
def at(book: Book, role: int) -> Holding:
    """The holding of a role by its number."""
    return book.asset[known_role(book, role)]
