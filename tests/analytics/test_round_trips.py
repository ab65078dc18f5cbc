# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.ledger_paths import fold
from engine.analytics.round_trips import round_trips, spread_trades
from engine.kernel.codes import EntryKind


def test_a_staged_cut_is_one_round_trip(worked):
    trip = round_trips(worked)[0]
    assert (trip["role"], trip["open_row"], trip["close_row"], trip["fills"]) == (0, 1, 5, 3)
    assert trip["quantity"] == trip["peak_quantity"] == 20
    assert trip["entry_price"] == pytest.approx(100.10)
    assert trip["exit_price"] == pytest.approx((10 * 110 + 10 * 99) / 20)
    assert trip["gross_pnl"] == pytest.approx(1100 + 990 - 2002)
    assert (trip["commission"], trip["slippage"], trip["dividends"]) == pytest.approx((3.1, 2.0, 10.0))
    assert trip["net_pnl"] == pytest.approx(88 - 3.1 + 10)
    assert (trip["entry_reason"], trip["exit_reason"]) == (1, 2)


def test_a_fill_that_turns_the_position_round_ends_one_trip_and_begins_the_next(worked):
    short, long = [trip for trip in round_trips(worked) if trip["role"] == 1]
    assert (short["open_row"], short["close_row"], short["quantity"]) == (1, 3, -40)
    assert short["gross_pnl"] == pytest.approx(40 * (50 - 45))
    assert short["commission"] == pytest.approx(1.5 + 3.0 * 40 / 60)
    assert short["slippage"] == pytest.approx(6.0 * 40 / 60)
    assert (short["borrow"], short["dividends"]) == (3.0, -8.0)
    assert short["peak_quantity"] == -40
    assert short["exit_reason"] == 2
    assert (long["open_row"], long["close_row"], long["quantity"]) == (3, -1, 20)
    assert (long["entry_price"], long["exit_price"]) == pytest.approx((45, 47))
    assert long["commission"] == pytest.approx(3.0 * 20 / 60)
    assert long["net_pnl"] == pytest.approx(20 * 2 - 1)
    assert long["exit_reason"] == 0


def test_round_trips_interest_and_deposits_add_up_to_equity(worked):
    total = round_trips(worked)["net_pnl"].sum() + 1.25 - 0.25 + 10_000
    assert total == pytest.approx(worked.points["equity"][-1], abs=1e-9)


def test_a_split_in_between_changes_no_profit(hand):
    bars = hand.bars({"large": [100, 100, 25, 30.0]}, splits={"large": {2: 4.0}})
    entries = [
        *hand.fill(1, 0, 10, 100, order=1),
        (2, EntryKind.SPLIT, 0, 30.0, 25.0, 0.0, 0.0, 0, 0),
        *hand.fill(3, 0, -40, 30, order=2, reason=2),
    ]
    (trip,) = round_trips(hand.result(bars, entries))
    assert trip["quantity"] == trip["peak_quantity"] == 40
    assert (trip["entry_price"], trip["exit_price"], trip["gross_pnl"]) == (25.0, 30.0, 200.0)


def test_a_reverse_split_that_pays_out_the_last_share_closes_the_trip(hand):
    bars = hand.bars({"large": [10, 10, 100, 100.0]}, splits={"large": {2: 0.1}})
    entries = [*hand.fill(1, 0, 5, 10, order=1), (2, EntryKind.SPLIT, 0, -5.0, 100.0, 50.0, 0.0, 0, 0)]
    (trip,) = round_trips(hand.result(bars, entries))
    assert (trip["close_row"], trip["gross_pnl"], trip["net_pnl"]) == (2, 0.0, 0.0)


def test_fractional_shares_leave_no_dust(hand):
    bars = hand.bars({"large": [10.0] * 5})
    entries = [
        *hand.fill(1, 0, 0.1, 10, order=1),
        *hand.fill(2, 0, 0.2, 10, order=2),
        *hand.fill(3, 0, -0.3, 11, order=3, reason=2),
    ]
    result = hand.result(bars, entries)
    (trip,) = round_trips(result)
    assert trip["close_row"] == 3
    assert fold(result).positions[-1, 0] == 0.0


def test_a_charge_before_the_first_fill_is_refused(hand):
    bars = hand.bars({"large": [10.0] * 4})
    entries = [*hand.charge(1, EntryKind.BORROW, 0, -1.0), *hand.fill(2, 0, 1, 10, order=1)]
    with pytest.raises(ValueError, match="before its first fill"):
        round_trips(hand.result(bars, entries))


def test_legs_held_at_once_are_one_spread_trade(worked):
    (trade,) = spread_trades(round_trips(worked))
    assert (trade["open_row"], trade["close_row"], trade["legs"]) == (1, -1, 3)
    assert trade["net_pnl"] == pytest.approx(round_trips(worked)["net_pnl"].sum())


