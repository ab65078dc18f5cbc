# SPDX-License-Identifier: Apache-2.0
"""The broker behind a TWS or an IB Gateway, by ib_async or ib_insync: the only import of either.

Of the library its socket client and its decoder are used: framing, versions, fields. What becomes of an order is read
off the messages themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import warnings
from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any, TypeVar

from engine.paper.broker.ib_ears import ears, quiet
from engine.paper.broker.ib_greeting import greet
from engine.paper.broker.ib_heard import COMPLETED, FIRST_REQUEST, ORDERS, POSITIONS, Heard
from engine.paper.broker.ib_words import CENT, CURRENCY, as_session, name_of, order_of, parse_hours, what_if_of
from engine.paper.broker.port import (
    BrokerSilent,
    DailyBar,
    Evidence,
    ExecutionSeen,
    Greeting,
    Hours,
    Link,
    LinkSeen,
    OrderSeen,
    PositionSeen,
    Quote,
    Told,
    WhatIf,
    Wire,
)

PACE = 45  # messages a second that the client lets through, 0 for all: the broker takes 50
LARGEST_FRAME = 16 * 1024 * 1024
GRACE = 0.25  # seconds that a quote waits for the figure of shortable shares once it has a price
Part = TypeVar("Part")


def library() -> ModuleType:
    """ib_async or, where only that is installed, ib_insync.

    Raises MissingExtra in one sentence where neither can be had.
    """
    from engine.distribution import install_extra
    from engine.errors import MissingExtra

    remedy = f"install it with `{install_extra('paper')}`"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import ib_async
        except ImportError as missing:
            if sys.version_info >= (3, 14):
                text = "ib_async is not installed, and ib_insync cannot be imported on Python 3.14 and newer"
                raise MissingExtra(f"{text}: ib_async is the broker's client there; {remedy}") from missing
            try:
                import ib_insync
            except ImportError:
                raise MissingExtra(f"ib_async is not installed: it is the broker's client; {remedy}") from missing
            return ib_insync  # type: ignore[no-any-return]
        return ib_async


def _nobody(one: Evidence) -> None: ...


class IbClient:
    """A Broker over one socket. Deadlines are `patience` seconds; while the link is down a question fails at once."""

    def __init__(self, host: str, port: int, client: int, patience: float = 10.0, *, pace: int = PACE) -> None:
        self.host, self.port, self.client_id, self.patience, self.pace = host, port, client, patience, pace
        self._library = library()
        quiet(self._library.__name__)
        self._contracts: dict[str, Any] = {}
        self._steps: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._streams: dict[str, int] = {}
        self._request, self._floor, self._throttled = FIRST_REQUEST, 1, False
        self._listener: Callable[[Evidence], None] = _nobody
        self._heard = Heard(self._tell, self._symbol_of)
        self._client = self._new_client()

    def _new_client(self) -> Any:
        client = self._library.client.Client(self._heard)
        client.MaxRequests = self.pace
        client.apiEnd += self._lost
        client.throttleStart += lambda: setattr(self, "_throttled", True)
        client.throttleEnd += lambda: setattr(self, "_throttled", False)
        client.conn.hasData += self._bound
        return client

    def listen(self, heard: Callable[[Evidence], None]) -> None:
        """Who hears everything from now on."""
        self._listener = heard

    def _tell(self, one: Evidence) -> None:
        if isinstance(one, LinkSeen) and one.link is Link.BACK_LOST:
            self._streams.clear()
        self._listener(one)

    async def connect(self) -> Greeting:
        """Open the socket and greet. Raises BrokerSilent as `greet` does."""
        self._heard = Heard(self._tell, self._symbol_of)
        self._streams.clear()
        self._throttled = False
        self._client = self._new_client()
        ears(self._library.__name__, self._misheard)
        try:
            await greet(self._client, self.host, self.port, self.client_id, self.patience, self._heard)
        except BrokerSilent:
            ears(self._library.__name__, None)
            raise
        self._floor = max(self._floor, self._heard.next_id)
        return Greeting(self._heard.accounts)

    def _misheard(self, text: str) -> None:
        """A message was lost between socket and journal: the link is closed, so that everything is asked again."""
        self._tell(Told(0, f"the client cannot read a message: {text[:300]}"))
        asyncio.get_running_loop().call_soon(self._drop)

    def _bound(self, data: bytes) -> None:
        if len(getattr(self._client, "_data", b"")) > LARGEST_FRAME:
            self._tell(Told(0, f"a message of more than {LARGEST_FRAME} bytes: the link is closed"))
            self._drop()

    def _drop(self) -> None:
        if self._client.isConnected():
            self._client.disconnect()
            self._lost()

    def _lost(self) -> None:
        ears(self._library.__name__, None)
        self._heard.fail("the link to the broker is lost")
        self._streams.clear()
        self._tell(LinkSeen(Link.LOST))

    async def disconnect(self) -> None:
        """Close the socket."""
        ears(self._library.__name__, None)
        self._heard.fail("the link to the broker was closed")
        self._client.disconnect()

    def up(self) -> bool:
        """The socket stands, the greeting is over and no 1100 is open."""
        return bool(self._client.isConnected() and self._client.isReady()) and not self._heard.link_broken

    def free(self) -> bool:
        """Nothing waits in the client's throttle, and the socket has taken every byte."""
        pipe = self._client.conn.transport
        return not self._throttled and pipe is not None and pipe.get_write_buffer_size() == 0

    def next_id(self) -> int:
        """Above every id of the greeting and of this client's own orders and questions."""
        return max(self._floor, self._heard.next_id)

    async def _ask(self, key: Hashable, ask: Callable[[], None]) -> list[Any]:
        """Ask and collect, within the deadline."""
        if not self.up():
            raise BrokerSilent("the link to the broker is down")
        future = self._heard.ask(key)
        try:
            ask()
            return await asyncio.wait_for(future, self.patience)
        except TimeoutError as late:
            raise BrokerSilent(f"no answer within {self.patience:g} s") from late
        except ConnectionError as broken:
            raise BrokerSilent(str(broken)) from broken
        finally:
            self._heard.forget(key)

    def _number(self) -> int:
        self._request += 1
        return self._request

    async def open_orders(self) -> tuple[OrderSeen, ...]:
        told = await self._ask(ORDERS, self._client.reqAllOpenOrders)  # with news of orders in between
        return tuple({(one.perm, one.client, one.order_id): one for one in told}.values())

    async def completed_orders(self) -> tuple[OrderSeen, ...]:
        return tuple(await self._ask(COMPLETED, lambda: self._client.reqCompletedOrders(False)))

    async def executions(self) -> tuple[ExecutionSeen, ...]:
        number, everything = self._number(), self._library.ExecutionFilter()
        return tuple(await self._ask(number, lambda: self._client.reqExecutions(number, everything)))

    async def positions(self) -> tuple[PositionSeen, ...]:
        """See Broker. The last word on a symbol counts, where it moved while it was told."""
        told = await self._ask(POSITIONS, self._client.reqPositions)
        with contextlib.suppress(ConnectionError):
            self._client.cancelPositions()
        return tuple({(one.account, one.symbol): one for one in told}.values())

    async def account_values(self, account: str) -> dict[str, str]:
        number, client = self._number(), self._client
        told = await self._ask(number, lambda: client.reqAccountUpdatesMulti(number, account, "", False))
        with contextlib.suppress(ConnectionError):  # the answer is whole; a link that breaks now is found by `up`
            client.cancelAccountUpdatesMulti(number)
        return {key: value for key, value, currency in told if currency in {CURRENCY, ""}}

    async def hours(self, symbol: str) -> Hours:
        number, wanted = self._number(), self._contract(symbol)
        told = await self._ask(number, lambda: self._client.reqContractDetails(number, wanted))
        if len(told) != 1:
            raise BrokerSilent(f"{symbol} names {len(told)} contracts")
        self._contracts[symbol], self._steps[symbol] = told[0].contract, float(told[0].minTick)
        return Hours(parse_hours(told[0].liquidHours, told[0].timeZoneId), self._steps[symbol])

    async def quote(self, symbol: str) -> Quote:
        """See Broker. The first question opens a stream, later ones read it."""
        if not self.up():
            raise BrokerSilent("the link to the broker is down")
        if self._heard.broken_farms:
            raise BrokerSilent(f"market data are broken: {', '.join(sorted(self._heard.broken_farms))}")
        number = self._streams.get(symbol, 0)
        if number not in self._heard.quotes:
            number = self._stream(symbol)
        await self._until(number, lambda seen: seen.last is not None and seen.kind > 0, self.patience)
        await self._until(number, lambda seen: seen.shortable is not None, GRACE)
        quote = self._heard.quotes.get(number)
        refusal = self._heard.refusals.pop(number, "")
        if quote is None or (quote.last is None and refusal):
            self._streams.pop(symbol, None)
            raise BrokerSilent(refusal or "the link to the broker is lost")
        return quote

    def _stream(self, symbol: str) -> int:
        """A new stream of prices; one from before a broken link is closed."""
        if symbol in self._streams:
            self._client.cancelMktData(self._streams[symbol])
        number = self._streams[symbol] = self._number()
        self._heard.quotes[number] = Quote(None, None, None, None, 0, None)
        self._client.reqMktData(number, self._contract(symbol), "236", False, False, [])
        return number

    async def _until(self, number: int, enough: Callable[[Quote], bool], patience: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while (
            number in self._heard.quotes
            and number not in self._heard.refusals
            and not enough(self._heard.quotes[number])
            and loop.time() < deadline
        ):
            self._heard.moved.clear()
            try:
                await asyncio.wait_for(self._heard.moved.wait(), deadline - loop.time())
            except TimeoutError:
                return

    async def what_if(self, wire: Wire) -> WhatIf:
        number = self.next_id()
        self._floor = number + 1
        told = await self._ask(("what if", number), lambda: self._place(wire, number, whatIf=True))
        return what_if_of(told[0])

    async def history(self, symbol: str, sessions: int) -> tuple[DailyBar, ...]:
        number, contract = self._number(), self._contract(symbol)
        span = f"{sessions} D" if sessions <= 365 else f"{-(-sessions // 250)} Y"
        told = await self._ask(
            number,
            lambda: self._client.reqHistoricalData(number, contract, "", span, "1 day", "TRADES", True, 1, False, []),
        )
        return tuple(DailyBar(as_session(bar.date), bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in told)

    def place(self, wire: Wire) -> None:
        """See Broker. Raises ConnectionError where the link is down: then nothing was written."""
        if not self.up():
            raise ConnectionError("the link to the broker is down")
        self._floor = max(self._floor, wire.order_id + 1)
        self._place(wire, wire.order_id)

    def _place(self, wire: Wire, order_id: int, **fields: bool) -> None:
        empty = self._library.Order(clientId=self.client_id, **fields)
        order = order_of(empty, wire, order_id, self._steps.get(wire.symbol, CENT))
        self._client.placeOrder(order_id, self._contract(wire.symbol), order)

    def cancel(self, order_id: int) -> None:
        """See Broker. Raises ConnectionError where the link is down."""
        if not self.up():
            raise ConnectionError("the link to the broker is down")
        self._client.cancelOrder(order_id)

    def _contract(self, symbol: str) -> Any:
        """The contract as the broker resolved it, or as it is asked for: US shares by smart routing."""
        if symbol not in self._contracts:
            name = symbol.replace(".", " ").replace("-", " ")
            self._names[name] = symbol
            self._contracts[symbol] = self._library.Stock(name, "SMART", CURRENCY)
        return self._contracts[symbol]

    def _symbol_of(self, contract: Any) -> str:
        name = name_of(contract)
        return self._names.get(name, name)
