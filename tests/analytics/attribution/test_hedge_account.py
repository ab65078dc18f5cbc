# SPDX-License-Identifier: Apache-2.0
"""The hedge's account: parts that add up to the cent, and a book small enough to reckon by hand."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from engine.analytics.attribution.hedge_account import (
    HEDGE_EPISODES,
    HedgeEpisode,
    by_episode,
    by_regime,
    hedge_account,
)
from engine.errors import StrategyError
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest
from strategies.hedges.regimes import Regime, regime_path
from tests.kernel.option_desk import CLOSE_OPTION, ONE, PUT, SHARES, TWO, Order, buy, draw
from tests.kernel.option_desk import run as run_orders
from tests.strategies.shipped import load_shipped

NAMES = {int(one): one.name for one in Regime}
CENT = 0.005


@pytest.fixture(
    scope="module",
    params=[
        "vix_hedge:VixHedge",
        "vix_hedge:VixHedgeFund",
        "vix_hedge_puts:VixHedgePuts",
        "vix_hedge_puts:VixHedgeIndexPuts",
    ],
)
def run(request):
    return backtest(load_shipped(request.param, "sample"))


def _account(run):
    instrument = "inverse" if "inverse" in run.market.roles else tuple(run.options)
    return hedge_account(run, run.params["base"], "small", instrument)


def _total(sums):
    return sum(one.base + one.hedge + one.interest for one in sums)


def test_every_bar_adds_up_to_the_accounts_profit(run):
    account, equity = _account(run), run.points["equity"]
    profit = np.diff(equity, prepend=run.config.account.cash)
    np.testing.assert_allclose(account.base + account.hedge + account.interest, profit, atol=CENT)
    np.testing.assert_allclose(account.equity, np.append(run.config.account.cash, equity[:-1]), atol=CENT)


def test_regimes_add_up_to_the_run(run):
    sums = by_regime(_account(run), regime_path(run.features, run.params), NAMES)
    assert sum(one.bars for one in sums) == len(run.market)
    assert _total(sums) == pytest.approx(run.points["equity"][-1] - run.config.account.cash, abs=CENT)
    assert [one.name for one in sums] == [*NAMES.values(), "unknown"]
    assert all(one.bars > 0 and one.hedge != 0.0 for one in sums[:-1])


def test_a_hedge_that_is_never_on_costs_nothing_but_the_trades():
    off = [f"params.hedge_{name}=0" for name in ("concern", "stress", "divergence", "radar")]
    run = backtest(load_shipped("vix_hedge:VixHedgeFund", "sample", None, tuple(off)))
    assert not _account(run).hedge.any()
    netted = backtest(load_shipped("vix_hedge:VixHedge", "sample", None, tuple(off)))
    account = hedge_account(netted)
    assert abs(account.hedge.sum()) < 0.02 * account.base.sum()


@pytest.fixture
def small(hand):
    """Ten shares bought at 100, four sold at 110 for a commission of 3; then a split of two for one and a dividend."""
    bars = hand.bars({"small": [100, 100, 110, 54, 51.0]}, splits={"small": {3: 2.0}}, dividends={"small": {3: 2.0}})
    entries = [
        *hand.fill(1, 0, 10, 100.0, order=1),
        *hand.fill(2, 0, -4, 110.0, order=2, commission=3.0),
        (3, EntryKind.SPLIT, 0, 6.0, np.nan, 0.0, 0.0, 0, 0),
        *hand.charge(3, EntryKind.DIVIDEND, 0, 24.0),
        *hand.charge(4, EntryKind.INTEREST, -1, 1.5),
    ]
    return hand.result(bars, entries, cash=1000.0)


def test_a_netted_hedge_by_hand(small):
    account = hedge_account(small)
    held = [10.0, 1097.0 / 110.0, 1109.0 / 54.0]  # shares of the base at the closes of bars 1, 2 and 3
    base = [0.0, 0.0, held[0] * 10.0, held[1] * (2.0 * (54.0 + 2.0) - 110.0), held[2] * (51.0 - 54.0)]
    earned = [0.0, 0.0, 97.0, 12.0, -36.0]
    assert account.base == pytest.approx(base)
    assert account.hedge == pytest.approx(np.subtract(earned, base))
    assert account.interest.tolist() == [0.0, 0.0, 0.0, 0.0, 1.5]
    assert account.equity.tolist() == [1000.0, 1000.0, 1000.0, 1097.0, 1109.0]


def test_half_a_base_is_half_of_it(small):
    whole, half = hedge_account(small), hedge_account(small, base=0.5)
    assert half.base[2:] == pytest.approx(0.5 * whole.base[2:])
    assert half.base + half.hedge == pytest.approx(whole.base + whole.hedge)


def test_an_instrument_is_what_its_role_earned(worked):
    account = hedge_account(worked, role="small", instrument="large")
    assert account.hedge[:3] == pytest.approx([0.0, 20 * 1.90 - 1.0, 20 * 2.0 + 10.0])
    assert account.base[:3] == pytest.approx([0.0, 40 * 1.0 - 1.5, 40 * 1.0 - 3.0 - 8.0])


def test_a_bar_belongs_to_the_regime_of_the_close_before(small):
    account = hedge_account(small)
    calm, stress, none = by_regime(account, np.array([-1, 0, 0, 1, 1]), {0: "calm", 1: "stress"})
    assert [one.bars for one in (calm, stress, none)] == [2, 1, 2]
    assert calm.base == pytest.approx(account.base[2] + account.base[3])
    assert stress.hedge == pytest.approx(account.hedge[4])
    assert stress.hedge_rate == pytest.approx(account.hedge[4] / 1109.0)
    assert stress.interest_rate == pytest.approx(1.5 / 1109.0)


def test_an_episode_has_both_its_sessions_and_lies_within_the_run(small):
    account = hedge_account(small)

    def made(first, last):
        return HedgeEpisode(f"{first} to {last}", dt.date(2024, 1, first), dt.date(2024, 1, last))

    given = (made(1, 3), made(2, 4), made(3, 4), made(4, 6), made(5, 7))
    assert [(one.name, one.bars) for one in by_episode(account, given)] == [("3 to 4", 2), ("4 to 6", 3)]
    assert by_episode(account, given)[0].base == pytest.approx(account.base[1] + account.base[2])


def test_episodes_are_in_order_of_time():
    assert [one.name for one in HEDGE_EPISODES] == ["2007-08", "2008", "2011", "2015", "2018", "2020", "2022", "2024"]
    assert all(one.first < one.last for one in HEDGE_EPISODES)
    assert all(one.last < two.first for one, two in pairwise(HEDGE_EPISODES[1:]))


def test_a_role_that_is_not_there(small):
    with pytest.raises(StrategyError, match="no role or option slot 'inverse'; it has small"):
        hedge_account(small, instrument="inverse")


def test_option_slots_are_the_hedge_by_their_marks():
    """A put spread under shares: what both contracts earned, spread and commission included, is the hedge."""
    orders = [Order(0, SHARES, 0, 200), buy(0, ONE, 2, PUT, 98, 40), buy(0, TWO, -2, PUT, 90, 40)]
    orders += [Order(3, CLOSE_OPTION, TWO), Order(3, CLOSE_OPTION, ONE)]
    costs = {"options.spread.premium": 0.02, "options.commission": 0.65}
    result = run_orders(draw(orders, [100, 99, 94, 91, 95, 96.0], iv=[20, 22, 30, 33, 28, 25.0]), costs)
    account = hedge_account(result, role="a", instrument=("one", "two"))
    marks = {(int(m["t"]), int(m["slot"])): m["price"] for m in result.marks}
    fills = result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]["price"]  # bought, sold, back, sold again
    worth = [200 * (marks[t, 0] - marks[t, 1]) for t in (1, 2, 3)]
    assert account.hedge.tolist() == pytest.approx(
        [0.0, worth[0] - 200 * (fills[0] - fills[1]) - 2.6, worth[1] - worth[0], worth[2] - worth[1],
         200 * (fills[3] - fills[2]) - 2.6 - worth[2], 0.0]
    )  # fmt: skip
    assert account.base.tolist() == pytest.approx([0.0, 200 * (99 - 100), -1000, -600, 800, 200])
    alone = hedge_account(result, role="a", instrument="one")
    other = hedge_account(result, role="a", instrument="two")
    assert alone.hedge + other.hedge == pytest.approx(account.hedge)
    assert (alone.hedge != account.hedge).any()
