# SPDX-License-Identifier: Apache-2.0
"""Each fault strikes once, at its occasion, and leaves the broker's own books right."""

import pytest

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.faults import FAULTS, PASS, Deed, Fault, Faults
from engine.sandbox.tickets import AccountValue, Commission, Execution, Notice, OrderKey, OrderView, Tick
from engine.sandbox.wire.answers import ANSWERS
from engine.sandbox.wire.requests import NAMES
from tests.sandbox.stage import FLAT, Stage

BARS = [FLAT] * 5


def struck(*faults):
    return Stage(BARS, faults=Faults(faults))


def told_codes(stage):
    return [one.code for one in stage.told(Notice)]


def bought(fault, quantity=10):
    """A stage on which one order has filled under a fault."""
    stage = struck(fault)
    key = stage.place(1, "BUY", quantity, ref="r")
    stage.exchange.step()
    assert stage.exchange.faults.struck == [fault]
    assert stage.exchange.positions(PAPER)[0].quantity == quantity
    assert stage.value("TotalCashValue") == 100_000 - quantity * 100.0
    return stage, key


def booked(stage):
    """What the broker says when it is asked."""
    return [(one.exec_id[-2:], one.quantity, one.price) for one, _ in stage.exchange.executions()]


def test_faults_strike_one_after_the_other_each_at_its_own_turn():
    faults = Faults([Fault("reject", nth=2), Fault("held")])
    assert faults.take("fill") is None
    assert faults.take("place") is None
    assert not faults.add(Fault("preset")), "one is waiting"
    assert faults.take("place").fault == "reject"
    assert faults.take("place").fault == "held"
    assert faults.take("place") is None
    assert faults.add(Fault("preset"))
    faults.clear()
    assert faults.take("place") is None


def test_a_fault_can_wait_for_a_client_or_a_symbol():
    faults = Faults([Fault("reject", client=2, symbol="IWM")])
    assert faults.take("place", 1, "IWM") is None
    assert faults.take("place", 2, "SPY") is None
    assert faults.take("place", 2, "IWM")


@pytest.mark.parametrize(
    ("fault", "moment", "message", "deed"),
    [
        (Fault("disconnect", on="placeOrder"), "handle", "placeOrder", Deed("disconnect")),
        (Fault("disconnect", moment="read"), "read", "", Deed("disconnect")),
        (Fault("cut", on="execDetails", after_bytes=3), "write", "execDetails", Deed("cut", after_bytes=3)),
        (Fault("swallow", on="cancelOrder"), "handle", "cancelOrder", Deed("swallow")),
        (Fault("slow", on="orderStatus", seconds=0.2), "write", "orderStatus", Deed("delay", seconds=0.2)),
        (Fault("twice", on="openOrder"), "write", "openOrder", Deed("duplicate")),
        (
            Fault("answer", on="reqMktData", code=354), "handle", "reqMktData",
            Deed("answer", notices=(Notice(354, "Requested market data is not subscribed."),)),
        ),
    ],
)  # fmt: skip
def test_faults_of_frames(fault, moment, message, deed):
    faults = Faults([fault])
    assert faults.at(moment, 1, "reqIds" if message else "x", 1) == (PASS if moment != "read" else deed)
    if moment != "read":
        other = "write" if moment == "handle" else "handle"
        assert faults.at(other, 1, message, 1) == PASS
        assert faults.take(FAULTS["reject"][0]) is None
        assert faults.at(moment, 1, message, 1) == deed
    assert faults.at(moment, 1, message, 1) == PASS


@pytest.mark.parametrize("moment", ["handle", "write"])
def test_a_fault_strikes_where_its_message_is_said(moment):
    for name in NAMES if moment == "handle" else ANSWERS:
        assert Faults([Fault("swallow", on=name)]).at(moment, 1, name, 1) == Deed("swallow"), name


def test_a_rejected_order_is_inactive_and_known():
    stage = struck(Fault("reject", text="Order rejected - reason:No."))
    key = stage.place(1, "BUY", 10)
    assert [(one.code, one.text) for one in stage.told(Notice)] == [(201, "Order rejected - reason:No.")]
    assert stage.statuses(key) == ["Inactive"]
    stage.exchange.step()
    assert stage.fills() == []
    stage.place(2, "BUY", 10)
    stage.exchange.step()
    assert stage.fills() == [(10.0, 100.0)]


def test_a_preset_is_an_error_under_which_the_order_fills():
    stage = struck(Fault("preset"))
    key = stage.place(1, "BUY", 10)
    assert told_codes(stage) == [10349]
    stage.exchange.step()
    assert stage.statuses(key)[-1] == "Filled"


