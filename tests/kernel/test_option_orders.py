# SPDX-License-Identifier: Apache-2.0
"""Option orders worked by hand: price, spread, commission, roll, refusal, expiry, split."""

import math
from datetime import date

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.options import price_and_delta, vega
from tests.kernel.option_desk import (
    ATTACH,
    CALL,
    CLOSE_OPTION,
    FIRST,
    FOUR,
    MOVE,
    OCO,
    ONE,
    PLAIN_OPTIONS,
    PUT,
    REDUCE,
    SHARES,
    TWO,
    OptionDesk,
    Order,
    buy,
    draw,
    run,
)
from tests.kernel.replay import settings

OPEN = 390 / 1440  # of a day, from the open to the close
FLAT = [100.0] * 6


def worth(right, spot, strike, days, volatility=0.2):
    return price_and_delta(right, spot, strike, days / 365, 0.0, 0.0, volatility)[0]


def entries(result, *kinds):
    return result.ledger[np.isin(result.ledger["kind"], kinds)]


def causes(result):
    return [Cause(order["cause"]) for order in result.orders if order["status"] == OrderStatus.REJECTED]


def test_a_fill_at_the_next_open_and_its_marks():
    result = run(draw([buy(0, ONE, 2, PUT, 100, 30)], FLAT[:3], opens=[100, 99, 100]))
    (fill,) = entries(result, EntryKind.OPTION_FILL)
    price = worth(PUT, 99, 100, 29 + OPEN)
    assert (fill["t"], fill["role"], fill["qty"], fill["order"]) == (1, 2 + ONE, 2, 1)
    assert fill["price"] == price
    assert fill["amount"] == -2 * 100 * price
    assert result.marks["t"].tolist() == [1, 2]
    assert result.marks["price"].tolist() == [worth(PUT, 100, 100, 29), worth(PUT, 100, 100, 28)]
    assert result.points["equity"][2] == pytest.approx(100_000 + 200 * (worth(PUT, 100, 100, 28) - price), abs=1e-9)


def test_the_open_is_priced_with_what_the_last_close_knew():
    market = draw([buy(0, ONE, 1, CALL, 100, 30)], FLAT[:3], iv=[20, 35, 35])
    result = run(market)
    assert entries(result, EntryKind.OPTION_FILL)["price"] == worth(CALL, 100, 100, 29 + OPEN, 0.20)
    assert result.marks["price"][0] == worth(CALL, 100, 100, 29, 0.35)


@pytest.mark.parametrize(("at", "row", "left"), [("next_close", 1, 29), ("this_close", 0, 30)])
def test_fills_at_a_close_are_priced_with_that_close(at, row, left):
    market = draw([buy(0, ONE, 1, PUT, 100, 30)], [100, 98, 97], opens=[100, 101, 99], iv=[20, 30, 40])
    (fill,) = entries(run(market, {"fills.at": at}), EntryKind.OPTION_FILL)
    spot, volatility = market.bars["a"]["close"][row], market.bars["iv"][row] / 100
    assert (fill["t"], fill["price"]) == (row, worth(PUT, spot, 100, left, volatility))


@pytest.mark.parametrize(
    ("spread", "half"),
    [
        ({"options.spread.premium": 0.02}, (0.02, 0.0, 0.0)),
        ({"options.spread.vega": 0.005, "options.spread.premium": 0.001}, (0.0, 0.5, 0.0)),
        ({"options.spread.least": 0.75, "options.spread.vega": 0.005}, (0.0, 0.0, 0.75)),
    ],
    ids=["premium", "vega", "least"],
)
def test_half_the_spread_is_the_largest_of_three(spread, half):
    result = run(draw([buy(0, ONE, 3, PUT, 95, 60), Order(2, CLOSE_OPTION, ONE)], FLAT[:5]), spread)
    bought, sold = entries(result, EntryKind.OPTION_FILL)
    for fill, left, sign in ((bought, 59 + OPEN, 1), (sold, 57 + OPEN, -1)):
        middle = worth(PUT, 100, 95, left)
        cost = half[0] * middle + half[1] * vega(100, 95, left / 365, 0.0, 0.0, 0.2) / 100 + half[2]
        assert fill["price"] == pytest.approx(middle + sign * cost, abs=1e-12)
        assert fill["slippage"] == pytest.approx(300 * cost, abs=1e-9)


def test_nothing_sells_below_zero():
    orders = [buy(0, ONE, 1, PUT, 50, 2), Order(1, CLOSE_OPTION, ONE)]
    result = run(draw(orders, FLAT[:4]), {"options.spread.least": 0.05})
    bought, sold = entries(result, EntryKind.OPTION_FILL)
    assert (bought["price"], sold["price"]) == (0.05, 0.0)
    assert sold["amount"] == 0.0


