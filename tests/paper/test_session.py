# SPDX-License-Identifier: Apache-2.0
"""A session on the sandbox: dry runs, restarts, data that differ, and what it takes."""

import asyncio
import time

import pytest

from engine.errors import ConfigError, InputError, Problem
from engine.market.calendar import exchange
from engine.market.sources.yahoo import SETTLED
from engine.model.paper import PaperLimits
from engine.paper.decision.bars import Latest
from engine.paper.decision.look import Step
from engine.paper.instructions import IntentState
from engine.paper.memory import read_memory
from engine.paper.running import run
from engine.paper.session import Session
from engine.sandbox.server import Server
from tests.paper.native import NativeRun, check_sent

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

SPREAD = ("configs/spread_sample.yaml", ["fills.participation=null"], "2015-06-01")


@pytest.fixture
def house(tmp_path):
    from tests.paper.sandboxed import Sandboxed

    return Sandboxed(tmp_path, *SPREAD, 20)


def played(house, scene, **session):
    """Run a scene with a session that has been started."""

    async def play():
        async with Server(house.exchange) as server:
            one = house.session(server.port, **session)
            await one.bridge.start()
            try:
                return await scene(one, server)
            finally:
                await house.leave(one)

    return asyncio.run(play())


def test_a_dry_run_shows_what_sending_sends(house):
    async def dry(session, server):
        report = await session.once()
        assert server.counts["placeOrder"] == 0
        return report

    shown = played(house, dry, send=False)
    assert shown.step is Step.JUDGED
    assert shown.decision.send

    async def real(session, server):
        return await session.once(), server.counts["placeOrder"]

    done, placed = played(house, real)
    assert done.step is Step.DECIDED
    assert done.decision == shown.decision
    assert {one.ref for one in done.sent} == {one.ref for one in shown.decision.send}
    assert placed == 2 * len(shown.decision.send)  # each is asked for its margin before


def test_the_same_bar_is_decided_once(house):
    async def scene(session, server):
        first, second = await session.once(), await session.once()
        assert (first.step, second.step) == (Step.DECIDED, Step.NOTHING_NEW)
        return server.counts["placeOrder"]

    assert played(house, scene) == 4
    assert played(house, lambda session, _: session.once()).step is Step.NOTHING_NEW  # nor after a restart


def test_data_that_the_broker_does_not_have_are_not_decided_on(house):
    async def scene(session, server):
        latest = session.bars.latest(house.exchange.now)
        bars = latest.prepared.market.bars.copy()
        bars["large"]["close"][latest.row] *= 0.5
        session.bars.latest = lambda _: Latest(_with(latest.prepared, bars), latest.row)
        return await session.once(), server.counts["placeOrder"]

    report, placed = played(house, scene)
    assert report.step is Step.DATA_DIFFER
    assert "looks like a split, 1 for 2" in report.why[0]
    assert placed == 0


def _with(prepared, bars):
    from dataclasses import replace

    return replace(prepared, market=replace(prepared.market, bars=bars))


def test_a_broker_that_does_not_answer_decides_nothing(house):
    async def scene(session, server):
        server.drop()
        await asyncio.sleep(0.05)
        return await session.once()

    assert played(house, scene).step is Step.NOT_COMPARED


def test_another_strategy_on_the_same_journal_is_refused(house):
    async def scene(session, _):
        await session.once()
        house.exchange.step_bar()
        other = Session(session.bridge, session.bars, session.settings, "another")
        with pytest.raises(InputError, match="another one than at the decision before"):
            await other.once()

    played(house, scene)


def test_a_journal_that_knows_the_source_by_its_bytes_goes_on_with_it(house):
    """What is written down from then on is the identity of now."""

    async def scene(session, _):
        session.identity = "by its bytes"
        await session.once()
        house.exchange.step_bar()
        other = Session(session.bridge, session.bars, session.settings, "by what decides", "by other bytes")
        with pytest.raises(InputError, match="it counts comments too: with the source as it was then it is this run"):
            await other.once()
        now = Session(session.bridge, session.bars, session.settings, "by what decides", "by its bytes")
        assert (await now.once()).step is Step.DECIDED
        return read_memory(session.bridge.journal.last_decision().memory).identity

    assert played(house, scene) == "by what decides"


