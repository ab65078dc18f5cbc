# SPDX-License-Identifier: Apache-2.0
"""The bridge as a whole: whose account, what goes out and when, what a person stops, what outlives a restart."""

import asyncio

import pytest

from engine.errors import InputError
from engine.kernel.codes import OrderKind
from engine.paper.comparison.person import halt, resume
from engine.paper.gates.facts import Timing, Working
from engine.paper.log import Log, silence
from engine.paper.views.standing import standing
from engine.paper.views.terminal import others_words
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.tickets import OrderKey, Ticket
from tests.paper.house import WIDE
from tests.paper.test_failure_modes import LIMIT_FAR, agrees, play
from tests.paper.words import CLIENT, instruction


@pytest.mark.parametrize("accounts", [("U1000001",), (PAPER, "U1000001")])
def test_not_one_byte_of_an_order_reaches_a_real_account(tmp_path, accounts):
    async def scene(house):
        with pytest.raises(InputError, match="not a paper account; nothing was sent"):
            await house.start()
        await asyncio.sleep(0.05)
        assert [one.request.name for one in house.server.received] == ["startApi"]
        await house.bridge.carry_out()
        assert [one.request.name for one in house.server.received] == ["startApi"]

    play(tmp_path, scene, accounts=accounts)


def test_a_real_account_is_traded_when_it_is_said_twice(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 1))
        assert [one.request.values["account"] for one in house.placed()] == ["U1000001"]

    play(tmp_path, scene, accounts=("U1000001",), live=True, account="U1000001")


def test_a_journal_belongs_to_one_account(tmp_path):
    async def scene(house):
        await house.start()
        await house.leave()
        with pytest.raises(InputError, match="this journal is another account's"):
            await house.start(account="DU1000002")

    play(tmp_path, scene, accounts=(PAPER, "DU1000002"), account=PAPER)


def test_a_dry_run_sends_nothing_and_says_what_it_would(tmp_path):
    async def scene(house):
        await house.start()
        verdicts = await house.decide(("a", 10))
        assert {v.gate: str(v.outcome) for v in verdicts if v.outcome != "pass"} == {
            "buying power": "wait",
            "dry run": "refuse",
        }
        await house.bridge.carry_out()
        assert [one for one in house.server.received if one.request.name == "placeOrder"] == []
        await house.leave()
        await house.start(send=True)
        await house.bridge.carry_out()
        assert house.placed() == [], "what a dry run showed is not sent later"
        assert house.state("a") == "dead"

    play(tmp_path, scene, send=False)


def test_judging_keeps_nothing(tmp_path):
    async def scene(house):
        await house.start()
        from tests.paper.words import decision

        verdicts = await house.bridge.judge(decision(instruction("a", 1.0, "X")))
        assert {v.gate for v in verdicts if v.outcome == "refuse"} == {
            *("order value", "position value", "gross value", "stale data", "price collar")
        }, "without the bar that decided"
        assert house.journal.last_decision() is None

    play(tmp_path, scene)


def test_nothing_is_sent_before_its_id_is_on_the_disk(tmp_path):
    order = []

    async def scene(house):
        await house.start()
        await house.decide(("a", 10))
        order.clear()
        await house.bridge.carry_out()
        assert order[:6] == [
            *("before commit verdicts", "after commit verdicts", "before commit order ids", "after commit order ids"),
            *("before place", "after place"),
        ]
        assert order[6:8] == ["before commit sent", "after commit sent"]

    play(tmp_path, scene, boundary=order.append)


def test_no_orders_before_a_complete_reconcile(tmp_path):
    async def scene(house):
        await house.start()
        house.bridge._link("anything")
        await house.trade(("a", 10))
        assert house.state("a") == "intent"
        assert house.placed() == []
        await house.bridge.reconcile("now")
        await house.bridge.carry_out()
        assert house.state("a") == "working"

    play(tmp_path, scene)


