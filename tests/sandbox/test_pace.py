# SPDX-License-Identifier: Apache-2.0
"""How fast a market is replayed."""

import asyncio

import pytest

from engine.errors import InputError
from engine.market.panel import Market
from engine.sandbox.pace import Timer, bars_a_second
from tests.sandbox.talk import run


def market(frequency):
    return Market(None, {}, frequency=frequency)


@pytest.mark.parametrize(
    ("text", "frequency", "bars"),
    [
        ("1d/s", "1d", 1.0),
        ("0.5d/s", "1d", 0.5),
        ("30bars/min", "1d", 0.5),
        ("1d/s", "5min", 78.0),
        ("30min/s", "5min", 6.0),
        ("1bar/s", "5min", 1.0),
        ("1h/h", "60min", 1 / 3600),
        ("390min/s", "1d", 1.0),
        ("step", "1d", None),
    ],
)
def test_a_speed_is_so_many_bars_a_second(text, frequency, bars):
    assert bars_a_second(text, market(frequency)) == bars


@pytest.mark.parametrize("text", ["", "fast", "1d", "0d/s", "-1d/s", "1d/d", "1 week/s", "1e3d/s"])
def test_what_is_no_speed_is_refused(text):
    with pytest.raises(InputError, match="no such speed"):
        bars_a_second(text, market("1d"))


class Steps:
    def __init__(self, most):
        self.most, self.done = most, 0

    @property
    def over(self):
        return self.done >= self.most

    def step(self):
        self.done += 1
        return True


def test_a_timer_steps_to_the_end_unless_it_is_paused():
    async def scene():
        steps = Steps(5)
        timer = Timer(steps)
        timer.run(500.0)
        await asyncio.wait_for(timer.ended.wait(), 5)
        assert steps.done == 5
        paused = Steps(5)
        timer = Timer(paused)
        timer.run(500.0)
        timer.pause()
        await asyncio.sleep(0.05)
        assert (paused.done, timer.ended.is_set()) == (0, False)

    run(scene())
