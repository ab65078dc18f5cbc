# SPDX-License-Identifier: Apache-2.0
"""The tables that page and terminal show of a capacity test."""

from __future__ import annotations

from collections.abc import Iterable

from engine.report.capacity.words import STATISTIC_WORDS, amount, comparison, kept, of_a_day, size_words
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, decimal, percent
from engine.runs.capacity.findings import LEVELS, STATISTICS, Capacity, Size
from engine.runs.capacity.search import A_DECADE, steps

MOST_DAYS = 1.0
"""Sizes whose largest order asks for more days of volume than this are in the JSON document alone."""


def edges_grid(found: Capacity) -> Grid:
    """What is earned over cash and over the benchmark, and the sizes that take it; the last two columns by the law."""
    fields = (
        Field("edge", "edge"),
        Field("a year, without impact", "no impact"),
        Field("as configured", "configured"),
        Field("t", "t", "mean over standard error of the sessions' returns over it, as configured"),
        Field("half is gone at", "half gone"),
        Field("all is gone at", "all gone"),
    )
    rows = [
        [
            comparison(one.over),
            percent(one.free, plus=True),
            percent(one.own, plus=True),
            decimal(one.t, 1),
            size_words(one.half),
            size_words(one.gone),
        ]
        for one in found.edges
    ]
    return Grid(fields, rows)


def passing_grid(found: Capacity) -> Grid:
    """The size up to which no symbol's orders ask for more than each part of a day."""
    heads = [f"{level:.0%} of a day" for level in LEVELS]
    fields = (Field("asks for no more than", "up to"), *(Field(head, head) for head in heads))
    if not found.passing:
        return Grid(fields, ())
    rows = [
        [STATISTIC_WORDS[statistic], *(size_words(found.passing[statistic, level]) for level in LEVELS)]
        for statistic in STATISTICS
    ]
    return Grid(fields, rows)


def sizes_grid(found: Capacity, sizes: Iterable[Size]) -> Grid:
    """One line a size."""
    edge = found.edges[0]
    fields = (
        Field("deposit", "deposit"),
        Field("mean equity", "", "over the run: what traded"),
        Field("a year", "a year", "compound return"),
        Field("over cash", "over cash"),
        Field("of the edge", "left", "part of the edge without impact"),
        Field("slippage", "slippage", "a year, of mean equity"),
        Field("median", "", "of the busiest symbol, of a day's volume"),
        Field("95 %", "95 %", "95th percentile of the busiest symbol, of a day's volume"),
        Field("largest", "largest", "order, of a day's volume"),
        Field("in", "in", text=True),
        Field("refused", "", "orders refused or cut by a rule of the account"),
        Field("carried", "", "orders over several sessions"),
    )
    rows = []
    for size in sizes:
        if size.stopped:
            rows.append([amount(size.capital), "stopped", *[NOTHING] * (len(fields) - 2)])
            continue
        symbol, most = size.busiest("maximum")
        left = percent(kept(size, edge), 0) if edge.free > 0 else NOTHING
        parts = [of_a_day(size.busiest(name)[1]) if symbol else NOTHING for name in ("median", "p95")]
        rows.append(
            [
                amount(size.capital) + (" *" if size.capital == found.own.capital else ""),
                amount(size.mean_equity),
                percent(size.annual, plus=True),
                percent(size.edges[edge.over], plus=True),
                left,
                percent(size.slippage),
                *parts,
                of_a_day(most) if symbol else NOTHING,
                symbol or NOTHING,
                f"{size.refused:,}",
                f"{size.carried:,}",
            ]
        )
    return Grid(fields, rows)


def ladder_sizes(found: Capacity, a_decade: int = A_DECADE) -> list[Size]:
    """The own size, and of a ladder and those that halve an edge the sizes whose orders lie within MOST_DAYS."""
    wanted = {*steps(a_decade), found.own.capital}
    wanted |= {one.half.at.capital for one in found.edges if one.half.at is not None}
    own = found.own.capital
    return [
        one
        for one in found.sizes
        if one.capital == own or (one.capital in wanted and one.busiest("maximum")[1] <= MOST_DAYS)
    ]


def symbols_grid(found: Capacity) -> Grid:
    """Orders by symbol at the own size and, where there are any, at the sizes that halve and end the edge over cash."""
    edge = found.edges[0]
    shown = {"as configured": found.own}
    shown |= {name: one.at for name, one in (("half gone", edge.half), ("all gone", edge.gone)) if one.at is not None}
    fields = (
        Field("size", "size"),
        Field("opening deposit", "deposit"),
        Field("symbol", "symbol", text=True),
        Field("orders", "orders"),
        Field("median", "median", "of the mean day's volume before the order"),
        Field("95th percentile", "95 %"),
        Field("largest", "largest"),
        Field("on", "on", text=True),
    )
    rows = [
        [
            name,
            amount(size.capital),
            symbol,
            f"{one.orders:,}",
            of_a_day(one.median),
            of_a_day(one.p95),
            of_a_day(one.maximum),
            one.maximum_on,
        ]
        for name, size in shown.items()
        for symbol, one in size.participation.items()
    ]
    return Grid(fields, rows)


def sensitivity_grid(found: Capacity) -> Grid:
    """The sizes over cash under other coefficients of the law; no rows where there are none."""
    fields = (
        Field("impact", "impact"),
        Field("half is gone at", "half gone"),
        Field("largest order there", "largest order there"),
        Field("all is gone at", "all gone"),
    )
    if not found.sensitivity:
        return Grid(fields, ())
    edge = found.edges[0]
    told = [(one.factor, one.half, one.gone) for one in found.sensitivity]
    told = sorted([*told, (1.0, edge.half, edge.gone)], key=lambda one: one[0])
    rows = []
    for factor, half, gone in told:
        symbol, most = half.at.busiest("maximum") if half.at is not None else ("", 0.0)
        there = f"{of_a_day(most)} of {symbol}'s day" if symbol else NOTHING
        rows.append(["as configured" if factor == 1.0 else f"x {factor:g}", size_words(half), there, size_words(gone)])
    return Grid(fields, rows)
