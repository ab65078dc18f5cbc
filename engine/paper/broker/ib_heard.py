# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N802  (methods have the names that the library calls)
"""What comes over the wire of the TWS API, as the client library decodes it, turned into evidence and answers.

The library calls one method a message on whatever it is given. It is given this, and nothing of its own picture of
orders, in which a warning cancels an order that lives. A message that it cannot read is a broken link, not a shrug.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from engine.paper.broker.ib_words import UNSET, UNSET_INTEGER, signed
from engine.paper.broker.port import (
    BrokerSilent,
    CommissionSeen,
    Evidence,
    ExecutionSeen,
    Link,
    LinkSeen,
    Listed,
    OrderSeen,
    PositionSeen,
    Quote,
    Told,
)
from engine.paper.states import ENDED

FIRST_REQUEST = 1_000_000_001
"""Requests are numbered from here, so that an error's number is an order's or a request's and never either."""

BROKEN, BROKEN_ALREADY, BACK_LOST, BACK = 1100, 2110, 1101, 1102
"""The second of them is for whoever connects while the Gateway has lost the broker."""
FARM_BROKEN, FARM_OK = 2103, (2104, 2108)
HARMLESS = frozenset({165, 399, 2100, 10167})
ORDERS, COMPLETED, POSITIONS = "open orders", "completed orders", "positions"
LAST, BID, ASK, SHORTABLE, LAST_TIME = {4, 68}, {1, 66}, {2, 67}, 46, {45, 88}
CLOSE, DELAYED = {9, 75}, {66, 67, 68, 75, 88}


@dataclass
class Answer:
    """A question on its way: what has come so far, and who waits for the rest."""

    future: asyncio.Future[list[Any]]
    parts: list[Any]


