# SPDX-License-Identifier: Apache-2.0
"""What has gone wrong between bridges and brokers in practice: one test each, over a real socket.

Each ends with what the ledger, the broker's books and the halts say.
"""

import asyncio
from dataclasses import replace

import pytest

from engine.paper import bridge as bridge_module
from engine.paper.broker.ib_client import IbClient
from engine.paper.broker.port import BrokerSilent, ClientInUse, Listed, PositionSeen
from engine.paper.broker.wire import wire_of
from engine.paper.instructions import Mark
from engine.paper.journal.halts import HaltKind
from engine.paper.journal.store import Unwritable
from engine.sandbox.desk.client import Terms as Broker
from engine.sandbox.exchange.reception import HELD, NOT_LENT
from engine.sandbox.tickets import Notice, OrderKey
from tests.paper.house import House
from tests.paper.words import CLIENT, decision, execution, instruction

LIMIT_FAR = {"kind": 2, "limit": 90.0}


def play(tmp_path, scene, seconds=30.0, **settings):
    async def whole():
        async with House(tmp_path, **settings) as house:
            await scene(house)

    asyncio.run(asyncio.wait_for(whole(), seconds))


def agrees(house, quantity):
    """Ledger and broker hold the same."""
    assert house.journal.ledger.positions().get("X", 0.0) == house.books() == quantity


def key(house, ref):
    return OrderKey(CLIENT, house.journal.intent(ref).order_id)


