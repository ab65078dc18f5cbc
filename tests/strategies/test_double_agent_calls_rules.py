# SPDX-License-Identifier: Apache-2.0
"""The rules of the Double Agent's call spreads one by one, on rows worked out by hand."""

from types import SimpleNamespace

import pytest

from engine.strategy import CALL
from strategies.agents.bear import Bear
from strategies.agents.bull import Bull
from strategies.agents.calls import BOUGHT, SOLD, lower_strike, upper_strike
from strategies.agents.orders import SMALL, Reason
from strategies.double_agent_calls import DoubleAgentCalls
from tests.strategies.double_agent_desk import HOLDING, LONG, NAN, Desk, account, features, params, row, sent_by, state

EXPIRY = 20_000.0
QUOTES = {100.0: 3.0, 105.0: 1.0}
PANIC = {"rsi": 25.0, "quiet_low": 1.0, "expiry": EXPIRY}


def decide(desk, s, held=None, f=None, close=100.0, **given):
    bar = SimpleNamespace(small=row(close))
    f = f or features(**PANIC)
    DoubleAgentCalls.on_bar(bar, f, params(DoubleAgentCalls, **given), s, held or account(), desk)
    return desk.sent


def calls_state(**given):
    return state(DoubleAgentCalls, **given)


class TestOpening:
    def test_as_many_as_the_premium_buys_the_bought_call_first(self):
        """1 % of 100,000 at 3.00 - 1.00 a share, 200 a spread: five of them."""
        desk, s = Desk(QUOTES), calls_state()
        assert decide(desk, s) == [
            ("option", BOUGHT, 5, CALL, 100.0, EXPIRY, Reason.BULL_BOUNCE),
            ("option", SOLD, -5, CALL, 105.0, EXPIRY, Reason.BULL_BOUNCE),
        ]
        assert (s.bull_stage, s.bull_age, s.busy, s.bull, s.too_dear) == (Bull.BOUNCE, 0, True, 0.0, 0)

    def test_quotes_are_asked_for_as_the_legs_will_be_traded(self):
        desk = Desk(QUOTES)
        decide(desk, calls_state())
        assert desk.asked == [(BOUGHT, 1.0, CALL, 100.0, EXPIRY), (SOLD, -1.0, CALL, 105.0, EXPIRY)]

    @pytest.mark.parametrize(("debit", "contracts"), [(1.99, 5), (2.0, 5), (2.01, 4), (10.0, 1), (10.01, 0)])
    def test_what_is_left_of_the_premium_stays_cash(self, debit, contracts):
        desk, s = Desk({100.0: debit + 1.0, 105.0: 1.0}), calls_state()
        sent = decide(desk, s)
        assert [order[2] for order in sent] == ([contracts, -contracts] if contracts else [])
        assert s.too_dear == (0 if contracts else 1)
        assert s.bull_stage == (Bull.BOUNCE if contracts else Bull.OUT)

    @pytest.mark.parametrize(("price", "opens"), [(100.0, True), (100.01, False)])
    def test_bought_calls_alone_must_be_payable_twice(self, price, opens):
        """Five of them at 100 are 50,000. What is not opened is counted."""
        desk, s = Desk({100.0: price, 105.0: price - 1.9}), calls_state()
        assert len(decide(desk, s)) == 2 * opens
        assert s.too_dear == (not opens)

    @pytest.mark.parametrize(
        ("value", "opens"), [(0.0, True), (-97_000.0, True), (-97_001.0, False), (97_001.0, False)]
    )
    def test_from_what_shares_leave(self, value, opens):
        assert len(decide(Desk(QUOTES), calls_state(), account(value=value))) == 2 * opens

    @pytest.mark.parametrize("quotes", [{}, {100.0: 3.0}, {100.0: 1.0, 105.0: 1.0}, {100.0: 1.0, 105.0: 1.01}])
    def test_none_without_a_price(self, quotes):
        """No volatility is known, or the spread costs nothing: no model's price to rely on."""
        desk, s = Desk(quotes), calls_state()
        assert decide(desk, s) == []
        assert (s.bull_stage, s.too_dear, s.busy) == (Bull.OUT, 0, False)

    @pytest.mark.parametrize(("given", "changed", "wait", "opens"), [
        ({}, {}, 0, True), ({}, {"rsi": 30.0}, 0, False), ({}, {"rsi": 29.99}, 0, True),
        ({}, {"quiet_low": 0.0}, 0, False), ({}, {"slow": 100.0}, 0, False), ({}, {"slow": 100.01}, 0, True),
        ({"bull_size": 0.0}, {}, 0, False), ({}, {}, 1, True), ({}, {}, 2, False),
    ])  # fmt: skip
    def test_in_an_oversold_sell_off_on_a_quiet_low(self, given, changed, wait, opens):
        desk = Desk(QUOTES)
        decide(desk, calls_state(bull_wait=wait), f=features(**{**PANIC, **changed}), **given)
        assert len(desk.sent) == 2 * opens

    def test_levels_are_continuous_over_splits_and_strikes_are_not(self):
        """After a split of two a close of 50 is one of 100: below a slow average of 100.01, strikes about 50."""
        bar = SimpleNamespace(small=row(50.0, high=50.5, low=49.5, factor=2.0))
        desk = Desk({50.0: 2.0, 53.0: 1.0, 52.0: 1.0})
        p = params(DoubleAgentCalls)
        DoubleAgentCalls.on_bar(bar, features(**PANIC, slow=100.01), p, calls_state(), account(), desk)
        assert [order[4] for order in desk.sent] == [50.0, 52.0]
        desk = Desk({50.0: 2.0, 52.0: 1.0})
        DoubleAgentCalls.on_bar(bar, features(**PANIC, slow=100.0), p, calls_state(), account(), desk)
        assert desk.sent == []

    def test_not_while_shares_are_held_or_being_sold(self):
        s = calls_state(bull=50.0, bull_order=7, bull_left=-50.0, busy=True)
        assert decide(Desk(QUOTES, order7=-50.0), s, account(qty=50.0)) == []
        reversal = {"bull_stage": Bull.REVERSAL, "bull": 50.0, "bull_protection": 9, "bull_best": 101.0, "busy": True}
        s = calls_state(**reversal, bull_level=95.0, bull_left=-50.0)
        desk = Desk(QUOTES, order9=-50.0)
        decide(desk, s, account(qty=50.0))
        assert [order[0] for order in desk.sent] == ["move"]

    def test_nothing_before_history_suffices_nor_while_the_broker_liquidates(self):
        assert decide(Desk(QUOTES), calls_state(), f=features(**PANIC, atr=NAN)) == []
        assert decide(Desk(QUOTES), calls_state(), account(frozen=1)) == []
        assert decide(Desk(QUOTES), calls_state(), account(equity=0.0)) == []
        s = calls_state(cooling=6)
        decide(Desk(QUOTES), s, account(equity=0.5))
        assert s.cooling == 5
        for held in (account(equity=0.0), account(equity=-1.0), account(frozen=1)):
            assert decide(Desk(QUOTES), s, held) == []
            assert s.cooling == 5


