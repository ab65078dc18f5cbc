# SPDX-License-Identifier: Apache-2.0
"""Stops and targets that a broker would trade and the backtest would not: 30 at 50, a stop at 45, a target at 55."""

import io
import json
import os

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from engine.report.kit.encoding import to_json
from engine.report.note.rows import order_words
from engine.report.signals.document import ENDS_WITH, document
from engine.report.signals.terminal import show
from engine.runs.backtest import loaded
from engine.runs.signals.account_decision import Holdings
from engine.runs.signals.run import signals
from tests import programs
from tests.cases import Case, days, flat

RULE = """\
from engine.strategy import ReasonCode, Strategy


class Rule(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        loss: int = 0
        gain: int = 0

    class Reason(ReasonCode):
        ENTER = 1, "the entry"
        LEAVE = 2, "the way out"
        LOSS = 3, "the stop"
        GAIN = 4, "the target"

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.market(0, SIDE * 30, 1)
            s.loss = orders.reduce_only(orders.stop(0, SIDE * -30, 50 - SIDE * 5, 3))
            s.gain = orders.reduce_only(orders.limit(0, SIDE * -30, 50 + SIDE * 5, 4))
            FIRST
        if s.n == 1:
            SECOND
        s.n += 1
"""
DAYS = days("2020-01-21", 4)
BOUND = "orders.oco(s.loss, s.gain)"


@pytest.fixture
def decided(tmp_path):
    """The decision of the second close, where `second` is done, after `first` at the first one."""

    def made(second: str = "pass", first: str = BOUND, side: int = 1, holdings: Holdings | None = None, at: str = ""):
        case = Case(tmp_path)
        rule = RULE.replace("FIRST", first).replace("SECOND", second).replace("SIDE", str(side))
        case.write("rule.py", rule)
        if at:
            config = (
                (tmp_path / "case.yaml").read_text().replace("participation: null", f"participation: null, at: {at}")
            )
            case.write("case.yaml", config)
        case.bars(flat(DAYS, 50.0))
        return signals(loaded(tmp_path / "case.yaml"), np.datetime64(DAYS[1]).item(), holdings)

    return made


def parts(shown) -> dict[str, list[tuple[str, float, int | None]]]:
    names = ("send", "working", "cancel")
    return {name: [(one["why"], one["quantity"], one["ends_with"]) for one in shown[name]] for name in names}


def loud(shown) -> list[str]:
    return [one["text"] for one in shown["notices"] if one["level"] == "loud"]


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("shares", [30, 50])
def test_a_guard_is_taken_back_with_the_order_that_ends_its_position(decided, side, shares):
    """Order 4 closes 30 shares, or turns them to 20 of the other side."""
    shown = document(decided(f"orders.market(0, {-side * shares}, 2)", side=side), 0)
    assert parts(shown) == {
        "send": [("the way out", -side * shares, None)],
        "working": [],
        "cancel": [("the stop", -side * 30.0, 4), ("the target", -side * 30.0, 4)],
    }
    assert loud(shown) == []


@pytest.mark.parametrize(
    ("second", "at"),
    [
        ("orders.limit(0, -30, 50.5, 2)", ""),  # may never fill
        ("orders.market_on_close(0, -30, 2)", ""),  # the session's range comes first
        ("orders.market(0, -30, 2)", "next_close"),
        ("orders.market(0, 30, 2)", ""),  # there will be more of it
    ],
)
def test_what_does_not_end_the_position_at_the_open_leaves_its_guards(decided, second, at):
    shown = document(decided(second, at=at), 0)
    assert parts(shown)["working"] == [("the stop", -30.0, None), ("the target", -30.0, None)]
    assert parts(shown)["cancel"] == []


def test_a_market_on_open_order_ends_it_too(decided):
    shown = document(decided("orders.market_on_open(0, -30, 2)"), 0)
    assert [one[2] for one in parts(shown)["cancel"]] == [4, 4]


