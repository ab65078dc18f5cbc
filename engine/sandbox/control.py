# SPDX-License-Identifier: Apache-2.0
"""The control channel: one JSON object a line in, one out, on a second port of this machine.

`{"do": "step", "bars": 2}` is answered by `{"ok": true, ...}`, what cannot be done by `{"ok": false, "error": "..."}`.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from engine.errors import InputError
from engine.market.calendar import date_of
from engine.sandbox.commands import Command, Key, Wrong, check_not_below_0, check_positive, values_of
from engine.sandbox.exchange.checks import in_whole_steps
from engine.sandbox.exchange.exchange import Exchange
from engine.sandbox.exchange.reception import HELD, NOT_LENT
from engine.sandbox.faults import TEXTS
from engine.sandbox.pace import IN_STEP, Timer, bars_a_second
from engine.sandbox.plan import LARGEST, fault_of
from engine.sandbox.server import Server, check_loopback
from engine.sandbox.tickets import Notice, OrderKey

MOST = 1 << 20
"""Bytes of the longest line that is read."""

A_DAY = 86_400.0
"""Seconds: the most that one tick may take."""

A_MOMENT = 1.0
"""Seconds that who is there has to read the last answer when the channel closes."""

SHOWN = 100
"""Requests that `received` tells of where it is not asked for more."""


class Control:
    """What may be said to a sandbox from behind: the table of commands is `commands`."""

    def __init__(self, exchange: Exchange, server: Server, timer: Timer) -> None:
        self._exchange, self._server, self._timer = exchange, server, timer
        self._operator = exchange.operator
        self._listener: asyncio.Server | None = None
        self._talks: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        text, whole, number, switch = Key(str, ""), Key(int, 0), Key(float), Key(bool)
        account, unsaid = Key(str, exchange.accounts[0]), Key(int, None)
        self.commands = {
            "state": Command(self._state, {}),
            "step": Command(self._step, {"bars": Key(int, 1)}),
            "leg": Command(self._leg, {"legs": Key(int, 1)}),
            "run": Command(self._run, {"speed": Key(str)}),
            "pause": Command(self._pause, {}),
            "tick": Command(self._tick, {"prices": Key(dict), "seconds": Key(float, 1.0)}),
            "fault": Command(self._fault, None),
            "faults": Command(self._faults, {}),
            "clear": Command(self._clear, {}),
            "error": Command(self._error, {"code": Key(int), "text": text, "client": unsaid, "order": unsaid}),
            "disconnect": Command(self._disconnect, {"client": unsaid}),
            "link": Command(self._link, {"up": switch, "data_lost": Key(bool, False)}),
            "farm": Command(self._farm, {"up": switch}),
            "nightly": Command(self._nightly, {"ids": whole}),
            "lend": Command(self._lend, {"symbol": Key(str), "as": text}),
            "fill": Command(self._fill, {"client": Key(int), "order": Key(int), "quantity": number, "price": number}),
            "trade": Command(
                self._trade, {"account": account, "symbol": Key(str), "quantity": number, "price": number}
            ),
            "dump": Command(self._dump, {}),
            "received": Command(self._received, {"last": Key(int, SHOWN)}),
        }

    @property
    def port(self) -> int:
        """The port that it listens to."""
        assert self._listener
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes one that is free. InputError where host is not this machine alone."""
        check_loopback(host)
        self._listener = await asyncio.start_server(self._serve, host, port, limit=MOST)

    async def stop(self) -> None:
        """Listen no more, and let go of who is there."""
        if self._listener:
            self._listener.close()
            talks = dict(self._talks)
            for writer in talks:
                writer.close()
            if talks and (await asyncio.wait(talks.values(), timeout=A_MOMENT))[1]:
                for writer in talks:  # somebody who does not read what was said
                    writer.transport.abort()
                await asyncio.wait(talks.values())
            await self._listener.wait_closed()
            self._listener = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk
        self._talks[writer] = talk
        try:
            while (line := await reader.readline()) and not writer.is_closing():
                writer.write(self.answer(line) + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):  # a line without end, or somebody who has left
            pass
        finally:
            self._talks.pop(writer, None)
            writer.close()

    def answer(self, line: bytes) -> bytes:
        """What is said to one line."""
        try:
            return json.dumps({"ok": True, **self._carry_out(json.loads(line))}).encode()
        except (Wrong, InputError) as error:
            text = str(error)
        except (ValueError, RecursionError) as error:
            text = f"no line of JSON: {error}"
        return json.dumps({"ok": False, "error": text}).encode()

    def _carry_out(self, said: Any) -> dict[str, Any]:
        if not isinstance(said, dict) or said.get("do") not in self.commands:
            raise Wrong(f'no such command; there are {", ".join(self.commands)}, each as {{"do": NAME}}')
        command = self.commands[said.pop("do")]
        return command.run(said) if command.keys is None else command.run(**values_of(said, command.keys))

    def _state(self) -> dict[str, Any]:
        clock = self._exchange.market.clock
        return {
            "now": clock.now,
            "session": str(date_of(clock.session)),
            "row": clock.row,
            "over": self._exchange.over,
            "accounts": list(self._exchange.accounts),
            "clients": self._server.clients,
            "orders": len(self._exchange.open_orders()),
            "prices": {
                one.symbol: tick.last
                for one in self._exchange.market.listed
                if (tick := self._exchange.quote(one.con_id))
            },
        }

    def _step(self, bars: int) -> dict[str, Any]:
        return self._steps(bars, self._exchange.step_bar)

    def _leg(self, legs: int) -> dict[str, Any]:
        return self._steps(legs, self._exchange.step)

    def _steps(self, count: int, step: Callable[[], bool]) -> dict[str, Any]:
        check_not_below_0(steps=count)
        done = 0
        while done < count and step():
            done += 1
        return {"stepped": done, **self._state()}

    def _run(self, speed: str) -> dict[str, Any]:
        bars = bars_a_second(speed, self._exchange.market.replay.market)
        if bars is None:
            raise Wrong(f"{IN_STEP} is no speed to run at: say step")
        self._timer.run(bars * self._exchange.market.legs)
        return {}

    def _pause(self) -> dict[str, Any]:
        self._timer.pause()
        return self._state()

    def _tick(self, prices: dict[str, Any], seconds: float) -> dict[str, Any]:
        for symbol, price in prices.items():
            self._check_symbol(symbol)
            if isinstance(price, bool) or not isinstance(price, int | float) or not 0.0 < price < LARGEST:
                raise Wrong(f"the price of {symbol} is no number above 0: {price!r}")
        if not 0.0 <= seconds <= A_DAY:
            raise Wrong(f"time does not run back, nor past a day: seconds is from 0 to {A_DAY:g}")
        self._exchange.tick(prices, seconds)
        return self._state()

    def _fault(self, said: dict[str, Any]) -> dict[str, Any]:
        fault = fault_of(said)
        if not self._exchange.faults.add(fault):
            raise Wrong(f"one fault at a time: {self._exchange.faults.waiting[0].fault} has not struck yet")
        return {}

    def _faults(self) -> dict[str, Any]:
        faults = self._exchange.faults
        return {"waiting": [asdict(one) for one in faults.waiting], "struck": [asdict(one) for one in faults.struck]}

    def _clear(self) -> dict[str, Any]:
        self._exchange.faults.clear()
        return {}

    def _error(self, code: int, text: str, client: int | None, order: int | None) -> dict[str, Any]:
        notice = Notice(code, text or TEXTS.get(code, "An error of the control channel"))
        if client is not None and order is not None:
            check_not_below_0(client=client, order=order)
            notice = replace(notice, key=OrderKey(client, order))
        elif client is not None or order is not None:
            raise Wrong("an error is about an order, which needs client and order, or said to everybody, with neither")
        self._operator.say(notice)
        return {}

    def _disconnect(self, client: int | None) -> dict[str, Any]:
        there = self._server.clients
        if client is not None and client not in there:
            raise Wrong(f"no client {client} is connected; there are {', '.join(map(str, there)) or 'none'}")
        self._server.drop(client)
        return {}

    def _link(self, *, up: bool, data_lost: bool) -> dict[str, Any]:
        self._operator.set_link(up=up, data_lost=data_lost)
        return {}

    def _farm(self, *, up: bool) -> dict[str, Any]:
        self._operator.set_farm(up=up)
        return {}

    def _nightly(self, ids: int) -> dict[str, Any]:
        check_not_below_0(ids=ids)
        self._operator.restart_nightly(ids)
        return {}

    def _lend(self, **said: str) -> dict[str, Any]:
        if said["as"] not in {"", HELD, NOT_LENT}:
            raise Wrong(f'as is "{HELD}", "{NOT_LENT}" or ""')
        self._check_symbol(said["symbol"])
        self._operator.lend(said["symbol"], said["as"])
        return {}

    def _fill(self, client: int, order: int, quantity: float, price: float) -> dict[str, Any]:
        check_positive(quantity=quantity, price=price)
        self._check_shares(quantity)
        if not self._operator.fill(OrderKey(client, order), quantity, price):
            raise Wrong(f"client {client} has no order {order} that works")
        return {}

    def _trade(self, account: str, symbol: str, quantity: float, price: float) -> dict[str, Any]:
        check_positive(price=price)
        self._check_symbol(symbol)
        if account not in self._exchange.accounts:
            raise Wrong(f"no account {account}; there are {', '.join(self._exchange.accounts)}")
        if not quantity or not math.isfinite(quantity):
            raise Wrong("quantity is signed shares, not 0")
        self._check_shares(quantity)
        return {"order": self._operator.manual(account, symbol, quantity, price).order}

    def _dump(self) -> dict[str, Any]:
        if not self._exchange.keeps:
            raise Wrong("the sandbox has no book, so it forgets a day's orders with the day: start it with --book FILE")
        return self._exchange.dump()

    def _received(self, last: int) -> dict[str, Any]:
        check_not_below_0(last=last)
        requests = list(self._server.received)[-last:] if last else []
        return {"counts": dict(self._server.counts), "requests": [[one.client, one.name] for one in requests]}

    def _check_shares(self, quantity: float) -> None:
        step = self._exchange.market.replay.config.fills.quantity_step
        if not in_whole_steps(quantity, step):
            raise Wrong(f"quantity is a multiple of {step:g} shares: {quantity!r}")

    def _check_symbol(self, symbol: str) -> None:
        known = self._exchange.market.replay.symbols
        if symbol not in known:
            raise Wrong(f"no symbol {symbol}; there are {', '.join(known)}")
