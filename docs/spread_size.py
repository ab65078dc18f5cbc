# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""What decides the size of the spread trade, what each form of pyramid carries, and what leverage July 2024 left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from page import Table, compared, percent, run, runs

from engine.engines.run_record import RunRecord
from engine.kernel.codes import Cause, OrderStatus

CONFIG = "spread_real"
NO_GUARD, NO_STOP = ("params.unwind_shock=-20", "params.unwind_flat=-20"), ("params.ratio_stop=0",)
HOUSE_RATES = ", ".join(f"{rule}_{side}: 0.15" for rule in ("initial", "maintenance") for side in ("long", "short"))
HOUSE = (f"account.margin.table=[{{{HOUSE_RATES}, floor_high: 0, floor_low: 0}}]",)
FOLLOW, RATCHET = (
    ("params.target_volatility=0.1", f"params.pyramid={form}", "params.pyramid_step=1")
    for form in ("follow", "ratchet")
)
BEFORE, AFTER = "2024-07-09", "2024-08-15"
TARGETS = (0.04, 0.05, 0.06, 0.08, 0.10)


def target(given: Sequence[str]) -> Table:
    """On how many days each volatility target asks for more than the cap, and what volatility came of it."""
    rows = [["target", "the cap decides, all sessions", "in the trade", "volatility in the trade", "mean gross"]]
    for aimed in TARGETS:
        result = run(CONFIG, (*given, f"params.target_volatility={aimed}"))
        features, points, p = result.features, result.points, result.params
        capped = aimed / features["volatility"] > p["gross_cap"] / (1.0 + features["hedge"])
        known, held = ~np.isnan(features["z"] + features["volatility"]), result.gross > 0.0
        gained = points["equity"][1:] / points["equity"][:-1] - 1.0
        moved = float(gained[held[:-1]].std(ddof=1)) * math.sqrt(252)
        gross = float((result.gross / points["equity"])[held].mean())
        shares = [percent(float(capped[days].mean()), 0) for days in (known, held & known)]
        rows.append([percent(aimed, 0), *shares, percent(moved), f"{gross:.2f}"])
    return rows


def pyramid(given: Sequence[str]) -> Table:
    """The whole run with each form of pyramid, one times the size for each sigma, at the shipped target and above."""
    found = []
    for aimed, cap in ((0.05, 1.6), (0.05, 1.9), (0.10, 1.9)):
        for form in ("none", "follow", "ratchet"):
            sets = (f"target_volatility={aimed}", f"gross_cap={cap}", f"pyramid={form}", "pyramid_step=1")
            found.append((f"{form}, target {percent(aimed, 0)}, cap {cap}", [f"params.{one}" for one in sets]))
    titles = (
        "CAGR",
        "volatility",
        "Sharpe",
        "max drawdown",
        "worst 15 sessions",
        "costs a year",
        "fills",
        "mean gross",
    )
    return compared(runs(CONFIG, given, found), titles, {"mean gross": _gross})


def july(given: Sequence[str]) -> Table:
    """What leverage did in July 2024: equity since the close of 9 July at its lowest and on 15 August."""
    rows = [["margin", "size", "gross on 9 July", "most gross", "most margin use", "calls in 2 years",
             "lowest, guard", "15 August, guard", "lowest, no exits", "15 August, no exits"]]  # fmt: skip
    full = "params.target_volatility=1"
    for margin, terms, size, sets in (
        ("Reg T", (), "cap 1.0", (full, "params.gross_cap=1.0")),
        ("Reg T", (), "cap 1.6", (full, "params.gross_cap=1.6")),
        ("Reg T", (), "cap 1.9", (full, "params.gross_cap=1.9")),
        ("Reg T", (), "cap 1.9, follow", (*FOLLOW, "params.gross_cap=1.9")),
        ("Reg T", (), "cap 1.9, ratchet", (*RATCHET, "params.gross_cap=1.9")),
        ("15 % a leg", HOUSE, "cap 4", (full, "params.gross_cap=4")),
        ("15 % a leg", HOUSE, "cap 6", (full, "params.gross_cap=6")),
        ("15 % a leg", HOUSE, "cap 6, follow", (*FOLLOW, "params.gross_cap=6")),
        ("15 % a leg", HOUSE, "cap 6, ratchet", (*RATCHET, "params.gross_cap=6")),
    ):
        period = ("period.start=2023-01-03", "period.end=2024-12-31")
        guarded = _summer(run(CONFIG, (*given, *period, *terms, *sets)))
        held = _summer(run(CONFIG, (*given, *period, *terms, *sets, *NO_GUARD, *NO_STOP)))
        path = [f"{guarded['gross']:.1f}", f"{guarded['most']:.1f}", f"{guarded['use']:.2f}", f"{guarded['calls']:.0f}"]
        ends = [percent(one[name]) for one in (guarded, held) for name in ("low", "end")]
        rows.append([margin, size, *path, *ends])
    return rows


def _gross(result: RunRecord, _: Mapping[str, Any]) -> str:
    held = result.gross > 0.0
    return f"{float((result.gross / result.points['equity'])[held].mean()):.2f}"


def _summer(result: RunRecord) -> dict[str, float]:
    sessions, equity = result.market.sessions, result.points["equity"]
    start, stop = (int(np.flatnonzero(sessions == np.datetime64(day))[0]) for day in (BEFORE, AFTER))
    weeks = slice(start, stop + 1)
    called = result.orders["reason"] < 0
    rejected = result.orders[result.orders["status"] == OrderStatus.REJECTED]
    refused = int((rejected["cause"] != Cause.MARGIN_CALL).sum())
    if refused:
        raise ValueError(f"{refused} orders were refused: the table would compare other books than it says")
    return {
        "gross": float(result.gross[start] / equity[start]),
        "most": float((result.gross / equity)[weeks].max()),
        "use": float((result.points["maintenance"] / equity)[weeks].max()),
        "calls": len(np.unique(result.orders["born"][called])),
        "low": float(equity[weeks].min() / equity[start] - 1.0),
        "end": float(equity[stop] / equity[start] - 1.0),
    }
