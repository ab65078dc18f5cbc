# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG001, ARG005  (the names of arguments are what is declared)
"""Declarations that say how a result is to be read: each mistake is one problem with its place."""

from enum import IntEnum

import pytest

from engine.errors import StrategyError
from engine.strategy import Level, ReasonCode, Regimes, Replica, Strategy, param
from engine.strategy.declarations import check_declarations
from engine.strategy.interpretation_checks import check_interpreted_features, path_method


class Mood(IntEnum):
    CALM = 0
    FEAR = 1


class Reason(ReasonCode):
    BEAR_IN = 1, "in"
    BEAR_OUT = 2, "out"
    BULL_IN = 3, "in"


class Base(Strategy):
    roles = ("small", "inverse")
    options = {"put": "small"}  # noqa: RUF012
    Reason = Reason

    class Params:
        weight: float = param(1.0, low=0, high=2, doc="held")
        enter: float = param(1.0, low=0, high=2, doc="threshold")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass


class Memory:
    entry: float = 0.0
    held: int = 0
    on: bool = False


def problems(**body):
    return [str(problem) for problem in check_declarations(type("Trade", (Base,), body))]


@pytest.mark.parametrize(
    "body",
    [
        {"agents": ("bear", "bull"), "watch": {"z": ("enter",)}},
        {"regimes": Regimes(Mood)},
        {"regimes": Regimes(Mood, path="mood", hedged="small", base="weight")},
        {"regimes": Regimes(Mood, hedged="small", hedge="inverse")},
        {"regimes": Regimes(Mood, hedged="small", hedge="put")},
        {"regimes": Regimes(Mood, hedged="small", hedge=("inverse", "put"))},
        {"regimes": Regimes(Mood, path="way"), "way": staticmethod(lambda features, params: features)},
        {"levels": {"support": Level("small", said=("strength",))}},
        {"known_levels": lambda self, market, p: ()},
        {"conditions": lambda self, market, f, p, s: ()},
        {
            "State": Memory,
            "remembers": {"entry": ("went in at {:.2f}", "small"), "held": "in for {} bars", "on": "it is on"},
        },
    ],
)
def test_good_declarations_pass(body):
    assert problems(**body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"watch": {"z": ("entr",)}}, "Trade.watch['z']: the threshold is no parameter; found 'entr'"),
        ({"watch": {"z": ("entr",)}}, "did you mean 'enter'?"),
        ({"gross_cap": "entr"}, "Trade.gross_cap: no such parameter; found 'entr'"),
        ({"watch": {"z": "enter"}}, "must be a mapping of feature to parameters"),
        ({"alarms": ["z"]}, "must be a mapping of feature to words"),
        ({"alarms": {"z": ""}}, "must be a mapping of feature to words"),
        ({"agents": ["bear"]}, "must be a tuple of names"),
        ({"agents": ("bear", "bear")}, "named twice"),
        ({"agents": ("rest",)}, "what belongs to no agent"),
        ({"agents": ("beer",)}, "found 'beer'; allowed: bear, bull; did you mean 'bear'"),
        ({"regimes": Mood}, "must be Regimes"),
        ({"regimes": Regimes(int)}, "Trade.regimes.names: must be an IntEnum"),
        ({"regimes": Regimes(Mood, path="on_bar")}, "Trade.on_bar: cannot give the regimes"),
        ({"regimes": Regimes(Mood, path="roles")}, "Trade.roles: cannot give the regimes; found tuple"),
        ({"regimes": Regimes(Mood, hedged="smal", base="weight")}, "no such role; found 'smal'"),
        ({"regimes": Regimes(Mood, hedged="small", hedge="small")}, "no other role or option slot"),
        ({"regimes": Regimes(Mood, hedged="small", hedge="pot")}, "allowed: inverse, put; did you mean 'put'?"),
        ({"regimes": Regimes(Mood, hedged="small", hedge=("put", "pot"))}, "found 'pot'; allowed: inverse, put"),
        ({"regimes": Regimes(Mood, hedge="inverse")}, "Trade.regimes.hedged: a hedge needs what it hedges"),
        ({"regimes": Regimes(Mood, hedged="small")}, "a netted hedge needs the parameter"),
        ({"regimes": Regimes(Mood, hedged="small", base="wait")}, "no such parameter; found 'wait'"),
        ({"replica": "fund"}, "Trade.replica: must be a Replica; found 'fund'"),
        ({"levels": {"support": "small"}}, "must be a mapping of feature to Level"),
        ({"levels": {"support": Level("smal")}}, "Trade.levels['support'].role: no such role"),
        ({"levels": {"support": Level("small", said="strength")}}, "must be a tuple of features"),
        ({"known_levels": lambda market: ()}, "known_levels must take these arguments"),
    ],
)  # fmt: skip
def test_one_problem(body, words):
    (problem,) = problems(**body)
    assert words in problem


def test_features_are_looked_up_once_they_are_known():
    body = {
        "watch": {"z": ()},
        "regimes": Regimes(Mood, path="mood"),
        "levels": {"support": Level("small", said=("strength",))},
    }
    trade = type("Trade", (Base,), body)
    check_interpreted_features(trade, ("z", "mood", "support", "strength"))
    with pytest.raises(StrategyError) as error:
        check_interpreted_features(trade, ("zz",))
    assert [one.path for one in error.value.problems] == [
        "Trade.watch", "Trade.regimes.path", "Trade.levels", "Trade.levels['support'].said",
    ]  # fmt: skip
    assert error.value.problems[0].nearest == "zz"


def test_a_replicas_features_are_looked_up_too():
    trade = type("Trade", (Base,), {"replica": Replica(fund="mine")})
    assert problems(replica=Replica()) == []
    with pytest.raises(StrategyError, match=r"Trade.replica.fund: no such feature; found 'mine'"):
        check_interpreted_features(trade, ("published", "replica_month", "bill_month"))


def test_a_method_is_no_feature():
    def way(features, params):
        return features

    trade = type("Trade", (Base,), {"regimes": Regimes(Mood, path="way"), "way": staticmethod(way)})
    assert path_method(trade) is way
    check_interpreted_features(trade, ())


@pytest.mark.parametrize(("remembers", "says"), [
    (("entry",), "must be a mapping of field to words"),
    ({"entri": "{}"}, "no such field of State; found 'entri'; allowed entry, held, on; nearest 'entry'"),
    ({"entry": ("{}", "smal")}, "no such role; found 'smal'"),
    ({"entry": "{:d.2}"}, "no words for a number: ValueError"),
    ({"entry": "{price}"}, "no words for a number: KeyError"),
    ({"entry": "{} of {}"}, "no words for a number: IndexError"),
])  # fmt: skip
def test_words_of_the_state(remembers, says):
    (said,) = problems(State=Memory, remembers=remembers)
    assert says.partition(";")[0] in said
    for part in says.split("; ")[1:2]:
        assert part in said


def test_conditions_take_what_signals_give():
    (said,) = problems(conditions=lambda self, market: ())
    assert "conditions must take these arguments" in said
    assert "(self, market, f, p, s)" in said
