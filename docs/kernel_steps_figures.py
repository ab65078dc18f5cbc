# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the table of docs/kernel_steps.md: what a bar of the kernel costs, step by step.

python -m benchmarks steps --json > docs/kernel_steps_measured.json
python docs/kernel_steps_figures.py
"""

from __future__ import annotations

from typing import Any

from page import Kept, Page, Table, kept

WORDS = {
    "nothing": "an empty account: bar, marks, returns, a decision that counts",
    "holds": "and two positions: margin, nights with borrow fees and interest",
    "guards": "and a stop far away on each of them",
    "spread": "the spread trade: its decision, stops that follow, {fills:.1f} fills in 100 bars",
    "trades": "the bare loop's rule with every cost: {fills:.1f} fills in 100 bars",
}


def steps(given: Kept) -> Table:
    """A line a run: ns a bar without a path, over the bare loop in the same turn, ns a bar of a whole run."""
    found, machine = given["figures"], given["machine"]
    title = f"{found['bars']:,} minute bars of 2, {machine['cpu']}, Python {machine['python']}"
    rows = [[title, "outcome only, ns a bar", "over the bare loop (quartiles)", "whole run, ns a bar"]]
    bare = f"the bare loop: {_share(found, 'bare'):.1f} fills in 100 bars"
    rows.append([bare, _spread(found["bare_ns"]), "1", ""])
    for name, words in WORDS.items():
        ratio = found["times_bare"][name]
        over = f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
        line = words.format(fills=_share(found, name))
        rows.append([line, _spread(found["outcome_ns"][name]), over, _spread(found["run_ns"][name])])
    return rows


def _share(found: dict[str, Any], name: str) -> float:
    share: float = 100.0 * found["fills"][name] / found["bars"]
    return share


def _spread(found: dict[str, float]) -> str:
    return f"{found['median']:.1f} ({found['low']:.1f} to {found['high']:.1f}, n={found['n']:.0f})"


PAGE = Page[Kept]("kernel_steps.md", (steps,), read=kept("kernel_steps_measured.json"))

if __name__ == "__main__":
    PAGE.main()
