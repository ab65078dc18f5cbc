# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/classic_book.md on real bars.

    python docs/classic_book_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/classic_book_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from page import Page, Table, compared, percent, run, runs
from worth import section

CONFIG = "classic_book_real"
FIRST, LAST = "2007-07-02", "2007-08-31"
AHEAD, APART = 10, 20
"""Sessions that are looked at after an alarm; alarms further apart than this are two."""


def summer(given: Sequence[str]) -> Table:
    """What the monitor showed at each close of July and August 2007, of 100 million dollars long."""
    result = run(CONFIG, given)
    market, features = result.market, result.features
    first, stop = np.searchsorted(market.sessions, [np.datetime64(FIRST), np.datetime64(LAST) + 1])
    small, large = (np.log(getattr(market, role).close) for role in ("small", "large"))
    rows = [
        [
            "close of",
            "IWM",
            "SPY",
            "book beta",
            "hedge beta",
            "net",
            "slipped, $",
            "in ten sessions, $",
            "sigma",
            "alarm",
        ]
    ]
    for row in range(int(first), int(stop)):
        moves = [percent(float(np.expm1(leg[row] - leg[row - 1])), 2) for leg in (small, large)]
        f = features[row]
        betas = [f"{f[name]:.2f}" for name in ("book_beta", "hedge_beta", "net_beta")]
        dollars = [f"{f[name]:,.0f}" for name in ("slipped", "slippage")]
        told = [words for name, words in (("too_long", "too long"), ("slipping", "slipping")) if f[name] == 1.0]
        rows.append([str(market.sessions[row]), *moves, *betas, *dollars, f"{f['slip_sigma']:.1f}", ", ".join(told)])
    return rows


def alarmed(given: Sequence[str]) -> Table:
    """How often each alarm is raised, and what the hedge left uncovered in the ten sessions after its first day."""
    features = run(CONFIG, given).features
    known = np.flatnonzero(~np.isnan(features["net_beta"] + features["slip_sigma"]))
    slipped = features["slipped"] / 1e6
    rows = [
        [
            "alarm",
            "sessions",
            "spells",
            "slipped in the ten sessions after, $ million",
            "standard error",
            "after any session",
        ]
    ]
    after = np.array([slipped[row + 1 : row + 1 + AHEAD].sum() for row in known if row + AHEAD < len(slipped)])
    for name, words in (("too_long", "too long"), ("slipping", "slipping")):
        days = known[features[name][known] == 1.0]
        firsts = days[np.diff(days, prepend=-APART - 1) > APART]
        later = [slipped[row + 1 : row + 1 + AHEAD].sum() for row in firsts if row + AHEAD < len(slipped)]
        error = float(np.std(later, ddof=1)) / len(later) ** 0.5
        cells = [f"{np.mean(later):.2f}", f"{error:.2f}", f"{after.mean():.2f}"]
        rows.append([words, str(len(days)), str(len(firsts)), *cells])
    return rows


def acting(given: Sequence[str]) -> Table:
    """The whole run: an alarm that only reports, and one that cuts; hedged by beta, and by dollars."""
    choices = [
        (f"hedge {hedge}, {words}", (f"params.hedge={hedge}", f"params.cut_to={share}"))
        for hedge in ("beta", "dollar")
        for share, words in ((1, "reports"), (0.5, "cuts to a half"), (0, "closes"))
    ]
    titles = ("CAGR", "volatility", "Sharpe", "max drawdown", "worst 15 sessions", "costs a year", "fills")
    return compared(runs(CONFIG, given, choices), titles)


PAGE = Page[Sequence[str]]("strategies/classic_book.md", (summer, alarmed, acting, section("classic_book")))

if __name__ == "__main__":
    PAGE.main()
