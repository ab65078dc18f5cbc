# SPDX-License-Identifier: Apache-2.0
"""Each gate at its threshold, one step over it, and with what it looks at unknown."""

from dataclasses import replace

import pytest

from engine.errors import InputError
from engine.kernel.codes import OrderKind
from engine.model.paper import PaperLimits
from engine.paper.broker.port import Quote, WhatIf
from engine.paper.gates import GATES, verdicts_of
from engine.paper.gates.accounts import the_account
from engine.paper.gates.facts import Facts, Replaced, Timing, Working
from engine.paper.journal.halts import Halt, HaltKind
from engine.paper.verdict import Outcome, judged
from tests.paper.words import NOON, instruction

HOUR = 3_600_000_000_000
LIMITS = PaperLimits(
    order_value=2_000.0, order_shares=20, position_value=3_000.0, gross_value=5_000.0, orders_per_minute=3,
    orders_per_day=5, collar=0.05, daily_loss=0.1, stale_after=30.0,
)  # fmt: skip


def facts(**changes):
    base = Facts(
        limits=LIMITS, timing=Timing.NOW, now=NOON, send=True, ready=True, up=True, free=True, halts=(),
        kill_file="KILL", killed=False, held={}, working={}, parents={}, others=0.0, close={"IWM": 100.0, "SPY": 50.0},
        stamp={"IWM": NOON, "SPY": NOON}, open_minutes={"IWM": 0.0, "SPY": 0.0},
        quotes={"IWM": Quote(last=100.0, bid=99.9, ask=100.1, time=NOON, kind=1, shortable=3.0)},
        sessions={"IWM": ((NOON - HOUR, NOON + HOUR), (NOON + 24 * HOUR, NOON + 30 * HOUR))}, last_minute=0, today=0,
        equity=100_000.0, day_equity=100_000.0, asks=True,
        what_if=WhatIf(initial_after=5_000.0, maintenance_after=4_000.0, equity_after=100_000.0),
    )  # fmt: skip
    return replace(base, **changes)


def limits(**changes):
    return LIMITS.model_copy(update=changes)


def quote(**changes):
    return {"IWM": replace(facts().quotes["IWM"], **changes)}


def of(gate, one, seen):
    (verdict,) = [one for one in verdicts_of(one, seen) if one.gate == gate]
    return verdict


BUY, SELL = instruction("b", 10.0), instruction("s", -10.0)
GUARD = instruction("x", -10.0, reduce_only=True)
AT = {"kind": OrderKind.LIMIT}
STOPPED = Halt(1, HaltKind.PERSON, "", "somebody", NOON)
LOST = Halt(2, HaltKind.LOSS, "", "the account lost", NOON)
BARE = Halt(4, HaltKind.UNGUARDED, "IWM", "it lacks a guard", NOON)
UNDONE = Halt(3, HaltKind.MISSED, "IWM", "it did not trade", NOON)
TEN = {"held": {"IWM": 10.0}}
OLD = {"open_minutes": {"IWM": 30.1}}
ONLY = {"reduce_only": True}


def test_an_ordinary_order_passes_every_gate_with_numbers():
    verdicts = verdicts_of(BUY, facts())
    assert [(one.gate, one.text) for one in verdicts if one.outcome is not Outcome.PASS] == []
    assert len({one.gate for one in verdicts}) == len(GATES) == len(verdicts)
    assert all(one.numbers for one in verdicts)


