# SPDX-License-Identifier: Apache-2.0
"""A comparison with a missing value is not fulfilled, nor is its opposite: held against logic of three values."""

import inspect
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.indicators import elementwise
from engine.model.parameter import Parameter
from engine.model.rules import Rules
from engine.rules.check import Checker
from engine.rules.parser import parse
from engine.rules.python import Source, words
from engine.rules.scope import Scope
from engine.rules.tree import Both, Comparison, Name, Not, Number, Sign
from engine.runs.backtest import backtest
from tests.rules.stage import HEAD, load

NAN = math.nan
VALUES = (NAN, -1.0, 0.0, 1.0, 2.0)

numbers = st.sampled_from(["x", "y", "1", "-1", "0"])
comparisons = st.builds(
    lambda first, rest: first + "".join(f" {sign} {other}" for sign, other in rest),
    st.sampled_from(["x", "y"]),
    st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers), min_size=1, max_size=3),
)
conditions = st.recursive(
    st.one_of(comparisons, st.sampled_from(["true", "false"])),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
    ),
    max_leaves=6,
)


def checked() -> Source:
    """X and y are features that on_bar reads."""
    features = {"x": parse("a.close"), "y": parse("a.open")}
    return Source(Checker(Scope(("a",), (), {}, features)))


def truth(node, x, y):
    """True, False, or None where it is not known (Kleene)."""
    if isinstance(node, Name):
        return node.name == "true"
    if isinstance(node, Not):
        inner = truth(node.of, x, y)
        return None if inner is None else not inner
    if isinstance(node, Both):
        parts = [truth(part, x, y) for part in node.parts]
        return combined(node.word, parts)
    assert isinstance(node, Comparison)
    values = [value(one, x, y) for one in node.operands]
    return combined("and", [compared(*one) for one in zip(values, node.signs, values[1:], strict=False)])


def combined(word, parts):
    decides = word == "or"
    if decides in parts:
        return decides
    return None if None in parts else not decides


def compared(one, sign, other):
    if math.isnan(one) or math.isnan(other):
        return None
    return {
        "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other, "==": one == other,
        "!=": one != other,
    }[sign]  # fmt: skip


def value(node, x, y):
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Sign):
        return -value(node.of, x, y)
    return x if node.name == "x" else y


def holds_where_it_is_known_to(text, pairs):
    source, tree = checked(), parse(text)
    source.checker.condition(tree)
    said = source.condition(tree)
    for x, y in pairs:
        found = eval(said, {}, {"f": SimpleNamespace(x=x, y=y)}) if isinstance(said, str) else said
        assert found == (truth(tree, x, y) is True), (said, x, y)


@given(conditions, st.sampled_from(VALUES), st.sampled_from(VALUES))
def test_a_condition_holds_where_it_is_known_to(text, x, y):
    holds_where_it_is_known_to(text, [(x, y)])


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize(
    "form", ["x {0} y", "not (x {0} y)", "not (not (x {0} y))", "0 {0} x {0} y", "not (0 {0} x {0} y)"]
)
def test_each_sign_and_its_opposite_of_every_pair_of_values(sign, form):
    """Above, below, equal and missing on either side: chance alone seldom meets two that are equal."""
    holds_where_it_is_known_to(form.format(sign), list(itertools.product(VALUES, VALUES)))


NUMBERS = [
    *(f"x {one} ({other})" for one in "+-*" for other in ("y + z", "y - z", "y * z", "y / 2", "-y", "-(y - z)")),
    *(f"({one}) {other}" for one in ("x + y", "x - y", "x * y", "-x") for other in ("+ z", "- z", "* z", "/ 2")),
    *(f"-(x {one} y) {other}" for one in "+-*" for other in ("+ z", "- z", "* z", "/ 2")),
    *(f"x {one} y {other}" for one in "+-*" for other in ("+ z", "- z", "* z", "/ 2")),
]
QUOTIENTS = ["x / (y / z)", "x / (y * z)", "x * (y / z)", "x - (y / z)", "x / y / z", "x / y * z", "x / (-y)", "-x / y"]
GIVEN = {"x": 7.0, "y": 3.0, "z": 2.0}


