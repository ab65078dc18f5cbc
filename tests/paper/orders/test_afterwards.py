# SPDX-License-Identifier: Apache-2.0
"""What one look leaves undone: it waits a minute out, sends exits first, and says what is not as it was decided."""

import asyncio

import pytest

from engine.paper.memory import read_memory
from engine.paper.orders.afterwards import became, begun, held_back, not_as_decided
from engine.paper.orders.again import send_again
from engine.paper.running import rest
from engine.sandbox.faults import Fault
from tests.paper.sandboxed import LIMITS, desk, written
from tests.paper.test_failure_modes import play
from tests.paper.words import instruction

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

MANY = """
from engine import Strategy

class Many(Strategy):
    roles = ("x",)

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n == 1:
            orders.market(0, 100)
        if s.n == 2:
            for k in range(4):
                orders.limit(0, 1, bar.x.close * (0.9 - 0.01 * k))
            orders.market(0, -100)
"""


def scene(tmp_path, acts, per_minute):
    """The first bar is decided and the next one there; waits move the clock."""

    async def played(house, session, server):
        waits = []
        session.bridge.journal.clock = lambda: house.exchange.now + sum(int(one * 1e9) for one in waits)

        async def wait(seconds):
            waits.append(seconds)

        await session.once()
        house.exchange.step_bar()
        await acts(house, session, wait, waits, server)

    limits = LIMITS.model_copy(update={"orders_per_minute": per_minute})
    desk(tmp_path, written(tmp_path, MANY), played, limits=limits)


def quantities(house):
    return sorted(one.ticket.quantity for one in house.exchange.open_orders(None))


def test_the_exit_leaves_first_and_the_minutes_are_waited_out(tmp_path):
    async def acts(house, session, wait, waits, server):  # noqa: ARG001
        journal, told = session.bridge.journal, []
        start = begun(journal)
        await session.once()
        assert [one.instruction.quantity for one in became(journal, start) if one.order_id] == [100.0, 1.0, -100.0]
        assert len(held_back(journal)) == 3
        assert not_as_decided(journal, (), session.bridge.terms.kill_file) == [
            "3 orders not sent yet: the same command sends the rest"
        ]
        await rest(session, wait, told.append)
        assert waits == [61.0, 61.0]
        assert "3 orders not sent yet: waiting 61 seconds" in told[0]
        assert quantities(house) == [1.0, 1.0, 1.0, 1.0, 100.0]
        assert not_as_decided(journal, became(journal, start), session.bridge.terms.kill_file) == []

    scene(tmp_path, acts, 2)


@pytest.mark.parametrize("seconds", [61.0, 15 * 3600.0], ids=["that evening", "the next morning"])
def test_what_waits_beyond_the_bound_is_sent_by_the_same_command(tmp_path, monkeypatch, seconds):
    monkeypatch.setattr("engine.paper.running.MOST_WAITS", 1)

    async def acts(house, session, wait, waits, server):  # noqa: ARG001
        await session.once()
        await rest(session, wait)
        assert len(held_back(session.bridge.journal)) == 1
        waits.append(seconds)
        report = await session.once()
        assert (report.step, len(report.sent)) == ("nothing new", 1)
        assert quantities(house) == [1.0, 1.0, 1.0, 1.0, 100.0]

    scene(tmp_path, acts, 2)


def test_what_has_waited_for_too_long_halts(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.paper.running.MOST_WAITS", 0)

    async def acts(house, session, wait, waits, server):  # noqa: ARG001
        journal = session.bridge.journal
        limits = session.bridge.terms.limits.__dict__
        limits["orders_per_minute"] = 0
        await session.once()
        await rest(session, wait)
        assert len(held_back(journal)) == 5
        limits["orders_per_minute"] = 9
        house.exchange.step_bar()
        await session.once()
        (stands,) = journal.halts.standing()
        assert stands.kind == "missed"
        assert "gate stale data" in stands.text
        assert "100 SPY are still held" in stands.text
        house.exchange.step_bar()
        (ref,) = send_again(journal, "SPY")  # the word of now decided it, not the bar of days ago
        await session.bridge.carry_out()
        assert journal.intent(ref).state == "working", journal.intent(ref).why
        house.exchange.step_bar()
        await session.once()
        assert journal.halts.standing() == ()
        assert journal.ledger.positions() == {}

    scene(tmp_path, acts, 9)


def test_the_strategy_takes_the_fills_of_what_was_sent_again_for_its_orders(tmp_path):
    async def acts(house, session, wait, waits, server):  # noqa: ARG001
        journal = session.bridge.journal
        waits.append(61.0)
        assert house.exchange.faults.add(Fault("reject", on="placeOrder", nth=1))
        await session.once()
        lost = [one for one in journal.intents_of(journal.last_decision().decided) if one.state == "dead"]
        assert [one.instruction.quantity for one in lost] == [-100.0]
        number = lost[0].instruction.order
        assert read_memory(journal.last_decision().memory).sent[number].ref == lost[0].ref
        waits.append(61.0)
        (ref,) = send_again(journal, "SPY")
        await session.bridge.carry_out()
        house.exchange.step_bar()
        await session.bridge.reconcile("look")
        (fill,) = [one for _, one in journal.ledger.fills_since(0) if one.ref == ref]
        await session.once()
        kept = read_memory(journal.last_decision().memory)
        assert kept.fills[fill.base] == (number, -100.0)
        assert number not in kept.sent
        assert kept.book["asset"][0]["qty"] == 0.0
        assert journal.halts.standing() == ()

    scene(tmp_path, acts, 2)


def test_a_link_that_breaks_is_made_anew(tmp_path):
    async def acts(house, session, wait, waits, server):  # noqa: ARG001
        server.drop()
        await asyncio.sleep(0.05)
        await rest(session, wait)
        assert waits == []  # nothing of it is anywhere
        assert (await session.once()).step == "not compared"
        await session.bridge.rejoin("test")
        report = await session.once()
        assert len(report.sent) == 5

    scene(tmp_path, acts, 9)


def test_an_order_of_which_nobody_knows_is_asked_for_when_the_link_is_back(tmp_path):
    async def act(house):
        await house.start()
        start = begun(house.journal)
        house.fault("disconnect", on="placeOrder", moment="handle", nth=2)  # the first asks for the margin
        await house.decide(instruction("a", 10.0, "X"))
        await house.bridge.carry_out()
        kill = house.bridge.terms.kill_file
        assert not_as_decided(house.journal, became(house.journal, start), kill) == [
            "1 order not known to be at the broker: the same command asks"
        ]
        await house.bridge.rejoin("test")
        assert house.state("a") == "dead"
        assert not_as_decided(house.journal, became(house.journal, start), kill) == ["1 order refused or lost"]
        assert not_as_decided(house.journal, became(house.journal, begun(house.journal)), kill) == []

    play(tmp_path, act)
