# SPDX-License-Identifier: Apache-2.0
"""The put hedge, rule by rule on hand-made rows: strikes, sizes, budget, rolls, refusals."""

import math
from types import SimpleNamespace

import pytest

from engine.strategy import PUT
from engine.strategy.border import check_strategy
from engine.strategy.params import declared_params, declared_state, resolve_params
from strategies.hedges.puts import LEAST_DELTA, SizeBy, affordable, contracts_for, is_pointless, listed, premium_paid
from strategies.hedges.regimes import Regime
from strategies.hedges.words import Reason
from strategies.vix_hedge_puts import VixHedgeIndexPuts, VixHedgePuts, count_premium, protect, roll_reason
from tests.strategies.test_vix_hedge import ENTRY, NAN, QUIET, STAY, _at

BOUGHT, SOLD = 0, 1
TODAY, EXPIRY, LATER = 18_000, 18_030, 18_065
STEP = 1e-9


def params(owner=VixHedgePuts, **given):
    plain = {"base": 1.0, "hedge_stress": 1.0, "budget": 0.05, "below": 0.05}
    return SimpleNamespace(**resolve_params(owner.Params, plain | given))


def state(**given):
    first = {name: value for name, (_, value) in declared_state(VixHedgePuts.State).items()}
    return SimpleNamespace(**(first | {"hedge": 1.0, "regime": Regime.STRESS, "age": 50, "month": 600} | given))


def slot(qty=0.0, strike=0.0, expiry=0, delta=0.0, avg_price=0.0, value=0.0):
    return SimpleNamespace(qty=qty, strike=strike, expiry=expiry, delta=delta, avg_price=avg_price, value=value)


EMPTY = slot()


class Desk:
    """Takes orders down; quotes 2 dollars for a strike of 95 and a sixteenth for each dollar of strike.

    The later expiry costs half a dollar more; half the spread is an eighth. A put of 100 has a delta of a half, one of
    50 a quarter.
    """

    def __init__(self, ask=None, delta=None):
        self.sent, self.ask, self.delta = [], ask, delta

    def target(self, role, weight, reason):
        self.sent.append(("target", role, weight, Reason(reason)))

    def option(self, place, qty, right, strike, expiry, reason):
        assert right == PUT
        assert strike > 0.0
        self.sent.append((place, qty, strike, expiry, Reason(reason)))

    def close_option(self, place, reason):
        self.sent.append((place, "close", Reason(reason)))

    def option_quote(self, place, qty, right, strike, expiry):
        assert right == PUT
        assert place in {BOUGHT, SOLD}
        assert strike > 0.0, "stops a run"
        if self.ask is not None:
            return self.ask
        price = max(0.25, 2.0 + (strike - 95.0) / 16.0) + (0.5 if expiry == LATER else 0.0)
        return price + (0.125 if qty > 0.0 else -0.125)

    def option_delta(self, _place, right, strike, _expiry):
        assert right == PUT
        return self.delta if self.delta is not None else -strike / 200.0


def decide(
    s, bought=EMPTY, sold=EMPTY, *, reason=0, volatility=0.25, close=100.0, equity=1_000_000.0, beta=1.0, desk=None,
    expiry=LATER, owner=VixHedgePuts, maintenance=250_000.0, **given,
):  # fmt: skip
    """What one call of protect sends."""
    orders = desk or Desk()
    account = SimpleNamespace(bought=bought, sold=sold, equity=equity, multiplier=100.0, maintenance=maintenance)
    underlying = SimpleNamespace(close=close, volatility=volatility)
    f = SimpleNamespace(expiry=float(expiry), month=600.0)
    protect(TODAY, underlying, beta, reason, f, params(owner, **given), s, account, orders)
    return orders.sent


HELD = slot(100.0, 95.0, EXPIRY, -0.4, 2.0)
LOWER = slot(-100.0, 85.0, EXPIRY, -0.2, 0.8)


