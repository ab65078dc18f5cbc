# SPDX-License-Identifier: Apache-2.0
"""What a bar's volume leaves of an order is one for the next bar: by the bridge as in a backtest."""

import asyncio

import pytest

from engine.kernel.codes import OrderKind
from engine.paper.broker.wire import wire_of
from engine.paper.views.terminal import order_words
from tests.paper.native import NativeRun
from tests.paper.test_parity import native_fills
from tests.paper.words import ACCOUNT, instruction

SWINGS = """\
from engine.strategy import Strategy


class Swings(Strategy):
    \"\"\"Market orders alone, in and out every ten bars, for more than a bar's volume leaves room for.\"\"\"

    roles = ("x",)

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n % 10 == 0:
            orders.market(0, 700)
        if s.n % 10 == 5:
            orders.market(0, -500)
        s.n += 1
"""


@pytest.mark.parametrize(("kind", "day", "tif"), [
    (OrderKind.MARKET, False, "GTC"),
    (OrderKind.MARKET, True, "DAY"),
    (OrderKind.MARKET_ON_CLOSE, False, "DAY"),
    (OrderKind.MARKET_ON_OPEN, False, "OPG"),
    (OrderKind.LIMIT, False, "GTC"),
    (OrderKind.STOP, True, "DAY"),
])  # fmt: skip
def test_the_life_that_is_shown_is_the_one_that_goes_over_the_wire(kind, day, tif):
    one = instruction("a", kind=kind, day=day)
    assert wire_of(one, 1, ACCOUNT).tif == tif
    assert order_words(one).endswith(f", {tif.lower()}")


def test_the_rest_of_a_market_order_fills_on_the_bars_that_follow(tmp_path):
    """The broker carries it, so that the bridge has the fills of the backtest over 40 bars, one by one."""
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    from tests.paper.sandboxed import Sandboxed

    (tmp_path / "swings.py").write_text(SWINGS)
    config = tmp_path / "swings.yaml"
    data = "data: {source: sample, seed: 7}\nfills: {participation: 0.000002}\naccount: {cash: 1_000_000}\n"
    config.write_text("name: swings\nstrategy: swings.py:Swings\nroles: {x: SPY}\n" + data)
    house = Sandboxed(tmp_path, str(config), [], "2015-01-02", 40)
    fills = asyncio.run(house.run())
    expected = native_fills(NativeRun(house.prepared))
    assert len(expected) > 16  # eight orders, so most of them were filled in parts
    assert [(one.symbol, one.quantity, one.price, one.time) for one in fills] == expected
    assert house.halts == ()


@pytest.mark.parametrize("days", [1, 2, 3])
@pytest.mark.parametrize("told", [0.0, 40.0])
def test_a_fill_of_days_without_the_bridge_is_accepted_once(tmp_path, told, days):
    """The broker still says that it filled whole, and tells no execution of an earlier day: one word settles it."""
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    from engine.paper.comparison.person import shown
    from tests.paper.sandboxed import desk, written

    async def before(house, session, _):
        await session.once()
        (order,) = house.exchange.open_orders(None)
        if told:
            house.exchange.operator.fill(order.key, told, 100.0)
        await session.bridge.reconcile("time")
        await session.bridge.stop()
        house.exchange.operator.fill(order.key, 700.0 - told - 10.0, 100.0)
        for _ in range(days):
            house.exchange.step_bar()

    async def after(_, session, __):
        bridge, journal = session.bridge, session.bridge.journal
        found = await bridge.reconcile("time")
        assert {one.kind.value for one in journal.halts.standing()} == {"positions", "unknown"}
        found, moved = await bridge.accept_positions(shown(journal, found.differences), "seen")
        assert (found.differences, moved) == ({}, ())
        for _ in range(3):
            await bridge.reconcile("time")
            assert journal.halts.standing() == ()
        assert journal.ledger.positions() == {"SPY": 700.0}
        assert (await session.once()).step == "decided"
        assert (journal.halts.standing(), journal.open_intents()) == ((), ())

    desk(tmp_path, written(tmp_path, SWINGS), before, after)
