# SPDX-License-Identifier: Apache-2.0
"""docs/worth.py: what it measures against sums of its own from plain backtests, one source for all pages, its bars."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats

from engine.analytics.analysis import analyse
from engine.config.loader import load_config
from engine.runs.backtest import backtest
from tests.docs.conftest import ROOT, page, script, tables_with

CONFIG = ROOT / "configs" / "spread_sample.yaml"
SETS = ["period.start=2014-01-02", "period.end=2018-12-31", "series={}", "costs.benchmark=0.02",
        "walkforward.train=2y", "walkforward.test=1y"]  # fmt: skip
ENTER, WINDOW = (0.25, 0.5, 1.0), (20, 40)
FIRST_TEST = "2016-01-04"


def returns(*put):
    """(T,) returns over cash, close to close, from the equity of a plain backtest."""
    result = backtest(load_config(CONFIG, [*SETS, *put]), glance=False)
    equity = np.append(1e6, result.points["equity"])
    return equity[1:] / equity[:-1] - 1.0 - 0.02 / 252


@pytest.fixture(scope="module")
def one():
    grid = [f"enter={','.join(map(str, ENTER))}", f"z_window={','.join(map(str, WINDOW))}"]
    return script("worth").measured(CONFIG, grid, SETS, runs=3)


@pytest.fixture(scope="module")
def sets():
    """(N, T) of every combination over the sessions that are tested."""
    put = [(f"params.enter={enter}", f"params.z_window={window}") for enter, window in itertools.product(ENTER, WINDOW)]
    return np.array([returns(*words, f"period.start={FIRST_TEST}") for words in put])


def psr(own, over, years=252):
    """Bailey and Lopez de Prado (2012), by scipy."""
    ratio, skew, kurtosis = own.mean() / own.std(ddof=1), stats.skew(own), stats.kurtosis(own, fisher=False)
    spread = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2
    return stats.norm.cdf((ratio - over / math.sqrt(years)) * math.sqrt((len(own) - 1) / spread)), spread, ratio


def ratios(rows):
    return rows.mean(axis=1) / rows.std(axis=1, ddof=1)


def test_the_ratio_its_probability_and_its_record_are_those_of_the_returns(one):
    own = returns()
    sure, spread, ratio = psr(own, 0.0)
    assert one["sharpe"][0] == pytest.approx(ratio * math.sqrt(252), rel=1e-9)
    assert one["probabilistic"] == pytest.approx(sure, rel=1e-6)
    needed = 1 + spread * (stats.norm.ppf(0.95) / ratio) ** 2 if ratio > 0 else None
    assert one["years_needed"] == (needed and pytest.approx(needed / 252, rel=1e-6))
    assert one["years"] == pytest.approx(len(own) / 252)
    assert one["sharpe"][1] < one["sharpe"][0] < one["sharpe"][2]


def test_trials_are_the_run_and_every_combination(one, sets):
    own = returns()
    found = np.append(math.sqrt(252) * ratios(sets), one["sharpe"][0])
    tried, spread = len(found), found.std(ddof=1)
    luck = spread * ((1 - np.euler_gamma) * stats.norm.ppf(1 - 1 / tried)
                     + np.euler_gamma * stats.norm.ppf(1 - 1 / (tried * math.e)))  # fmt: skip
    assert one["trials"] == tried == 7
    assert one["expected_best"] == pytest.approx(luck, rel=1e-6)
    assert one["deflated"] == pytest.approx(psr(own, luck)[0], rel=1e-6)


def test_overfitting_is_that_of_halves_of_the_rows(one, sets):
    bounds = sets.shape[1] * np.arange(0, 65, 4) // 64
    part = [sets[:, first:last] for first, last in itertools.pairwise(bounds)]
    halves = np.array([[at in half for at in range(16)] for half in itertools.combinations(range(16), 8)], float)

    def ratio(taken):
        total, squares = (taken @ np.array([(own**power).sum(axis=1) for own in part]) for power in (1, 2))
        bars = (taken @ np.diff(bounds))[:, None]
        return (total / bars) / np.sqrt((squares - total**2 / bars) / (bars - 1))

    inside, outside = ratio(halves), ratio(1 - halves)
    ranks = stats.rankdata(outside, axis=1)[np.arange(len(halves)), inside.argmax(axis=1)]
    assert one["walk"]["overfitting"] == pytest.approx(np.mean(ranks <= (len(sets) + 1) / 2), abs=0.002)


def test_the_walk_is_judged_over_its_tests(one):
    walk = one["walk"]
    assert (walk["choices"], walk["among"]) == (3, 6)
    own = analyse(backtest(load_config(CONFIG, [*SETS, f"period.start={FIRST_TEST}"]), glance=False))
    assert walk["own"] == own.metrics["cagr"]
    assert len(walk["paths"]) == 15
    assert 0.0 <= walk["rank"] <= 1.0
    assert one["null_markets"]["apart"]["own"] == one["null_markets"]["together"]["own"]
    assert one["null_markets"]["together"]["p"] in (0.25, 0.5, 0.75, 1.0)


FIGURES = {
    "sharpe": [0.4, 0.1, 0.7], "years": 20.0, "years_needed": 17.0, "probabilistic": 0.97, "deflated": 0.94,
    "trials": 37, "null_markets": {"block": 2.0, "together": {"own": 0.4, "median": 0.0, "p": 0.05}, "apart": None},
    "random_entries": None,
    "walk": {"rank": 0.6, "choices": 21, "paths": [-0.1] + [0.2] * 14, "overfitting": 0.04, "superior": 0.2,
             "account": 0.02, "own": 0.03},
}  # fmt: skip


def test_what_stands_a_question_is_at_its_bar_or_beyond():
    worth = script("worth")
    answers = worth.asked(FIGURES)
    assert [name for name, stood in answers.items() if stood] == [
        "its interval", "the length of its record", "one try", "overfitting", "null markets",
    ]  # fmt: skip
    assert "random entries" not in answers
    assert "null markets apart" not in answers
    assert worth.stands(FIGURES).startswith("5 of 9: its interval, ")
    nothing = {**FIGURES, "sharpe": [0.1, -0.1, 0.3], "years_needed": None, "probabilistic": 0.6, "null_markets": None}
    nothing["walk"] = {**FIGURES["walk"], "overfitting": 0.051}
    assert worth.stands(nothing) == "none of 8"
    surer = {**FIGURES, "walk": {**FIGURES["walk"], "rank": 0.604}}  # 0.5 + 1.645 x 0.2887 / sqrt(21) = 0.6036
    assert "choosing anew" in worth.stands(surer)


def test_every_page_says_what_was_measured_once():
    """Every configuration on real bars but the portfolio, which is no strategy; the pages agree with one another."""
    worth = script("worth")
    kept = json.loads(worth.FILE.read_text(encoding="utf-8"))
    there = {file.stem.removesuffix("_real") for file in (ROOT / "configs").glob("*_real.yaml")}
    assert set(kept) == set(worth.GRIDS) == there - {"portfolio"}
    (walks,) = tables_with("walkforward.md", "run", "others below")
    (stand,) = tables_with("significance.md", "run", "stands")
    for name, walk, stood in zip(kept, walks, stand, strict=True):
        assert (walk["run"], stood["run"]) == (name, name)
    for file, grids in worth.PAGES.items():
        text = page(f"strategies/{file}.md")
        for name in grids:
            (rows,) = tables_with(f"strategies/{file}.md", f"`{name}_real`")
            cells = {row[""]: row[f"`{name}_real`"] for row in rows}
            assert cells["walk-forward, others below where used"] == f"{100 * kept[name]['walk']['rank']:.0f} %"
            assert cells["**stands**"] == next(row["stands"] for row in stand if row["run"] == name)
        assert "## What survives" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", list(script("worth").GRIDS))
def test_the_figures_are_those_of_the_bars(real_data, name):
    worth = script("worth")
    found = worth.measured(worth.CONFIGS / f"{name}_real.yaml", worth.GRIDS[name],
                           [f"data.path={real_data}", *worth.PLAN])  # fmt: skip
    assert found == json.loads(worth.FILE.read_text(encoding="utf-8"))[name]
