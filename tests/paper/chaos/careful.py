# SPDX-License-Identifier: Apache-2.0
"""The bridge's life: a strategy that wants one position after the other, and a person who answers every halt.

It ends when it is told to stop and nothing is open. Where a kill is asked for it ends itself by SIGKILL, at the nth
boundary of that name.
"""

import asyncio
import json
import math
import os
import signal

from engine.kernel.codes import OrderKind
from engine.paper.bridge import Bridge
from engine.paper.broker.ib_client import IbClient
from engine.paper.broker.port import BrokerSilent
from engine.paper.comparison.person import resume, shown
from engine.paper.instructions import Decision, Instruction, Mark
from engine.paper.journal.journal import Journal
from tests.paper.chaos.setting import CLIENT, NOW, clock, target, terms

PAUSE = 0.004
MARKS = (Mark("X", 100.0, NOW), Mark("Y", 100.0, NOW))


class Killer:
    """A boundary that ends the process, as `kill -9` does."""

    def __init__(self, name, nth=1):
        self.name, self.left = name, nth

    def __call__(self, name):
        if name == self.name:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def live(folder, port, seed, kill=None, turns=None):
    asyncio.run(_live(folder, port, seed, kill, turns))


async def _live(folder, port, seed, kill, turns):
    journal = Journal(folder / "journal.db", clock, *([Killer(*kill)] if kill else []))
    bridge = Bridge(journal, IbClient("127.0.0.1", port, CLIENT, patience=1.0, pace=0), terms(folder))
    while True:
        try:
            await bridge.start()
            break
        except BrokerSilent:
            await asyncio.sleep(0.02)
    beat = asyncio.create_task(bridge.run(0.4))
    while not await _turn(bridge, folder, seed, turns):
        await asyncio.sleep(PAUSE)
        if beat.done():
            beat.result()
    beat.cancel()
    await bridge.stop()
    journal.close()


async def _turn(bridge, folder, seed, turns):
    """One step; True when all is done."""
    journal = bridge.journal
    if not bridge.link().ready:
        return False
    if halts := journal.halts.standing():
        return await _person(bridge, folder, halts)
    resting = [one for one in journal.open_intents() if not one.ref.endswith((".L", ".S")) or one.cancel_wanted]
    if any(one.order_id is None or one.cancel_wanted for one in resting):
        await bridge.carry_out()
        return False
    if resting:
        return False
    last = journal.last_decision()
    turn, attempt = json.loads(last.memory)["turn"] if last else (0, 1)
    there = journal.ledger.positions().get("X", 0.0) == target(seed, turn)
    over = (folder / "stop").exists() if turns is None else turn >= turns
    left = [one.ref for one in journal.open_intents()]
    if there and over and not left:
        return True
    turn, attempt = (turn + 1, 1) if there and not over else (turn, attempt + 1)
    await bridge.record(_decision(journal, seed, turn, attempt, left, over=over and there))
    await bridge.carry_out()
    return False


def _decision(journal, seed, turn, attempt, left, *, over):
    """What is missing to the target, now and then with a limit far away or a guard, which the next one takes back."""
    name, wanted = f"c{seed}-{turn}", target(seed, turn) - journal.ledger.positions().get("X", 0.0)
    send = []
    if not over:
        send.append(_order(f"{name}.a{attempt}", "X", wanted))
        opens = math.copysign(min(abs(wanted), max(0.0, math.copysign(1.0, wanted) * target(seed, turn))), wanted)
        if turn % 4 == 2 and opens:
            away = 1.0 if wanted > 0 else 10_000.0
            parent = send[0].ref
            send.append(_order(f"{parent}.S", "X", -opens, OrderKind.STOP, stop=away, parent=parent, tif="GTC"))
        if turn % 3 == 0:
            send.append(_order(f"{name}.a{attempt}.L", "Y", 5.0, OrderKind.LIMIT, limit=60.0, tif="GTC"))
    memory = json.dumps({"turn": [turn, attempt]})
    return Decision(NOW + turn * 1000 + attempt, "2024-01-02", tuple(send), tuple(left), memory, MARKS)


def _order(ref, symbol, quantity, kind=OrderKind.MARKET, **fields):
    base = {"limit": None, "stop": None, "trail": None, "tif": "DAY", "parent": "", "reduce_only": False, "group": ""}
    return Instruction(
        ref=ref, order=1, symbol=symbol, kind=kind, quantity=float(quantity), decided=NOW, session="2024-01-02",
        reason="chaos", **{**base, **fields},
    )  # fmt: skip


async def _person(bridge, folder, halts):
    """Somebody looks, says yes, and it is counted."""
    with (folder / "persons").open("a", encoding="utf-8") as book:
        book.writelines(f"{one.kind} {one.symbol} {one.text}\n" for one in halts)
    found = await bridge.reconcile("chaos")
    if not found.complete:
        return False
    await bridge.accept_positions(shown(bridge.journal, found.differences), "chaos")
    for one in halts:
        resume(bridge.journal, one.symbol, "chaos")
    return False
