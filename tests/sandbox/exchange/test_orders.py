# SPDX-License-Identifier: Apache-2.0
"""Every kind of order that a client may send, where it fills, and what the broker says of it meanwhile."""

from dataclasses import replace

import pytest

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.exchange.reception import HELD, NOT_LENT
from engine.sandbox.tickets import Contract, Notice, OrderKey, OrderView, Ticket
from tests.sandbox.stage import FLAT, Stage

DROP = (100.0, 101.0, 90.0, 95.0)
RISE = (100.0, 110.0, 99.0, 105.0)


@pytest.mark.parametrize(
    ("kind", "terms", "bars", "fills"),
    [
        ("LMT", {"limit": 98.0}, [DROP], [(100.0, 98.0)]),
        ("LMT", {"limit": 89.0}, [DROP], []),
        ("STP", {"aux": 103.0}, [RISE], [(100.0, 103.0)]),
        ("STP", {"aux": 98.0}, [(104.0, 106.0, 103.0, 105.0)], [(100.0, 104.0)]),
        ("STP LMT", {"aux": 103.0, "limit": 104.0}, [RISE], [(100.0, 103.0)]),
        ("STP LMT", {"aux": 103.0, "limit": 102.0}, [RISE], []),
        ("TRAIL", {"aux": 4.0}, [(96.0, 97.0, 90.0, 92.0), (92.0, 95.0, 91.0, 94.0)], [(100.0, 94.0)]),
        ("TRAIL", {"trail_percent": 10.0}, [(96.0, 97.0, 90.0, 92.0), (92.0, 100.0, 91.0, 94.0)], [(100.0, 99.0)]),
        ("TRAIL", {"aux": 4.0, "trail_stop": 101.0}, [(100.0, 101.5, 99.0, 100.0)], [(100.0, 101.0)]),
        ("MOC", {}, [RISE], [(100.0, 105.0)]),
        ("MKT", {"tif": "OPG"}, [RISE], [(100.0, 100.0)]),
    ],
)
def test_where_a_purchase_fills(kind, terms, bars, fills):
    stage = Stage([FLAT, *bars, FLAT])
    key = stage.place(1, "BUY", 100, kind, **{"tif": "GTC", **terms})
    for _ in bars:
        stage.exchange.step()
    assert stage.fills() == fills
    assert stage.statuses(key)[-1] == ("Filled" if fills else "PreSubmitted")


def test_day_orders_end_with_the_session_and_others_do_not():
    stage = Stage([FLAT, FLAT, DROP])
    day = stage.place(1, "BUY", 10, "LMT", limit=95.0, tif="DAY")
    good = stage.place(2, "BUY", 10, "LMT", limit=95.0, tif="GTC")
    dated = stage.place(3, "BUY", 10, "LMT", limit=95.0, tif="GTD", good_till="20240103 15:59:00 US/Eastern")
    later = stage.place(4, "BUY", 10, "LMT", limit=95.0, tif="GTD", good_till="20240104")
    brief = stage.place(5, "BUY", 10, "LMT", limit=95.0, tif="GTD", good_till="20240103  15:59 US/Eastern")
    stage.exchange.step()
    stage.exchange.step()
    assert [stage.statuses(key)[-1] for key in (day, good, dated, later, brief)] == [
        "Cancelled", "Filled", "Cancelled", "Filled", "Cancelled",
    ]  # fmt: skip


