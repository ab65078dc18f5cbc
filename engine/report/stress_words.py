# SPDX-License-Identifier: Apache-2.0
"""How a stress test words its findings: shocks, fates, leverages."""

from __future__ import annotations

import math

from engine.report.words import NOTHING, signed
from engine.research.stress.findings import Stress
from engine.research.stress.hold import Fate
from engine.research.stress.shocks import Shock
from engine.research.stress.spiral import Ending
from engine.research.stress.survival import MOST_LEVERAGE

CALL_MARK = "c"
"""Follows a loss that margin calls were part of."""

LEGEND = f"Per cent of equity lost; {CALL_MARK}: cut by margin calls; dead: equity gone."


def symbol_of(found: Stress, role: int) -> str:
    """The symbol of a role by its number."""
    return list(found.result.market.symbols.values())[role]


def pair_words(found: Stress) -> str:
    """The two symbols a shock moves, small first: IWM against SPY. One where the book has one role."""
    meets = found.exposure
    if meets is None:
        return ""
    small = symbol_of(found, meets.small)
    return small if meets.large == meets.small else f"{small} against {symbol_of(found, meets.large)}"


def shock_words(found: Stress, shock: Shock) -> str:
    """`IWM +15 % in 5 days, SPY flat`, with the signs that hurt this book; empty where there is none."""
    meets = found.exposure
    if meets is None:
        return ""
    large, small = meets.pair(shock)
    days = "1 day" if shock.sessions == 1 else f"{shock.sessions} days"
    words = f"{symbol_of(found, meets.small)} {plus(small)} in {days}"
    if meets.large == meets.small:
        return words
    return f"{words}, {symbol_of(found, meets.large)} {'flat' if large == 0 else plus(large)}"


def plus(fraction: float, digits: int = 0) -> str:
    """A move with its sign: +15 %, −5 %."""
    text = signed(100 * fraction, digits)
    return f"{'+' if fraction > 0 else ''}{text} %"


def held_words(loss: float, fate: Fate) -> str:
    """A cell of a ladder: `12.9`, `19.3 c`, `dead`."""
    if fate == "dead":
        return "dead"
    return f"{signed(100 * loss, 1)} {CALL_MARK}" if fate == "called" else signed(100 * loss, 1)


def fate_of(ending: Ending) -> Fate:
    """The ending of a spiral as the fate of its book."""
    return {"not called": "alive", "settled": "called", "wiped out": "dead"}[ending]  # type: ignore[return-value]


def times(leverage: float | None) -> str:
    """`3.02x`; `>100x` where nothing happened up to there."""
    if leverage is None:
        return f">{MOST_LEVERAGE:g}x"
    return f"{leverage:.2f}x" if leverage < 9.995 else f"{leverage:.1f}x"


def rung(leverage: float) -> str:
    """A step of the ladder: 3x, 1.6x."""
    return f"{leverage:g}x"


def crowd_words(found: Stress) -> str:
    """How large book and crowd are together."""
    days = f"{found.crowd_days:.3g} {'day' if round(found.crowd_days, 6) == 1 else 'days'}"
    crowd = f"a crowd {found.crowd:,.0f} times its size" if found.crowd else "no crowd"
    return f"The book with {crowd} has {days} of volume in its largest leg at 1x."


def per_cent(fraction: float, digits: int = 1) -> str:
    """A fraction as per cent without the sign, for columns that say so; a dash where it is undefined."""
    return NOTHING if math.isnan(fraction) else signed(100 * fraction, digits)
