# SPDX-License-Identifier: Apache-2.0
"""Rules drawn at random, each with entries, guards and ways out: the bridge's fills are those of the native run."""

import asyncio
import random

import pytest

from tests.paper.native import NativeRun
from tests.paper.test_parity import native_fills

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

HEAD = """
from engine import Strategy

class Drawn(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        entry: int = 0
        loss: int = 0
        gain: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        close, held, n = bar.x.close, account.x.qty, s.n
        side = 1.0 if held > 0.0 else -1.0
        s.n += 1
"""
OUT = (
    ("held != 0.0", "orders.close(0)"),
    ("held != 0.0", "orders.market_on_open(0, -held)"),
    ("held != 0.0", "orders.market_on_close(0, -held)"),
    ("held != 0.0", "orders.limit(0, -held, close * (1.0 + {near} * side), 0, 1)"),
    ("held != 0.0", "orders.cancel_all(0)"),
    ("orders.working(s.loss)", "orders.move(s.loss, close * (1.0 - {near} * side))"),
    ("orders.working(s.loss)", "orders.cancel(s.loss)"),
)
STARTS = ("2008-09-02", "2011-07-01", "2015-06-01")


def drawn(seed: int) -> str:
    """The source of a rule. Exits measured from the fill are not among them: the broker hears of the fill too late."""
    draw = random.Random(seed)
    every, size, loss, gain = (
        draw.choice((3, 4, 5, 6)),
        draw.choice((100, 300)),
        *draw.choices((0.005, 0.01, 0.03), k=2),
    )
    turning = draw.random() < 0.5
    way = f"(1.0 if n % {2 * every} < {every} else -1.0)" if turning else draw.choice(("1.0", "-1.0"))
    entry = draw.choice(
        ("target_quantity(0, {size} * way)", "market(0, {size} * way)")
        + ("limit(0, {size} * way, close * (1.0 - 0.003 * way))",) * (not turning)
    )
    first = ["orders.close(0)"] * (draw.random() < 0.3)
    guards = {
        "loss": f"orders.attach(orders.stop(0, -{2 * size}.0 * way, close * (1.0 - {loss} * way)), s.entry)",
        "gain": f"orders.attach(orders.limit(0, -{2 * size}.0 * way, close * (1.0 + {gain} * way)), s.entry)",
    }
    some = draw.choice((("loss",), ("gain",), ("loss", "gain"), ()))
    lines = [f"if n % {every} == 0:", f"    way = {way}", *(f"    {one}" for one in first)]
    lines += [f"    s.entry = orders.{entry.format(size=size)}"]
    lines += [
        "    if s.entry > 0:",
        "        s.loss = s.gain = 0",
        *(f"        s.{one} = {guards[one]}" for one in some),
    ]
    lines += ["        orders.oco(s.loss, s.gain)"] * (len(some) == 2)
    for _ in range(draw.randint(0, 2)):
        often = draw.randint(3, 7)
        when, act = draw.choice(OUT)
        lines += [f"if {when} and n % {often} == {draw.randrange(often)}:", f"    {act.format(near=loss / 2)}"]
    return HEAD + "".join(f"        {line}\n" for line in lines)


def check(folder, seed):
    from tests.paper.sandboxed import Sandboxed, written

    house = Sandboxed(folder, written(folder, drawn(seed)), [], STARTS[seed % 3], 40)
    fills = asyncio.run(house.run())
    run = NativeRun(house.prepared)
    refused = [
        report.decision.decided
        for report in house.reports
        if report.decision is not None and any(one.outcome == "refuse" for one in report.verdicts)
    ]
    until = min(refused, default=None)  # the account is another one from there on, and that was said
    told = [(one.symbol, one.quantity, one.price, one.time) for one in fills if until is None or one.time <= until]
    assert told == [one for one in native_fills(run) if until is None or one[3] <= until]
    return len(told), until


@pytest.mark.parametrize("seed", range(4))
def test_its_fills_are_the_native_ones(tmp_path, seed):
    check(tmp_path, seed)


@pytest.mark.slow
def test_the_fills_of_two_hundred_are_the_native_ones_and_few_are_refused(tmp_path):
    found = []
    for seed in range(4, 204):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found.append(check(folder, seed))
    assert sum(fills for fills, _ in found) > 2000
    assert sum(until is None for _, until in found) > 150
