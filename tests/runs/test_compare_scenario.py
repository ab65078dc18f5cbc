# SPDX-License-Identifier: Apache-2.0
"""Scenarios: read from words, answered by the closest days, put on a configuration's book."""

import json

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.pair.analogues import closest
from engine.analytics.pair.sides import Pair, Side
from engine.config.loader import load_config
from engine.errors import InputError
from engine.report.compare.document import document
from engine.report.kit.encoding import to_json
from engine.runs.compare import Question, compare, where
from engine.runs.compare.scenario import scenario
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "compare.json").read_text(encoding="utf-8"))
NAMES = {"small": "IWM", "vix": "VIX", "large": "SPY"}


def a_pair(second="VIX", volatility=True, count=400):
    generator = np.random.default_rng(2)
    one, two = (100 * np.exp(np.cumsum(generator.normal(0, 0.01, count))) for _ in range(2))
    days = np.datetime64("2001-01-01") + np.arange(count)
    return Pair(days, Side("IWM", one, one), Side(second, two, two, volatility), 252.0)


@pytest.mark.parametrize(
    ("words", "symbol", "size", "points", "sessions"),
    [
        ("VIX +10 points", "VIX", 10, True, 1),
        ("vix -3.5 pts in 5 days", "VIX", -3.5, True, 5),
        ("VIX +50 %", "VIX", 0.5, False, 1),
        ("small caps -7 % over 15 sessions", "IWM", -0.07, False, 15),
        ("IWM \N{MINUS SIGN}7% in 1 day", "IWM", -0.07, False, 1),
        ("  IWM   2 %  ", "IWM", 0.02, False, 1),
    ],
)
def test_words_are_read(words, symbol, size, points, sessions):
    found = scenario(words, a_pair(), NAMES)
    assert (found.symbol, found.size, found.points, found.sessions) == (symbol, pytest.approx(size), points, sessions)
    assert found.against is None


@pytest.mark.parametrize("word", ["against", "vs", "vs.", "versus"])
def test_one_line_against_the_other(word):
    pair = a_pair("SPY", volatility=False)
    found = scenario(f"small -7% {word} large in 15 days", pair, NAMES)
    assert (found.symbol, found.against, found.sessions) == ("IWM", "SPY", 15)
    expected = pair.first.moves(15) - pair.second.moves(15)
    np.testing.assert_array_equal(found.moved(pair), expected)


def test_per_cent_of_a_volatility_index_are_of_its_value_before():
    pair = a_pair()
    level = pair.second.level
    np.testing.assert_allclose(scenario("VIX +50 %", pair, {}).moved(pair)[1:], level[1:] / level[:-1] - 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("the market crashes", "no such scenario"),
        ("VIX +10", "no such scenario"),
        ("VXX +10 points", "did you mean 'vix'"),
        ("IWM +10 points", "IWM moves in per cent"),
        ("IWM -7 % against IWM", "does not move against itself"),
        ("VIX +10 points against IWM", "against another in per cent"),
        ("IWM -7 % in 300 days", "in 1 to 252 days"),
        ("IWM -100 %", "IWM cannot lose more than it is worth"),
        ("IWM -700 % in 15 days", "IWM cannot lose more than it is worth"),
        ("IWM 0 %", "no move"),
        ("large -7 %", "neither of the two is called so"),
    ],
)
def test_what_is_no_scenario_is_told_with_what_is(words, says):
    with pytest.raises(InputError, match=says):
        scenario(words, a_pair(), NAMES)


def test_the_closest_days_by_hand():
    moved = np.array([np.nan, 0.01, -0.02, 0.05, 0.049, -0.03, 0.051])
    assert closest(moved, 0.05, 1, 3).tolist() == [3, 4, 6]
    assert closest(moved, 0.05, 2, 3).tolist() == [1, 3, 6], "row 4 shares a session with row 3, row 5 with row 6"
    assert closest(np.full(5, np.nan), 0.05, 1).tolist() == []


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=80), st.floats(-0.3, 0.3), st.integers(1, 10))
def test_no_two_of_them_share_a_session_and_none_left_over_is_closer(moves, size, sessions):
    moved = np.array(moves)
    rows = closest(moved, size, sessions, 5)
    assert (np.diff(rows) >= sessions).all()
    free = np.ones(len(moved), bool)
    for row in rows:
        free[max(0, row - sessions + 1) : row + sessions] = False
    if free.any():
        assert len(rows) == 5
        assert np.abs(moved[free] - size).min() >= np.abs(moved[rows] - size).max()


def test_a_move_beyond_history_is_loud():
    found = compare(Question("IWM", "VIX", scenarios=("VIX +500 points", "IWM -1 %")), where(None, None, None))
    beyond, usual = found.outcomes
    assert beyond.beyond
    assert not usual.beyond
    (loud,) = [one.text for one in found.notices if one.level == "loud"]
    assert loud.startswith("VIX +500 points: history has no such move, the largest is +")
    assert len(usual.rows) == 20
    assert usual.moved == pytest.approx(-0.01, abs=1e-4)
    told = json.loads(to_json(document(found)))
    jsonschema.validate(told, SCHEMA)
    assert [one["book"] for one in told["scenarios"]] == [None, None]
    assert told["scenarios"][1]["days"][0]["moves"]["IWM"] == pytest.approx(-0.01, abs=1e-4)


def test_the_book_of_a_configuration_under_a_scenario():
    ready = load_config(ROOT / "configs" / "spread_sample.yaml", ["period.start=2016-01-04", "period.end=2019-12-31"])
    words = "small -7 % against large in 15 days"
    asked = Question("small", "large", asof=ready.config.period.end, scenarios=(words,))
    found = compare(asked, where(ready, None, None))
    (one,) = found.outcomes
    book = one.book
    assert book.days == 20
    spread = [book.moves["small"] - book.moves["large"], book.worst["small"] - book.worst["large"]]
    assert np.all(np.array(spread) < -0.02)
    (typical,), (worst,) = book.typical.held, book.worst_ladder.held
    market = {"large": 0, "small": 1}
    gain = book.own * sum(book.book.weights[place] * book.moves[role] for role, place in market.items())
    assert -typical.loss == pytest.approx(gain, abs=0.01), "but for the costs of fifteen days"
    assert worst.loss >= typical.loss - 0.01
    told = json.loads(to_json(document(found)))
    jsonschema.validate(told, SCHEMA)
    assert told["scenarios"][0]["book"]["typical"]["loss"] == typical.loss


def test_a_portfolio_has_no_book_under_a_scenario_and_says_so():
    ready = load_config(ROOT / "configs" / "portfolio_sample.yaml")
    found = compare(Question("IWM", "SPY", scenarios=("IWM -7 %",)), where(ready, None, None))
    assert found.outcomes[0].book is None
    assert any("the book of several sleeves is not put under scenarios" in one.text for one in found.notices)
