# SPDX-License-Identifier: Apache-2.0
"""No order of any symbol is sized on an equity of which journal and broker do not tell the same."""

import math

import pytest

from engine.paper.agreement import Sized, bounds
from engine.paper.comparison.person import shown
from engine.paper.decision.look import Step
from engine.sandbox.exchange.exchange import PAPER
from tests.paper.sandboxed import desk
from tests.paper.test_failure_modes import agrees, play
from tests.paper.words import instruction

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

BOTH = """
from engine import Strategy

class Both(Strategy):
    roles = ("x", "y")

    class Params:
        pass

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        share = 0.3 + 0.05 * s.n
        orders.target(0, share)
        orders.target(1, share)
"""


def scene(tmp_path, acts, bars=8):
    (tmp_path / "both.py").write_text(BOTH)
    (tmp_path / "both.yaml").write_text(
        "name: both\nstrategy: both.py\nroles: {x: SPY, y: IWM}\ndata: {source: sample}\n"
        "account: {cash: 1000000}\nfills: {participation: null}\n"
    )
    desk(tmp_path, str(tmp_path / "both.yaml"), *acts, bars=bars)


def held(house):
    return {one.contract.symbol: one.quantity for one in house.exchange.positions(PAPER)}


async def first(house, session, _):
    assert (await session.once()).step is Step.DECIDED
    house.exchange.step_bar()
    assert (await session.bridge.reconcile("fills")).differences == {}


def unseen(house, quantity):
    """Somebody trades SPY on a day of which no session hears: the broker tells executions of its own day only."""
    house.exchange.operator.manual(PAPER, "SPY", quantity, 100.0)
    house.exchange.step_bar()
    house.exchange.step_bar()


@pytest.mark.parametrize("quantity", [500.0, -300.0])
def test_while_one_symbol_differs_no_symbol_is_traded(tmp_path, quantity):
    async def apart(house, session, server):
        before = held(house)
        house.exchange.step_bar()
        for _ in range(2):
            placed = server.counts["placeOrder"]
            report = await session.once()
            assert report.step is Step.NOT_AGREED
            assert "do not hold the same SPY" in report.why[0]
            assert "`tandem paper accept-positions CONFIG`" in report.why[0]
            assert report.sent == ()
            assert server.counts["placeOrder"] == placed
            house.exchange.step_bar()
        assert held(house) == before

    async def agreed(house, session, _):
        found = await session.bridge.reconcile("look")
        assert set(found.differences) == {"SPY"}
        seen = shown(session.bridge.journal, found.differences)
        await session.bridge.accept_positions(seen, "looked at")
        report = await session.once()
        assert report.step is Step.DECIDED
        bought = {one.symbol: one.quantity for one in report.decision.send}
        market, row = house.prepared.market, report.latest.row
        equity = house.exchange.blotters[PAPER].account.book.equity
        shares = held(house)
        for role, symbol in market.symbols.items():
            close = float(market.bars[role]["close"][row])
            assert abs((shares[symbol] + bought[symbol]) * close / equity - 0.40) < 0.002

    async def away(house, *_):
        unseen(house, quantity)

    scene(tmp_path, [first, away, apart, agreed], bars=12)


def test_orders_of_other_symbols_wait_until_the_difference_is_gone(tmp_path):
    async def scene(house):
        await house.start()
        house.bridge._link("anything")  # they are decided, and cannot leave
        await house.trade(instruction("a", 10.0, "X"), instruction("b", 10.0, "Y"))
        with house.journal.store.write("opening") as db:
            db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', 5.0, 'lost', 1)")
        assert set((await house.bridge.reconcile("now")).differences) == {"X"}
        await house.bridge.carry_out()
        assert (house.state("a"), house.state("b")) == ("dead", "intent")
        waits = house.journal.verdicts("b")[-1]
        assert (waits.gate, waits.outcome) == ("halt", "wait")
        assert "the journal has 5 X, the broker 0" in waits.text
        assert house.placed() == []
        await house.accept()
        await house.bridge.carry_out()
        assert house.state("b") == "working"
        agrees(house, 0.0)

    play(tmp_path, scene)


