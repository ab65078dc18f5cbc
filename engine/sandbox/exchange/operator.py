# SPDX-License-Identifier: Apache-2.0
"""The hand behind the scenes: what a person or a test does to the exchange past every client."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.kernel.codes import OrderStatus
from engine.sandbox.exchange.blotter import Blotter
from engine.sandbox.exchange.market import ReplayedMarket
from engine.sandbox.exchange.orders import LOCATE, UNSENT, Standing
from engine.sandbox.exchange.outcomes import Numbers
from engine.sandbox.exchange.reception import HELD, NOT_LENT, Reception
from engine.sandbox.exchange.telling import Telling
from engine.sandbox.faults import TEXTS, Fault, notice_of
from engine.sandbox.tickets import Contract, Notice, OrderKey, Ticket

MANUAL = 0
"""The client to whom orders belong that a person enters by hand; their ids are negative."""


class Operator:
    """Fills, trades by hand, the link and the farm, borrowing, restarts. hang_up drops every client's connection."""

    def __init__(
        self, market: ReplayedMarket, blotters: Mapping[str, Blotter], reception: Reception, numbers: Numbers,
        telling: Telling,
    ) -> None:  # fmt: skip
        self.hang_up: Callable[[], None] = _nobody
        self._market, self._blotters, self._reception = market, blotters, reception
        self._numbers, self._telling = numbers, telling

    def lend(self, symbol: str, borrow: str = "") -> None:
        """What becomes of short sales of a symbol: HELD, NOT_LENT, or "": they fill, and so does what waited."""
        self._reception.borrow.pop(symbol, None)
        if borrow in {HELD, NOT_LENT}:
            self._reception.borrow[symbol] = borrow
        else:
            self._reception.release(LOCATE, symbol)
        self._telling.flush()

    def fill(self, key: OrderKey, quantity: float, price: float) -> bool:
        """Fill `quantity` shares of a working order at `price`, whatever the market; False where there is none.

        A child that sleeps until its parent fills does not work.
        """
        standing = self._reception.orders.get(key)
        if standing is None or standing.done or not standing.number:
            return False
        blotter = self._blotters[standing.ticket.account]
        if blotter.account.row(standing.number).status == OrderStatus.HELD:
            return False
        blotter.fill(standing, quantity, price)
        self._telling.flush()
        return True

    def manual(self, account: str, symbol: str, quantity: float, price: float) -> OrderKey:
        """A person trades signed shares at a price, past every client: an order of client 0 with an id below 0."""
        lowest = min((key.order for key in self._reception.orders if key.client == MANUAL), default=0)
        key = OrderKey(MANUAL, min(0, lowest) - 1)
        contract = self._market.find(Contract(0, symbol))[0]
        ticket = Ticket(account, contract, "BUY" if quantity > 0.0 else "SELL", abs(quantity), "MKT")
        standing = Standing(key, self._numbers.next_perm(), ticket, UNSENT, born=self._market.clock.now)
        self._reception.orders[key] = standing
        self._blotters[account].take_in(standing)
        self._blotters[account].fill(standing, abs(quantity), price)
        self._telling.flush()
        return key

    def set_link(self, *, up: bool, data_lost: bool = False) -> None:
        """Cut the broker off, or join it again. Meanwhile nothing is told, and orders wait to be sent after it."""
        self._telling.link = up
        code = (1101 if data_lost else 1102) if up else 1100
        self._telling.tell(Notice(code, TEXTS[code]))
        if up:
            self._reception.catch_up()
        self._telling.flush()

    def set_farm(self, *, up: bool) -> None:
        """Silence market data, or let it speak again."""
        self._telling.farm = up
        code = 2104 if up else 2103
        self._telling.tell(Notice(code, TEXTS[code]))
        self._telling.flush()

    def restart_nightly(self, ids: int = 0) -> None:
        """The broker's restart: every connection drops, the day's executions are forgotten, ids run back by `ids`."""
        self.hang_up()
        self._numbers.day += 1
        self._telling.tape.clear()
        self._reception.new_day()
        self._reception.roll_back(ids)
        self._telling.flush()

    def say(self, notice: Notice) -> None:
        """Tell every client something, or the one whose order it is about."""
        self._telling.tell(notice)
        self._telling.flush()

    def strike(self, fault: Fault) -> None:
        """Let a fault of the plan happen that waited for a step."""
        match fault.fault:
            case "link_lost":
                self.set_link(up=False)
            case "link_restored":
                self.set_link(up=True, data_lost=fault.code == 1101)
            case "farm_broken" | "farm_restored":
                self.set_farm(up=fault.fault == "farm_restored")
            case "nightly":
                self.restart_nightly(fault.ids)
            case _:
                self.say(notice_of(fault))


def _nobody() -> None:
    """Nobody is connected."""
