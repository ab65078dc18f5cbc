# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the table of bytes moved of docs/benchmarks.md.

python -m benchmarks moved --json > docs/benchmarks_measured.json
python docs/benchmarks_figures.py
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from page import DOCS, Page, Table

STAGES = {
    "features": "from the bars to the feature table",
    "run": "from there to ledger and equity path",
    "call": "the whole call",
}


def measured(_: Sequence[str]) -> dict[str, Any]:
    """The document of the benchmark, kept beside the page."""
    document: dict[str, Any] = json.loads((DOCS / "benchmarks_measured.json").read_text(encoding="utf-8"))
    return document


def moved(given: dict[str, Any]) -> Table:
    """What each stage takes and moves, beside a copy of as many bytes."""
    found, machine = given["figures"], given["machine"]
    loads = " to ".join(f"{one:.0f}" for one in found["load"])
    title = f"{found['bars']:,} bars, {found['bars_mb']:.0f} MB, Python {machine['python']}, load {loads}"
    rows = [[title, "processor time", "a copy of as many bytes", "moved", "times the bars", "page faults"]]
    for name, words in STAGES.items():
        stage = found["stages"][name]
        cells = [_spread(stage["ms"]), _spread(stage["copy_ms"]), f"{stage['moved_mb']:.0f} MB"]
        rows.append([words, *cells, f"{stage['times_bars']:.1f}", f"{stage['faults']['median']:.0f}"])
    return rows


def _spread(found: dict[str, float]) -> str:
    return f"{found['median']:.1f} ms ({found['low']:.1f} to {found['high']:.1f}, n={found['n']:.0f})"


PAGE = Page[dict[str, Any]]("benchmarks.md", (moved,), read=measured)

if __name__ == "__main__":
    PAGE.main()
