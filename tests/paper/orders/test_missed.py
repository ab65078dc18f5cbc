# SPDX-License-Identifier: Apache-2.0
"""An order that was to reduce a position and did not trade is said, and its symbol halts; judged over a real socket."""

from dataclasses import replace

import pytest

from engine.errors import InputError
from engine.kernel.codes import OrderKind
from engine.paper.comparison.person import halt, resume
from engine.paper.orders.again import send_again
from engine.paper.orders.missed import told_as_missed
from tests.paper.house import WIDE
from tests.paper.test_failure_modes import agrees, play
from tests.paper.words import instruction

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

OUT = instruction("out", -10.0, "X", day=False)


async def holding(house, shares=10.0):
    """A house that holds shares of X."""
    await house.start()
    await house.trade(("in", shares))
    house.step()
    assert await house.heard(lambda: house.state("in") == "filled")
    agrees(house, shares)


def refused(house):
    halt(house.journal, "", "a person")


def without_data(house):
    house.fault("answer", on="reqMktData", code=10197)


def swallowed(house):
    house.fault("swallow", on="placeOrder")


def rejected(house):
    house.fault("reject")


@pytest.mark.parametrize(
    ("closing", "why"),
    [
        (refused, "gate halt: person"),
        (without_data, "gate delayed data"),
        (swallowed, "it never reached the broker"),
        (rejected, "201"),
    ],
)
def test_an_exit_that_does_not_trade_halts_its_symbol_until_a_person_has_seen_it(tmp_path, closing, why):
    async def scene(house):
        await holding(house)
        closing(house)
        if closing is without_data:
            await house.leave()  # prices that are known already stay known
            await house.start()
        await house.decide(OUT)
        await house.bridge.carry_out()
        assert house.state("out") == "dead"
        resume(house.journal, "", "go on")
        (stands,) = house.journal.halts.standing()
        assert (stands.kind, stands.symbol) == ("missed", "X")
        for words in ("the order to sell 10 (out) did not trade", why, "10 X are still held", "accept-positions"):
            assert words in stands.text
        assert await house.heard(lambda: house.alarms[-1:] == [("missed", "X", stands.text)])
        assert resume(house.journal, "X", "go on") == ()
        with house.journal.store.write("other words") as db:
            db.execute("UPDATE halts SET text = 'said otherwise'")
        assert [one.ref for one in told_as_missed(house.journal)] == ["out"]
        told = len(house.alarms)
        await house.bridge.reconcile("again")
        assert len(house.alarms) == told
        await house.accept()
        await house.bridge.reconcile("again")
        assert house.kinds() == [], "what a person has seen is not said again"
        verdicts = await house.decide(instruction("out2", -10.0, "X"))
        assert "halt" not in {one.gate for one in verdicts if one.outcome == "refuse"}

    play(tmp_path, scene)


def test_further_orders_that_are_missed_are_said_in_the_halt_that_stands(tmp_path):
    async def scene(house):
        await holding(house)
        rejected(house)
        await house.decide(OUT)
        await house.bridge.carry_out()
        lengths = []
        for number in range(4):
            await house.decide(replace(OUT, ref=f"more{number}", quantity=-4.0, decided=OUT.decided + number))
            await house.bridge.carry_out()
            (stands,) = house.journal.halts.standing()
            assert f"to sell 4 (more{number}) did not trade (gate halt: missed) and " in stands.text
            assert "First: the order to sell 10 (out) did not trade (" in stands.text
            assert "201" in stands.text, "why it began"
            lengths.append(len(stands.text))
        assert len(set(lengths)) == 1, "a halt that has its own words in it grows at each close"
        assert await house.heard(lambda: [kind for kind, *_ in house.alarms] == ["missed"] * 5)

    play(tmp_path, scene)


def test_an_exit_of_an_earlier_close_that_the_broker_ends_later_is_missed(tmp_path):
    """The strategy's memory still believes in it."""

    async def scene(house):
        await holding(house)
        await house.trade(replace(OUT, kind=OrderKind.LIMIT, limit=500.0))
        memory = '{"sent": {"1": ["out", 0, 0.0, 0.0]}}'
        with house.journal.store.write("test") as db:
            db.execute(
                "INSERT INTO decisions (decided, session, body, memory, at) VALUES (?, 's', ?, ?, 0)",
                (house.exchange.now + 10**9, '{"send": [], "cancel": [], "marks": [], "seen": 0}', memory),
            )
        house.exchange.cancel(house.exchange.open_orders(None)[0].key)
        assert await house.heard(lambda: house.state("out") == "dead")
        await house.bridge.reconcile("look")
        assert house.kinds() == ["missed"]

    play(tmp_path, scene)


def test_one_leg_that_did_not_leave_beside_one_that_did_halts(tmp_path):
    async def scene(house):
        await house.start()
        verdicts = await house.decide(instruction("a", 10.0, "X"), instruction("b", -10.0, "Y"))
        assert {one.ref for one in verdicts if one.outcome == "refuse"} == {"b"}
        await house.bridge.carry_out()
        (stands,) = house.journal.halts.standing()
        assert (stands.kind, stands.symbol) == ("missed", "Y")
        assert "gate shortable" in stands.text
        assert "a, which was decided with it, was sent" in stands.text

    play(tmp_path, scene, limits=WIDE.model_copy(update={"short": False}))


