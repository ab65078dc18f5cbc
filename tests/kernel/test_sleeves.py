# SPDX-License-Identifier: Apache-2.0
"""Sleeves by hand: what the broker nets, what a sleeve sees, what it has no hand on, and capital that moves."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import ConfigError, RunError, StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.codes import Cause, EntryKind
from engine.strategy import Strategy
from tests.kernel import instructed
from tests.kernel.instructed import COLUMNS
from tests.kernel.instructed_pair import SECOND
from tests.kernel.replay import Instruction, draw_market, instruct
from tests.properties.portfolios import ROLES, STRATEGIES, pair_settings, paired

ONE_A, ONE_B = 0, 1
TWO_B, TWO_A = 2, 3  # by symbol: the second sleeve's roles are the other way round
FIRST_DAY = (date(2024, 1, 24) - date(1970, 1, 1)).days  # a Wednesday


def flat_bars(*closes: float, b: float = 50.0, volume: float = 1e6, days: list[int] | None = None) -> Any:
    """Bars of A that open, trade and close at one price a day; B stands at `b`. days: from 2024-01-24 on."""
    dates = FIRST_DAY + np.array(days or range(len(closes)))
    a = np.array([[close, close, close, close, volume] for close in closes])
    return draw_market({"a": a, "b": np.full((len(closes), 5), [b, b, b, b, volume])}, dates)


def play(
    market: Any,
    said: list[Instruction],
    given: dict[str, Any] | None = None,
    weights: tuple[float, float] = (0.5, 0.5),
) -> RunRecord:
    config = pair_settings({"account.cash": 10_000.0, **(given or {})}, weights)
    return native.run(prepare(config, STRATEGIES, paired(instruct(market, said))), "interpreted")


def buy(t: int, role: int, qty: float, **more: Any) -> Instruction:
    return Instruction(t, instructed.MARKET, role, qty, **more)


def fills(result: RunRecord) -> list[tuple[int, str, float]]:
    kinds = (EntryKind.FILL, EntryKind.LIQUIDATION)
    return [
        (int(entry["t"]), ROLES[entry["role"]], float(entry["qty"]))
        for entry in result.ledger
        if entry["kind"] in kinds
    ]


class TestTheBrokerSeesTheNet:
    def test_opposite_sleeves_need_no_margin(self):
        """150 long and 150 short of A are 30,000 dollars of positions in an account of 10,000, and nothing at risk."""
        result = play(flat_bars(100, 100, 100), [buy(0, ONE_A, 150.0), buy(0, TWO_A, -150.0)])
        assert fills(result) == [(1, "one.a", 150.0), (1, "two.b", -150.0)]
        assert result.points["maintenance"].tolist() == [0.0, 0.0, 0.0]
        assert result.gross.tolist() == [0.0, 0.0, 0.0]

    def test_alone_the_same_position_is_half_as_large_at_most(self):
        result = play(flat_bars(100, 100, 100), [buy(0, ONE_A, 250.0)])
        assert fills(result) == []
        assert result.orders["cause"].tolist() == [Cause.INITIAL_MARGIN]

    def test_a_sale_is_a_short_sale_where_the_net_turns(self):
        """The second sleeve sells what the first holds: allowed without stock to borrow. What goes beyond is not."""
        borrow = {"costs.borrow": {"default": [{"rate": 0.0, "available": False}]}}
        said = [buy(0, ONE_A, 40.0), buy(1, TWO_A, -40.0), buy(2, TWO_A, -1.0)]
        result = play(flat_bars(100, 100, 100, 100), said, borrow)
        assert fills(result) == [(1, "one.a", 40.0), (2, "two.b", -40.0)]
        assert result.orders["cause"].tolist()[-1] == Cause.NOT_SHORTABLE

    def test_a_cash_account_lets_one_sleeve_be_short_against_another(self):
        said = [buy(0, ONE_A, 40.0), buy(1, TWO_A, -40.0), buy(2, TWO_A, -1.0)]
        result = play(flat_bars(100, 100, 100, 100), said, {"account.margin.kind": "cash"})
        assert fills(result) == [(1, "one.a", 40.0), (2, "two.b", -40.0)]
        assert result.orders["cause"].tolist()[-1] == Cause.CASH_ACCOUNT

    def test_an_exit_that_lays_bare_another_sleeve_can_be_refused(self):
        """Long 300 and short 150 of A are 150 net; without the short, 300 need 15,000 of the account's 10,000."""
        said = [buy(0, TWO_A, -150.0), buy(1, ONE_A, 300.0), Instruction(2, instructed.CLOSE, TWO_A)]
        result = play(flat_bars(100, 100, 100, 100), said)
        assert fills(result) == [(1, "two.b", -150.0), (2, "one.a", 300.0)]
        assert result.orders["cause"].tolist()[-1] == Cause.INITIAL_MARGIN

    def test_what_reduces_the_net_fills_first(self):
        """The second sleeve's sale frees the margin that the first one's purchase of B needs, though it was sent later.

        Net 190 of A are 19,000 of 20,000 dollars that the account may carry; 60 of B are 3,000 more.
        """
        said = [buy(0, ONE_A, 190.0), buy(1, ONE_B, 60.0), buy(1, TWO_A, -60.0)]
        result = play(flat_bars(100, 100, 100), said)
        assert fills(result) == [(1, "one.a", 190.0), (2, "two.b", -60.0), (2, "one.b", 60.0)]

    def test_the_cap_on_volume_is_shared(self):
        given = {"fills.participation": 0.1}
        result = play(flat_bars(10, 10, 10, volume=1000.0), [buy(0, ONE_A, 80.0), buy(0, TWO_A, 80.0)], given)
        assert fills(result) == [(1, "one.a", 80.0), (1, "two.b", 20.0), (2, "two.b", 60.0)]

    def test_the_borrow_fee_on_the_net_falls_on_who_is_short(self):
        """Net short 50 of A at 100: ceil(102) x 50 x 3.6 % / 360 = 0.51 a day, all of it the second sleeve's."""
        given = {"costs.borrow": {"default": [{"rate": 0.036}]}}
        result = play(flat_bars(100, 100, 100), [buy(0, ONE_A, 30.0), buy(0, TWO_A, -80.0)], given)
        fees = result.ledger[result.ledger["kind"] == EntryKind.BORROW]
        assert [ROLES[role] for role in fees["role"]] == ["two.b"]
        assert fees["amount"].tolist() == [pytest.approx(-0.51)]