class TestFirstPuts:
    def test_a_change_of_regime_buys_puts_for_every_base_share(self):
        s = state()
        assert decide(s, reason=Reason.HEDGE_ON_STRESS) == [(BOUGHT, 100.0, 95.0, LATER, Reason.HEDGE_ON_STRESS)]
        assert (s.pending, s.asked, s.before, s.why, s.missing, s.denied) == (1, 100.0, 0.0, 0, 0.0, 0)

    @pytest.mark.parametrize(
        ("given", "count"),
        [
            ({"equity": 999_999.0}, 99.0), ({"equity": 1_009_999.0}, 100.0), ({"base": 0.5}, 50.0),
            ({"beta": 1.2}, 120.0), ({"close": 200.0}, 50.0),
        ],
    )  # fmt: skip
    def test_contracts_are_whole_and_cover_the_base(self, given, count):
        ((_, bought, *_),) = decide(state(), reason=Reason.HEDGE_ON_STRESS, **{"budget": 1, **given})
        assert bought == count

    def test_the_hedge_ratio_is_that_of_the_state(self):
        ((_, bought, *_),) = decide(state(hedge=0.25), reason=Reason.HEDGE_DIVERGENCE)
        assert bought == 25.0

    def test_less_than_a_contract_is_no_order_and_is_asked_again(self):
        s = state()
        assert decide(s, reason=Reason.HEDGE_ON_STRESS, equity=9_999.0) == []
        assert (s.why, s.denied, s.pending) == (Reason.HEDGE_ON_STRESS, 0, 0)
        s.rest = 0
        assert decide(s, equity=10_000.0) == [(BOUGHT, 1.0, 95.0, LATER, Reason.HEDGE_ON_STRESS)]

    def test_without_a_change_what_is_not_held_is_bought_once_more(self):
        assert decide(state()) == [(BOUGHT, 100.0, 95.0, LATER, Reason.HEDGE_AGAIN)]

    def test_size_by_delta_reaches_the_ratio_in_delta(self):
        given = {"size_by": "delta", "budget": 1}
        ((_, bought, *_),) = decide(state(), reason=Reason.HEDGE_ON_STRESS, **given)
        assert bought == math.floor(10_000 / (100 * 95 / 200))
        spread = decide(state(), reason=Reason.HEDGE_ON_STRESS, **given, width=0.1)
        assert [one[1] for one in spread] == [math.floor(10_000 / (100 * 10 / 200)), -2000.0]


class TestSpread:
    def test_the_lower_put_is_sold_after_the_upper_is_bought(self):
        sent = decide(state(), reason=Reason.HEDGE_ON_STRESS, width=0.1)
        why = Reason.HEDGE_ON_STRESS
        assert sent == [(BOUGHT, 100.0, 95.0, LATER, why), (SOLD, -100.0, 85.0, LATER, why)]

    def test_strikes_are_a_step_apart_at_least(self):
        sent = decide(state(), reason=Reason.HEDGE_ON_STRESS, width=0.001, strike_step=5)
        assert [one[2] for one in sent] == [95.0, 90.0]

    def test_the_lowest_listed_strike_can_be_sold(self):
        """0.875 - 0.625 a share: 40,000 dollars pay for 1,600 contracts."""
        sent = decide(state(), close=2.0, reason=Reason.HEDGE_ON_STRESS, width=0.4, budget=0.04 + STEP)
        assert [one[1:3] for one in sent] == [(1600.0, 2.0), (-1600.0, 1.0)]

    def test_without_a_strike_below_there_is_no_spread(self):
        sent = decide(state(), close=1.0, reason=Reason.HEDGE_ON_STRESS, width=0.1, budget=1, equity=100_000.0)
        assert [one[:3] for one in sent] == [(BOUGHT, 1000.0, 1.0)]

    def test_the_budget_pays_the_difference_of_the_two(self):
        """The spread costs 2.625 - 1.75 a share: 1,100 dollars pay for 12 of 100 contracts."""
        sent = decide(state(), reason=Reason.HEDGE_ON_STRESS, width=0.1, budget=0.0011)
        assert [one[:2] for one in sent] == [(BOUGHT, 12.0), (SOLD, -12.0)]