def test_an_order_that_guards_another_symbol_stays_while_there_is_a_difference(tmp_path):
    from tests.paper.orders.test_guards import guarded, new_guard, works

    async def scene(house):
        await guarded(house)
        with house.journal.store.write("opening") as db:
            db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('Y', 5.0, 'lost', 1)")
        await house.bridge.reconcile("now")
        await house.decide(new_guard("new", "old"), cancel=("old",))
        await house.bridge.carry_out()
        assert works(house) == ["old"]
        await house.accept()
        await house.bridge.carry_out()
        assert works(house) == ["new"]

    play(tmp_path, scene)


@pytest.mark.parametrize(("off", "step"), [(0.01, Step.DECIDED), (0.05, Step.NOT_AGREED), (-0.05, Step.NOT_AGREED)])
def test_an_equity_that_is_not_the_brokers_decides_nothing(tmp_path, off, step):
    async def acts(house, session, server):
        house.exchange.step_bar()
        values = session.bridge.broker.account_values

        async def told(account):
            seen = await values(account)
            return {**seen, "NetLiquidation": repr(float(seen["NetLiquidation"]) * (1.0 + off))}

        session.bridge.broker.account_values = told
        placed = server.counts["placeOrder"]
        report = await session.once()
        assert report.step is step
        if step is Step.NOT_AGREED:
            equity = house.exchange.blotters[PAPER].account.book.equity
            assert f"is worth {equity:,.2f} dollars" in report.why[0]
            assert f"the broker says {equity * (1.0 + off):,.2f} (NetLiquidation)" in report.why[0]
            assert server.counts["placeOrder"] == placed
            assert session.bridge.journal.last_decision().session == str(house.prepared.market.sessions[0])

    scene(tmp_path, [first, acts])


def test_a_price_that_has_moved_since_the_close_is_no_difference(tmp_path):
    """Ten per cent below the close: the positions are worth less, and an exit is wanted most."""

    async def acts(house, session, _):
        house.exchange.step_bar()
        values, quote = session.bridge.broker.account_values, session.bridge.broker.quote
        book = house.exchange.blotters[PAPER].account.book

        async def told(account):
            return {**await values(account), "NetLiquidation": repr(book.cash + 0.9 * (book.equity - book.cash))}

        async def fallen(symbol):
            from dataclasses import replace

            seen = await quote(symbol)
            return replace(seen, last=seen.last * 0.9)

        session.bridge.broker.account_values = told
        assert (await session.once()).step is Step.NOT_AGREED
        session.bridge.broker.quote = fallen
        assert (await session.once()).step is Step.DECIDED

    scene(tmp_path, [first, acts])


def test_bounds_of_the_brokers_figure():
    sized = Sized(1000.0, {"L": 10.0, "S": -4.0}, {"L": 100.0, "S": 50.0, "N": 7.0})
    assert sized.equity == 1800.0
    room = 0.02 * (1000.0 + 1000.0 + 200.0)
    assert bounds(sized, {"L": 90.0, "S": 60.0}, (), 0.05) == (1000.0 + 900.0 - 240.0 - room, 1800.0 + room)
    low, high = bounds(sized, {"S": 50.0}, (), 0.05)  # of L no price is known
    assert (low, high) == pytest.approx((1750.0 - room, 1850.0 + room))
    same = {"L": 100.0, "S": 50.0}
    assert bounds(sized, same, (3.0,), 0.05) == (1800.0 - room, math.inf)
    assert bounds(sized, same, (-3.0,), 0.05) == (-math.inf, 1800.0 + room)
    assert bounds(sized, same, (3.0, -3.0), 0.05) == (-math.inf, math.inf)
    assert bounds(Sized(0.0, {}, {}), {}, (), 0.05) == (0.0, 0.0)