class TestStrikes:
    @pytest.mark.parametrize(("close", "above", "step", "strike"), [
        (100.0, 0.0, 1.0, 100.0), (100.49, 0.0, 1.0, 100.0), (100.51, 0.0, 1.0, 101.0), (100.0, 0.024, 1.0, 102.0),
        (100.0, -0.024, 1.0, 98.0), (103.0, 0.0, 5.0, 105.0), (102.0, 0.0, 5.0, 100.0), (0.3, 0.0, 1.0, 1.0),
        (100.3, 0.0, 0.5, 100.5),
    ])  # fmt: skip
    def test_the_bought_call_is_at_the_nearest_listed_strike(self, close, above, step, strike):
        assert lower_strike(close, params(DoubleAgentCalls, strike=above, strike_step=step)) == pytest.approx(strike)

    @pytest.mark.parametrize(("width", "step", "strike"), [
        (0.05, 1.0, 105.0), (0.054, 1.0, 105.0), (0.056, 1.0, 106.0), (0.005, 1.0, 101.0), (0.05, 2.5, 105.0),
        (0.03, 10.0, 110.0),
    ])  # fmt: skip
    def test_the_sold_call_lies_above_it(self, width, step, strike):
        p = params(DoubleAgentCalls, width=width, strike_step=step)
        assert upper_strike(100.0, 100.0, p) == pytest.approx(strike)