def test_a_dated_order_does_not_fill_at_a_tick_after_its_last_instant():
    stage = Stage([FLAT, FLAT])
    dated = stage.place(1, "BUY", 10, "LMT", limit=95.0, tif="GTD", good_till="20240102 17:00:00 US/Eastern")
    stage.exchange.tick({"X": 96.0}, seconds=3600.0)
    assert stage.statuses(dated)[-1] != "Cancelled", "it is that instant"
    stage.exchange.tick({"X": 90.0}, seconds=1.0)
    assert (stage.statuses(dated)[-1], stage.fills()) == ("Cancelled", [])


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"kind": "LMT"}, 321),
        ({"kind": "STP", "aux": -1.0}, 403),
        ({"kind": "TRAIL"}, 321),
        ({"kind": "TRAIL", "trail_percent": 100.0}, 321),
        ({"kind": "REL"}, 387),
        ({"kind": "MKT", "tif": "IOC"}, 111),
        ({"kind": "LMT", "limit": 1.0, "tif": "OPG"}, 111),
        ({"kind": "MKT", "tif": "GTD", "good_till": "tomorrow"}, 391),
        ({"kind": "MKT", "tif": "GTD", "good_till": "20240104 10:00:00 Mars/Base"}, 391),
        ({"kind": "MKT", "tif": "GTD", "good_till": "20240102 15:59:59 US/Eastern"}, 391),
        ({"kind": "MKT", "oca_type": 4}, 321),
        ({"kind": "MKT", "oca_group": "g", "oca_type": 0}, 321),
        ({"kind": "MKT", "oca_group": "g", "oca_type": -1}, 321),
        ({"kind": "MKT", "account": "DU9"}, 321),
        ({"kind": "MKT", "parent": 77}, 10006),
    ],
)
def test_what_is_no_order_is_refused_at_sight(order, code):
    stage = Stage([FLAT, FLAT])
    key = stage.place(1, "BUY", 10, **order)
    assert [one.code for one in stage.told(Notice)] == [code]
    assert stage.statuses(key) == ["Inactive"]
    assert stage.exchange.open_orders() == []


def test_no_shares_are_no_order():
    stage = Stage([FLAT, FLAT])
    for number, quantity in enumerate((0.0, -5.0, float("nan"))):
        stage.place(number + 1, "BUY", quantity)
    assert [one.code for one in stage.told(Notice)] == [434, 434, 434]


def test_a_fraction_of_a_share_is_refused_where_whole_ones_are_traded():
    stage = Stage([FLAT, FLAT])
    for number, quantity in enumerate((0.5, 1.0000001, 12.7, 1e9 + 0.5)):
        stage.place(number + 1, "BUY", quantity)
    said = "Fractional-sized order cannot be placed: the account trades no fractions of a share."
    assert [(one.code, one.text) for one in stage.told(Notice)] == [(10243, said)] * 4
    assert stage.exchange.open_orders() == []


def test_a_fraction_in_steps_is_taken_where_the_configuration_trades_it():
    fills = {"whole_shares": False, "step": 0.1, "participation": None}
    stage = Stage([FLAT, FLAT], settings={"fills": fills})
    for number, quantity in enumerate((0.3, 0.1 + 0.2, 12.7, 3.0)):
        stage.place(number + 1, "BUY", quantity)
    assert stage.told(Notice) == []
    stage.place(9, "BUY", 0.25)
    assert [one.code for one in stage.told(Notice)] == [10243]
    assert "in steps of 0.1" in stage.told(Notice)[0].text
    stage.exchange.step()
    assert stage.exchange.positions(PAPER)[0].quantity == 16.3


def test_an_id_with_the_symbol_of_another_contract_is_no_contract():
    stage = Stage({"A": [FLAT, FLAT], "B": [FLAT, FLAT]})
    contract = stage.contract("A")
    put = stage.exchange.contracts(Contract(0, "A", "OPT", expiry="20240315", strike=100.0, right="P"))[0].contract
    for known in (contract, put):
        assert len(stage.exchange.contracts(Contract(known.con_id, "A"))) == 1
        assert stage.exchange.contracts(Contract(known.con_id, "B")) == []
    stage.exchange.place(OrderKey(1, 1), Ticket(PAPER, replace(contract, symbol="B"), "BUY", 1, "MKT"))
    assert [one.code for one in stage.told(Notice)] == [200]


