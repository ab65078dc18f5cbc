# SPDX-License-Identifier: Apache-2.0
"""Roles, series, Params, State, Reason and features: each mistake is one problem with its place."""

import math

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.notice import note
from engine.strategy import ReasonCode, Strategy, param
from engine.strategy.absent_series import done_without
from engine.strategy.border import check_features, check_strategy, decision_digest, pure_helpers
from engine.strategy.declarations import check_declarations
from engine.strategy.params import ParamValues, declared_params, declared_state, resolve_params


class Base(Strategy):
    roles = ("large", "small")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass


def features_of_bars(_self, _bars):
    return {}


def problems(**body):
    return [str(problem) for problem in check_declarations(type("Trade", (Base,), body))]


def test_the_smallest_strategy_passes():
    check_strategy(Base)


def test_no_strategy_at_all():
    with pytest.raises(StrategyError, match="is not a Strategy"):
        check_strategy(int)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"roles": ()}, "trades at least one role"),
        ({"roles": ["large"]}, "must be a tuple"),
        ({"roles": "large"}, "('large',)"),
        ({"roles": ("Large",)}, "lower-case letters"),
        ({"roles": ("2x",)}, "lower-case letters"),
        ({"roles": ("in",)}, "no Python keyword"),
        ({"roles": ("large", "large")}, "named twice"),
        ({"roles": ("large",), "series": ("large",)}, "named twice"),
        ({"series": ("vix",), "optional_series": ("vix",)}, "named twice"),
        ({"series": ("vix",), "optional_series": {"vix": "something stands in"}}, "named twice"),
        ({"optional_series": {"Rvx": "something stands in"}}, "lower-case letters"),
        ({"optional_series": {"rvx": " "}}, "must be a tuple of names"),
        ({"optional_series": {"rvx": 3}}, "must be a tuple of names"),
        ({"series": {"vix": "is needed"}}, "must be a tuple of names"),
        ({"roles": ("ts",)}, "is taken by bar, account, orders or market"),
        ({"roles": ("cash",)}, "is taken by"),
        ({"roles": ("symbols",)}, "is taken by"),
        ({"roles": ("bars",)}, "is taken by"),
        ({"roles": ("target",)}, "is taken by"),
        ({"series": ("last",)}, "is taken by"),
        ({"series": ("asset",)}, "is taken by"),
        ({"Reason": int}, "must be a ReasonCode"),
        ({"features": features_of_bars}, "allowed: (self, market, p)"),
        ({"features": 3}, "features must take these arguments"),
    ],
)
def test_one_problem(body, words):
    (problem,) = problems(**body)
    assert words in problem


def test_what_a_run_says_about_series_that_are_missing():
    worded = type("Worded", (Base,), {"optional_series": {"rvx": "a proxy stands in", "credit": "nobody asks"}})
    assert problems(optional_series=worded.optional_series) == []
    assert done_without(worded, ()) == ()
    alike = type(
        "Alike", (Strategy,), {"optional_series": dict.fromkeys(("hyg", "lqd"), "one word") | {"rvx": "another"}}
    )
    assert [one.text for one in done_without(alike, ("hyg", "rvx", "lqd"))] == [
        "Ran without the optional series hyg, lqd: one word.", "Ran without the optional series rvx: another.",
    ]  # fmt: skip
    assert done_without(worded, ("rvx",)) == (note("Ran without the optional series rvx: a proxy stands in."),)
    plain = type("Plain", (Base,), {"optional_series": ("rvx", "credit")})
    assert done_without(plain, ("rvx", "credit")) == (note("Ran without the optional series rvx, credit."),)


def test_reason_codes():
    class Reason(ReasonCode):
        NONE = 0, "zero is no reason"
        CALL = -1, "the engine's"
        IN = 1, "one"
        ALSO = 1, "the same"

    found = problems(Reason=Reason)
    assert [problem.partition(":")[0] for problem in found] == [
        "Trade.Reason.NONE",
        "Trade.Reason.CALL",
        "Trade.Reason.ALSO",
    ]


def test_params_and_state_without_types_are_no_fields():
    class Params:
        window = param(20)

    class State:
        side = 0
        best: float = 0.0

    found = problems(Params=Params, State=State)
    assert len(found) == 2
    assert "window: float = param(...)" in found[0]
    assert "`side: int = 0`" in found[1]


def test_a_plain_number_among_the_parameters_is_refused_unless_its_type_is_inherited():
    class Base:
        window: int = param(20)
        size: float = 0.5

    class Plain(Base):
        size = 0.3
        stop = 0.05

    (found,) = problems(Params=Plain)
    assert "Plain.stop: a parameter needs its type; found `stop = 0.05`; allowed: `stop: float = 0.05`" in found
    del Plain.stop
    assert problems(Params=Plain) == []


