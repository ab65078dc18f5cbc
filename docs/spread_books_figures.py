# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/spread_books.md on real bars.

    python docs/spread_books_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of each of its configurations, such as data.path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from page import Page, Table, compared, percent, run
from worth import section

BOOKS = ("spread_real", "qqq_iwm_real", "qqq_kre_real", "reverse_book_real")
SUMMERS = (("2007-07-09", "2007-08-06"), ("2024-07-09", "2024-07-26"))
NO_GUARD = ("params.unwind_shock=-20", "params.unwind_flat=-20")


def pairs(given: Sequence[str]) -> Table:
    """How a dollar of each leg moves beside the index, and where the cap decides instead of the target."""
    rows = [
        [
            "book",
            "long",
            "short",
            "from",
            "to",
            "volatility, long",
            "volatility, short",
            "both",
            "shocks below -2.5",
            "the cap decides",
        ]
    ]
    for name in BOOKS:
        result = run(name, given)
        market, f, p = result.market, result.features, result.params
        legs = [np.diff(np.log(getattr(market, role).close)) for role in ("large", "small")]
        legs = legs if p["direction"] > 0 else legs[::-1]
        symbols = [market.symbols[role] for role in (("large", "small") if p["direction"] > 0 else ("small", "large"))]
        moved = [percent(float(leg.std(ddof=1)) * math.sqrt(252)) for leg in (*legs, legs[0] - legs[1])]
        shock = p["direction"] * f["shock"]
        capped = p["target_volatility"] / f["volatility"] > p["gross_cap"] / (1.0 + f["hedge"])
        held = (result.gross > 0.0) & ~np.isnan(f["volatility"])
        shares = percent(float((shock[~np.isnan(shock)] <= -2.5).mean()), 2), percent(float(capped[held].mean()), 0)
        days = str(market.sessions[0]), str(market.sessions[-1])
        rows.append([f"`{name}`", *symbols, *days, *moved, *shares])
    return rows


def squeezes(given: Sequence[str]) -> Table:
    """What a dollar long and a dollar short of each book made in the two summers, between closes."""
    rows = [["book", *(f"{first} to {last}" for first, last in SUMMERS)]]
    for name in BOOKS:
        market, side = (result := run(name, given)).market, result.params["direction"]
        cells = []
        for days in SUMMERS:
            ends = [np.flatnonzero(market.sessions == np.datetime64(day)) for day in days]
            if not all(len(end) for end in ends):
                cells.append("")
                continue
            first, last = (int(end[0]) for end in ends)
            large, small = (leg.close[last] / leg.close[first] for leg in (market.large, market.small))
            cells.append(percent(float(side * (large - small))))
        rows.append([f"`{name}`", *cells])
    return rows


def whole(given: Sequence[str]) -> Table:
    """Each run as shipped, without the guard, and with the ratchet."""
    titles = ("CAGR", "volatility", "Sharpe", "max drawdown", "worst 15 sessions", "costs a year", "fills")
    choices = (("", ()), (", guard off", NO_GUARD), (", ratchet", ("params.pyramid=ratchet",)))
    made = ((f"`{name}`{words}", run(name, (*given, *sets))) for name in BOOKS for words, sets in choices)
    return compared(made, titles)


PAGE = Page[Sequence[str]]("strategies/spread_books.md", (pairs, squeezes, whole, section("spread_books")))

if __name__ == "__main__":
    PAGE.main()
