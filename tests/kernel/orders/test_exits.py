# SPDX-License-Identifier: Apache-2.0
"""Exits measured from the fill of their entry: parts, slippage, splits, and what cannot be meant."""

import math

import numpy as np
import pytest

from engine.engines import native
from engine.errors import StrategyError
from engine.kernel.codes import Cause, EntryKind, OrderStatus, RunCode
from tests.kernel import instructed
from tests.kernel.orders.test_api import book, order
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

__all__ = ["book"]

FIRST = 19_723
BUY = Instruction(0, instructed.MARKET, qty=100.0)


def run(bars, given, changed=None, mode="interpreted", splits=None):
    drawn = np.array(bars, float)
    quiet = np.tile([100.0, 100.0, 100.0, 100.0, 1e9], (len(bars), 1))
    market = draw_market({"a": drawn, "b": quiet}, np.arange(FIRST, FIRST + len(bars)), splits=splits)
    return native.run(prepare(instruct(market, given), settings(changed)), mode)


def fills(result):
    return [
        (int(e["t"]), float(e["qty"]), round(float(e["price"]), 9))
        for e in result.ledger
        if e["kind"] == EntryKind.FILL
    ]


def flat(price, volume=1e9):
    return [price, price, price, price, volume]


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
class TestInARun:
    def test_an_entry_in_parts_is_measured_by_its_average(self, mode):
        """40 at 100, 40 at 102, 20 at 104: 101.6 on average, so a stop 2 below stands at 99.6."""
        exit_ = Instruction(0, instructed.STOP_LOSS, first=2.0, parent=instructed.LATEST)
        bars = [flat(99), flat(100, 400), flat(102, 400), flat(104, 400), [104, 104, 99, 100, 1e9]]
        result = run(bars, [BUY, exit_], {"fills.participation": 0.1}, mode)
        assert fills(result) == [(1, 40, 100), (2, 40, 102), (3, 20, 104), (4, -100, 99.6)]
        assert result.orders["stop"][1] == pytest.approx(99.6, rel=1e-12)

    def test_what_the_entry_paid_holds_its_slippage(self, mode):
        """Bought at 100 with one per cent: the stop stands five per cent below 101, and slips on the way out."""
        exit_ = Instruction(0, instructed.STOP_LOSS_PERCENT, first=0.05, parent=instructed.LATEST)
        changed = {"costs.slippage": {"half_spread": 0.01, "impact": 0.0}}
        result = run([flat(100), [100, 100, 95, 98, 1e9]], [BUY, exit_], changed, mode)
        assert result.orders["stop"][1] == pytest.approx(101.0 * 0.95, rel=1e-12)
        (_, bought, paid), (row, sold, got) = fills(result)
        assert (bought, paid, row, sold) == (100, 101, 1, -100)
        assert got == pytest.approx(95.95 * 0.99)

    def test_a_split_in_the_night_before_the_fill(self, mode):
        """Sent for 100 shares at 100 with a distance of 4: after two for one 200 at 50, and a distance of 2."""
        given = [BUY, Instruction(0, instructed.STOP_LOSS, first=4.0, parent=instructed.LATEST)]
        result = run(
            [flat(100), [50, 51, 49, 50, 1e9], [50, 50, 47, 49, 1e9]], given, None, mode, {"a": [1.0, 2.0, 1.0]}
        )
        assert fills(result) == [(1, 200, 50), (2, -200, 48)]

    def test_a_split_between_the_parts_of_a_fill(self, mode):
        """40 of 100 at 100, then two for one, then 120 at 51: 50.5 on average a share, so a stop 4 below was 48.75."""
        given = [BUY, Instruction(0, instructed.STOP_LOSS, first=4.0, parent=instructed.LATEST)]
        bars = [flat(100), flat(100, 400), [51, 51, 51, 51, 1e9], [51, 51, 48, 50, 1e9]]
        result = run(bars, given, {"fills.participation": 0.1}, mode, {"a": [1.0, 1.0, 2.0, 1.0]})
        average = (80 * 50.0 + 120 * 51.0) / 200
        assert fills(result) == [(1, 40, 100), (2, 120, 51), (3, -200, round(average - 2.0, 9))]

    def test_an_exit_that_is_moved_no_longer_follows_the_fill(self, mode):
        given = [
            Instruction(0, instructed.LIMIT, qty=100.0, first=95.0),
            Instruction(0, instructed.STOP_LOSS, first=2.0, parent=1),
            Instruction(1, instructed.MOVE, order=2, first=91.0),
        ]
        result = run([flat(100), flat(100), [96, 96, 92, 94, 1e9], [94, 94, 90, 93, 1e9]], given, None, mode)
        assert fills(result) == [(2, 100, 95), (3, -100, 91)]

    def test_both_exits_of_one_entry(self, mode):
        given = [
            Instruction(0, instructed.TARGET, first=0.5),
            Instruction(0, instructed.STOP_LOSS, first=5.0, parent=1),
            Instruction(0, instructed.TAKE_PROFIT_PERCENT, first=0.1, parent=1, sibling=2),
        ]
        result = run([flat(100), [104, 108, 100, 107, 1e9], [107, 115, 106, 114, 1e9], flat(114)], given, None, mode)
        assert fills(result) == [(1, 500, 104), (2, -500, 114.4)]
        assert [OrderStatus(one) for one in result.orders["status"]] == [
            OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.FILLED,
        ]  # fmt: skip
        assert result.orders["cause"][1] == Cause.OCO_SIBLING_FILLED

    def test_a_stop_that_follows_starts_from_the_first_part_of_a_fill(self, mode):
        """40 at 100: 95. 60 more at 102, and a high of 104: 99 for all hundred."""
        given = [BUY, Instruction(0, instructed.TRAILING_STOP, first=5.0, parent=instructed.LATEST)]
        bars = [flat(100), flat(100, 400), [102, 104, 101, 103, 1e9], [103, 103, 98, 99, 1e9]]
        result = run(bars, given, {"fills.participation": 0.1}, mode)
        assert fills(result) == [(1, 40, 100), (2, 60, 102), (3, -100, 99)]

    def test_a_stop_that_follows_starts_where_an_entry_in_parts_has_turned_the_position(self, mode):
        """A short of 100 is bought back at 100, a long of 100 bought at 90 a bar later: the stop is at 85, not 95."""
        given = [
            Instruction(0, instructed.MARKET, qty=-100.0),
            Instruction(1, instructed.MARKET, qty=200.0),
            Instruction(1, instructed.TRAILING_STOP, first=5.0, parent=instructed.LATEST),
        ]
        bars = [flat(100), flat(100), flat(100, 1000), [90, 90, 88, 89, 1e9], [89, 89, 84, 86, 1e9]]
        result = run(bars, given, {"fills.participation": 0.1}, mode)
        assert fills(result) == [(1, -100, 100), (2, 100, 100), (3, 100, 90), (4, -100, 85)]

    def test_a_stop_that_follows_starts_where_slippage_has_put_the_fill(self, mode):
        """Bought at 101 for an open of 100, five per cent below it, and slips on the way out."""
        given = [BUY, Instruction(0, instructed.TRAILING_STOP_PERCENT, first=0.05, parent=instructed.LATEST)]
        changed = {"costs.slippage": {"half_spread": 0.01, "impact": 0.0}}
        result = run([flat(100), [100, 100, 95, 98, 1e9]], given, changed, mode)
        assert fills(result)[1] == (1, -100, pytest.approx(95.95 * 0.99))

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (Instruction(0, instructed.STOP_LOSS, first=0.0, parent=1), r"at 0 from its fill; .* is above 0"),
            (
                Instruction(0, instructed.STOP_LOSS, first=100.0, parent=1),
                r"at 100 from its fill; .* less than the price",
            ),
            (Instruction(0, instructed.STOP_LOSS_PERCENT, first=5.0, parent=1), r"\(5 per cent is 0.05\)"),
            (
                Instruction(0, instructed.TRAILING_STOP, first=100.0, parent=1),
                r"at 100 from its fill; .* than the price",
            ),
            (Instruction(0, instructed.TRAILING_STOP, first=0.0, parent=1), r"at 0 from its fill; .* is above 0"),
            (Instruction(0, instructed.TRAILING_STOP_PERCENT, first=5.0, parent=1), r"\(5 per cent is 0.05\)"),
            (
                Instruction(2, instructed.TRAILING_STOP, first=2.0, parent=1),
                r"stop_loss, trailing_stop and take_profit with their entry",
            ),
            (Instruction(0, instructed.TAKE_PROFIT, first=-1.0, parent=1), r"at -1 from its fill"),
            (Instruction(0, instructed.TAKE_PROFIT_PERCENT, first=math.nan, parent=1), r"not a finite number"),
            (Instruction(2, instructed.STOP_LOSS, first=2.0, parent=1), r"for order 1, which had ended before"),
            (Instruction(0, instructed.BRACKET_PERCENT, qty=10.0, first=0.05, second=math.inf), r"not a finite number"),
            (Instruction(0, instructed.BRACKET_DISTANCE, qty=-10.0, first=2.0, second=100.0), r"at 100 from its fill"),
        ],
    )
    def test_what_cannot_be_meant(self, mode, given, words):
        with pytest.raises(StrategyError, match=words):
            run([flat(100)] * 5, [BUY, given], None, mode)