def test_a_book_that_turns_round_in_one_bar_is_two_spread_trades(hand):
    bars = hand.bars({"large": [10.0] * 6, "small": [5.0] * 6})
    entries = [
        *hand.fill(1, 0, 10, 10, order=1),
        *hand.fill(1, 1, -20, 5, order=2),
        *hand.fill(3, 0, -20, 11, order=3),
        *hand.fill(3, 1, 40, 6, order=4),
        *hand.fill(4, 0, 10, 11, order=5),
        *hand.fill(5, 1, -20, 6, order=6),
    ]
    trades = spread_trades(round_trips(hand.result(bars, entries)))
    assert [(trade["open_row"], trade["close_row"], trade["legs"]) for trade in trades] == [(1, 3, 2), (3, 5, 2)]
    assert trades["net_pnl"] == pytest.approx([10 - 20, 0.0])


def test_no_trade_no_round_trip(hand):
    trips = round_trips(hand.result(hand.bars({"large": [10.0, 11.0]}), []))
    assert len(trips) == 0
    assert len(spread_trades(trips)) == 0


@st.composite
def ledgers(draw):
    """Random but consistent ledgers of two roles: fills either way, charges and splits only on what is held."""
    rows = draw(st.integers(3, 12))
    price = st.integers(500, 20_000).map(lambda cents: cents / 100)
    closes = {role: draw(st.lists(price, min_size=rows, max_size=rows)) for role in ("large", "small")}
    money = st.integers(1, 900).map(lambda cents: cents / 100)
    entries, held, traded, order, splits = [], [0.0, 0.0], [False, False], 0, {"large": {}, "small": {}}
    for row in range(1, rows):
        for role, name in enumerate(closes):
            if held[role] and draw(st.integers(0, 5)) == 0:
                splits[name][row] = 2.0
                entries.append((row, EntryKind.SPLIT, role, held[role], 1.0, 0.0, 0.0, 0, 0))
                held[role] *= 2
            if held[role] and draw(st.booleans()):
                kind = EntryKind.BORROW if held[role] < 0 else EntryKind.DIVIDEND
                amount = draw(money) * (-1 if held[role] < 0 else 1)
                entries.append((row, kind, role, 0.0, np.nan, amount, 0.0, 0, 0))
        if draw(st.booleans()):
            entries.append((row, EntryKind.INTEREST, -1, 0.0, np.nan, -draw(money), 0.0, 0, 0))
        for role in draw(st.lists(st.integers(0, 1), max_size=3)):
            choices = [st.integers(-50, 50).filter(bool).map(float)]
            if held[role]:
                choices += [st.just(-held[role]), st.just(-2 * held[role])]
            qty, paid, order = draw(st.one_of(choices)), draw(price), order + 1
            entries.append((row, EntryKind.FILL, role, qty, paid, -qty * paid, draw(money), order, 1))
            entries.append((row, EntryKind.COMMISSION, role, 0.0, paid, -draw(money), 0.0, order, 1))
            held[role] += qty
            traded[role] = True
    return closes, splits, entries


@given(ledgers())
def test_every_cent_of_any_ledger_is_in_one_trip_and_one_path(hand, drawn):
    closes, splits, entries = drawn
    result = hand.result(hand.bars(closes, splits=splits), entries)
    paths, trips = fold(result), round_trips(result)
    np.testing.assert_allclose(paths.equity, result.points["equity"], atol=1e-6)
    outside = paths["interest"][-1] + paths["deposits"][-1]
    assert trips["net_pnl"].sum() + outside == pytest.approx(result.points["equity"][-1], abs=0.005)
    for number in range(2):
        own = trips[trips["role"] == number]
        assert own["net_pnl"].sum() == pytest.approx(paths.role_pnl[-1, number], abs=0.005)
        assert np.count_nonzero(own["close_row"] < 0) == (paths.positions[-1, number] != 0)
    np.testing.assert_allclose(
        trips["gross_pnl"], trips["quantity"] * (trips["exit_price"] - trips["entry_price"]), atol=0.005
    )
    for name in ("slippage", "commission", "borrow", "dividends"):
        of_kind = result.ledger["slippage"] if name == "slippage" else _amounts(result.ledger, name)
        assert trips[name].sum() == pytest.approx(of_kind.sum(), abs=0.005)
    assert spread_trades(trips)["net_pnl"].sum() == pytest.approx(trips["net_pnl"].sum(), abs=0.005)


def _amounts(ledger, name):
    kinds = {
        "commission": (EntryKind.COMMISSION, EntryKind.FEE),
        "borrow": (EntryKind.BORROW,),
        "dividends": (EntryKind.DIVIDEND,),
    }[name]
    part = ledger["amount"][np.isin(ledger["kind"], kinds)]
    return part if name == "dividends" else -part
