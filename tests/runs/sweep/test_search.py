# SPDX-License-Identifier: Apache-2.0
"""What a search tries is a function of what it has seen; where the best is known it finds it, and a draw does not."""

import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

import engine.runs.sweep
from engine.errors import InputError, MissingExtra
from engine.model.sweep import Sweep
from engine.progress import unwatched
from engine.runs.sweep.executor import Threads
from engine.runs.sweep.figures import OBJECTIVES, kept_dtype, tried_dtype
from engine.runs.sweep.front import front_of
from engine.runs.sweep.grid import grid_of
from engine.runs.sweep.run import run_parts
from engine.runs.sweep.search import BATCH, MOST_DRAWN, Following, Listed, check_search, search_of
from engine.runs.witness import Witness

pytest.importorskip("optuna")

GRID = {"a": list(range(50)), "b": [float(one) for one in range(50, 0, -1)], "c": ["low", "middle", "high"]}
PLACE = {"low": -1.0, "middle": 1.0, "high": 0.0}


class Known:
    """A bench whose figures are a formula: the total return is 0 at a = 13, b = 20, c = middle, and falls from there.

    The drawdown is 0 at a = 40.
    """

    grid = grid_of(GRID)

    def __init__(self, missing=()):
        self.asked, self.missing, self.stands = [], missing, SimpleNamespace(witness=Witness())

    def figures(self, numbers, stretches):
        found = np.zeros(len(numbers), kept_dtype(stretches))
        for row, number in zip(found, numbers, strict=True):
            own = self.grid.values(number)
            away = (own["a"] - 13) ** 2 + (own["b"] - 20) ** 2
            row["total_return"] = 100.0 * PLACE[own["c"]] - 100.0 - away
            row["max_drawdown"] = abs(own["a"] - 40)
            row["error"] = own["c"] in self.missing
        self.asked += numbers
        return found


class Memory:
    """Parts in memory; ends the sweep after so many, as a kill does."""

    def __init__(self, parts=None, last=10**9):
        self.parts, self.last = dict(parts or {}), last

    def read(self, part, kind):
        return self.parts.get(part)

    def write(self, part, figures):
        if part >= self.last:
            raise KeyboardInterrupt
        self.parts[part] = figures.copy()


def following(tries, seed=0, names=("total_return",)):
    return search_of(Known.grid, Sweep(tries=tries, search="tpe", objective=list(names)), seed, 1_000)


def searched(search, kept=None, bench=None):
    return run_parts(bench or Known(), search, kept or Memory(), unwatched, Threads())


@cache
def whole(tries, seed, *names):
    """The table of an undisturbed search."""
    return searched(following(tries, seed, names))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_search_finds_the_known_best_and_stays_where_it_is(seed):
    """7,500 combinations, 317 of them within 10 steps of the best, 13 within 2: a draw of 48 has two of these 317."""
    worth = whole(112, seed, "total_return")["total_return"]
    assert worth.max() >= -4.0
    assert (worth[-48:] >= -100.0).sum() >= 24


def test_no_combination_is_tried_twice_and_the_first_are_a_draw():
    numbers = whole(112, 0, "total_return")["combination"].tolist()
    assert len(set(numbers)) == len(numbers) == 112
    assert following(112).free == 32
    assert (np.diff(numbers[:32]) > 0).all()
    again = whole(112, 0, "total_return", "max_drawdown")["combination"].tolist()
    assert again[:32] == numbers[:32]
    assert again[32:] != numbers[32:]
    assert whole(112, 1, "total_return")["combination"].tolist()[:32] != numbers[:32]


@pytest.mark.parametrize(
    ("stop", "names"),
    [
        (0, ("total_return",)),
        (4, ("total_return",)),
        (1, ("total_return", "max_drawdown")),
        (5, ("total_return", "max_drawdown")),
    ],
)
def test_what_was_stopped_tries_what_an_undisturbed_search_does(stop, names):
    memory = Memory(last=stop)
    with pytest.raises(KeyboardInterrupt):
        searched(following(112, names=names), memory)
    assert len(memory.parts) == stop
    bench = Known()
    again = searched(following(112, names=names), Memory(memory.parts), bench)
    undisturbed = whole(112, 0, *names)
    assert bench.asked == undisturbed["combination"].tolist()[stop * BATCH :]
    assert again.tobytes() == undisturbed.tobytes()