class TestHolding:
    def held(self, bought=5.0, sold=-5.0, rsi=45.0, stage=Bull.BOUNCE, age=2, **given):
        desk, s = Desk(QUOTES), calls_state(bull_stage=stage, bull_age=age, busy=True)
        decide(desk, s, account(bought=bought, sold=sold), features(**{**PANIC, "quiet_low": 0.0, "rsi": rsi}), **given)
        return s, desk.sent

    def closing(self, reason):
        return [("close_option", SOLD, reason), ("close_option", BOUGHT, reason)]

    @pytest.mark.parametrize(("rsi", "age", "reason"), [
        (49.99, 8, None), (50.0, 8, Reason.BULL_DONE), (49.99, 9, Reason.BULL_TIME), (50.0, 9, Reason.BULL_DONE),
        (49.99, 30, Reason.BULL_TIME), (60.0, 3, Reason.BULL_DONE),
    ])  # fmt: skip
    def test_until_the_bounce_has_come_or_time_is_up(self, rsi, age, reason):
        s, sent = self.held(rsi=rsi, age=age)
        assert sent == (self.closing(reason) if reason else [])
        assert (s.bull_stage, s.bull_wait) == ((Bull.OUT, 5) if reason else (Bull.BOUNCE, 0))
        assert s.bull_age == age + 1

    @pytest.mark.parametrize(("bought", "sold"), [(0.0, -5.0), (5.0, 0.0), (5.0, -4.0), (4.0, -5.0)])
    def test_a_missing_leg_closes_the_other(self, bought, sold):
        s, sent = self.held(bought=bought, sold=sold, rsi=60.0, age=20)
        assert sent == self.closing(Reason.BULL_LEG)
        assert (s.bull_stage, s.bull_wait) == (Bull.OUT, 5)

    def test_a_spread_that_was_refused_or_has_expired_is_over(self):
        s, sent = self.held(bought=0.0, sold=0.0)
        assert (s.bull_stage, s.bull_wait) == (Bull.OUT, 5)
        assert sent == self.closing(Reason.BULL_LEG)  # of nothing: `close_option` sends no order for an empty slot

    @pytest.mark.parametrize("stage", [Bull.OUT, Bull.REVERSAL])
    @pytest.mark.parametrize(("bought", "sold"), [(0.0, -5.0), (5.0, 0.0), (5.0, -5.0)])
    def test_what_a_refused_order_has_left_is_closed(self, bought, sold, stage):
        _, sent = self.held(bought=bought, sold=sold, stage=stage)
        assert [one for one in sent if one[-1] == Reason.BULL_LEG] == self.closing(Reason.BULL_LEG)

    @pytest.mark.parametrize(("price", "value", "covers"), [
        (10.0, -90_000.0, False), (10.01, -90_000.0, True), (10.0, 90_000.0, False), (10.01, 90_000.0, True),
        (10.0, -90_001.0, True),
    ])  # fmt: skip
    def test_the_bought_call_stays_while_the_sold_one_might_not_be_bought_back(self, price, value, covers):
        desk, s = Desk(QUOTES), calls_state(bull_stage=Bull.BOUNCE, bull_age=9, bear=-900.0, bear_left=0.0, busy=True)
        s.bear_stage, s.bear_best, s.bear_level, s.level = Bear.HOLDING, 99.0, 107.0, 101.0
        s.bear_protection, s.bear_left = 4, 900.0
        desk.live[4] = 900.0
        held = account(qty=-900.0, bought=5.0, sold=-5.0, sold_price=price, value=value)
        sent = decide(desk, s, held, features(expiry=EXPIRY))
        assert sent_by(desk, Reason.BULL_TIME) == self.closing(Reason.BULL_TIME)[: 1 if covers else 2]
        assert len(sent) >= 1

    def test_a_bought_call_alone_is_sold_whatever_shares_are_worth(self):
        desk = Desk(QUOTES)
        decide(desk, calls_state(), account(bought=5.0, value=-200_000.0))
        assert desk.sent == self.closing(Reason.BULL_LEG)

    def test_and_no_spread_is_opened_before_it_is_gone(self):
        desk, s = Desk(QUOTES), calls_state()
        assert decide(desk, s, account(bought=5.0)) == self.closing(Reason.BULL_LEG)

    def test_the_bear_acts_beside_it(self):
        s, sent = self.held()
        assert sent == []
        desk, s = Desk(QUOTES), calls_state(bull_stage=Bull.BOUNCE, busy=True)
        decide(desk, s, account(bought=5.0, sold=-5.0), features(support=103.0, expiry=EXPIRY))
        assert desk.sent == [
            ("market", SMALL, -250.0, Reason.BEAR_BREACH), ("limit", SMALL, -125.0, 101.5, Reason.BEAR_TIER_2),
            ("limit", SMALL, -125.0, 103.0, Reason.BEAR_TIER_3), ("stop", SMALL, 500.0, 111.0, Reason.BEAR_STOP),
        ]  # fmt: skip
        assert (s.bear_stage, s.bull_stage) == (Bear.HOLDING, Bull.BOUNCE)

    def test_all_is_closed_where_the_account_disagrees(self):
        desk, s = Desk(), calls_state(**HOLDING, bull_stage=Bull.BOUNCE)
        decide(desk, s, account(qty=-200.0, bought=5.0, sold=-5.0))
        assert desk.sent == [("close", SMALL, Reason.BOTH_CLOSED), *self.closing(Reason.BOTH_CLOSED)]
        assert (s.bear_stage, s.bull_stage) == (Bear.WATCHING, Bull.OUT)

    def test_shares_that_nobody_knows_close_all_too(self):
        for shares in (5.0, 1.0, -1.0, -5.0):
            assert decide(Desk(), calls_state(), account(qty=shares))[0] == ("close", SMALL, Reason.BOTH_CLOSED)

    def test_a_level_won_back_is_bought_in_shares(self):
        desk = Desk(order4=400.0)
        s = calls_state(**{**HOLDING, "bear_left": 400.0}, bear_protection=4)
        decide(desk, s, account(qty=-400.0), features(expiry=EXPIRY), close=103.0)
        assert [order[:2] for order in sent_by(desk, Reason.BULL_REVERSAL)] == [("market", SMALL)]
        assert s.bull_stage == Bull.REVERSAL

    def test_but_not_while_a_spread_is_held(self):
        desk = Desk(order4=400.0)
        s = calls_state(**{**HOLDING, "bear_left": 400.0}, bear_protection=4, bull_stage=Bull.BOUNCE)
        decide(desk, s, account(qty=-400.0, bought=5.0, sold=-5.0), features(expiry=EXPIRY), close=103.0)
        assert len(sent_by(desk, Reason.BEAR_RECLAIMED)) == 1
        assert sent_by(desk, Reason.BULL_REVERSAL) == []
        assert s.bull_stage == Bull.BOUNCE

    def test_and_held_as_shares(self):
        s = calls_state(bull_stage=Bull.REVERSAL, bull=50.0, bull_protection=9, bull_age=59, bull_left=-50.0, busy=True)
        desk = Desk(QUOTES, order9=-50.0)
        decide(desk, s, account(qty=50.0), features(expiry=EXPIRY))
        assert sent_by(desk, Reason.BULL_TIME) == [("market", SMALL, -50.0, Reason.BULL_TIME)]

    def test_whose_stop_follows_the_highest_high_over_splits(self):
        s = calls_state(**{**LONG, "bull": 50.0}, bull_stage=Bull.REVERSAL, bull_protection=9, bull_left=-50.0)
        desk, small = Desk(QUOTES, order9=-50.0), row(53.0, high=53.5, low=52.5, factor=2.0)
        bar, p = SimpleNamespace(small=small), params(DoubleAgentCalls)
        DoubleAgentCalls.on_bar(bar, features(expiry=EXPIRY), p, s, account(qty=50.0), desk)
        assert desk.sent == [("move", 9, 51.0)]
