# SPDX-License-Identifier: Apache-2.0
"""The order API where the table of orders cannot reach: groups, ids that lead nowhere, and what stops a run."""

import math

import numpy as np
import pytest

from engine.engines import native
from engine.errors import RunError, StrategyError
from engine.kernel import rows
from engine.kernel.book import enter_order, find_slot, force_order
from engine.kernel.codes import OrderKind, OrderStatus, RunCode
from engine.kernel.orders.api import ORDER_API
from engine.records import LIVE_ORDERS, book_dtype
from tests.kernel import instructed
from tests.kernel.order_table import TABLE, market_of, read_cases
from tests.kernel.replay import Instruction, instruct, prepare, settings

MARKET = market_of(read_cases(TABLE.read_text(encoding="utf-8"))[0])


@pytest.fixture
def book():
    """An empty book of two roles that both stand at 50, as interpreted code sees it."""
    record = np.zeros(1, book_dtype(2))
    record["rules"]["step"], record["rules"]["a_share"] = 1.0, 1.0
    record["equity"] = 10_000.0
    record["asset"]["close"] = 50.0
    row_class = rows.row_class(book_dtype(2), ("a", "b"), tuple(ORDER_API.values()))
    return rows.from_values(row_class, record.tolist()[0], ("a", "b"))


def order(book, number):
    return next(each for each in book.order if each.id == number)


class TestGroups:
    def test_two_groups_that_are_joined_become_one(self, book):
        for price in (51.0, 52.0, 53.0, 54.0):
            book.stop(0, 100.0, price)
        book.oco(1, 2)
        book.oco(3, 4)
        assert order(book, 1).group != order(book, 4).group
        book.oco(2, 3)
        assert len({order(book, number).group for number in (1, 2, 3, 4)}) == 1

    def test_an_order_that_is_gone_joins_nothing(self, book):
        book.stop(0, 100.0, 51.0)
        book.stop(0, 100.0, 52.0)
        book.cancel(2)
        assert book.oco(1, 2) == 0
        assert order(book, 1).group == 0


class TestChildren:
    def test_a_child_of_nothing_may_only_reduce(self, book):
        book.stop(0, -100.0, 48.0)
        book.attach(1, 0)
        assert order(book, 1).parent == -1
        assert order(book, 1).status == OrderStatus.WORKING

    def test_a_child_stays_asleep_when_it_is_told_to_reduce_only(self, book):
        entry = book.limit(0, 100.0, 49.0)
        child = book.stop(0, -100.0, 48.0)
        book.attach(child, entry)
        book.reduce_only(child)
        assert order(book, child).parent == entry
        assert order(book, child).status == OrderStatus.HELD

    def test_a_child_attached_to_a_half_filled_parent_works_for_that_half(self, book):
        entry = book.limit(0, 100.0, 49.0)
        order(book, entry).filled = 50.0
        order(book, entry).qty = 50.0
        child = book.stop(0, -100.0, 48.0)
        book.attach(child, entry)
        assert (order(book, child).qty, order(book, child).status) == (-50.0, OrderStatus.WORKING)


class TestNothingToDo:
    @pytest.mark.parametrize(
        ("method", "arguments"),
        [
            ("market", (0, 0.0)),
            ("market", (0, 0.99)),
            ("target_quantity", (0, 0.0)),
            ("target", (0, 0.0)),
            ("close", (0,)),
            ("bracket", (0, 0.5, 48.0, 55.0)),
            ("move", (3, 50.0)),
            ("cancel", (3,)),
            ("reduce_only", (3,)),
            ("quantity", (3,)),
            ("working", (3,)),
        ],
    )
    def test_sends_nothing_and_says_so(self, book, method, arguments):
        assert getattr(book, method)(*arguments) == 0
        assert (book.orders, book.next_id, book.error) == (0, 0, RunCode.OK)

    def test_a_strategy_cannot_cancel_a_forced_order(self, book):
        force_order(book, 0, 100.0, -1)
        forced = book.next_id
        assert book.cancel(forced) == 0
        book.cancel_all(0)
        assert book.working(forced)


