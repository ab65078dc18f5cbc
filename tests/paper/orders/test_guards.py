# SPDX-License-Identifier: Apache-2.0
"""What guards a position at the broker stays there until what replaces it may leave; judged by the broker's books."""

from dataclasses import replace

import pytest

from engine.kernel.codes import OrderKind
from engine.paper.comparison.person import halt, resume
from engine.paper.journal.halts import HaltKind, Halts
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.tickets import Contract, OrderKey, Ticket
from tests.paper.sandboxed import LIMITS, desk, written
from tests.paper.test_failure_modes import agrees, play
from tests.paper.words import instruction

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

GUARDED = """
from engine import Strategy
from engine.strategy import param

class Guarded(Strategy):
    roles = ("x",)

    class Params:
        how: int = param(0)

    class State:
        n: int = 0
        stop: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        close = bar.x.close
        level = close * (0.80 + 0.01 * s.n)
        s.n += 1
        if p.how == 6:
            if s.n == 1:
                orders.market(0, 100)
            elif s.n == 2:
                orders.attach(orders.stop(0, -100, level), 0)
        elif p.how == 7:
            if s.n == 1:
                entry = orders.market(0, 100)
                orders.attach(orders.stop(0, -50, level), entry)
                orders.attach(orders.stop(0, -50, level * 0.9), entry)
        elif p.how == 8:
            if s.n == 1:
                orders.bracket(0, 100.0, level, close * 1.2)
            elif s.n == 2:
                orders.market(0, 50)
        elif p.how == 9:
            if s.n == 1:
                orders.bracket(0, 100.0, level, close * 1.2)
            elif s.n == 2:
                orders.market(0, -40)
        elif p.how == 11:
            if s.n == 1:
                orders.attach(orders.stop(0, -100, level), orders.market(0, 100))
            elif s.n == 2:
                orders.limit(0, -40, close * 1.1)
        elif p.how == 10:
            if s.n == 1:
                orders.market(0, 100)
            elif s.n == 2:
                orders.reduce_only(orders.stop(0, -100, level))
            elif s.n == 3:
                orders.market(0, -60)
            elif s.n == 4:
                orders.market(0, 50)
        elif p.how > 11:
            if s.n == 1:
                entry = orders.market(0, 100)
                s.stop = orders.stop(0, -100, level)
                profit = orders.limit(0, -100, close * 1.5)
                orders.attach(s.stop, entry)
                orders.attach(profit, entry)
                orders.oco(s.stop, profit)
            elif s.n == 2:
                orders.market(0, 50)
                if p.how == 13:
                    orders.move(s.stop, level)
        elif s.n == 1:
            entry = orders.market(0, 100)
            s.stop = orders.trail(0, -100, close * 0.2) if p.how == 1 else orders.stop(0, -100, level)
            if p.how != 2:
                orders.attach(s.stop, entry)
        elif p.how < 3 and orders.working(s.stop):
            orders.move(s.stop, level)
        elif p.how == 3 and account.x.qty > 0:
            orders.cancel(s.stop)
            s.stop = orders.stop(0, -100, level)
        elif p.how == 4 and s.n > 2:
            orders.close(0)
        elif p.how == 5 and s.n > 2:
            orders.cancel_all(0)
"""
MOVED, TRAILED, PLAIN, ANEW, CLOSED, TAKEN_BACK, GUARDS_LATER, TWO = range(8)
ENLARGED, IN_PART, BACK_AGAIN, AT_A_PRICE, BOUND, BOUND_MOVED = range(8, 14)


def scene(tmp_path, how, acts, bars=8, limits=LIMITS):
    """A strategy that is guarded in one of the ways, on the sandbox."""
    config = written(tmp_path, GUARDED, f"params: {{how: {how}}}\n")
    desk(tmp_path, config, lambda house, session, _: acts(house, session), bars=bars, limits=limits)


