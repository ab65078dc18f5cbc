# SPDX-License-Identifier: Apache-2.0
"""A disk that is full: it is told as one, nothing is sent without the journal, nothing of what was heard is lost."""

import asyncio
import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.paper.journal.journal import Journal
from engine.paper.journal.store import Unwritable
from engine.paper.log import Log
from engine.paper.running import run
from tests.paper.test_failure_modes import agrees, play
from tests.paper.words import NOON, Clock, decision, instruction

FULL = "the journal cannot be written, and nothing is sent without it: no space left on its disk; make room"


class Disk:
    """A boundary at which the system refuses what is to be written, as SQLite says it."""

    def __init__(self, *names):
        self.names = names

    def __call__(self, name):
        if any(name == f"before commit {one}" for one in self.names):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error


def complaints():
    """What the loop and its tasks complain of; a traceback on the terminal otherwise."""
    found = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found


def test_a_full_journal_is_told_and_keeps_nothing_of_it(tmp_path):
    journal = Journal(tmp_path / "j.sqlite", Clock())
    pages = journal.store.db.execute("PRAGMA page_count").fetchone()[0]
    journal.store.db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(Unwritable) as told:
        journal.record(decision(instruction("a"), memory=json.dumps("x" * 100_000)), ())
    assert str(told.value) == f"{journal.store.path}: {FULL}"
    assert (journal.intent("a"), journal.last_decision()) == (None, None)
    journal.store.db.execute(f"PRAGMA max_page_count = {pages + 1000}")
    assert journal.record(decision(instruction("a"), memory=json.dumps("x" * 100_000)), ())
    assert journal.last_decision().decided == NOON
    journal.close()


def test_a_journal_that_another_program_holds_is_told_as_that(tmp_path):
    journal = Journal(tmp_path / "j.sqlite", Clock())
    journal.store.db.execute("PRAGMA busy_timeout = 1")
    with sqlite3.connect(journal.store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unwritable, match="another program holds it"):
            journal.note_about("a", "b")
        other.execute("ROLLBACK")
    other.close()
    journal.close()


def test_what_was_heard_is_kept_until_there_is_room(tmp_path):
    disk = Disk()

    async def scene(house):
        met = complaints()
        await house.start()
        await house.trade(("a", 10))
        keeper = asyncio.create_task(house.bridge.run(60.0))
        await asyncio.sleep(0.05)
        disk.names = ("evidence",)
        house.step()
        assert await house.heard(lambda: house.alarms)
        assert (house.state("a"), house.bridge.link().ready) == ("working", False)
        assert house.alarms == [("bridge", "", f"nothing is sent: {house.journal.store.path}: {FULL}")]
        assert ("not written", {"why": f"{house.journal.store.path}: {FULL}"}) in house.log
        disk.names = ()
        assert await house.heard(lambda: house.bridge.link().ready, 6.0), "the keeper tries again by itself"
        assert house.state("a") == "filled"
        agrees(house, 10.0)
        assert (house.kinds(), met) == ([], [])
        keeper.cancel()

    play(tmp_path, scene, boundary=disk)


@pytest.mark.parametrize("name", ["decision", "verdicts", "order ids", "sent", "evidence", "reconcile"])
def test_a_disk_that_fills_at_any_moment_loses_and_doubles_nothing(tmp_path, name):
    disk = Disk()

    async def scene(house):
        met = complaints()
        await house.start()
        disk.names = (name,)
        with pytest.raises(Unwritable, match="no space left on its disk; make room"):
            await go_on(house)
        await asyncio.sleep(0.1)  # what has left arrives
        left = len(house.placed())
        assert left == (name in {"sent", "evidence", "reconcile"}), "its id is on the disk before it leaves"
        disk.names = ()
        assert (await house.bridge.reconcile("room")).complete
        if house.journal.intent("a") is None:
            await house.decide(("a", 10))
        await house.bridge.carry_out()
        house.step()
        assert await house.heard(lambda: house.state("a") == "filled")
        assert len(house.placed()) == 1
        agrees(house, 10.0)
        assert (house.kinds(), met) == ([], [])

    play(tmp_path, scene, boundary=disk)


async def go_on(house):
    await house.decide(("a", 10))
    await house.bridge.carry_out()
    await house.bridge.reconcile("test")


def test_the_session_lives_through_it_and_decides_later(tmp_path):
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    from engine.market.calendar import exchange
    from engine.paper.decision.look import Step
    from engine.sandbox.server import Server
    from tests.paper.sandboxed import Sandboxed

    house = Sandboxed(tmp_path, "configs/spread_sample.yaml", ["fills.participation=null"], "2015-06-01", 20)
    house.settings = house.settings.model_copy(update={"decide_after": 0.0})
    disk, seen, told = Disk("decision"), [], []

    async def scene():
        async with Server(house.exchange) as server:
            session = house.session(server.port)
            session.bridge.journal.store.boundary = disk

            async def heard(kind, symbol, text):
                told.append((kind, symbol, text))

            session.bridge.alerts.send = heard
            await session.bridge.start()

            async def wait(_):
                if len(seen) == 2:
                    disk.names = ()
                if len(seen) == 3:
                    raise asyncio.CancelledError
                later[0] += 31 * 10**9
                await asyncio.sleep(0)

            later = [0]
            session.bridge.journal.clock = lambda: house.exchange.now + later[0]
            with pytest.raises(asyncio.CancelledError):
                await run(session, exchange(), "1d", seen.append, wait)
            await house.leave(session)

    asyncio.run(scene())
    assert [one.step for one in seen] == [Step.UNWRITABLE, Step.UNWRITABLE, Step.DECIDED]
    assert [FULL in one.why[0] for one in seen[:2]] == [True, True]
    assert [(kind, FULL in text) for kind, _, text in told] == [("no decision", True)]
    assert seen[-1].sent


def test_a_log_that_finds_no_room_says_how_many_lines_it_lost(tmp_path):
    class Narrow:
        """A file on a disk with room for so many bytes."""

        def __init__(self, file, room):
            self.file, self.room = file, room

        def write(self, data):
            if self.room <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            part = data[: self.room]
            self.room -= len(part)
            return self.file.write(part)

        def __getattr__(self, name):
            return getattr(self.file, name)

    log = Log(tmp_path / "log.jsonl")
    log("first")
    log._file = Narrow(log._file, 20)
    for number in range(3):
        log("lost", number=number)
    log._file.room = 10_000
    log("again")
    log("after")
    log.close()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(one["event"], one.get("lines_lost")) for one in lines] == [("first", None), ("again", 3), ("after", None)]


REAL = """
mount -t tmpfs -o size=600k tmpfs {folder} || exit 77
exec {python} -m tests.paper.narrow {folder}
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare: a small disk cannot be made here")
def test_on_a_disk_that_is_really_full(tmp_path):
    """600 kB of memory as a disk, filled while an order works, emptied again."""
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    script = REAL.format(folder=tmp_path, python=sys.executable)
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False)
    if "unshare" in done.stderr or done.returncode == 77:
        pytest.skip("a small disk cannot be mounted here")
    assert done.returncode == 0, done.stderr
    assert (done.stdout.split(), done.stderr) == (["told", "working", "filled"], "")