class TestBudget:
    """A put of 95 costs 2.625 a share, 262.50 dollars a contract."""

    def test_it_pays_up_to_its_last_dollar(self):
        assert decide(state(), budget=0.02625 + STEP)[0][1:] == (100.0, 95.0, LATER, Reason.HEDGE_AGAIN)
        assert decide(state(), budget=0.02625 - STEP)[0][1:] == (99.0, 95.0, LATER, Reason.BUDGET)

    def test_what_it_refuses_is_in_the_state_and_asked_again_next_month(self):
        s = state()
        decide(s, reason=Reason.HEDGE_ON_STRESS, budget=0.0106)
        assert (s.asked, s.missing, s.refused, s.denied, s.why) == (40.0, 60.0, 60.0, 1, 0)
        held = slot(40.0, 95.0, LATER, -0.4, 2.5)
        assert decide(s, held, budget=0.0106) == []
        s.denied = 0
        assert decide(s, held, budget=0.016) == [(BOUGHT, 60.0, 95.0, LATER, Reason.HEDGE_AGAIN)]
        assert (s.asked, s.before, s.missing, s.pending) == (100.0, 10_000.0, 0.0, 1)

    def test_a_budget_too_small_for_one_contract_buys_none(self):
        s = state()
        assert decide(s, reason=Reason.HEDGE_ON_STRESS, budget=0.0002625 - STEP) == []
        assert (s.missing, s.refused, s.denied, s.why, s.pending) == (100.0, 100.0, 1, 0, 0)
        assert decide(s, budget=0.0002625 - STEP) == []
        assert s.refused == 100.0
        assert decide(state(), budget=0.0002625 + STEP)[0][1] == 1.0

    def test_what_the_month_has_denied_waits_for_the_next(self):
        assert decide(state(denied=1)) == []
        assert decide(state(denied=1, why=Reason.START)) != []
        s = state(denied=1, refused=3.0, why=Reason.START)
        decide(s, budget=0)
        assert (s.refused, s.missing) == (103.0, 100.0)

    def test_one_contract_refused_is_missing(self):
        s = state()
        assert decide(s, equity=10_000.0, budget=0) == []
        assert (s.missing, s.refused, s.why) == (1.0, 1.0, 0)
        s = state(missing=1.0)
        assert decide(s, slot(99.0, 97.0, EXPIRY, -0.4, 2.0))[0][:2] == (BOUGHT, 1.0)

    def test_another_regime_asks_again_in_the_same_month(self):
        s = state(denied=1, missing=100.0, refused=100.0)
        assert decide(s, reason=Reason.HEDGE_ON_CREDIT, budget=0.0106)[0][1] == 40.0
        assert s.refused == 160.0

    def test_what_was_spent_this_month_is_gone(self):
        assert decide(state(spent=20_000.0), budget=0.0253)[0][1] == 20.0
        assert decide(state(spent=24_750.0), budget=0.025) == []
        assert decide(state(spent=30_000.0), budget=0.025) == []

    def test_it_is_a_part_of_the_equity_now(self):
        assert decide(state(), budget=0.02101, equity=2_000_000.0)[0][1] == 160.0

    @pytest.mark.parametrize(
        ("cost", "count"), [(0.0, math.inf), (-1.0, math.inf), (NAN, 0.0), (0.5, 1400.0), (100.0, 7.0)]
    )
    def test_what_is_free_and_what_has_no_price(self, cost, count):
        assert affordable(cost, 200.0, params(budget=0.05), state(), 10_000.0) == count

    def test_a_month_that_has_cost_more_than_its_budget_pays_nothing(self):
        assert affordable(100.0, 0.0, params(budget=0.05), state(spent=900.0), 10_000.0) == 0.0


