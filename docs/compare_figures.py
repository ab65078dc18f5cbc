# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/compare.md: four pairs on real bars, and what leads, answers and hedges in them.

    python docs/compare_figures.py FOLDER

FOLDER holds daily/ and index/ as the development data does. Values after LAST are not looked at, so that newer files
give the same page.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence

from page import Page, Table

from engine.analytics.pair.lead_lag import leaders
from engine.analytics.pair.relation import Estimate
from engine.report.compare.verdicts import response_verdicts
from engine.report.kit.words import count, decimal, percent
from engine.runs.compare import Comparison, Question, compare, where

PAIRS = (("IWM", "VIX"), ("IWM", "SPY"), ("SPY", "TLT"), ("KRE", "SPY"))
LAST = dt.date(2026, 5, 1)
SCENARIO = "VIX +10 points"


def compared(given: Sequence[str]) -> list[Comparison]:
    """The pairs of PAIRS; the folder is given, or the data's path as other pages are given it."""
    if len(given) != 1:
        sys.exit(__doc__)
    folder = given[0].removeprefix("data.path=")
    return [
        compare(Question(*pair, asof=LAST, scenarios=(SCENARIO,) if "VIX" in pair else ()), where(None, folder, None))
        for pair in PAIRS
    ]


def pairs(given: list[Comparison]) -> Table:
    """Sessions, the correlation now and on all days, and the bands' shares."""
    rows = [["pair", "sessions", "correlation, 90 sessions", "band", "all days", "low band", "middle", "high"]]
    for found in given:
        known = sum(int(one.inside.sum()) for one in found.bands)
        whole = found.lead_lag[0].same_day
        assert whole is not None
        assert found.band is not None
        shares = (percent(one.inside.sum() / known, 1) for one in found.bands)
        now = _interval(found.together.changes)
        rows.append([_name(found), _span(found), now, found.band.name, decimal(whole.value, 2), *shares])
    return rows


def leads(given: list[Comparison]) -> Table:
    """The largest correlation of different days."""
    rows = [
        [
            "pair",
            "same day",
            "largest on other days",
            "what chance leaves",
            "beyond its own",
            "first, then second",
            "verdict",
        ]
    ]
    for found in given:
        whole = found.lead_lag[0]
        same, largest = whole.same_day, whole.largest
        assert same is not None
        assert largest is not None
        order = [side.symbol for side in found.pair.sides][:: 1 if largest.sessions > 0 else -1]
        words = f"{order[0]}, then {order[1]} {abs(largest.sessions)} later"
        ahead = leaders(found.pair, found.lead_lag)
        said = f"{' and '.join(ahead)} leads" if ahead else "neither leads"
        figures = decimal(same.value, 3), decimal(largest.value, 3), f"±{decimal(largest.band, 3)}"
        rows.append([_name(found), *figures, decimal(largest.beyond, 3), words, said])
    return rows


def convexity(given: list[Comparison]) -> Table:
    """Slopes of one session on rises and falls, on small and large moves."""
    rows = [["response", "rises", "falls", "falls - rises", "small", "large", "large - small", "in words"]]
    for found in given:
        for one, said in zip(found.responses, response_verdicts(found), strict=True):
            if one.sessions == 1:
                slopes = decimal(one.up.value, 2), decimal(one.down.value, 2), _interval(one.asymmetry)
                sizes = decimal(one.small.value, 2), decimal(one.large.value, 2), _interval(one.excess)
                rows.append([f"{one.of} to {one.to}", *slopes, *sizes, said.split(": ", 1)[1].rstrip(".")])
    return rows


def episodes(given: list[Comparison]) -> Table:
    """What followed the episodes of IWM and the VIX, and any day with the VIX at that level."""
    found = given[0]
    rows = [["after", "days", "line", "sessions", "mean", "all days", "difference, 95 %"]]
    for one in found.episodes:
        for name in (one.name, one.level):
            kind = f"{one.name}, first days" if name == one.name else f"any day with a {name} VIX"
            for told in found.following[name]:
                if told.sessions != 5:
                    points = told.symbol == "VIX"
                    figures = (told.mean, told.baseline, told.mean - told.baseline, told.low, told.high)
                    mean, every, gap, low, high = (_move(value, points=points) for value in figures)
                    line = "VIX, points" if points else f"{told.symbol}, %"
                    interval = f"{gap} ({low} to {high})"
                    rows.append([kind, count(told.days), line, str(told.sessions), mean, every, interval])
    return rows


def hedges(given: list[Comparison]) -> Table:
    """Variance taken away, by the band of the day before."""
    rows = [["hedge", "regime", "days", "variance taken away", "worst 5 % of days", "worst 5 % hedged"]]
    for found in given:
        one = found.hedge
        assert one is not None
        for each in one.effects:
            taken = each.effectiveness
            shown = f"{percent(taken.value, 0)} ({percent(taken.low, 0, sign=False)} to {percent(taken.high, 0)})"
            tails = percent(each.tail), percent(each.tail_hedged)
            rows.append([f"{one.of} by {one.by}", each.regime, count(each.days), shown, *tails])
    return rows


def _name(found: Comparison) -> str:
    return " and ".join(side.symbol for side in found.pair.sides)


def _span(found: Comparison) -> str:
    return f"{len(found.pair.sessions):,}, from {found.pair.sessions[0]}"


def _interval(one: Estimate) -> str:
    return f"{decimal(one.value, 2)} ({decimal(one.low, 2)} to {decimal(one.high, 2)})"


def _move(value: float, *, points: bool) -> str:
    return decimal(value if points else 100 * value, 2)


PAGE = Page[list[Comparison]]("compare.md", (pairs, leads, convexity, episodes, hedges), read=compared)

if __name__ == "__main__":
    PAGE.main()
