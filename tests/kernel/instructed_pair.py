# SPDX-License-Identifier: Apache-2.0
"""Two strategies that do what they are told, for two sleeves of one account: the instruction's role says which.

Roles 0 and 1 are the first strategy's a and b, roles 2 and 3 the second's.
"""

from engine.strategy import Strategy
from tests.kernel.instructed import COLUMNS, Instructed, carry_out

SECOND = 2
"""The first role of the second strategy."""


class First(Instructed):
    """Does what is said of roles 0 and 1."""

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        carry_out(bar, s, orders, 0, False)


class Second(Instructed):
    """Does what is said of roles 2 and 3, which are its a and b."""

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        carry_out(bar, s, orders, SECOND, False)


class Idle(Strategy):
    """Holds cash."""

    roles = ("a",)
    series = COLUMNS

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        return
