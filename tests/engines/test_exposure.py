# SPDX-License-Identifier: Apache-2.0
"""Gross and net, worked out of the ledger and the bars, are what the kernel had at each close, to the bit."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings

from engine.engines import interpreted_run, native
from engine.engines.exposure import held, in_whole_steps
from engine.inputs.prepared import Prepared, prepare
from engine.runs.backtest import load_bars, loaded
from tests.properties.portfolios import Pair, pairs
from tests.properties.scenarios import Scenario, scenarios

CONFIGS = Path(__file__).parents[2] / "configs"


class _Closes:
    """Stands before the path of a run: the row of a bar is asked for when all that happens in it has happened."""

    def __init__(self, points, book, seen):
        self.points, self.book, self.seen = points, book, seen

    def __getitem__(self, row):
        self.seen.append((self.book.gross, self.book.net))
        return self.points[row]


def assert_the_kernels_own(prepared: Prepared) -> None:
    seen: list[tuple[float, float]] = []
    simulate = interpreted_run.loop.simulate

    def watched(*given):
        *before, book, entries, log, points, marks, start, stop = given
        return simulate(*before, book, entries, log, _Closes(points, book, seen), marks, start, stop)

    with patch.object(interpreted_run.loop, "simulate", watched):
        result = native.run(prepared, "interpreted")
    assert len(seen) == len(result.points)
    gross, net = np.array(seen).T
    assert result.gross.tolist() == gross.tolist()
    assert result.net.tolist() == net.tolist()


@given(scenarios())
@settings(max_examples=100)
def test_of_any_orders(scenario: Scenario):
    assert_the_kernels_own(scenario.prepared)


@given(pairs())
@settings(max_examples=60)
def test_of_two_sleeves_that_hold_the_same_symbols(pair: Pair):
    assert_the_kernels_own(pair.prepared)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("vix_hedge_puts_sample", ()),
        ("double_agent_calls_sample", ()),
        ("portfolio_sample", ()),
        ("spread_sample", ("fills.whole_shares=false", "fills.step=0.001")),
        ("spread_sample", ("fills.at=this_close",)),
    ],
)
def test_of_what_ships(name, more):
    ready = loaded(CONFIGS / f"{name}.yaml", more)
    assert_the_kernels_own(prepare(ready.config, ready.strategies, *load_bars(ready)))


def test_what_is_held_of_three_steps_of_a_tenth():
    ready = loaded(CONFIGS / "spread_sample.yaml", ["fills.whole_shares=false", "fills.step=0.1"])
    result = native.run(prepare(ready.config, ready.strategies, *load_bars(ready)), "interpreted")
    first = held(result, 0)
    assert first.tolist() == (np.round(first * 10) / 10).tolist()
    assert len(np.unique(first)) > 20
    assert first[-1] == pytest.approx(result.ledger["qty"][result.ledger["role"] == 0].sum(), abs=1e-6)


def test_steps_take_the_dust_of_sums_and_nothing_else():
    sums = np.array([0.1 + 0.2, -(0.1 + 0.2), 0.3 - 0.1 - 0.2, 0.25, 1e18, 0.0])
    assert in_whole_steps(sums, 1, 10).tolist() == [0.3, -0.3, 0.0, 0.25, 1e18, 0.0]
    assert not np.signbit(in_whole_steps(np.array([-1e-17, -0.0]), 1, 10)).any()