@pytest.mark.parametrize(("contracts", "paid"), [(1, 1.00), (2, 1.30), (-3, 1.95)])
def test_commission_is_by_contract_with_a_minimum_an_order(contracts, paid):
    costs = {"options.commission": 0.65, "options.minimum": 1.00}
    result = run(draw([buy(0, ONE, contracts, PUT, 90, 30)], FLAT[:3]), costs)
    (charge,) = entries(result, EntryKind.COMMISSION)
    assert charge["amount"] == pytest.approx(-paid)
    assert (charge["role"], charge["qty"], charge["order"]) == (2 + ONE, 0, 1)


def test_contracts_are_whole():
    result = run(draw([buy(0, ONE, 2.9, PUT, 100, 30), buy(0, TWO, -0.9, PUT, 100, 30)], FLAT[:3]))
    assert result.orders["asked"].tolist() == [2.0]


def test_more_of_the_same_contract_is_averaged_and_turns_round():
    orders = [buy(0, ONE, 1, CALL, 100, 30), buy(1, ONE, 3, CALL, 100, 30), buy(2, ONE, -6, CALL, 100, 30)]
    result = run(draw(orders, [100, 101, 103, 103, 103]))
    assert [entry["qty"] for entry in entries(result, EntryKind.OPTION_FILL)] == [1, 3, -6]
    assert result.points["equity"][-1] == pytest.approx(
        result.points["cash"][-1] - 200 * worth(CALL, 103, 100, 26), abs=1e-9
    )


def test_opposite_orders_of_one_bar_both_fill():
    result = run(draw([buy(0, ONE, 2, PUT, 100, 20), buy(0, ONE, -2, PUT, 100, 20)], FLAT[:3]))
    assert [(fill["t"], fill["qty"]) for fill in entries(result, EntryKind.OPTION_FILL)] == [(1, 2), (1, -2)]
    assert len(result.marks) == 0


def test_a_roll_closes_and_opens_at_one_open():
    orders = [buy(0, ONE, 1, PUT, 100, 20), Order(2, CLOSE_OPTION, ONE), buy(2, ONE, 1, PUT, 95, 50)]
    result = run(draw(orders, FLAT[:5]))
    fills = entries(result, EntryKind.OPTION_FILL)
    assert [(fill["t"], fill["qty"]) for fill in fills] == [(1, 1), (3, -1), (3, 1)]
    assert fills["price"][1:].tolist() == [worth(PUT, 100, 100, 17 + OPEN), worth(PUT, 100, 95, 47 + OPEN)]
    assert [result.symbol(2, order) for order in (1, 3)] == ["A 2024-01-21 P100", "A 2024-02-20 P95"]


def test_another_contract_waits_for_an_empty_slot():
    orders = [buy(0, ONE, 1, PUT, 100, 20), buy(1, ONE, 1, PUT, 95, 20), buy(1, TWO, 1, PUT, 95, 20)]
    result = run(draw(orders, FLAT[:4]))
    assert causes(result) == [Cause.SLOT_TAKEN]
    assert len(entries(result, EntryKind.OPTION_FILL)) == 2


def test_an_expired_contract_and_an_unknown_volatility_are_refused():
    orders = [buy(2, ONE, 1, PUT, 100, 2), buy(2, TWO, 1, PUT, 100, 3), buy(3, FOUR, 1, PUT, 50, 90)]
    result = run(draw(orders, FLAT, iv=[20, 20, 20, np.nan, 20, 20]))
    assert causes(result) == [Cause.CONTRACT_EXPIRED, Cause.NO_VOLATILITY]
    (fill,) = entries(result, EntryKind.OPTION_FILL)
    assert (fill["role"], fill["price"]) == (2 + TWO, worth(PUT, 100, 100, OPEN))  # bought on its last day


def test_marks_stay_at_the_last_known_volatility_and_a_close_still_fills():
    orders = [buy(0, ONE, 1, PUT, 100, 30), Order(2, CLOSE_OPTION, ONE)]
    result = run(draw(orders, FLAT[:5], iv=[20, 25, np.nan, np.nan, np.nan]))
    assert result.marks["volatility"].tolist() == [0.25, 0.25]
    assert entries(result, EntryKind.OPTION_FILL)["price"][1] == worth(PUT, 100, 100, 27 + OPEN, 0.25)


