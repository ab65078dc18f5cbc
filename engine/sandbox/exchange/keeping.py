# SPDX-License-Identifier: Apache-2.0
"""What of an exchange goes to its book on disk, and how an exchange goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.sandbox.exchange.blotter import Blotter
from engine.sandbox.exchange.holdings import Holding
from engine.sandbox.exchange.market import ReplayedMarket
from engine.sandbox.exchange.orders import LIVE
from engine.sandbox.exchange.outcomes import Numbers
from engine.sandbox.exchange.reception import Reception
from engine.sandbox.exchange.store import KeptAccount, Store
from engine.sandbox.exchange.telling import Telling
from engine.sandbox.tickets import Commission, HistoryBar


class Keeping:
    """Writes the parts of an exchange to a store, and reads them back."""

    def __init__(
        self, store: Store, market: ReplayedMarket, blotters: Mapping[str, Blotter], reception: Reception,
        numbers: Numbers, telling: Telling,
    ) -> None:  # fmt: skip
        self.store = store
        self._market, self._blotters, self._reception = market, blotters, reception
        self._numbers, self._telling = numbers, telling

    def keep(self) -> None:
        """Write what has changed since the last time."""
        state = {
            "clock": self._market.clock,
            "forming": self._market.forming,
            "numbers": self._numbers,
            "highest": list(self._reception.highest.items()),
            "borrow": self._reception.borrow,
            "link": self._telling.link,
            "farm": self._telling.farm,
        }
        accounts = {
            name: KeptAccount(blotter.account.packed(), _rest(blotter))
            for name, blotter in self._blotters.items()
            if blotter.account.changed
        }
        orders = self._telling.touched.values()
        self.store.write(state, accounts, orders, self._telling.fresh, self._numbers.day)
        for name in accounts:
            self._blotters[name].account.changed = False

    def restore(self) -> bool:
        """Go on where the book ends; False where it is empty."""
        clock = self.store.state("clock")
        if clock is None:
            return False
        for name, value in clock.items():
            setattr(self._market.clock, name, value)
        self._market.forming[:] = [HistoryBar(**bar) for bar in self.store.state("forming")]
        for name, value in self.store.state("numbers").items():
            setattr(self._numbers, name, value)
        self._reception.highest.update(self.store.state("highest"))
        self._reception.borrow.update(self.store.state("borrow"))
        self._telling.link = self.store.state("link")
        self._telling.farm = self.store.state("farm")
        for name, kept in self.store.accounts().items():
            _take_over(self._blotters[name], kept)
        for standing in self.store.orders(self._numbers.day):
            self._reception.orders[standing.key] = standing
            if standing.status in LIVE:
                self._blotters[standing.ticket.account].take_back(standing)
        for done, cost in self.store.executions(self._numbers.day):
            self._telling.tape.note(done)
            if cost:
                self._telling.tape.note(cost)
        return True


def _rest(blotter: Blotter) -> dict[str, Any]:
    return {
        "holdings": blotter.outcomes.holdings,
        "day_equity": blotter.day_equity,
        "late": blotter.outcomes.late,
    }


def _take_over(blotter: Blotter, kept: KeptAccount) -> None:
    blotter.account.unpack(kept.book)
    blotter.outcomes.holdings[:] = [Holding(**one) for one in kept.rest["holdings"]]
    blotter.outcomes.late = [(steps, Commission(**one)) for steps, one in kept.rest["late"]]
    blotter.day_equity = kept.rest["day_equity"]
