# SPDX-License-Identifier: Apache-2.0
"""The sandbox as a whole: an exchange, the server before it, the control channel behind it, and a timer."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from engine.sandbox.control import Control
from engine.sandbox.desk.client import Terms
from engine.sandbox.exchange.exchange import Exchange
from engine.sandbox.pace import Timer
from engine.sandbox.server import LOOPBACK, Server


class Sandbox:
    """Use it as `async with Sandbox(exchange) as sandbox: ... sandbox.server.port`.

    port and control_port are 0 for one that is free; control_port None leaves the channel out. bars_a_second None
    leaves the market where it is until somebody steps it.
    """

    def __init__(
        self, exchange: Exchange, *, host: str = LOOPBACK, port: int = 0, control_port: int | None = None,
        bars_a_second: float | None = None, terms: Terms | None = None,
    ) -> None:  # fmt: skip
        self.exchange = exchange
        self.server = Server(exchange, terms=terms, faults=exchange.faults)
        self.timer = Timer(exchange)
        self.control = None if control_port is None else Control(exchange, self.server, self.timer)
        self._host, self._ports = host, (port, control_port or 0)
        self._bars_a_second = bars_a_second
        exchange.operator.hang_up = self.server.drop

    async def __aenter__(self) -> Self:
        """Listen, and let the market run. InputError where others could reach it, OSError where a port is taken."""
        try:
            await self.server.start(self._host, self._ports[0])
            if self.control:
                await self.control.start(self._host, self._ports[1])
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        if self._bars_a_second:
            self.timer.run(self._bars_a_second * self.exchange.market.legs)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, drop everybody, let go of the book."""
        self.timer.pause()
        if self.control:
            await self.control.stop()
        await self.server.stop()
        self.exchange.close()