@pytest.mark.parametrize(("step", "prices"), [
    (0.01, {"limit": (90.12, 0.0), "stop": (0.0, 111.12), "both": (112.35, 111.11), "trail": (2.35, 88.89)}),
    (0.05, {"limit": (90.1, 0.0), "stop": (0.0, 111.1), "both": (112.35, 111.1), "trail": (2.35, 88.9)}),
    (0.0, {"limit": (90.123456, 0.0), "stop": (0.0, 111.1151), "both": (112.345678, 111.1111),
           "trail": (2.3456, 88.88888)}),
])  # fmt: skip
def test_prices_go_out_on_the_steps_that_the_contract_has(tmp_path, step, prices):
    """The real broker refuses any other with error 110."""

    async def scene(house):
        house.exchange.market.least_step = step
        await house.start()
        gtc = {"day": False}
        await house.trade(
            instruction("limit", 10.0, "X", OrderKind.LIMIT, limit=90.123456, **gtc),
            instruction("stop", 10.0, "X", OrderKind.STOP, stop=111.1151, **gtc),
            instruction("both", 10.0, "X", OrderKind.STOP_LIMIT, stop=111.1111, limit=112.345678, **gtc),
            instruction("trail", -10.0, "X", OrderKind.TRAIL, trail=2.3456, stop=88.88888, **gtc),
        )
        assert {house.state(ref) for ref in prices} == {"working"}
        sent = {one.request.values["orderRef"]: one.request.values for one in house.placed()}
        for ref, one in sent.items():
            found = [one[name] or 0.0 for name in ("lmtPrice", "auxPrice", "trailStopPrice")]
            wanted = prices[ref]
            assert found == ([0.0, *wanted] if ref == "trail" else [*wanted, 0.0])
        assert set(sent) == set(prices)

    play(tmp_path, scene)


def test_a_bracket_goes_out_whole_and_its_guards_follow_the_parent(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(
            instruction("p", 10.0, "X"),
            instruction("stop", -10.0, "X", OrderKind.STOP, stop=90.0, parent="p", group="g", day=False),
            instruction("goal", -10.0, "X", OrderKind.LIMIT, limit=120.0, parent="p", group="g", day=False),
        )
        sent = [one.request.values for one in house.placed()]
        assert [(one["orderRef"], one["transmit"], one["ocaGroup"]) for one in sent] == [
            ("p", False, ""),
            ("stop", False, "g"),
            ("goal", True, "g"),
        ]
        assert {one["parentId"] for one in sent[1:]} == {sent[0]["orderId"]}
        house.step()
        assert await house.heard(lambda: house.state("p") == "filled")
        house.exchange.tick({"X": 121.0})
        assert await house.heard(lambda: house.state("goal") == "filled" and house.state("stop") == "dead")
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_a_bracket_with_one_closed_gate_stays_at_home(tmp_path):
    async def scene(house):
        await house.start()
        verdicts = await house.decide(
            instruction("p", 10.0, "X"),
            instruction("stop", -11.0, "X", OrderKind.STOP, stop=90.0, parent="p", day=False),
        )
        assert [(v.ref, v.gate) for v in verdicts if v.outcome == "refuse"] == [
            ("stop", "protection"),
            ("p", "family"),
        ]
        await house.bridge.carry_out()
        assert house.placed() == []
        assert (house.state("p"), house.state("stop")) == ("dead", "dead")

    play(tmp_path, scene)


def guarded():
    return (
        instruction("p", 10.0, "X"),
        instruction("stop", -10.0, "X", OrderKind.STOP, stop=90.0, parent="p", group="g", day=False),
    )


def test_a_bracket_whose_last_order_never_arrived_is_taken_back(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("swallow", on="placeOrder", nth=3)  # margin, parent, guard
        await house.trade(*guarded())
        assert house.state("stop") == "dead"
        assert house.journal.intent("p").cancel_wanted
        await house.bridge.carry_out()
        assert await house.heard(lambda: house.state("p") == "dead")
        house.step()
        agrees(house, 0.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_a_position_whose_guard_never_arrived_halts(tmp_path):
    async def scene(house):
        await house.start()
        house.fault("swallow", on="placeOrder", nth=3)
        goal = instruction("goal", -10.0, "X", OrderKind.LIMIT, limit=120.0, parent="p", group="g", day=False)
        sending = asyncio.create_task(house.trade(*guarded(), goal))
        assert await house.heard(lambda: len(house.exchange.open_orders(None)) == 2)
        house.exchange.operator.fill(house.exchange.open_orders(None)[0].key, 10.0, 100.0)
        await sending
        assert (house.state("p"), house.state("stop"), house.state("goal")) == ("filled", "dead", "working")
        assert house.kinds() == ["unguarded"]
        assert "the position lacks a guard" in house.alarms[0][2]
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_limits_hold_over_a_batch(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 10), ("b", 10), ("c", 1))
        await house.bridge.carry_out()
        assert [house.state(ref) for ref in "abc"] == ["working", "working", "dead"]

    play(tmp_path, scene, limits=WIDE.model_copy(update={"position_value": 2_000.0}))


def test_a_minute_is_waited_for(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 1), ("b", 1))
        await house.bridge.carry_out()
        assert (house.state("a"), house.state("b")) == ("working", "intent")
        house.exchange.market.clock.now += 60 * 10**9
        await house.bridge.carry_out()
        assert house.state("b") == "working"

    play(tmp_path, scene, limits=WIDE.model_copy(update={"orders_per_minute": 1}))


def test_the_broker_is_asked_about_margin(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 100_000))
        await house.bridge.carry_out()
        assert house.placed() == []
        assert house.journal.intent("a").why.startswith("gate buying power: ")

    play(tmp_path, scene)