def at_broker(house):
    """(shares held, [(reference, shares) of every order that works]) as the broker has them."""
    held = sum(one.quantity for one in house.exchange.positions(PAPER))
    working = [one for one in house.exchange.open_orders(None) if one.status not in {"Cancelled", "Filled"}]
    return held, sorted((one.ticket.ref, one.ticket.quantity) for one in working)


def level(house, session):
    """Where the strategy has put its stop at the last decision."""
    market, n = house.prepared.market, session.last.row
    return float(market.bars[next(iter(market.symbols))]["close"][n]) * (0.80 + 0.01 * n)


async def decided(session):
    report = await session.once()
    assert report.step == "decided", report
    return report


@pytest.mark.parametrize("how", [MOVED, TRAILED, PLAIN, ANEW, CLOSED])
@pytest.mark.parametrize("closing", ["halt", "kill", "stale"])
def test_the_guard_stays_while_a_gate_holds_what_replaces_it(tmp_path, how, closing):
    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        house.exchange.step_bar()
        if how == CLOSED:
            await decided(session)
            house.exchange.step_bar()
        held, before = at_broker(house)
        assert (held, len(before)) == (100.0, 1)
        free = bridge.terms
        refused = 0
        if closing == "halt":
            halt(journal, "", "a person")
        elif closing == "kill":
            free.kill_file.touch()
        else:
            object.__setattr__(free, "limits", LIMITS.model_copy(update={"stale_after": -1.0}))
        for _ in range(2):
            report = await decided(session)
            refused += any(one.outcome == "refuse" for one in report.verdicts)
            assert at_broker(house) == (100.0, before), "the guard was taken off"
            house.exchange.step_bar()
        assert refused == 2
        assert [one.kind for one in journal.halts.standing()] == (["person"] if closing == "halt" else [])
        resume(journal, "", "go on")
        free.kill_file.unlink(missing_ok=True)
        object.__setattr__(free, "limits", LIMITS)
        await decided(session)
        held, after = at_broker(house)
        assert held == 100.0
        assert len(after) == 1
        assert after != before
        if how != CLOSED:
            ticket = house.exchange.open_orders(None)[0].ticket
            assert (ticket.trail_stop if how == TRAILED else ticket.aux) == level(house, session)
        house.exchange.step_bar()
        assert (await bridge.reconcile("end")).differences == {}
        assert at_broker(house)[0] == (0.0 if how == CLOSED else 100.0)
        assert journal.halts.standing() == ()

    scene(tmp_path, how, acts)


def test_a_plain_cancel_goes_out_while_everything_is_halted(tmp_path):
    async def acts(house, session):
        await decided(session)
        house.exchange.step_bar()
        await decided(session)
        house.exchange.step_bar()
        halt(session.bridge.journal, "", "a person")
        await decided(session)
        assert at_broker(house) == (100.0, [])

    scene(tmp_path, TAKEN_BACK, acts)


def new_guard(ref, old, quantity=-10.0, **fields):
    return instruction(ref, quantity, "X", **{"kind": OrderKind.STOP, "stop": 95.0, "day": False, "reduce_only": True,
                                              "group": "g", "replaces": (old,), **fields})  # fmt: skip


async def guarded(house):
    """A house that holds ten shares and their stop."""
    await house.start()
    stop = instruction("old", -10.0, "X", OrderKind.STOP, stop=90.0, parent="p", group="g", day=False)
    await house.trade(instruction("p", 10.0, "X"), stop)
    house.step()
    assert await house.heard(lambda: house.state("p") == "filled")
    agrees(house, 10.0)


def works(house):
    return sorted(one.ticket.ref for one in house.exchange.open_orders(None))


def test_a_guard_that_is_replaced_leaves_with_its_replacement(tmp_path):
    async def play_it(house):
        await guarded(house)
        await house.trade(new_guard("new", "old"), cancel=("old",))
        assert works(house) == ["new"]
        assert (house.state("old"), house.state("new")) == ("dead", "working")
        assert house.kinds() == []

    play(tmp_path, play_it)


