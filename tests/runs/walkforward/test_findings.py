# SPDX-License-Identifier: Apache-2.0
"""What the choices of a walk-forward were worth, worked by hand: three of them, the last without any ratio."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from engine.model.walkforward import WalkForward
from engine.runs.sweep.grid import axis, grid_of
from engine.runs.walkforward.findings import Fold, WalkForwardFound

NAN = math.nan
GRID = grid_of({"enter": [1, 2, 3, 4]})


def fold(number, inside, outside, place, gone=()):
    was = np.isin(np.arange(len(outside)), gone)
    values = {"enter": GRID.values(number)["enter"]}
    return Fold(None, number, values, np.array(inside), np.array(outside), was, place, 0.0)


FOLDS = (
    fold(1, [1.0, 2.0, NAN, 1.5], [0.5, 0.1, 0.3, NAN], 1),
    fold(0, [3.0, 1.0, 2.0, 0.0], [0.2, 0.2, -1.0, 1.4], 0),
    fold(0, [NAN] * 4, [NAN, 0.8, 0.0, 0.7], 0),
)
FOUND = WalkForwardFound(WalkForward(), GRID, FOLDS, None, None, None)


@pytest.mark.parametrize(
    ("one", "promised", "kept", "rank"),
    [
        (FOLDS[0], 2.0, 0.1, 0.0),  # of the two others that have a score neither did worse
        (FOLDS[1], 3.0, 0.2, 0.5),  # one of three did worse, and one as well
        (FOLDS[2], NAN, NAN, NAN),
    ],
)
def test_a_choice(one, promised, kept, rank):
    assert (one.promised, one.kept, one.rank) == pytest.approx((promised, kept, rank), nan_ok=True)


def test_a_choice_without_others_has_no_rank():
    assert math.isnan(fold(0, [1.0], [1.0], 0).rank)
    assert math.isnan(fold(0, [1.0, 2.0], [1.0, NAN], 0).rank)


def test_means_are_of_the_choices_that_have_a_score():
    assert FOUND.promised == pytest.approx(2.5)
    assert FOUND.kept == pytest.approx(0.15)
    assert FOUND.rank == pytest.approx(0.25)


def test_blind_is_the_mean_of_the_medians_where_the_choices_were_used():
    """0.3 of three, 0.2 of four; where nothing was chosen nothing is compared."""
    assert FOUND.blind == pytest.approx((0.3 + 0.2) / 2)


def test_what_was_promised_and_not_used_is_no_part_of_the_comparison():
    """Chosen at 5.0, and without a trade in its test: the promise has nothing to be held against."""
    idle = replace(FOUND, folds=(*FOLDS, fold(2, [0.0, 1.0, 5.0, 2.0], [0.4, 0.6, NAN, 0.8], 2)))
    assert (idle.promised, idle.kept, idle.rank, idle.blind) == pytest.approx((2.5, 0.15, 0.25, 0.25))
    assert (idle.unused, FOUND.unused) == (1, 0)


@pytest.mark.parametrize(
    ("gone", "rank", "lost"),
    [
        ((), NAN, 0),  # without a trade: nothing to be held against
        ((2,), 0.0, 1),  # ruined: the three others did better
        ((2, 3), 1 / 6, 1),  # and one of them no better
    ],
    ids=["idle", "ruined", "with another"],
)
def test_a_choice_that_ruined_its_account_is_the_worst_and_no_missing_figure(gone, rank, lost):
    outside = [0.4, 0.6, NAN, NAN if 3 in gone else 0.8]
    one = fold(2, [0.0, 1.0, 5.0, 2.0], outside, 2, gone)
    assert one.rank == pytest.approx(rank, nan_ok=True)
    found = replace(FOUND, folds=(*FOLDS, one))
    assert (found.lost, found.unused) == (lost, 1 - lost)
    assert found.rank == pytest.approx(np.mean([0.0, 0.5, *([rank] if lost else [])]))
    assert (found.promised, found.kept) == pytest.approx((2.5, 0.15))


def test_others_that_were_ruined_did_worse_and_the_median_is_among_them():
    one = fold(0, [3.0, 1.0, 2.0, 0.0], [0.2, NAN, NAN, 1.4], 0, (1,))
    assert one.rank == pytest.approx(0.5)
    assert replace(FOUND, folds=(one,)).blind == pytest.approx(0.2)
    most = fold(0, [3.0, 1.0, 2.0, 0.0], [0.2, NAN, NAN, 1.4], 0, (1, 2))
    assert most.rank == pytest.approx(2 / 3)
    assert math.isnan(replace(FOUND, folds=(most,)).blind)


def test_changes_and_the_path_of_an_axis():
    """Combinations 1, 0, 0, 2: the third is the one before."""
    found = replace(FOUND, folds=(*FOLDS, fold(2, [0.0] * 4, [0.0] * 4, 2)))
    assert found.changes == 2
    assert found.path(axis("enter", [1, 2, 3, 4])) == [2, 1, 1, 3]


def test_paths_are_ratios_a_year_and_none_where_they_cannot_be_said():
    stitched = SimpleNamespace(market=SimpleNamespace(bars_per_year=256.0))
    many = SimpleNamespace(paths=SimpleNamespace(paths=np.array([-0.1, 0.05])))
    found = WalkForwardFound(WalkForward(), GRID, FOLDS, stitched, None, SimpleNamespace(many=many))
    assert found.paths.tolist() == pytest.approx([-1.6, 0.8])
    many.paths = None
    assert found.paths.tolist() == []
