# SPDX-License-Identifier: Apache-2.0
"""Decisions one bar at a time, with the memory written and read at each, are those of one native run, to the bit."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ConfigError, DataError, InputError
from engine.kernel.codes import EntryKind, OrderKind, OrderStatus
from engine.paper.carried import check_bars, check_carried, identity_of
from engine.paper.decision.account_book import Activity
from engine.paper.decision.decide import Decider
from engine.paper.instructions import Fill
from engine.paper.memory import read_memory, write_memory
from engine.runs.backtest import loaded
from tests.paper.native import NativeRun, check_sent, prepared_run

LINKS = """\
from engine.strategy import Strategy


class Links(Strategy):
    \"\"\"Every kind of order and every link between two, now and then all at once.\"\"\"

    roles = ("x",)

    class State:
        n: int = 0
        entry: int = 0
        loss: int = 0
        gain: int = 0
        far: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        close = bar.x.close
        phase = s.n % 23
        if phase == 0 and account.x.qty == 0.0:
            s.entry = orders.bracket(0, 900, close * 0.985, close * 1.01)
        if phase == 3:
            s.loss = orders.stop(0, -account.x.qty, close * 0.97)
            orders.reduce_only(s.loss)
            s.gain = orders.limit(0, -account.x.qty, close * 1.03)
            orders.oco(s.loss, s.gain)
        if phase > 3 and phase < 9 and orders.working(s.loss):
            orders.move(s.loss, close * 0.975)
        if phase == 9:
            orders.cancel_all(0)
            orders.target(0, 0.4 if s.n % 2 == 0 else -0.4)
        if phase == 11:
            s.far = orders.limit(0, 500, close * 0.99, 0, 1)
            child = orders.trail_percent(0, -500, 0.01)
            orders.attach(child, s.far)
            orders.stop_limit(0, 300, close * 1.005, close * 1.02)
        if phase == 12 and orders.working(s.far):
            orders.attach(orders.stop(0, -200, close * 0.95), s.far)
        if phase == 14:
            orders.market_on_close(0, 250)
            orders.market_on_open(0, -100)
        if phase == 16:
            orders.trail(0, 400, 1.5)
            orders.stop(0, 150, close * 1.002)
            orders.trail_percent(0, -300, 0.008)
        if phase == 19:
            orders.close(0)
        s.n += 1
"""


@pytest.fixture
def links(tmp_path) -> str:
    """The configuration of a strategy that uses every kind of order, with a cap that cuts fills into parts."""
    (tmp_path / "links.py").write_text(LINKS)
    text = "name: a_name_that_is_long\nstrategy: links.py:Links\nroles: {x: IWM}\ndata: {source: sample, seed: 3}\n"
    (tmp_path / "links.yaml").write_text(text + "fills: {participation: 0.00002}\naccount: {cash: 1000000}\n")
    return str(tmp_path / "links.yaml")


SIZED = """
from engine.strategy import Strategy


