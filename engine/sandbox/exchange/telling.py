# SPDX-License-Identifier: Apache-2.0
"""How news reach clients: in order, after they are on disk, and not at all while the broker is cut off."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from engine.sandbox.exchange.orders import Standing
from engine.sandbox.exchange.tape import Tape
from engine.sandbox.tickets import BarClosed, BarForming, Event, Notice, Tick

Listener = Callable[[Event], None]

MARKET = (Tick, BarClosed, BarForming)
"""What comes from the farms of market data."""


class Telling:
    """Events since the last flush, and who listens.

    keep       called before anyone hears of anything: what is told is on disk
    fresh      events since it was called last;  touched: orders that have changed since then, by perm id
    link       False while the broker is cut off from the exchange: its news is lost, but for its words about the link
    farm       False while market data is silent
    """

    def __init__(self, keep: Callable[[], None]) -> None:
        self.tape = Tape()
        self.fresh: list[Event] = []
        self.touched: dict[int, Standing] = {}
        self.link = self.farm = True
        self._keep = keep
        self._listeners: list[Listener] = []
        self._events: deque[Event] = deque()
        self._busy = False

    def listen(self, hear: Listener) -> Callable[[], None]:
        """Call `hear` with every event from now on; what comes back ends that."""
        self._listeners.append(hear)
        return lambda: self._listeners.remove(hear)

    def tell(self, event: Event) -> None:
        """Something has happened."""
        self.note(event)
        link_word = isinstance(event, Notice) and event.key is None
        if (self.link or link_word) and (self.farm or not isinstance(event, MARKET)):
            self._events.append(event)

    def order(self, standing: Standing) -> None:
        """An order has changed, and is told as it stands."""
        self.touched[standing.perm_id] = standing
        self.tell(standing.view())

    def note(self, event: Event) -> None:
        """Something has happened that nobody is told."""
        self.tape.note(event)
        self.fresh.append(event)

    def flush(self) -> None:
        """Keep what has happened, then hand it to the listeners, in order, also what they cause."""
        self._keep()
        self.fresh.clear()
        self.touched.clear()
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                event = self._events.popleft()
                for listener in tuple(self._listeners):
                    listener(event)
        finally:
            self._busy = False