def test_the_loss_of_a_day_latches_and_outlives_a_restart(tmp_path):
    bars = {"X": [(100.0, 100.0, 100.0, 100.0)] * 3 + [(80.0, 80.0, 80.0, 80.0)] * 5, "Y": [(1.0, 1.0, 1.0, 1.0)] * 8}

    async def scene(house):
        await house.start()
        await house.trade(("a", 500))
        house.step()
        await house.bridge.reconcile("first look of the day")
        house.exchange.tick({"X": 79.0})
        await house.bridge.reconcile("later")
        assert house.kinds() == ["loss"]
        assert "lost 10.50% today" in house.alarms[0][2]
        house.exchange.tick({"X": 100.0})
        await house.leave()
        await house.start()
        assert house.kinds() == ["loss"], "it stands, though the money is back"
        await house.decide(("b", 1))
        await house.bridge.carry_out()
        assert house.state("b") == "dead"
        assert resume(house.journal, "", "seen") == ("loss",)
        await house.bridge.reconcile("again")
        await house.trade(("c", 1))
        assert house.state("c") == "working"

    play(tmp_path, scene, bars=bars, limits=WIDE.model_copy(update={"daily_loss": 0.1}))


def test_the_kill_file_stops_what_was_permitted_a_moment_ago(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 1))
        (tmp_path / "KILL").touch()
        await house.bridge.carry_out()
        assert house.placed() == []
        assert "KILL exists; remove it to trade" in house.journal.intent("a").why

    play(tmp_path, scene)


def test_a_halt_by_another_process_counts_at_once(tmp_path):
    async def scene(house):
        await house.start()
        await house.decide(("a", 1))
        other = type(house.journal)(house.journal.store.path, house.journal.clock)
        halt(other, "X", "lunch")
        await house.bridge.carry_out()
        await house.trade(instruction("b", 1.0, "Y"))
        assert (house.state("a"), house.state("b")) == ("dead", "working")
        assert house.alarms == [("person", "X", "lunch")]
        assert resume(other, "X", "back") == ("person",)
        other.close()
        await house.trade(("c", 1))
        assert house.state("c") == "working"

    play(tmp_path, scene)


def test_what_resume_cannot_end(tmp_path):
    async def scene(house):
        await house.start()
        house.exchange.operator.manual(house.bridge.account, "X", 7.0, 100.0)
        await house.bridge.reconcile("test")
        assert resume(house.journal, "X", "please") == ()
        assert house.kinds() == ["external"]

    play(tmp_path, scene)


