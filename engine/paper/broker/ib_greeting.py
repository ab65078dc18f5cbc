# SPDX-License-Identifier: Apache-2.0
"""Opening the socket and greeting: done, or why not, as soon as that is known."""

from __future__ import annotations

import asyncio
from typing import Any

from engine.paper.broker.ib_heard import Heard
from engine.paper.broker.port import BrokerSilent, ClientInUse

IN_USE = "326:"
"""How the broker's word begins that another program goes by the client id."""


async def greet(client: Any, host: str, port: int, number: int, patience: float, heard: Heard) -> None:
    """Connect the library's client under an id; `heard` has the broker's last complaint.

    A broker that turns the client away closes the socket, and the library waits on.
    Raises ClientInUse where that was because of the id, BrokerSilent for another reason and where nobody is there.
    """
    turned_away = asyncio.get_running_loop().create_future()

    def closed(text: str) -> None:
        if not turned_away.done():
            turned_away.set_result(text or "it closed the socket")

    client.conn.disconnected += closed
    opening = asyncio.ensure_future(client.connectAsync(host, port, number, patience))
    try:
        await asyncio.wait({opening, turned_away}, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            raise _away(f"{host}:{port}", number, heard.last_error or turned_away.result())
        await opening
    except (OSError, TimeoutError) as failed:
        raise _away(f"{host}:{port}", number, heard.last_error or str(failed) or "no greeting") from failed
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)


def _away(where: str, number: int, why: str) -> BrokerSilent:
    if why.startswith(IN_USE):
        return ClientInUse(f"client {number} is connected to the broker at {where} already")
    return BrokerSilent(f"no broker at {where} ({why})")