class TestMoreAndLess:
    def test_more_hedge_buys_more_of_the_same_puts(self):
        s = state(missing=3.0)
        sent = decide(s, slot(25.0, 97.0, EXPIRY, -0.4, 2.0), reason=Reason.HEDGE_ON_STRESS)
        assert sent == [(BOUGHT, 75.0, 97.0, EXPIRY, Reason.HEDGE_ON_STRESS)]
        assert (s.asked, s.before, s.pending, s.missing, s.why) == (100.0, 5000.0, 1, 0.0, 0)

    def test_more_hedge_than_the_budget_pays(self):
        """A put of 97 costs 2.25 a share."""
        s = state()
        held = slot(25.0, 97.0, EXPIRY, -0.4, 2.0)
        assert decide(s, held, reason=Reason.HEDGE_ON_STRESS, budget=0.00226)[0] == (
            BOUGHT, 10.0, 97.0, EXPIRY, Reason.BUDGET,
        )  # fmt: skip
        assert (s.missing, s.denied, s.refused, s.asked) == (65.0, 1, 65.0, 35.0)
        s = state()
        assert decide(s, held, reason=Reason.HEDGE_ON_STRESS, budget=0.0002) == []
        assert (s.missing, s.denied, s.refused, s.pending, s.why) == (75.0, 1, 75.0, 0, 0)

    def test_the_first_reason_is_one_too(self):
        held = slot(1.0, 97.0, EXPIRY, -0.4, 2.0)
        assert decide(state(), held, reason=Reason.START) == [(BOUGHT, 99.0, 97.0, EXPIRY, Reason.START)]
        assert decide(state(hedge=0.0), held, reason=Reason.START)[1] == (BOUGHT, "close", Reason.START)
        assert decide(state(rest=3), reason=Reason.START)[0][4] == Reason.START

    def test_one_contract_is_enough_for_an_order(self):
        held = slot(99.0, 97.0, EXPIRY, -0.4, 2.0)
        assert decide(state(), held, reason=Reason.HEDGE_ON_STRESS)[0][1] == 1.0
        assert decide(state(), held, reason=Reason.HEDGE_ON_STRESS, budget=0.000226)[0][4] == Reason.HEDGE_ON_STRESS

    def test_less_hedge_sells_some(self):
        s = state(hedge=0.25, missing=3.0)
        assert decide(s, HELD, reason=Reason.HEDGE_DIVERGENCE) == [
            (BOUGHT, -75.0, 95.0, EXPIRY, Reason.HEDGE_DIVERGENCE)
        ]
        assert (s.missing, s.pending, s.why, s.denied) == (0.0, 0, 0, 0)

    def test_a_spread_buys_back_before_it_sells(self):
        sent = decide(state(hedge=0.25), HELD, LOWER, reason=Reason.HEDGE_DIVERGENCE, width=0.1)
        why = Reason.HEDGE_DIVERGENCE
        assert sent == [(SOLD, 75.0, 85.0, EXPIRY, why), (BOUGHT, -75.0, 95.0, EXPIRY, why)]
        some = slot(-25.0, 85.0, EXPIRY, -0.2, 0.8)
        assert decide(state(hedge=0.25), HELD, some, reason=why, width=0.1) == [(BOUGHT, -75.0, 95.0, EXPIRY, why)]

    def test_a_spread_grows_on_both_legs(self):
        """What is paid is the difference: 2.125 - 1.25 a share, 87.50 a contract."""
        held, lower = slot(25.0, 95.0, EXPIRY, -0.4, 2.0), slot(-25.0, 85.0, EXPIRY, -0.2, 0.8)
        s = state()
        sent = decide(s, held, lower, reason=Reason.HEDGE_ON_STRESS, width=0.1, budget=0.0065625 + STEP)
        why = Reason.HEDGE_ON_STRESS
        assert sent == [(BOUGHT, 75.0, 95.0, EXPIRY, why), (SOLD, -75.0, 85.0, EXPIRY, why)]
        assert s.before == 25.0 * 100.0 * (2.0 - 0.8)
        assert decide(state(), held, lower, reason=why, width=0.1, budget=0.0065625 - STEP)[0][1] == 74.0

    def test_one_spread_more_costs_the_difference_of_its_legs(self):
        """2.125 - 1.25 a share: 87.50, within a budget of 100."""
        one, lower = slot(1.0, 95.0, EXPIRY, -0.4, 2.0), slot(-1.0, 85.0, EXPIRY, -0.2, 0.8)
        given = {"equity": 20_000.0, "maintenance": 0.0, "budget": 0.005, "reason": Reason.HEDGE_ON_STRESS}
        why = Reason.HEDGE_ON_STRESS
        assert decide(state(), one, lower, **given) == [
            (BOUGHT, 1.0, 95.0, EXPIRY, why),
            (SOLD, -1.0, 85.0, EXPIRY, why),
        ]

    def test_the_same_hedge_again_sends_nothing(self):
        s = state()
        assert decide(s, HELD, reason=Reason.HEDGE_ON_STRESS) == []
        assert (s.why, s.pending) == (0, 0)

    def test_without_a_change_nothing_is_resized(self):
        assert decide(state(), slot(80.0, 95.0, EXPIRY, -0.4, 2.0)) == []
        assert decide(state(missing=20.0, denied=1), slot(80.0, 95.0, EXPIRY, -0.4, 2.0)) == []

    def test_fractions_of_a_contract_after_a_split_are_left(self):
        assert decide(state(), slot(100.5, 95.0, EXPIRY, -0.4, 2.0), reason=Reason.HEDGE_ON_STRESS) == []
        ((_, sold, *_),) = decide(state(), slot(101.5, 95.0, EXPIRY, -0.4, 2.0), reason=Reason.HEDGE_ON_STRESS)
        assert sold == -1.0
        assert decide(state(), slot(99.5, 95.0, EXPIRY, -0.4, 2.0), reason=Reason.HEDGE_ON_STRESS) == []

    def test_by_delta_the_deltas_held_count(self):
        sent = decide(state(), HELD, reason=Reason.HEDGE_ON_STRESS, size_by="delta", budget=1)
        assert sent[0][1] == 10_000 / (100 * 0.4) - 100.0
        sent = decide(state(), HELD, LOWER, reason=Reason.HEDGE_ON_STRESS, size_by="delta", budget=1)
        assert [one[1] for one in sent] == [400.0, -400.0]

    def test_no_hedge_sells_all(self):
        s = state(hedge=0.0, missing=5.0)
        why = Reason.HEDGE_NONE
        assert decide(s, HELD, LOWER, reason=why) == [(SOLD, "close", why), (BOUGHT, "close", why)]
        assert (s.why, s.missing) == (0, 0.0)
        assert decide(state(hedge=0.0), EMPTY, LOWER)[0] == (SOLD, "close", Reason.HEDGE_ON_STRESS)
        assert decide(state(hedge=0.0), HELD)[1] == (BOUGHT, "close", Reason.HEDGE_ON_STRESS)

    def test_no_hedge_and_no_puts_is_nothing(self):
        s = state(hedge=0.0, missing=5.0)
        assert decide(s, reason=Reason.START) == []
        assert (s.why, s.missing) == (0, 0.0)

    def test_no_hedge_is_reached_whatever_stands_in_the_way_of_buying(self):
        for trouble in ({"volatility": NAN}, {"volatility": 0.0}):
            assert len(decide(state(hedge=0.0), HELD, **trouble)) == 2
        assert len(decide(state(hedge=0.0, wait=3), HELD)) == 2