def test_positions_of_others_are_counted_and_never_touched(tmp_path):
    async def scene(house):
        house.exchange.operator.manual(house.exchange.accounts[0], "Y", 50.0, 100.0)
        await house.start()
        house.exchange.operator.manual(house.bridge.account, "Y", 5.0, 100.0)
        await house.bridge.reconcile("test")
        assert house.kinds() == []
        verdicts = await house.decide(("a", 1))
        (gross,) = [v for v in verdicts if v.gate == "gross value"]
        assert gross.numbers["value"] == pytest.approx(5_600.0)
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        assert house.books("Y") == 55.0

    play(tmp_path, scene, symbols=("X",))


@pytest.mark.parametrize("days", [0, 1])
def test_a_new_journal_takes_over_what_the_account_holds_by_a_persons_word(tmp_path, days):
    """Whoever bought it, and whether the broker still tells of it: another journal may have, in another folder."""

    async def scene(house):
        house.exchange.operator.manual(house.exchange.accounts[0], "X", 40.0, 100.0)
        house.exchange.operator.manual(house.exchange.accounts[0], "Y", 5.0, 100.0)
        for _ in range(days):
            house.step()
        await house.start()
        assert house.kinds() == ["positions"]
        (text,) = [one[2] for one in house.alarms]
        assert text.startswith(f"the account holds 40 X, and this journal is new: {tmp_path / 'journal.db'}.")
        assert "`paper.folder` as an absolute path" in text
        await house.decide(("a", 1))
        await house.bridge.carry_out()
        assert (house.state("a"), house.placed()) == ("dead", [])
        await house.accept()
        agrees(house, 40.0)
        assert house.kinds() == []
        await house.leave()
        await house.start()
        agrees(house, 40.0)
        await house.trade(("b", 1))
        assert house.state("b") == "working"

    play(tmp_path, scene, symbols=("X",))


def test_a_copy_to_try_things_on_takes_over_what_the_account_holds(tmp_path):
    async def scene(house):
        house.exchange.operator.manual(house.exchange.accounts[0], "X", 40.0, 100.0)
        await house.start(adopts=True)
        agrees(house, 40.0)
        assert house.kinds() == []
        await house.leave()
        await house.start()
        agrees(house, 40.0)

    play(tmp_path, scene)


@pytest.mark.parametrize(("named", "client", "symbol", "halts"), [
    ("old-202406042000-2.a0", 99, "X", True),
    ("", CLIENT, "X", True),
    ("", 99, "X", False),
    ("mine", 99, "X", False),
    ("old-202406042000-2.a0", 99, "Y", False),
])  # fmt: skip
def test_a_new_journal_halts_on_orders_of_another_run(tmp_path, named, client, symbol, halts):
    async def scene(house):
        contract = house.stage.contract(symbol)
        ticket = Ticket(PAPER, contract, "SELL", 7, "LMT", limit=200.0, ref=named)
        house.exchange.place(OrderKey(client, 5), ticket)
        await house.start()
        assert house.kinds() == (["contradiction"] if halts else [])
        if halts:
            name = named or f"client {CLIENT}"
            assert f"did not send what works at the broker: sell 7 X ({name}). Cancel that" in house.alarms[0][2]
            verdicts = await house.decide(("a", 1))
            assert [one.gate for one in verdicts if one.outcome == "refuse"] == ["halt"]
            assert resume(house.journal, "", "cancelled") == ("contradiction",)
            await house.bridge.reconcile("again")
            assert house.kinds() == [], "what a person has seen is not said again"

    play(tmp_path, scene, symbols=("X",))


