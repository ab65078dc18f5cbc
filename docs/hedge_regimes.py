# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a part of hedge_figures beside)
"""Which regimes the VIX hedge tells on real bars: when the radar opens, how long they last, July 2007 day by day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from page import Column, Table, percent, run, runs
from page import compared as side_by_side

from engine.engines.run_record import RunRecord
from strategies.hedges.regimes import UNKNOWN, Regime, regime_path

CONFIG = "vix_hedge_real"
NAMES = {int(one): one.name.lower() for one in Regime}
ANY_VIX = ("params.radar_vix=1000", "params.radar_vix_out=1000", "params.radar_month=100")
FORMER = (*ANY_VIX, "params.stay=5")
"""The radar as it was: it asked the VIX for no rise and for nothing else; and the least stay as it was."""

SHORT = 5
"""A spell of at most so many bars is flicker."""


def radar(given: Sequence[str]) -> Table:
    """Every alarm of the radar as it was, and what the rules of now say of it."""
    result = run(CONFIG, (*given, *FORMER))
    p, f, sessions = run(CONFIG, given).params, result.features, result.market.sessions
    rows = [["alarm", "times SPY", "IWM/SPY", "VIX, 10 sessions", "VIX", "highest move of the month", "now"]]
    for row in entries(path_of(result), Regime.UNDER_THE_RADAR):
        names = ("times", "relative", "vix_move", "vix", "vix_month")
        why = ["VIX too high"] * bool(f["vix"][row] > p["radar_vix"])
        why += ["a leap within the month"] * bool(f["vix_month"][row] > p["radar_month"])
        rows.append([str(sessions[row]), *(f"{f[name][row]:.2f}" for name in names), ", ".join(why) or "stands"])
    return rows


def flicker(given: Sequence[str]) -> Table:
    """How long a regime lasts and how often the radar opens: as it was, with a quiet VIX, as shipped."""

    def lengths(result: RunRecord) -> NDArray[np.intp]:
        known = (path := path_of(result))[path != UNKNOWN]
        return np.diff(np.concatenate(([0], np.flatnonzero(np.diff(known)) + 1, [len(known)])))

    own: dict[str, Column] = {
        "spells": lambda result, _: str(len(lengths(result))),
        f"of {SHORT} bars or fewer": lambda result, _: percent((lengths(result) <= SHORT).mean()),
        "alarms of the radar": lambda result, _: str(len(entries(path_of(result), Regime.UNDER_THE_RADAR))),
    }
    choices = (("as it was", FORMER), ("a quiet VIX, `stay` 5", ("params.stay=5",)), ("as shipped", ()))
    return side_by_side(runs(CONFIG, given, choices), (*own, "CAGR", "max drawdown", "worst 15 sessions"), own)


def july(given: Sequence[str]) -> Table:
    """Every change of regime from July to September 2007, and what the rules saw."""
    result = run(CONFIG, given)
    path, f, sessions = path_of(result), result.features, result.market.sessions
    rows = [["close", "regime", "IWM", "times SPY", "IWM/SPY", "VIX, 10 sessions", "rank of the VIX", "shares sold"]]
    for row in np.flatnonzero(np.diff(path, prepend=UNKNOWN)):
        if np.datetime64("2007-07-15") <= sessions[row] <= np.datetime64("2007-09-15"):
            sent = -result.orders["asked"][result.orders["born"] == row].sum()
            seen = (f"{f[name][row]:.2f}" for name in ("times", "relative", "vix_move", "vix_rank"))
            close = f"{result.market.small.close[row]:.2f}"
            rows.append([str(sessions[row]), NAMES[int(path[row])], close, *seen, f"{sent:+,.0f}" if sent else ""])
    return rows


def path_of(run: RunRecord) -> NDArray[np.int64]:
    """The regime after each bar."""
    return regime_path(run.features, run.params)


def entries(path: NDArray[np.int64], regime: int) -> NDArray[np.intp]:
    """Rows at whose close the regime was entered."""
    before = np.append(UNKNOWN, path[:-1])
    return np.flatnonzero((path == regime) & (before != regime))