class TestMarginCalls:
    def test_a_call_cuts_the_side_of_the_net_alone(self):
        """Long 250 of A against 60 short, net 190: a fall to 62 leaves 2,780 of 11,780 x 25 % = 2,945 required.

        To keep 2,780 / (2,945 x 1.1) = 85.8 % of the net, 163.06 shares, the long sleeve gives up 27 and the short
        one nothing.
        """
        said = [buy(0, TWO_A, -60.0), buy(1, ONE_A, 250.0)]
        result = play(flat_bars(100, 100, 100, 62, 62, 62), said, weights=(0.99, 0.01))
        assert result.points["equity"][3] == 10_000.0 - 190.0 * 38.0
        assert result.points["maintenance"][3] == 0.25 * 190.0 * 62.0
        assert fills(result)[2:] == [(4, "one.a", -27.0)]
        assert result.points["maintenance"][4] == 0.25 * 163.0 * 62.0

    def test_a_flat_liquidation_closes_both_sides(self):
        said = [buy(0, TWO_A, -60.0), buy(1, ONE_A, 250.0)]
        result = play(flat_bars(100, 100, 100, 62, 62, 62), said, {"account.margin.liquidation": "flat"})
        assert sorted(fills(result)[2:]) == [(4, "one.a", -250.0), (4, "two.b", 60.0)]


