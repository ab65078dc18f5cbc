# SPDX-License-Identifier: Apache-2.0
"""What the Double Agent says of the next close: a cent beyond the price the rule holds, a cent before it does not."""

import math
from types import SimpleNamespace

import pytest

from engine.strategy.params import resolve_params
from strategies.agents.bear import Bear, Trigger, is_breached, is_reclaimed
from strategies.agents.bull import Bull
from strategies.double_agent import DoubleAgent

CENT = 0.01


def told(f, p, s):
    return {one.does: one for one in DoubleAgent().conditions(None, f, p, s)}


def params(**given):
    return SimpleNamespace(**resolve_params(DoubleAgent.Params, given))


def features(**given):
    quiet = {
        "support": 100.0, "strength": 5.0, "score": 0.5, "atr": 2.0, "volatility": 0.2, "rsi": 45.0, "slow": 110.0,
        "cross": 0.0, "since_below": 200.0, "crossings": 8.0,
    }  # fmt: skip
    return SimpleNamespace(**{**quiet, **given})


def state(**given):
    first = {name: getattr(DoubleAgent.State, name) for name in DoubleAgent.State.__annotations__}
    return SimpleNamespace(**{**first, **given})


def test_the_breach_is_at_the_level_less_its_margin():
    f, p = features(), params(margin=0.5)
    one = told(f, p, state())["the bear goes in"]
    assert (one.of, one.above, one.at, one.when) == ("small", False, 99.0, "at today's average range")
    assert is_breached(one.at - CENT, f, p, state())
    assert not is_breached(one.at + CENT, f, p, state())


def test_a_test_goes_by_its_own_level():
    s = state(bear_stage=Bear.TESTING, level=103.0, closes=1)
    f, p = features(), params(margin=0.5, closes=2)
    one = told(f, p, s)["the bear goes in"]
    assert (one.at, one.when) == (102.0, "at today's average range")
    assert is_breached(one.at - CENT, f, p, state(**vars(s)))
    assert not is_breached(one.at + CENT, f, p, state(**vars(s)))


@pytest.mark.parametrize(("given", "f", "memory", "words"), [
    ({"closes": 3}, {}, {}, "after 2 closes below the level"),
    ({"score": 0.7}, {}, {}, "with a score of 0.7, now 0.50"),
    ({}, {"score": math.nan}, {}, "with a score of 0.5, where no validator is known now"),
    ({"min_strength": 8.0}, {}, {}, "with a strength of 8, now 5.0"),
    ({}, {"since_below": 30.0}, {}, "once no close has been below it for 126 bars, now 30"),
    ({"max_crossings": 5}, {}, {}, "with at most 5 crossings, now 8"),
    ({}, {}, {"cooling": 11}, "not for 10 more closes: it cools down"),
])  # fmt: skip
def test_what_else_must_hold_is_said(given, f, memory, words):
    one = told(features(**f), params(**given), state(**memory))["the bear goes in"]
    assert words in one.when


@pytest.mark.parametrize("given", [{"score": 0.5}, {"score": 0.0}])
def test_nothing_is_said_of_a_score_that_is_enough_or_not_asked(given):
    f = features() if given["score"] else features(score=math.nan)
    assert "score" not in told(f, params(**given), state())["the bear goes in"].when


def test_without_a_support_there_is_no_breach():
    assert "the bear goes in" not in told(features(support=math.nan), params(), state())
    assert "the bear goes in" not in told(features(), params(trigger=Trigger.CROSS), state())


def test_the_level_won_back():
    f, p, s = features(), params(reclaim=0.5), state(bear_stage=Bear.HOLDING, level=95.0)
    one = told(f, p, s)["the bear covers all, the level is won back"]
    assert (one.above, one.at) == (True, 96.0)
    assert is_reclaimed(one.at + CENT, f, p, s)
    assert not is_reclaimed(one.at - CENT, f, p, s)
    assert "the bear goes in" not in told(f, p, s)


def test_targets_and_turns():
    s = state(bear_stage=Bear.HOLDING, level=95.0, target=80.0, bull_stage=Bull.BOUNCE)
    says = told(features(rsi=25.0), params(take_target=True, bull_done=50.0), s)
    assert (
        says["the bear covers all, its target is reached"].at,
        says["the bear covers a step, the fall turns"].at,
    ) == (80.0, 30.0)
    assert says["the bull sells, the bounce has come"].unit == "points"
    assert told(features(atr=0.0), params(), s) == {}


def test_the_bull_waits():
    one = told(features(rsi=40.0), params(), state(bull_wait=4))["the bull buys a small long"]
    assert (one.above, one.at, one.now) == (False, 30.0, 40.0)
    assert "not for 3 more closes" in one.when
