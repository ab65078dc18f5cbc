# SPDX-License-Identifier: Apache-2.0
"""A damaged file reads to the same result, is refused, or is loudly said: what is silent is listed, with its reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.damage import KINDS, tried, truth_of_sound


@pytest.fixture(scope="module")
def truth():
    equity, said = truth_of_sound()
    assert said == ""  # nothing is loud of sound files
    return equity


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_damage_is_silent(kind, truth):
    how, moved, what = tried(kind, 0, truth)
    assert how != "silent" or kind.excuse, f"{what}: the end moved by {moved:.4%}"


@settings(max_examples=40)
@given(kind=st.sampled_from([kind for kind in KINDS if not kind.excuse]), number=st.integers(1, 10**6))
def test_no_damage_anywhere_is_silent(kind, number, truth):
    how, moved, what = tried(kind, number, truth)
    assert how != "silent", f"{kind.name}, {what}: the end moved by {moved:.4%}"


@pytest.mark.slow
def test_no_damage_of_two_thousand_is_silent(truth):
    silent = []
    for number in range(2000):
        kind = KINDS[number % len(KINDS)]
        how, moved, what = tried(kind, 1000 + number, truth)
        if how == "silent" and not kind.excuse:
            silent.append(f"{kind.name}, {what}: {moved:.4%}")
    assert silent == []