class TestASleeveWithoutEquity:
    """The second sleeve shorts 60 of A at 100 with 5,000 dollars; at 190 they are gone, and the account has 4,600."""

    CLOSES = (100, 100, 190, 190, 190, 190)
    SAID = (buy(0, TWO_A, -60.0), Instruction(1, instructed.LIMIT, TWO_B, 10.0, first=10.0))

    def test_what_it_holds_is_closed_and_its_orders_end(self):
        result = play(flat_bars(*self.CLOSES), [*self.SAID, buy(3, TWO_B, 10.0), buy(3, ONE_A, 10.0)])
        assert fills(result) == [(1, "two.b", -60.0), (3, "two.b", 60.0), (4, "one.a", 10.0)]
        assert result.points["equity"].tolist() == [10_000.0, 10_000.0, 4_600.0, 4_600.0, 4_600.0, 4_600.0]
        causes = {int(order["id"]): int(order["cause"]) for order in result.orders}
        assert causes[2] == Cause.ACCOUNT_RUINED  # the limit that waited
        assert [int(order["reason"]) for order in result.orders if order["id"] == 3] == [-2]

    def test_a_transfer_lets_it_trade_again(self):
        """On February 1 it gets half of the 4,600 dollars that are left."""
        market = flat_bars(*self.CLOSES, 190, 190, days=[0, 1, 2, 3, 4, 8, 9, 10])
        said = [*self.SAID, buy(4, TWO_B, 10.0), buy(5, TWO_B, 10.0)]
        result = play(market, said, {"rebalance": "monthly"})
        assert fills(result)[2:] == [(6, "two.a", 10.0)]
        moved = result.ledger[result.ledger["kind"] == EntryKind.TRANSFER]
        assert moved[["t", "amount"]].tolist() == [(5, -2_700.0), (5, 2_700.0)]

    def test_a_cash_account_sells_no_more_than_the_sum_and_the_rest_waits(self):
        """200 long in one sleeve for 5,000, 80 short in the other: at 24 the first has 5,000 - 10,000 + 4,800 < 0.

        The account holds 120 and sells these; the 80 go once the other sleeve has bought its 80 back.
        """
        said = [buy(0, ONE_A, 200.0), buy(1, TWO_A, -80.0), buy(4, TWO_A, 80.0)]
        result = play(flat_bars(50, 50, 50, 24, 24, 24, 24), said, {"account.margin.kind": "cash"})
        assert fills(result) == [
            (1, "one.a", 200.0), (2, "two.b", -80.0), (4, "one.a", -120.0), (5, "two.b", 80.0), (6, "one.a", -80.0),
        ]  # fmt: skip
        assert result.net.tolist() == [0.0, 10_000.0, 6_000.0, 2_880.0, 0.0, 1_920.0, 0.0]


class TestASleeveByItself:
    def test_it_has_no_hand_on_the_orders_of_another(self):
        """Order 1 is the first sleeve's stop. The second cancels it, moves it and attaches to it: nothing happens."""
        said = [
            Instruction(0, instructed.STOP, ONE_A, 10.0, first=120.0),
            Instruction(1, instructed.CANCEL, SECOND, order=1),
            Instruction(1, instructed.MOVE, SECOND, first=130.0, order=1),
        ]
        result = play(flat_bars(100, 100, 100, 125), said)
        assert fills(result) == [(3, "one.a", 10.0)]

    def test_its_targets_are_parts_of_its_own_equity(self):
        said = [Instruction(0, instructed.TARGET, SECOND, first=0.5)]  # 5,000 dollars are its own: 2,500 of B at 50
        assert fills(play(flat_bars(100, 100), said)) == [(1, "two.a", 50.0)]

    def test_its_reasons_keep_their_words(self):
        said = [buy(0, ONE_A, 10.0, reason=2), buy(0, TWO_A, 10.0, reason=2)]
        result = play(flat_bars(100, 100), said)
        names = [result.reasons[int(order["reason"])][0] for order in result.orders]
        assert names == ["one.two", "two.two"]


class Diary(Strategy):
    """Goes long what stands above 75 and short the rest, then writes down what it sees of its account."""

    roles = ("a", "b")
    series = COLUMNS

    class State:
        bought: int = 0
        cash: float = 0.0
        equity: float = 0.0
        gross: float = 0.0
        net: float = 0.0
        maintenance: float = 0.0
        peak: float = 0.0
        qty: float = 0.0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.bought == 0:
            orders.target(0, -0.5 if bar.a.close < 75.0 else 1.0)
            s.bought = 1
        s.cash = account.cash
        s.equity = account.equity
        s.gross = account.gross
        s.net = account.net
        s.maintenance = account.maintenance
        s.peak = account.peak
        s.qty = account.a.qty