class TestRoll:
    @pytest.mark.parametrize(
        ("left", "later", "delta", "expected"),
        [
            (14, 1, -0.4, 0), (13, 1, -0.4, Reason.ROLL_TIME), (13, 0, -0.4, 0), (13, -1, -0.4, 0),
            (30, 1, -0.8, 0), (30, 1, -0.8 - STEP, Reason.ROLL_DEEP),
            (30, 1, -0.05, 0), (30, 1, -0.05 + STEP, Reason.ROLL_FAR), (13, 1, -0.9, Reason.ROLL_TIME),
        ],
    )  # fmt: skip
    def test_when_it_is_due(self, left, later, delta, expected):
        bought = slot(10.0, 95.0, TODAY + left, delta)
        f = SimpleNamespace(expiry=float(TODAY + left + later))
        given = params(roll_days=14, delta_high=0.8, delta_low=0.05)
        assert roll_reason(TODAY, f, given, bought) == expected

    def test_nothing_held_is_never_due(self):
        assert roll_reason(TODAY, SimpleNamespace(expiry=float(LATER)), params(), EMPTY) == 0

    @pytest.mark.parametrize(
        ("due", "strike", "move", "pointless"),
        [
            (Reason.ROLL_DEEP, 94.0, 0.8, False), (Reason.ROLL_DEEP, 94.0, 0.8 + STEP, True),
            (Reason.ROLL_DEEP, 95.0, 0.5, True), (Reason.ROLL_DEEP, 96.0, 0.5, True),
            (Reason.ROLL_FAR, 96.0, 0.05, False), (Reason.ROLL_FAR, 96.0, 0.05 - STEP, True),
            (Reason.ROLL_FAR, 95.0, 0.3, True), (Reason.ROLL_FAR, 94.0, 0.3, True),
            (Reason.ROLL_TIME, 95.0, 0.9, False), (0, 95.0, 0.01, False),
        ],
    )  # fmt: skip
    def test_a_roll_by_delta_must_lead_somewhere(self, due, strike, move, pointless):
        assert is_pointless(due, strike, move, params(delta_high=0.8, delta_low=0.05), HELD) == pointless

    def test_old_puts_go_before_new_ones_come(self):
        """The old ones fetch 1.875 a share, their bid: that is no premium of the month."""
        s = state()
        old = slot(100.0, 95.0, TODAY + 5, -0.4, 2.0)
        why = Reason.ROLL_TIME
        sent = decide(s, old)
        assert sent == [(SOLD, "close", why), (BOUGHT, "close", why), (BOUGHT, 100.0, 95.0, LATER, why)]
        assert (s.before, s.asked, s.pending) == (18_750.0, 100.0, 1)

    def test_one_put_fetches_its_bid_too(self):
        s = state()
        decide(s, slot(1.0, 95.0, TODAY + 5, -0.4, 2.0))
        assert s.before == 187.5

    def test_one_spread_fetches_the_difference_of_its_legs(self):
        s = state()
        old, lower = slot(1.0, 95.0, TODAY + 5, -0.4, 2.0), slot(-1.0, 85.0, TODAY + 5, -0.2, 0.8)
        decide(s, old, lower, width=0.1)
        assert s.before == 37.5

    def test_a_spread_rolls_as_a_whole(self):
        """It fetches 1.875 - 1.5 a share."""
        s = state()
        old, lower = slot(100.0, 95.0, TODAY + 5, -0.4, 2.0), slot(-100.0, 85.0, TODAY + 5, -0.2, 0.8)
        why = Reason.ROLL_TIME
        assert decide(s, old, lower, width=0.1) == [
            (SOLD, "close", why), (BOUGHT, "close", why),
            (BOUGHT, 100.0, 95.0, LATER, why), (SOLD, -100.0, 85.0, LATER, why),
        ]  # fmt: skip
        assert s.before == 3750.0

    def test_what_is_fetched_pays_first(self):
        """100 puts cost 26,250 and the old ones fetch 18,750: the budget pays 7,500 of it."""
        old = slot(100.0, 95.0, TODAY + 5, -0.4, 2.0)
        assert len(decide(state(), old, budget=0.0075 + STEP)) == 3
        s = state()
        assert decide(s, old, budget=0.0075 - STEP) == []
        assert (s.denied, s.refused, s.pending, s.missing) == (1, 1.0, 0, 0.0)
        assert (s.rest, s.looked) == (5, Reason.ROLL_TIME)
        assert decide(s, old, budget=0.0075 + STEP) == [], "looked at again when the rest is over"
        s.rest = 1
        assert decide(s, old, budget=0.0075 + STEP) == []
        s.rest = 0
        assert decide(s, old, budget=0.0075 - STEP) == []
        assert s.refused == 1.0
        s.rest = 0
        assert len(decide(s, old, budget=0.0075 + STEP)) == 3
        assert s.rest == 0

    def test_a_change_of_regime_is_not_put_off_by_the_rest(self):
        old = slot(100.0, 95.0, TODAY + 5, -0.4, 2.0)
        tired = {"rest": 3, "looked": Reason.ROLL_TIME}
        assert decide(state(**tired), old) == []
        assert decide(state(**tired), old, reason=Reason.HEDGE_ON_STRESS)[2][:2] == (BOUGHT, 100.0)
        assert decide(state(rest=3), reason=Reason.HEDGE_ON_STRESS)[0][:2] == (BOUGHT, 100.0)
        assert decide(state(rest=3, why=Reason.HEDGE_ON_STRESS)) == []

    def test_another_roll_is_not_put_off_either(self):
        old = slot(100.0, 95.0, TODAY + 5, -0.01, 2.0)
        assert decide(state(rest=3, looked=Reason.ROLL_FAR), old)[0][2] == Reason.ROLL_TIME
        assert decide(state(rest=3, looked=Reason.ROLL_FAR)) != []
        deep = slot(100.0, 120.0, EXPIRY, -0.95, 2.0)
        assert decide(state(rest=3, looked=Reason.ROLL_TIME), deep)[0][2] == Reason.ROLL_DEEP

    def test_a_roll_brings_at_least_what_was_held(self):
        """40 held fetch 7,500: with 5,700 of the budget they pay for 50 of 100; 40 cost 10,500."""
        old = slot(40.0, 95.0, TODAY + 5, -0.4, 2.0)
        s = state(missing=60.0)
        assert decide(s, old, budget=0.0057)[2] == (BOUGHT, 50.0, 95.0, LATER, Reason.BUDGET)
        assert (s.missing, s.denied, s.refused) == (50.0, 1, 50.0)
        assert decide(state(), old, budget=0.003 + STEP)[2][1] == 40.0
        assert decide(state(), old, budget=0.003 - STEP) == []

    def test_a_roll_of_more_than_is_asked_for_shrinks(self):
        old = slot(140.0, 95.0, TODAY + 5, -0.4, 2.0)
        assert decide(state(), old)[2][1] == 100.0

    def test_a_change_of_regime_gives_its_reason_to_the_roll(self):
        old = slot(25.0, 95.0, TODAY + 5, -0.4, 2.0)
        assert {one[-1] for one in decide(state(), old, reason=Reason.HEDGE_ON_STRESS)} == {Reason.HEDGE_ON_STRESS}

    def test_a_refused_roll_still_follows_the_regime(self):
        old = slot(100.0, 95.0, TODAY + 5, -0.4, 2.0)
        broke = decide(state(hedge=0.5, spent=1e9), old, reason=Reason.HEDGE_ON_CREDIT)
        assert broke == [(BOUGHT, -50.0, 95.0, TODAY + 5, Reason.HEDGE_ON_CREDIT)]

    def test_a_roll_that_leads_nowhere_still_follows_the_regime(self):
        deep = slot(100.0, 95.0, EXPIRY, -0.95, 2.0)
        sent = decide(state(hedge=0.5), deep, reason=Reason.HEDGE_ON_CREDIT)
        assert sent == [(BOUGHT, -50.0, 95.0, EXPIRY, Reason.HEDGE_ON_CREDIT)]

    def test_deep_puts_are_replaced_by_lower_ones(self):
        deep = slot(100.0, 120.0, EXPIRY, -0.95, 2.0)
        assert decide(state(), deep)[2] == (BOUGHT, 100.0, 95.0, LATER, Reason.ROLL_DEEP)
        assert decide(state(), slot(100.0, 95.0, EXPIRY, -0.95, 2.0)) == []

    def test_far_puts_are_replaced_by_higher_ones(self):
        far = slot(100.0, 80.0, EXPIRY, -0.01, 2.0)
        assert decide(state(), far)[2] == (BOUGHT, 100.0, 95.0, LATER, Reason.ROLL_FAR)
        assert decide(state(), far, desk=Desk(delta=-0.04)) == []


