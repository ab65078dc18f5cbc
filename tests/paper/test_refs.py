# SPDX-License-Identifier: Apache-2.0
"""References are known by their form, whatever the run is called, and counted on from attempt to attempt."""

import numpy as np
import pytest

from engine.paper.refs import LONGEST_NAME, OF_A_RUN, next_attempt, ref_of

BAR = int(np.datetime64("2024-06-28T20:00", "ns").astype("i8"))


@pytest.mark.parametrize("name", ["t", "spread_paper", "a-b.c-1", "x" * 255])
def test_what_is_made_is_known(name):
    ref = ref_of(name, BAR, 12, 0)
    assert ref.endswith("-202406282000-12.a0")
    assert len(ref.removesuffix("-202406282000-12.a0")) <= LONGEST_NAME
    assert OF_A_RUN.fullmatch(ref)
    assert OF_A_RUN.fullmatch(next_attempt(ref, lambda _: False))


@pytest.mark.parametrize("ref", ["", "hand", "t-202406282000-1", "t-20240628-1.a0", "t-202406282000-1.a0 "])
def test_nothing_else_is(ref):
    assert OF_A_RUN.fullmatch(ref) is None


def test_the_next_attempt_is_the_first_that_is_free():
    taken = {"t-202406282000-1.a1", "t-202406282000-1.a2"}.__contains__
    assert next_attempt("t-202406282000-1.a0", taken) == "t-202406282000-1.a3"
    assert next_attempt("out", lambda _: False) == "out.a1"
