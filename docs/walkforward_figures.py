# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the table of docs/walkforward.md: every shipped strategy walked forward on real bars.

    python docs/walkforward_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of every configs/*_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from page import CONFIGS, Page, Table, percent

from engine.progress import unwatched
from engine.report.walkforward.document import above_cash, told
from engine.runs.sweep.asked import configured, grid_asked
from engine.runs.walkforward.findings import WalkForwardFound
from engine.runs.walkforward.run import walk_forward

CLOCK = ("vix_hedge", "vix_hedge_fund", "vix_hedge_puts", "vix_hedge_index_puts")
AGENTS = ("double_agent", "double_agent_fund", "double_agent_calls")
GRIDS = {
    "spread": ("enter=0:1.5:0.5", "z_window=60,120,250", "momentum_window=20,60,120"),
    **dict.fromkeys(AGENTS, ("touches=3:6:1", "margin=0,0.5,1", "bear_stop=2,4,6")),
    **dict.fromkeys(CLOCK, ("move_days=5,10,20", "weak=-1.5,-1,-0.5", "stress_rank=0.8,0.9,0.95")),
    "fund_replica": ("window=24,36,60", "ridge=0.005,0.02,0.1", "gross_cap=1,1.5"),
}
"""What is chosen among: what the idea leaves open, around the values that are shipped, settled before any run."""

PLAN = ("walkforward.train=5y", "walkforward.test=1y")


@lru_cache(maxsize=16)
def found(name: str, sets: tuple[str, ...]) -> WalkForwardFound:
    """The walk-forward of configs/NAME_real.yaml with overrides."""
    configure = configured(CONFIGS / f"{name}_real.yaml", [*sets, *PLAN])
    ready = configure(())
    return walk_forward(ready, grid_asked(GRIDS[name], ready.config.sweep), configure, unwatched)


def shipped(given: Sequence[str]) -> Table:
    """Each shipped strategy: what its choices promised and kept, and the account that made them beside its own."""
    titles = ["run", "choices", "among", "where chosen", "where used", "median there", "others below",
              "account a year", "as configured", "better than cash"]  # fmt: skip
    rows = [titles]
    for name in GRIDS:
        one = found(name, tuple(given))
        account, own = one.analysis.metrics["cagr"], one.after.own.analysis.metrics["cagr"]
        rows.append(
            [
                name,
                str(len(one.folds)),
                str(one.grid.size),
                told(one, one.promised),
                told(one, one.kept),
                told(one, one.blind),
                percent(one.rank, 0),
                percent(float(str(account)), 1),
                percent(float(str(own)), 1),
                percent(above_cash(one), 0),
            ]
        )
    return rows


PAGE = Page[Sequence[str]]("walkforward.md", (shipped,))

if __name__ == "__main__":
    PAGE.main()
