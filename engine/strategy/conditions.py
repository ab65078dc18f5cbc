# SPDX-License-Identifier: Apache-2.0
"""What would make a strategy act at a later close, as `Strategy.conditions` says it; no run reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """One price, ratio or value, and what the strategy does at a close beyond it.

    does   what it does, in the third person and with no full stop: "closes the spread"
    of     a role, two roles as "large/small" for the ratio of their closes, or words for anything else
    above  True: at a close above `at`; False: below
    at     where it acts, for roles on the scale of `market.<role>.close`; NaN, and 0 or less of a price, is none
    unit   of what is no price, such as "sigma"; for roles empty. "closes": a count that rises by one at each close,
           `of` is then said as the reason: "held for 5 bars"
    now    of what is no price its value at this close; for roles the engine takes the closes
    when   what else must hold or is taken as it stands, in words: "at today's average range"; empty: nothing
    """

    does: str
    of: str
    above: bool
    at: float
    unit: str = ""
    now: float = 0.0
    when: str = ""


CLOSES = "closes"
"""Unit of a count that rises by one at each close: what it waits for comes in so many closes."""


@dataclass(frozen=True, slots=True)
class ToldCondition:
    """The same in symbols and in prices as traded at the close.

    distance  from now to there: of a price as a fraction of it, else in the unit
    """

    does: str
    of: str
    above: bool
    at: float
    now: float
    unit: str
    distance: float
    when: str
