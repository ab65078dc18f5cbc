# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the table of docs/costs_and_margin.md: what slippage takes of every shipped run on real bars.

    python docs/costs_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of every configs/*_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from double_agent_levels import ANY_LEVEL
from page import Page, Table, money, run

from engine.kernel.codes import EntryKind

BEFORE = {
    "double_agent_calls_real": (37_751, 6.18, 1_442_037),
    "double_agent_fund_real": (74_084, 24.03, 1_271_754),
    "double_agent_real": (47_215, 6.44, 1_610_300),
    "fund_replica_real": (5_973, 6.56, 1_661_103),
    "portfolio_real": (117_296, 6.15, 2_858_607),
    "spread_real": (50_034, 5.86, 1_241_590),
    "vix_hedge_fund_real": (703_520, 74.55, 1_897_732),
    "vix_hedge_index_puts_real": (12_316, 18.46, 5_644_658),
    "vix_hedge_puts_real": (12_410, 17.94, 5_523_909),
    "vix_hedge_real": (513_687, 12.43, 5_049_612),
}
"""Slippage of shares in dollars and in basis points of turnover, and final equity, under 0.05 x sqrt(shares / the
bar's volume), the law of before; everything else as it was on the day of the change."""


QUIET_AT_ANY_VIX = ("stay=5", "radar_vix=1000", "radar_vix_out=1000", "radar_month=100")
AS_THEN = {
    "spread_real": ("params.target_volatility=0.1",),
    "double_agent_real": ANY_LEVEL,
    "double_agent_fund_real": ANY_LEVEL,
    "portfolio_real": tuple(f"sleeves.hedge.params.{one}" for one in QUIET_AT_ANY_VIX),
    **{
        f"vix_hedge{kind}_real": tuple(f"params.{one}" for one in QUIET_AT_ANY_VIX)
        for kind in ("", "_fund", "_puts", "_index_puts")
    },
}
"""Parameters of that day, where others are shipped since: the law alone is what differs."""


def slippage(given: Sequence[str]) -> Table:
    """The runs that were shipped on that day under the law of before and under this one."""
    titles = ["run", "slippage, before", "bp", "slippage", "bp of turnover", "final equity, before", "final equity"]
    rows = [titles]
    for name, (paid, points, equity) in BEFORE.items():
        result = run(name, (*given, *AS_THEN.get(name, ())))
        fills = result.ledger[np.isin(result.ledger["kind"], (EntryKind.FILL, EntryKind.LIQUIDATION))]
        now, traded = float(fills["slippage"].sum()), float(np.abs(fills["qty"] * fills["price"]).sum())
        basis_points = f"{now / traded * 1e4:.2f}"
        ended = money(float(result.points["equity"][-1]))
        rows.append([name, money(paid), f"{points:.2f}", money(now), basis_points, money(equity), ended])
    return rows


PAGE = Page[Sequence[str]]("costs_and_margin.md", (slippage,))

if __name__ == "__main__":
    PAGE.main()
