# SPDX-License-Identifier: Apache-2.0
"""A relay between a client and a Gateway that writes down what both say, read by the sandbox's own tables.

Bytes pass as they are. One thing is changed: a client that offers newer versions of the protocol is made to offer
none above those that the sandbox speaks, because it is those that are to be compared.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from engine.errors import RunError
from engine.sandbox.server import check_loopback
from engine.sandbox.trace.privacy import NotPaper, Privacy
from engine.sandbox.wire.answers import BY_NUMBER
from engine.sandbox.wire.fields import WireError
from engine.sandbox.wire.frames import FrameReader, frame, split
from engine.sandbox.wire.requests import read_request
from engine.sandbox.wire.versions import GREETING, NEWEST

LONGEST_ANSWER = 0xFFFFFF
"""Bytes of the longest frame that clients take from a broker."""

CHUNK = 1 << 16
PATIENCE = 5.0  # seconds that a Gateway has to take a connection

Entry = dict[str, Any]

_QUOTED = re.compile(r"'[^']*'")
"""What a problem quotes of a message: it may be a name."""


class Gateway(NamedTuple):
    """Where the broker's program listens."""

    host: str
    port: int


class Recorder:
    """Listens on this machine alone and joins each client to the Gateway.

    write takes each entry of the trace: seconds since the start, the number of the connection, who spoke, and either
    message and values, or fields and the problem that reading them met. trouble is why recording was ended, or "".
    """

    def __init__(self, gateway: Gateway, write: Callable[[Entry], None]) -> None:
        self.gateway = gateway
        self.trouble = ""
        self.privacy = Privacy()
        self._write = write
        self._held: list[Callable[[], Entry]] = []
        self._connections = 0
        self._began = 0.0
        self._listener: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        assert self._listener
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. InputError where host is not this machine alone, RunError where no Gateway answers."""
        check_loopback(host)
        self._began = asyncio.get_running_loop().time()
        self._listener = await asyncio.start_server(self._join, host, port)
        try:
            _, probe = await asyncio.wait_for(asyncio.open_connection(*self.gateway), PATIENCE)
        except (OSError, TimeoutError) as error:
            await self.stop()
            raise RunError(self._silent(error)) from error
        probe.close()
        with suppress(OSError):
            await probe.wait_closed()

    async def stop(self) -> None:
        """Let every client go and stop listening."""
        if self._listener:
            self._listener.close()
        for relay in list(self._relays):
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)
        self.ended.set()

    def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.ensure_future(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            there, back = await asyncio.open_connection(*self.gateway)
            ends.append(back)
            self._connections += 1
            conversation = Conversation(self._connections, self._note, self._see)
            await _first_to_end(
                _pass(reader, back, conversation.from_client), _pass(there, writer, conversation.from_broker)
            )
        except OSError as error:
            self.trouble = self._silent(error)
            self.ended.set()
        except WireError as error:
            self.trouble = f"what came is not the protocol: {error}"
        except NotPaper as error:
            self.trouble = str(error)
            self._held.clear()
            self.ended.set()
        finally:
            for end in ends:
                end.close()
            await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)

    def _silent(self, error: Exception) -> str:
        where = f"{self.gateway.host}:{self.gateway.port}"
        return f"the Gateway at {where} does not answer: {str(error) or f'nothing came within {PATIENCE:g} s'}"

    def _see(self, accounts: str) -> None:
        self.privacy.learn(accounts)
        held, self._held = self._held, []
        for make in held:
            self._write(make())

    def _note(self, connection: int, speaker: str, said: Entry) -> None:
        seconds = round(asyncio.get_running_loop().time() - self._began, 4)

        def make() -> Entry:
            content = said.copy()
            if "values" in content:
                content["values"] = self.privacy.values(content["values"])
            else:
                content["fields"] = self.privacy.fields(content["fields"])
                content["problem"] = _QUOTED.sub("'...'", content["problem"])
            return {"seconds": seconds, "connection": connection, "from": speaker, **content}

        if self.privacy.knows_accounts:
            self._write(make())
        else:
            self._held.append(make)


class Conversation:
    """What both ends of one connection said, frame by frame. from_client and from_broker return what is passed on."""

    def __init__(
        self, number: int, note: Callable[[int, str, Entry], None], see_accounts: Callable[[str], None]
    ) -> None:
        self._number = number
        self._note = note
        self._see_accounts = see_accounts
        self._client = FrameReader(GREETING)
        self._broker = FrameReader(largest=LONGEST_ANSWER)
        self._offered = False
        self._version = 0

    def from_client(self, data: bytes) -> bytes:
        """Bytes of the client."""
        first, passed = not self._offered, b""
        for payload in self._client.feed(data):
            if self._offered:
                self._note(self._number, "client", self._request(payload))
                passed += frame(payload)
            else:
                self._offered = True
                offer = _capped(payload)
                self._note(self._number, "client", {"message": "offer", "values": {"versions": offer.decode()}})
                passed += GREETING + frame(offer)
        if not first:
            return data
        return passed + self._client.held if self._offered else b""

    def from_broker(self, data: bytes) -> bytes:
        """Bytes of the broker."""
        for payload in self._broker.feed(data):
            if not self._version:
                version, time, *_ = [*payload.decode(errors="replace").split("\0"), "", ""]
                self._version = int(version) if version.isdigit() else NEWEST
                self._note(
                    self._number, "broker", {"message": "handshake", "values": {"version": version, "time": time}}
                )
            else:
                said = self._answer(payload)
                if said.get("message") == "managedAccounts" and "values" in said:
                    self._see_accounts(said["values"]["accounts"])
                self._note(self._number, "broker", said)
        return data

    def _request(self, payload: bytes) -> Entry:
        try:
            request = read_request(split(payload), self._version or NEWEST)
        except WireError as error:
            return _unread("", payload, error)
        return {"message": request.name, "values": request.values}

    def _answer(self, payload: bytes) -> Entry:
        fields = payload.decode(errors="replace").split("\0")
        layout = BY_NUMBER.get(int(fields[0])) if fields[0].isascii() and fields[0].isdigit() else None
        if layout is None:
            return _unread(
                "", payload, WireError(f"no answer that the sandbox gives has the number {fields[0][:10]!r}")
            )
        try:
            return {"message": layout.name, "values": layout.read(split(payload)[1:], self._version)}
        except WireError as error:
            return _unread(layout.name, payload, error)


def _unread(message: str, payload: bytes, error: WireError) -> Entry:
    return {"message": message, "fields": payload.decode(errors="replace").split("\0")[:-1], "problem": str(error)}


def _capped(offer: bytes) -> bytes:
    """The client's offer, its newest version no newer than the sandbox's."""
    return re.sub(rb"(\.\.)(\d+)", lambda found: b"..%d" % min(int(found[2]), NEWEST), offer, count=1)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, through: Callable[[bytes], bytes]) -> None:
    while data := await reader.read(CHUNK):
        writer.write(through(data))
        await writer.drain()


async def _first_to_end(*ways: Coroutine[Any, Any, None]) -> None:
    """Run both ways until one has ended; then both have. Raises what made the recorder end one."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, NotPaper | WireError):
            raise result