def test_orders_that_replace_one_guard_go_together_or_not_at_all(tmp_path):
    async def play_it(house):
        await guarded(house)
        part = new_guard("part", "old", -4.0, kind=OrderKind.LIMIT, limit=150.0, stop=None, group="h")
        await house.decide(new_guard("rest", "old", -6.0, limit=1.0), part, cancel=("old",))  # a stop has no limit
        await house.bridge.carry_out()
        assert works(house) == ["old"]
        assert (house.state("rest"), house.state("part")) == ("dead", "dead")
        again = [replace(part, ref="part2"), new_guard("rest2", "old", -6.0)]
        await house.trade(*again, cancel=("old",))
        assert works(house) == ["part2", "rest2"]
        assert all(one.request.values["transmit"] for one in house.placed()[-2:]), "each is a bracket of its own"

    play(tmp_path, play_it)


def test_a_guard_stays_while_its_replacement_waits_and_leaves_with_the_next(tmp_path):
    async def play_it(house):
        await guarded(house)
        first = new_guard("first", "old", -20.0)  # for more than is held, while more is on its way
        await house.decide(instruction("more", 10.0, "X", OrderKind.LIMIT, limit=50.0, day=False))
        await house.bridge.carry_out()
        await house.decide(first, cancel=("old",))
        await house.bridge.carry_out()
        assert (house.state("first"), house.state("old")) == ("intent", "working")
        assert works(house) == ["more", "old"]
        await house.decide(new_guard("second", "old"), cancel=("old", "first"))
        await house.bridge.carry_out()
        assert works(house) == ["more", "second"]
        assert house.state("first") == "dead"

    play(tmp_path, play_it)


def test_a_guard_that_filled_in_the_meantime_is_not_replaced(tmp_path):
    async def play_it(house):
        await guarded(house)
        house.bridge._link("anything")
        sell = instruction("out", -10.0, "X", replaces=("old",))
        await house.decide(sell, cancel=("old",))
        await house.bridge.carry_out()
        assert (house.state("out"), house.state("old")) == ("intent", "working")
        house.step()
        house.exchange.operator.fill(house.exchange.open_orders(None)[0].key, 10.0, 90.0)
        assert await house.heard(lambda: house.state("old") == "filled")
        await house.bridge.reconcile("now")
        await house.bridge.carry_out()
        assert house.state("out") == "dead"
        assert "has filled" in house.journal.intent("out").why
        agrees(house, 0.0)

    play(tmp_path, play_it)


def test_a_guard_whose_replacement_never_arrives_halts_its_symbol(tmp_path):
    async def play_it(house):
        await guarded(house)
        house.fault("swallow", on="placeOrder", nth=1)
        await house.trade(new_guard("new", "old"), cancel=("old",))
        assert works(house) == []
        assert house.kinds() == ["unguarded"]
        assert "10 X lack a guard" in house.alarms[0][2]
        assert "`tandem paper resume CONFIG X`" in house.alarms[0][2]
        agrees(house, 10.0)

    play(tmp_path, play_it)


def test_a_gate_that_closes_between_cancel_and_replacement_halts_its_symbol(tmp_path):
    async def play_it(house):
        await guarded(house)
        await house.decide(new_guard("new", "old"), cancel=("old",))
        cancel = house.bridge._sender.cancel

        async def then_killed(account):
            sent = await cancel(account)
            (tmp_path / "KILL").touch()
            return sent

        house.bridge._sender.cancel = then_killed
        await house.bridge.carry_out()
        assert works(house) == []
        assert house.kinds() == ["unguarded"]
        assert "old is gone, and new, which was to replace it, ended (gate kill file" in house.alarms[0][2]
        resume(house.journal, "X", "looked at")
        house.bridge._sender.cancel = cancel
        await house.bridge.carry_out()
        assert house.kinds() == [], "what a person has seen is not said again"

    play(tmp_path, play_it)