class TestRefusals:
    def test_what_waits_is_not_forgotten(self):
        s = state(wait=1)
        assert decide(s, reason=Reason.HEDGE_ON_STRESS) == []
        assert s.why == Reason.HEDGE_ON_STRESS
        s.wait = 0
        assert decide(s)[0][4] == Reason.HEDGE_ON_STRESS

    @pytest.mark.parametrize("volatility", [NAN, 0.0, -1.0])
    def test_without_a_volatility_nothing_is_bought(self, volatility):
        s = state()
        assert decide(s, reason=Reason.HEDGE_ON_STRESS, volatility=volatility) == []
        assert s.why == Reason.HEDGE_ON_STRESS
        assert decide(s, volatility=1e-6) != []

    def test_a_contract_without_a_quote_is_not_added_to(self):
        held = slot(25.0, 97.0, EXPIRY, -0.4, 2.0)
        assert decide(state(), held, reason=Reason.HEDGE_ON_STRESS, desk=Desk(ask=NAN)) == []

    def test_more_sold_than_bought_is_bought_back_before_anything_else(self):
        sent = decide(state(wait=3), slot(60.0, 95.0, EXPIRY, -0.4, 2.0), LOWER, reason=Reason.HEDGE_ON_STRESS)
        assert sent == [(SOLD, 40.0, 85.0, EXPIRY, Reason.UNCOVERED)]
        assert decide(state(), EMPTY, LOWER)[0][1] == 100.0
        assert decide(state(), HELD, LOWER, width=0.1) == []

    def test_a_spread_that_the_account_cannot_take_apart_stays_covered(self):
        """Bought puts alone lend nothing: 500,000 dollars of them are what equity less twice the margin carries."""
        rich, dear = (slot(100.0, 95.0, TODAY + 5, -0.4, 2.0, value) for value in (500_000.0, 500_000.01))
        lower = slot(-100.0, 85.0, TODAY + 5, -0.2, 0.8)
        why = Reason.ROLL_TIME
        assert len(decide(state(), rich, lower, width=0.1)) == 4
        assert decide(state(), dear, lower, width=0.1) == []
        assert [one[0] for one in decide(state(hedge=0.0), rich, lower)] == [SOLD, BOUGHT]
        assert [one[0] for one in decide(state(hedge=0.0), dear, lower)] == [SOLD]
        assert [one[0] for one in decide(state(hedge=0.0), dear)] == [SOLD, BOUGHT]
        assert decide(state(), dear)[0] == (SOLD, "close", why)