CHILD = instruction("x", 10.0, parent="p")
CASES = [
    ("whole shares", instruction("x", 1.0), {}, "pass"),
    ("whole shares", instruction("x", 1.5), {}, "refuse"),
    ("whole shares", instruction("x", 0.0), {}, "refuse"),
    ("whole shares", instruction("x", float("nan")), {}, "refuse"),
    ("order shares", instruction("x", -20.0), {}, "pass"),
    ("order shares", instruction("x", -21.0), {}, "refuse"),
    ("order value", instruction("x", 20.0), {}, "pass"),
    ("order value", instruction("x", 20.0), {"close": {"IWM": 100.01}}, "refuse"),
    ("order value", instruction("x", 20.0, limit=101.0, **AT), {}, "refuse"),
    ("order value", BUY, {"close": {}}, "refuse"),
    ("position value", BUY, {"held": {"IWM": 20.0}}, "pass"),
    ("position value", BUY, {"held": {"IWM": 21.0}}, "refuse"),
    ("position value", BUY, {"held": {"IWM": 10.0}, "working": {"IWM": Working(buys=11.0)}}, "refuse"),
    ("position value", BUY, {"held": {"IWM": -20.0}, "working": {"IWM": Working(sells=90.0)}}, "pass"),
    ("position value", SELL, {"held": {"IWM": -21.0}}, "refuse"),
    ("position value", SELL, {"held": {"IWM": 90.0}}, "pass"),  # taking away is always allowed
    ("position value", instruction("x", -41.0), {"held": {"IWM": 10.0}}, "refuse"),  # through nothing to the other side
    ("gross value", BUY, {"held": {"SPY": -80.0}}, "pass"),
    ("gross value", BUY, {"held": {"SPY": -81.0}}, "refuse"),
    ("gross value", BUY, {"others": 4_001.0}, "refuse"),
    ("gross value", BUY, {"others": None}, "refuse"),
    ("gross value", BUY, {"held": {"QQQ": 1.0}}, "refuse"),  # no price for it
    ("gross value", SELL, {"held": {"IWM": 10.0}, "others": None}, "pass"),
    ("orders per minute", BUY, {"last_minute": 2}, "pass"),
    ("orders per minute", BUY, {"last_minute": 3}, "wait"),
    ("orders per day", BUY, {"today": 4}, "pass"),
    ("orders per day", BUY, {"today": 5}, "refuse"),
    ("stale data", BUY, {"open_minutes": {"IWM": 30.0}}, "pass"),
    ("stale data", BUY, {"open_minutes": {"IWM": 30.1}}, "refuse"),
    ("stale data", BUY, {"open_minutes": {"IWM": None}}, "refuse"),
    ("stale data", BUY, {"open_minutes": {}}, "refuse"),
    ("stale data", instruction("x", -10.0, stop=90.0, kind=OrderKind.STOP, **ONLY), {**OLD, **TEN}, "pass"),
    ("stale data", instruction("x", -10.0, limit=110.0, **AT, **ONLY), {**OLD, **TEN}, "pass"),
    ("stale data", instruction("x", -10.0, limit=110.0, replaces=("a",), **AT, **ONLY), {**OLD, **TEN}, "refuse"),
    ("stale data", instruction("x", -10.0, **ONLY), {**OLD, **TEN}, "refuse"),  # an exit at any price
    ("stale data", instruction("x", -10.0, stop=90.0, kind=OrderKind.STOP), {**OLD, **TEN}, "refuse"),
    ("delayed data", BUY, {"quotes": quote(kind=2)}, "pass"),
    ("delayed data", BUY, {"quotes": quote(kind=3)}, "refuse"),
    ("delayed data", BUY, {"quotes": quote(kind=4)}, "refuse"),
    ("delayed data", BUY, {"quotes": quote(kind=3), "limits": limits(delayed_data=True)}, "pass"),
    ("delayed data", BUY, {"quotes": {}, "limits": limits(delayed_data=True)}, "refuse"),
    ("market hours", BUY, {"now": NOON + HOUR - 1}, "pass"),
    ("market hours", BUY, {"now": NOON + HOUR}, "wait"),
    ("market hours", BUY, {"sessions": {}}, "refuse"),
    ("market hours", BUY, {"timing": Timing.NEXT_OPEN}, "refuse"),
    ("market hours", BUY, {"timing": Timing.NEXT_OPEN, "now": NOON + HOUR}, "pass"),
    ("market hours", BUY, {"timing": Timing.NEXT_OPEN, "now": NOON + 30 * HOUR}, "refuse"),  # no session ahead
    ("market hours", instruction("x", -5.0, reduce_only=True), {"timing": Timing.NEXT_OPEN}, "pass"),
    ("price collar", BUY, {"quotes": quote(last=105.0)}, "pass"),
    ("price collar", BUY, {"quotes": quote(last=105.01)}, "refuse"),
    ("price collar", BUY, {"quotes": quote(last=94.9)}, "refuse"),
    ("price collar", BUY, {"quotes": quote(last=None)}, "refuse"),
    ("price collar", BUY, {"quotes": {}}, "refuse"),
    ("price collar", BUY, {"close": {}}, "refuse"),
    ("price collar", instruction("x", 10.0, limit=105.0, **AT), {}, "pass"),
    ("price collar", instruction("x", 10.0, limit=105.1, **AT), {}, "refuse"),
    ("price collar", instruction("x", 10.0, limit=1.0, **AT), {}, "pass"),  # it costs nothing
    ("price collar", instruction("x", -10.0, limit=94.9, **AT), {}, "refuse"),
    ("price collar", instruction("x", -10.0, limit=900.0, **AT), {}, "pass"),
    ("price collar", instruction("x", -9.0, kind=OrderKind.STOP_LIMIT, stop=80.0, limit=76.0), {}, "pass"),
    ("price collar", instruction("x", -9.0, kind=OrderKind.STOP_LIMIT, stop=80.0, limit=75.9), {}, "refuse"),
    ("shortable", SELL, {"held": {"IWM": 10.0}}, "pass"),
    ("shortable", SELL, {"held": {"IWM": 9.0}}, "refuse"),
    ("shortable", SELL, {"held": {"IWM": 10.0}, "working": {"IWM": Working(sells=1.0)}}, "refuse"),
    ("shortable", SELL, {"limits": limits(short=True)}, "pass"),
    ("shortable", SELL, {"limits": limits(short=True), "quotes": quote(shortable=2.5)}, "refuse"),
    ("shortable", SELL, {"limits": limits(short=True), "quotes": quote(shortable=None)}, "refuse"),
    ("daily loss", BUY, {"equity": 90_000.0}, "pass"),
    ("daily loss", BUY, {"equity": 89_999.0}, "refuse"),
    ("daily loss", BUY, {"equity": None}, "refuse"),
    ("daily loss", BUY, {"day_equity": None}, "refuse"),
    ("daily loss", BUY, {"day_equity": 0.0}, "refuse"),
    ("buying power", BUY, {"what_if": WhatIf(100.0, 90.0, 100.0)}, "pass"),
    ("buying power", BUY, {"what_if": WhatIf(100.01, 90.0, 100.0)}, "refuse"),
    ("buying power", BUY, {"what_if": WhatIf(float("nan"), 90.0, 100.0)}, "refuse"),
    ("buying power", BUY, {"what_if": WhatIf(1.0, 1.0, 100.0, "not today")}, "refuse"),
    ("buying power", BUY, {"what_if": None}, "refuse"),
    ("buying power", BUY, {"what_if": None, "asks": False}, "wait"),
    ("buying power", SELL, {"what_if": None, "held": {"IWM": 10.0}}, "pass"),
    ("halt", BUY, {"halts": (STOPPED,)}, "refuse"),
    ("halt", SELL, {"halts": (STOPPED,), **TEN}, "refuse"),  # a person's word holds what reduces too
    ("halt", BUY, {"halts": (LOST,)}, "refuse"),
    ("halt", SELL, {"halts": (LOST,), **TEN}, "pass"),
    ("halt", SELL, {"halts": (LOST, STOPPED), **TEN}, "refuse"),
    ("halt", BUY, {"halts": (UNDONE,)}, "refuse"),
    ("halt", instruction("x", again=NOON), {"halts": (UNDONE,)}, "pass"),
    ("halt", instruction("x", again=NOON), {"halts": (UNDONE, STOPPED)}, "refuse"),
    ("halt", instruction("x", -10.0, again=NOON), {"halts": (UNDONE, BARE), **TEN}, "pass"),  # it ends what is bare
    ("halt", instruction("x", -11.0, again=NOON), {"halts": (UNDONE, BARE), **TEN}, "refuse"),
    ("halt", SELL, {"halts": (BARE,), **TEN}, "refuse"),
    ("market hours", instruction("x", again=NOON), {"timing": Timing.NEXT_OPEN}, "pass"),
    ("order shares", instruction("x", -21.0), {"held": {"IWM": 21.0}}, "pass"),
    ("order shares", instruction("x", -21.0), {"held": {"IWM": 20.0}}, "refuse"),  # through nothing
    ("order shares", instruction("x", 21.0), {"held": {"IWM": -21.0}}, "pass"),
    ("order shares", instruction("x", 21.0), {"held": {"IWM": -21.0}, "working": {"IWM": Working(buys=1.0)}}, "refuse"),
    ("order value", SELL, {"close": {}, **TEN}, "pass"),
    ("order value", SELL, {"close": {"IWM": 201.0}, "held": {"IWM": 9.0}}, "refuse"),
    ("orders per day", SELL, {"today": 5, **TEN}, "pass"),
    ("orders per day", SELL, {"today": 5, "held": {"IWM": 9.0}}, "refuse"),
    ("price collar", SELL, {"quotes": {}, **TEN}, "pass"),
    ("price collar", SELL, {"quotes": quote(last=94.9), **TEN}, "pass"),
    ("price collar", SELL, {"quotes": quote(last=94.9), "held": {"IWM": 9.0}}, "refuse"),
    ("price collar", instruction("x", -10.0, limit=94.9, **AT), TEN, "pass"),
    ("daily loss", SELL, {"equity": None, **TEN}, "pass"),
    ("daily loss", SELL, {"equity": 89_999.0, **TEN}, "pass"),
    ("daily loss", SELL, {"equity": 89_999.0, "held": {"IWM": 9.0}}, "refuse"),
    ("kill file", BUY, {"killed": True}, "refuse"),
    ("link", BUY, {"up": False}, "wait"),
    ("link", BUY, {"free": False}, "wait"),
    ("link", BUY, {"ready": False}, "wait"),
    ("replaced", instruction("x", replaces=("a",)), {"replaced": {}}, "pass"),  # it counts as gone
    ("replaced", instruction("x", replaces=("a",)), {"replaced": {"a": Replaced.ENDED}}, "pass"),
    ("replaced", instruction("x", replaces=("a",)), {"replaced": {"a": Replaced.WORKS}}, "wait"),
    (
        "replaced",
        instruction("x", replaces=("a", "b")),
        {"replaced": {"a": Replaced.WORKS, "b": Replaced.FILLED}},
        "refuse",
    ),
    ("replaced", BUY, {"replaced": {"a": Replaced.WORKS}}, "pass"),
    ("kind", instruction("x", limit=5.0, **AT), {}, "pass"),
    ("kind", instruction("x", kind=OrderKind.OPTION), {}, "refuse"),
    ("kind", instruction("x", limit=5.0), {}, "refuse"),  # a market order with a limit
    ("kind", instruction("x", kind=OrderKind.STOP), {}, "refuse"),
    ("kind", instruction("x", stop=0.0, kind=OrderKind.STOP), {}, "refuse"),
    ("kind", instruction("x", trail=float("inf"), kind=OrderKind.TRAIL), {}, "refuse"),
    ("kind", instruction("x", trail=2.0, stop=90.0, kind=OrderKind.TRAIL), {}, "pass"),  # one that was moved
    ("kind", instruction("x", trail=0.02, stop=90.0, kind=OrderKind.TRAIL_PERCENT), {}, "pass"),
    ("kind", instruction("x", trail=2.0, stop=-1.0, kind=OrderKind.TRAIL), {}, "refuse"),
    ("kind", instruction("x", trail=2.0, limit=90.0, kind=OrderKind.TRAIL), {}, "refuse"),
    ("kind", instruction("x", stop=90.0, kind=OrderKind.TRAIL), {}, "refuse"),
    ("tif", instruction("x", tif="GTC"), {}, "pass"),
    ("tif", instruction("x", tif=""), {}, "refuse"),  # a preset of the broker's would decide it
    ("tif", instruction("x", tif="GTD"), {}, "refuse"),  # until when is not said
    ("tif", instruction("x", tif="OPG"), {}, "refuse"),
    ("tif", instruction("x", kind=OrderKind.MARKET_ON_OPEN), {}, "pass"),
    ("tif", instruction("x", kind=OrderKind.MARKET_ON_OPEN, tif="DAY"), {}, "refuse"),  # it would fill at any time
    ("tif", instruction("x", kind=OrderKind.MARKET_ON_CLOSE, tif="DAY"), {}, "pass"),
    ("tif", instruction("x", kind=OrderKind.MARKET_ON_CLOSE, tif="GTC"), {}, "refuse"),
    ("tif", instruction("x", kind=OrderKind.OPTION, tif="DAY"), {}, "refuse"),
    ("protection", instruction("x", -10.0, reduce_only=True), {"held": {"IWM": 10.0}}, "pass"),
    ("protection", instruction("x", -10.0, reduce_only=True), {"held": {"IWM": 9.0}}, "refuse"),
    ("protection", instruction("x", -10.0, reduce_only=True), {"held": {"IWM": -10.0}}, "refuse"),
    ("protection", instruction("x", -10.0, parent="p"), {"parents": {"p": 10.0}}, "pass"),
    ("protection", instruction("x", -10.0, parent="p"), {"parents": {"p": 9.0}}, "refuse"),
    ("protection", instruction("x", -10.0, parent="p"), {}, "refuse"),
    ("protection", instruction("x", -10.0, parent="p"), {"parents": {"p": 16.0}, "held": {"IWM": -6.0}}, "pass"),
    ("protection", instruction("x", -16.0, parent="p"), {"parents": {"p": 16.0}, "held": {"IWM": -6.0}}, "refuse"),
    (
        "protection",
        instruction("x", -16.0, parent="p"),
        {
            "parents": {"p": 16.0},
            "held": {"IWM": -6.0},
            "working": {"IWM": Working(buys=16.0)},
        },
        "refuse",
    ),  # waiting for what leaves with it, neither would ever leave
    ("shortable", SELL, {"held": {"IWM": 10.0}, "working": {"IWM": Working(sells=1.0, others_sell=1.0)}}, "refuse"),
    ("shortable", SELL, {"held": {"IWM": 11.0}, "working": {"IWM": Working(sells=1.0, others_sell=1.0)}}, "pass"),
    ("protection", GUARD, {"held": {"IWM": 16.0}, "working": {"IWM": Working(sells=6.0, others_sell=6.0)}}, "pass"),
    ("protection", GUARD, {"held": {"IWM": 16.0}, "working": {"IWM": Working(sells=7.0, others_sell=7.0)}}, "wait"),
    ("protection", GUARD, {"held": {"IWM": 10.0}, "working": {"IWM": Working(buys=9.0, others_buy=9.0)}}, "pass"),
    ("protection", CHILD, {"parents": {"p": 10.0}, "working": {"IWM": Working(buys=1.0, others_buy=1.0)}}, "wait"),
    ("protection", GUARD, {"held": {"IWM": 6.0}, "working": {"IWM": Working(buys=4.0)}}, "wait"),
    ("protection", GUARD, {"held": {"IWM": 6.0}, "working": {"IWM": Working(buys=3.0)}}, "refuse"),
    ("protection", GUARD, {"held": {"IWM": 10.0}, "working": {"IWM": Working(leaving={"old": 10.0})}}, "wait"),
    ("protection", GUARD, {"held": {"IWM": 10.0}, "working": {"IWM": Working(guards={"old": 10.0})}}, "refuse"),
    ("protection", GUARD, {"held": {"IWM": 16.0}, "working": {"IWM": Working(sells=6.0, sure={"s": -6.0})}}, "pass"),
    ("protection", GUARD, {"held": {"IWM": 16.0}, "working": {"IWM": Working(sells=7.0, sure={"s": -7.0})}}, "refuse"),
    ("protection", GUARD, {"held": {"IWM": 16.0}, "working": {"IWM": Working(sells=7.0, late={"s": -7.0})}}, "pass"),
    ("protection", GUARD, {"held": {"IWM": 10.0}, "working": {"IWM": Working(buys=7.0, sure={"s": 7.0})}}, "pass"),
    (
        "protection",
        replace(GUARD, group="old"),
        {"held": {"IWM": 10.0}, "working": {"IWM": Working(leaving={"old": 10.0})}},
        "pass",
    ),
    ("protection", CHILD, {"held": {"IWM": 10.0}, "working": {"IWM": Working()}, "parents": {"p": 10.0}}, "refuse"),
    (
        "protection",
        CHILD,
        {"held": {"IWM": 10.0}, "working": {"IWM": Working(sure={"close": -10.0})}, "parents": {"p": 10.0}},
        "pass",
    ),  # another order closes what is held before the entry opens anything
    (
        "protection",
        CHILD,
        {"held": {"IWM": 10.0}, "working": {"IWM": Working(late={"close": -10.0})}, "parents": {"p": 10.0}},
        "refuse",
    ),  # it comes too late
    (
        "protection",
        CHILD,
        {"working": {"IWM": Working(guards={"g": 8.0}, entries={"g": "q"})}, "parents": {"p": 10.0, "q": 8.0}},
        "pass",
    ),  # each of two entries that wait has its own guard
    (
        "protection",
        CHILD,
        {"working": {"IWM": Working(guards={"g": 8.0}, entries={"g": "q"})}, "parents": {"p": 10.0, "q": 7.0}},
        "refuse",
    ),
    (
        "protection",
        CHILD,
        {"working": {"IWM": Working(guards={"g": 10.0}, entries={"g": "p"})}, "parents": {"p": 10.0}},
        "refuse",
    ),  # two guards of one entry
]