def test_two_orders_that_end_it_together(decided):
    """10 and then 20 shares go: the second one, order 5, ends it."""
    shown = document(decided("orders.market(0, -10, 2); orders.market(0, -20, 2)"), 0)
    assert [one[2] for one in parts(shown)["cancel"]] == [5, 5]


def test_a_guard_of_the_same_decision_is_not_sent(decided):
    second = "orders.market(0, -30, 2); orders.reduce_only(orders.stop(0, -30, 48, 3))"
    shown = document(decided(second), 0)
    assert parts(shown)["send"] == [("the way out", -30.0, None)]
    assert [one["text"] for one in shown["notices"] if one["level"] == "note"] == [
        "X: the stop, of this decision, is not to be sent: its position ends at the next open (the way out)"
    ]


def test_the_backtest_ends_them_at_that_open(decided, tmp_path):
    """What is told is what happens: after the third day's open nothing is held and nothing stands."""
    decided("orders.market(0, -30, 2)")
    after = document(signals(loaded(tmp_path / "case.yaml"), np.datetime64(DAYS[2]).item()), 0)
    assert [one["held"] for one in after["positions"]] == [0.0]
    assert after["working"] == after["send"] == []


def test_an_account_of_half_the_size_takes_half_back(decided):
    own = decided("orders.market(0, -30, 2)", holdings=Holdings(50_000.0, {"X": 15})).account
    assert [(one.why, one.quantity) for one in own.orders] == [("the way out", -15.0)]
    assert own.waiting == ()
    assert [(one.why, one.quantity) for one in own.take_back] == [("the stop", -15.0), ("the target", -15.0)]
    assert own.notices == ()


def test_an_account_has_nothing_to_take_back_of_what_was_never_sent(decided):
    """A stop of this decision beside the order that ends its position: neither sent, nor left at a broker."""
    second = "orders.market(0, -30, 2); orders.reduce_only(orders.stop(0, -30, 48, 3))"
    own = decided(second, holdings=Holdings(50_000.0, {"X": 15})).account
    assert own.waiting == ()
    assert [(one.why, one.stop) for one in own.take_back if one.kind.name == "STOP"] == [("the stop", 45.0)]


def test_the_text_says_so(decided):
    file = io.StringIO()
    own = decided("orders.market(0, -30, 2)", holdings=Holdings(50_000.0, {"X": 15}))
    show(own, 0, Console(width=80, file=file, highlight=False, color_system=None))
    said = " ".join(file.getvalue().split())
    assert f"sell 30 X stop 45.00, gtc the stop {ENDS_WITH}: left there, it could open another one" in said
    head = "Take back, where it stands, with the order that ends its position"
    assert f"{head} sell 15 X stop 45.00, gtc, 675 dollars, at most the position the stop" in said
    words = order_words(document(own, 0)["cancel"][0])
    assert words == f"sell 30 X stop 45.00, gtc, {ENDS_WITH}"


def test_exits_that_are_not_bound_are_loud(decided, tmp_path):
    """A stop and a target of 30 each stand for 30 shares: filled both, a broker is 30 short."""
    (said,) = loud(document(decided(first="pass"), 0))
    assert said == (
        "X: exits for 60 shares stand and there are 30 to sell (the stop, sell 30 at 45.00; the target, sell 30 at "
        "55.00): the backtest trades no more than the position, a broker would be short once all have filled; bind "
        "those that stand for the same shares with orders.oco, and as one-cancels-other at the broker"
    )
    done = programs.tandem("signals", "case.yaml", "--asof", DAYS[1], "--json", cwd=tmp_path, env=os.environ)
    shown = json.loads(done.stdout)
    assert loud(shown) == [said]


def test_the_remedy_is_true(decided):
    assert loud(document(decided(first=BOUND), 0)) == []


