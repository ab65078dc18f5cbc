# SPDX-License-Identifier: Apache-2.0
"""Quantities are multiples of a step: what is asked for is cut to one, what is summed is the nearest one."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.steps import WHOLE_ANYWAY, in_steps, whole


def book(step: float):
    """Of a run in fractions; a share is one share of the bars."""
    return SimpleNamespace(rules=SimpleNamespace(step=step, a_share=1.0))


STEPS = st.sampled_from([1.0, 0.1, 0.01, 1e-6, 1e-9])
COUNTS = st.integers(0, int(WHOLE_ANYWAY) - 1)


@pytest.mark.parametrize(
    ("asked", "step", "cut"),
    [
        (2_000_000.0, 1e-6, 2_000_000.0),  # two steps more would be 2,000,000.000002
        (820_974.2475954085, 1e-6, 820_974.247595),
        (0.3 - 0.1, 0.1, 0.2),
        (1_000.3 - 1_000.1, 1e-6, 0.2),
        (0.9999999, 1.0, 0.0),
        (-7.9, 1.0, -7.0),
        (0.0000009, 1e-6, 0.0),
    ],
)
def test_an_order_is_cut_toward_zero(asked, step, cut):
    assert whole(book(step), asked) == pytest.approx(cut, rel=1e-15, abs=1e-15)


@given(STEPS, COUNTS)
def test_a_multiple_stays_what_it_is(step, count):
    """Cut or rounded, once or again: it does not creep."""
    multiple = count * step
    assert whole(book(step), multiple) == in_steps(book(step), multiple) == multiple
    assert whole(book(step), -multiple) == in_steps(book(step), -multiple) == -multiple


@given(STEPS, st.floats(0.0, 1e9))
def test_no_order_is_larger_than_asked_for_by_more_than_rounding(step, asked):
    """Nor smaller by a step or more."""
    cut = whole(book(step), asked)
    noise = max(1e-3 * step, 1e-15 * asked)
    assert asked - step - noise <= cut <= asked + noise