def test_a_parameter_without_a_number_says_so():
    class Plain:
        stop: float = None

    class Optional:
        stop: float | None = None

    for owner in (Plain, Optional):
        (found,) = problems(Params=owner)
        assert "stop needs a default that is a number: `stop: float" in found


def test_first_values_must_fit():
    class State:
        side: int = 0.5
        word: float = "x"
        flag: bool = 2
        missing: float = math.nan
        whole: float = 3

    found = problems(State=State)
    assert [problem.split(":")[0].rpartition(".")[2] for problem in found] == ["side", "word", "flag"]


def test_field_names():
    class Params:
        _window: int = param(20)

    class State:
        _side: int = 0

    found = problems(Params=Params, State=State)
    assert len(found) == 2
    assert all("beginning with a letter" in problem for problem in found)


def test_bad_default_of_a_parameter():
    class Params:
        window: int = param(1, low=2)
        name: str = param("x")

    assert any("default 1 is not" in problem for problem in problems(Params=Params))


def test_features_become_floats():
    given = {"z": np.arange(6)[::2], "up": np.array([True, False, True]), "gap": [math.nan, 1.0, 2.0]}
    arrays = check_features(Base, given, 3)
    assert all(array.dtype == np.float64 for array in arrays.values())
    assert arrays["up"].tolist() == [1.0, 0.0, 1.0]
    assert math.isnan(arrays["gap"][0])


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ([1, 2], "must return a dict of name to array"),
        ({"z": np.zeros(2)}, "not one number a bar"),
        ({"z": np.zeros((3, 1))}, "found shape (3, 1)"),
        ({"z": 1.0}, "found shape ()"),
        ({"z": np.array(["a", "b", "c"])}, "numbers only"),
        ({"z": np.array([1.0, np.inf, 0.0])}, "found inf in row 1"),
        ({"the z": np.zeros(3)}, "cannot be read as f.name"),
        ({"class": np.zeros(3)}, "cannot be read as f.name"),
        ({3: np.zeros(3)}, "cannot be read as f.name"),
    ],
)
def test_bad_features(returned, words):
    with pytest.raises(StrategyError) as caught:
        check_features(Base, returned, 3)
    assert words in str(caught.value)


def test_helpers_are_listed_callees_first(author):
    helpers = """
    def low(x):
        return x + 1.0

    def high(x):
        return low(x) * 2.0

    def unused(x):
        return x
    """
    strategy = author("s.best = high(f.ratio_z) + low(1.0)", helpers)
    assert [helper.__name__ for helper in pure_helpers(strategy)] == ["low", "high"]


def test_helpers_of_a_bad_on_bar(author):
    with pytest.raises(StrategyError, match="no `while`"):
        pure_helpers(author("while True:\n    pass"))


def test_digest_sees_helpers_and_constants_but_not_comments(author):
    helper = "def size(x):\n    return x + {}\n"
    digest = decision_digest(author("s.best = size(BAND)", helper.format("1.0")))
    assert decision_digest(author("s.best = size(BAND)  # said twice", helper.format("1.0"))) == digest
    assert decision_digest(author("s.best = size(BAND)", helper.format("2.0"))) != digest
    assert decision_digest(author("s.best = size(BAND) ", "BAND = 0.75\n" + helper.format("1.0"))) != digest
    assert decision_digest(author("s.best = size(WINDOW)", helper.format("1.0"))) != digest


def test_fields_may_be_named_like_anything_of_ours():
    """Rows have one slot a field; nothing else of theirs has a name that a field may have."""
    from engine.kernel.rows import Row

    assert [name for name in vars(Row) if not name.startswith("_")] == []


class TestExtending:
    class First:
        window: int = param(60, low=2, doc="look-back")
        size: float = param(1.0, doc="of the trade")

    class Second(First):
        size: float = param(2.0, doc="another default")
        factor: float = param(3.0, low=1, high=3, doc="one more")

    def test_params_that_extend_others_have_theirs_first_and_their_own_defaults(self):
        found = declared_params(self.Second)
        assert {name: spec.default for name, spec in found.items()} == {"window": 60, "size": 2.0, "factor": 3.0}
        assert list(declared_params(self.First)) == ["window", "size"]

    def test_their_numbers_are_checked_like_any_others(self):
        assert resolve_params(self.Second, {"window": 30}) == {"window": 30, "size": 2.0, "factor": 3.0}
        with pytest.raises(StrategyError, match="window"):
            resolve_params(self.Second, {"window": 1})

    def test_state_that_extends_another_has_its_first_values(self):
        class State:
            side: int = 1

        class More(State):
            age: float = 0.5

        assert declared_state(More) == {"side": (int, 1), "age": (float, 0.5)}


def test_declarations_are_read_once_and_values_are_of_one_run():
    assert declared_params(Base.Params) is declared_params(Base.Params)
    assert declared_state(Base.State) is declared_state(Base.State)
    assert ParamValues(window=3) == ParamValues(window=3)
    assert ParamValues(window=3) is not ParamValues(window=3)