def test_a_refused_order_is_gone_from_the_strategys_book(tmp_path):
    from tests.paper.sandboxed import LIMITS, Sandboxed

    limits = PaperLimits.model_validate({**LIMITS.model_dump(), "short": False})
    house = Sandboxed(tmp_path, *SPREAD, 20)
    house.settings = house.settings.model_copy(update={"limits": limits})

    async def scene(session, _):
        first = await session.once()
        states = {one.symbol: session.bridge.journal.intent(one.ref).state for one in first.decision.send}
        house.exchange.step_bar()
        second = await session.once()
        return states, second

    states, second = played(house, scene)
    assert states == {"SPY": IntentState.WORKING, "IWM": IntentState.DEAD}
    assert second.decision is not None


def test_a_week_of_nightly_restarts_loses_nothing(tmp_path):
    """Program and Gateway end after every session and begin again; orders and fills are those of an unbroken run."""
    from tests.paper.sandboxed import Sandboxed

    house = Sandboxed(tmp_path, "configs/double_agent_sample.yaml", ["fills.participation=null"], "2017-06-20", 25)
    fills = asyncio.run(house.run(restart_every=1))
    run = NativeRun(house.prepared)
    check_sent(run, [report.decision for report in house.reports])
    assert [one.quantity for one in fills] == run.ledger["qty"][run.ledger["kind"] == 2].tolist()
    assert house.halts == ()


def test_the_loop_decides_at_each_close_and_sends_what_waits(house):
    """Time is the market's: `wait` steps the bars, the loop finds each close by the calendar."""
    seen = []

    async def scene(session, _):
        async def wait(_):
            if len(seen) == 3:
                raise asyncio.CancelledError
            house.exchange.step_bar()
            await asyncio.sleep(0)

        with pytest.raises(asyncio.CancelledError):
            await run(session, exchange(), "1d", seen.append, wait)
        return session.bridge.journal.last_decision().session

    house.settings = house.settings.model_copy(update={"decide_after": 0.0})
    assert played(house, scene) == "2015-06-03"
    assert [one.step for one in seen] == [Step.DECIDED] * 3


def test_a_loop_that_starts_too_early_waits_without_an_alarm_and_misses_no_bar(house):
    """Minutes pass by `wait`; each bar is decided once, half an hour after its close."""
    seen, told, passed = [], [], [0]

    async def scene(session, _):
        async def heard(*words):
            told.append(words)

        async def wait(_):
            passed[0] += 60 * 10**9
            if passed[0] >= 90 * 60 * 10**9:
                passed[0] = 0
                house.exchange.step_bar()
            if len(seen) == 4:
                raise asyncio.CancelledError
            await asyncio.sleep(0)

        session.bridge.alerts.send, session.waits = heard, True
        session.bridge.journal.clock = lambda: house.exchange.now + passed[0]
        with pytest.raises(asyncio.CancelledError):
            await run(session, exchange(), "1d", seen.append, wait)
        rows = session.bridge.journal.store.read("SELECT session FROM decisions ORDER BY decided")
        return [row["session"] for row in rows]

    house.settings = house.settings.model_copy(update={"decide_after": 30.0})
    assert played(house, scene) == ["2015-06-01", "2015-06-02", "2015-06-03"]
    assert [one.step for one in seen] == [Step.TOO_EARLY] + [Step.DECIDED] * 3
    assert told == []


def test_a_file_that_is_written_anew_is_waited_for_and_one_that_never_was_there_is_refused(house):
    async def scene(session, _):
        whole = session.bars.latest

        def gone(_):
            raise ConfigError(Problem("no file for the symbol", path="data.path"))

        session.bars.latest = gone
        with pytest.raises(ConfigError):
            await session.once()
        session.bars.latest = whole
        await session.once()
        house.exchange.step_bar()
        session.bars.latest = gone
        late = await session.once()
        session.bars.latest = whole
        return late, await session.once()

    late, report = played(house, scene)
    assert (late.step, late.why) == (Step.DATA_DIFFER, ("data.path: no file for the symbol",))
    assert report.step is Step.DECIDED