def test_a_part_that_was_lost_is_chosen_as_it_was():
    memory = Memory()
    undisturbed = searched(following(80), memory)
    del memory.parts[3]
    assert searched(following(80), memory).tobytes() == undisturbed.tobytes()


def test_another_search_has_another_folder():
    told = [
        one.told()
        for one in (
            following(80), following(81), following(80, seed=1), following(80, names=("max_drawdown",)),
            following(80, names=("max_drawdown", "total_return")),
            following(80, names=("total_return", "max_drawdown")),
            search_of(Known.grid, Sweep(tries=80), 0, 1_000),
        )
    ]  # fmt: skip
    assert all(one not in told[:at] for at, one in enumerate(told))


def test_of_two_objectives_the_search_follows_the_front():
    """Every a from 13 to 40 with b = 20 and c = middle is on the true front: the nearer to 13, the farther from 40."""
    found = whole(112, 0, "total_return", "max_drawdown")
    scores = np.stack([found["total_return"], -found["max_drawdown"]], axis=1)
    front = [Known.grid.values(int(found["combination"][row])) for row in front_of(scores)]
    assert {own["c"] for own in front} == {"middle"}
    assert all(10 <= own["a"] <= 42 for own in front)
    assert min(own["a"] for own in front) < 20
    assert max(own["a"] for own in front) > 34


def test_runs_that_stop_count_as_the_worst_and_are_left_alone():
    found = searched(following(80), bench=Known(missing={"middle"}))
    values = [Known.grid.values(number)["c"] for number in found["combination"].tolist()]
    assert values[32:].count("middle") < values[32:].count("high") / 2
    alone = searched(following(32), bench=Known(missing={"low", "middle", "high"}))
    assert len(set(alone["combination"].tolist())) == 32


def test_where_little_is_left_the_rest_is_tried():
    """33 tries of 36 combinations: the estimator has long named all that it likes."""
    bench = Known()
    bench.grid = grid_of({"a": list(range(6)), "b": [1.0, 20.0], "c": ["low", "middle", "high"]})
    search = Following(bench.grid, 35, 0, (OBJECTIVES["total_return"],))
    assert len(set(searched(search, bench=bench)["combination"].tolist())) == 35


@pytest.mark.parametrize(("tries", "free"), [(17, 16), (64, 16), (65, 32), (100, 32), (256, 64), (2_000, MOST_DRAWN)])
def test_how_many_are_drawn_first(tries, free):
    assert following(tries).free == free


def test_grid_and_draw_are_known_beforehand():
    search = search_of(Known.grid, Sweep(), 0, 1_000)
    assert isinstance(search, Listed)
    found = searched(search)
    assert found["combination"].tolist() == list(range(7_500))
    assert found.dtype == tried_dtype(16)
    some = search_of(Known.grid, Sweep(tries=40), 3, 7)
    assert searched(some)["combination"].tolist() == list(some.listed)
    assert search.told() == {"asked": (None, 0, 1_000)}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "sweep.tries: a search needs a number of tries; allowed: tries from 17 to 2,000"),
        ({"tries": 16}, "no number for a search; found 16"),
        ({"tries": 2_001}, "no number for a search; found 2,001"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(asked, said):
    with pytest.raises(InputError) as caught:
        check_search(Known.grid, Sweep(search="tpe", **asked))
    assert said in str(caught.value)
    check_search(Known.grid, Sweep(**asked))


def test_what_has_nothing_to_search_is_refused_with_what_to_do():
    with pytest.raises(InputError) as caught:
        check_search(grid_of({"a": list(range(30)), "b": [1.5]}), Sweep(search="tpe", tries=30))
    assert [problem.message for problem in caught.value.problems] == [
        "one value: there is nothing to search along it", "nothing to search",
    ]  # fmt: skip
    assert "a setting: params.b=1.5" in str(caught.value)
    assert "30 tries of 30 combinations" in str(caught.value)


def test_what_is_missing_is_said_in_one_line_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "engine.runs.sweep.tpe", raising=False)
    monkeypatch.delattr(engine.runs.sweep, "tpe", raising=False)
    with pytest.raises(MissingExtra) as caught:
        check_search(Known.grid, Sweep(search="tpe", tries=40))
    assert str(caught.value) == (
        "optuna is not installed: it chooses what --search tpe tries; install it with `pip install '.[search]'`"
    )
    check_search(Known.grid, Sweep(tries=40))
    assert searched(search_of(Known.grid, Sweep(tries=40), 3, 7))["combination"].size == 40
