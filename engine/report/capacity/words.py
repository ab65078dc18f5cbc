# SPDX-License-Identifier: Apache-2.0
"""How a capacity test words its findings: sizes, parts of a day, the answer in sentences."""

from __future__ import annotations

from engine.report.kit.words import MINUS, NOTHING, percent
from engine.runs.capacity.findings import CASH, LEVELS, Capacity, Crossing, Edge, Size

LARGEST_PRICED = LEVELS[-1]
"""Part of a day's volume up to which the law is taken at its word."""

LEAST_TOLD = 1e-5
"""Part of a day below which digits say nothing."""

NO_SIZE: dict[str, str] = {
    "no_shares": "No order for shares filled: there is nothing whose size could be told.",
    "unmeasured": "No capacity can be told: every order filled before any volume of its symbol was known, so none pays "
    "impact. Begin the data earlier, or the period later.",
    "fixed_size": "No capacity can be told: its orders do not grow with the capital. At ten times the capital, without "
    "any impact, less than half of the exposure is left: a larger account is the same trades and idle cash.",
}
"""Answers where no edge is asked after."""

STATISTIC_WORDS = {"median": "half of the orders", "p95": "one order in twenty", "maximum": "the largest order"}


def amount(value: float | None) -> str:
    """Money to three digits: 250,000, 38 million, 1.2 billion."""
    if value is None:
        return NOTHING
    for unit, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= unit * 0.9995:
            return f"{float(f'{value / unit:.3g}'):,g} {word}".replace("-", MINUS)
    return f"{float(f'{value:.3g}'):,.0f}".replace("-", MINUS)


def of_a_day(fraction: float) -> str:
    """A part of a day's volume, with two digits: 6.1 %, 0.012 %, 310 %."""
    if 0.0 < fraction < LEAST_TOLD:
        return f"< {100 * LEAST_TOLD:g} %"
    return f"{float(f'{100 * fraction:.2g}'):,g} %" if fraction < 1 else percent(fraction, 0)


def largest(size: Size) -> str:
    """The largest order: `6.1 % of IWM's day`; nothing without an order."""
    symbol, most = size.busiest("maximum")
    return f"{of_a_day(most)} of {symbol}'s day" if symbol else NOTHING


def size_words(crossing: Crossing) -> str:
    """A cell: the size, or why there is none."""
    if crossing.at is not None:
        return amount(crossing.at.capital)
    return {"no_edge": "no edge", "below": "every size", "beyond": "no size", "fixed_size": NOTHING}.get(
        crossing.why, NOTHING
    )


def kept(size: Size, edge: Edge) -> float:
    """Part of the edge without impact that is left at a size."""
    return size.edges[edge.over] / edge.free


def priced(size: Size) -> bool:
    """Whether no order at this size asks for more of a day than the law is taken at its word for."""
    return size.busiest("maximum")[1] <= LARGEST_PRICED


def bound(found: Capacity) -> Size | None:
    """The largest size at which the law is taken at its word; None where orders never or always ask for more."""
    passing = found.passing.get(("maximum", LARGEST_PRICED))
    return passing.at if passing else None


def answer(found: Capacity) -> list[str]:
    """The answer in sentences: over cash, then over the benchmark."""
    first = found.edges[0].half.why
    return [NO_SIZE[first]] if first in NO_SIZE else [_of_edge(found, edge) for edge in found.edges]


def _of_edge(found: Capacity, edge: Edge) -> str:
    over = edge.over
    if edge.half.why == "no_edge":
        return _no_edge(found, edge)
    if edge.half.why == "below":
        return f"Costs eat more than half of the edge over {over} at every size that was tried."
    at = edge.half.at
    if at is not None and priced(at):
        return (
            f"Costs eat half of the edge over {over} ({percent(edge.free)} a year without impact) at "
            f"{amount(at.capital)}; there the largest order is {largest(at)}. {_all_of_it(edge)}"
        )
    return _not_priced(found, edge)


def _no_edge(found: Capacity, edge: Edge) -> str:
    made = (
        f"No capacity over {edge.over}: without any impact it makes {percent(edge.free, plus=True)} a year against it"
    )
    best = max((size for size in found.sizes if not size.stopped), key=lambda size: size.edges[edge.over])
    most = best.edges[edge.over]
    if most <= 0.0:
        return f"{made}, and no size that was tried makes more than it."
    return f"{made}. The most that a size makes is {percent(most, plus=True)}, at {amount(best.capital)}."


def _not_priced(found: Capacity, edge: Edge) -> str:
    """Half of the edge is left wherever the law can be believed."""
    limit, at = bound(found), edge.half.at
    if limit is None:
        told = f"Costs leave more than half of the edge over {edge.over} at every size that was tried"
        return f"{told}, up to {amount(max(size.capital for size in found.sizes if not size.stopped))}."
    told = (
        f"Up to {amount(limit.capital)}, where the largest order is {largest(limit)}, costs leave "
        f"{percent(kept(limit, edge), 0)} of the edge over {edge.over} ({percent(edge.free)} a year without impact). "
        "Beyond it the law prices orders that nobody has measured"
    )
    if at is None:
        return f"{told}; by it half is left at every size that was tried."
    return f"{told}; by it half is gone at {amount(at.capital)}, with an order of {largest(at)}: no size to go by."


def _all_of_it(edge: Edge) -> str:
    gone = edge.gone.at
    if gone is None:
        return "Some of it is left at every size that was tried."
    beyond = "" if priced(gone) else ", where the law has orders to price that nobody has measured"
    return f"Nothing is left at {amount(gone.capital)}{beyond}."


def comparison(over: str) -> str:
    """`cash` or `over SPY` as a heading."""
    return "over cash" if over == CASH else f"over {over}"
