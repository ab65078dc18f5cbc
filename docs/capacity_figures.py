# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/capacity.md: every shipped run on real bars.

    python docs/capacity_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of every configs/*_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from page import CONFIGS, Page, Table, percent

from engine.report.capacity.words import amount, bound, kept, largest, priced, size_words
from engine.runs.backtest import loaded
from engine.runs.capacity import capacity
from engine.runs.capacity.findings import Capacity


@lru_cache(maxsize=16)
def found(config: str, sets: tuple[str, ...]) -> Capacity:
    """The capacity of configs/CONFIG.yaml with overrides."""
    return capacity(loaded(CONFIGS / f"{config}.yaml", sets))


def shipped(given: Sequence[str]) -> Table:
    """Each shipped run: its edge over cash, how far the law reaches, and where half of the edge is gone."""
    titles = [
        "run",
        "edge over cash",
        "t",
        "law reaches to",
        "largest order there",
        "left there",
        "half gone",
        "all gone",
    ]
    rows = [titles]
    for file in sorted(CONFIGS.glob("*_real.yaml")):
        one = found(file.stem, tuple(given))
        edge, limit = one.edges[0], bound(one)
        left = percent(kept(limit, edge), 0) if limit is not None and edge.free > 0 else "–"
        sizes = [
            size_words(crossing) + ("" if crossing.at is None or priced(crossing.at) else " (beyond the law)")
            for crossing in (edge.half, edge.gone)
        ]
        reach = (amount(limit.capital), largest(limit)) if limit is not None else ("–", "–")
        rows.append([file.stem, percent(edge.free, 2), f"{edge.t:.1f}", *reach, left, *sizes])
    return rows


PAGE = Page[Sequence[str]]("capacity.md", (shipped,))

if __name__ == "__main__":
    PAGE.main()
