# SPDX-License-Identifier: Apache-2.0
"""Purged paths: the book's figures, the same on whole returns row by row, and what noise and merit have."""

import itertools

import numpy as np
import pytest

from engine.analytics.significance.purged_paths import paths_of, purged_paths, splits_of, trained

BOOK = {
    1: (1, 1, 2, 3, 4, 5), 2: (2, 6, 6, 7, 8, 9), 3: (3, 7, 10, 10, 11, 12), 4: (4, 8, 11, 13, 13, 14),
    5: (5, 9, 12, 14, 15, 15),
}  # fmt: skip
"""Path -> the split that tests each of six groups, two at a time: Lopez de Prado (2018), figures 12.1 and 12.2."""


def test_splits_and_paths_are_those_of_the_book():
    splits = splits_of(6, 2)
    assert len(splits) == 15
    assert (splits[0], splits[5], splits[-1]) == ((0, 1), (1, 2), (4, 5))
    paths = paths_of(splits, 6)
    assert {1 + at: tuple(1 + split for split in path) for at, path in enumerate(paths)} == BOOK
    assert (len(splits_of(16, 2)), len(paths_of(splits_of(16, 2), 16))) == (120, 15)
    assert len(paths_of(splits_of(8, 3), 8)) == 21


@pytest.mark.parametrize(("groups", "tested"), [(6, 2), (5, 3), (16, 2)])
def test_every_path_tests_every_group_once_and_every_test_is_in_one_path(groups, tested):
    splits = splits_of(groups, tested)
    used = [(split, group) for path in paths_of(splits, groups) for group, split in enumerate(path)]
    assert len(set(used)) == len(used) == len(splits) * tested
    assert all(group in splits[split] for split, group in used)


def test_training_leaves_out_what_is_tested_and_a_stretch_on_either_side():
    kept = trained((0, 2), 4, 4)  # tested are stretches 0 to 3 and 8 to 11
    assert np.flatnonzero(kept).tolist() == [5, 6, 13, 14, 15]
    assert np.flatnonzero(trained((1,), 3, 1)).tolist() == []
    assert np.flatnonzero(trained((1,), 4, 4, 3)).tolist() == [0, 11, 12, 13, 14, 15]  # tested: 4 to 7


def sums(returns, stretches):
    """Sums and sums of squares of (T, N) returns over so many stretches, and their lengths."""
    parts = np.array_split(returns, stretches)
    return *(np.array([(part**power).sum(axis=0) for part in parts]).T for power in (1, 2)), np.array(
        [len(part) for part in parts]
    )


def by_hand(returns, stretches, groups, tested, apart=1):
    """The same from the rows themselves."""
    rows = np.array_split(np.arange(len(returns)), stretches)
    each = stretches // groups
    tests = {group: [] for group in range(groups)}
    for split in itertools.combinations(range(groups), tested):
        shut = {at for one in split for at in range(one * each - apart, (one + 1) * each + apart)}
        train = np.concatenate([rows[at] for at in range(stretches) if at not in shut])
        best = np.argmax(returns[train].mean(axis=0) / returns[train].std(axis=0, ddof=1))
        for group in split:
            test = np.concatenate(rows[group * each : (group + 1) * each])
            tests[group].append(returns[test, best])
    paths = [np.concatenate([tests[group][path] for group in range(groups)]) for path in range(len(tests[0]))]
    return sorted(path.mean() / path.std(ddof=1) for path in paths)


@pytest.mark.parametrize(
    ("size", "sets", "stretches", "groups", "tested", "apart"),
    [(203, 9, 12, 6, 2, 1), (640, 5, 64, 16, 2, 1), (640, 5, 64, 16, 2, 4)],
)
def test_ratios_are_those_of_the_rows(size, sets, stretches, groups, tested, apart):
    returns = np.random.default_rng(size).normal(0.0002, 0.01, (size, sets))
    found = purged_paths(*sums(returns, stretches), groups, tested, apart)
    assert found.paths == pytest.approx(by_hand(returns, stretches, groups, tested, apart), abs=1e-12)
    assert found.splits == len(splits_of(groups, tested))
    assert 1 <= found.chosen <= sets
    assert found.loss == np.mean(np.array(found.paths) < 0)


def test_noise_promises_nothing_and_merit_is_kept():
    medians = []
    for seed in range(30):
        noise = np.random.default_rng(seed).normal(0.0, 0.01, (640, 20))
        medians.append(purged_paths(*sums(noise, 64), 16).median)
    assert abs(np.mean(medians)) < 3 * np.std(medians) / np.sqrt(30)
    noise = np.random.default_rng(99).normal(0.0, 0.01, (640, 20))
    noise[:, 7] += 0.002
    found = purged_paths(*sums(noise, 64), 16)
    assert found.loss == 0.0
    assert found.median == pytest.approx(noise[:, 7].mean() / noise[:, 7].std(ddof=1), abs=1e-9)


def test_sets_that_do_not_move_have_a_ratio_of_nothing():
    still = np.zeros((64, 3))
    found = purged_paths(*sums(still, 64), 16)
    assert found.paths.tolist() == [0.0] * 15
    assert found.loss == 0.0  # what stands still earns as much as cash
    assert found.chosen == 1
