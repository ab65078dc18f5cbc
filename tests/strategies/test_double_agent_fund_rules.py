# SPDX-License-Identifier: Apache-2.0
"""The Double Agent with an inverse fund, on rows worked out by hand."""

from types import SimpleNamespace

import pytest

from strategies.agents.bear import translate
from strategies.agents.bull import Bull
from strategies.agents.orders import CHEAPEST, SMALL, Reason
from strategies.double_agent import FUND, INVERSE, SHORT, DoubleAgentFund
from tests.strategies.double_agent_desk import (
    HOLDING,
    LONG,
    NAN,
    Desk,
    account,
    features,
    params,
    row,
    state,
)


class TestFund:
    def test_prices_of_the_small_caps_in_prices_of_the_fund(self):
        assert translate(102.0, 100.0, 20.0, -2.0) == pytest.approx(20.0 * 0.96)
        assert translate(102.0, 100.0, 50.0, 1.0) == pytest.approx(51.0)
        assert translate(160.0, 100.0, 20.0, -2.0) == CHEAPEST

    def decide(self, s, desk, held, f=None, **given):
        bar = SimpleNamespace(small=row(), inverse=row(20.0))
        DoubleAgentFund.on_bar(bar, f or features(support=103.0), params(DoubleAgentFund, **given), s, held, desk)
        return desk.sent

    def test_the_bear_buys_half_as_much_of_a_fund_that_moves_twice_as_much(self):
        """Exposure 0.5 of 100,000 is 25,000 of the fund, 1,250 shares: half, a quarter and a quarter."""
        desk = Desk()
        self.decide(state(), desk, account(), factor=2.0)
        assert desk.sent == [
            ("market", INVERSE, 625.0, Reason.BEAR_BREACH),
            ("limit", INVERSE, 312.5, 20.0 * (1 - 2 * 0.015), Reason.BEAR_TIER_2),
            ("limit", INVERSE, 312.5, 20.0 * (1 - 2 * 0.03), Reason.BEAR_TIER_3),
            ("move", 102, 20.0 * (1 - 2 * 0.015)),
            ("move", 103, 20.0 * (1 - 2 * 0.03)),
            ("stop", INVERSE, -1250.0, 20.0 * (1 - 2 * 0.11), Reason.BEAR_STOP),
        ]

    @pytest.mark.parametrize(("decay", "orders"), [(1.0, True), (1.01, False)])
    def test_no_bear_where_the_daily_reset_costs_too_much(self, decay, orders):
        assert bool(self.decide(state(), Desk(), account(), features(support=103.0, decay=decay))) is orders

    @pytest.mark.parametrize(
        "held", [account(inverse=-5.0), account(qty=-5.0), account(inverse=-0.5), account(qty=-0.5)]
    )
    def test_shares_on_the_wrong_side_close_both(self, held):
        sent = self.decide(state(), Desk(), held)
        assert sent == [("close", SMALL, Reason.BOTH_CLOSED), ("close", INVERSE, Reason.BOTH_CLOSED)]

    def test_shares_of_both_on_the_right_side_do_not(self):
        desk = Desk(order9=-150.0)
        s = state(**{**LONG, "bull_stage": Bull.BOUNCE, "bull_protection": 9})
        assert self.decide(s, desk, account(qty=150.0, inverse=0.0), features()) == [("move", 9, 96.0)]
        desk, s = Desk(order4=-400.0), state(**{**HOLDING, "bear": 400.0, "bear_protection": 4})
        self.decide(s, desk, account(inverse=400.0), features())
        assert [order[0] for order in desk.sent] == ["move"]

    @pytest.mark.parametrize("held", [account(frozen=1), account(equity=0.0), account(equity=-1.0)])
    def test_nothing_while_the_broker_liquidates_nor_without_equity(self, held):
        s = state(cooling=5)
        assert self.decide(s, Desk(), held) == []
        assert s.cooling == 5

    def test_a_decay_that_costs_too_much_halts_this_bear_and_no_later_one(self):
        s = state()
        self.decide(s, Desk(), account(equity=0.5), features(decay=1.01))
        assert s.cooling == 1
        self.decide(s, Desk(), account(equity=0.5), features(decay=1.0))
        assert s.cooling == 0

    def test_nothing_before_history_suffices(self):
        assert self.decide(state(), Desk(), account(), features(support=103.0, atr=NAN)) == []

    def test_shares_on_their_way_are_waited_for(self):
        held = {**HOLDING, "bear": 400.0, "bear_protection": 4}
        s, desk = state(**held), Desk(order4=-400.0)
        DoubleAgentFund.on_bar(
            SimpleNamespace(small=row(103.0), inverse=row(20.0)),
            features(), params(DoubleAgentFund, reversal_size=0.0), s, account(inverse=400.0), desk,
        )  # fmt: skip
        assert desk.sent == [("cancel", 4), ("market", INVERSE, -400.0, Reason.BEAR_RECLAIMED)]
        assert (s.bear_left, s.busy) == (-400.0, True)

    @pytest.mark.parametrize("factor", [1.0, 3.0])
    def test_tiers_and_stop_follow_the_funds_price(self, factor):
        """The daily reset moves what a level of the small caps is in the fund: 20 at 100, whatever it was."""
        desk = Desk(order2=100.0, order3=100.0, order4=-600.0)
        s = state(**{**HOLDING, "bear": 400.0}, tier_2=2, tier_3=3, bear_protection=4)
        self.decide(s, desk, account(inverse=400.0), features(), factor=factor)
        assert desk.sent == [
            ("move", 2, 20.0 * (1 - factor * 0.005)), ("move", 3, 20.0 * (1 - factor * 0.01)),
            ("move", 4, 20.0 * (1 - factor * 0.07)),
        ]  # fmt: skip

    def test_signs_of_the_shares(self):
        assert (SHORT, FUND) == (-1.0, 1.0)