@pytest.mark.parametrize(("netted", "remedy"), [
    (False, "put them into one group"),
    (True, "run them as configurations of their own, each on an account of its own"),
])  # fmt: skip
def test_a_guard_that_cannot_be_carried_halts_its_symbol(tmp_path, netted, remedy):
    async def play_it(house):
        await guarded(house)
        object.__setattr__(house.bridge.terms, "netted", netted)
        second = instruction("second", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True, group="h")
        await house.decide(second)
        await house.bridge.carry_out()
        assert works(house) == ["old"]
        assert house.kinds() == ["unguarded"]
        assert (
            "second protects and did not leave (gate protection: protective orders for 20 shares" in house.alarms[0][2]
        )
        assert remedy in house.alarms[0][2]

    play(tmp_path, play_it)


def test_a_guard_that_is_refused_before_anything_is_held_halts_nothing(tmp_path):
    async def play_it(house):
        await house.start()
        await house.decide(instruction("s", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True))
        await house.bridge.carry_out()
        assert house.state("s") == "dead"
        assert house.kinds() == []

    play(tmp_path, play_it)


def by_hand(house, many=10, key=1):
    house.exchange.place(OrderKey(99, key), Ticket(PAPER, house.stage.contract("X"), "SELL", many, "STP", aux=70.0))


def test_a_guard_that_a_person_placed_is_not_doubled(tmp_path):
    """What the halt says to do, to the letter: a stop by hand, then `resume`; the next decision wants its own."""

    async def play_it(house):
        await guarded(house)
        house.fault("swallow", on="placeOrder", nth=1)
        await house.trade(new_guard("new", "old"), cancel=("old",))
        assert house.kinds() == ["unguarded"]
        assert "beside which the bridge sends none while it works" in house.alarms[0][2]
        by_hand(house)
        await house.bridge.reconcile("look")
        resume(house.journal, "X", "placed one")
        stop = instruction("mine", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True, group="m")
        for _ in range(2):
            await house.decide(stop) if house.journal.intent("mine") is None else None
            await house.bridge.carry_out()
            assert (works(house), house.state("mine"), house.kinds()) == ([""], "intent", [])
        waits = [one for one in house.journal.verdicts("mine") if one.gate == "protection"][-1]
        assert waits.outcome == "wait"
        assert waits.text == "orders of others take 10 shares from the position: it goes out once they are cancelled"
        house.exchange.cancel(OrderKey(99, 1))
        assert await house.heard(lambda: works(house) == [])
        await house.bridge.reconcile("look")
        await house.bridge.carry_out()
        assert works(house) == ["mine"]
        agrees(house, 10.0)

    play(tmp_path, play_it)


@pytest.mark.parametrize(("many", "state", "halts"), [(10, "intent", []), (9, "dead", ["unguarded"])])
def test_what_an_order_of_others_guards_is_not_unguarded(tmp_path, many, state, halts):
    async def play_it(house):
        await house.start()
        await house.trade(instruction("p", 10.0, "X"))
        house.step()
        assert await house.heard(lambda: house.state("p") == "filled")
        by_hand(house, many)
        await house.bridge.reconcile("look")
        (tmp_path / "KILL").touch()  # the new guard is refused
        await house.decide(instruction("s", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True))
        await house.bridge.carry_out()
        assert (house.state("s"), house.kinds()) == (state, halts)
        house.exchange.cancel(OrderKey(99, 1))
        await house.bridge.reconcile("look")
        await house.bridge.carry_out()
        assert (house.state("s"), house.kinds()) == ("dead", ["unguarded"]), "nobody guards it any more"

    play(tmp_path, play_it)


