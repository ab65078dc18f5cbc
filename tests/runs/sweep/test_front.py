# SPDX-License-Identifier: Apache-2.0
"""The combinations that no other beats, worked by hand and held against the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.sweep.front import by_score, front_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("scores", "front"),
    [
        ([(1.0, 1.0), (2.0, 0.5), (0.5, 2.0), (0.9, 0.9)], [1, 0, 2]),
        ([(1.0, 1.0), (1.0, 2.0)], [1]),  # equal in one, worse in the other
        ([(2.0, 1.0), (2.0, 1.0), (1.0, 1.0)], [0]),  # the first of two alike
        ([(3.0, NAN), (1.0, 1.0), (NAN, 9.0)], [1]),
        ([(NAN, NAN)], []),
        ([(5.0,), (7.0,), (7.0,)], [1]),
        ([(1.0, 2.0, 3.0), (3.0, 2.0, 1.0), (1.0, 2.0, 2.0), (2.0, 2.0, 2.0)], [1, 3, 0]),
    ],
)
def test_the_front_by_hand(scores, front):
    assert front_of(np.array(scores)).tolist() == front


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), max_size=30))
def test_the_front_is_what_nothing_dominates(rows):
    scores = np.array(rows, float).reshape(len(rows), 3)
    free = [
        at
        for at, one in enumerate(rows)
        if not any(all(a >= b for a, b in zip(other, one, strict=True)) and other != one for other in rows)
        and rows.index(one) == at
    ]
    assert sorted(front_of(scores).tolist()) == free
    assert [rows[at] for at in front_of(scores)] == sorted((rows[at] for at in free), reverse=True)


def test_rows_are_ordered_by_the_first_score_then_the_next_then_their_place():
    scores = np.array([(1.0, 5.0), (2.0, NAN), (1.0, 6.0), (NAN, 9.0), (1.0, 6.0)])
    assert by_score(scores).tolist() == [1, 2, 4, 0, 3]
