# SPDX-License-Identifier: Apache-2.0
"""A split of what is held is taken over by itself, with the orders that work, where the broker's shares agree."""

from dataclasses import replace

import pytest

from engine.errors import DataError
from engine.kernel.codes import OrderKind
from engine.paper.account.splits import Split, factor_since, let_be, note_splits, take_over, told_of, waiting
from engine.paper.comparison.person import shown
from engine.paper.decision.look import Step
from engine.paper.orders.again import send_again
from engine.paper.terms import midnight_of
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.tickets import OrderKey
from tests.paper.sandboxed import Sandboxed, desk
from tests.paper.test_failure_modes import agrees, play
from tests.paper.words import CLIENT, decision, instruction
from tests.sandbox.stage import FLAT

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

HALF = (50.0, 50.5, 49.5, 50.0)
DAYS = ("2024-06-03", "2024-06-04", "2024-06-05", "2024-06-06", "2024-06-07", "2024-06-10")
SPLIT_ON = 3

HOLDS = """
from engine import Strategy

class Holds(Strategy):
    roles = ("x",)

    class Params:
        pass

    class State:
        n: int = 0
        stop: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n == 1:
            entry = orders.market(0, SHARES)
            s.stop = orders.stop(0, -SHARES, 80.0)
            orders.attach(s.stop, entry)
            orders.limit(0, 10, 60.0)
"""