class TestPremium:
    def _count(self, s, bought=EMPTY, sold=EMPTY, month=600.0, split=1.0):
        account = SimpleNamespace(bought=bought, sold=sold, multiplier=100.0)
        count_premium(split, SimpleNamespace(month=month), params(retry=5), s, account)
        return s

    def test_what_is_paid_is_what_was_bought_less_what_was_sold(self):
        account = SimpleNamespace(bought=HELD, sold=LOWER, multiplier=10.0)
        assert premium_paid(account) == 10.0 * (100.0 * 2.0 - 100.0 * 0.8)

    def test_an_order_counts_when_it_has_filled(self):
        s = self._count(state(pending=1, asked=100.0, before=5000.0, spent=7.0), HELD)
        assert (s.spent, s.pending, s.wait) == (15_007.0, 0, 0)
        assert self._count(s, HELD).spent == 15_007.0

    def test_a_roll_that_fetched_more_than_it_cost_gives_nothing_back(self):
        assert self._count(state(pending=1, asked=100.0, before=30_000.0, spent=7.0), HELD).spent == 7.0

    def test_a_new_month_starts_from_nothing(self):
        s = self._count(state(spent=9.0, denied=1, missing=3.0), HELD, month=601.0)
        assert (s.spent, s.denied, s.month, s.missing) == (0.0, 0, 601, 3.0)
        s = self._count(state(spent=9.0, denied=1), HELD)
        assert (s.spent, s.denied) == (9.0, 1)
        s = self._count(state(spent=9.0, pending=1, asked=100.0), HELD, month=601.0)
        assert s.spent == 20_000.0

    def test_an_order_that_did_not_fill_is_not_sent_again_at_once(self):
        assert self._count(state(pending=1, asked=100.0)).wait == 5
        assert self._count(state(pending=1, asked=100.5), HELD).wait == 5
        assert self._count(state(pending=1, asked=99.0), HELD).wait == 0
        assert self._count(state(asked=500.0), HELD).wait == 0

    def test_a_split_changes_what_was_asked(self):
        assert self._count(state(pending=1, asked=50.0), HELD, split=2.0).wait == 0
        assert self._count(state(pending=1, asked=51.0), HELD, split=2.0).wait == 5

    def test_the_wait_runs_down_to_nothing(self):
        assert self._count(state(wait=5)).wait == 4
        assert self._count(state(wait=0)).wait == 0
        assert self._count(state(rest=5)).rest == 4
        assert self._count(state(rest=0)).rest == 0


@pytest.mark.parametrize(
    ("price", "step", "strike"),
    [(94.5, 1.0, 95.0), (94.49, 1.0, 94.0), (94.74, 0.5, 94.5), (0.2, 1.0, 1.0), (93, 5.0, 95.0)],
)
def test_strikes_are_listed_ones(price, step, strike):
    assert listed(price, step) == strike


def test_a_put_that_hardly_moves_does_not_ask_for_endless_contracts():
    by_delta = params(size_by=SizeBy.DELTA)
    assert contracts_for(1000.0, 0.001, by_delta, 100.0) == 10.0 / LEAST_DELTA
    assert contracts_for(1000.0, 0.02, by_delta, 100.0) == 500.0
    assert contracts_for(1000.0, 0.001, params(), 100.0) == 10.0


