# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the table of docs/walkforward.md: every shipped strategy walked forward on real bars.

    python docs/walkforward_figures.py

What it writes was measured by docs/worth.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from page import Page, Table, percent
from worth import GRIDS, kept, paths_words

from engine.report.kit.words import decimal


def shipped(_: Sequence[str]) -> Table:
    """Each shipped strategy: what its choices promised and kept, and the account that made them beside its own."""
    titles = ["run", "choices", "among", "where chosen", "where used", "median there", "others below",
              "account a year", "as configured", "better than cash", "15 paths"]  # fmt: skip
    rows = [titles]
    for name, one in kept().items():
        walk = one["walk"]
        rows.append(
            [
                name,
                str(walk["choices"]),
                str(walk["among"]),
                *(decimal(walk[figure], 2) for figure in ("promised", "kept", "blind")),
                percent(walk["rank"], 0),
                *(percent(walk[figure], 1) for figure in ("account", "own")),
                percent(walk["above_cash"], 0),
                paths_words(one),
            ]
        )
    return rows


def grids(_: Sequence[str]) -> Table:
    """What is chosen among."""
    shown: dict[tuple[str, ...], list[str]] = {}
    for name, grid in GRIDS.items():
        shown.setdefault(grid, []).append(name)
    return [["runs", "among"], *([", ".join(names), ", ".join(f"`{one}`" for one in grid)]
                                 for grid, names in shown.items())]  # fmt: skip


PAGE = Page[Sequence[str]]("walkforward.md", (grids, shipped))

if __name__ == "__main__":
    PAGE.main()