def split_bars(tmp_path, ratio=2.0, shares=101, prices="raw", code=HOLDS):
    """A symbol that is split before the fourth session, at 100 dollars before; returns the configuration."""
    (tmp_path / "bars").mkdir(exist_ok=True)
    rows = ["date,open,high,low,close,volume,dividend,split"]
    for row, day in enumerate(DAYS):
        after = row >= SPLIT_ON or prices != "raw"
        at = 100.0 / ratio if after else 100.0
        rows.append(f"{day},{at},{at * 1.01},{at * 0.99},{at},1000000,0,{ratio if row == SPLIT_ON else 1}")
    (tmp_path / "bars" / "X.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "holds.py").write_text(code.replace("SHARES", str(shares)))
    (tmp_path / "holds.yaml").write_text(
        f"name: holds\nstrategy: holds.py\nroles: {{x: X}}\ndata: {{source: csv, path: bars, prices: {prices}}}\n"
        "account: {cash: 100000}\nfills: {participation: null}\ncosts: {benchmark: 0.0}\n"
    )
    return str(tmp_path / "holds.yaml")


def tickets(house):
    """(kind, shares, price) of each order at the broker, sorted."""
    every = (one.ticket for one in house.exchange.open_orders(None))
    return sorted((one.kind, one.quantity, one.limit if one.kind == "LMT" else one.aux) for one in every)


def held(house):
    return sum(one.quantity for one in house.exchange.positions(PAPER))


async def until_split(house, session):
    """Decide the bars before the split; the next one is there."""
    for _ in range(SPLIT_ON):
        assert (await session.once()).step is Step.DECIDED
        house.exchange.step_bar()
    assert house.exchange.market.clock.row == SPLIT_ON


@pytest.mark.parametrize(("ratio", "shares", "limited"), [(2.0, 202, 20), (1.5, 151, 15), (0.5, 50, 5)])
def test_position_ledger_and_orders_follow(tmp_path, ratio, shares, limited):
    async def acts(house, session, _):
        await until_split(house, session)
        before = {one.ticket.ref for one in house.exchange.open_orders(None)}
        report = await session.once()
        journal = session.bridge.journal
        assert report.step is Step.DECIDED
        assert journal.halts.standing() == ()
        assert held(house) == shares == journal.ledger.positions()["X"]
        assert tickets(house) == [
            ("LMT", limited, pytest.approx(60.0 / ratio)),
            ("STP", shares, pytest.approx(80 / ratio)),
        ]
        assert before.isdisjoint(one.ticket.ref for one in house.exchange.open_orders(None)), "they were sent anew"
        assert report.notices[0].startswith("X was split, ")
        assert f"101 shares of before it are {shares} at the broker" in report.notices[0]
        kept = journal.store.read("SELECT why, quantity FROM openings WHERE why LIKE 'split%'")
        assert [(row["quantity"]) for row in kept] == [shares - 101]
        house.exchange.step_bar()
        assert (await session.once()).step is Step.DECIDED
        assert journal.halts.standing() == ()

    desk(tmp_path, split_bars(tmp_path, ratio), acts, bars=6, start=DAYS[0])


def test_the_broker_may_have_it_before_the_data(tmp_path):
    async def acts(house, session, _):
        await until_split(house, session)
        journal = session.bridge.journal
        assert set((await session.bridge.reconcile("time")).differences) == {"X"}
        (stands,) = journal.halts.standing()
        assert stands.kind == "positions"
        assert "looks like a split, 2 for 1, which is taken over by itself once the data have it" in stands.text
        assert (await session.once()).step is Step.DECIDED
        assert journal.halts.standing() == ()
        assert journal.ledger.positions() == {"X": 202.0}

    desk(tmp_path, split_bars(tmp_path), acts, bars=6, start=DAYS[0])


def test_what_the_stop_filled_on_that_day_is_no_overfill(tmp_path):
    async def acts(house, session, _):
        await until_split(house, session)
        stop = next(one for one in house.exchange.open_orders(None) if one.ticket.kind == "STP")
        await session.bridge.reconcile("time")
        house.exchange.operator.fill(stop.key, 150.0, 39.0)
        await session.bridge.reconcile("time")
        assert {one.kind.value for one in session.bridge.journal.halts.standing()} == {"positions", "overfilled"}
        assert (await session.once()).step is Step.DECIDED
        assert session.bridge.journal.halts.standing() == ()
        assert session.bridge.journal.ledger.positions() == {"X": 52.0}
        assert ("STP", 52, 40.0) in tickets(house), "what is left is guarded, and by no more"
        assert len(tickets(house)) == 2

    desk(tmp_path, split_bars(tmp_path), acts, bars=6, start=DAYS[0])


ENTERS = HOLDS.replace("s.n == 1:", f"s.n == {SPLIT_ON}:")


@pytest.mark.parametrize("looks", [False, True], ids=["a timer", "a session that runs"])
def test_what_was_bought_at_its_open_is_no_overfill(tmp_path, looks):
    """Decided at the close before it, in old shares; the sandbox has the order in new ones, as a backtest has."""

    async def acts(house, session, _):
        await until_split(house, session)
        if looks:
            await session.bridge.reconcile("time")
            assert [one.kind.value for one in session.bridge.journal.halts.standing()] == ["overfilled"]
        report = await session.once()
        assert report.step is Step.DECIDED
        assert session.bridge.journal.halts.standing() == ()
        assert held(house) == session.bridge.journal.ledger.positions()["X"] == 202.0
        assert tickets(house) == [("LMT", 20, 30.0), ("STP", 202, 40.0)]

    desk(tmp_path, split_bars(tmp_path, code=ENTERS), acts, bars=6, start=DAYS[0])


def test_an_order_that_the_broker_ends_with_the_split_is_sent_anew(tmp_path):
    """At the broker orders until cancelled end with a split: the guard must not be lost by that."""

    async def acts(house, session, _):
        await until_split(house, session)
        for one in list(house.exchange.open_orders(None)):
            house.exchange.cancel(one.key)
        assert tickets(house) == []
        assert (await session.once()).step is Step.DECIDED
        assert session.bridge.journal.halts.standing() == ()
        assert tickets(house) == [("LMT", 20, 30.0), ("STP", 202, 40.0)]

    desk(tmp_path, split_bars(tmp_path), acts, bars=6, start=DAYS[0])


BRACKET = HOLDS.replace(
    "            orders.limit(0, 10, 60.0)",
    "            orders.attach(orders.stop(0, -10, 50.0), orders.limit(0, 10, 60.0))",
)


@pytest.mark.parametrize("ends", [False, True])
def test_a_bracket_that_waits_is_sent_anew_whole(tmp_path, ends):
    async def acts(house, session, _):
        await until_split(house, session)
        if ends:
            for one in list(house.exchange.open_orders(None)):
                house.exchange.cancel(one.key)
        assert (await session.once()).step is Step.DECIDED
        assert session.bridge.journal.halts.standing() == ()
        assert tickets(house) == [("LMT", 20, 30.0), ("STP", 20, 25.0), ("STP", 202, 40.0)]
        house.exchange.step_bar()
        assert (await session.once()).step is Step.DECIDED
        assert len(tickets(house)) == 3

    desk(tmp_path, split_bars(tmp_path, code=BRACKET), acts, bars=6, start=DAYS[0])


def test_a_start_days_later_finds_it(tmp_path):
    async def first(house, session, _):
        await until_split(house, session)

    async def later(house, session, _):
        house.exchange.step_bar()
        assert (await session.once()).step is Step.DECIDED
        assert session.bridge.journal.halts.standing() == ()
        assert session.bridge.journal.ledger.positions() == {"X": 202.0}
        assert ("STP", 202, 40.0) in tickets(house)

    desk(tmp_path, split_bars(tmp_path), first, later, bars=6, start=DAYS[0])


def test_a_person_who_has_accepted_it_in_the_morning_is_not_asked_again(tmp_path):
    async def acts(house, session, _):
        await until_split(house, session)
        found = await session.bridge.reconcile("look")
        await session.bridge.accept_positions(shown(session.bridge.journal, found.differences), "a split")
        assert (await session.once()).step is Step.DECIDED
        assert session.bridge.journal.ledger.positions() == {"X": 202.0}
        assert ("STP", 202, 40.0) in tickets(house)

    desk(tmp_path, split_bars(tmp_path), acts, bars=6, start=DAYS[0])


def rebased(prepared, row, ratio):
    """The bars as a source tells them that takes splits out of its prices: of now up to the split, anew from it on."""
    market = prepared.market
    bars = market.bars.copy()
    if row < SPLIT_ON:
        for name in ("open", "high", "low", "close"):
            bars["x"][name] *= ratio
    day = int(market.bars["session"][SPLIT_ON])
    contained = {"X": [[day, ratio]]} if row >= SPLIT_ON else {}
    return replace(prepared, market=replace(market, bars=bars, contained=contained))


@pytest.mark.parametrize("remembers", [False, True])
def test_prices_that_lose_the_split_are_followed_too(tmp_path, remembers):
    """The broker's bars are raw, so its book is split; the data are on one base, another one from that day on."""
    adjusted = tmp_path / "adjusted"
    adjusted.mkdir()
    code = HOLDS.replace("        n: int = 0", "        n: int = 0\n        level: float = 0.0")
    code = code.replace("s.n += 1", "s.n += 1\n        s.level = bar.x.close" if remembers else "s.n += 1")
    other = Sandboxed(adjusted, split_bars(adjusted, prices="split_adjusted", code=code), [], DAYS[0], 6)

    async def acts(house, session, _):
        session.identity = "same"
        for row in range(SPLIT_ON + 1):
            session.bars.prepared = rebased(other.prepared, row, 2.0)
            if remembers and row == SPLIT_ON:
                with pytest.raises(DataError, match="level of its State, which may be prices"):
                    await session.once()
                return
            report = await session.once()
            assert report.step is Step.DECIDED, report
            house.exchange.step_bar()
        assert "X was split, 2 for 1 on 2024-06-06" in report.notices[0]
        assert session.bridge.journal.ledger.positions() == {"X": 202.0}
        assert tickets(house) == [("LMT", 20, 30.0), ("STP", 202, 40.0)]

    desk(tmp_path, split_bars(tmp_path, code=code), acts, bars=6, start=DAYS[0])


def test_prices_on_one_base_all_along_have_no_split(tmp_path):
    async def acts(house, session, _):
        for _ in range(5):
            assert (await session.once()).step is Step.DECIDED
            house.exchange.step_bar()
        assert session.bridge.journal.ledger.positions() == {"X": 101.0}
        assert waiting(session.bridge.journal) == {}

    config = split_bars(tmp_path, prices="split_adjusted", code=HOLDS.replace("80.0", "40.0").replace("60.0", "30.0"))
    desk(tmp_path, config, acts, bars=6, start=DAYS[0])


LATER = {"X": [FLAT, FLAT, FLAT, (*HALF, 0.0, 2.0), HALF, HALF], "Y": [FLAT] * 6}


async def holding(house):
    """Ten shares with a stop, on the evening before the broker splits them."""
    await house.start()
    await house.trade(("in", 10))
    house.step()
    stop = instruction("stop", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True, group="g")
    await house.trade(stop)
    house.step()
    agrees(house, 10.0)
    assert house.exchange.market.clock.row == 2


def test_the_data_may_have_it_before_the_broker(tmp_path):
    async def scene(house):
        await holding(house)
        note_splits(house.journal, [Split("X", "2024-01-04", 2.0)])
        for _ in range(2):
            await house.bridge.reconcile("now")
            (stands,) = house.journal.halts.standing()
            assert stands.kind == "positions"
            assert "10 shares of before it would be 20 now, and the broker has 10" in stands.text
        house.step()
        await house.bridge.reconcile("now")
        assert house.kinds() == []
        agrees(house, 20.0)
        assert house.journal.intent("stop").instruction.quantity == -20.0
        assert house.journal.intent("stop").instruction.stop == 40.0
        assert len(told_of(house.journal, [Split("X", "2024-01-04", 2.0)])) == 1

    play(tmp_path, scene, bars=LATER)


def test_shares_that_are_not_the_splits_halt_until_a_person_has_spoken(tmp_path):
    async def scene(house):
        await holding(house)
        note_splits(house.journal, [Split("X", "2024-01-04", 2.0)])
        house.exchange.operator.manual(PAPER, "X", 3.0, 100.0)
        house.exchange.operator.restart_nightly(0)  # nobody tells of that any more
        house.step()
        await house.bridge.reconcile("now")
        assert "positions" in house.kinds()
        assert house.journal.ledger.positions()["X"] != 26.0
        await house.accept()
        await house.bridge.reconcile("now")
        assert house.kinds() == []
        assert waiting(house.journal) == {}
        agrees(house, 26.0)

    play(tmp_path, scene, bars=LATER)


@pytest.mark.parametrize(("before", "ratio", "broker", "over"), [
    (100.0, 1 / 3, 33.0, True), (100.0, 1 / 3, 34.0, True), (100.0, 1 / 3, 32.0, False), (100.0, 1 / 3, 33.5, False),
    (-101.0, 1.5, -151.0, True), (-101.0, 1.5, -152.0, True), (-101.0, 1.5, -150.0, False),
    (98.0, 1 / 49, 2.0, True), (98.0, 1 / 49, 3.0, False), (1.0, 0.1, 0.0, True), (100.0, 2.0, 100.0, False),
    (0.0, 2.0, 0.0, True),
])  # fmt: skip
def test_a_fraction_of_a_share_is_paid_out_or_made_whole(journal, before, ratio, broker, over):
    journal.record(decision(), ())
    with journal.store.write("held") as db:
        db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', ?, 'opening', 1)", (before,))
    note_splits(journal, [Split("X", "2026-01-05", ratio)])
    note_splits(journal, [Split("X", "2026-01-05", ratio)])
    assert len(waiting(journal)["X"]) == 1
    with journal.store.write("look") as db:
        take_over(db, journal, {"X": broker}, ())
    assert (waiting(journal) == {}) is over
    assert journal.ledger.positions().get("X", 0.0) == (broker if over else before)
    assert factor_since(journal, "X", midnight_of("2026-01-05") - 1) == (ratio if over else 1.0)
    assert factor_since(journal, "X", midnight_of("2026-01-05")) == 1.0
    with journal.store.write("word") as db:
        let_be(db, journal, ["X"], "looked")
    assert waiting(journal) == {}


def test_two_splits_and_a_trade_between_them_add_up(journal):
    with journal.store.write("held") as db:
        for many, day in ((100.0, "2026-01-01"), (10.0, "2026-01-06"), (-5.0, "2026-01-08")):
            db.execute(
                "INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', ?, 'x', ?)", (many, midnight_of(day))
            )
    note_splits(journal, [Split("X", "2026-01-07", 3.0), Split("X", "2026-01-05", 2.0)])
    with journal.store.write("look") as db:
        take_over(db, journal, {"X": (100.0 * 2.0 + 10.0) * 3.0 - 5.0}, ())
    assert journal.ledger.positions() == {"X": 625.0}


def test_a_missed_exit_is_sent_again_in_the_shares_of_now(tmp_path):
    async def scene(house):
        await holding(house)
        house.fault("reject")
        await house.decide(instruction("out", -10.0, "X", day=False))
        await house.bridge.carry_out()
        assert "missed" in house.kinds()
        house.step()
        note_splits(house.journal, [Split("X", "2024-01-05", 2.0)])
        await house.bridge.reconcile("now")
        assert house.kinds() == ["missed"]
        (ref,) = send_again(house.journal, "X")
        assert house.journal.intent(ref).instruction.quantity == -20.0

    play(tmp_path, scene, bars=LATER)


def test_an_order_that_had_filled_in_part_is_for_what_is_left_in_new_shares(tmp_path):
    async def scene(house):
        await house.start()
        buy = instruction("buy", 10.0, "X", OrderKind.LIMIT, limit=90.0, day=False)
        await house.trade(buy)
        house.exchange.operator.fill(OrderKey(CLIENT, house.journal.intent("buy").order_id), 4.0, 90.0)
        for _ in range(3):
            house.step()
        note_splits(house.journal, [Split("X", "2024-01-05", 2.0)])
        await house.bridge.reconcile("now")
        there = [one.ticket.quantity for one in house.exchange.open_orders(None)]
        assert (there, house.state("buy")) == ([16.0], "working")
        assert house.journal.intent("buy").instruction.quantity == 16.0, "4 old ones and 12 new ones"
        house.exchange.operator.fill(OrderKey(CLIENT, house.journal.intent("buy").order_id), 12.0, 45.0)
        await house.bridge.reconcile("now")
        assert (house.state("buy"), house.kinds()) == ("filled", [])
        agrees(house, 20.0)

    play(tmp_path, scene, bars=LATER)


EVE = """
from engine import Strategy
from engine.strategy import param

class Eve(Strategy):
    roles = ("x",)

    class Params:
        pass

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n == 1 and HOLDS != 0:
            orders.market(0, HOLDS)
        elif s.n == 3:
            side = 1.0 if SHARES > 0 else -1.0
            orders.bracket(0, SHARES, bar.x.close * (1.0 - 0.2 * side), bar.x.close * (1.0 + 0.2 * side))
"""


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("before", [0, -40])
@pytest.mark.parametrize(("ratio", "shares"), [(2.0, 101), (0.25, 102), (1.5, -101), (0.5, -50)])
def test_what_was_ordered_on_the_eve_fills_in_new_shares(tmp_path, ratio, shares, before, looks):
    """It fills at the open of the day, and the broker may say what it was for in the shares of before."""

    async def acts(house, session, _):
        await until_split(house, session)
        journal = session.bridge.journal
        if looks:
            await session.bridge.reconcile("time")
        for _ in range(2):
            assert (await session.once()).step is Step.DECIDED
            assert journal.halts.standing() == ()
            assert journal.ledger.positions().get("X", 0.0) == held(house)
            house.exchange.step_bar()
        assert held(house) == before * ratio + int(shares * ratio)
        assert {one.state for one in journal.intents_of(journal.decision(3).decided)} <= {"filled", "dead"}

    bars = split_bars(tmp_path, ratio, shares, code=EVE.replace("HOLDS", str(before)))
    desk(tmp_path, bars, acts, bars=6, start=DAYS[0])