def test_a_nightly_restart_rolls_ids_back_and_none_is_given_twice(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10), ("b", 5))
        before = {house.journal.intent(ref).order_id for ref in ("a", "b")}
        house.exchange.operator.restart_nightly(ids=50)
        house.server.drop()
        assert await house.heard(lambda: not house.bridge.link().up)  # nobody keeps it up yet
        task = asyncio.create_task(house.bridge.run(0.05))
        assert await house.heard(lambda: house.bridge.link().ready)
        task.cancel()
        await house.trade(("c", 1))
        assert house.journal.intent("c").order_id not in before
        house.step()
        assert await house.heard(lambda: house.state("c") == "filled")
        agrees(house, 16.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_fills_while_the_broker_was_away_are_asked_for_afterwards(tmp_path):
    async def scene(house):
        await house.start()
        task = asyncio.create_task(house.bridge.run(60.0))
        await house.trade(("a", 10))
        house.exchange.operator.set_link(up=False)
        assert await house.heard(lambda: not house.bridge.link().up)
        house.exchange.operator.fill(key(house, "a"), 10.0, 100.0)
        house.exchange.operator.set_link(up=True, data_lost=True)
        assert await house.heard(lambda: house.state("a") == "filled" and house.bridge.link().ready)
        task.cancel()
        agrees(house, 10.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_two_live_orders_under_one_reference_halt(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, LIMIT_FAR))
        house.fault("forked_modify")
        one = house.journal.intent("a")  # what the bridge never does: a change, while the link is bad
        house.bridge.broker.place(wire_of(replace(one.instruction, limit=91.0), one.order_id, house.bridge.account))
        assert await house.heard(lambda: house.kinds() == ["forked"])
        verdicts = await house.decide(("b", 1))
        assert [v.outcome for v in verdicts if v.gate == "halt"] == ["refuse"]

    play(tmp_path, scene)


def test_an_execution_under_an_id_that_does_not_map_finds_its_order(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        perm = house.exchange.open_orders(None)[0].perm_id
        house.bridge._hear(execution("q.01", 10.0, perm, 0, client=0, symbol="X", account=house.bridge.account))
        house.bridge.drain()
        assert house.state("a") == "filled"
        assert [fill.ref for fill in house.journal.ledger.fills("a")] == ["a"]

    play(tmp_path, scene)


def test_a_restart_makes_no_orders_of_its_own(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.step()
        await house.leave()
        count = len(house.placed())
        await house.start()
        await house.bridge.carry_out()
        assert len(house.placed()) == count
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_open_orders_of_the_session_before_are_adopted_and_can_be_cancelled(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))
        await house.leave()
        await house.start()
        assert house.state("a") == "working"
        await house.trade(cancel=["a"])
        assert await house.heard(lambda: house.state("a") == "dead")
        assert house.exchange.open_orders(None) == []
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_executions_replayed_before_anything_else_is_known_are_kept(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        await house.leave()
        house.step()  # it fills while nobody looks
        await house.start()
        assert house.state("a") == "filled"
        agrees(house, 10.0)
        assert house.journal.ledger.fills("a")[0].commission is not None

    play(tmp_path, scene)


def test_an_order_that_is_no_longer_listed_was_filled_not_cancelled(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.fault("missed_execution")
        house.step()
        await house.bridge.reconcile("test")
        assert house.state("a") == "filled"
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_absence_is_not_cancellation(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))

        async def nothing():
            return ()

        house.bridge.broker.open_orders = nothing
        await house.bridge.reconcile("test")
        assert house.state("a") == "unknown"
        assert house.kinds() == ["unknown"]
        assert "no longer shows what became of it" in house.alarms[0][2]

    play(tmp_path, scene)


def test_a_manual_trade_is_kept_as_external_and_halts_its_symbol_until_it_is_accepted(tmp_path):
    async def scene(house):
        await house.start()
        house.exchange.operator.manual(house.bridge.account, "X", 7.0, 100.0)
        await house.bridge.reconcile("test")
        assert house.kinds() == ["external"]
        assert [fill.ref for _, fill in house.journal.ledger.fills_since(0)] == [""]
        agrees(house, 7.0)
        await house.accept("it was me")
        assert house.kinds() == []
        await house.trade(("a", 1))
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        agrees(house, 8.0)

    play(tmp_path, scene)


def test_bars_that_stop_silently_close_the_gate(tmp_path):
    async def scene(house):
        house.settings["sessions"] = lambda begin, end: ((begin, end),)  # the market was open all the time
        house.settings["limits"] = house.settings["limits"].model_copy(update={"stale_after": 30.0})
        await house.start()
        house.exchange.operator.set_farm(up=False)
        stamp = house.exchange.now - 31 * 60 * 10**9
        old = replace(decision(instruction("a", 1.0, "X")), marks=(Mark("X", 100.0, stamp),))
        verdicts = await house.bridge.record(old)
        assert [v.numbers["value"] for v in verdicts if v.gate == "stale data" and v.outcome == "refuse"] == [31.0]
        assert await house.bridge.carry_out() == ()
        assert house.placed() == []

    play(tmp_path, scene)


def test_prices_of_a_broken_farm_are_no_prices(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 1))
        house.exchange.operator.set_farm(up=False)
        assert await house.heard(lambda: house.bridge.broker._heard.broken_farms == {"usfarm"})
        verdicts = await house.decide(("b", 1))
        assert {v.gate for v in verdicts if v.outcome == "refuse"} == {"delayed data", "price collar"}
        house.exchange.operator.set_farm(up=True)
        assert await house.heard(lambda: not house.bridge.broker._heard.broken_farms)
        await house.trade(("c", 1))
        assert [house.state(ref) for ref in "abc"] == ["working", "dead", "working"]

    play(tmp_path, scene)


def test_a_journal_that_cannot_be_written_stops_orders_and_loses_nothing(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.journal.store.db.execute("PRAGMA query_only = ON")
        house.exchange.operator.fill(key(house, "a"), 10.0, 100.0)
        await house.heard(lambda: house.bridge._heard)
        with pytest.raises(Unwritable, match="attempt to write a readonly database"):
            await house.bridge.carry_out()
        assert not house.bridge.link().ready
        house.journal.store.db.execute("PRAGMA query_only = OFF")
        house.bridge.drain()
        assert house.state("a") == "filled"
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_a_broker_that_stays_away_is_an_alarm_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(bridge_module, "ALARM_AFTER", 0.05)
    monkeypatch.setattr(bridge_module, "FIRST_WAIT", 0.02)

    async def scene(house):
        await house.start()
        await house.close_doors()
        task = asyncio.create_task(house.bridge.run(60.0))
        assert await house.heard(lambda: any(kind == "link" for kind, _, _ in house.alarms))
        await house.open_doors(house.port)
        assert await house.heard(lambda: house.bridge.link().ready)
        task.cancel()

    play(tmp_path, scene)


def test_duplicate_ids_cannot_come_from_here(tmp_path):
    async def scene(house):
        await house.start()
        for number in range(3):
            await house.trade((f"a{number}", 1))
            await house.leave()
            house.fault("id_rollback", ids=40)
            await house.start()
            house.exchange.faults.clear()
        ids = [one.request.values["orderId"] for one in house.placed()]
        assert len(set(ids)) == len(ids) == 3
        assert ids == sorted(ids)

    play(tmp_path, scene)


def test_a_cancellation_that_comes_too_late_ends_in_a_fill(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.fault("swallow", on="cancelOrder")
        await house.trade(cancel=["a"])
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        agrees(house, 10.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_a_fill_after_cancelled_counts(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))
        await house.trade(cancel=["a"])
        assert await house.heard(lambda: house.state("a") == "dead")
        perm = house.journal.store.read("SELECT perm FROM orders WHERE ref = 'a'")[0]["perm"]
        house.bridge._hear(execution("late.01", 4.0, perm, 0, symbol="X", account=house.bridge.account, client=CLIENT))
        house.bridge.drain()
        assert house.journal.ledger.positions() == {"X": 4.0}
        assert house.state("a") == "dead"

    play(tmp_path, scene)


def test_a_held_short_stays_alive_until_shares_are_found(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("held")
        await house.trade(("a", -10))
        assert house.state("a") == "working"
        held = house.journal.store.read("SELECT status, held FROM orders")[0]
        assert (held["status"], held["held"]) == ("PreSubmitted", "locate")
        assert len(house.placed()) == 1, "the warning 404 makes nobody send it again"
        assert house.kinds() == []

    play(tmp_path, scene)


@pytest.mark.parametrize("borrow", [HELD, NOT_LENT])
def test_what_cannot_be_borrowed_is_not_sold_short(tmp_path, borrow):
    async def scene(house):
        house.exchange.operator.lend("X", borrow)
        house.step()
        await house.start()
        verdicts = await house.decide(("a", -10))
        assert [v.numbers["value"] for v in verdicts if v.gate == "shortable" and v.outcome == "refuse"] == [0.5]
        await house.bridge.carry_out()
        assert house.placed() == []

    play(tmp_path, scene)


def test_delayed_data_blocks_orders(tmp_path):
    async def scene(house):
        await house.start()
        verdicts = await house.decide(("a", 1))
        assert [v.numbers["kind"] for v in verdicts if v.gate == "delayed data" and v.outcome == "refuse"] == [3]
        await house.bridge.carry_out()
        assert house.placed() == []

    play(tmp_path, scene, broker=Broker(delayed=True))


@pytest.mark.parametrize("code", [354, 10197])
def test_without_market_data_nothing_is_sent(tmp_path, code):
    async def scene(house):
        await house.start()
        house.fault("answer", on="reqMktData", code=code)
        verdicts = await house.decide(("a", 1))
        assert {v.gate for v in verdicts if v.outcome == "refuse"} == {"delayed data", "price collar"}
        await house.bridge.carry_out()
        assert house.placed() == []

    play(tmp_path, scene)


@pytest.mark.parametrize("text", ["pacing violation", "HMDS query returned no data: X@SMART Trades"])
def test_162_is_told_apart_by_its_text(tmp_path, text):
    async def scene(house):
        await house.start()
        house.fault("answer", on="reqHistoricalData", code=162, text=f"Historical Market Data Service error: {text}")
        with pytest.raises(BrokerSilent, match=text):
            await house.bridge.broker.history("X", 5)
        assert len(await house.bridge.broker.history("X", 5)) == 1

    play(tmp_path, scene)


@pytest.mark.parametrize("question", ["reqAllOpenOrders", "reqCompletedOrders", "reqExecutions", "reqPositions"])
def test_a_question_that_hangs_means_no_orders(tmp_path, question):
    async def scene(house):
        house.fault("swallow", on=question)
        house.enter()
        house.bridge.broker.patience = 0.2
        found = await house.bridge.start()
        assert not found.complete
        await house.trade(("a", 10))
        assert house.placed() == []
        assert house.state("a") == "intent"
        assert (await house.bridge.reconcile("test")).complete
        await house.bridge.carry_out()
        assert house.state("a") == "working"

    play(tmp_path, scene)


def test_fills_lost_over_midnight_halt_until_a_person_accepts(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {"day": False, "kind": 2, "limit": 100.0}))
        await house.leave()
        house.step()  # it fills
        house.step()  # and the broker's day goes by
        await house.start()
        assert sorted(house.kinds()) == ["positions", "unknown"]
        assert house.state("a") == "unknown"
        count = len(house.placed())
        verdicts = await house.decide(("b", 1))
        assert [v.outcome for v in verdicts if v.gate == "halt"] == ["refuse"]
        await house.bridge.carry_out()
        assert len(house.placed()) == count, "the difference is never traded"
        await house.accept("I looked")
        assert house.kinds() == []
        assert house.state("a") == "dead"
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_positions_that_lag_behind_fills_are_waited_for(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        true, looks = house.bridge.broker.positions, []

        async def lagging():
            looks.append(1)
            return () if len(looks) == 1 else await true()

        house.bridge.broker.positions = lagging
        found = await house.bridge.reconcile("test")
        assert (found.complete, found.differences, len(looks)) == (True, {}, 2)
        assert house.kinds() == []
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_a_fraction_of_a_share_is_not_sent(tmp_path):
    async def scene(house):
        await house.start()
        verdicts = await house.decide(("a", 1.5))
        assert {v.gate for v in verdicts if v.outcome == "refuse"} == {"whole shares"}
        await house.bridge.carry_out()
        assert house.placed() == []

    play(tmp_path, scene)


def test_a_reference_that_the_broker_forgot_is_found_by_its_number(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))
        true = house.bridge.broker._heard.tell

        def forgetful(one):
            true(replace(one, ref="") if hasattr(one, "ref") else one)

        house.bridge.broker._heard.tell = forgetful
        house.exchange.operator.fill(key(house, "a"), 10.0, 90.0)
        assert await house.heard(lambda: house.state("a") == "filled")
        await house.bridge.reconcile("test")
        agrees(house, 10.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_10349_makes_nobody_send_again(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("preset")
        await house.trade(("a", 10))
        assert house.state("a") == "working"
        await house.bridge.carry_out()
        await house.bridge.reconcile("test")
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        assert len(house.placed()) == 1
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_a_rejected_order_is_dead_and_not_sent_again(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("reject")
        await house.trade(("a", 10))
        assert house.state("a") == "dead"
        assert "201" in house.journal.intent("a").why
        await house.bridge.carry_out()
        assert len(house.placed()) == 1
        assert house.kinds() == []
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_an_order_that_waits_in_the_clients_queue_is_not_sent_until_the_queue_is_empty(tmp_path):
    async def scene(house):
        await house.start()
        house.bridge.broker._throttled = True
        await house.trade(("a", 10))
        assert house.placed() == []
        assert house.state("a") == "intent"
        assert house.journal.intent("a").order_id is None, "it certainly never left"
        house.bridge.broker._throttled = False
        await house.bridge.carry_out()
        assert house.state("a") == "working"

    play(tmp_path, scene)


def test_an_order_that_never_arrived_is_dead_after_three_looks_and_not_sent_again(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("swallow", on="placeOrder", nth=2)  # the first is the question about margin
        await house.trade(("a", 10))
        assert house.state("a") == "dead"
        assert house.journal.intent("a").why == "it never reached the broker"
        await house.bridge.carry_out()
        house.step()
        agrees(house, 0.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_a_correction_replaces_its_execution(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.fault("corrected_execution")
        house.step()
        assert await house.heard(lambda: any(f.revision > 1 for f in house.journal.ledger.fills("a")))
        assert len(house.journal.ledger.fills("a")) == 1
        agrees(house, 10.0)

    play(tmp_path, scene)


@pytest.mark.parametrize("fault", ["duplicate_execution", "missing_status", "partial", "late_commission"])
def test_odd_reports_of_fills_leave_the_right_quantity(tmp_path, fault):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {"day": False, "kind": 2, "limit": 100.0}))
        house.fault(fault)
        house.step()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        agrees(house, 10.0)
        assert house.kinds() == []

    play(tmp_path, scene)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_1100_while_sending(tmp_path, moment):
    async def scene(house):
        await house.start()
        await house.decide(("a", 10))
        if moment == "before":
            house.exchange.operator.set_link(up=False)
            assert await house.heard(lambda: not house.bridge.link().up)
        sending = asyncio.create_task(house.bridge.carry_out())
        if moment == "after":
            await house.heard(house.placed)
            house.exchange.operator.set_link(up=False)
        await sending
        assert len(house.placed()) == (moment == "after")
        house.exchange.operator.set_link(up=True)
        assert await house.heard(lambda: house.bridge.link().up)
        await house.bridge.reconcile("back")
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        assert len(house.placed()) == 1
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_whoever_connects_while_the_broker_is_cut_off_sends_nothing(tmp_path):
    """The Gateway answers, its orders go nowhere: 2110 is its word, and 1102 the end of it."""

    async def scene(house):
        house.exchange.operator.set_link(up=False)
        assert not (await house.start()).complete
        assert not house.bridge.link().up
        await house.decide(("a", 10))
        await house.bridge.carry_out()
        assert (house.placed(), house.state("a")) == ([], "intent")
        house.exchange.operator.set_link(up=True)
        assert await house.heard(lambda: house.bridge.link().up)
        await house.bridge.reconcile("back")
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_a_client_id_in_use_is_said_in_words(tmp_path):
    async def scene(house):
        await house.start()
        second = House(tmp_path / "second", accounts=house.exchange.accounts)
        second.port, second.exchange = house.port, house.exchange
        with pytest.raises(ClientInUse, match=r"client 7 is connected to the broker at .* already"):
            await second.start()
        await second.leave()

    play(tmp_path, scene)


def test_orders_outlive_a_restart_of_the_gateway(tmp_path):
    async def scene(house):
        await house.start()
        task = asyncio.create_task(house.bridge.run(60.0))
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))
        await house.close_doors()
        assert await house.heard(lambda: not house.bridge.link().up)
        house.exchange.operator.fill(key(house, "a"), 4.0, 90.0)
        await house.open_doors(house.port)
        assert await house.heard(lambda: house.bridge.link().ready, 4.0)
        task.cancel()
        assert house.state("a") == "working"
        agrees(house, 4.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_an_ended_order_that_lives_again_halts(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}))
        alive = (await house.bridge.broker.open_orders())[0]
        await house.trade(cancel=["a"])
        assert await house.heard(lambda: house.state("a") == "dead")
        house.bridge._hear(replace(alive, listed=Listed.ALIVE))
        house.bridge.drain()
        assert house.kinds() == [HaltKind.REVIVED]
        assert house.state("a") == "working"

    play(tmp_path, scene)


def test_a_word_of_the_broker_about_nothing_known_changes_nothing(tmp_path):
    async def scene(house):
        await house.start()
        house.exchange.operator.say(Notice(399, "Order message: warning", OrderKey(CLIENT, 4711)))
        await house.trade(("a", 10))
        assert house.state("a") == "working"
        assert house.kinds() == []

    play(tmp_path, scene)


def test_an_order_refused_by_an_error_alone_is_dead_with_the_brokers_words(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 10))
        house.fault(
            "answer", on="placeOrder", nth=2, code=321, text="The API interface is currently in Read-Only mode."
        )
        await house.bridge.carry_out()
        assert house.state("a") == "dead"
        words = "it never reached the broker (321: The API interface is currently in Read-Only mode.)"
        assert house.journal.intent("a").why == words
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_orders_of_others_count_while_they_work(tmp_path):
    async def scene(house):
        await house.start()
        other = IbClient("127.0.0.1", house.port, 8)
        await other.connect()
        theirs = wire_of(
            instruction(
                "theirs",
                50.0,
                "X",
                **LIMIT_FAR,
            ),
            other.next_id(),
            house.bridge.account,
        )
        other.place(theirs)
        assert await house.heard(lambda: house.exchange.open_orders(None))
        await house.bridge.reconcile("test")
        assert house.bridge._gatherer.working()["X"].buys == 50.0
        other.cancel(theirs.order_id)
        assert await house.heard(lambda: not house.exchange.open_orders(None))
        await house.bridge.reconcile("test")
        assert house.bridge._gatherer.working() == {}
        assert house.kinds() == []
        await other.disconnect()

    play(tmp_path, scene)


def test_an_order_of_an_earlier_day_that_nobody_knows_asks_a_person(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 10))
        house.fault("swallow", on="placeOrder", nth=2)
        sending = asyncio.create_task(house.bridge.carry_out())
        assert await house.heard(lambda: house.journal.intent("a").order_id is not None)
        sending.cancel()  # the program ends before anybody looked
        await house.leave()
        house.step()
        await house.start()
        assert house.state("a") == "unknown"
        assert house.kinds() == ["unknown"]
        assert "an earlier day, which the broker no longer tells" in house.journal.intent("a").why
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_an_order_that_is_not_found_while_positions_differ_is_not_called_dead(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 10))
        house.fault("swallow", on="placeOrder", nth=2)
        true = house.bridge.broker.positions

        async def more():
            return (*await true(), PositionSeen(house.bridge.account, "X", 10.0, 100.0))

        house.bridge.broker.positions = more
        await house.bridge.carry_out()
        assert house.state("a") == "unknown"
        assert sorted(house.kinds()) == ["positions", "unknown"]

    play(tmp_path, scene)


def test_a_link_that_changes_while_it_is_compared_concludes_nothing(tmp_path):
    async def scene(house):
        await house.start()
        true = house.bridge.broker.executions

        async def restless():
            house.bridge._link("back")
            return await true()

        house.bridge.broker.executions = restless
        found = await house.bridge.reconcile("test")
        assert not found.complete
        assert not house.bridge.link().ready

    play(tmp_path, scene)