def test_a_held_order_waits_for_its_shares():
    stage = struck(Fault("held"))
    key = stage.place(1, "SELL", 10)
    assert told_codes(stage) == [404]
    stage.exchange.step()
    assert stage.statuses(key) == ["PreSubmitted"]
    stage.exchange.operator.lend("X")
    stage.exchange.step()
    assert stage.statuses(key)[-1] == "Filled"


def test_a_fill_in_two_executions():
    stage, key = bought(Fault("partial", part=0.3))
    assert [(one.quantity, one.cumulative) for one in stage.told(Execution)] == [(3.0, 3.0), (7.0, 10.0)]
    assert [(one.status, one.filled) for one in stage.told(OrderView)][1:] == [("Submitted", 3.0), ("Filled", 10.0)]
    assert len(stage.told(Commission)) == 2
    assert stage.statuses(key)[-1] == "Filled"


def test_one_share_cannot_be_filled_in_two_executions():
    stage, _ = bought(Fault("partial"), quantity=1)
    assert [one.quantity for one in stage.told(Execution)] == [1.0]


def test_an_execution_told_twice_is_one():
    stage, _ = bought(Fault("duplicate_execution"))
    one, other = stage.told(Execution)
    assert one == other
    assert booked(stage) == [("01", 10.0, 100.0)]


def test_a_corrected_execution_replaces_what_was_told_first():
    stage, _ = bought(Fault("corrected_execution", by=0.25))
    assert [(one.exec_id[-2:], one.price) for one in stage.told(Execution)] == [("01", 100.25), ("02", 100.0)]
    assert len({one.exec_id[:-2] for one in stage.told(Execution)}) == 1
    assert booked(stage) == [("02", 10.0, 100.0)]
    assert stage.exchange.executions()[0][1].exec_id.endswith(".02")


def test_a_fill_without_a_status():
    stage, key = bought(Fault("missing_status"))
    assert len(stage.told(Execution)) == 1
    assert stage.statuses(key) == ["PreSubmitted"]
    assert stage.exchange.open_orders() == []
    assert [one.status for one in stage.exchange.completed()] == ["Filled"]


def test_a_fill_that_nobody_is_told_of():
    stage, key = bought(Fault("missed_execution"))
    assert stage.told(Execution) == []
    assert stage.told(Commission) == []
    assert stage.statuses(key) == ["PreSubmitted"]
    assert booked(stage) == [("01", 10.0, 100.0)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("duplicate_execution", ["PreSubmitted", "Submitted"]),
        ("corrected_execution", ["PreSubmitted", "Submitted"]),
        ("late_commission", ["PreSubmitted", "Submitted"]),
        ("partial", ["PreSubmitted", "Submitted", "Submitted"]),
        ("missing_status", ["PreSubmitted"]),
        ("missed_execution", ["PreSubmitted"]),
    ],
)
def test_a_part_that_fills_is_a_status_where_the_fault_is_not_that_it_is_missing(name, said):
    stage = struck(Fault(name))
    key = stage.place(1, "BUY", 10, "LMT", limit=90.0, tif="GTC")
    stage.exchange.operator.fill(key, 4, 90.0)
    assert stage.statuses(key) == said
    assert stage.exchange.open_orders()[0].filled == 4.0


def test_a_commission_that_comes_late():
    stage, _ = bought(Fault("late_commission", steps=2))
    assert stage.told(Commission) == []
    assert stage.exchange.executions()[0][1] is None
    stage.exchange.tick({})
    assert stage.told(Commission) == []
    stage.exchange.tick({})
    assert len(stage.told(Commission)) == 1
    assert stage.exchange.executions()[0][1] is not None


def test_a_change_that_forks_leaves_two_orders_of_one_reference():
    stage = struck(Fault("forked_modify"))
    stage.place(1, "BUY", 10, "LMT", limit=90.0, tif="GTC", ref="r")
    stage.place(1, "BUY", 10, "LMT", limit=95.0, tif="GTC", ref="r")
    first, second = stage.exchange.open_orders()
    assert (first.key, first.ticket.ref) == (second.key, second.ticket.ref)
    assert (first.ticket.limit, second.ticket.limit) == (90.0, 95.0)
    assert first.perm_id != second.perm_id
    stage.exchange.cancel(OrderKey(1, 1))
    assert [one.perm_id for one in stage.exchange.open_orders()] == [first.perm_id], "a cancel reaches one of them"


