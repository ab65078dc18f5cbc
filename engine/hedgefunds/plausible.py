# SPDX-License-Identifier: Apache-2.0
"""What funds, market and bill say of each other: units and months that cannot be the same, funds that are none.

Each column may be sound by itself; beside the others it shows a market in fractions under funds in per cent, a rate a
year for a month's return, months dated by the one after, a fund given twice, a mean of all, a fund padded with zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.panel import Months, month_words
from engine.hedgefunds.units import LARGE, TINY, liveliness
from engine.notice import Notice, loud

RICHEST = 0.015
"""A month's return of bills, fraction, above which it is a year's: 1.35 % at most since 1926 (Fama and French)."""
LINKED, MORE, ENOUGH = 0.5, 0.25, 36
"""Correlation a month apart, by how much it must be above that of the month itself, and months it needs.

Of 12 indexes of hedge funds in 22 years it is 0.38 at most with the market and 0.42 with the others, and of six of
them 0.5 and more in the month itself.
"""
PART = 0.25
"""Part of the funds that must be a month off the market, and none of them with it."""
LATE, EARLY, SAME = "late", "early", "same"
YEAR = 12
ROUNDED = 1e-4
"""How far a mean of the others may be off for its rounding, fraction: a hundredth of a per cent."""
ZEROS = 6
"""Months of exactly nothing in a row, of a fund that moves otherwise."""


def beside_each_other(
    returns: FloatArray, months: Months, names: Sequence[str], market: tuple[str, FloatArray],
    bill: tuple[str, FloatArray],
) -> list[Notice]:  # fmt: skip
    """What is loud of (T, N) returns beside the market's and the bill's, (T,) each with its name; NaN where none."""
    moving = [at for at in range(len(names)) if np.nanmax(np.abs(returns[:, at]), initial=0.0) > 0.0]
    return [
        *_market(*market),
        *_bill(*bill),
        *_apart(returns, names, *market),
        *_twins(returns, names, moving),
        *_mean_of_all(returns, names),
        *_padded(returns, months, names, moving),
    ]


def _market(name: str, values: FloatArray) -> list[Notice]:
    typical = float(liveliness(values[:, None])[0])
    if not typical < TINY and not typical > LARGE:
        return []
    words = "very little" if typical < TINY else "a lot"
    return [loud(
        f"{name} moves {100 * typical:.2g} % in a typical month: that is {words} for a market. Where it is in another "
        "unit than the funds, bring it in theirs; --benchmark-unit says that of a file of its own."
    )]  # fmt: skip


def _bill(name: str, values: FloatArray) -> list[Notice]:
    most = float(np.nanmax(values, initial=-np.inf))
    if not most > RICHEST:
        return []
    return [loud(
        f"{name} earns up to {100 * most:.2g} % in a month, and bills never earned more than 1.35 %: that looks like a "
        "rate a year, where the return of each month is asked for. Divide it by 12."
    )]  # fmt: skip


def _apart(returns: FloatArray, names: Sequence[str], market: str, benchmark: FloatArray) -> list[Notice]:
    """The funds a month off their market, or one of them a month off the others."""
    links = [_link(returns[:, at], benchmark) for at in range(len(names))]
    for when in (LATE, EARLY):
        told = [size for size in links if size.when == when]
        if len(told) >= max(1.0, PART * len(names)) and not any(size.when == SAME for size in links):
            strongest = max(told, key=lambda size: abs(size.apart))
            count = f"{len(told)} of {len(names)} funds move" if len(names) > 1 else f"{names[0]} moves"
            return [loud(f"{count} with {market} {strongest.words}. {_REMEDY}")]
    return _strays(returns, names)


def _strays(returns: FloatArray, names: Sequence[str]) -> list[Notice]:
    """Funds a month off the mean of the others: the one most off first, and then the rest without it."""
    said, left = [], list(range(len(names)))
    while len(left) >= 3:
        links = {at: _link(returns[:, at], _mean(returns[:, [one for one in left if one != at]])) for at in left}
        off = {at: link for at, link in links.items() if link.when in (LATE, EARLY)}
        if not off:
            break
        at = max(off, key=lambda one: abs(off[one].apart))
        said.append(loud(f"{names[at]} moves with the other funds {off[at].words}. {_REMEDY}"))
        left.remove(at)
    return said


_REMEDY = (
    "A return belongs to the month in which it was earned; dated by the first day of the next month it counts in that "
    "one: correct the months of one of the two."
)


@dataclass(frozen=True)
class _Link:
    """When one series moves as another does: SAME month, LATE or EARLY by one, "" where it is not told."""

    when: str
    apart: float
    same: float

    @property
    def words(self) -> str:
        return f"a month {self.when} (correlation {self.apart:.2f}, {self.same:.2f} in the same month)"


def _link(own: FloatArray, other: FloatArray) -> _Link:
    same = _correlation(own, other)
    late, early = _correlation(own[1:], other[:-1]), _correlation(own[:-1], other[1:])
    apart, when = (late, LATE) if abs(late) >= abs(early) else (early, EARLY)
    if max(abs(apart), abs(same)) <= LINKED or abs(abs(apart) - abs(same)) <= MORE:
        return _Link("", apart, same)
    return _Link(when if abs(apart) > abs(same) else SAME, apart, same)


def _correlation(one: FloatArray, other: FloatArray) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < ENOUGH or np.ptp(one[both]) == 0.0 or np.ptp(other[both]) == 0.0:
        return 0.0
    return float(np.corrcoef(one[both], other[both])[0, 1])


def _mean(returns: FloatArray) -> FloatArray:
    """(T,) mean of what is known of each month, NaN where nothing is."""
    known = np.isfinite(returns)
    count = known.sum(axis=1)
    total = np.where(known, returns, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _twins(returns: FloatArray, names: Sequence[str], moving: Sequence[int]) -> list[Notice]:
    pairs = [(one, other) for place, one in enumerate(moving) for other in moving[place + 1 :]]
    same = []
    for one, other in pairs:
        both = np.isfinite(returns[:, one]) & np.isfinite(returns[:, other])
        if both.sum() >= YEAR and (returns[both, one] == returns[both, other]).all():
            same.append(f"{names[one]} and {names[other]}, {both.sum()} months")
    return _listed(same, lambda listed: f"The same returns under two names count twice: {listed}. --without NAME.")


def _mean_of_all(returns: FloatArray, names: Sequence[str]) -> list[Notice]:
    if len(names) < 3:
        return []
    found = []
    for at, name in enumerate(names):
        others = np.delete(returns, at, axis=1)
        whole = np.isfinite(returns).all(axis=1)
        if whole.sum() >= YEAR and (np.abs(returns[whole, at] - others[whole].mean(axis=1)) < ROUNDED).all():
            found.append(name)
    return _listed(found, lambda listed: f"The mean of the other funds in every month, and no fund: {listed}. "
                   "--without NAME leaves it out.")  # fmt: skip


def _padded(returns: FloatArray, months: Months, names: Sequence[str], moving: Sequence[int]) -> list[Notice]:
    """Months of nothing: of all funds at once, and of one for long."""
    every = months[(returns[:, moving] == 0.0).all(axis=1)] if len(moving) > 1 else months[:0]
    said = [loud(f"Every fund returned exactly 0 in {month_words(every)}: leave cells empty of what is not reported.")
            ] if len(every) else []  # fmt: skip
    found = []
    for at in moving:
        edges = np.flatnonzero(np.diff((returns[:, at] == 0.0).astype(np.int8), prepend=0, append=0))
        found += [
            f"{names[at]} {months[first]} to {months[end - 1]}"
            for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
            if end - first >= ZEROS
        ]
    return said + _listed(found, lambda listed: f"Exactly 0 month after month, as where a fund that is gone is filled "
                          f"up: {listed}. It counts as a return of 0; an empty cell is none.")  # fmt: skip


def _listed(found: Sequence[str], words: Callable[[str], str], most: int = 6) -> list[Notice]:
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return [loud(words("; ".join(found[:most]) + more))] if found else []
