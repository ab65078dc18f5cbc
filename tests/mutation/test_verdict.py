# SPDX-License-Identifier: Apache-2.0
"""What a run of the mutants says of survivors, of listed ones and of those listed without need."""

import pytest

from tests.mutation.equivalent import Mutant
from tests.mutation.verdict import Judged, verdict

DEAD, ALIVE, LISTED = (Mutant("a.py", "f", "x < y", after) for after in ("x > y", "x <= y", "x != y"))


def judged(**fates):
    mutants = {"dead": DEAD, "alive": ALIVE, "listed": LISTED}
    return [Judged(mutants[name], 7, "core/Some", survived) for name, survived in fates.items()]


@pytest.mark.parametrize(
    ("fates", "row", "well"),
    [
        ({"dead": False}, "| a.py | 1 | 1 | 0 | 0 |", True),
        ({"dead": False, "alive": True}, "| a.py | 2 | 1 | 0 | 1 |", False),
        ({"dead": False, "listed": True}, "| a.py | 2 | 1 | 1 | 0 |", True),
        ({"listed": False}, "| a.py | 1 | 1 | 0 | 0 |", False),  # listed, and killed
        ({}, "| a.py | 0 | 0 | 0 | 0 |", False),  # listed, and no longer made
    ],
)
def test_only_survivors_that_are_listed_are_well(fates, row, well):
    known = {LISTED} if "listed" in fates or not fates else set()
    text, is_well = verdict(judged(**fates), ["a.py"], known)
    assert row in text.splitlines()
    assert is_well is well


def test_a_survivor_is_shown_with_its_place_and_both_lines():
    text, _ = verdict(judged(alive=True), ["a.py"], ())
    assert "a.py:7 f core/Some\n  - x < y\n  + x <= y\n" in text


def test_what_was_not_judged_as_a_whole_is_not_called_stale():
    assert verdict(judged(dead=False), [], {LISTED})[1]
    assert not verdict(judged(dead=False), ["a.py"], {LISTED})[1]