def test_orders_of_others_are_shown_where_a_person_looks(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        for many, key in ((7, 1), (30, 2)):
            ticket = Ticket(PAPER, house.stage.contract("X"), "SELL", many, "LMT", limit=200.0)
            house.exchange.place(OrderKey(99, key), ticket)
        await house.bridge.reconcile("test")
        shown = standing(house.journal, house.bridge.terms.kill_file)
        theirs = [(one["symbol"], one["quantity"], one["state"]) for one in shown["orders"] if not one["ours"]]
        assert theirs == [("X", -7.0, "working"), ("X", -30.0, "working")]
        assert others_words(shown) == [
            "an order of somebody else works, sell 7 X",
            "an order of somebody else works, sell 30 X: it can open a position or turn one",
        ]

    play(tmp_path, scene)


def test_the_same_decision_again_is_carried_out_once(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        last = house.journal.last_decision()
        before = house.journal.verdicts("a")
        assert await house.bridge.record(last) == before
        await house.bridge.carry_out()
        assert len(house.placed()) == 1

    play(tmp_path, scene)


def test_what_is_taken_back_before_it_left_is_never_sent(tmp_path):
    async def scene(house):
        await house.start()
        house.bridge._link("down for a moment")
        await house.trade(("a", 10))
        await house.bridge.reconcile("up")
        await house.trade(cancel=["a"])
        assert house.state("a") == "dead"
        assert house.placed() == []

    play(tmp_path, scene)


def test_orders_meant_for_an_open_market_wait_for_it(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 1))
        assert house.state("a") == "intent"
        house.exchange.tick({"X": 100.0}, seconds=17.5 * 3600.0)  # 16:00 to 09:30
        await house.bridge.carry_out()
        assert house.state("a") == "working"

    play(tmp_path, scene, timing=Timing.NOW)


def test_orders_of_two_sides_of_a_position_count_apart(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {**LIMIT_FAR, "day": False}), ("b", -5))
        working = house.bridge._gatherer.working()["X"]
        assert (working.buys, working.sells) == (10.0, 5.0)

    play(tmp_path, scene)


def test_every_question_after_the_end_is_refused_at_once(tmp_path):
    async def scene(house):
        await house.start()
        await house.bridge.stop()
        assert not (await house.bridge.reconcile("late")).complete
        assert not house.bridge.link().ready

    play(tmp_path, scene)


def test_what_goes_wrong_in_between_is_an_alarm_and_the_link_is_kept(tmp_path):
    async def scene(house):
        await house.start()
        true, calls = house.bridge.journal.ledger.positions, []

        def broken():
            calls.append(1)
            raise OSError("disk full")

        house.journal.ledger.positions = broken
        task = asyncio.create_task(house.bridge.run(0.3))
        assert await house.heard(lambda: len(calls) > 1)
        assert not house.bridge.link().ready
        assert house.alarms == [("bridge", "", "nothing is sent: disk full")]
        house.journal.ledger.positions = true
        assert await house.heard(lambda: house.bridge.link().ready)
        house.server.drop()
        assert await house.heard(lambda: ("link", {"now": "lost"}) in house.log)
        assert await house.heard(lambda: house.bridge.link().ready, 4.0)
        task.cancel()

    play(tmp_path, scene)


def test_what_the_journal_refuses_and_halts_is_an_alarm(tmp_path):
    """The journal of yesterday is gone, the broker still has its order."""

    async def scene(house):
        await house.start()
        await house.trade(("r-5.a0", 1, {"kind": OrderKind.LIMIT, "limit": 90.0, "day": False}))
        await house.leave()
        (tmp_path / "journal.db").unlink()
        await house.start()
        with pytest.raises(InputError):
            await house.decide(("r-5.a0", 1))
        assert await house.heard(lambda: [kind for kind, _, _ in house.alarms] == ["contradiction"])
        assert len(house.exchange.open_orders()) == 1

    play(tmp_path, scene)


def test_the_log_masks_the_account_that_the_broker_names(tmp_path):
    async def scene(house):
        bridge = house.enter()
        bridge.say = Log(tmp_path / "log.jsonl")
        await bridge.start()
        bridge.say("seen", account=PAPER)
        bridge.say.close()
        bridge.say = silence

    play(tmp_path, scene)
    assert PAPER not in (tmp_path / "log.jsonl").read_text(encoding="utf-8")


