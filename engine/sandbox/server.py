# SPDX-License-Identifier: Apache-2.0
"""The server: one loop, on this machine alone, any number of clients before one exchange."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter, deque
from types import TracebackType
from typing import NamedTuple, Self

from engine.errors import InputError, Problem
from engine.sandbox.desk.client import Terms
from engine.sandbox.faults import Faults, FrameFaults
from engine.sandbox.session import House, Session
from engine.sandbox.tickets import Event
from engine.sandbox.venue import Venue
from engine.sandbox.wire.frames import split
from engine.sandbox.wire.requests import Request, read_request

LOOPBACK = "127.0.0.1"
PATIENCE = 10.0
KEPT_REQUESTS = 10_000


class Received(NamedTuple):
    """A request as it came: whose it is, its name, and its bytes, a tenth of what they read to."""

    client: int
    name: str
    version: int
    payload: bytes

    @property
    def request(self) -> Request:
        """The request with every field."""
        return read_request(split(self.payload), self.version)


class Server:
    """The server side of the TWS API over a venue. Use it as `async with Server(venue) as server: ... server.port`.

    received holds the last requests of all clients, counts how many there were of each name since the start.
    patience is how many seconds a handshake or a frame may take from its first byte to its last.
    """

    def __init__(
        self,
        venue: Venue,
        *,
        terms: Terms | None = None,
        faults: FrameFaults | None = None,
        patience: float = PATIENCE,
        kept: int = KEPT_REQUESTS,
    ) -> None:
        self.received: deque[Received] = deque(maxlen=kept)
        self.counts: Counter[str] = Counter()
        self._venue = venue
        self._sessions: dict[Session, int] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self._listener: asyncio.Server | None = None
        self._house = House(venue, terms or Terms(), faults or Faults(), patience, self._enter, self._leave, self._note)
        self._deaf = venue.listen(self._hear)

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        assert self._listener
        return int(self._listener.sockets[0].getsockname()[1])

    @property
    def clients(self) -> list[int]:
        """Ids of the clients that are connected, in the order of their coming."""
        return [client for client in self._sessions.values() if client >= 0]

    async def start(self, host: str = LOOPBACK, port: int = 0) -> None:
        """Listen; port 0 takes one that is free. InputError where host is not this machine alone."""
        check_loopback(host)
        self._listener = await asyncio.get_running_loop().create_server(self._session, host, port)

    async def stop(self) -> None:
        """Drop every client and stop listening."""
        self._deaf()
        if self._listener:
            self._listener.close()
        self.drop()
        await self._empty.wait()
        if self._listener:
            await self._listener.wait_closed()
            self._listener = None

    def drop(self, client: int | None = None) -> None:
        """Drop one client's connection, or all, as when the broker restarts or a cable is pulled."""
        for session, its_id in list(self._sessions.items()):
            if client in {None, its_id}:
                session.drop()

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    def _session(self) -> Session:
        session = Session(self._house)
        self._sessions[session] = -1
        self._empty.clear()
        return session

    def _enter(self, session: Session, client: int) -> bool:
        if client in self._sessions.values():
            return False
        self._sessions[session] = client
        return True

    def _leave(self, session: Session) -> None:
        self._sessions.pop(session, None)
        if not self._sessions:
            self._empty.set()

    def _note(self, client: int, name: str, version: int, payload: bytes) -> None:
        self.counts[name] += 1
        self.received.append(Received(client, name, version, payload))

    def _hear(self, event: Event) -> None:
        for session in list(self._sessions):
            session.hear(event)


def check_loopback(host: str) -> None:
    """InputError where others than this machine could reach the address."""
    try:
        alone = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        alone = False
    if not alone:
        raise InputError(
            Problem(
                "the sandbox listens to this machine alone: its protocol has no password, who reaches it can trade",
                found=repr(host),
                allowed="127.0.0.1, ::1 or localhost",
            )
        )