async def missed_exit(house, **fields):
    await holding(house)
    rejected(house)
    await house.decide(replace(OUT, ref="out.a0", **fields))
    await house.bridge.carry_out()
    assert house.kinds() == ["missed"]


def test_a_missed_exit_is_sent_again_once_and_its_halt_ends_with_the_fill(tmp_path):
    async def scene(house):
        await missed_exit(house)
        assert "`tandem paper retry CONFIG X` sends it again" in house.journal.halts.standing()[0].text
        assert send_again(house.journal, "X") == ["out.a1"]
        with pytest.raises(InputError, match="sent again already"):
            send_again(house.journal, "X")
        before = len(house.placed())
        await house.leave()  # the word is on the disk before anything has left
        await house.start()
        await house.bridge.carry_out()
        assert len(house.placed()) == before + 1
        assert (house.state("out.a1"), house.kinds()) == ("working", ["missed"])
        with pytest.raises(InputError, match="sent again already"):
            send_again(house.journal, "X")
        refs = {one.gate for one in await house.decide(instruction("more", -10.0, "X")) if one.outcome == "refuse"}
        assert "halt" in refs, "nothing doubles it"
        house.step()
        assert await house.heard(lambda: house.state("out.a1") == "filled")
        agrees(house, 0.0)
        await house.bridge.reconcile("look")
        assert house.kinds() == []
        with pytest.raises(InputError, match="no order of it was missed"):
            send_again(house.journal, "X")

    play(tmp_path, scene)


def test_what_is_refused_again_is_missed_again_and_may_be_sent_again(tmp_path):
    async def scene(house):
        await missed_exit(house)
        house.bridge.terms.kill_file.touch()
        assert send_again(house.journal, "X") == ["out.a1"]
        await house.bridge.carry_out()
        house.bridge.terms.kill_file.unlink()
        (stands,) = house.journal.halts.standing()
        assert "(out.a1) did not trade (gate kill file: " in stands.text
        assert "out.a0" not in stands.text, "it was sent again"
        assert send_again(house.journal, "X") == ["out.a2"]
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("out.a2") == "filled")
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_no_more_is_sent_again_than_is_held(tmp_path):
    async def scene(house):
        await missed_exit(house, quantity=-25.0)  # it was to turn the position
        assert send_again(house.journal, "X") == ["out.a1"]
        assert house.journal.intent("out.a1").instruction.quantity == -10.0

    play(tmp_path, scene)


def test_an_exit_of_which_nothing_is_held_any_more_is_not_sent_again(tmp_path):
    async def scene(house):
        await missed_exit(house)
        house.exchange.operator.manual(house.bridge.account, "X", -10.0, 100.0)
        await house.bridge.reconcile("look")
        with pytest.raises(InputError, match="nothing is held any more"):
            send_again(house.journal, "X")
        await house.accept()
        assert house.kinds() == []

    play(tmp_path, scene)


def test_what_is_as_decided_is_not_missed(tmp_path):
    """An entry that nobody took, an exit that the strategy takes back, one that its day ended, a whole fill."""

    async def scene(house):
        await holding(house)
        rejected(house)
        await house.trade(instruction("more", 1.0, "X"))
        assert house.state("more") == "dead"
        limit = {"kind": OrderKind.LIMIT, "limit": 500.0}
        await house.trade(replace(OUT, ref="back", **limit), replace(OUT, ref="day", quantity=-5.0, tif="DAY", **limit))
        house.step()
        house.step()
        await house.trade(cancel=("back",))
        await house.trade(OUT)
        house.step()
        assert await house.heard(lambda: house.state("out") == "filled")
        await house.bridge.reconcile("look")
        assert [house.state(ref) for ref in ("back", "day")] == ["dead", "dead"]
        assert house.kinds() == []

    play(tmp_path, scene)


def test_an_exit_that_was_to_replace_the_guard_can_be_sent_again_and_ends_both_halts(tmp_path):
    """The guard was taken back for it: the position has neither, and the way out must be open."""

    async def scene(house):
        await holding(house)
        stop = instruction("stop", -10.0, "X", OrderKind.STOP, stop=90.0, day=False, reduce_only=True, group="g")
        await house.trade(stop)
        house.fault("reject", nth=1)
        await house.decide(replace(OUT, replaces=("stop",)), cancel=("stop",))
        await house.bridge.carry_out()
        assert sorted(house.kinds()) == ["missed", "unguarded"]
        (ref,) = send_again(house.journal, "X")
        await house.bridge.carry_out()
        assert house.state(ref) == "working", house.journal.intent(ref).why
        house.step()
        await house.bridge.reconcile("fills")
        agrees(house, 0.0)
        assert house.kinds() == []

    play(tmp_path, scene)


def test_beside_a_halt_that_holds_it_nothing_is_sent_again(tmp_path):
    async def scene(house):
        await holding(house)
        rejected(house)
        await house.decide(OUT)
        await house.bridge.carry_out()
        halt(house.journal, "", "on holiday")
        with pytest.raises(InputError, match=r"everything is halted \(person\): on holiday; nothing was sent"):
            send_again(house.journal, "X")
        assert [one.ref for one in house.journal.open_intents()] == []
        resume(house.journal, "", "back")
        assert len(send_again(house.journal, "X")) == 1

    play(tmp_path, scene)