def _bar(owner, row, *, s=None, frozen=0, equity=1_000_000.0, held=1.0, bought=EMPTY, **given):
    """One decision of the whole strategy."""
    leg = SimpleNamespace(close=100.0, volatility=0.25, value=held * 1_000_000.0)
    other = SimpleNamespace(close=400.0, volatility=0.20, value=0.0)
    account = SimpleNamespace(
        small=leg,
        large=other,
        bought=bought,
        sold=EMPTY,
        equity=equity,
        frozen=frozen,
        multiplier=100.0,
        maintenance=0.25 * equity,
    )
    bar = SimpleNamespace(session=TODAY, small=SimpleNamespace(split=1.0), large=SimpleNamespace(split=1.0))
    for name, value in {"expiry": float(LATER), "month": 601.0, "beta": 1.25}.items():
        setattr(row, name, getattr(row, name, value))
    s, desk = s or state(hedge=0.0, regime=Regime.NONE), Desk()
    owner.on_bar(bar, row, params(owner, **given), s, account, desk)
    return desk.sent, s


class TestOnBar:
    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    def test_nothing_happens_before_the_features_are_known(self, owner):
        row = SimpleNamespace(**(QUIET | {"correlation": NAN}))
        sent, s = _bar(owner, row)
        assert (sent, s.age) == ([], 50)

    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    def test_a_day_like_the_one_before_sends_nothing(self, owner):
        sent, s = _bar(owner, SimpleNamespace(**QUIET))
        assert (sent, s.age) == ([], 51)

    def test_nothing_happens_before_the_beta_is_known(self):
        row = SimpleNamespace(**QUIET, beta=NAN)
        sent, s = _bar(VixHedgeIndexPuts, row)
        assert (sent, s.age) == ([], 50)

    def test_stress_buys_puts_on_what_is_held(self):
        sent, s = _bar(VixHedgePuts, _at(ENTRY, Regime.STRESS))
        assert sent == [(BOUGHT, 100.0, 95.0, LATER, Reason.HEDGE_ON_STRESS)]
        assert (s.regime, s.hedge) == (Regime.STRESS, 1.0)

    def test_puts_on_the_large_caps_are_for_the_beta(self):
        """1.25 x 1,000,000 / (400 x 100) contracts, five per cent under 400."""
        ((_, count, strike, *_),) = _bar(VixHedgeIndexPuts, _at(ENTRY, Regime.STRESS), budget=1)[0]
        assert (count, strike) == (31.0, 380.0)

    def test_a_negative_beta_needs_no_puts(self):
        row = _at(ENTRY, Regime.STRESS)
        row.beta = -0.5
        sent, s = _bar(VixHedgeIndexPuts, row)
        assert sent == []
        assert s.why == Reason.HEDGE_ON_STRESS
        sent, _ = _bar(VixHedgeIndexPuts, row, bought=HELD)
        assert sent == [(BOUGHT, -100.0, 95.0, EXPIRY, Reason.HEDGE_ON_STRESS)], "those held, and no more"

    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    def test_the_first_book_and_its_puts(self, owner):
        fresh = state(hedge=-1.0, regime=Regime.NONE, age=0)
        sent, _ = _bar(owner, SimpleNamespace(**QUIET), s=fresh, hedge_none=0.5, held=0.0)
        assert sent[0] == ("target", 1, 1.0, Reason.START)
        assert sent[1][4] == Reason.START

    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    def test_a_new_regime_does_not_touch_the_base_and_drift_does(self, owner):
        assert [one[0] for one in _bar(owner, _at(ENTRY, Regime.STRESS))[0]] == [BOUGHT]
        sent, _ = _bar(owner, _at(ENTRY, Regime.STRESS), held=0.5)
        assert sent[0] == ("target", 1, 1.0, Reason.REBALANCE)

    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    @pytest.mark.parametrize("trouble", [{"frozen": 1}, {"equity": 0.0}, {"equity": -1.0}])
    def test_in_trouble_premium_is_counted_and_orders_wait(self, owner, trouble):
        s = state(hedge=0.0, regime=Regime.NONE, pending=1, spent=3.0)
        sent, s = _bar(owner, _at(ENTRY, Regime.STRESS), s=s, **trouble)
        assert (sent, s.regime, s.pending, s.month, s.spent) == ([], Regime.STRESS, 0, 601, 0.0)
        later, _ = _bar(owner, _at(STAY, Regime.STRESS), s=s, budget=1)
        assert [one[-1] for one in later] == [Reason.HEDGE_ON_STRESS]

    @pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
    def test_a_little_equity_is_not_trouble(self, owner):
        sent, s = _bar(owner, _at(ENTRY, Regime.STRESS), equity=0.5, held=0.0)
        assert [one[0] for one in sent] == ["target"]
        assert s.why == Reason.HEDGE_ON_STRESS


@pytest.mark.parametrize("owner", [VixHedgePuts, VixHedgeIndexPuts])
def test_it_fits_the_compile_border_and_watches_what_exists(owner):
    check_strategy(owner)
    assert set(owner.watch) == set(QUIET)
    assert {one for names in owner.watch.values() for one in names} <= set(declared_params(owner.Params))