@pytest.mark.parametrize(("kind", "left"), [(3, 600.0), (1, None)])
def test_a_group_shrinks_by_what_fills_or_ends_with_it(kind, left):
    stage = Stage([FLAT, FLAT])
    first = stage.place(1, "BUY", 500, "LMT", limit=95.0, tif="GTC", oca_group="h", oca_type=kind)
    other = stage.place(2, "BUY", 800, "LMT", limit=80.0, tif="GTC", oca_group="h", oca_type=kind)
    stage.exchange.operator.fill(first, 200, 95.0)
    now = {one.key: one.ticket.quantity for one in stage.exchange.open_orders()}
    assert now == {first: 500.0} | ({other: left} if left else {})
    assert stage.statuses(first)[-1] == "Submitted"


def test_a_filled_order_ends_a_larger_one_of_its_blocking_group():
    stage = Stage([FLAT, DROP, FLAT])
    stage.place(1, "BUY", 50, "LMT", limit=95.0, tif="GTC", oca_group="g", oca_type=1)
    other = stage.place(2, "BUY", 80, "LMT", limit=80.0, tif="GTC", oca_group="g", oca_type=1)
    stage.exchange.step()
    assert stage.statuses(other)[-1] == "Cancelled"
    assert 202 in [one.code for one in stage.told(Notice)]


def test_a_group_across_symbols_ends_with_any_fill():
    stage = Stage({"A": [FLAT, DROP], "B": [FLAT, FLAT]})
    one = stage.place(1, "BUY", 50, "LMT", symbol="A", limit=95.0, tif="GTC", oca_group="g", oca_type=3)
    two = stage.place(2, "BUY", 80, "LMT", symbol="B", limit=80.0, tif="GTC", oca_group="g", oca_type=3)
    stage.exchange.step()
    assert [stage.statuses(key)[-1] for key in (one, two)] == ["Filled", "Cancelled"]


def test_children_wait_for_their_parent_and_end_with_it():
    stage = Stage([FLAT, FLAT, DROP])
    entry = stage.place(1, "BUY", 10, "LMT", limit=80.0, tif="GTC", transmit=False)
    child = stage.place(2, "SELL", 10, "STP", aux=95.0, tif="GTC", parent=1)
    stage.exchange.step()
    assert stage.statuses(child)[-1] == "PreSubmitted"
    stage.exchange.cancel(entry)
    assert [stage.statuses(key)[-1] for key in (entry, child)] == ["Cancelled", "Cancelled"]
    stage.exchange.step()
    assert stage.fills() == []


def test_a_child_that_sleeps_is_not_filled_by_hand():
    stage = Stage([FLAT, FLAT])
    entry = stage.place(1, "BUY", 10, "LMT", limit=80.0, tif="GTC", transmit=False)
    child = stage.place(2, "SELL", 10, "STP", aux=70.0, tif="GTC", parent=1)
    assert not stage.exchange.operator.fill(child, 10, 99.0)
    assert stage.fills() == []
    assert stage.exchange.operator.fill(entry, 10, 80.0)
    assert stage.exchange.operator.fill(child, 10, 99.0)
    assert stage.fills() == [(10.0, 80.0), (-10.0, 99.0)]


def test_what_was_never_transmitted_is_taken_back_with_its_parent():
    stage = Stage([FLAT, FLAT])
    entry = stage.place(1, "BUY", 10, transmit=False)
    child = stage.place(2, "SELL", 10, "STP", aux=95.0, parent=1, transmit=False)
    stage.exchange.cancel(entry)
    assert [stage.statuses(key) for key in (entry, child)] == [["PendingSubmit", "Cancelled"]] * 2


def test_a_closing_order_never_turns_a_position_round():
    stage = Stage([FLAT, FLAT, DROP, FLAT])
    stage.place(1, "BUY", 10)
    stage.exchange.step()
    stage.place(2, "SELL", 25, "STP", aux=95.0, tif="GTC", carried={"openClose": "C"})
    stage.exchange.step()
    assert stage.fills() == [(10.0, 100.0), (-10.0, 95.0)]


