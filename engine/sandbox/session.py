# SPDX-License-Identifier: Apache-2.0
"""One client's connection: handshake, startApi, then requests in and answers out, with whatever faults are planned.

It is a state over bytes. The transport is asked to write and to close, the loop to call later; nothing here waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.sandbox.desk import counter
from engine.sandbox.desk.client import Client, Terms
from engine.sandbox.desk.spoken import when
from engine.sandbox.faults import FrameFaults, Moment
from engine.sandbox.tickets import Event
from engine.sandbox.venue import Venue
from engine.sandbox.wire.answers import answer
from engine.sandbox.wire.fields import WireError
from engine.sandbox.wire.frames import FrameReader, joined, split
from engine.sandbox.wire.requests import Request, read_request
from engine.sandbox.wire.versions import GREETING, agree

ID_IN_USE = 326
UNREADABLE = 320
UNSPOKEN = 502
"""Codes of the broker: client id in use, server error when reading a request, couldn't connect."""

MOST_UNREAD = 1 << 26
"""Bytes that may wait for a client that does not read. One that lets more pile up is dropped."""


class House(NamedTuple):
    """What all sessions of one server share. enter says whether the client id was free, note records a request."""

    venue: Venue
    terms: Terms
    faults: FrameFaults
    patience: float
    enter: Callable[[Session, int], bool]
    leave: Callable[[Session], None]
    note: Callable[[int, str, int, bytes], None]


class _Frame(NamedTuple):
    """A frame that waits its turn: its name and key in the protocol, and its bytes as read or to be written."""

    name: str
    key: int
    payload: bytes


class Session(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reader = FrameReader(GREETING)
        self._version = 0
        self._client: Client | None = None
        self._incoming: deque[bytes] = deque()
        self._outgoing: deque[_Frame] = deque()
        self._held: set[str] = set()
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def client_id(self) -> int:
        """The id that the client gave at startApi, -1 before."""
        return self._client.id if self._client else -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: the handshake is due within the patience of the server."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=MOST_UNREAD)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client and all that waits for it."""
        self._transport = None
        self._watch(off=True)
        self._incoming.clear()
        self._outgoing.clear()
        self._house.leave(self)

    def pause_writing(self) -> None:
        """The client does not read: drop it, as what waits for it has no bound."""
        self.drop()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client, cut anywhere."""
        try:
            frames = self._reader.feed(data)
        except WireError as error:
            self._break_off(str(error))
            return
        self._incoming.extend(frames)
        if frames or not (self._reader.within or self._client is None):
            self._watch(off=True)  # what comes next has the whole patience again
        if self._reader.within or self._client is None:
            self._watch()
        self._read()

    def hear(self, event: Event) -> None:
        """An event of the exchange."""
        if self._client:
            counter.hear(self._client, event)

    def drop(self) -> None:
        """End the connection at once; what was not sent is lost."""
        self._incoming.clear()
        if self._transport:
            self._transport.abort()
            self._transport = None

    # reading

    def _read(self) -> None:
        while self._incoming and self._transport and "in" not in self._held:
            payload = self._incoming.popleft()
            if not self._version:
                self._shake_hands(payload)
            else:
                self._through("read", _Frame("", -1, payload), self._understand)

    def _shake_hands(self, payload: bytes) -> None:
        try:
            self._version = agree(payload.decode("ascii", "replace").removesuffix("\0"))
        except WireError as error:
            self._break_off(str(error))
            return
        self._send(joined([str(self._version), when(self._house.venue.now)]))

    def _understand(self, frame: _Frame) -> None:
        try:
            request = read_request(split(frame.payload), self._version)
        except WireError as error:
            self._error(_key_of(frame.payload), UNREADABLE, _unreadable(error))
            return
        self._house.note(self.client_id, request.name, self._version, frame.payload)
        self._through("handle", _Frame(request.name, request.key, frame.payload), lambda _: self._handle(request))

    def _handle(self, request: Request) -> None:
        if self._client:
            if request.name != "startApi":
                counter.serve(self._client, request)
        elif request.name == "startApi":
            self._begin(request.values["clientId"])
        else:
            self._break_off(f"{request.name} came before startApi")

    def _begin(self, client: int) -> None:
        if not self._house.enter(self, client):
            text = "Unable to connect as the client id is already in use. Retry with a unique client id."
            self._error(-1, ID_IN_USE, text)
            self._close()
            return
        self._client = Client(client, self._house.venue, self._house.terms, self._say)
        self._watch(off=not self._reader.within)
        counter.welcome(self._client)

    # writing

    def _say(self, message: str, **values: Any) -> None:
        key = next((int(values[name]) for name in ("reqId", "orderId", "id") if name in values), -1)
        self._outgoing.append(_Frame(message, key, answer(message, self._version, **values)))
        self._write()

    def _error(self, key: int, code: int, text: str) -> None:
        self._say("error", id=key, code=code, text=text)

    def _write(self) -> None:
        while self._outgoing and self._transport and "out" not in self._held:
            self._through("write", self._outgoing.popleft(), lambda frame: self._send(frame.payload))

    def _send(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)

    # faults

    def _through(self, moment: Moment, frame: _Frame, go_on: Callable[[_Frame], None]) -> None:
        """Do with a frame what the plan of faults says. Those behind it wait where it is delayed."""
        deed = self._house.faults.at(moment, self.client_id, frame.name, frame.key)
        match deed.do:
            case "pass":
                go_on(frame)
            case "delay":
                self._hold("out" if moment == "write" else "in", deed.seconds, lambda: go_on(frame))
            case "swallow":
                return
            case "duplicate":
                go_on(frame)
                go_on(frame)
            case "cut":
                if moment == "write":
                    self._send(frame.payload[: deed.after_bytes])
                self._close()
            case "disconnect":
                self.drop()
            case "answer":
                for notice in deed.notices:
                    key = frame.key if notice.key is None else notice.key.order
                    self._error(key, notice.code, notice.text)

    def _hold(self, side: str, seconds: float, then: Callable[[], None]) -> None:
        def release() -> None:
            self._held.discard(side)
            if self._transport:
                then()
                self._read()
                self._write()

        self._held.add(side)
        asyncio.get_running_loop().call_later(seconds, release)

    # ending

    def _break_off(self, why: str) -> None:
        """Say why, as far as this client can be told, and close."""
        if self._version:
            self._error(-1, UNREADABLE, _unreadable(why))
        else:
            self._send(joined(["4", "2", "-1", str(UNSPOKEN), why]))
        self._close()

    def _close(self) -> None:
        self._incoming.clear()
        if self._transport:
            self._transport.close()
            self._transport = None

    def _watch(self, *, off: bool = False) -> None:
        """Keep one deadline while a handshake or a frame is unfinished."""
        if off and self._deadline:
            self._deadline.cancel()
            self._deadline = None
        elif not off and not self._deadline:
            self._deadline = asyncio.get_running_loop().call_later(self._house.patience, self._run_out)

    def _run_out(self) -> None:
        self._deadline = None
        what = "a message" if self._version else "the handshake"
        self._break_off(f"{what} was not finished within {self._house.patience:g} seconds")


def _key_of(payload: bytes) -> int:
    """Id of a request that does not read otherwise: its second or third field, where an order or request has it."""
    fields = payload.decode("ascii", "replace").split("\0")
    for text in fields[1:2] if fields[0] in _KEY_FIRST else fields[2:3]:
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
    return -1


_KEY_FIRST = ("3", "20", "22", *map(str, range(78, 105)))


def _unreadable(why: object) -> str:
    return f"Server error when reading an API client request: {why}"