@pytest.mark.parametrize(
    ("qty", "right", "close", "price"),
    [(2, PUT, 94.0, 6.0), (-2, PUT, 94.0, 6.0), (2, PUT, 100.0, 0.0), (2, CALL, 104.5, 4.5), (-2, CALL, 99.0, 0.0)],
)
def test_expiry_settles_in_cash_at_the_close(qty, right, close, price):
    result = run(draw([buy(0, ONE, qty, right, 100, 2)], [100, 101, close, 90]), {"account.cash": 1e6})
    (end,) = entries(result, EntryKind.OPTION_EXPIRY)
    assert (end["t"], end["qty"], end["price"], end["amount"]) == (2, -qty, price, qty * 100 * price)
    assert result.reasons[int(end["reason"])][0] == "expiry"
    assert result.marks["t"].tolist() == [1]
    paid = 100 * qty * worth(right, 100, 100, 1 + OPEN)
    assert result.points["equity"][-1] == pytest.approx(1e6 - paid + qty * 100 * price, abs=1e-9)


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
@pytest.mark.parametrize(
    ("expiry", "t", "price", "level"),
    [
        (4, 2, 1.0, None),  # a Friday with bars
        (5, 2, 1.0, "note"),  # the Saturday after
        (6, 2, 1.0, "note"),
        (3, 1, 2.0, "loud"),  # a Thursday without
        (14, 5, 12.0, "note"),  # the holiday of Monday the 15th, behind which the bars go on
    ],
)
def test_an_expiry_without_bars_is_settled_at_the_close_before(expiry, t, price, level, mode):
    days = [0, 1, 4, 7, 8, 11, 15]
    result = run(draw([buy(0, ONE, 1, PUT, 100, expiry)], [100, 98, 99, 95, 90, 88, 80], days=days), mode=mode)
    (end,) = entries(result, EntryKind.OPTION_EXPIRY)
    assert (end["t"], end["price"], end["amount"]) == (t, price, 100 * price)
    told = [notice.level for notice in result.notices if "settled at the close" in notice.text]
    assert told == ([level] if level else [])


@pytest.mark.parametrize("at", ["next_open", "next_close", "this_close"])
def test_a_contract_that_the_close_settles_is_not_bought_at_it(at):
    """Nothing is left of a put of Saturday at Friday's close, nor on Monday: no later session is to settle it."""
    orders = [buy(2, ONE, 1, PUT, 100, 5), buy(3, TWO, 1, PUT, 100, 4)]
    result = run(draw(orders, [100, 98, 99, 95, 90], days=[0, 1, 4, 7, 8]), {"fills.at": at})
    assert causes(result) == [Cause.CONTRACT_EXPIRED] * 2
    assert len(entries(result, EntryKind.OPTION_EXPIRY)) == 0


def test_the_day_before_the_first_bar_has_expired():
    result = run(draw([buy(0, ONE, 1, PUT, 100, -1)], [100, 98]), {"fills.at": "this_close"})
    assert causes(result) == [Cause.CONTRACT_EXPIRED]


@pytest.mark.parametrize(
    ("last", "settled"),
    [
        (date(2014, 4, 17), date(2014, 4, 20)),  # Good Friday, and the weekend behind it
        (date(2014, 4, 16), date(2014, 4, 16)),
        (date(2027, 6, 17), date(2027, 6, 20)),  # Juneteenth of a Saturday is kept on Friday
        (date(2024, 1, 5), date(2024, 1, 7)),
    ],
)
def test_behind_the_last_bar_weekends_and_closed_fridays_are_known(last, settled):
    """A decision on the eve of Good Friday must see its contracts settled, though no later bar is there yet."""
    first = date(2024, 1, 1)
    market = draw([], [100, 100], days=[(last - first).days - 1, (last - first).days])
    inputs = prepare(settings(PLAIN_OPTIONS), OptionDesk, market).option_inputs
    assert inputs["until"].tolist() == [(last - date(1970, 1, 1)).days - 1, (settled - date(1970, 1, 1)).days]


def test_the_half_day_before_a_holiday_settles_at_its_own_last_bar():
    """Three bars of the morning of 3 July 2024 for a contract of the Fourth; the session's last bar settles it."""
    third = (date(2024, 7, 3) - date(2024, 1, 1)).days
    market = draw([buy(0, ONE, 1, PUT, 100, third + 1)], [100, 99, 97, 94], days=[third] * 3 + [third + 2])
    market.bars["last"] = [0, 0, 1, 1]
    market.bars["ts"] += np.array([-4, -3, -2, 0]) * 3_600_000_000_000
    (end,) = entries(run(market), EntryKind.OPTION_EXPIRY)
    assert (end["t"], end["price"]) == (2, 3.0)


