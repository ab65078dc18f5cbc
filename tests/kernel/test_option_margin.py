# SPDX-License-Identifier: Apache-2.0
"""What options require, worked by hand, and what is refused or forced for want of it."""

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.options import price_and_delta
from tests.kernel.option_desk import CALL, CLOSE_OPTION, FOUR, ONE, PUT, SHARES, THREE, TWO, Order, buy, draw, run

FLAT = [100.0] * 4


def worth(right, strike, days, spot=100.0):
    return price_and_delta(right, spot, strike, days / 365, 0.0, 0.0, 0.2)[0]


def required(orders, cash=1e6, closes=FLAT):
    return run(draw(orders, closes), {"account.cash": cash}).points["maintenance"][1]


def refused(orders, cash, given=None):
    result = run(draw(orders, FLAT), {"account.cash": cash, **(given or {})})
    return [Cause(order["cause"]) for order in result.orders if order["status"] == OrderStatus.REJECTED]


class TestRequirement:
    def test_a_long_option_lends_nothing(self):
        assert required([buy(0, ONE, 2, PUT, 100, 30)]) == pytest.approx(200 * worth(PUT, 100, 29))

    def test_a_naked_put_is_a_fifth_of_the_underlying_less_what_it_is_out_by(self):
        assert required([buy(0, ONE, -2, PUT, 95, 30)]) == pytest.approx(200 * (0.20 * 100 - 5))

    def test_a_naked_put_far_out_is_a_tenth_of_its_strike(self):
        assert required([buy(0, ONE, -2, PUT, 80, 30)]) == pytest.approx(200 * 0.10 * 80)

    def test_a_naked_call_far_out_is_a_tenth_of_the_underlying(self):
        assert required([buy(0, ONE, -1, CALL, 125, 30)]) == pytest.approx(100 * 0.10 * 100)

    def test_a_naked_call_in_the_money_is_a_fifth(self):
        assert required([buy(0, ONE, -1, CALL, 90, 30)]) == pytest.approx(100 * 0.20 * 100)

    def test_a_credit_spread_is_what_it_can_still_lose(self):
        liability = worth(PUT, 100, 29) - worth(PUT, 95, 29)
        spread = [buy(0, ONE, 3, PUT, 95, 30), buy(0, TWO, -3, PUT, 100, 30)]
        assert required(spread) == pytest.approx(300 * (5 - liability))

    def test_a_debit_spread_is_its_value(self):
        value = worth(CALL, 100, 29) - worth(CALL, 110, 29)
        spread = [buy(0, ONE, 1, CALL, 100, 30), buy(0, TWO, -1, CALL, 110, 30)]
        assert required(spread) == pytest.approx(100 * value)

    @pytest.mark.parametrize(
        "short",
        [
            buy(0, TWO, -1, PUT, 90, 31),  # another expiry
            buy(0, TWO, -2, PUT, 90, 30),  # another size
            buy(0, FOUR, -1, PUT, 45, 30),  # another underlying
        ],
    )
    def test_what_does_not_match_is_no_spread(self, short):
        long = 100 * worth(PUT, 95, 29)
        spot, out = (100, 10) if short.slot == TWO else (50, 5)
        naked = max(0.2 * spot - out, 0.1 * short.strike) * 100 * -short.qty
        assert required([buy(0, ONE, 1, PUT, 95, 30), short]) == pytest.approx(long + naked)

    def test_one_long_covers_one_short(self):
        legs = [buy(0, ONE, 1, PUT, 95, 30), buy(0, TWO, -1, PUT, 97, 30), buy(0, THREE, -1, PUT, 99, 30)]
        first = 100 * (2 - (worth(PUT, 97, 29) - worth(PUT, 95, 29)))
        assert required(legs) == pytest.approx(first + 100 * (0.2 * 100 - 1))


