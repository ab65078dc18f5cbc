# SPDX-License-Identifier: Apache-2.0
"""Telling a person: a command or a webhook of the user's gets each alarm as JSON. Trading does not wait for it."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from engine.paper.log import Say, silence

PATIENCE = 10.0  # seconds


class Alerts:
    """Where alarms go. With neither a command nor a webhook they stand in the log and in the journal alone."""

    def __init__(self, command: Sequence[str] = (), webhook: str = "", say: Say = silence) -> None:
        """A command gets the alarm on its standard input; a webhook (http or https) as the body of a POST."""
        self.command, self.webhook, self.say = tuple(command), webhook, say
        self.failed = ""
        """Why the last alarm that was not delivered was not; '' where all were."""

    async def send(self, kind: str, symbol: str, text: str) -> bool:
        """Send one alarm everywhere; says in the log what failed, and returns whether everything was reached."""
        self.say("alarm", kind=kind, symbol=symbol, text=text)
        return await self.deliver(json.dumps({"kind": kind, "symbol": symbol, "text": text}))

    async def deliver(self, body: str, media: str = "application/json") -> bool:
        """Give `body` to the command and to the webhook; says what failed, and returns whether both were reached."""
        reached = True
        for name, way, wanted in (
            ("command", self._run, bool(self.command)),
            ("webhook", self._post, bool(self.webhook)),
        ):
            if wanted:
                try:
                    await asyncio.wait_for(way(body, media), PATIENCE)
                except (HTTPException, OSError, TimeoutError, ValueError) as failed:
                    self.failed = f"{name}: {_why(failed)}"
                    self.say("alarm not delivered", way=name, why=_why(failed))
                    reached = False
        return reached

    async def _run(self, body: str, _media: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await process.communicate(body.encode())
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            words = said.decode(errors="replace").strip()[-200:]
            raise OSError(f"it ended with {process.returncode}{f': {words}' if words else ''}")

    async def _post(self, body: str, media: str) -> None:
        if not self.webhook.startswith(("http://", "https://")):
            raise ValueError("a webhook begins with http:// or https://")
        request = urllib.request.Request(  # noqa: S310  (checked above)
            self.webhook, data=body.encode(), headers={"Content-Type": media}
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=PATIENCE).close())  # noqa: S310


def _why(failed: Exception) -> str:
    """What went wrong, in the words of whatever refused."""
    if isinstance(failed, TimeoutError):
        return f"no answer within {PATIENCE:g} seconds"
    inner = failed.reason if isinstance(failed, URLError) and not isinstance(failed, HTTPError) else failed
    return str(inner) or type(failed).__name__