def diaries(market: Any, rebalance: str = "never", mode: str = "interpreted") -> RunRecord:
    """Sleeve one is long A for its 5,000 dollars, sleeve two short B at 50 for half of its own 5,000."""
    config = pair_settings({"account.cash": 10_000.0, "rebalance": rebalance})
    return native.run(prepare(config, {"one": Diary, "two": Diary}, paired(instruct(market, []))), mode)


BOTH_MODES = pytest.mark.parametrize("mode", ["interpreted", "compiled"])


class TestWhatASleeveSees:
    @BOTH_MODES
    def test_its_own_money_under_the_names_of_an_account(self, mode: str):
        """One: 50 of A, from 100 to 120 and back to 110. Two: 50 short of B at 50, which needs 30 %."""
        state = diaries(flat_bars(100, 100, 120, 110), mode=mode).state
        one = {name.removeprefix("one."): value for name, value in state.items() if name.startswith("one.")}
        two = {name.removeprefix("two."): value for name, value in state.items() if name.startswith("two.")}
        assert one == {
            "bought": 1, "cash": 0.0, "equity": 5_500.0, "gross": 5_500.0, "net": 5_500.0, "maintenance": 1_375.0,
            "peak": 6_000.0, "qty": 50.0,
        }  # fmt: skip
        assert two == {
            "bought": 1, "cash": 7_500.0, "equity": 5_000.0, "gross": 2_500.0, "net": -2_500.0, "maintenance": 750.0,
            "peak": 5_000.0, "qty": -50.0,
        }  # fmt: skip

    @BOTH_MODES
    def test_capital_moves_at_the_first_close_of_a_month_and_is_no_drawdown(self, mode: str):
        """One has 6,000 and two 5,000 on February 1: each goes on with 5,500, and one's peak of 6,000 becomes 5,500."""
        market = flat_bars(100, 100, 120, 120, days=[0, 1, 8, 9])
        result = diaries(market, "monthly", mode)
        moved = result.ledger[result.ledger["kind"] == EntryKind.TRANSFER]
        assert moved[["t", "role", "amount"]].tolist() == [(2, -1, -500.0), (2, -2, 500.0)]
        assert result.points["cash"].tolist() == [10_000.0, 7_500.0, 7_500.0, 7_500.0]
        assert (result.state["one.equity"], result.state["one.peak"]) == (5_500.0, 5_500.0)
        assert (result.state["two.equity"], result.state["two.peak"]) == (5_500.0, 5_500.0)
        assert (result.state["one.qty"], result.state["two.qty"]) == (50.0, -50.0)

    @pytest.mark.parametrize(("rebalance", "rows"), [("never", []), ("quarterly", [3]), ("yearly", [])])
    def test_periods(self, rebalance: str, rows: list[int]):
        market = flat_bars(100, 100, 120, 120, 120, days=[0, 1, 8, 70, 71])
        moved = diaries(market, rebalance).ledger
        assert sorted(set(moved["t"][moved["kind"] == EntryKind.TRANSFER].tolist())) == rows


class TestWhatStopsARun:
    def test_more_orders_than_an_account_has_are_those_of_all_sleeves(self):
        said = [
            Instruction(t, instructed.LIMIT, (ONE_A, SECOND)[slot % 2], 1.0, first=1.0)
            for t in range(11)
            for slot in range(6)
        ]
        with pytest.raises(RunError, match="more than 64 orders working"):
            play(flat_bars(*[100] * 12), said)

    def test_an_error_names_the_strategy_of_the_sleeve(self):
        with pytest.raises(StrategyError, match="Second sent an order"):
            play(flat_bars(100, 100), [buy(0, TWO_A, float("nan"))])

    def test_option_slots_are_the_accounts(self):
        class Greedy(Diary):
            options = {"one": "a", "two": "a", "three": "a"}  # noqa: RUF012

        market = paired(instruct(flat_bars(100, 100), []))
        with pytest.raises(ConfigError, match=r"too many option slots.*found one 3, two 3; allowed: 4 in all"):
            prepare(pair_settings({}), {"one": Greedy, "two": Greedy}, market)
