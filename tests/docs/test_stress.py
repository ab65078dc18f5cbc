# SPDX-License-Identifier: Apache-2.0
"""docs/stress.md: the windows, the rounds by hand, and the figures on real bars."""

import datetime as dt
import json
import re
from functools import partial

import numpy as np
import pytest

from engine.model.run import Margin
from engine.report.kit.encoding import to_json
from engine.report.kit.words import percent
from engine.report.stress.document import document
from engine.report.stress.words import times
from engine.runs.backtest import loaded
from engine.runs.stress import stress
from engine.runs.stress.impact import Covering
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.shocks import Shock
from engine.runs.stress.spiral import Shocked, run_spiral
from engine.runs.stress.windows import WINDOWS
from tests.docs.conftest import ROOT, page, tables_with

PAGE = "stress.md"
per_cent = partial(percent, digits=1, sign=False)
MINUS = "\N{MINUS SIGN}"


def test_the_windows_of_the_page_are_those_of_the_test():
    (rows,) = tables_with(PAGE, "window", "what happened")
    assert [(row["window"], row["dates"], row["what happened"]) for row in rows] == [
        (one.title, f"{one.first} to {one.last}", one.words) for one in WINDOWS
    ]


def test_the_rounds_by_hand():
    from tests.runs.test_stress_spiral import rates

    (rows,) = tables_with(PAGE, "round", "covered")
    quantities, prices = np.array([10_000.0, -10_000.0]), np.array([100.0, 110.0])
    market = Liquidity(np.array([0.01, 0.02]), np.array([1e6, 1e6]))
    start = Shocked(quantities, prices, 400_000.0, Margin(cushion=0.1), rates())
    steps = run_spiral(start, Covering.of(quantities, 99.0, market, 1.0)).steps
    for row, step in zip(rows, steps, strict=False):
        large, small = (percent(move, 4, plus=True).replace(MINUS, "-").lstrip("+") for move in step.moves)
        assert (row["covered"], row["large moved"], row["small moved"]) == (f"{step.covered:.4f}", large, small)
        assert (row["equity"], row["maintenance"]) == (f"{step.equity:,.2f}", f"{step.maintenance:,.2f}")
    assert len(rows) == 3


@pytest.fixture(scope="module")
def real(real_data):
    config = ROOT / "configs" / "spread_real.yaml"
    paths = [f"data.path={real_data}"]
    return json.loads(to_json(document(stress(loaded(config, paths)))))


def test_the_figures_on_real_bars(real):
    (rows,) = tables_with(PAGE, "window", "gross before")
    assert len(rows) == len(real["windows"])
    for row, one in zip(rows, real["windows"], strict=True):
        did, held, spiral = one["strategy"], one["held"], one["spiral"]
        frozen = next(rung for rung in held["by_leverage"] if rung["leverage"] == 1.6)
        flat = one["book"]["session"] != one["book"]["asked"]
        shown = (did["return"], did["worst_day"], did["max_drawdown"], did["worst_15_sessions"])
        assert list(row.values()) == [
            one["title"] + ("°" if flat else ""),
            *(per_cent(value).replace(MINUS, "-") for value in shown),
            f"{did['gross_before']:.2f}x",
            str(did["margin_calls"]),
            per_cent(frozen["worst_loss"]),
            times(held["called_at"]),
            times(held["dies_at"]),
            "never lost" if spiral is None else times(spiral["dies_at"]),
        ]