def test_a_change_takes_another_price_and_size_but_no_other_symbol():
    stage = Stage({"A": [FLAT, FLAT, DROP], "B": [FLAT, FLAT, FLAT]})
    stage.place(1, "BUY", 10, "LMT", symbol="A", limit=80.0, tif="GTC")
    stage.place(1, "BUY", 10, "LMT", symbol="B", limit=80.0, tif="GTC")
    stage.place(1, "SELL", 10, "LMT", symbol="A", limit=80.0, tif="GTC")
    assert [one.code for one in stage.told(Notice)] == [105, 105]
    stage.place(1, "BUY", 12, "STP", symbol="A", aux=101.0, tif="GTC")
    stage.exchange.step()
    stage.exchange.step()
    assert stage.fills() == [(12.0, 101.0)]


def test_of_a_partly_filled_order_a_change_counts_the_whole():
    stage = Stage([FLAT, FLAT, FLAT])
    key = stage.place(1, "BUY", 10, "LMT", limit=80.0, tif="GTC")
    stage.exchange.operator.fill(key, 4, 99.0)
    stage.place(1, "BUY", 4, "LMT", limit=80.0, tif="GTC")
    assert [one.code for one in stage.told(Notice)] == [104]
    stage.place(1, "BUY", 7, "LMT", limit=100.0, tif="GTC")
    stage.exchange.step()
    assert stage.fills() == [(4.0, 99.0), (3.0, 100.0)]
    assert stage.told(OrderView)[-1].average == (4 * 99.0 + 3 * 100.0) / 7


def test_orders_follow_a_split():
    stage = Stage([FLAT, FLAT, (50.0, 50.0, 50.0, 50.0, 0.0, 2.0), (50.0, 51.0, 40.0, 45.0)])
    stage.place(1, "BUY", 10)
    stage.exchange.step()
    stop = stage.place(2, "SELL", 10, "STP", aux=95.0, tif="GTC")
    stage.exchange.step()
    (open_,) = stage.exchange.open_orders()
    assert (open_.ticket.quantity, open_.ticket.aux) == (20.0, 47.5)
    assert stage.exchange.positions(PAPER)[0].average == 50.0
    stage.exchange.step()
    assert stage.fills()[-1] == (-20.0, 47.5)
    assert stage.statuses(stop)[-1] == "Filled"


def test_an_order_beyond_the_margin_is_refused_in_the_words_of_the_broker():
    stage = Stage([FLAT, FLAT, FLAT])
    key = stage.place(1, "BUY", 3000)
    assert stage.statuses(key) == ["PreSubmitted"], "the engine asks for margin when it fills"
    stage.exchange.step()
    assert stage.statuses(key)[-1] == "Inactive"
    (notice,) = stage.told(Notice)
    assert notice.code == 201
    assert notice.text == (
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY "
        "WITH LOAN VALUE [100000.00 USD] MUST EXCEED THE INITIAL MARGIN [150000.00 USD]"
    )
    assert [one.status for one in stage.exchange.completed()] == ["Inactive"]


def test_margin_can_be_asked_for_when_an_order_is_placed():
    stage = Stage([FLAT, FLAT], margin_at_once=True)
    assert stage.statuses(stage.place(1, "BUY", 2001)) == ["Inactive"]
    assert stage.statuses(stage.place(2, "BUY", 2000)) == ["PreSubmitted"]


def test_what_an_order_would_do_is_told_without_doing_it():
    stage = Stage([FLAT, FLAT])
    key = stage.place(1, "BUY", 100)
    stage.exchange.step()
    ticket = next(one.ticket for one in stage.told(OrderView) if one.key == key)
    margins = stage.exchange.what_if(ticket)
    assert (margins.initial_before, margins.initial_after) == (5_000.0, 10_000.0)
    assert (margins.maintenance_before, margins.maintenance_after) == (2_500.0, 5_000.0)
    assert (margins.equity_before, margins.equity_after, margins.warning) == (100_000.0, 100_000.0, "")
    assert stage.exchange.open_orders() == []