def test_a_guard_that_is_ended_at_the_broker_halts_its_symbol_once(tmp_path):
    """Cancelled in TWS, or by the broker after some months: the strategy takes it for gone and never asks again."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        house.exchange.step_bar()
        await bridge.reconcile("fills")
        (stop,) = house.exchange.open_orders(None)
        house.exchange.cancel(stop.key)
        await bridge.reconcile("time")
        (stands,) = journal.halts.standing()
        assert (stands.kind, stands.symbol) == ("unguarded", "SPY")
        assert f"{stop.ticket.ref}, which guards, was ended at the broker (the broker: Cancelled" in stands.text
        assert "100 SPY lack it" in stands.text
        resume(journal, "SPY", "as I want it")
        await decided(session)
        await bridge.reconcile("time")
        assert journal.halts.standing() == ()

    scene(tmp_path, MOVED, acts)


@pytest.mark.parametrize("triggered", [False, True], ids=["quiet", "the stop's day"])
def test_guards_shrink_with_what_is_sold_at_the_next_open(tmp_path, triggered):
    """Left as they were until the close after, a stop on the day of the sale would turn the position round."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        house.exchange.step_bar()
        await decided(session)
        assert at_broker(house)[0] == 100.0
        assert sorted(shares for _, shares in at_broker(house)[1]) == [40.0, 60.0, 60.0]
        house.exchange.tick({"SPY": level(house, session) / 0.81}, seconds=17.5 * 3600.0)  # the open
        if triggered:
            house.exchange.tick({"SPY": level(house, session) * 0.9})
        await bridge.reconcile("fills")
        assert at_broker(house)[0] == (0.0 if triggered else 60.0)
        assert journal.halts.standing() == ()

    scene(tmp_path, IN_PART, acts)


@pytest.mark.parametrize(
    ("fills", "held", "halts"),
    [(("LMT", "STP"), -40.0, ["overfilled"]), (("STP", "LMT"), -40.0, []), (("STP",), 0.0, []), (("LMT",), 60.0, [])],
    ids=["turned by the guard", "by the limit, as in a backtest", "guarded", "sold"],
)
def test_a_guard_that_turns_the_position_halts_its_symbol_once(tmp_path, fills, held, halts):
    """What is sold at a price leaves the guard whole until the next close, and the broker knows no bound for it."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        house.exchange.step_bar()
        await decided(session)
        at = level(house, session) / 0.81
        for number, kind in enumerate(fills):
            house.exchange.tick({"SPY": at}, seconds=17.5 * 3600.0 if number == 0 else 60.0)
            (one,) = [one for one in house.exchange.open_orders(None) if one.ticket.kind == kind]
            house.exchange.operator.fill(one.key, one.ticket.quantity, at)
        for _ in range(2):
            await bridge.reconcile("time")
        assert at_broker(house)[0] == held
        assert [halt.kind for halt in journal.halts.standing()] == halts
        if halts:
            (stands,) = journal.halts.standing()
            assert "which guards, traded -100 SPY where 60 were held: the -40 beyond that nobody" in stands.text
            resume(journal, "SPY", "kept")
            await bridge.reconcile("time")
            assert journal.halts.standing() == ()

    scene(tmp_path, AT_A_PRICE, acts)


def test_a_guard_of_what_is_bought_back_waits_for_it(tmp_path):
    """The larger stop was judged before the purchase that it needs, refused, and left until the next close."""

    async def acts(house, session):
        for _ in range(3):
            await decided(session)
            house.exchange.step_bar()
        report = await decided(session)
        assert {one.outcome for one in report.verdicts} <= {"pass", "wait"}
        held, works = at_broker(house)
        assert (held, [shares for _, shares in works]) == (40.0, [40.0, 50.0])
        house.exchange.tick({"SPY": level(house, session) / 0.83}, seconds=17.5 * 3600.0)  # the open
        await session.bridge.reconcile("fills")
        await session.bridge.carry_out()
        await session.bridge.reconcile("taken back")
        await session.bridge.carry_out()
        held, works = at_broker(house)
        assert (held, [shares for _, shares in works]) == (90.0, [90.0])
        assert session.bridge.journal.halts.standing() == ()

    scene(tmp_path, BACK_AGAIN, acts)


@pytest.mark.parametrize("closing", ["halt", "kill"])
def test_guards_stay_whole_while_a_gate_holds_what_sells_a_part(tmp_path, closing):
    async def acts(house, session):
        await decided(session)
        house.exchange.step_bar()
        before = at_broker(house)
        if closing == "halt":
            halt(session.bridge.journal, "", "a person")
        else:
            session.bridge.terms.kill_file.parent.mkdir(parents=True, exist_ok=True)
            session.bridge.terms.kill_file.touch()
        await decided(session)
        assert at_broker(house) == before
        assert [shares for _, shares in before[1]] == [100.0, 100.0]

    scene(tmp_path, IN_PART, acts)


@pytest.mark.parametrize(
    ("sold", "held", "halts"),
    [((100.0,), 50.0, []), ((60.0, 40.0), 50.0, []), ((99.0,), 51.0, ["unguarded"])],
    ids=["at once", "in parts", "not all"],
)
def test_a_stop_whose_target_has_sold_its_shares_guards_no_more(tmp_path, sold, held, halts):
    """The position was enlarged after the bracket: what the strategy added has no guard in its backtest either."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        for _ in range(2):
            await decided(session)
            house.exchange.step_bar()
        await bridge.reconcile("fills")
        (target,) = [one for one in house.exchange.open_orders(None) if one.ticket.kind == "LMT"]
        for shares in sold:
            house.exchange.operator.fill(target.key, shares, target.ticket.limit)
        await bridge.reconcile("time")
        assert at_broker(house)[0] == held
        assert [halt.kind for halt in journal.halts.standing()] == halts

    scene(tmp_path, ENLARGED, acts)