class TestRefusal:
    def test_a_naked_put_is_refused_where_the_spread_is_not(self):
        assert refused([buy(0, TWO, -1, PUT, 100, 30)], 1500) == [Cause.INITIAL_MARGIN]
        assert refused([buy(0, ONE, 1, PUT, 95, 30), buy(0, TWO, -1, PUT, 100, 30)], 600) == []

    def test_the_edge_is_the_brokers_formula(self):
        """FINRA: premium + 20 % of 100 = premium + 2000, of which the premium is received: 2000 must be there."""
        order = [buy(0, ONE, -1, PUT, 100, 30)]
        assert refused(order, 2000.01) == []
        assert refused(order, 1999.99) == [Cause.INITIAL_MARGIN]

    def test_taking_the_cover_off_a_short_is_refused_without_the_margin_for_it(self):
        orders = [buy(0, ONE, 1, PUT, 95, 30), buy(0, TWO, -1, PUT, 100, 30), Order(1, CLOSE_OPTION, ONE)]
        assert refused(orders, 600) == [Cause.INITIAL_MARGIN]
        assert refused(orders, 3000) == []

    def test_buying_a_short_back_is_never_refused(self):
        orders = [buy(0, ONE, -1, PUT, 100, 30), Order(1, CLOSE_OPTION, ONE)]
        assert refused(orders, 2001) == []

    def test_a_long_option_must_be_paid_in_full(self):
        price = 1000 * worth(CALL, 100, 29 + 390 / 1440)
        assert refused([buy(0, ONE, 10, CALL, 100, 30)], price - 1) == [Cause.INITIAL_MARGIN]
        assert refused([buy(0, ONE, 10, CALL, 100, 30)], price + 1) == []

    def test_shares_see_what_options_require(self):
        shares = Order(1, SHARES, 0, 30)
        assert refused([buy(0, ONE, -1, PUT, 100, 30), shares], 3000) == [Cause.INITIAL_MARGIN]
        assert refused([buy(0, ONE, -1, PUT, 100, 30), shares], 3600) == []

    def test_a_cash_account_writes_no_option_and_pays_in_full(self):
        cash = {"account.margin.kind": "cash"}
        price = 1000 * worth(CALL, 100, 29 + 390 / 1440)
        assert refused([buy(0, ONE, -1, PUT, 100, 30)], 1e6, cash) == [Cause.CASH_ACCOUNT]
        assert refused([buy(0, ONE, 10, CALL, 100, 30)], price - 1, cash) == [Cause.CASH_ACCOUNT]
        orders = [buy(0, ONE, 10, CALL, 100, 30), Order(1, CLOSE_OPTION, ONE)]
        assert refused(orders, price + 1, cash) == []

    def test_without_margin_rules_nothing_is_refused(self):
        assert refused([buy(0, ONE, -500, PUT, 100, 30)], 1000, {"account.margin.kind": "none"}) == []


def test_a_margin_call_buys_shorts_back_at_the_next_open():
    orders = [buy(0, ONE, -4, CALL, 100, 60), buy(2, TWO, 1, PUT, 90, 60)]
    result = run(draw(orders, [100, 100, 117, 117, 117]), {"account.cash": 9000})
    forced = result.ledger[(result.ledger["kind"] == EntryKind.OPTION_FILL) & (result.ledger["reason"] < 0)]
    equity, need = result.points["equity"][2], 4 * 100 * 0.2 * 117
    assert equity < need == pytest.approx(result.points["maintenance"][2])
    keep = np.trunc(4 * equity / (1.1 * need))
    assert (forced["t"].tolist(), forced["qty"].tolist()) == ([3], [4 - keep])
    assert 0 < keep < 4
    assert result.orders["cause"][2] == Cause.MARGIN_CALL  # the strategy's own order of that day
    assert analyse(result).facts.forced_fills == 1


def test_a_ruined_account_is_closed_whole():
    result = run(draw([buy(0, ONE, -4, CALL, 100, 60)], [100, 100, 160, 160, 160]), {"account.cash": 9000})
    held = result.ledger["qty"][result.ledger["role"] == 2].sum()
    assert held == 0
    assert result.points["equity"][-1] < 0
    assert (result.marks["t"] < 3).all()