def test_orders_of_others_leave_what_is_taken_back(tmp_path):
    async def scene(house):
        await house.start()
        house.exchange.place(OrderKey(99, 1), Ticket(PAPER, house.stage.contract("X"), "SELL", 7, "LMT", limit=200.0))
        await house.bridge.reconcile("test")
        found = house.bridge._gatherer._with_external({"X": Working(leaving={"g": 5.0})})
        assert found["X"] == Working(sells=7.0, leaving={"g": 5.0}, others_sell=7.0)

    play(tmp_path, scene)


def test_nobody_waits_for_an_alarm_but_the_end(tmp_path):
    async def scene(house):
        await house.start()
        sent, gate = [], asyncio.Event()

        async def slow(kind, *_):
            await gate.wait()
            sent.append(kind)
            return True

        house.bridge.alerts.send = slow
        halt(house.journal, "Y", "lunch")
        await house.trade(("a", 1))
        assert house.state("a") == "working"
        assert sent == []
        gate.set()
        await house.bridge.stop()
        assert sent == ["person"]
        assert house.journal.halts.untold() == ()

    play(tmp_path, scene)


def differ(house, *more):
    """The broker holds 7 X of a night that nobody saw; `more` trades are of the day."""
    with house.journal.store.write("test") as db:
        db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', -7.0, 'lost', 0)")
    for quantity in more:
        house.exchange.operator.manual(house.bridge.account, "X", quantity, 100.0)


def test_what_moves_while_a_person_looks_is_not_accepted(tmp_path):
    async def scene(house):
        await house.start()
        differ(house)
        seen = await house.look()
        assert seen.differences == {"X": 7.0}
        with house.journal.store.write("test") as db:  # another one, which was not shown
            db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', -1.0, 'lost', 0)")
            db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('Y', -2.0, 'lost', 0)")
        found, moved = await house.bridge.accept_positions(seen, "looked at")
        assert moved == ("X", "Y")
        assert found.differences == {"X": (-8.0, 0.0), "Y": (-2.0, 0.0)}
        assert sorted(house.kinds()) == ["positions", "positions"]
        found, moved = await house.accept()
        assert (found.differences, moved, house.kinds()) == ({}, (), [])

    play(tmp_path, scene)


def test_a_trade_between_showing_and_accepting_halts_anew(tmp_path):
    async def scene(house):
        await house.start()
        differ(house)
        seen = await house.look()
        house.exchange.operator.manual(house.bridge.account, "X", 5.0, 100.0)
        found, moved = await house.bridge.accept_positions(seen, "looked at")
        assert (found.differences, moved) == ({}, ()), "the seven were shown; the five are in both books"
        assert house.kinds() == ["external"], "and somebody must see them"
        await house.accept()
        assert house.kinds() == []

    play(tmp_path, scene)