def test_a_session_that_ends_by_an_error_says_so(house):
    told = []

    async def scene(session, _):
        async def heard(kind, symbol, text):
            told.append((kind, symbol, text))

        async def broken():
            raise InputError(Problem("the strategy divides by zero"))

        session.bridge.alerts.send, session.once = heard, broken
        with pytest.raises(InputError):
            await run(session, exchange(), "1d", lambda _: None)

    played(house, scene)
    assert told == [("session", "", "the session has ended: the strategy divides by zero")]


def test_a_bar_that_is_late_is_waited_for_and_told_once(house):
    seen, told = [], []

    async def scene(session, _):
        async def heard(kind, symbol, text):
            told.append((kind, symbol, text))

        session.bridge.alerts.send = heard
        whole, hidden = session.bars.latest, []
        first = int(house.prepared.market.ts[0])
        session.bars.latest = lambda _: whole(first if hidden else house.exchange.now)  # the file has not grown

        async def wait(_):
            if len(seen) in {1, 2}:
                hidden[:] = [True]
            if len(seen) == 1:
                house.exchange.step_bar()
            if len(seen) == 3:
                hidden.clear()
            if len(seen) == 4:
                raise asyncio.CancelledError
            house.now += 31 * 10**9
            await asyncio.sleep(0)

        house.now = 0
        session.bridge.journal.clock = lambda: house.exchange.now + house.now
        with pytest.raises(asyncio.CancelledError):
            await run(session, exchange(), "1d", seen.append, wait)

    house.settings = house.settings.model_copy(update={"decide_after": 0.0})
    played(house, scene)
    assert [one.step for one in seen] == [Step.DECIDED, Step.NOTHING_NEW, Step.NOTHING_NEW, Step.DECIDED]
    late = "the data end on 2015-06-01, the last finished session is 2015-06-02: bring its bar, or wait for its source"
    assert [one.why for one in seen] == [(), (late,), (late,), ()]
    assert told == [("no decision", "", late)]


def test_connect_compare_and_first_order_take_less_than_a_second(house):
    async def play():
        async with Server(house.exchange) as server:
            session = house.session(server.port)
            began = time.perf_counter()
            await session.bridge.start()
            await session.once()
            took = time.perf_counter() - began
            await house.leave(session)
            return took, server.counts["placeOrder"]

    took, placed = asyncio.run(play())
    assert placed == 4
    assert took < 5.0  # 0.2 s on a quiet machine


def test_a_journal_that_was_moved_away_does_not_double_the_orders_of_a_close(house):
    async def trades(session, server):
        while not (report := await session.once()).sent:
            house.exchange.step_bar()
        return report.sent, server.counts["placeOrder"]

    sent, _ = played(house, trades)
    before = sorted(one.ticket.ref for one in house.exchange.open_orders(None))
    assert before
    for old in house.folder.glob("journal.sqlite*"):
        old.rename(old.with_suffix(".gone" + old.suffix[-3:]))

    async def again(session, server):
        before = server.counts["placeOrder"]
        with pytest.raises(InputError, match=f"the broker already knows {sent[0].ref}"):
            await session.once()
        assert server.counts["placeOrder"] == before
        assert [one.kind for one in session.bridge.journal.halts.standing()] == ["contradiction"]

    played(house, again)
    assert sorted(one.ticket.ref for one in house.exchange.open_orders(None)) == before


def test_a_bar_is_waited_for_as_long_as_a_source_may_change_it(house):
    """Left out, it is what Yahoo's last bar takes; within the day it is shorter, as the gate on old data is."""
    settings = house.settings.model_copy(update={"decide_after": None})
    assert settings.patience(within_day=False) == SETTLED
    assert settings.patience(within_day=True) == 15.0 < PaperLimits().stale_after
    said = settings.model_copy(update={"decide_after": 2.0})
    assert said.patience(within_day=False) == said.patience(within_day=True) == 2.0
