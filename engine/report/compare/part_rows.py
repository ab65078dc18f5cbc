# SPDX-License-Identifier: Apache-2.0
"""The tables of a comparison behind its bands: responses, episodes, who leads, hedges."""

from __future__ import annotations

from engine.analytics.pair.afterwards import DELAY, HORIZONS
from engine.analytics.pair.episodes import Episodes
from engine.analytics.pair.hedge import Effect, Hedge
from engine.analytics.pair.lead_lag import LeadLag
from engine.analytics.pair.sides import Side
from engine.report.compare.words import changed, estimate, interval, moved, unit_words, value
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, count, decimal, percent
from engine.runs.compare import Comparison


def sign_grid(found: Comparison) -> Grid:
    """Slopes on rises and falls, and the coefficient of the square."""
    fields = (
        Field("response of, to", "response"), Field("sessions", "moves"), Field("rises", "rises"),
        Field("falls", "falls"), Field("falls - rises, 95 %", "falls - rises"),
        Field("square, 95 %", "square", "coefficient of the squared move"),
    )  # fmt: skip
    rows = [
        (
            f"{one.of} to {one.to}",
            str(one.sessions),
            decimal(one.up.value, 2),
            decimal(one.down.value, 2),
            estimate(one.asymmetry),
            interval(one.curvature),
        )
        for one in found.responses
    ]
    return Grid(fields, rows)


def size_grid(found: Comparison) -> Grid:
    """Slopes on moves within one deviation, and on what goes beyond it."""
    fields = (
        Field("response of, to", "response"), Field("sessions", "moves"), Field("one deviation", "deviation"),
        Field("small moves", "small"), Field("large moves", "large"), Field("large - small, 95 %", "large - small"),
    )  # fmt: skip
    sides = found.pair.at
    rows = [
        (
            f"{one.of} to {one.to}",
            str(one.sessions),
            percent(one.edge, 1) if sides[one.to].logs else value(one.edge),
            decimal(one.small.value, 2),
            decimal(one.large.value, 2),
            estimate(one.excess),
        )
        for one in found.responses
    ]
    return Grid(fields, rows)


def episode_grid(found: Comparison, one: Episodes, last: int | None = None) -> Grid:
    """The episodes of a kind, the newest first, at most `last` of them, with the sessions after their first day."""
    fund, index = found.pair.by_kind
    told = "{}, over so many sessions after"
    fields = (
        Field("first day", "first day"), Field("last day", "last day"), Field("days", "days"),
        Field(index.symbol, index.symbol), Field(f"{fund.symbol} before", "before"),
        *(Field(f"{fund.symbol} +{horizon}", f"+{horizon}", told.format(unit_words(fund))) for horizon in HORIZONS),
        *(Field(f"{index.symbol} +{horizon}", hint=told.format(unit_words(index))) for horizon in HORIZONS),
    )  # fmt: skip
    later = [(side, side.later(horizon, DELAY)) for side in (fund, index) for horizon in HORIZONS]
    rows = [
        (
            str(found.pair.sessions[each.first]),
            str(found.pair.sessions[each.last]),
            count(each.days),
            value(each.level),
            percent(each.moved, 1, plus=True),
            *(moved(side, float(after[each.first]), unit=False) for side, after in later),
        )
        for each in one.found[::-1][:last]
    ]
    return Grid(fields, rows)


def lead_grid(found: Comparison) -> Grid:
    """Same-day correlation, and the largest of other days, by regime."""
    first, second = (side.symbol for side in found.pair.sides)
    fields = (
        Field("regime", "regime"), Field("days", "days"), Field("same day", "same day"),
        Field("largest otherwise", "largest"), Field("chance leaves", "chance", "after Bonferroni"),
        Field("beyond its own", "beyond", "given the follower's own change on the earlier day"),
        Field("who before whom", "who before whom", text=True),
    )  # fmt: skip
    return Grid(fields, [_lead(one, first, second) for one in found.lead_lag])


def _lead(one: LeadLag, first: str, second: str) -> tuple[str, ...]:
    same, largest = one.same_day, one.largest
    if same is None or largest is None:
        return one.regime, count(one.days), *[NOTHING] * 4, "too few days"
    order = f"{first}, then {second}" if largest.sessions > 0 else f"{second}, then {first}"
    words = f"{order} +{abs(largest.sessions)}"
    found = decimal(largest.value, 3), f"±{decimal(largest.band, 3)}", decimal(largest.beyond, 3)
    return one.regime, count(one.days), decimal(same.value, 3), *found, words


def hedge_grid(found: Comparison, one: Hedge) -> Grid:
    """What the hedge takes away, by regime of the day before."""
    fields = (
        Field("regime", "regime"), Field("days", "days"), Field("variance taken away, 95 %", "variance taken away"),
        Field(f"{one.of}, worst 5 % of days", "worst 5 %", "mean change"), Field("worst 5 % hedged", "hedged"),
    )  # fmt: skip
    return Grid(fields, [_effect(found.pair.at[one.of], each) for each in one.effects])


def _effect(side: Side, one: Effect) -> tuple[str, ...]:
    taken = one.effectiveness
    shown = f"{percent(taken.value, 0)} ({percent(taken.low, 0, sign=False)} to {percent(taken.high, 0, sign=False)})"
    return one.regime, count(one.days), shown, changed(side, one.tail), changed(side, one.tail_hedged)
