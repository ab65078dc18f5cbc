# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the tables of docs/significance.md: every shipped strategy of shares against chance, on real bars.

    python docs/significance_figures.py

What it writes was measured by docs/worth.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from page import Page, Table, percent
from worth import kept, stands

from engine.report.kit.words import decimal
from engine.report.run.chance_section import p_words


def shipped(_: Sequence[str]) -> Table:
    """Each shipped strategy of shares among null markets of each kind."""
    rows = [["run", "block", "the run", "together: half above", "p", "apart: half above", "p"]]
    for name, one in kept().items():
        if found := one["null_markets"]:
            own, block = decimal(found["together"]["own"], 2), decimal(found["block"], 1)
            rows.append([name, block, own, *_cells(found["together"]), *_cells(found["apart"])])
    return rows


def scattered(_: Sequence[str]) -> Table:
    """The shipped strategies that are in and out of the market, among draws of their own entries."""
    rows = [["run", "trades", "invested", "the run", "at market orders", "half above", "p"]]
    for name, one in kept().items():
        if found := one["random_entries"]:
            own, at_market = decimal(found["own"], 2), decimal(found["kept"], 2)
            rows.append([name, str(found["trades"]), percent(found["held"], 0), own, at_market, *_cells(found)])
    return rows


def worth(_: Sequence[str]) -> Table:
    """What each shipped configuration stands, of all that can be asked of it."""
    return [["run", "stands"], *([name, stands(one)] for name, one in kept().items())]


def _cells(one: dict[str, Any] | None) -> tuple[str, str]:
    return ("", "") if one is None else (decimal(one["median"], 2), p_words(one["p"]))


PAGE = Page[Sequence[str]]("significance.md", (worth, shipped, scattered))

if __name__ == "__main__":
    PAGE.main()