def test_the_puts_of_july_2007(real_data):
    config = ROOT / "configs" / "vix_hedge_puts_real.yaml"
    paths = [f"data.path={real_data}"]
    found = stress(loaded(config, paths), asof=dt.date(2007, 7, 31), leverages=[1.0, 3.0])
    (rows,) = tables_with(PAGE, "IWM in 1 day", "its shares alone")
    at = found.leverages.index(1.0)
    for row, size in zip(rows, (0.10, 0.20, 0.30), strict=True):
        shock = next(one for one in found.shocks if one.shock == Shock(size, 0.0, 1))
        alone = size * float(found.book.weights[1])
        assert list(row.values()) == [
            f"-{size:.0%}".replace("%", " %"),
            per_cent(alone),
            per_cent(shock.ladder.held[at].worst),
        ]
    text = " ".join(page(PAGE).split())
    rule, (put,) = found.volatility, found.book.legs
    weight = float(found.book.weights[1])
    assert f"{100 * weight:.0f} % of gross in IWM, puts at the price on {100 * put.weight:.0f} %" in text
    assert round(100 * put.moneyness) == 100
    now, high = (f"{100 * value:.1f} %" for value in (rule.start[1], rule.high[1]))
    assert f"Volatility {now} now, beta {rule.beta[1]:.1f}, never above the {high}" in text
    lost = per_cent(shock.ladder.held[found.leverages.index(3.0)].worst)
    assert f"called at {times(shock.ladder.called_at)} by a fall of 30 % although it loses {lost} % at 3x" in text


def test_the_findings_are_those_of_the_run(real):
    """Every figure of the list under the table that the run prints."""
    text = " ".join(page(PAGE).split())
    july = next(one for one in real["windows"] if one["name"] == "july_2024")
    by_leverage = {rung["leverage"]: rung for rung in july["held"]["by_leverage"]}
    alone, spiral = times(july["spiral"]["dies_without_impact_at"]), times(july["spiral"]["dies_at"])
    own, three, six = by_leverage[1.6], by_leverage[3.0], by_leverage[6.0]
    ended, worst = per_cent(own["loss"]), per_cent(own["worst_loss"])
    assert f"frozen at 1.6x, ended the month {ended} % down and {worst} % at worst" in text
    assert f"kills at {alone} without impact, at {spiral} with the crowd" in text
    assert f"{per_cent(three['worst_loss'])} % at 3x, {per_cent(six['worst_loss'])} % at 6x" in text
    called = [one["held"]["called_at"] for one in real["windows"]]
    assert f"called from {min(called):.1f}x to {max(called):.1f}x on" in text
    table = dict(
        zip(real["spiral"]["sensitivity"]["coefficients"], real["spiral"]["sensitivity"]["dies_at"], strict=True)
    )
    assert f"gone at {times(table[0.0][2])} by the move alone, at {times(table[1.0][2])} with a crowd" in text
    assert f"at {table[1.0][4]:.1f}x with four times that" in text
    assert f"moves nothing: {times(table[1.0][0])}" in text
    quick, slow = (
        next(one for one in real["shocks"] if (one["size"], one["large"], one["sessions"]) == (0.30, 0.0, days))
        for days in (1, 15)
    )
    slow_at, quick_at = times(slow["held"]["dies_at"]), times(quick["held"]["dies_at"])
    assert f"+30 % in 15 days kills at {slow_at}, in one day at {quick_at}" in text


def test_lower_rates_of_margin_on_real_bars(real, real_data):
    """The settings that the page prints, at the leverage it speaks of."""
    text = " ".join(page(PAGE).split())
    wanted = re.findall(r"--set '(account\.margin\.table[^']+)'", text)
    paths = [f"data.path={real_data}"]
    period = ["period.start=2020-01-02", "period.end=2024-08-01"]
    found = stress(loaded(ROOT / "configs" / "spread_real.yaml", [*paths, *wanted, *period]), leverages=[10.0])
    july = found.windows[-1]
    ten = next(held for held in july.ladder.held if held.leverage == 10.0)
    assert len(wanted) == 3
    assert f"comes at {july.ladder.called_at:.1f}x and 10x loses {per_cent(ten.worst)} %" in text
    before = next(one for one in real["windows"] if one["name"] == "july_2024")
    assert f"the same {times(july.spiral.dies_at)}" in text
    assert times(before["spiral"]["dies_at"]) == times(july.spiral.dies_at)
