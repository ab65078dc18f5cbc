# SPDX-License-Identifier: Apache-2.0
"""The broker's life: a sandbox with its book on disk, a market that moves by itself, and a hand that does it harm."""

import asyncio
import json
import random
from itertools import count

from engine.sandbox.exchange.exchange import Exchange
from engine.sandbox.faults import Fault
from engine.sandbox.server import Server
from tests.paper.chaos.setting import market

PULSE = 0.012


def live(folder, port, hand_port, seed):
    asyncio.run(_live(folder, port, hand_port, seed))


async def _live(folder, port, hand_port, seed):
    exchange = Exchange(market(), book=folder / "book.db")
    if not exchange.telling.link:
        exchange.operator.set_link(up=True)
    server = Server(exchange, faults=exchange.faults, kept=100)
    exchange.operator.hang_up = server.drop
    await server.start(port=port)
    hand = await asyncio.start_server(lambda *streams: _obey(exchange, *streams), "127.0.0.1", hand_port)
    throws = random.Random(seed)
    async with hand:
        for beat in count():
            await asyncio.sleep(PULSE)
            if beat % 8 == 0:
                exchange.operator.lend("X")  # what is held for shares to borrow is held for a while
            exchange.tick({"X": 100.0 + throws.randint(-50, 50) / 100.0}, seconds=0.001)


async def _obey(exchange, reader, writer):
    """One order a line: a fault to arm, the link to cut for a while, or the count of what the plan has struck."""
    while line := await reader.readline():
        asked = json.loads(line)
        if "fault" in asked:
            done = exchange.faults.add(Fault(**asked))
        elif "link" in asked:
            exchange.operator.set_link(up=False)
            asyncio.get_running_loop().call_later(
                asked["link"], lambda lost=asked["lost"]: exchange.operator.set_link(up=True, data_lost=lost)
            )
            done = True
        else:
            done = len(exchange.faults.struck)
            exchange.faults.clear()
        writer.write(json.dumps(done).encode() + b"\n")
        await writer.drain()
    writer.close()
