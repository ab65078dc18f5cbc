# SPDX-License-Identifier: Apache-2.0
"""Two strategies that do what they are told, for two sleeves of one account: the instruction's role says which.

Roles 0 and 1 are the first strategy's a and b, roles 2 and 3 the second's.
"""

from engine.strategy import Strategy
from tests.kernel.instructed import COLUMNS, Instructed, act

SECOND = 2
"""The first role of the second strategy."""


class First(Instructed):
    """Does what is said of roles 0 and 1."""

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        act_in(
            0, s, orders, bar.c0_verb, bar.c0_role, bar.c0_qty, bar.c0_first, bar.c0_second, bar.c0_reason,
            bar.c0_day, bar.c0_order, bar.c0_reduce, bar.c0_parent, bar.c0_sibling,
        )  # fmt: skip
        act_in(
            0, s, orders, bar.c1_verb, bar.c1_role, bar.c1_qty, bar.c1_first, bar.c1_second, bar.c1_reason,
            bar.c1_day, bar.c1_order, bar.c1_reduce, bar.c1_parent, bar.c1_sibling,
        )  # fmt: skip
        act_in(
            0, s, orders, bar.c2_verb, bar.c2_role, bar.c2_qty, bar.c2_first, bar.c2_second, bar.c2_reason,
            bar.c2_day, bar.c2_order, bar.c2_reduce, bar.c2_parent, bar.c2_sibling,
        )  # fmt: skip
        act_in(
            0, s, orders, bar.c3_verb, bar.c3_role, bar.c3_qty, bar.c3_first, bar.c3_second, bar.c3_reason,
            bar.c3_day, bar.c3_order, bar.c3_reduce, bar.c3_parent, bar.c3_sibling,
        )  # fmt: skip
        act_in(
            0, s, orders, bar.c4_verb, bar.c4_role, bar.c4_qty, bar.c4_first, bar.c4_second, bar.c4_reason,
            bar.c4_day, bar.c4_order, bar.c4_reduce, bar.c4_parent, bar.c4_sibling,
        )  # fmt: skip
        act_in(
            0, s, orders, bar.c5_verb, bar.c5_role, bar.c5_qty, bar.c5_first, bar.c5_second, bar.c5_reason,
            bar.c5_day, bar.c5_order, bar.c5_reduce, bar.c5_parent, bar.c5_sibling,
        )  # fmt: skip


class Second(Instructed):
    """Does what is said of roles 2 and 3, which are its a and b."""

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        act_in(
            SECOND, s, orders, bar.c0_verb, bar.c0_role, bar.c0_qty, bar.c0_first, bar.c0_second, bar.c0_reason,
            bar.c0_day, bar.c0_order, bar.c0_reduce, bar.c0_parent, bar.c0_sibling,
        )  # fmt: skip
        act_in(
            SECOND, s, orders, bar.c1_verb, bar.c1_role, bar.c1_qty, bar.c1_first, bar.c1_second, bar.c1_reason,
            bar.c1_day, bar.c1_order, bar.c1_reduce, bar.c1_parent, bar.c1_sibling,
        )  # fmt: skip
        act_in(
            SECOND, s, orders, bar.c2_verb, bar.c2_role, bar.c2_qty, bar.c2_first, bar.c2_second, bar.c2_reason,
            bar.c2_day, bar.c2_order, bar.c2_reduce, bar.c2_parent, bar.c2_sibling,
        )  # fmt: skip
        act_in(
            SECOND, s, orders, bar.c3_verb, bar.c3_role, bar.c3_qty, bar.c3_first, bar.c3_second, bar.c3_reason,
            bar.c3_day, bar.c3_order, bar.c3_reduce, bar.c3_parent, bar.c3_sibling,
        )  # fmt: skip
        act_in(
            SECOND, s, orders, bar.c4_verb, bar.c4_role, bar.c4_qty, bar.c4_first, bar.c4_second, bar.c4_reason,
            bar.c4_day, bar.c4_order, bar.c4_reduce, bar.c4_parent, bar.c4_sibling,
        )  # fmt: skip
        act_in(
            SECOND, s, orders, bar.c5_verb, bar.c5_role, bar.c5_qty, bar.c5_first, bar.c5_second, bar.c5_reason,
            bar.c5_day, bar.c5_order, bar.c5_reduce, bar.c5_parent, bar.c5_sibling,
        )  # fmt: skip


class Idle(Strategy):
    """Holds cash."""

    roles = ("a",)
    series = COLUMNS

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        return


def act_in(start, s, orders, verb, role, qty, first, second, reason, day, order, reduce, parent, sibling):
    """Carry out one instruction if its role is `start` or the one after."""
    if role >= start and role < start + 2:
        act(s, orders, verb, role - start, qty, first, second, reason, day, order, reduce, parent, sibling)
