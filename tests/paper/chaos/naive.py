# SPDX-License-Identifier: Apache-2.0
"""A bridge as people write it first: it sends, believes the client's status, and writes down what it has seen filled.

It must fail where the careful one holds.
"""

import asyncio
import json

import ib_async

from tests.paper.chaos.setting import CLIENT, target


def live(folder, port, seed, kill=None, turns=None):  # noqa: ARG001  (the careful one's shape)
    asyncio.run(_live(folder, port, seed))


async def _live(folder, port, seed):
    ib, book = ib_async.IB(), folder / "naive.json"
    state = json.loads(book.read_text()) if book.exists() else {"turn": 0, "held": 0, "attempt": 0}
    while not ((folder / "stop").exists() and state["held"] == target(seed, state["turn"])):
        try:
            if not ib.isConnected():
                await ib.connectAsync("127.0.0.1", port, CLIENT, timeout=1.0)
            if state["held"] == target(seed, state["turn"]):
                state["turn"] += 1
            state["attempt"] += 1
            await _send(ib, state, target(seed, state["turn"]) - state["held"], f"n{seed}-{state['attempt']}")
            whole = book.with_suffix(".new")
            whole.write_text(json.dumps(state))
            whole.replace(book)
        except (OSError, TimeoutError):
            await asyncio.sleep(0.02)
    ib.disconnect()


async def _send(ib, state, quantity, ref):
    """Send, wait a little for the status, count what it says was filled; next time the rest is sent again."""
    order = ib_async.MarketOrder("BUY" if quantity > 0 else "SELL", abs(quantity), orderRef=ref)
    trade = ib.placeOrder(ib_async.Stock("X", "SMART", "USD"), order)
    for _ in range(50):
        if trade.isDone():
            break
        await asyncio.sleep(0.005)
    state["held"] += (1 if quantity > 0 else -1) * int(trade.filled())
