# SPDX-License-Identifier: Apache-2.0
"""Reality check and superior predictive ability: those of arch on ratios, fooled by neither noise nor bad sets."""

import numpy as np
import pytest
from arch.bootstrap import SPA

from engine.analytics.significance.superior import superior


def drawn(seed, sets=20, edge=0.0, size=64):
    returns = np.random.default_rng(seed).normal(0.0, 0.01, (size, sets))
    returns[:, 3] += edge
    return returns


def spread(returns):
    return returns.std(axis=0, ddof=1)


def test_both_are_those_of_arch():
    returns = drawn(1, edge=0.003) * np.linspace(0.2, 3.0, 20)
    found = superior(returns, spread(returns), seed=4, draws=200)
    for gains, names in (
        (returns, ["reality_check"]),
        (returns / returns.std(axis=0, ddof=1), ["consistent", "upper"]),
    ):
        theirs = SPA(np.zeros(64), -gains, block_size=found.block, reps=200, seed=4)
        theirs.compute()
        kinds = {"reality_check": "upper", "consistent": "consistent", "upper": "upper"}
        for name in names:
            assert getattr(found, name) == theirs.pvalues[kinds[name]], name
    assert found.lower <= found.consistent <= found.upper


def test_ratios_find_a_quiet_edge_that_means_do_not():
    """One set of twenty has a tenth of the others' deviation and a ratio of 0.6: its mean drowns in their noise."""
    returns = drawn(2)
    returns[:, 3] = (returns[:, 3] - returns[:, 3].mean()) / 10 + 0.0006
    found = superior(returns, spread(returns), seed=0)
    assert found.consistent < 0.02
    assert found.reality_check > 0.3


def test_bad_sets_hide_an_edge_from_the_upper_bound_alone():
    """Hansen (2005): sets far below cash must not count."""
    bad = np.hstack([drawn(3, 4, edge=0.0045), drawn(4, 300) - 0.02])
    found = superior(bad, spread(bad), seed=0)
    assert found.consistent < found.upper


@pytest.mark.parametrize("flat", [0.0, 0.0003])
def test_a_set_that_does_not_move_is_left_out(flat):
    returns = drawn(5)
    still = np.hstack([returns, np.full((64, 1), flat)])
    assert superior(still, spread(still), seed=0, draws=100) == superior(returns, spread(returns), seed=0, draws=100)


def test_noise_is_seldom_called_superior():
    noise = [drawn(seed, 10) for seed in range(100, 140)]
    called = [superior(one, spread(one), seed=at, draws=100).consistent <= 0.05 for at, one in enumerate(noise)]
    assert sum(called) <= 6
