# SPDX-License-Identifier: Apache-2.0
"""Roles, choices and reasons of the spread trade."""

from enum import IntEnum

from engine.strategy import ReasonCode, ReasonKind

LARGE, SMALL = 0, 1


class Stage(IntEnum):
    """Of the unwind guard."""

    CALM = 0
    HALVED = 1


class Direction(IntEnum):
    LONG_LARGE_SHORT_SMALL = 1
    SHORT_LARGE_LONG_SMALL = -1


class Hedge(IntEnum):
    DOLLAR = 0
    BETA = 1
    VOLATILITY = 2


class Pyramid(IntEnum):
    NONE = 0
    FOLLOW = 1  # what it adds comes off as the ratio comes back
    RATCHET = 2  # what it has added stays until the exit


class Reason(ReasonCode):
    ENTER = 1, "the ratio trends and stands beyond its entry band", ReasonKind.ENTRY
    EXIT = 2, "the ratio came back inside its exit band", ReasonKind.EXIT
    REBALANCE = 3, "a leg drifted out of its rebalance band", ReasonKind.REBALANCE
    UNWIND_HALF = 4, "unwind guard: the spread fell by a shock, half of it is cut", ReasonKind.CUT
    UNWIND_FLAT = 5, "unwind guard: the shock went on, the rest is cut", ReasonKind.CUT
    RATIO_STOP = 6, "the ratio fell through its ATR stop", ReasonKind.STOP
    LEG_STOP = 7, "a leg's protective stop order", ReasonKind.STOP
    BROKEN_PAIR = 8, "one leg is gone, so the other is closed", ReasonKind.EXIT
    RESTORE = 9, "the shock has passed, the spread is taken back to full size", ReasonKind.REBALANCE
