# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a part of double_agent_figures beside)
"""What the Double Agent's validators said of the supports that broke on real bars, and what asking them changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from double_agent_levels import CONFIG, SHIPPED
from page import Column, Table, compared, money, run, runs

from engine.analytics.attribution.agents import agent_paths
from engine.arrays import FloatArray
from strategies.agents.orders import Reason
from strategies.agents.validators import SECTORS

ASKED = "params.score=0.5"
SAMPLE = "double_agent_sample"
AFTER = 20


def asked(given: Sequence[str]) -> Table:
    """The same rules with the validators ignored and heard, on any level as it was and on the level as shipped."""
    choices = (
        ("any level, validators ignored: as it was", ()),
        ("any level, validators heard", (ASKED,)),
        ("an old ceiling that breaks first, validators ignored: as it was shipped", SHIPPED),
        ("an old ceiling that breaks first, validators heard: as shipped", (*SHIPPED, ASKED)),
    )
    own: dict[str, Column] = {
        "bears": lambda result, _: str(np.count_nonzero(result.orders["reason"] == Reason.BEAR_BREACH)),
        "earned by bears": lambda result, _: money(agent_paths(result, ("bear",))[0].pnl[-1]),
    }
    return compared(runs(CONFIG, given, choices), (*own, "CAGR", "max drawdown"), own)


def synthetic(_: Sequence[str]) -> Table:
    """Bears of the sample market, where there is short interest, by what is asked."""
    choices = (
        ("nobody asked", ()),
        ("both, as by default", (ASKED,)),
        ("short interest alone", (ASKED, "params.weigh_sectors=0")),
        ("weak sectors alone", (ASKED, "params.weigh_interest=0")),
        ("both, short interest by its last publication", (ASKED, "params.interest=last")),
    )
    table = [["", "bears", "of them short interest says all", "a half", "nothing"]]
    for name, sets in choices:
        result = run(SAMPLE, sets)
        born = result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH]
        said = result.features["interest"][born]
        table.append([name, str(len(born)), *(str(np.count_nonzero(said == part)) for part in (1.0, 0.5, 0.0))])
    return table


def heard(given: Sequence[str]) -> Table:
    """Every bear of the shipped level with the validators ignored: which sectors were weak, and whether it still is."""
    before, after = run(CONFIG, (*given, *SHIPPED)), run(CONFIG, (*given, *SHIPPED, ASKED))
    sessions, close, f = before.market.sessions, before.market.small.close, before.features
    still = set(after.orders["born"][after.orders["reason"] == Reason.BEAR_BREACH].tolist())
    table = [["decided", "close", *(name.upper() for name in SECTORS), "score", f"IWM {AFTER} sessions on", "the bear"]]
    for row in before.orders["born"][before.orders["reason"] == Reason.BEAR_BREACH].tolist():
        window = slice(row - int(before.params["sector_window"]) + 1, row + 1)
        weak = [_weak(getattr(before.market, name)[window]) for name in SECTORS]
        later = close[min(row + AFTER, len(close) - 1)] / close[row] - 1.0
        table.append([
            str(sessions[row]), f"{close[row]:.2f}", *weak, f"{f['score'][row]:.2f}", f"{100 * later:+.1f} %",
            "goes in" if row in still else "stays out",
        ])  # fmt: skip
    return table


def _weak(closes: FloatArray) -> str:
    """Whether the last close is below the mean of all."""
    if not np.isfinite(closes).all():
        return "none yet"
    return "weak" if closes[-1] < closes.mean() else "strong"
