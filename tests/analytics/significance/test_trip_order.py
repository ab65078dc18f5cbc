# SPDX-License-Identifier: Apache-2.0
"""Drawdowns of trades in other orders: by hand, against every permutation, and of a run."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analytics.round_trips import SPREAD
from engine.analytics.significance.trip_order import drawdowns, shuffled, trip_order
from engine.errors import InputError


def test_drawdowns_by_hand():
    rows = np.array([[0.5, -0.2, -0.5, 1.0], [-0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1], [0.5, -1.2, 3.0, 0.0]])
    # 1.5, 1.2, 0.6: 0.6 of the peak is lost; the first loss is one from the opening; none; all
    assert drawdowns(rows) == pytest.approx([0.6, 0.1, 0.0, 1.0])


def test_the_draws_are_those_of_every_permutation():
    returns = np.array([0.1, -0.05, -0.1, 0.2, -0.02])
    every = [_slowly(order) for order in itertools.permutations(returns.tolist())]
    drawn = shuffled(returns, 20_000, 7)
    for part in (0.1, 0.25, 0.5, 0.75, 0.9):
        level = np.quantile(every, part)
        assert np.mean(drawn <= level + 1e-12) == pytest.approx(np.mean(np.array(every) <= level + 1e-12), abs=0.015)
    assert (shuffled(returns, 100, 7) == drawn[:100]).all()


def _slowly(order):
    value = peak = 1.0
    deepest = 0.0
    for one in order:
        value *= 1.0 + one
        peak = max(peak, value)
        deepest = max(deepest, 1.0 - value / peak)
    return deepest


def run_of(returns, still_open=0):
    """A run whose trades are one bar long and made these returns, on 1,000 in money."""
    equity = 1_000.0 * np.cumprod(np.append(1.0, 1.0 + np.asarray(returns)))
    trades = np.zeros(len(returns) + still_open, SPREAD)
    trades["open_row"] = np.arange(len(trades))
    trades["close_row"] = np.where(np.arange(len(trades)) < len(returns), trades["open_row"] + 1, -1)
    trades["net_pnl"][: len(returns)] = np.diff(equity)
    points = {"equity": np.append(equity[1:], np.full(still_open + 1, equity[-1]))}
    result = SimpleNamespace(config=SimpleNamespace(account=SimpleNamespace(cash=1_000.0)), points=points)
    return result, SimpleNamespace(spreads=trades)


def test_a_kind_order_is_known_by_its_rank():
    alternating = [0.05, -0.05] * 10
    kind = trip_order(*run_of(alternating), 500, 1)
    assert (kind.trades, kind.open) == (20, 0)
    assert kind.own == pytest.approx(1 - 0.95 * (1.05 * 0.95) ** 9)
    assert kind.p > 0.95
    hard = trip_order(*run_of([0.05] * 10 + [-0.05] * 10, still_open=1), 500, 1)
    assert hard.own == pytest.approx(1 - 0.95**10)
    assert hard.p < 0.01
    assert hard.open == 1
    assert kind.quantile(0.5) == hard.quantile(0.5)  # the same trades, the same orders: but for where they start
    assert kind.own < kind.quantile(0.5) < hard.own


@pytest.mark.parametrize(
    ("trades", "count", "said"),
    [(9, 100, "too few round trips"), (20, 0, "1 to 1,000,000"), (20, 2_000_000, "1 to 1,000,000")],
)
def test_what_cannot_be_put_in_another_order_is_refused(trades, count, said):
    with pytest.raises(InputError, match=said):
        trip_order(*run_of([0.01] * trades), count, 1)