@pytest.mark.parametrize(("gate", "one", "changes", "outcome"), CASES)
def test_gate(gate, one, changes, outcome):
    verdict = of(gate, one, facts(**changes))
    assert verdict.outcome is Outcome(outcome), verdict
    assert verdict.text or outcome == "pass"


def test_every_gate_is_held_at_its_threshold():
    closing = {gate for gate, _, _, outcome in CASES if outcome != "pass"}
    assert closing == {one.gate for one in verdicts_of(BUY, facts())}


def test_a_batch_counts_what_went_before_it():
    first = instruction("a", 20.0)
    seen = facts().and_then(first)
    assert of("position value", BUY, seen).numbers == {"value": 3_000.0, "limit": 3_000.0}
    assert of("position value", instruction("c", 11.0), seen).outcome is Outcome.REFUSE
    assert of("orders per minute", BUY, seen).numbers["value"] == 2


def test_stop_and_target_in_one_group_guard_a_position_and_apart_they_turn_it_round():
    stop = instruction("stop", -10.0, reduce_only=True, group="g")
    target = instruction("target", -10.0, reduce_only=True, group="g")
    seen = facts(held={"IWM": 10.0}).and_then(stop)
    assert of("protection", target, seen).outcome is Outcome.PASS
    assert of("protection", replace(target, group=""), seen).outcome is Outcome.REFUSE


