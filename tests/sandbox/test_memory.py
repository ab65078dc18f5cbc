# SPDX-License-Identifier: Apache-2.0
"""Ten thousand orders, filled and forgotten: what the server holds does not grow with them."""

import asyncio
import gc

import pytest

from engine.sandbox.server import Server
from tests.sandbox.stage import FLAT, Stage
from tests.sandbox.talk import Talk
from tests.sandbox.test_session import order_fields

A_DAY, DAYS = 100, 100


@pytest.mark.slow
def test_ten_thousand_orders_take_no_memory():
    async def scene():
        stage, held = Stage({"SPY": [FLAT] * (DAYS + 2)}), []
        async with Server(stage.exchange, kept=500) as server, Talk.to(server, client=1) as talk:
            stage.heard.clear()
            for day in range(DAYS):
                for number in range(A_DAY):
                    order = day * A_DAY + number + 1
                    side = "BUY" if number % 2 else "SELL"
                    talk.say(
                        "placeOrder", **order_fields(orderId=order, action=side, orderRef=f"r-{order}.a1", tif="GTC")
                    )
                    await talk.until("orderStatus")
                stage.exchange.step()
                filled = 0
                while filled < A_DAY:
                    name, values = await talk.read()
                    filled += name == "orderStatus" and values["status"] == "Filled"
                stage.heard.clear()
                if day % 10 == 9:
                    gc.collect()
                    held.append(len(gc.get_objects()))
        return server, held

    server, held = asyncio.run(scene())
    assert server.counts["placeOrder"] == A_DAY * DAYS
    assert len(server.received) == 500
    assert max(held[2:]) - held[1] < A_DAY, "less than one object for each order of a day"
