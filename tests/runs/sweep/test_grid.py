# SPDX-License-Identifier: Apache-2.0
"""Axes as people write them, and the combinations of a grid by number."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.runs.sweep.asked import axes_of
from engine.runs.sweep.grid import MOST, Grid, axis, drawn, grid_of


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("enter=0.5:2:0.5", (0.5, 1.0, 1.5, 2.0)),
        ("enter=0:0.3:0.1", (0.0, 0.1, 0.2, 0.3)),  # 0.30000000000000004 is no value that a person wrote
        ("window=40:100:20", (40, 60, 80, 100)),
        ("window=100:40:-30", (100, 70, 40)),
        ("window=5:80:x2", (5, 10, 20, 40, 80)),
        ("window=5:79:x2", (5, 10, 20, 40)),
        ("window=80:20:x0.5", (80, 40, 20)),
        ("impact=0.01:1:x10", (0.01, 0.1, 1.0)),
        ("rate=-0.1:-0.4:x2", (-0.1, -0.2, -0.4)),
        ("impact=0.3:0.3:x3", (0.3,)),
        ("window=1:10:4", (1, 5, 9)),
        ("enter=1", (1,)),
        ("fills.at=next_open,next_close", ("next_open", "next_close")),
        ("flag=true,false", (True, False)),
        ("enter=[0.5, 1.5]", (0.5, 1.5)),
        (
            "rules.features.x=rsi(stock, 2),sma(lag(stock.close, 1), 5)",
            ("rsi(stock, 2)", "sma(lag(stock.close, 1), 5)"),
        ),
        ("period.start=2010-01-04, 2015-01-05", None),
    ],
)
def test_an_axis_is_written_as_people_think_of_it(written, values):
    (made,) = axes_of([written])
    if values is None:
        assert [str(value) for value in made.values] == ["2010-01-04", "2015-01-05"]
        return
    assert made.values == values
    assert [type(value) for value in made.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("written", "path", "parameter"),
    [
        ("enter=1,2", ("params", "enter"), "enter"),
        ("params.seed=1,2", ("params", "seed"), "seed"),
        ("seed=1,2", ("seed",), ""),
        ("benchmark=small,large", ("benchmark",), ""),
        ("strategy=spread_trade,double_agent", ("strategy",), ""),
        ("rebalance=never,yearly", ("rebalance",), ""),
        ("mode=1,2", ("params", "mode"), "mode"),
        ("fills.at=next_open,next_close", ("fills", "at"), ""),
    ],
)
def test_a_name_without_a_dot_is_a_key_without_a_section_or_a_parameter(written, path, parameter):
    (one,) = axes_of([written])
    assert (one.path, one.parameter) == (path, parameter)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("enter", "not an axis; allowed: NAME=FROM:TO:STEP, NAME=FROM:TO:xFACTOR or NAME=VALUE,VALUE"),
        ("enter=", "not an axis"),
        ("=1,2", "not an axis"),
        ("enter=1:2:0", "no values lie there"),
        ("enter=2:1:0.5", "no values lie there"),
        ("enter=a:2:1", "not three numbers"),
        ("enter=nan:2:1", "not three numbers"),
        ("enter=0:1:x2", "a factor never meets 0; found 0:1:x2; allowed: both ends above 0 or both below"),
        ("enter=1:0:x0.5", "a factor never meets 0"),
        ("enter=-1:1:x2", "a factor never meets 0"),
        ("enter=1:8:x1", "no values lie there; found 1:8:x1; allowed: a factor that leads"),
        ("enter=1:8:x0.5", "no values lie there"),
        ("enter=8:1:x2", "no values lie there"),
        ("enter=1:8:x-2", "no values lie there"),
        ("enter=1:8:x", "not three numbers"),
        ("enter=1:2:x1.0000001", "too many values on one axis; found 6,931,473"),
        ("enter=0:1:0.0000001", "too many values on one axis; found 10,000,001"),
        ("enter=1,,2", "a value is missing"),
        ("enter=1,1", "a value that is there twice"),
        ("enter=1,1.0", "a value that is there twice"),
        ("enter=0.0,-0.0", "a value that is there twice"),
        ("costs[0].x=1,2", "no name of a setting"),
    ],
)
def test_what_is_no_axis_is_told_with_what_is(written, said):
    with pytest.raises(InputError) as caught:
        axes_of([written])
    assert f"--over {written}" in str(caught.value)
    assert said in str(caught.value)


def test_every_mistake_is_told_at_once():
    with pytest.raises(InputError) as caught:
        axes_of(["enter", "exit=2:1:1"])
    assert len(caught.value.problems) == 2


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_the_number_of_a_combination_is_its_place_in_the_product(sizes):
    grid = grid_of({f"p{at}": list(range(size)) for at, size in enumerate(sizes)})
    every = list(itertools.product(*(range(size) for size in sizes)))
    assert grid.size == len(every)
    assert [tuple(grid.values(number).values()) for number in range(grid.size)] == every
    assert grid.places(np.arange(grid.size)).tolist() == [list(one) for one in every]


def test_a_thousand_million_combinations_are_numbered_and_some_drawn():
    grid = grid_of({f"p{at}": list(range(1_000)) for at in range(3)})
    some = drawn(grid, 100, seed=3)
    assert grid.size == 10**9
    assert some == sorted(set(some)) == drawn(grid, 100, seed=3) != drawn(grid, 100, seed=4)
    assert len(some) == 100
    assert drawn(grid_of({"p": [1, 2]}), 100, seed=3) == [0, 1]


def test_more_than_can_be_numbered_is_refused():
    axes = tuple(axis(f"p{at}", list(range(100_000))) for at in range(4))
    assert MOST < 100_000**4
    with pytest.raises(InputError, match="more combinations than can be numbered"):
        Grid(axes)


def test_values_of_numpy_are_those_of_python():
    """Whole numbers of numpy have neighbours, one that is there twice is seen, and its truths are truths."""
    assert axis("window", list(np.arange(20, 80, 20))).ordered
    assert [type(one) for one in axis("flag", list(np.array([True, False]))).values] == [bool, bool]
    assert axis("side", list(np.array(["long", "short"]))).values == ("long", "short")
    for values in ([np.int64(2), 2], [np.float64(0.5), 0.5], [np.bool_(True), True]):
        with pytest.raises(InputError, match="a value that is there twice"):
            axis("x", values)


@pytest.mark.parametrize(
    ("values", "grows"),
    [
        ([0.01, 0.1, 1.0, 10.0], True),
        ([40, 20, 10, 5], True),
        ([-0.1, -0.2, -0.4], True),
        ([0.1, 0.2, 0.3], False),
        ([1, 2], False),  # two steps say more than one
        ([0, 1, 10], False),
        (["a", "b", "c"], False),
    ],
)
def test_an_axis_of_factors_is_known(values, grows):
    assert axis("x", values).grows is grows


def test_numbers_are_ordered_where_one_is_next_to_another():
    assert axis("a", [1, 2.5]).ordered
    assert axis("a", [3, 2]).ordered
    assert not axis("a", [1, 3, 2]).ordered
    assert not axis("a", [True, False]).ordered
    assert not axis("a", ["x", "y"]).ordered


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (("enter=1,2", "enter=3"), "--over enter=3: enter: an axis that is there twice; found --over enter=1,2"),
        (("enter=1", "z=4", "enter=1"), "an axis that is there twice"),
        (
            ("params.enter=1", "enter=2"),
            "--over enter=2: enter: one setting under two names; found --over params.enter=1",
        ),
        (("fills.at=next_open", "fills.at=next_close"), "allowed: one of them, with all its values"),
    ],
    ids=["other values", "the same value", "two names", "a key"],
)
def test_an_axis_that_is_there_twice_is_refused(written, said):
    """Only one of the two would be tried, and nothing would say so."""
    with pytest.raises(InputError) as caught:
        Grid(axes_of(written))
    assert said in str(caught.value)
