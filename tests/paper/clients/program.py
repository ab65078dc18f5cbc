# SPDX-License-Identifier: Apache-2.0
"""The adapter as a program: `program.py ROOT LIBRARY PORT ACCOUNT`, run by a Python that has the library alone.

It connects, asks every question, sends an order, and prints what it heard as one JSON line.
"""

import asyncio
import json
import sys
from dataclasses import asdict

ROOT, LIBRARY, PORT, ACCOUNT = sys.argv[1:]
sys.path.insert(0, ROOT)
from engine.paper.broker.ib_client import IbClient, library  # noqa: E402
from engine.paper.broker.port import CommissionSeen, ExecutionSeen, Wire  # noqa: E402  (found at ROOT)

MARKET = Wire(order_id=0, ref="a-1.a1", account=ACCOUNT, symbol="X", action="BUY", kind="MKT", quantity=10, tif="DAY")


async def until(holds):
    while not holds():  # noqa: ASYNC110  (it is the library that moves)
        await asyncio.sleep(0.01)


async def main():
    heard = []
    client = IbClient("127.0.0.1", int(PORT), 7, patience=3.0)
    client.listen(heard.append)
    said = {"library": library().__name__, "accounts": (await client.connect()).accounts}
    said["values"] = await client.account_values(ACCOUNT)
    said["hours"] = asdict(await client.hours("X"))
    said["quote"] = asdict(await client.quote("X"))
    said["bars"] = [asdict(bar) for bar in await client.history("X", 5)]
    said["what_if"] = asdict(await client.what_if(MARKET))
    said["id"] = client.next_id()
    client.place(Wire(**{**asdict(MARKET), "order_id": client.next_id()}))
    client.place(Wire(**{**asdict(MARKET), "order_id": client.next_id(), "ref": "b", "kind": "LMT", "limit": 90.5}))
    while len(said.get("alive", [])) < 2:
        said["alive"] = [asdict(one) for one in await client.open_orders()]
    client.cancel(said["id"] + 1)
    await until(lambda: any(getattr(one, "status", "") == "Cancelled" for one in heard))
    said["ended"] = [asdict(one) for one in await client.completed_orders()]
    print(json.dumps("step"), flush=True)  # noqa: T201  (whoever started it lets the market move)
    await until(lambda: any(isinstance(one, CommissionSeen) for one in heard))
    said["filled"] = [asdict(one) for one in heard if isinstance(one, ExecutionSeen)]
    said["executions"] = [asdict(one) for one in await client.executions()]
    said["completed"] = [asdict(one) for one in await client.completed_orders()]
    said["positions"] = [asdict(one) for one in await client.positions()]
    said["free"], said["up"] = client.free(), client.up()
    await client.disconnect()
    said["down"] = client.up()
    print(json.dumps(said), flush=True)  # noqa: T201


asyncio.run(asyncio.wait_for(main(), 20))
