# SPDX-License-Identifier: Apache-2.0
"""Quantities in whole steps: those of a share, of a millionth of one, or of what the run says."""

import math

from engine.kernel.two_modes import two_modes
from engine.records import Book

WHOLE_ANYWAY = 2.0**49
"""Steps from which on a float's own rounding is no small part of one: there is nothing to cut."""

ROUNDING = 1e-12
"""How far a number of steps may be from a whole one by the rounding of sums and products alone, as a part of it ..."""

MOST_ROUNDING = 1e-3
"""... and in steps: a millionth of a millionth of two million shares is two steps of a millionth, and no rounding."""

FEW_ULPS = 2.0**-50
"""Four units in the last place of the number itself, which its product with the step may be off by."""


@two_modes
def whole(book: Book, qty: float) -> float:
    """`qty` cut toward zero to whole steps, those of a share where the run trades whole shares.

    What lacks no more than rounding to a step is that step: 0.3 - 0.1 buys 0.2. NaN and inf stay for `submit`.
    """
    steps = math.fabs(qty) * book.rules.a_share / book.rules.step
    if not steps < WHOLE_ANYWAY:
        return qty
    noise = max(min(ROUNDING * max(1.0, steps), MOST_ROUNDING), FEW_ULPS * steps)
    kept = float(math.floor(steps + noise)) * book.rules.step / book.rules.a_share
    return kept if qty >= 0.0 else -kept


@two_modes
def in_steps(book: Book, qty: float) -> float:
    """The multiple of the step that is nearest to `qty`, a sum of such multiples; 0 within half a step of it."""
    steps = math.fabs(qty) * book.rules.a_share / book.rules.step
    if not steps < WHOLE_ANYWAY:
        return qty
    kept = float(math.floor(steps + 0.5)) * book.rules.step / book.rules.a_share
    return kept if qty >= 0.0 else 0.0 - kept


@two_modes
def note_cut(book: Book, role: int, qty: float) -> None:
    """Remember what was asked for and is less than a step, so that the lack of an order can be told."""
    book.cut[role] = qty  # type: ignore[index]  # numbers can be set
    book.cut_at[role] = book.t  # type: ignore[index]
