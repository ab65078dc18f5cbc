# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the table of bytes moved of docs/benchmarks.md.

python -m benchmarks moved --json > docs/benchmarks_measured.json
python docs/benchmarks_figures.py
"""

from __future__ import annotations

from page import Kept, Page, Table, kept

STAGES = {
    "features": "from the bars to the feature table",
    "run": "from there to ledger and equity path",
    "call": "the whole call",
}


def moved(given: Kept) -> Table:
    """What each stage takes and moves, beside a copy of as many bytes."""
    found, machine = given["figures"], given["machine"]
    loads = " to ".join(f"{one:.0f}" for one in found["load"])
    title = f"{found['bars']:,} bars, {found['bars_mb']:.0f} MB, Python {machine['python']}, load {loads}"
    rows = [[title, "processor time", "a copy of as many bytes", "moved", "times the bars", "page faults"]]
    for name, words in STAGES.items():
        stage = found["stages"][name]
        cells = [_spread(stage["ms"]), _spread(stage["copy_ms"]), f"{stage['moved_mb']:.0f} MB"]
        rows.append([words, *cells, f"{stage['times_bars']:.2f}", f"{stage['faults']['median']:.0f}"])
    return rows


def _spread(found: dict[str, float]) -> str:
    return f"{found['median']:.1f} ms ({found['low']:.1f} to {found['high']:.1f}, n={found['n']:.0f})"


PAGE = Page[Kept]("benchmarks.md", (moved,), read=kept("benchmarks_measured.json"))

if __name__ == "__main__":
    PAGE.main()
