# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/significance.md: every shipped strategy of shares against chance, on real bars.

    python docs/significance_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of every configs/*_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence

from page import CONFIGS, Page, Table, percent

from engine.analytics.analysis import analyse
from engine.analytics.significance.chance import Chance
from engine.config.loader import load_config
from engine.report.kit.words import decimal
from engine.report.run.chance_section import p_words
from engine.runs.backtest import backtest
from engine.runs.chance.again import once_more
from engine.runs.chance.null_markets import null_markets
from engine.runs.chance.random_entries import random_entries

SHIPPED = ("spread", "double_agent", "double_agent_fund", "vix_hedge", "vix_hedge_fund")
"""All but those of options, and the replica, whose months of a fund have no order but their own."""

RUNS = 200


def shipped(given: Sequence[str]) -> Table:
    """Each shipped strategy among RUNS null markets of each kind."""
    rows = [["run", "block", "the run", "together: half above", "p", "apart: half above", "p"]]
    for name in SHIPPED:
        found = null_markets(once_more(load_config(CONFIGS / f"{name}_real.yaml", given)), RUNS)
        ratios = [*_cells(found.together), *(("", "") if found.apart is None else _cells(found.apart))]
        rows.append([name, decimal(found.block, 1), decimal(found.together.own, 2), *ratios])
    return rows


def scattered(given: Sequence[str]) -> Table:
    """The shipped strategies that are in and out of the market, among RUNS draws of their own entries."""
    rows = [["run", "trades", "invested", "the run", "at market orders", "half above", "p"]]
    for name in ("spread", "double_agent", "double_agent_fund"):
        ready = load_config(CONFIGS / f"{name}_real.yaml", given)
        result = backtest(ready, glance=False)
        found = random_entries(once_more(ready), result, analyse(result), RUNS)
        own, held = decimal(found.chance.own, 2), percent(found.held, 0)
        rows.append([name, str(found.trades), held, own, decimal(found.kept, 2), *_cells(found.chance)])
    return rows


def _cells(one: Chance) -> tuple[str, str]:
    return decimal(one.median, 2), p_words(one.p)


PAGE = Page[Sequence[str]]("significance.md", (shipped, scattered))

if __name__ == "__main__":
    PAGE.main()