class TestWhatCannotBeMeant:
    @pytest.mark.parametrize("day", [-1, 2, 5])
    def test_a_day_that_is_neither_yes_nor_no(self, book, day):
        assert book.limit(1, 100.0, 49.0, 0, day) == 0
        assert (book.orders, book.error, book.error_role, book.error_number) == (0, RunCode.BAD_DAY, 1, day)

    def test_a_reason_of_the_engine(self, book):
        """It would be an order that margin never refuses."""
        assert book.market(0, 100.0, -1) == 0
        assert (book.orders, book.error) == (0, RunCode.BAD_REASON)

    def test_the_first_of_several_is_told(self, book):
        book.limit(0, 100.0, -5.0)
        book.trail_percent(1, 100.0, 7.0)
        assert (book.error, book.error_role, book.error_number) == (RunCode.BAD_PRICE, 0, -5.0)

    def test_orders_that_wait_for_each_other(self, book):
        first, second, third = (book.limit(0, 100.0, price) for price in (49.0, 48.0, 47.0))
        assert book.attach(second, first) == second
        assert book.attach(third, second) == third
        assert book.attach(first, third) == 0
        assert book.error == RunCode.OWN_CHILD

    def test_a_refused_order_is_not_in_the_book(self, book):
        book.trail(0, -100.0, 50.0)
        book.trail_percent(0, -100.0, 1.0)
        book.stop(0, -100.0, 0.0)
        assert (book.orders, book.next_id) == (0, 0)


NOT_FINITE = r"sent an order on 2024-01-01 whose quantity or price is not a finite number"


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
class TestWhatStopsTheRun:
    @pytest.mark.parametrize(
        "wrong",
        [
            Instruction(0, instructed.MARKET, 0, math.nan),
            Instruction(0, instructed.MARKET, 0, math.inf),
            Instruction(0, instructed.LIMIT, 0, 100.0, math.nan),
            Instruction(0, instructed.LIMIT, 0, 100.0, math.inf),
            Instruction(0, instructed.STOP, 0, 100.0, math.nan),
            Instruction(0, instructed.STOP_LIMIT, 0, 100.0, 52.0, math.nan),
            Instruction(0, instructed.STOP_LIMIT, 0, 100.0, math.nan, 52.0),
            Instruction(0, instructed.TRAIL, 0, 100.0, math.nan),
            Instruction(0, instructed.TRAIL_ATR, 0, 100.0, 2.0, math.nan),
            Instruction(0, instructed.TARGET, 0, 0.0, math.nan),
            Instruction(0, instructed.BRACKET, 0, 100.0, math.nan, 55.0),
        ],
    )
    def test_a_number_that_is_none(self, mode, wrong):
        with pytest.raises(StrategyError, match=NOT_FINITE):
            native.run(prepare(instruct(MARKET, [wrong]), settings()), mode)

    def test_a_role_that_does_not_exist(self, mode):
        wrong = Instruction(0, instructed.MARKET, 2, 100.0)
        with pytest.raises(StrategyError, match="for a role that does not exist; roles count from 0 to 1"):
            native.run(prepare(instruct(MARKET, [wrong]), settings()), mode)

    def test_more_orders_than_the_book_holds(self, mode):
        case = read_cases(TABLE.read_text(encoding="utf-8"))[0]
        case.bars[0] = case.bars[0][:1] * 12
        orders = [Instruction(t, instructed.LIMIT, 0, 1.0, 1.0) for t in range(11) for _ in range(instructed.SLOTS)]
        market = instruct(market_of(case), orders)
        with pytest.raises(RunError, match=f"more than {LIVE_ORDERS} orders working"):
            native.run(prepare(market, settings()), mode)
        enough = instruct(market_of(case), orders[:LIVE_ORDERS])
        assert len(native.run(prepare(enough, settings()), mode).orders) == LIVE_ORDERS


@pytest.mark.parametrize("orders", [0, 1, 7, 8, 9, 10, 40, 63])
def test_an_order_is_found_where_it_stands_in_a_book_of_any_size(book, orders):
    """Also where some before it have left: ids rise from place to place, with gaps."""
    ids = [3 + 2 * slot + slot // 5 for slot in range(orders)]
    for number in ids:
        book.next_id = number - 1
        assert enter_order(book, 0, OrderKind.LIMIT, 1.0, 5.0, math.nan, math.nan, 0, 0) == number
    places = {number: slot for slot, number in enumerate(ids)}
    for number in range(-1, 2 * orders + 20):
        assert find_slot(book, number) == places.get(number, -1), number
