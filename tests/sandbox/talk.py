# SPDX-License-Identifier: Apache-2.0
"""A server in a test's own loop, and a bare client that speaks bytes: what it sends and reads is the test's."""

import asyncio
import contextlib
import struct

from engine.sandbox.server import Server
from engine.sandbox.wire.answers import BY_NUMBER
from engine.sandbox.wire.requests import NAMES

LONGEST = 5.0
"""Seconds that a test waits for an answer."""


def run(scene):
    """Run a coroutine in a loop of its own."""
    return asyncio.run(asyncio.wait_for(scene, 6 * LONGEST))


class Talk:
    """A connection: say messages by name, read answers as (name, values)."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.version = reader, writer, 0

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, server, *, client=None, version=178):
        talk = cls(*await asyncio.open_connection("127.0.0.1", server.port))
        try:
            if client is not None:
                await talk.begin(client, version)
            yield talk
        finally:
            talk.writer.close()
            with contextlib.suppress(OSError):
                await talk.writer.wait_closed()

    async def begin(self, client, version=178):
        await self.shake(f"v100..{version}")
        self.say("startApi", clientId=client, capabilities="")
        await self.until("nextValidId")
        for _ in range(3):
            await self.read()

    async def shake(self, offer):
        self.send(b"API\0" + struct.pack(">I", len(offer)) + offer.encode())
        fields = (await self.frame()).decode().split("\0")
        self.version = int(fields[0])
        return fields

    def send(self, data):
        self.writer.write(data)

    def say(self, name, **values):
        self.send(message(name, self.version, **values))

    async def frame(self):
        (length,) = struct.unpack(">I", await asyncio.wait_for(self.reader.readexactly(4), LONGEST))
        return await asyncio.wait_for(self.reader.readexactly(length), LONGEST)

    async def read(self):
        fields = (await self.frame()).decode().split("\0")[:-1]
        layout = BY_NUMBER[int(fields[0])]
        return layout.name, layout.read(fields[1:], self.version)

    async def until(self, name):
        """All answers up to the first of that name, that one last."""
        found = [await self.read()]
        while found[-1][0] != name:
            found.append(await self.read())
        return found

    async def ended(self):
        """Whether the server has closed; what it still sent is read away."""
        try:
            while await asyncio.wait_for(self.reader.read(1 << 16), LONGEST):
                pass
        except ConnectionError:
            return True
        return True


def message(name, version, **values):
    fields = NAMES[name].write(values, version)
    payload = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(payload)) + payload


@contextlib.asynccontextmanager
async def serving(venue, **options):
    async with Server(venue, **options) as server:
        yield server