@pytest.mark.parametrize("text", [*NUMBERS, *QUOTIENTS])
def test_a_sum_of_features_is_that_of_python(text):
    """Parentheses that are left out would make another number of `x - (y - z)` and of `x / (y / z)`."""
    source, tree = Source(Checker(Scope(("a",), (), {}, {name: parse("a.close") for name in GIVEN}))), parse(text)
    source.checker.number(tree)
    expected = pytest.approx(eval(text, {}, GIVEN), rel=1e-15)
    assert eval(source.series(tree), {"elementwise": elementwise}, GIVEN) == expected
    assert eval(words(tree), {}, GIVEN) == expected


@pytest.mark.parametrize("text", NUMBERS)
def test_a_sum_inside_of_on_bar_is_that_of_python(text):
    """There nothing but a number divides."""
    params = {name: Parameter(name, float, 1.0) for name in GIVEN}
    source, tree = Source(Checker(Scope(("a",), (), params, {}))), parse(text)
    source.checker.number(tree)
    assert eval(source.number(tree), {}, {"p": SimpleNamespace(**GIVEN)}) == pytest.approx(eval(text, {}, GIVEN))


@given(conditions)
def test_words_are_read_as_the_same_condition(text):
    once = words(parse(text))
    assert words(parse(once)) == once
    assert checked().condition(parse(once)) == checked().condition(parse(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not (z > 1)", "f.z <= 1"),
        ("not (z == 1)", "(f.z < 1 or f.z > 1)"),
        ("z != 1", "(f.z < 1 or f.z > 1)"),
        ("not (0 < z < 1)", "(0 >= f.z or f.z >= 1)"),
        ("not (z > 1 and not calm)", "(f.z <= 1 or f.vix < 20)"),
    ],
)
def test_not_turns_comparisons_round(text, said, tmp_path):
    """With `not` in Python, the first would hold on the bars on which z is missing."""
    loaded = load(tmp_path, HEAD.replace("TRIAL", text).replace("long: z < -entry", "long: trial"))
    assert f"before <= 0 and {said}:" in inspect.getsource(loaded.strategy.on_bar)


def test_no_position_is_opened_on_a_missing_value(tmp_path):
    """The first z is in bar 60: `not (z > 99)` holds from there on, and not before."""
    text = HEAD.replace("TRIAL", "z").replace("long: z < -entry, short: z > entry", "long: not (z > 99)")
    loaded = load(tmp_path, text.replace("exit: {long: z >= 0, short: z <= 0}", "exit: z > 99"))
    result = backtest(loaded, glance=False)
    assert result.orders["born"][0] == 59
    assert np.isnan(result.features["z"][:59]).all()


def test_arithmetic_has_no_infinities():
    x = np.array([1.0, 0.0, -1.0, NAN])
    with np.errstate(all="raise"):
        assert elementwise.divide(1.0, x).tolist()[:1] == [1.0]
        assert np.isnan(elementwise.divide(x, 0.0)).all()
        assert np.isnan(elementwise.log(x)[1:]).all()
        assert np.isnan(elementwise.sqrt(x)[2:]).all()
        assert np.isnan(elementwise.exp(x * 1000.0)).tolist() == [True, False, False, True]
    assert np.isnan(elementwise.larger(x, 0.5)).tolist() == [False, False, False, True]
    assert elementwise.smaller(x, 0.5).tolist()[:3] == [0.5, 0.0, -1.0]
    assert elementwise.lag(x, 1).tolist()[1:] == [1.0, 0.0, -1.0]
    with pytest.raises(ValueError, match="the future"):
        elementwise.lag(x, -1)


def test_the_model_refuses_no_rules():
    with pytest.raises(ValueError, match="enter"):
        Rules.model_validate({})