@pytest.mark.parametrize("side", [1, -1])
def test_halves_are_no_excess(decided, side):
    """Half with the target, half with the stop: 15 and 15 of 30."""
    first = (
        f"orders.cancel(s.loss); orders.cancel(s.gain);"
        f"orders.reduce_only(orders.stop(0, {-side * 15}, {50 - side * 5}, 3));"
        f"orders.reduce_only(orders.limit(0, {-side * 15}, {50 + side * 5}, 4))"
    )
    assert loud(document(decided(first=first, side=side), 0)) == []


def test_a_stop_of_more_than_a_partial_sale_leaves_is_loud(decided):
    """10 of 30 are sold at the open: the stop and the target, bound, are for 30 and 20 are left."""
    (said,) = loud(document(decided("orders.market(0, -10, 2)"), 0))
    assert said == (
        "X: the stop, sell 30 at 45.00 or the target, sell 30 at 55.00, is for more than the 20 shares that are left "
        "once the orders at any price have filled: a broker would sell them all and be short; cut it there to 20 with "
        "those orders"
    )


def test_an_entry_that_waits_is_counted(decided):
    """30 held, 30 more at 48 with their own stop: 60 shares of exits for 60 shares."""
    second = "e = orders.limit(0, 30, 48, 1); orders.attach(orders.stop(0, -30, 44, 3), e)"
    assert loud(document(decided(second), 0)) == []


def test_the_excess_of_ones_own_account_is_its_own(decided):
    own = decided(first="pass", holdings=Holdings(50_000.0, {})).account
    assert [one.text[:58] for one in own.notices] == ["X: exits for 30 shares stand and there are 15 to sell (the"]


def test_the_document_keeps_its_schema(decided, request):
    own = decided("orders.market(0, -30, 2)", holdings=Holdings(50_000.0, {"X": 15}))
    schema = json.loads((request.config.rootpath / "docs/schemas/signals.json").read_text())
    jsonschema.validate(json.loads(to_json(document(own, 0))), schema)


@pytest.fixture
def halves(tmp_path):
    """The same of two sleeves of one account; only `b` does `second`."""

    def made(second: str, first: str = BOUND, holdings: Holdings | None = None):
        case = Case(tmp_path)
        for name, then in (("a", "pass"), ("b", second)):
            rule = RULE.replace("FIRST", first).replace("SECOND", then).replace("SIDE", "1")
            case.write(f"rule_{name}.py", rule)
        own = ", ".join(f"{of}: {{weight: 0.5, strategy: rule_{of}.py, roles: {{x: X}}}}" for of in "ab")
        text = (tmp_path / "case.yaml").read_text()
        case.write("case.yaml", text.replace("strategy: rule.py\nroles: {x: X}\n", f"sleeves: {{{own}}}\n"))
        case.bars(flat(DAYS, 50.0))
        return signals(loaded(tmp_path / "case.yaml"), np.datetime64(DAYS[1]).item(), holdings)

    return made


def test_a_sleeve_takes_back_its_own(halves):
    """Both hold 30; the guards of `a` stay, those of `b` leave with its sale."""
    found = halves("orders.market(0, -30, 2)", holdings=Holdings(100_000.0, {"X": 60}))
    shown = document(found, 0)["sleeves"]
    assert [one[0] for one in parts(shown["a"])["working"]] == ["the stop", "the target"]
    assert parts(shown["a"])["cancel"] == parts(shown["b"])["working"] == []
    assert [one[:2] for one in parts(shown["b"])["cancel"]] == [("the stop", -30.0), ("the target", -30.0)]
    assert [one.quantity for one in found.account.waiting] == [-30.0, -30.0]
    assert [one.quantity for one in found.account.take_back] == [-30.0, -30.0]


def test_an_excess_names_its_sleeve(halves):
    said = [one for one in loud(document(halves("pass", first="pass"), 0)) if "exits for 60 shares" in one]
    assert [one[:6] for one in said] == ["a: X: ", "b: X: "]
