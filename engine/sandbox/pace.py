# SPDX-License-Identifier: Apache-2.0
"""How fast the market is replayed: a timer that steps the exchange, at so many bars a second."""

from __future__ import annotations

import asyncio
import re
from typing import Protocol

from engine.errors import InputError, Problem
from engine.market.hours import MINUTE, length_of
from engine.market.panel import SESSION_MINUTES, Market

IN_STEP = "step"
"""The speed at which nothing moves by itself: whoever holds the control channel says when."""

_SPEED = re.compile(r"(\d+(?:\.\d+)?) ?(d|h|min|bars?)/(s|min|h)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_MINUTES = {"d": SESSION_MINUTES, "h": 60.0, "min": 1.0}


class Replayed(Protocol):
    """What a timer steps."""

    @property
    def over(self) -> bool:
        """Whether there is nothing left to step."""

    def step(self) -> bool:
        """One step."""


def bars_a_second(text: str, market: Market) -> float | None:
    """Bars of the market that pass in a second: `1d/s`, `30min/s`, `2bars/s`; None for `step`.

    A session counts 390 minutes. Raises InputError for what is no speed.
    """
    if text == IN_STEP:
        return None
    found = _SPEED.fullmatch(text)
    speed = float(found[1]) if found else 0.0
    if not found or speed <= 0.0:
        raise InputError(
            Problem("no such speed", path="--speed", found=text, allowed="step, or such as 1d/s, 30min/s, 2bars/min")
        )
    minutes = length_of(market.frequency) / MINUTE or SESSION_MINUTES
    bars = speed * _MINUTES.get(found[2], minutes) / minutes
    return bars / _SECONDS[found[3]]


class Timer:
    """Steps an exchange by the wall clock, until it is paused or the replay is over: then `ended` is set."""

    def __init__(self, exchange: Replayed) -> None:
        self.ended = asyncio.Event()
        self._exchange = exchange
        self._task: asyncio.Task[None] | None = None

    def run(self, steps_a_second: float) -> None:
        """Step at this speed from now on."""
        self.pause()
        self._task = asyncio.get_running_loop().create_task(self._step(1.0 / steps_a_second))

    def pause(self) -> None:
        """Step no more."""
        if self._task:
            self._task.cancel()
            self._task = None

    async def _step(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._exchange.over:
            due = max(due + seconds, loop.time() - seconds)  # what was missed is not made up for
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._exchange.step()
        self.ended.set()
