# SPDX-License-Identifier: Apache-2.0
"""An alarm of every halt: each is sent once, and again by the next process where this one ended before it was."""

from __future__ import annotations

import asyncio
import contextlib

from engine.paper.alerts import PATIENCE, Alerts
from engine.paper.journal.halts import Halts
from engine.paper.journal.store import Unwritable


class HaltAlarms:
    """Sends the halts of one journal that nobody was told of. Nobody waits for it but the end of the bridge."""

    def __init__(self, halts: Halts, alerts: Alerts) -> None:
        self.halts, self.alerts = halts, alerts
        self._telling: asyncio.Task[None] | None = None

    async def tell(self) -> None:
        """Begin to send what is not sent yet."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())
        await asyncio.sleep(0)

    async def _tell_all(self) -> None:
        with contextlib.suppress(Unwritable):  # then it is told again
            while untold := self.halts.untold():
                await self.alerts.send(untold[0].kind, untold[0].symbol, untold[0].text)
                self.halts.mark_told(untold[0].number)

    async def end(self) -> None:
        """Wait for what is being sent, as long as two attempts may take."""
        if self._telling is not None and (await asyncio.wait({self._telling}, timeout=2.0 * PATIENCE))[1]:
            self._telling.cancel()