class Sized(Strategy):
    roles = ("x",)

    class State:
        asked: int = 0
        stop: int = 0

    def features(self, market, p):
        return {"close": market.x.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.asked += 1
RULE
"""


@pytest.fixture
def sized(tmp_path):
    """The native run of a rule of one symbol, asked 40 times, and its decisions."""

    def made(rule):
        text = SIZED.replace("RULE", "\n".join(f"        {line}" for line in rule.strip().splitlines()))
        (tmp_path / "sized.py").write_text(text)
        keys = "roles: {x: IWM}\ndata: {source: sample}\naccount: {cash: 100000}\n"
        (tmp_path / "sized.yaml").write_text(f"name: sized\nstrategy: sized.py\n{keys}")
        return follow(prepared_run(str(tmp_path / "sized.yaml"), [], "2016-01-04", 40))

    return made


def told(decisions):
    """What each decision sends, as (kind, shares, waits for another), and how many it takes back."""
    return [
        ([(OrderKind(one.kind).name, one.quantity, bool(one.parent)) for one in made.send], len(made.cancel))
        for made in decisions
    ]


def test_what_guards_a_turned_position_is_no_larger_than_it(sized):
    """Each entry closes the other side first: its stop is for the shares that it opens, worked out from the fills."""
    run, decisions = sized("""
if s.asked % 4 == 1:
    entry = orders.target(0, 0.5 if s.asked % 8 == 1 else -0.5)
    orders.stop_loss_percent(entry, 0.9)
""")
    shares = dict.fromkeys(run.orders["id"].tolist(), 0.0)
    for fill in run.ledger[run.ledger["kind"] == 2]:
        shares[int(fill["order"])] += float(fill["qty"])
    held, turned = 0.0, 0
    for made in decisions:
        entry = next((one for one in made.send if one.kind is OrderKind.MARKET), None)
        if entry is None or not shares[entry.order]:
            continue
        stop = next(one for one in made.send if one.parent == entry.ref)
        turned += held != 0.0
        held += shares[entry.order]
        assert stop.quantity == -held
    assert turned > 5


def test_a_stop_of_a_turned_position_keeps_its_size_when_it_is_moved(sized):
    """Long 100, then 160 are sold: 60 short. The stop for them is sent with the entry and then moved."""
    _, decisions = sized("""
if s.asked == 1:
    orders.market(0, 100)
if s.asked == 3:
    s.stop = orders.stop_loss_percent(orders.market(0, -160), 0.9)
if s.asked == 6:
    orders.move(s.stop, 3.0 * bar.x.close)
""")
    sent = told(decisions)
    assert sent[2] == ([("MARKET", -160.0, False), ("STOP", 60.0, True)], 0)
    assert sent[5] == ([("STOP", 60.0, False)], 1)


def test_what_a_waiting_entry_opens_changes_and_its_stop_with_it(sized):
    """A limit far away to sell 160 of 100 held would open 60; once those are sold it opens all of 160."""
    _, decisions = sized("""
if s.asked == 1:
    orders.market(0, 100)
if s.asked == 3:
    orders.stop_loss_percent(orders.limit(0, -160, 5.0 * bar.x.close), 0.9)
if s.asked == 6:
    orders.market(0, -100)
""")
    sent = told(decisions)
    assert sent[2] == ([("LIMIT", -160.0, False), ("STOP", 60.0, True)], 0)
    assert [one for one in sent[3:5] if one[0] or one[1]] == []
    assert (sorted(sent[5][0]), sent[5][1]) == ([("MARKET", -100.0, False), ("STOP", 160.0, True)], 1)
    assert sent[6] == ([], 0)


def test_the_child_of_what_only_closes_stays_here_until_it_guards_something(sized):
    """A limit to sell 80 of 100 held opens nothing: a stop to buy 80 would. Once the 100 are gone it opens 80."""
    _, decisions = sized("""
if s.asked == 1:
    orders.market(0, 100)
if s.asked == 3:
    orders.stop_loss_percent(orders.limit(0, -80, 5.0 * bar.x.close), 0.9)
if s.asked == 6:
    orders.market(0, -100)
if s.asked == 9:
    orders.market(0, 90)
""")
    sent = told(decisions)
    assert sent[2] == ([("LIMIT", -80.0, False)], 0)
    assert (sorted(sent[5][0]), sent[5][1]) == ([("MARKET", -100.0, False), ("STOP", 80.0, True)], 0)
    assert sent[8] == ([("MARKET", 90.0, False)], 1)


def test_an_exit_goes_to_the_broker_again_where_its_entry_paid_another_price_than_was_expected(sized):
    """The stop is told 4 % below the close that decides; once the fill is known it stands 4 % below that, and stays."""
    run, decisions = sized("""
if s.asked == 3:
    orders.stop_loss_percent(orders.market(0, 100), 0.04)
""")
    (first,) = [one for one in decisions[2].send if one.parent]
    (again,) = decisions[3].send
    paid = run.ledger["price"][run.ledger["kind"] == EntryKind.FILL][0]
    assert first.stop == decisions[2].marks[0].close * 0.96
    assert again.stop == paid * (1.0 - 0.04) != first.stop
    assert (again.replaces, decisions[3].cancel) == ((first.ref,), (first.ref,))
    assert [one.send for one in decisions[4:10]] == [()] * 6


def test_a_guard_of_what_is_sold_in_part_is_sent_again_for_the_rest(sized):
    """Of 100 shares 40 are sold: filled at the broker, the stop for 100 would leave it 40 short."""
    _, decisions = sized("""
if s.asked == 1:
    orders.attach(orders.stop(0, -100, 0.5 * bar.x.close), orders.market(0, 100))
if s.asked == 4:
    orders.market(0, -40)
""")
    sent = told(decisions)
    assert sent[0] == ([("MARKET", 100.0, False), ("STOP", -100.0, True)], 0)
    assert sent[3] == ([("STOP", -60.0, False), ("MARKET", -40.0, False)], 1)
    assert {one.replaces for one in decisions[3].send} == {(decisions[0].send[1].ref,)}
    assert sent[4:] == [([], 0)] * len(sent[4:])


@pytest.mark.parametrize("sold", ["limit(0, -40, 2.0 * bar.x.close)", "market_on_close(0, -40)"])
def test_a_guard_of_what_is_sold_later_than_the_open_stays_whole(sized, sold):
    """Until then all of the position is held."""
    _, decisions = sized(f"""
if s.asked == 1:
    orders.attach(orders.stop(0, -100, 0.5 * bar.x.close), orders.market(0, 100))
if s.asked == 4:
    orders.{sold}
""")
    assert [len(one.send) for one in decisions[:4]] == [2, 0, 0, 1]
    assert decisions[3].cancel == ()


def test_every_guard_shrinks_with_what_is_sold_in_part_at_the_next_open(sized):
    _, decisions = sized("""
if s.asked == 1:
    entry = orders.market(0, 100)
    orders.oco(orders.attach(orders.stop(0, -100, 0.5 * bar.x.close), entry),
               orders.attach(orders.limit(0, -100, 3.0 * bar.x.close), entry))
if s.asked == 5:
    orders.market(0, -60)
""")
    guards = tuple(one.ref for one in decisions[0].send if one.parent)
    sent = {(one.kind.name, one.quantity): one.replaces for one in decisions[4].send}
    assert sent == dict.fromkeys([("STOP", -40.0), ("LIMIT", -40.0), ("MARKET", -60.0)], guards)
    assert decisions[4].cancel == guards
    assert told(decisions)[5:] == [([], 0)] * len(decisions[5:])


@pytest.mark.parametrize(
    ("ends", "taken"),
    [("market(0, -100)", 2), ("market(0, -250)", 2), ("market_on_open(0, -100)", 2),
     ("market_on_close(0, -100)", 0), ("limit(0, -100, 2.0 * bar.x.close)", 0)],
)  # fmt: skip
def test_what_guards_a_position_goes_with_what_ends_it_at_the_next_open(sized, ends, taken):
    """Left at the broker until the close a stop would open a position, should the price reach it in that session."""
    _, decisions = sized(f"""
if s.asked == 1:
    entry = orders.market(0, 100)
    orders.oco(orders.attach(orders.stop(0, -100, 0.5 * bar.x.close), entry),
               orders.attach(orders.limit(0, -100, 3.0 * bar.x.close), entry))
if s.asked == 5:
    orders.{ends}
""")
    guards = tuple(one.ref for one in decisions[0].send if one.parent)
    (closing,) = decisions[4].send
    assert len(guards) == 2
    assert closing.replaces == decisions[4].cancel == guards[:taken]


def test_a_position_that_is_sold_and_bought_again_at_one_open_leaves_its_stop(sized):
    """The sale comes first and ends the stop with the position; what is bought has none."""
    run, decisions = sized("""
if s.asked == 1:
    s.stop = orders.attach(orders.stop(0, -100, 0.5 * bar.x.close), orders.market(0, 100))
if s.asked == 5:
    orders.market(0, -100)
    orders.market(0, 100)
""")
    (stop,) = [one for one in decisions[0].send if one.parent]
    assert decisions[4].cancel == decisions[4].send[0].replaces == (stop.ref,)
    assert (run.orders["status"][1], run.orders["ended"][1]) == (OrderStatus.CANCELLED, 5)


def follow(prepared) -> tuple[NativeRun, list]:
    """Decide every bar with a desk that is told what the native run filled; each memory must be the run's book."""
    run, memory, refs, seen, decisions = NativeRun(prepared), None, {}, 0, []
    for row in range(len(prepared.market)):
        told = run.told(row, refs, seen)
        seen += len(told.fills)
        made = Decider(prepared, "same").decide(memory, told, row)
        assert write_memory(read_memory(made.memory)) == made.memory
        assert {one.symbol: one.close for one in made.marks} == {
            symbol: float(prepared.market.bars[role]["close"][row]) for role, symbol in prepared.market.symbols.items()
        }
        assert Decider(prepared, "same").decide(memory, told, row) == made  # computed again it is the same
        memory = made.memory
        kept = read_memory(memory)
        assert {order["id"]: _shape(order) for order in kept.book["living"]} == run.book[row]
        for name in ("cash", "equity", "maintenance"):
            assert kept.book[name] == run.points[name][row]
        refs |= {one.order: one.ref for one in made.send}
        decisions.append(made)
    names = iter(run.state.dtype.names)
    for state in kept.state.values():
        assert list(state.values()) == [run.state[next(names)] for _ in state]
    return run, decisions


def _shape(order):
    prices = (-1.0 if math.isnan(order[name]) else order[name] for name in ("limit", "stop", "trail"))
    return (order["kind"], *prices, order["tif"], order["parent"], order["group"]), order["qty"]


@pytest.mark.parametrize(("config", "given", "start"), [
    ("configs/spread_sample.yaml", ["params.leg_stop=6"], "2015-06-01"),
    ("configs/double_agent_sample.yaml", [], "2017-01-03"),
    ("configs/vix_hedge_fund_sample.yaml", [], "2008-01-03"),
    ("configs/portfolio_sample.yaml", ["rebalance=monthly"], "2015-06-01"),
])  # fmt: skip
def test_250_decisions_are_those_of_the_native_run(config, given, start):
    run, decisions = follow(prepared_run(config, given, start))
    check_sent(run, decisions)
    assert len(run.orders) > 7


def test_every_kind_of_order_and_link_in_parts(links):
    run, decisions = follow(prepared_run(links, [], "2016-01-04"))
    check_sent(run, decisions)
    filled = run.orders[run.orders["filled"] != 0.0]
    assert {OrderKind(int(kind)).name for kind in np.unique(filled["kind"])} >= {
        "MARKET", "LIMIT", "STOP", "TRAIL", "TRAIL_PERCENT", "MARKET_ON_CLOSE", "MARKET_ON_OPEN", "STOP_LIMIT",
    }  # fmt: skip
    parts = run.ledger[(run.ledger["kind"] == 2) & (run.ledger["order"] > 0)]
    assert len(parts) > len(filled)  # fills come in parts
    sent = [one for made in decisions for one in made.send]
    assert any(one.parent for one in sent)
    assert any(one.group for one in sent)
    assert any(one.ref.endswith(".a3") for one in sent)  # moved four days long
    by_ref = {one.ref: one for one in sent}
    for one in sent:
        if one.parent:
            assert by_ref[one.parent].symbol == one.symbol
            assert sent.index(by_ref[one.parent]) < sent.index(one)


def test_a_moved_order_is_taken_back_and_sent_again(links):
    _, decisions = follow(prepared_run(links, [], "2016-01-04", 150))
    first = {one.order: one for made in reversed(decisions) for one in made.send if one.ref.endswith(".a0")}
    again = [(one, made) for made in decisions for one in made.send if one.ref.endswith(".a1")]
    moved, made = next((one, made) for one, made in again if one.stop != first[one.order].stop)
    old = first[moved.order]
    assert old.ref in made.cancel
    assert (moved.kind, moved.quantity, moved.group) == (old.kind, old.quantity, old.group)


@pytest.fixture(scope="module")
def spread():
    """A native run and its decisions; bars 0..59."""
    prepared = prepared_run("configs/spread_sample.yaml", ["params.leg_stop=6"], "2015-06-01", 60)
    run, decisions = follow(prepared)
    return prepared, run, decisions, next(row for row, made in enumerate(decisions) if made.send and row > 5)


def test_an_order_that_the_broker_ended_is_gone_from_the_book(spread):
    prepared, run, decisions, _ = spread
    first = next(at for at, made in enumerate(decisions) if made.send)
    dead = decisions[first].send[0]
    told = Activity(float(run.points["cash"][first]), {}, (), frozenset({dead.ref}))
    made = Decider(prepared, "same").decide(decisions[first].memory, told, first + 1)
    left = {order["id"] for order in read_memory(made.memory).book["living"]}
    assert dead.order not in left
    assert dead.ref not in made.cancel


def test_a_correction_changes_what_the_order_has_filled(spread):
    prepared, run, decisions, _ = spread
    first = next(at for at, made in enumerate(decisions) if made.send)
    order = decisions[first].send[0]
    half = math.trunc(order.quantity / 2)
    stamp = int(prepared.market.bars["ts"][first + 1])
    fill = Fill("b", 1, order.ref, order.symbol, half + 1.0, 70.0, stamp, None)
    cash = float(run.points["cash"][first])
    desk = Decider(prepared, "same")
    one = desk.decide(decisions[first].memory, Activity(cash, None, ((1, fill),)), first + 1)
    told = Activity(cash, None, ((1, fill), (2, replace(fill, revision=2, quantity=float(half)))))
    two = desk.decide(decisions[first].memory, told, first + 1)
    for made, quantity in ((one, half + 1), (two, half)):
        kept = read_memory(made.memory)
        role = list(prepared.market.symbols.values()).index(order.symbol)
        assert kept.book["asset"][role]["qty"] == quantity
        assert kept.fills["b"] == (order.order, quantity)
    assert read_memory(two.memory).seen == 2


def test_fills_told_out_of_their_order_all_count(spread):
    """Away for two closes: the broker lists the later fill first."""
    prepared, run, decisions, _ = spread
    first = next(at for at, made in enumerate(decisions) if made.send)
    order = decisions[first].send[0]
    half = math.trunc(order.quantity / 2)
    stamps = prepared.market.bars["ts"]
    late = Fill("late", 1, order.ref, order.symbol, float(half), 70.0, int(stamps[first + 2]), None)
    early = replace(late, base="early", quantity=order.quantity - half, time=int(stamps[first + 1]))
    told = Activity(float(run.points["cash"][first]), None, ((1, late), (2, early)))
    kept = read_memory(Decider(prepared, "same").decide(decisions[first].memory, told, first + 2).memory)
    role = list(prepared.market.symbols.values()).index(order.symbol)
    assert kept.book["asset"][role]["qty"] == order.quantity
    assert kept.fills == {"late": (order.order, float(half)), "early": (order.order, order.quantity - half)}
    assert order.order not in kept.sent


def test_positions_are_what_the_ledger_says(spread):
    """A person accepted what the broker holds: the strategy sees that, and cash as it is."""
    prepared, _, decisions, row = spread
    told = Activity(123_456.5, {"SPY": 77.0, "XYZ": 5.0})
    kept = read_memory(Decider(prepared, "same").decide(decisions[row].memory, told, row + 1).memory)
    assert [one["qty"] for one in kept.book["asset"]] == [77.0, 0.0]
    close = float(prepared.market.bars["large"]["close"][row + 1])
    assert kept.book["equity"] == 123_456.5 + 77.0 * close
    before = read_memory(decisions[row].memory).book["asset"]
    assert before[0]["qty"] > 77.0
    assert [one["avg_price"] for one in kept.book["asset"]] == [before[0]["avg_price"], 0.0]


def test_what_nobody_ordered_counts_as_dealt_at_the_close(spread):
    prepared, _, decisions, row = spread
    told = Activity(123_456.5, {"SPY": -3.0, "IWM": 5.0})  # long and short turned round
    kept = read_memory(Decider(prepared, "same").decide(decisions[row].memory, told, row + 1).memory)
    closes = [float(prepared.market.bars[role]["close"][row + 1]) for role in ("large", "small")]
    assert [one["qty"] for one in kept.book["asset"]] == [-3.0, 5.0]
    assert [one["avg_price"] for one in kept.book["asset"]] == closes


def test_an_account_below_maintenance_sends_nothing(spread):
    prepared, _, decisions, row = spread
    kept = read_memory(decisions[row].memory)
    close = [float(prepared.market.bars[role]["close"][row + 1]) for role in ("large", "small")]
    told = Activity(-0.8 * 10_000 * close[0], {"SPY": 10_000.0})  # 20 % of its value is its own; 25 % are asked
    made = Decider(prepared, "same").decide(decisions[row].memory, told, row + 1)
    after = read_memory(made.memory)
    assert after.book["maintenance"] == pytest.approx(2_500 * close[0])
    assert (after.book["frozen"], after.book["margin_calls"]) == (1, kept.book["margin_calls"] + 1)
    assert made.send == ()


def test_the_first_decision_begins_with_what_is_held(spread):
    prepared = spread[0]
    made = Decider(prepared, "same").decide(None, Activity(50_000.0, {"SPY": 10.0, "GLD": 3.0}), 4)
    kept = read_memory(made.memory)
    assert kept.book["asset"][0]["qty"] == 10.0
    assert kept.book["cash"] == 50_000.0
    assert kept.book["t"] == 0


def test_bars_without_a_decision_are_lived_through(spread):
    """The machine was off for three sessions: the orders filled meanwhile, on_bar is asked at the last close alone."""
    prepared, run, decisions, row = spread
    refs = {one.order: one.ref for made in decisions[: row + 1] for one in made.send}
    seen = read_memory(decisions[row].memory).seen
    fills, at = [], row
    while at < row + 3:
        at += 1
        fills += run.told(at, refs, seen + len(fills)).fills if set(_orders(run, at)) <= set(refs) else []
    told = Activity(float(run.points["cash"][at]), run.held(row + 1), tuple(fills))
    kept = read_memory(Decider(prepared, "same").decide(decisions[row].memory, told, at).memory)
    assert kept.book["t"] == at
    assert kept.seen == seen + len(fills)
    assert kept.decided == prepared.market.bars["ts"][at]
    peaks = [float(run.points["equity"][one]) for one in range(at + 1)]
    assert kept.book["peak"] >= max(peaks[: row + 1])


def _orders(run, row):
    return run.ledger["order"][(run.ledger["t"] == row) & (run.ledger["kind"] == 2)].tolist()


def test_what_is_no_memory_of_this_is_refused(spread):
    prepared, _, decisions, row = spread
    told = Activity(1.0)
    memory = decisions[row].memory
    with pytest.raises(InputError, match="another one than at the decision before; found other; allowed: same, as"):
        Decider(prepared, "other").decide(memory, told, row + 1)
    with pytest.raises(InputError, match="this bar has been decided already"):
        Decider(prepared, "same").decide(memory, told, row)
    body = json.loads(memory)
    with pytest.raises(DataError, match="not in the data any more"):
        Decider(prepared, "same").decide(json.dumps({**body, "decided": body["decided"] + 1}), told, row + 1)
    with pytest.raises(DataError, match=r"the close of SPY at .* is another one than when it was decided on; found"):
        Decider(prepared, "same").decide(json.dumps({**body, "closes": {**body["closes"], "SPY": 1.0}}), told, row + 1)
    with pytest.raises(InputError, match="written by another version"):
        Decider(prepared, "same").decide(json.dumps({**body, "format": 99}), told, row + 1)
    book = {name: value for name, value in body["book"].items() if name != "peak"}
    with pytest.raises(InputError, match="an engine with another book; found peak"):
        Decider(prepared, "same").decide(json.dumps({**body, "book": book}), told, row + 1)


def test_a_portfolio_begins_flat():
    prepared = prepared_run("configs/portfolio_sample.yaml", [], "2015-06-01", 2)
    with pytest.raises(InputError, match="begins with a flat account"):
        Decider(prepared, "same").decide(None, Activity(1e6, {"IWM": 3.0}), 0)
    kept = read_memory(Decider(prepared, "same").decide(None, Activity(1e6, {}), 0).memory)
    assert sum(one["cash"] for one in kept.book["sleeve"]) == 1e6


@pytest.mark.parametrize(("config", "given", "said"), [
    ("configs/spread_sample.yaml", ["fills.at=this_close"], "fills.at: an order that is sent after a close cannot"),
    ("configs/spread_sample.yaml", ["fills.whole_shares=false"], "whole_shares: the broker takes whole shares"),
    ("configs/vix_hedge_puts_sample.yaml", [], "option contracts are not sent to a broker; found bought, sold"),
])  # fmt: skip
def test_what_the_bridge_cannot_carry_is_refused(config, given, said):
    with pytest.raises(ConfigError, match=said):
        check_carried(loaded(config, given))
    check_carried(loaded("configs/portfolio_sample.yaml"))


def test_only_a_session_closes_with_an_auction():
    prepared = prepared_run("configs/spread_sample.yaml", ["fills.at=next_close"], "2015-06-01", 2)
    check_bars(prepared)
    with pytest.raises(ConfigError, match="the close of an intraday bar cannot be ordered"):
        check_bars(replace(prepared, market=replace(prepared.market, frequency="5min")))


def test_next_close_is_an_order_for_the_close():
    given = ["fills.at=next_close", "params.leg_stop=0"]
    _, decisions = follow(prepared_run("configs/spread_sample.yaml", given, "2015-06-01", 60))
    kinds = {one.kind for made in decisions for one in made.send}
    assert kinds == {OrderKind.MARKET_ON_CLOSE}


def test_the_identity_is_that_of_numbers_and_source():
    ready = loaded("configs/spread_sample.yaml")
    assert identity_of(ready) == identity_of(loaded("configs/spread_sample.yaml", ["name=other", "mode=compiled"]))
    assert identity_of(ready) != identity_of(loaded("configs/spread_sample.yaml", ["params.enter=0.6"]))


BOLD = """\
from engine import Strategy
from engine.strategy import param


class Bold(Strategy):
    roles = ("x",)

    class Params:
        shares: int = param(0)

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n == 2:
            orders.market(0, p.shares)
        if s.n == 3 and p.shares < 0:
            orders.stop(0, -p.shares, bar.x.close * 2.0)
"""

RUIN = """\
name: ruin
sleeves:
  sound: {weight: 0.95, strategy: "bold.py:Bold", roles: {x: SPY}, params: {shares: 3000}}
  bold: {weight: 0.05, strategy: "bold.py:Bold", roles: {x: SPY}, params: {shares: -2500}}
data: {source: sample, seed: 7}
account: {cash: 1_000_000}
"""


def test_a_sleeve_whose_equity_is_gone_is_closed_as_in_a_backtest(tmp_path):
    """The other sleeve holds more of the same shares: the purchase enlarges the account's position, and goes out."""
    (tmp_path / "bold.py").write_text(BOLD)
    (tmp_path / "ruin.yaml").write_text(RUIN)
    run, decisions = follow(prepared_run(str(tmp_path / "ruin.yaml"), [], "2019-01-02", 120))
    check_sent(run, decisions)
    (made,) = [one for one in decisions if any(sent.reason.startswith("the account's equity") for sent in one.send)]
    (closes,) = made.send
    assert (closes.quantity, closes.kind, closes.reduce_only, closes.group) == (2500.0, OrderKind.MARKET, False, "")
    stop = next(one for each in decisions for one in each.send if one.kind is OrderKind.STOP)
    assert closes.replaces == made.cancel == (stop.ref,), "what guards it stays until the sale may leave"


MOVES = """\
from engine import Strategy


class Moves(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        entry: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        far = bar.x.close * 0.5
        if s.n == 0:
            s.entry = orders.limit(0, 100, far)
            orders.attach(orders.stop(0, -100, far * 0.9), s.entry)
        if s.n == 1:
            orders.move(s.entry, far * 1.01)
        if s.n == 2:
            orders.cancel_all(0)
            orders.limit(0, 200, far)
            orders.stop(0, -50, far * 0.8)
        s.n += 1
"""


def test_an_entry_that_is_moved_or_asked_anew_comes_after_the_old_one(tmp_path):
    (tmp_path / "moves.py").write_text(MOVES)
    (tmp_path / "moves.yaml").write_text("name: m\nstrategy: moves.py:Moves\nroles: {x: SPY}\ndata: {source: sample}\n")
    _, decisions = follow(prepared_run(str(tmp_path / "moves.yaml"), [], "2016-01-04", 4))
    entry, child = (one.ref for one in decisions[0].send)
    moved, below = decisions[1].send
    assert [one.after for one in decisions[0].send] == [(), ()]
    assert (moved.after, below.after, moved.replaces) == ((entry,), (child,), ())
    assert (below.parent, set(decisions[1].cancel)) == (moved.ref, {entry, child})
    buy, sell = decisions[2].send
    assert (buy.after, buy.replaces) == ((moved.ref,), ()), "cancelled and sent anew is moved"
    assert sell.after == (below.ref,)