def test_shares_that_cannot_be_borrowed_hold_an_order_or_refuse_it():
    stage = Stage([FLAT, FLAT, FLAT, FLAT])
    stage.exchange.operator.lend("X", HELD)
    key = stage.place(1, "SELL", 10, tif="GTC")
    assert [(one.status, one.why_held) for one in stage.told(OrderView)] == [("PreSubmitted", "locate")]
    assert [one.code for one in stage.told(Notice)] == [404]
    assert stage.exchange.quote(stage.contract().con_id).shortable > 2.5
    stage.exchange.step()
    assert stage.exchange.quote(stage.contract().con_id).shortable < 2.5
    assert stage.fills() == []
    stage.exchange.operator.lend("X")
    stage.exchange.step()
    assert stage.fills() == [(-10.0, 100.0)]
    assert stage.statuses(key)[-1] == "Filled"
    stage.exchange.operator.lend("X", NOT_LENT)
    assert stage.statuses(stage.place(2, "SELL", 1)) == ["Inactive"]
    assert stage.statuses(stage.place(3, "BUY", 20)) == ["PreSubmitted"], "a purchase borrows nothing"


def test_a_held_parent_fills_once_shares_are_found_though_its_family_went_before_it():
    stage = Stage([FLAT, FLAT, FLAT])
    stage.exchange.operator.lend("X", HELD)
    parent = stage.place(1, "SELL", 10, transmit=False)
    stage.place(2, "BUY", 10, "STP", aux=120.0, parent=1, tif="GTC")
    assert stage.statuses(parent) == ["PreSubmitted"]
    stage.exchange.operator.lend("X")
    stage.exchange.step()
    assert stage.fills() == [(-10.0, 100.0)]


def test_each_account_has_its_own_money_and_each_client_its_own_ids():
    stage = Stage([FLAT, FLAT], accounts=("DU1", "U2"))
    stage.place(1, "BUY", 10, client=1, account="DU1")
    stage.place(1, "BUY", 20, client=2, account="U2")
    stage.exchange.step()
    assert [stage.exchange.positions(account)[0].quantity for account in ("DU1", "U2")] == [10.0, 20.0]
    assert stage.value("TotalCashValue", "DU1") == 99_000.0
    assert [stage.exchange.next_order_id(client) for client in (1, 2, 3)] == [2, 2, 1]


def test_all_orders_can_be_taken_back_at_once():
    stage = Stage([FLAT, DROP])
    stage.place(1, "BUY", 10, "LMT", limit=95.0, tif="GTC")
    stage.place(1, "BUY", 10, "LMT", limit=95.0, tif="GTC", client=2)
    assert [one.key.client for one in stage.exchange.open_orders(2)] == [2]
    stage.exchange.cancel_all()
    assert stage.exchange.open_orders() == []
    stage.exchange.step()
    assert stage.fills() == []


def test_a_trade_by_hand_moves_the_position_past_every_client():
    stage = Stage([FLAT, FLAT])
    key = stage.exchange.operator.manual(PAPER, "X", -7, 101.0)
    assert key == OrderKey(0, -1)
    assert stage.exchange.operator.manual(PAPER, "X", 2, 99.0) == OrderKey(0, -2)
    assert stage.exchange.positions(PAPER)[0].quantity == -5.0
    assert stage.value("TotalCashValue") == 100_000 + 7 * 101.0 - 2 * 99.0


def test_prices_between_bars_fill_orders_and_leave_the_next_bar_as_it_is():
    stage = Stage([FLAT, RISE, FLAT])
    stage.place(1, "SELL", 10, "STP", aux=95.0, tif="GTC")
    stage.exchange.tick({"X": 96.0})
    assert stage.fills() == []
    stage.exchange.tick({"X": 94.0}, seconds=2)
    assert stage.fills() == [(-10.0, 94.0)]
    assert stage.value("NetLiquidation") == 100_000.0
    assert stage.exchange.quote(stage.contract().con_id).last == 94.0
    before = stage.exchange.now
    stage.exchange.step()
    assert stage.exchange.now > before
    assert stage.value("NetLiquidation") == 100_000 - 10 * (105.0 - 94.0)
