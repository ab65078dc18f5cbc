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
"""US bills paid 17 % at most, and what a broker asks for shares that are hard to borrow may be more."""


def large_rates(draft: Draft) -> Iterator[Notice]:
    """One loud notice a key whose rate is above a fifth a year: what it says, and what is written for that per cent."""
    for path, value in _rates(draft):
        if isinstance(value, int | float) and not isinstance(value, bool) and value > LARGE:
            words = f"{value:g} is {value * 100:g} % a year; where {value:g} % is meant, write {value / 100:g}"
            yield loud(f"{shown(path)}: {words}")


def _rates(draft: Draft) -> Iterator[tuple[KeyPath, Any]]:
    """Every key that is a rate of money, of the symbols that are held."""
    yield ("costs", "benchmark"), draft.get(("costs", "benchmark"))
    borrow = draft.get(("costs", "borrow"))
    if isinstance(borrow, dict):
        for name in dict.fromkeys(known_as(symbol, borrow) or "default" for symbol in (*symbols(draft), "default")):
            yield from _of_rows(draft, ("costs", "borrow", name), ("rate",))
    interest: KeyPath = ("costs", "interest")
    yield from _of_rows(draft, interest, ("credit_spread", "rebate_spread"))
    rows = draft.get(interest)
    for number in range(len(rows)) if isinstance(rows, list) else ():
        yield from _of_rows(draft, (*interest, number, "debit"), ("rate",))


def _of_rows(draft: Draft, table: KeyPath, names: tuple[str, ...]) -> Iterator[tuple[KeyPath, Any]]:
    rows = draft.get(table)
    for number in range(len(rows)) if isinstance(rows, list) else ():
        for name in names:
            yield (*table, number, name), draft.get((*table, number, name))