def test_the_strictest_word_counts():
    assert judged(verdicts_of(BUY, facts())) is Outcome.PASS
    assert judged(verdicts_of(BUY, facts(up=False))) is Outcome.WAIT
    assert judged(verdicts_of(BUY, facts(up=False, killed=True))) is Outcome.REFUSE
    assert judged(()) is Outcome.PASS


@pytest.mark.parametrize(
    ("accounts", "wanted", "live", "account"),
    [
        (["DU1"], "", False, "DU1"),
        (["DU1", "DU2"], "DU2", False, "DU2"),
        (["U1"], "U1", True, "U1"),
    ],
)
def test_the_account(accounts, wanted, live, account):
    assert the_account(accounts, wanted, live=live) == account


@pytest.mark.parametrize(
    ("accounts", "wanted", "live", "words"),
    [
        (["U1"], "", False, "not a paper account"),
        (["U1"], "U1", False, "not a paper account"),  # the id alone is not enough
        (["U1"], "", True, "not a paper account"),  # nor is the flag
        (["DU1", "U1"], "DU1", False, "not a paper account"),  # every account of the login counts
        (["DU1"], "DU9", False, "no such account"),
        (["DU1", "DU2"], "", False, "several accounts"),
        ([], "", False, "names no account"),
    ],
)
def test_an_account_that_is_not_meant_is_refused(accounts, wanted, live, words):
    with pytest.raises(InputError, match=words):
        the_account(accounts, wanted, live=live)


def test_an_exit_beside_an_order_of_others_is_told_to_cancel_that_and_not_to_allow_short_positions():
    theirs = Working(sells=10.0, others_sell=10.0)
    said = of("shortable", SELL, facts(held={"IWM": 10.0}, working={"IWM": theirs}))
    assert said.outcome == "refuse"
    assert said.text == "orders of others sell 10 beside it, both would sell short: cancel those, and send it again"
    more = of("shortable", SELL, facts(held={"IWM": 9.0}, working={"IWM": theirs}))
    assert "allow `paper.limits.short`" in more.text, "it sells short by itself"