def test_ids_that_run_back():
    stage = struck(Fault("id_rollback", ids=3))
    stage.place(7, "BUY", 1)
    assert stage.exchange.next_order_id(1) == 5
    assert stage.exchange.next_order_id(1) == 8


@pytest.mark.parametrize(("code", "expected"), [(0, 1102), (1101, 1101)])
def test_while_the_link_is_down_news_is_lost_and_orders_wait(code, expected):
    stage = struck(Fault("link_lost"), Fault("link_restored", code=code))
    stage.place(1, "BUY", 10)
    stage.exchange.step()
    assert told_codes(stage) == [1100]
    assert stage.told(Execution) == []
    assert booked(stage) == [("01", 10.0, 100.0)]
    key = stage.place(2, "BUY", 5, tif="GTC")
    assert stage.statuses(key) == []
    stage.exchange.step()
    assert told_codes(stage) == [1100, expected]
    assert stage.exchange.positions(PAPER)[0].quantity == 15.0, "what waited was sent before the bar"


def test_while_the_link_is_down_a_cancel_and_a_change_come_too_late():
    stage = struck()
    first = stage.place(1, "BUY", 10, "LMT", limit=90.0, tif="GTC")
    second = stage.place(2, "BUY", 10, "LMT", limit=90.0, tif="GTC")
    third = stage.place(3, "BUY", 10, "LMT", limit=80.0, tif="GTC")
    stage.exchange.operator.set_link(up=False)
    stage.exchange.cancel(first)
    stage.place(2, "BUY", 10, "LMT", limit=85.0, tif="GTC")
    stage.exchange.cancel(third)
    stage.exchange.tick({"X": 89.0})
    assert stage.fills() == []
    stage.exchange.operator.set_link(up=True)
    assert told_codes(stage) == [1100, 1102, 10148, 104, 202]
    assert stage.exchange.positions(PAPER)[0].quantity == 20.0
    assert [stage.statuses(key)[-1] for key in (first, second, third)] == ["PreSubmitted", "PreSubmitted", "Cancelled"]


def test_while_the_link_is_down_taking_back_everything_waits_too():
    stage = struck()
    first = stage.place(1, "BUY", 10, "LMT", limit=90.0, tif="GTC")
    second = stage.place(2, "BUY", 10, "LMT", limit=80.0, tif="GTC", client=2)
    stage.exchange.operator.set_link(up=False)
    stage.exchange.cancel_all()
    later = stage.place(3, "BUY", 10, "LMT", limit=70.0, tif="GTC")
    assert {one.key for one in stage.exchange.open_orders()} == {first, second, later}
    stage.exchange.tick({"X": 89.0})
    stage.exchange.operator.set_link(up=True)
    assert told_codes(stage) == [1100, 1102, 10148, 202]
    assert [one.key for one in stage.exchange.open_orders()] == [later]
    assert stage.exchange.positions(PAPER)[0].quantity == 10.0


def test_a_broken_farm_is_silent_about_prices_alone():
    stage = struck(Fault("farm_broken"), Fault("farm_restored", nth=2))
    stage.place(1, "BUY", 10)
    stage.exchange.step()
    assert told_codes(stage) == [2103]
    assert stage.told(Tick) == []
    assert stage.fills() == [(10.0, 100.0)]
    stage.exchange.step()
    stage.exchange.step()
    assert told_codes(stage) == [2103, 2104]
    assert len(stage.told(Tick)) == 1


def test_a_restart_at_night_drops_everybody_and_forgets_the_day():
    stage = struck(Fault("nightly", nth=2, ids=2))
    dropped = []
    stage.exchange.operator.hang_up = lambda: dropped.append(stage.exchange.now)
    stage.place(5, "BUY", 10)
    resting = stage.place(6, "BUY", 10, "LMT", limit=50.0, tif="GTC")
    stage.exchange.step()
    assert dropped == []
    stage.exchange.step()
    assert len(dropped) == 1
    assert stage.exchange.executions() == []
    assert stage.exchange.completed() == []
    assert [one.key for one in stage.exchange.open_orders()] == [resting]
    assert stage.exchange.next_order_id(1) == 5
    assert stage.exchange.positions(PAPER)[0].quantity == 10.0


def test_a_word_to_everybody():
    stage = struck(Fault("notice", code=10197))
    stage.exchange.step()
    assert stage.told(Notice) == [Notice(10197, "No market data during competing live session")]
    assert stage.told(AccountValue) == [], "nothing else has changed"
