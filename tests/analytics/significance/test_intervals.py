# SPDX-License-Identifier: Apache-2.0
"""Intervals of a run's figures: those of arch, in blocks where returns hang together, none where few draws have one."""

import math
from dataclasses import replace

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap, optimal_block_length

from engine.analytics.significance.intervals import HEADLINES, Daily, block_length, intervals


def days(returns, rates=0.0, fills=1):
    size = len(returns)
    return Daily(
        np.asarray(returns), np.full(size, rates), np.append(np.nan, np.full(size - 1, 0.001) * np.arange(1, size) % 7),
        np.arange("2001-01-01", size, dtype="M8[D]") if size > 400 else np.arange(size).astype("M8[D]"),
        size / 252, 252.0, fills,
    )  # fmt: skip


def noise(size=400, seed=1, mean=0.0005):
    return np.random.default_rng(seed).normal(mean, 0.01, size)


def test_an_interval_is_the_one_of_arch():
    returns = noise()
    found = intervals(days(returns), ("sharpe",), 200, 5)

    def sharpe(drawn):
        return drawn.mean() / drawn.std(ddof=1) * math.sqrt(252)

    theirs = StationaryBootstrap(found.block, returns, seed=5).conf_int(sharpe, 200, method="percentile", size=0.95)
    (own,) = found.of
    assert (own.low, own.high) == pytest.approx(theirs.ravel().tolist(), rel=1e-9)
    assert own.value == pytest.approx(sharpe(returns), rel=1e-12)


def test_every_headline_figure_of_a_run_has_an_interval_with_a_low_below_its_high():
    found = intervals(days(noise(600), rates=0.02), HEADLINES, 60, 0)
    assert [one.name for one in found.of] == list(HEADLINES)
    assert [one.name for one in found.of if not one.low < one.high] == []
    assert intervals(days(noise(600), rates=0.02), HEADLINES, 60, 0) == found
    assert intervals(days(noise(600), rates=0.02), HEADLINES, 60, 1) != found


def test_returns_that_hang_together_are_drawn_in_longer_blocks():
    shocks = noise(2_000, mean=0.0)
    slow = np.convolve(shocks, np.ones(20) / 20, "same")
    assert block_length(slow) > 10 * block_length(shocks)
    assert block_length(slow) == pytest.approx(float(optimal_block_length(slow)["stationary"].iloc[0]))
    assert block_length(np.zeros(100)) == 1.0


def test_a_block_is_no_longer_than_a_quarter_of_the_sessions():
    """Gains and losses in turn hang together for ever: arch would draw a third of 40 sessions at once."""
    turns = 0.01 * (-1.0) ** np.arange(40) + noise(40) / 10
    assert float(optimal_block_length(turns)["stationary"].iloc[0]) > 10.0
    assert block_length(turns) == 10.0


def test_a_drawn_day_keeps_its_rate_and_its_benchmark():
    """Rates that fall while the run gains: the Sharpe ratio of a draw is that of the excess of its own days."""
    run = replace(days(noise(120)), rates=np.linspace(0.06, 0.0, 120))
    rows = np.array([3, 4, 5, 100, 101, 3])
    drawn = run.drawn(rows)
    for name in ("returns", "rates", "benchmark"):
        assert getattr(drawn, name).tolist() == getattr(run, name)[rows].tolist()
    many = np.random.default_rng(2).integers(0, 60, 120)  # the early half, when cash paid most
    excess = run.returns[many] - run.rates[many] / 252
    assert run.drawn(many).figures(["sharpe"])[0] == pytest.approx(
        excess.mean() / excess.std(ddof=1) * math.sqrt(252), rel=1e-12
    )


def test_a_figure_that_few_draws_have_gets_no_interval():
    """One loss in 60 sessions: a third of the draws have none, so no Sortino ratio."""
    returns = np.full(60, 0.001)
    returns[::2] = 0.002
    returns[30] = -0.01
    found = {one.name: one for one in intervals(days(returns), ("sortino", "sharpe"), 200, 0).of}
    assert math.isfinite(found["sortino"].value)
    assert math.isnan(found["sortino"].low)
    assert math.isfinite(found["sharpe"].low)
