# SPDX-License-Identifier: Apache-2.0
"""Rates that can be and are seldom meant: 0.25 is 25 % a year, and 0.25 % is 0.0025."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.config.draft import Draft
from engine.config.runners import symbols
from engine.config.yaml_reader import KeyPath, shown
from engine.model.spelling import known_as
from engine.notice import Notice, loud

LARGE = 0.2
"""What a broker asks for shares that are hard to borrow may be more."""
MOST_PAID = 0.17
"""US bills paid no more a year, in 1981."""
MOST_WITHHELD = 0.35
"""Of a dividend, by the law of any country: Switzerland's anticipatory tax."""
MOST_VOLATILE = 1.0
"""Implied volatility of a number for all days: indices were above it for weeks, funds of three times for months."""


def large_rates(draft: Draft) -> Iterator[Notice]:
    """One loud notice a key that holds more than is ever meant: what it says, and what is written for that per cent."""
    for path, value, most in _rates(draft):
        if _above(value, most):
            yield loud(f"{shown(path)}: {value:g} is {value * 100:g} % a year; {_of_per_cent(value)}")
    tax, volatility = draft.get(("costs", "withholding")), draft.get(("options", "volatility"))
    if _above(tax, MOST_WITHHELD):
        yield loud(f"costs.withholding: {tax:g} keeps {tax * 100:g} % of every dividend back; {_of_per_cent(tax)}")
    if _above(volatility, MOST_VOLATILE):
        words = f"{volatility:g} is {volatility * 100:g} % a year, on every day; where {volatility * 10:g} % is meant"
        yield loud(f"options.volatility: {words}, write {volatility / 10:g}")


def _above(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > most


def _of_per_cent(value: float) -> str:
    return f"where {value:g} % is meant, write {value / 100:g}"


def _rates(draft: Draft) -> Iterator[tuple[KeyPath, Any, float]]:
    """Every key that is a rate of money, of the symbols that are held, with the most that it may be."""
    yield ("costs", "benchmark"), draft.get(("costs", "benchmark")), MOST_PAID
    borrow = draft.get(("costs", "borrow"))
    if isinstance(borrow, dict):
        for name in dict.fromkeys(known_as(symbol, borrow) or "default" for symbol in (*symbols(draft), "default")):
            yield from _of_rows(draft, ("costs", "borrow", name), ("rate",))
    interest: KeyPath = ("costs", "interest")
    yield from _of_rows(draft, interest, ("credit_spread", "rebate_spread"))
    rows = draft.get(interest)
    for number in range(len(rows)) if isinstance(rows, list) else ():
        yield from _of_rows(draft, (*interest, number, "debit"), ("rate",))


def _of_rows(draft: Draft, table: KeyPath, names: tuple[str, ...]) -> Iterator[tuple[KeyPath, Any, float]]:
    rows = draft.get(table)
    for number in range(len(rows)) if isinstance(rows, list) else ():
        for name in names:
            yield (*table, number, name), draft.get((*table, number, name)), LARGE
