# SPDX-License-Identifier: Apache-2.0
"""What a sweep makes of its ratios, by hand: best, median, luck, neighbours, profiles; no run is run whole."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from engine.analytics.significance.sharpe_ratio import deflated_sharpe, expected_best
from engine.kernel.codes import RunCode
from engine.report.sweep.document import luck_notices
from engine.runs.sweep import findings
from engine.runs.sweep.figures import FEW, OBJECTIVES, kept_dtype
from engine.runs.sweep.findings import FOLLOWED, conclude
from engine.runs.sweep.grid import grid_of, neighbours

NAN = math.nan
RETURNS = np.random.default_rng(8).normal(0.0009, 0.009, 500)
RATES = np.where(np.arange(500) < 400, 0.01, 0.3)
OVER_CASH = RETURNS - RATES / 252
SHAPE = (500, stats.skew(OVER_CASH), stats.kurtosis(OVER_CASH, fisher=False))
RATIOS = [0.2, 1.0, NAN, 0.6, -0.3, 0.9, 5.0]
"""Of seven combinations; the last one stopped before its end."""


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Runs that are run whole have returns and nothing else."""
    facts = SimpleNamespace(returns=RETURNS, rates=RATES, per_year=252.0, fills=1)
    monkeypatch.setattr(findings, "backtest", lambda *_, **__: None)
    monkeypatch.setattr(findings, "analyse", lambda _: SimpleNamespace(facts=facts))


def concluded(ratios, grid, stopped=(), **given):
    figures = np.zeros(len(ratios), kept_dtype(FEW))
    figures["reward_to_variability"] = ratios
    figures["error"] = RunCode.OK
    figures["error"][list(stopped)] = next(one for one in RunCode if one != RunCode.OK)
    bench = SimpleNamespace(grid=grid, stands=SimpleNamespace(configure=lambda _: None))
    objective = OBJECTIVES["reward_to_variability"]
    return conclude(bench, range(len(ratios)), figures, [objective], 1, 0, **given)


def seven(**given):
    return concluded(RATIOS, grid_of({"window": list(range(1, 8))}), stopped=[6], **given)


def test_the_best_is_one_that_went_to_its_end_and_the_middle_is_the_median():
    """Of 1.0, 0.9, 0.6, 0.2 and -0.3."""
    found = seven()
    assert (found.best.place, found.middle.place) == (1, 3)
    assert np.flatnonzero(np.isnan(found.score)).tolist() == [2, 6]
    assert found.stopped.tolist() == [6]


def test_of_an_even_number_the_middle_is_the_lower_of_two():
    found = concluded([0.2, 1.0, 0.6, 0.9], grid_of({"window": [1, 2, 3, 4]}))
    assert found.score[found.middle.place] == 0.6


def test_luck_is_of_all_that_have_a_ratio():
    luck, root, own = seven().luck, math.sqrt(252), OVER_CASH.mean() / OVER_CASH.std(ddof=1)
    spread = np.std([0.2, 1.0, 0.6, -0.3, 0.9], ddof=1)
    assert (luck.tries, luck.drawn, luck.sharpe) == (5, 5, pytest.approx(own * root))
    assert luck.expected == pytest.approx(expected_best(5, spread))
    assert luck.deflated == pytest.approx(deflated_sharpe(own, 5, spread / root, *SHAPE))


def test_a_search_is_judged_by_what_it_drew_and_by_all_that_it_could_have_chosen():
    """Four were drawn, of which three have a ratio, and the median is theirs; the grid has seven."""
    found, root, own = seven(free=4), math.sqrt(252), OVER_CASH.mean() / OVER_CASH.std(ddof=1)
    spread = np.std([0.2, 1.0, 0.6], ddof=1)
    assert found.followed
    assert (found.best.place, found.middle.place) == (1, 3)
    assert (found.luck.tries, found.luck.drawn) == (7, 3)
    assert found.luck.expected == pytest.approx(expected_best(7, spread))
    assert found.luck.deflated == pytest.approx(deflated_sharpe(own, 7, spread / root, *SHAPE))
    assert found.many.unsaid == FOLLOWED


def test_one_ratio_has_no_luck():
    assert concluded([0.2, NAN], grid_of({"window": [1, 2]})).luck is None


@pytest.mark.parametrize(("sessions", "told"), [(5, False), (59, False), (60, True)])
def test_of_a_few_sessions_nothing_is_said_of_luck(monkeypatch, sessions, told):
    facts = SimpleNamespace(returns=RETURNS[:sessions], rates=RATES[:sessions], per_year=252.0, fills=1)
    monkeypatch.setattr(findings, "analyse", lambda _: SimpleNamespace(facts=facts))
    found = seven()
    assert (found.luck is not None) is told
    said = [one.text for one in luck_notices(found) if "too few to tell the best from luck" in one.text]
    words = f"{sessions} sessions are too few to tell the best from luck, which takes 60"
    assert said == ([] if told else [f"{words}: its ratio a year is theirs, stretched."])


def test_neighbours_are_one_step_away_along_axes_of_numbers():
    """Rows are values of a window, columns names, which are not next to each other; one has no score."""
    grid = grid_of({"window": [10, 20, 30], "benchmark": ["IWM", "SPY"]})
    score = np.array([1.0, 2.0, NAN, 4.0, 5.0, 6.0])
    assert neighbours(grid, score) == pytest.approx([NAN, 4.0, 3.0, 4.0, NAN, 4.0], nan_ok=True)
    assert neighbours(grid, score, own=True) == pytest.approx([1.0, 3.0, 3.0, 4.0, 5.0, 5.0])
    both = grid_of({"window": [10, 20], "enter": [1, 2]})
    assert neighbours(both, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [3.0, 4.5, 4.5, 3.0]


@pytest.mark.parametrize(
    ("ratios", "lonely"),
    [
        ([0.0, 0.1, 1.0, 0.1, 0.0], True),
        ([0.0, 0.0, 0.0, 0.0, 0.9, 1.0, 0.9, 0.0, 0.0], False),
        ([NAN, 1.0, NAN, 0.5, 0.4], False),  # nothing is known around it
        ([0.66, 0.69], False),  # nothing is lost there, and the median is the other one
        ([0.70, 0.71, 0.70, 0.69], False),
        ([-0.9, -0.2, -0.9, -1.0], True),
    ],
)
def test_a_spike_is_lonely_and_a_hill_is_not(ratios, lonely):
    assert concluded(ratios, grid_of({"window": list(range(1, len(ratios) + 1))})).lonely is lonely


def test_profiles_and_pairs_are_of_the_scores_behind_each_value():
    """Eleven scores behind each of two values: a tenth, half and nine tenths of 0 to 10 are 1, 5 and 9."""
    ratios = np.concatenate([np.arange(11.0), np.full(11, NAN)])
    found = concluded(ratios, grid_of({"enter": [1, 2], "window": list(range(1, 12))}))
    enter, window = found.profiles
    assert [one.tolist() for one in (enter.low[:1], enter.median[:1], enter.high[:1])] == [[1.0], [5.0], [9.0]]
    assert np.isnan([enter.low[1], enter.median[1], enter.high[1]]).all()
    assert window.median.tolist() == list(range(11))
    pair = found.pair(0, 1)
    assert pair[0].tolist() == list(range(11))
    assert np.isnan(pair[1]).all()
