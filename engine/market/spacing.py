# SPDX-License-Identifier: Apache-2.0
"""How far apart a panel's sessions are: what makes a year of them, and whether anything a year can be said at all.

Returns a year come from time, in sessions of the exchange whether they have a bar or not; risk a year comes from the
bars' own spacing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SESSIONS_A_YEAR = 252
"""Sessions of the exchange that make a year."""

SHORTEST_YEAR = 250
"""Those of a calendar year with the most holidays on weekdays: such a one is a year, and nothing of it is stretched."""

EVEN = 0.9
"""Share of the steps that must be of the usual length; the others are holes, or holidays."""

KINDS = (
    ("daily", 1.0, 1.0, 252.0),
    ("weekly", 3.0, 6.0, 52.0),
    ("monthly", 15.0, 27.0, 12.0),
    ("quarterly", 55.0, 72.0, 4.0),
)
"""Name, shortest and longest step in sessions, and bars a year."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """What a panel's sessions are apart.

    name      "daily", "weekly", "monthly", "quarterly", or how many sessions a usual step has
    per_year  sessions with a bar in a year; NaN where the steps differ, and `uneven` says how
    mean      the same on average, whatever the steps
    years     time from the first to the last session, both inclusive
    """

    name: str
    per_year: float
    mean: float
    years: float
    uneven: str = ""


def spacing(sessions: NDArray[np.integer], absent: NDArray[np.integer]) -> Spacing:
    """The spacing of `sessions`, ascending days, each once, among the exchange's, of which `absent` have no bar."""
    place = np.arange(len(sessions)) + np.searchsorted(absent, sessions)
    if len(place) < 2:
        return Spacing("daily", float(SESSIONS_A_YEAR), float(SESSIONS_A_YEAR), len(place) / SESSIONS_A_YEAR)
    steps = np.diff(place)
    years = float(place[-1] - place[0] + 1) / SESSIONS_A_YEAR
    name, least, most, per_year = _kind(float(np.median(steps)))
    odd = int(((steps < least) | (steps > most)).sum())
    mean = SESSIONS_A_YEAR / float(np.mean(steps))
    if odd <= (1 - EVEN) * len(steps):
        return Spacing(name, per_year, mean, years)
    words = (
        f"the bars are unevenly spaced: {odd:,} of {len(steps):,} steps from session to session are not {name} "
        f"but up to {int(steps.max())} sessions long"
    )
    return Spacing(name, float("nan"), mean, years, words)


def stretched(apart: Spacing) -> str:
    """What a reader of figures a year must know of less than one; empty from a year on."""
    sessions = round(apart.years * SESSIONS_A_YEAR)
    if sessions >= SHORTEST_YEAR:
        return ""
    were = f"{sessions:,} session{'' if sessions == 1 else 's'}"
    told = "CAGR, volatility, Sharpe ratio and all else a year are of these, stretched to one"
    return f"The run is of {were}, less than a year: {told}."


def _kind(usual: float) -> tuple[str, float, float, float]:
    for kind in KINDS:
        if kind[1] <= usual <= kind[2]:
            return kind
    return f"every {usual:g} sessions", 0.65 * usual, 1.35 * usual, SESSIONS_A_YEAR / usual


def told_length(frequency: str, apart: Spacing) -> str:
    """What a person is told of how long bars are: `frequency`, but of bars without a time what they are apart.

    "1d" where there is one on every session, "weekly" and its kin, or "uneven".
    """
    if frequency != "1d" or (apart.name == "daily" and not apart.uneven):
        return frequency
    return "uneven" if apart.uneven else apart.name


def distinct_sessions(session: NDArray[np.integer]) -> NDArray[np.integer]:
    """(S,) the sessions of (T,) ascending bars, each once."""
    return session[np.append(True, np.diff(session) > 0)] if len(session) else session