def test_a_split_changes_strike_and_contracts_and_no_equity():
    orders = [buy(0, ONE, 3, PUT, 100, 30), buy(2, TWO, -1, CALL, 110, 30), Order(4, CLOSE_OPTION, ONE)]
    result = run(draw(orders, [100, 100, 100, 25, 25, 25], splits={3: 4.0}), {"account.cash": 1e6})
    (split,) = entries(result, EntryKind.SPLIT)
    assert (split["qty"], split["amount"], split["order"]) == (9, 0.0, 1)
    fills = entries(result, EntryKind.OPTION_FILL)
    assert fills["qty"].tolist() == [3, -4, -12]
    assert fills["price"][1] == pytest.approx(worth(CALL, 100, 110, 27 + OPEN) / 4, abs=1e-12)
    assert [str(contract) for contract in result.entry_contracts.values()] == [
        "A 2024-01-31 P100", "A 2024-01-31 P25", "A 2024-01-31 P25", "A 2024-01-31 C27.5",
    ]  # fmt: skip
    before, after = result.points["equity"][2:4]
    assert after == pytest.approx(before, abs=40)  # one day's decay, and no more


def test_a_reverse_split_leaves_part_of_a_contract_that_can_be_closed():
    orders = [buy(0, ONE, 3, PUT, 10, 30), Order(3, CLOSE_OPTION, ONE)]
    result = run(draw(orders, [10, 10, 20, 20, 20], splits={2: 0.5}))
    assert entries(result, EntryKind.OPTION_FILL)["qty"].tolist() == [3, -1.5]
    assert result.orders["status"].tolist() == [OrderStatus.FILLED] * 2


def test_close_option_takes_back_what_works_and_does_nothing_when_empty():
    orders = [Order(0, CLOSE_OPTION, TWO), buy(0, ONE, 1, PUT, 100, 20), Order(0, CLOSE_OPTION, ONE)]
    result = run(draw(orders, FLAT[:3]))
    assert [Cause(order["cause"]) for order in result.orders] == [Cause.BY_STRATEGY]
    assert len(result.ledger) == 1


def test_exposure_is_that_of_the_shares_it_moves_like():
    result = run(draw([buy(0, ONE, 2, PUT, 100, 30), Order(0, SHARES, 0, 300)], FLAT[:3]))
    delta = result.marks["delta"][-1]
    assert -0.5 < delta < -0.4
    assert result.net[-1] == pytest.approx(30_000 + 200 * delta * 100)
    assert result.gross[-1] == pytest.approx(30_000 - 200 * delta * 100)


def test_equity_is_cash_and_marks_to_the_cent_on_every_bar():
    orders = [buy(0, ONE, 2, PUT, 100, 3), buy(0, TWO, -2, PUT, 95, 3), buy(1, FOUR, 1, CALL, 50, 40)]
    result = run(draw([*orders, Order(0, SHARES, 0, 200)], [100, 99, 97, 93, 95, 96]), {"account.cash": 1e6})
    for row in range(6):
        marks = result.marks[result.marks["t"] == row]
        held = {
            slot: result.ledger["qty"][(result.ledger["role"] == 2 + slot) & (result.ledger["t"] <= row)].sum()
            for slot in range(4)
        }
        shares = 200 * result.market.bars["a"]["close"][row] if row else 0.0
        cash = result.ledger["amount"][result.ledger["t"] <= row].sum()
        options = sum(100 * held[int(mark["slot"])] * mark["price"] for mark in marks)
        assert result.points["equity"][row] == pytest.approx(cash + shares + options, abs=1e-6)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (buy(0, ONE, 1, 0, 100, 30), "needs a strike above 0, CALL or PUT"),
        (buy(0, ONE, 1, PUT, 0, 30), "needs a strike above 0, CALL or PUT"),
        (buy(0, ONE, 1, PUT, 100, -FIRST - 1.0), "a session's number"),
        (buy(0, 4, 1, PUT, 100, 30), "does not declare"),
        (buy(0, -1, 1, PUT, 100, 30), "does not declare"),
        (Order(0, CLOSE_OPTION, 7), "does not declare"),
        (buy(0, ONE, math.nan, PUT, 100, 30), "not a finite number"),
        (buy(0, ONE, 1, PUT, math.inf, 30), "not a finite number"),
    ],
)
def test_an_order_without_meaning_stops_the_run(order, words):
    with pytest.raises(StrategyError, match=words):
        run(draw([order], FLAT[:3]))


@pytest.mark.parametrize("verb", [ATTACH, OCO, MOVE, REDUCE])
def test_option_orders_have_no_relatives_and_no_price(verb):
    orders = [buy(0, ONE, 1, PUT, 100, 30), Order(0, SHARES, 0, 10), Order(0, verb, 1, 2)]
    with pytest.raises(StrategyError, match="not for option orders"):
        run(draw(orders, FLAT[:3]))
