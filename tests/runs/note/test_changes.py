# SPDX-License-Identifier: Apache-2.0
"""What a session changed, worked by hand: one symbol, bought at the open of the second day."""

import datetime as dt

import pytest

from engine.runs.note.changes import Crossing, Fill, book, change, fills, row_before
from engine.runs.signals.run import signals
from tests.cases import Case, days

RULE = """\
from enum import IntEnum

import numpy as np

from engine.strategy import ReasonCode, ReasonKind, Regimes, Strategy, param


class Mood(IntEnum):
    CALM = 0
    FEAR = 1


class Reason(ReasonCode):
    IN = 1, "the entry", ReasonKind.ENTRY
    LOSS = 2, "the stop", ReasonKind.STOP


class Rule(Strategy):
    roles = ("x",)
    Reason = Reason
    watch = {"price": ("high",)}
    regimes = Regimes(Mood, path="mood")

    class Params:
        high: float = param(102.0, low=0, high=1000, doc="fear above it")

    class State:
        n: int = 0

    def features(self, market, p):
        return {"price": market.x.close, "mood": np.where(market.x.close > p.high, 1.0, 0.0)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n == 1:
            orders.market(0, 1000, Reason.IN)
            orders.reduce_only(orders.stop(0, -1000, 95.0, Reason.LOSS))
"""
CLOSES = (100.0, 101.0, 103.0, 99.0, 94.0)
DATES = days("2024-06-26", 5)  # 26, 27, 28 June, 1, 2 July


@pytest.fixture
def case(tmp_path) -> Case:
    """Opens are the closes before; 1,000 of 100,000 are bought at 100."""
    made = Case(tmp_path)
    made.write("rule.py", RULE)
    opens = (100.0, *CLOSES[:-1])
    made.bars(
        f"{day},{start},{max(start, end)},{min(start, end)},{end},1000000,0,1"
        for day, start, end in zip(DATES, opens, CLOSES, strict=True)
    )
    return made


def at(case, day):
    return signals(case.folder / "case.yaml", dt.date.fromisoformat(day))


@pytest.mark.parametrize(("day", "profit", "month", "drawdown"), [
    (1, 1_000.0, None, 0.0), (2, 2_000.0, None, 0.0), (3, -4_000.0, -4_000.0, 4_000 / 103_000),
])  # fmt: skip
def test_profit_of_the_day_and_of_the_month(case, day, profit, month, drawdown):
    found = book(at(case, DATES[day]).result)
    assert (found.day, found.month) == (profit, month)
    assert found.drawdown == pytest.approx(drawdown)
    assert found.gross == found.net == pytest.approx(1_000 * CLOSES[day] / found.equity)


def test_the_first_close_has_no_close_before(case):
    decided = at(case, DATES[1])
    assert row_before(decided.result) == 0
    assert (book(decided.result).month, change(decided.lone).regime) == (None, ("calm", "calm"))


def test_regimes_turn_and_thresholds_are_passed(case):
    up, down = (change(at(case, DATES[row]).lone) for row in (2, 3))
    assert (up.regime, up.turned) == (("calm", "fear"), True)
    assert (down.regime, down.turned) == (("fear", "calm"), True)
    (crossed,) = up.crossings
    assert crossed == Crossing("price", "high", 102.0, 101.0, 103.0)
    still = change(at(case, DATES[1]).lone)
    assert (still.turned, still.crossings) == (False, ())


def test_a_threshold_is_passed_by_what_leaves_it_and_not_by_what_reaches_it(case):
    """The close of the second day is the threshold itself."""
    case.add("params: {high: 101}")
    assert change(at(case, DATES[1]).lone).crossings == ()
    (crossed,) = change(at(case, DATES[2]).lone).crossings
    assert (crossed.level, crossed.before, crossed.now) == (101.0, 101.0, 103.0)


def test_what_was_not_known_the_day_before_has_passed_nothing(case):
    warm = '{"price": np.where(np.arange(len(market.x.close)) < 2, np.nan, market.x.close)'
    case.write("rule.py", RULE.replace('{"price": market.x.close', warm))
    assert change(at(case, DATES[2]).lone).crossings == ()
    assert [one.now for one in change(at(case, DATES[3]).lone).crossings] == [99.0]


def test_fills_are_those_of_the_session(case):
    (bought,) = fills(at(case, DATES[1]).result)
    assert bought == Fill("X", 1000.0, 100.0, "in", "the entry", "entry")
    assert list(fills(at(case, DATES[2]).result)) == []
    (sold,) = fills(at(case, DATES[4]).result)
    assert (sold.quantity, sold.price, sold.kind) == (-1000.0, 95.0, "stop")