def test_of_two_guards_that_are_ended_each_has_its_word(tmp_path):
    """One halt stands for a symbol: the other guard is told once a person has ended that, and neither again."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        house.exchange.step_bar()
        await bridge.reconcile("fills")
        for stop in house.exchange.open_orders(None):
            house.exchange.cancel(stop.key)
        said = []
        for _ in range(2):
            await bridge.reconcile("time")
            (stands,) = journal.halts.standing()
            said.append(stands.text.partition(",")[0])
            resume(journal, "SPY", "as I want it")
        await bridge.reconcile("time")
        assert journal.halts.standing() == ()
        assert len(said) == len(set(said)) == 2

    scene(tmp_path, TWO, acts)


@pytest.mark.parametrize("how", [MOVED, PLAIN, CLOSED, TAKEN_BACK])
def test_a_guard_that_ends_with_its_position_or_by_the_strategy_halts_nothing(tmp_path, how):
    async def acts(house, session):
        for _ in range(5):
            await decided(session)
            house.exchange.step_bar()
            await session.bridge.reconcile("time")
            assert session.bridge.journal.halts.standing() == ()

    scene(tmp_path, how, acts)


@pytest.mark.parametrize("how", [BOUND, BOUND_MOVED])
@pytest.mark.parametrize(("kind", "sold", "halts"), [
    ("LMT", 100.0, []), ("LMT", 60.0, ["unguarded"]), ("STP", 100.0, []), ("STP", 60.0, []),
])  # fmt: skip
def test_a_guard_that_its_group_has_ended_is_missed_for_no_other_shares(tmp_path, how, kind, sold, halts):
    """The profit is taken on the day that more is bought: what was bought then never had that stop."""

    async def acts(house, session):
        for _ in range(2):
            await decided(session)
            house.exchange.step_bar()
        bound = next(one for one in house.exchange.open_orders(None) if one.ticket.kind == kind)
        house.exchange.operator.fill(bound.key, sold, 200.0)
        await session.bridge.reconcile("time")
        assert at_broker(house)[0] == 150.0 - sold
        kinds = {one.ticket.kind for one in house.exchange.open_orders(None)}
        assert kinds == ({kind} if sold < 100.0 else set())
        assert [one.kind for one in session.bridge.journal.halts.standing()] == halts
        await decided(session)
        assert [one.kind for one in session.bridge.journal.halts.standing()] == halts

    scene(tmp_path, how, acts)


def test_a_guard_lasts_while_an_order_of_others_stands_in_its_place(tmp_path):
    """Days of open market, and a kill file: it goes out when the other one is gone, as it was decided."""

    async def acts(house, session):
        journal, bridge = session.bridge.journal, session.bridge
        await decided(session)
        contract = house.exchange.contracts(Contract(0, "SPY"))[0].contract
        house.exchange.step_bar()
        house.exchange.place(OrderKey(99, 1), Ticket(PAPER, contract, "SELL", 100, "STP", aux=1.0, tif="GTC"))
        for how in ("stale", "kill", "stale"):
            if how == "kill":
                bridge.terms.kill_file.touch()
            await decided(session)
            bridge.terms.kill_file.unlink(missing_ok=True)
            house.exchange.step_bar()
            await bridge.reconcile("time")
            await bridge.carry_out()
            assert at_broker(house) == (100.0, [("", 100.0)])
            assert [one.instruction.kind for one in journal.open_intents()] == [OrderKind.STOP]
        house.exchange.cancel(OrderKey(99, 1))
        await decided(session)
        assert journal.halts.standing() == ()
        held, there = at_broker(house)
        assert (held, len(there)) == (100.0, 1)

    scene(tmp_path, GUARDS_LATER, acts)


def test_a_position_that_may_not_be_there_is_not_called_unguarded(tmp_path):
    """The stop by hand fills on a day of which nobody tells: what is held is the question, not what guards it."""

    async def play_it(house):
        await house.start()
        await house.trade(instruction("p", 10.0, "X"))
        house.step()
        assert await house.heard(lambda: house.state("p") == "filled")
        with house.journal.store.write("opening") as db:
            db.execute("INSERT INTO openings (symbol, quantity, why, at) VALUES ('X', 5.0, 'lost', 1)")
        await house.bridge.reconcile("look")
        await house.decide(instruction("s", -10.0, "X", OrderKind.STOP, stop=80.0, day=False, reduce_only=True))
        await house.bridge.carry_out()
        assert (house.state("s"), house.kinds()) == ("dead", ["positions"])
        await house.accept()
        await house.bridge.carry_out()
        assert house.kinds() == ["unguarded"], "now it is known that ten shares are held"
        agrees(house, 10.0)

    play(tmp_path, play_it)


def on_its_own(house):
    """A child whose parent has filled lives by itself at a broker; in the sandbox it ends with the position."""
    blotter = house.exchange.blotters[PAPER]
    for standing in blotter.living:
        blotter.account.row(standing.number).parent = 0


@pytest.mark.parametrize("stays", ["no", "halt", "netted", "entry", "part"])
def test_a_guard_without_a_position_is_taken_back_at_once(tmp_path, stays):
    """A limit closes what the stop guards: the backtest ends the stop with it, the broker would sell ten more."""

    async def play_it(house):
        await house.start(netted=stays == "netted")
        out = instruction("out", -4.0 if stays == "part" else -10.0, "X", OrderKind.LIMIT, limit=110.0, day=False)
        stop = instruction("old", -10.0, "X", OrderKind.STOP, stop=90.0, parent="p", group="g", day=False)
        entry = {"kind": OrderKind.LIMIT, "limit": 50.0, "day": False} if stays == "entry" else {}
        await house.trade(instruction("p", 10.0, "X", **entry), stop, out)
        house.step()
        there = {one.ticket.ref: one for one in house.exchange.open_orders(None)}
        if stays != "entry":
            on_its_own(house)
        house.exchange.operator.fill(there["out"].key, abs(out.quantity), 110.0)
        assert await house.heard(lambda: house.state("out") == "filled")
        if stays == "halt":
            with house.journal.store.write("halt") as db:
                Halts.add(db, HaltKind.EXTERNAL, "X", "somebody else has traded", 1)
        await house.bridge.carry_out()
        expected = {"no": [], "entry": ["old", "p"]}.get(stays, ["old"])
        assert works(house) == expected
        await house.bridge.carry_out()
        assert works(house) == expected
        agrees(house, {"entry": -10.0, "part": 6.0}.get(stays, 0.0))

    play(tmp_path, play_it)