class TestInTheBook:
    @pytest.mark.parametrize("qty", [100.0, -100.0])
    def test_until_the_fill_it_shows_what_it_would_be(self, book, qty):
        """A market order is expected at the close of 50, others at their limit or trigger."""
        side = 1.0 if qty > 0.0 else -1.0
        at_market, at_limit = book.market(0, qty), book.limit(0, qty, 40.0)
        at_stop, both = book.stop(0, qty, 60.0), book.stop_limit(0, qty, 60.0, 61.0)
        for entry, price in ((at_market, 50.0), (at_limit, 40.0), (at_stop, 60.0), (both, 61.0)):
            loss, gain = book.stop_loss(entry, 2.0), book.take_profit_percent(entry, 0.5)
            assert order(book, loss).stop == price - side * 2.0
            assert order(book, gain).limit == price * (1.0 + side * 0.5)
            assert [order(book, one).status for one in (loss, gain)] == [OrderStatus.HELD] * 2
            assert [order(book, one).asked for one in (loss, gain)] == [-qty] * 2
        assert book.error == RunCode.OK

    def test_nothing_sent_has_no_exit(self, book):
        assert book.stop_loss(book.market(0, 0.4), 2.0) == 0
        assert book.bracket_percent(0, 0.4, 0.05, 0.05) == 0
        assert (book.orders, book.error) == (0, RunCode.OK)

    def test_an_entry_that_is_refused_has_none_and_does_not_stop_the_run(self, book):
        book.frozen = 1
        assert book.bracket_distance(0, 100.0, 2.0, 3.0) == 1
        assert book.orders == 1
        assert order(book, 1).status == OrderStatus.REJECTED
        assert book.error == RunCode.OK

    def test_an_entry_that_waits_half_filled(self, book):
        entry = book.limit(0, 100.0, 49.0)
        half = order(book, entry)
        half.qty, half.filled, half.filled_value = 50.0, 50.0, 50.0 * 48.0
        book.asset[0].qty = 50.0
        child = order(book, book.stop_loss(entry, 3.0))
        assert (child.status, child.qty, child.stop) == (OrderStatus.WORKING, -50.0, 45.0)
        for made in (book.trailing_stop(entry, 3.0), book.trailing_stop_percent(entry, 0.0625)):
            assert (order(book, made).status, order(book, made).qty) == (OrderStatus.WORKING, -50.0)
            assert order(book, made).stop == 45.0

    def test_a_short_is_guarded_by_less_than_its_whole_price(self, book):
        entry = book.market(0, -100.0)
        child = order(book, book.trailing_stop_percent(entry, 0.5))
        assert (child.stop, child.trail, child.asked) == (75.0, 0.5, 100.0)
        assert book.trailing_stop_percent(entry, 1.0) == 0
        assert (book.error, book.error_number) == (RunCode.BAD_EXIT, 1.0)

    def test_the_entry_of_another_is_none(self, book):
        assert book.stop_loss(77, 2.0) == 0
        assert (book.error, book.error_number) == (RunCode.NO_ENTRY, 77)