def test_an_own_fill_between_showing_and_accepting_is_neither_lost_nor_counted_twice(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {"day": False}))
        differ(house)
        seen = await house.look()
        house.step()
        _, moved = await house.bridge.accept_positions(seen, "looked at")
        assert (moved, house.kinds(), house.state("a")) == ((), [], "filled")
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_an_order_that_became_unknown_after_the_look_stays_unknown(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(("a", 10, {"day": False, "kind": 2, "limit": 100.0}))
        seen = await house.look()
        assert seen.unknown == frozenset()
        await house.leave()
        house.step()
        house.step()
        await house.start()
        assert house.state("a") == "unknown"
        _, moved = await house.bridge.accept_positions(seen, "looked at")
        assert (moved, house.state("a"), sorted(house.kinds())) == (("X",), "unknown", ["positions", "unknown"])

    play(tmp_path, scene)


def entry(ref, limit, **fields):
    return instruction(ref, 10.0, "X", OrderKind.LIMIT, limit=limit, day=False, **fields)


def living(house):
    return sorted(one.ticket.ref for one in house.exchange.open_orders(None))


def test_an_entry_that_is_moved_waits_until_the_old_one_has_ended(tmp_path):
    """The cancellation is lost on its way: the new order does not leave beside the old one."""

    async def scene(house):
        await house.start()
        await house.trade(entry("old", 50.0))
        house.fault("swallow", on="cancelOrder")
        await house.trade(entry("new", 51.0, after=("old",)), cancel=["old"])
        assert living(house) == ["old"]
        assert house.state("new") == "intent"
        waits = [one.text for one in house.journal.verdicts("new") if (one.gate, one.outcome) == ("replaced", "wait")]
        assert waits == ["old, which it is to replace, still works"]
        await house.bridge.carry_out()
        assert living(house) == ["new"], "the cancellation goes out again, then the new order"
        assert (house.state("old"), house.state("new"), house.kinds()) == ("dead", "working", [])

    play(tmp_path, scene)


def test_an_entry_that_filled_while_it_was_moved_is_not_sent_again(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(entry("old", 50.0))
        house.fault("swallow", on="cancelOrder")
        await house.trade(entry("new", 51.0, after=("old",)), cancel=["old"])
        house.exchange.operator.fill(house.exchange.open_orders(None)[0].key, 10.0, 50.0)
        assert await house.heard(lambda: house.state("old") == "filled")
        await house.bridge.carry_out()
        assert house.state("new") == "dead"
        assert "gate replaced: old, which it was to replace, has filled" in house.journal.intent("new").why
        agrees(house, 10.0)

    play(tmp_path, scene)


def test_a_moved_entry_that_a_gate_refuses_is_taken_back_all_the_same(tmp_path):
    """It guards nothing: nothing is lost by its end, and the strategy does not want it where it is."""

    async def scene(house):
        await house.start()
        await house.trade(entry("old", 50.0))
        await house.decide(entry("new", 200.0, after=("old",)), cancel=["old"])
        await house.bridge.carry_out()
        assert (living(house), house.state("new"), house.kinds()) == ([], "dead", [])

    play(tmp_path, scene)


def test_an_entry_whose_end_the_broker_does_not_explain_halts_and_its_successor_stays(tmp_path):
    async def scene(house):
        await house.start()
        await house.trade(entry("old", 50.0))
        await house.decide(entry("new", 51.0, after=("old",)), cancel=["old"])
        gone = house.exchange.reception.orders.pop(house.exchange.open_orders(None)[0].key)
        house.exchange.blotters[house.bridge.account].outcomes.living.pop(gone.perm_id)
        await house.bridge.carry_out()
        assert (house.state("old"), house.kinds()) == ("unknown", ["unknown"])
        await house.bridge.carry_out()
        assert len(house.placed()) == 1
        assert house.state("new") == "dead"

    play(tmp_path, scene)


def test_a_fill_since_the_last_comparison_is_no_difference(tmp_path):
    """The broker has told it: that it was not asked for its positions since is nothing that a person must see to."""

    async def scene(house):
        await house.start()
        await house.trade(("a", 10))
        moment = house.exchange.now
        house.journal.clock = lambda: moment  # the order of things is not told by a clock
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        (shown,) = standing(house.journal, house.bridge.terms.kill_file)["positions"]
        assert shown == {"symbol": "X", "journal": 10.0, "broker": 10.0, "difference": 0.0, "agree": True}
        await house.bridge.reconcile("time")
        (shown,) = standing(house.journal, house.bridge.terms.kill_file)["positions"]
        assert (shown["broker"], shown["agree"]) == (10.0, True)

    play(tmp_path, scene)


def test_what_was_wrong_on_this_side_is_not_said_of_the_link_once_it_is_over(tmp_path):
    async def scene(house):
        await house.start()
        house.bridge._link("the journal cannot be written")
        assert house.bridge.link().last == "the journal cannot be written"
        await house.bridge.reconcile("room")
        assert (house.bridge.link().ready, house.bridge.link().last) == (True, "connected")

    play(tmp_path, scene)
