# SPDX-License-Identifier: Apache-2.0
"""The replayed market as clients see it: contracts, hours, history up to now and never beyond, quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.market.calendar import exchange
from engine.sandbox.exchange.account import Feed
from engine.sandbox.exchange.contracts import has_id, listing, matching, option_of
from engine.sandbox.exchange.history import NO_DATA, UNKNOWN, bar_words, began, history, shares
from engine.sandbox.exchange.hours import SECOND, ZONE, hours_around
from engine.sandbox.exchange.replay import Replay
from engine.sandbox.exchange.walk import one_price
from engine.sandbox.tickets import (
    BarClosed,
    BarForming,
    Contract,
    HistoryBar,
    HistoryQuery,
    Listing,
    Tick,
)
from engine.sandbox.venue import Refused

CENT = 0.01
"""The step of prices that the contracts tell; 0 tells that any price is taken."""

ROUND_LOT = 100.0
"""Shares bid and asked for: the replay has no depth."""

EASY, HARD = 3.0, 0.5
"""The broker's figure of shortability: above 2.5 at least a thousand shares can be had, at 1.5 or below none."""


@dataclass
class Clock:
    """Where the exchange stands: the row that was stepped last, its stamp and date, and whether a session runs."""

    row: int = -1
    now: int = 0
    session: int = 0
    open: bool = False


class ReplayedMarket:
    """The bars of a replay and how far they have come."""

    def __init__(self, replay: Replay, feed: Feed) -> None:
        self.replay, self.clock = replay, Clock()
        self._calendar = exchange(replay.market.calendar)
        self.listed = listing(replay.symbols)
        self.least_step = CENT
        self._bars = feed.bars
        self.forming: list[HistoryBar] = []
        self._ticks: dict[int, Tick] = {}
        self._options: dict[int, Contract] = {}

    @property
    def bar(self) -> str:
        """Length of the bars, in the broker's words."""
        return bar_words(self.replay.market.frequency)

    @property
    def legs(self) -> int:
        """Steps from one close of a bar to the next."""
        return int(self._bars.legs)

    @property
    def over(self) -> bool:
        """Whether the last bar has closed."""
        return self.clock.row + 1 >= len(self._bars)

    def find(self, wanted: Contract) -> list[Contract]:
        """The contracts that a client's description fits; options where it names one in full."""
        if wanted.con_id in self._options:
            return [one for one in (self._options[wanted.con_id],) if has_id(one, wanted)]
        if wanted.kind != "OPT" or wanted.con_id:
            return [self.listed[place] for place in matching(self.listed, wanted)]
        under = matching(self.listed, Contract(0, wanted.symbol, "STK", "", "")) if wanted.symbol else []
        multiplier = self.replay.config.options.multiplier
        found = [option_of(wanted, self.listed[place], multiplier) for place in under]
        self._options |= {one.con_id: one for one in found if one}
        return [one for one in found if one]

    def contracts(self, wanted: Contract) -> list[Listing]:
        """The same with their hours; empty where there is no such security."""
        trading, liquid = hours_around(self._calendar, self.clock.session)
        shares = {one.symbol: one.con_id for one in self.listed}
        return [
            Listing(
                one, one.symbol, self.least_step, ZONE, trading, liquid,
                under_con_id=shares[one.symbol] if one.kind == "OPT" else 0,
                under_symbol=one.symbol if one.kind == "OPT" else "",
            )
            for one in self.find(wanted)
        ]  # fmt: skip

    def role(self, con_id: int) -> int:
        """The book's role of a contract. Refused where there is none of that id, or it is an option."""
        if con_id in self._options:
            raise Refused(162, NO_DATA.format(symbol=self._options[con_id].local_symbol, what="Trades"))
        for role, one in enumerate(self.listed):
            if one.con_id == con_id:
                return role
        raise Refused(200, "No security definition has been found for the request")

    def history(self, query: HistoryQuery) -> list[HistoryBar]:
        """Bars that have closed by now; Refused with 162 where there are none."""
        closed = (self.clock.row + 1) // self.legs
        return history(self.replay.market.head(self.replay.first + closed), self.role(query.con_id), query)

    def first_bar(self, con_id: int) -> int:
        """When the first bar began, ns UTC."""
        self.role(con_id)
        return began(int(self.replay.market.bars["ts"][0]), self.replay.market.frequency)

    def quote(self, con_id: int) -> Tick | None:
        """The last tick of a contract; None before the first."""
        return self._ticks.get(con_id)

    def advance(self) -> Any:
        """The clock moves to the next bar or leg, which is returned, and never back from where a tick has put it."""
        self.clock.row += 1
        bar = self._bars[self.clock.row]
        self.clock.now, self.clock.open = max(self.clock.now, bar.ts), bar.last == 0
        return bar

    def moment(self, prices: Mapping[str, float], closes: list[float], seconds: float) -> Any:
        """A bar of one price between two of the replay, `seconds` of market time after the last; closes by role."""
        roles = {self.replay.symbols.index(symbol): price for symbol, price in prices.items()}
        self.clock.now += int(seconds * SECOND)
        self.clock.open = True
        return one_price(self._bars[max(0, self.clock.row)], roles, closes, self.clock.now)

    def unmoved(self, closes: list[float]) -> Any:
        """A bar at the marks, by role, at the time that it is."""
        return one_price(self._bars[max(0, self.clock.row)], {}, closes, self.clock.now)

    def bars_told(self, bar: Any) -> Iterator[BarClosed | BarForming]:
        """What has become of the bar at hand, by contract: it has closed, or looks so far like this."""
        leg = self.clock.row % self.legs
        length = self._bars.length
        begin = bar.ts + length * (self.legs - 1 - leg) // max(1, self.legs - 1) - length
        legs = [
            HistoryBar(begin, bar.session, one.open, one.high, one.low, one.close, shares(one.volume))
            for one in bar.asset
        ]
        self.forming = [_grown(old, new) for old, new in zip(self.forming, legs, strict=True)] if leg else legs
        for contract, grown in zip(self.listed, self.forming, strict=True):
            yield (BarClosed if leg == self.legs - 1 else BarForming)(contract.con_id, grown)

    def ticks(self, bar: Any, terms: Any, borrow: Mapping[str, str]) -> Iterator[Tick]:
        """The quote of each contract at the close of a bar: half a spread to either side of the last price."""
        for role, (contract, asset) in enumerate(zip(self.listed, bar.asset, strict=True)):
            half = terms.asset[role].half_spread * asset.close
            lendable = terms.asset[role].shortable == 1.0 and not borrow.get(contract.symbol)
            tick = Tick(
                contract.con_id, self.clock.now, asset.close - half, asset.close + half, asset.close,
                ROUND_LOT, ROUND_LOT, ROUND_LOT, shares(asset.volume),
                EASY if lendable else HARD,
            )  # fmt: skip
            self._ticks[contract.con_id] = tick
            yield tick


def _grown(bar: HistoryBar, leg: HistoryBar) -> HistoryBar:
    return HistoryBar(
        bar.time, bar.session, bar.open, max(bar.high, leg.high), min(bar.low, leg.low), leg.close,
        UNKNOWN if UNKNOWN in (bar.volume, leg.volume) else bar.volume + leg.volume,
    )  # fmt: skip