class Heard:
    """The receiving side. symbol_of names a contract as the run does."""

    def __init__(self, tell: Callable[[Evidence], None], symbol_of: Callable[[Any], str]) -> None:
        self.tell, self.symbol_of = tell, symbol_of
        self.defaultTimezone = dt.UTC  # the library reads these two
        self.ib = self
        self.TimezoneTWS = "US/Eastern"
        self.answers: dict[Hashable, Answer] = {}
        self.quotes: dict[int, Quote] = {}
        self.refusals: dict[int, str] = {}
        self.accounts: tuple[str, ...] = ()
        self.next_id = 1
        self.link_broken = False
        self.broken_farms: set[str] = set()
        self.last_error = ""
        self.moved = asyncio.Event()

    def ask(self, key: Hashable) -> asyncio.Future[list[Any]]:
        """Begin to collect an answer."""
        self.answers[key] = Answer(asyncio.get_running_loop().create_future(), [])
        return self.answers[key].future

    def forget(self, key: Hashable) -> None:
        """Nobody waits for it any more."""
        self.answers.pop(key, None)

    def _part(self, key: Hashable, part: Any) -> None:
        if key in self.answers:
            self.answers[key].parts.append(part)

    def _end(self, key: Hashable, failed: str = "") -> None:
        answer = self.answers.pop(key, None)
        if answer is not None and not answer.future.done():
            if failed:
                answer.future.set_exception(BrokerSilent(failed))
            else:
                answer.future.set_result(answer.parts)

    def fail(self, why: str) -> None:
        """No answer will come any more."""
        for key in list(self.answers):
            self._end(key, why)
        self.quotes.clear()
        self.moved.set()

    # The names below are the library's.

    def connectAck(self) -> None: ...

    def setEventsDone(self) -> None: ...

    def connectionClosed(self) -> None:
        """The socket is gone; the client says so once more by an event."""

    def nextValidId(self, order_id: int) -> None:
        self.next_id = max(self.next_id, order_id)

    def managedAccounts(self, accounts: str) -> None:
        self.accounts = tuple(one for one in accounts.split(",") if one)

    def openOrder(self, order_id: int, contract: Any, order: Any, state: Any) -> None:
        if order.whatIf:
            self._part(("what if", order_id), state)
            self._end(("what if", order_id))
            return
        asked = ORDERS in self.answers
        seen = OrderSeen(
            perm=order.permId,
            client=order.clientId,
            order_id=order_id,
            status=state.status,
            ref=order.orderRef,
            account=order.account,
            symbol=self.symbol_of(contract),
            quantity=signed(order.action, order.totalQuantity),
            listed=Listed.ALIVE if asked and state.status not in ENDED else Listed.NOWHERE,
        )
        if seen.listed is Listed.ALIVE:
            self._part(ORDERS, seen)
        self.tell(seen)

    def openOrderEnd(self) -> None:
        self._end(ORDERS)

    def orderStatus(
        self, order_id: int, status: str, filled: float, remaining: float, average: float, perm: int, parent: int,
        last: float, client: int, held: str, cap: float = 0.0,
    ) -> None:  # fmt: skip
        self.tell(OrderSeen(perm=perm, client=client, order_id=order_id, status=status, filled=filled, held=held))

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:
        filled = float(order.filledQuantity)
        total = float(order.totalQuantity) or (filled if filled < UNSET else 0.0)
        seen = OrderSeen(
            perm=order.permId,
            client=0,
            order_id=0,
            status=state.status,
            ref=order.orderRef,
            account=order.account,
            symbol=self.symbol_of(contract),
            quantity=signed(order.action, total) if total else None,
            filled=filled if filled < UNSET else None,
            listed=Listed.ENDED,
        )
        self._part(COMPLETED, seen)
        self.tell(seen)

    def completedOrdersEnd(self) -> None:
        self._end(COMPLETED)

    def execDetails(self, request: int, contract: Any, execution: Any) -> None:
        seen = ExecutionSeen(
            exec_id=execution.execId,
            perm=execution.permId,
            client=execution.clientId,
            order_id=0 if execution.orderId == UNSET_INTEGER else execution.orderId,
            ref=execution.orderRef,
            account=execution.acctNumber,
            symbol=self.symbol_of(contract),
            quantity=signed("BUY" if execution.side == "BOT" else "SELL", execution.shares),
            price=float(execution.price),
            time=int(execution.time.timestamp()) * 1_000_000_000,
        )
        self._part(request, seen)
        self.tell(seen)

    def execDetailsEnd(self, request: int) -> None:
        self._end(request)

    def commissionReport(self, report: Any) -> None:
        if report.commission < UNSET:
            realized = report.realizedPNL if report.realizedPNL < UNSET else None
            self.tell(CommissionSeen(report.execId, report.commission, report.currency, realized))

    def position(self, account: str, contract: Any, quantity: float, average: float) -> None:
        seen = PositionSeen(account, self.symbol_of(contract), quantity, average, contract.secType)
        self._part(POSITIONS, seen)
        self.tell(seen)

    def positionEnd(self) -> None:
        self._end(POSITIONS)

    def accountUpdateMulti(self, request: int, account: str, model: str, key: str, value: str, currency: str) -> None:
        self._part(request, (key, value, currency))

    def accountUpdateMultiEnd(self, request: int) -> None:
        self._end(request)

    def contractDetails(self, request: int, details: Any) -> None:
        self._part(request, details)

    def contractDetailsEnd(self, request: int) -> None:
        self._end(request)

    def historicalData(self, request: int, bar: Any) -> None:
        self._part(request, bar)

    def historicalDataEnd(self, request: int, start: str, end: str) -> None:
        self._end(request)

    def marketDataType(self, request: int, kind: int) -> None:
        self._quote(request, kind=kind)

    def priceSizeTick(self, request: int, tick: int, price: float, size: float) -> None:
        changes: dict[str, Any] = {}
        for name, ticks in (("last", LAST), ("bid", BID), ("ask", ASK)):
            if tick in ticks:
                changes[name] = price if price > 0 else None
        before = self.quotes.get(request)
        if before is None:
            return
        if tick in CLOSE and before.last is None and price > 0:
            changes["last"] = price
        if tick in DELAYED and before.kind in {0, 1}:
            changes["kind"] = 3
        elif changes and before.kind == 0:
            changes["kind"] = 1
        self._quote(request, **changes)

    def tickGeneric(self, request: int, tick: int, value: float) -> None:
        if tick == SHORTABLE:
            self._quote(request, shortable=value)

    def tickString(self, request: int, tick: int, value: str) -> None:
        if tick in LAST_TIME and value.isdigit():
            self._quote(request, time=int(value) * 1_000_000_000)

    def _quote(self, request: int, **changes: Any) -> None:
        if request in self.quotes:
            self.quotes[request] = replace(self.quotes[request], **changes)
            self.moved.set()

    def error(self, number: int, code: int, text: str, advanced: str = "") -> None:
        if code in {BROKEN, BROKEN_ALREADY, BACK_LOST, BACK}:
            self._link(BROKEN if code == BROKEN_ALREADY else code)
        if code in {FARM_BROKEN, *FARM_OK}:
            self._farm(code, text.rpartition(":")[2].strip())
        harmless = code in HARMLESS or 2100 <= code < 2200
        if not harmless:
            self.last_error = f"{code}: {text}"
            self._end(number, self.last_error)
            self._end(("what if", number), self.last_error)
            if number in self.quotes:
                self.refusals[number] = self.last_error
                self.moved.set()
        self.tell(Told(code, text, number if 0 < number < FIRST_REQUEST else -1))

    def _farm(self, code: int, name: str) -> None:
        """Prices that nobody moves any more are no prices: every stream begins anew, once every farm is back."""
        if code == FARM_BROKEN:
            self.broken_farms.add(name)
            self.quotes.clear()
            self.moved.set()
        else:
            self.broken_farms.discard(name)

    def _link(self, code: int) -> None:
        self.link_broken = code == BROKEN
        if code != BACK:
            self.fail(f"{code}: the broker's side is away" if code == BROKEN else "1101: data was lost")
        self.tell(LinkSeen({BROKEN: Link.BROKEN, BACK_LOST: Link.BACK_LOST}.get(code, Link.BACK)))
