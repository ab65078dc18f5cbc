# SPDX-License-Identifier: Apache-2.0
"""The mutations that are made, by name and by example."""

import pytest

cosmic_ray = pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed (make mutants)")

from cosmic_ray.mutating import mutate_code  # noqa: E402
from cosmic_ray.plugins import get_operator, operator_names  # noqa: E402

from tests.mutation.operators import CHOSEN, SwapMinMax  # noqa: E402


def test_every_pair_of_comparisons_is_swapped_and_nothing_that_the_border_refuses():
    chosen = [name for name in operator_names() if CHOSEN.fullmatch(name)]
    assert sum("ReplaceComparisonOperator" in name for name in chosen) == 6 * 5
    assert not [name for name in chosen if "Is" in name or "Bit" in name.rpartition("_")[2]]
    assert "tandem/SwapMinMax" in chosen


@pytest.mark.parametrize("example", SwapMinMax.examples())
def test_min_for_max(example):
    operator = get_operator("tandem/SwapMinMax")()
    assert mutate_code(example.pre_mutation_code, operator, 0) == example.post_mutation_code


@pytest.mark.parametrize("code", ["x = s.max(a)\n", "x = max\n", "x = maximum(a, b)\n"])
def test_other_names_are_left_alone(code):
    operator = SwapMinMax()
    changed = mutate_code(code, operator, 0)
    assert changed is None
