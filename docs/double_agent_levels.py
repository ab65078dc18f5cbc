# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a part of double_agent_figures beside)
"""Which supports count for the Double Agent on real bars, before and after, and those of April 2025 one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from page import Column, Table, compared, money, run, runs

from engine.analytics.attribution.agents import agent_paths
from engine.indicators import level_history, levels_known
from strategies.agents.orders import Reason

CONFIG = "double_agent_real"
FRESH = 126
ANY_LEVEL = ("params.role=any", "params.fresh=0", "params.step_pause=5", "params.measure=price", "params.score=0")
SHIPPED = ("params.role=reversed", f"params.fresh={FRESH}", "params.step_pause=1", "params.measure=log")
"""What all tables but the first two are measured with, as it was by default, and the support that is shipped."""

APRIL, MONTH_AFTER = "2025-04-03", 21


def levels(given: Sequence[str]) -> Table:
    """The rules that a support must meet, one by one and together: how many breaks are left, and what came of it."""
    choices = (
        ("any level, steps paused: as it was", ()),
        ("a level that was a ceiling", ("params.role=reversed",)),
        (f"the first break in {FRESH} bars", (f"params.fresh={FRESH}",)),
        ("at most 20 crossings", ("params.max_crossings=20",)),
        ("steps without a pause", ("params.step_pause=1",)),
        ("all of it, as shipped", SHIPPED),
    )
    own: dict[str, Column] = {
        "bears": lambda result, _: str(np.count_nonzero(result.orders["reason"] == Reason.BEAR_BREACH)),
        "earned by bears": lambda result, _: money(agent_paths(result, ("bear",))[0].pnl[-1]),
    }
    return compared(runs(CONFIG, given, choices), (*own, "CAGR", "max drawdown"), own)


def april(given: Sequence[str]) -> Table:
    """The supports that stood before the break of April 2025, the strongest first, and what closes had done to them."""
    market, p = run(CONFIG, given).market, run(CONFIG, (*given, *SHIPPED)).params
    bars, row = market.small, int(np.searchsorted(market.sessions, np.datetime64(APRIL)))
    rules = {"left": p["pivot"], "right": p["pivot"], "tolerance": p["tolerance"], "min_touches": p["touches"]}
    known = levels_known(
        bars.high, bars.low, bars.close, bars.volume, row, min_age=p["min_age"], max_age=p["memory"], **rules
    )
    table = [["support", "strength", "first touch", "touches", "was a ceiling", "bars since a close below", "crossings",
              f"lowest close in {MONTH_AFTER} sessions after"]]  # fmt: skip
    for one in known:
        if one.side == "support" and one.price > 0.8 * bars.close[row - 1]:
            age = np.arange(len(market)) - float(one.first_row)
            past = level_history(bars.close, np.full(len(market), one.price), age)
            lowest = bars.close[row : row + MONTH_AFTER].min()
            table.append([
                f"{one.price:.2f}", f"{one.strength:.1f}", str(market.sessions[one.first_row]), str(len(one.touches)),
                "yes" if one.role_reversed else "no", f"{past.since_below[row]:.0f}", f"{past.crossings[row]:.0f}",
                f"{lowest:.2f}, {'below' if lowest < one.price else 'above'}",
            ])  # fmt: skip
    return table
