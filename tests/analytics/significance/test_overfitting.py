# SPDX-License-Identifier: Apache-2.0
"""The probability of overfitting: that of ffn, and of the paper's steps on whole returns; what noise and merit have."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import rankdata

from engine.analytics.significance import overfitting as module
from engine.analytics.significance.overfitting import grouped, overfitting, ratios_of


def noise(seed, size, sets, edge=0.0):
    drawn = np.random.default_rng(seed).normal(0.0, 0.01, (size, sets))
    drawn[:, 5] += 0.01 * edge
    return drawn


def judged(returns, groups=16, seed=0):
    parts = np.array_split(returns, groups)
    sums = [np.array([(part**power).sum(axis=0) for part in parts]).T for power in (1, 2)]
    return overfitting(*sums, np.array([len(part) for part in parts]), seed)


def by_hand(returns, groups):
    """The paper's algorithm on the rows themselves."""
    parts = np.array_split(returns, groups)
    below = []
    for chosen in itertools.combinations(range(groups), groups // 2):
        ratios = []
        for half in (set(chosen), set(range(groups)) - set(chosen)):
            rows = np.concatenate([parts[part] for part in sorted(half)])
            ratios.append(rows.mean(axis=0) / rows.std(axis=0, ddof=1))
        rank = rankdata(ratios[1])[np.argmax(ratios[0])] / (returns.shape[1] + 1)
        below.append(math.log(rank / (1 - rank)) <= 0.0)
    return np.mean(below)


@pytest.mark.parametrize(
    ("given", "theirs"),
    [((3, 320, 12), 0.5428571428571428), ((3, 320, 12, 0.15), 0.2571428571428571)],
)
def test_ffn_says_the_same(given, theirs):
    """ffn 1.4.1, calc_prob_backtest_overfitting with eight blocks of the same returns."""
    assert judged(noise(*given), groups=8).probability == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(("size", "sets", "seed"), [(203, 9, 1), (160, 6, 2), (97, 30, 3)])
def test_the_steps_of_the_paper_say_the_same(size, sets, seed):
    """Groups of unequal length, of odd and even numbers of sets."""
    drawn = noise(seed, size, sets)
    found = judged(drawn, groups=6)
    assert (found.splits, found.of, found.sets) == (20, 20, sets)
    assert found.probability == pytest.approx(by_hand(drawn, 6), abs=1e-12)


@pytest.mark.parametrize("sets", [2, 3, 4, 5, 9])
def test_chance_is_what_a_rank_drawn_blindly_has(sets):
    """The median of an odd number is no better than itself: two thirds of three, a half of four."""
    ranks = np.arange(1, sets + 1)
    drawn = np.random.default_rng(1).normal(0.0, 0.01, (160, sets))
    assert judged(drawn, groups=4).chance == np.mean(ranks <= (sets + 1) / 2)


def test_sets_that_trade_alike_share_their_rank():
    drawn = noise(4, 160, 8)
    drawn = np.hstack([drawn, drawn[:, :3], drawn[:, 1:2] * (1 + 1e-13)])
    assert judged(drawn, groups=8).probability == pytest.approx(by_hand(np.round(drawn, 12), 8), abs=1e-12)


def test_the_better_one_of_all_is_found_again_and_an_edge_is_no_overfitting():
    strong = judged(noise(5, 1_600, 20, edge=0.2))
    assert strong.probability < 0.01
    assert strong.loss < 0.01
    assert strong.inside >= strong.outside > 0.1
    weak = judged(noise(5, 1_600, 20))
    assert weak.inside > 0.0 > weak.outside


def test_a_set_that_does_nothing_has_a_ratio_of_none():
    """All others lose each time: what did nothing is the best, in each half."""
    drawn = noise(6, 320, 4 + 2) - 0.02
    drawn[:, 3] = 0.0001
    found = judged(drawn)
    assert (found.probability, found.inside, found.outside, found.loss) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("gain", [0.01, 1 / 3, -0.07])
@pytest.mark.parametrize("bars", [64, 250, 2_500])
def test_what_gains_the_same_each_bar_has_no_ratio(gain, bars):
    """Sums leave it a variance of rounding, by which it would have a ratio of millions."""
    returns = np.full(bars, gain)
    assert ratios_of(np.array([[returns.sum(), (returns**2).sum(), bars]]), 1).tolist() == [[0.0]]


def test_too_many_sets_for_every_split_are_judged_by_some(monkeypatch):
    drawn = noise(8, 480, 50)
    whole = judged(drawn)
    monkeypatch.setattr(module, "CELLS", 50 * 1_500)
    some = judged(drawn)
    assert (whole.splits, some.splits, some.of) == (12_870, 3_000, 12_870)
    assert some.probability == pytest.approx(whole.probability, abs=0.03)
    assert judged(drawn) == some
    assert judged(drawn, seed=1) != some


def test_neighbours_are_put_together():
    assert grouped(np.arange(12).reshape(1, 12), 4).tolist() == [[3, 12, 21, 30]]
