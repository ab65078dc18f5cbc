# SPDX-License-Identifier: Apache-2.0
"""What the look-ahead test has found, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.strategy.lookahead.rounding import Rounded


@dataclass(frozen=True, slots=True)
class Leak:
    """A row whose feature changes once later bars are known.

    known is the value with bars 0..cut-1, revised the value with all of them; row < cut. `when` and `last` are the
    stamps of the row and of the last bar that was known. `also` are other features that change at the same cut.
    by_prices is False where other prices after the cut change nothing: then it is the number of bars that follow, or
    their dates.
    """

    feature: str
    row: int
    cut: int
    known: float
    revised: float
    when: str = ""
    last: str = ""
    also: tuple[str, ...] = ()
    by_prices: bool = True

    def __str__(self) -> str:
        known, revised = _unlike(self.known, self.revised)
        until = "known then" if self.row == self.cut - 1 else f"to {self.last}"
        said = f"feature {self.feature} looks ahead: on {self.when} it is {known} with the bars {until}, "
        said += f"{revised} with all"
        said += f"; so do {', '.join(self.also)}" if self.also else ""
        if not self.by_prices:
            said += "; it is how many bars follow, or their dates, that changes it, not their prices"
        return said


@dataclass(frozen=True, slots=True)
class Finding:
    """What shorter pasts showed: `cuts` of them were tried.

    unsteady  features that differ between two computations on the same bars, and cannot be judged
    failed    how features failed on a past too short for them, empty where they did not; there the bars that follow
              were replaced instead
    outside   files, connections and tables beside the market that features read, and that no past can judge
    remembered  features that are others where their file has been loaded anew: they answer out of earlier calls. None
                where no author's file can be loaded anew
    """

    leak: Leak | None
    cuts: int
    rounded: Rounded | None = None
    unsteady: tuple[str, ...] = ()
    failed: str = ""
    outside: tuple[str, ...] = ()
    remembered: tuple[str, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether no feature changed, and all could be judged."""
        return self.leak is None and not (self.unsteady or self.outside or self.remembered)

    @property
    def words(self) -> str:
        """In a sentence or two, without what was rounding or failed."""
        said = [str(self.leak)] if self.leak else []
        if self.unsteady:
            said.append(
                f"two computations on the same bars differ in {', '.join(self.unsteady)}: give what draws lots a seed"
            )
        if self.outside:
            said.append(
                f"features read {', '.join(self.outside)}, where the future may stand and no shorter past shows it: "
                "make it a series of the configuration, which is known from its date on"
            )
        if self.remembered:
            said.append(
                f"what an earlier call left behind changes {', '.join(self.remembered)}: on the same bars other values "
                "where the file has just been loaded; compute features from the market of the call alone"
            )
        return "; ".join(said) or f"no feature changes when later bars become known ({self.cuts} cuts)"

    def document(self) -> dict[str, Any]:
        """For JSON."""
        leak = self.leak
        found = {
            "feature": leak.feature,
            "row": leak.row,
            "bar": leak.when,
            "known": leak.known,
            "with_all_bars": leak.revised,
            "also": list(leak.also),
            "by_prices": leak.by_prices,
            "words": str(leak),
        } if leak else None  # fmt: skip
        rounded = self.rounded
        return {
            "passed": self.passed,
            "cuts": self.cuts,
            "first_leak": found,
            "rounding": rounded.document() if rounded else None,
            "unsteady": list(self.unsteady),
            "failed": self.failed,
            "outside": list(self.outside),
            "remembered": None if self.remembered is None else list(self.remembered),
        }


def _unlike(one: float, two: float) -> tuple[str, str]:
    """Two numbers as short as they can be told apart."""
    short = f"{one:.6g}", f"{two:.6g}"
    return short if short[0] != short[1] else (repr(one), repr(two))
