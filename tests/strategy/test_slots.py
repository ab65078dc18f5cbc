# SPDX-License-Identifier: Apache-2.0
"""State fields of several numbers: declared, kept from bar to bar, told, and stopped at a place that there is not."""

import json

import numpy as np
import pandas as pd
import pytest

import engine
from engine.errors import StrategyError
from engine.kernel import rows
from engine.paper.memory import Memory, fields_of, read_memory, set_fields, write_memory
from engine.report.signals.document import document, remembered
from engine.runs.backtest import loaded
from engine.runs.signals.run import signals
from engine.strategy import Strategy, param, slots
from engine.strategy.declarations import check_declarations
from engine.strategy.params import declared_state, state_dtype
from tests.cases import Case, days, flat

BARS = 12


class Ring(Strategy):
    """Keeps the last five closes in a ring and counts the bars of each remainder; trades on what it kept."""

    roles = ("x",)

    class Params:
        place: int = param(0, low=-100, high=100)

    class State:
        n: int = 0
        ring: float = slots(5, 1.5)
        counts: int = slots(3)
        up: bool = slots(2)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.ring[s.n % len(s.ring)] = bar.x.close
        s.counts[s.n % 3] += 1
        s.up[1] = s.ring[0] > s.ring[-1]
        s.n += 1
        orders.target_quantity(0, s.counts[0] * 10 + s.up[1])
        if p.place != 0:
            s.ring[p.place] = 0.0


def frame():
    close = 50.0 + np.arange(BARS)
    table = {"open": close, "high": close, "low": close, "close": close, "volume": 1e6, "dividend": 0.0}
    return {"X": pd.DataFrame(table, index=pd.DatetimeIndex(days("2020-01-21", BARS)))}


def run(mode="interpreted", **params):
    return engine.backtest(strategy=Ring, roles={"x": "X"}, data=frame(), params=params, mode=mode).record


def test_what_is_kept():
    """Twelve closes of 50 to 61: places 0 and 1 were written three times, the others twice."""
    state = run().state
    assert state == {"n": 12, "ring": [60.0, 61.0, 57.0, 58.0, 59.0], "counts": [4, 4, 4], "up": [0, 1]}


def test_what_was_never_written_stands_as_it_began():
    assert declared_state(Ring.State)["ring"] == (float, (1.5,) * 5)
    assert declared_state(Ring.State)["up"] == (bool, (False, False))
    assert state_dtype(Ring.State)["counts"].shape == (3,)


@pytest.mark.slow
def test_both_modes_give_the_same_bytes():
    one, other = run(), run("compiled")
    assert one.state == other.state
    for table in ("ledger", "orders", "points"):
        assert getattr(one, table).tobytes() == getattr(other, table).tobytes(), table
    assert run(place=-5).state == run("compiled", place=-5).state
    for place in (5, -6, 100):
        with pytest.raises(StrategyError, match="State field for a place that it does not have"):
            run("compiled", place=place)


@pytest.mark.parametrize("place", [5, -6, 100])
def test_a_place_that_there_is_not_stops_the_run(place):
    with pytest.raises(StrategyError, match="on the bar of 2020-01-21: IndexError") as caught:
        run(place=place)
    assert caught.value.problems[0].found == "s.ring[p.place] = 0.0"


def test_the_first_place_from_the_end():
    assert run(place=-5).state["ring"] == [0.0, 61.0, 57.0, 58.0, 59.0]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (slots(0), "not a number of slots"),
        (slots(2.0), "not a number of slots"),
        (slots(100_001), "not a number of slots"),
        (slots(3, 0.5), "the first value does not fit the type"),
        (slots(3, "x"), "the first value does not fit the type"),
    ],
)
def test_what_cannot_be_declared(field, words):
    class State:
        ids: int = field

    found = check_declarations(type("Bad", (Ring,), {"State": State}))
    assert [one.message for one in found] == [words]
    assert found[0].path.endswith("State.ids")


def test_words_for_many_numbers_are_refused():
    found = check_declarations(type("Told", (Ring,), {"remembers": {"ring": "the ring is {}"}}))
    assert [one.message for one in found] == ["a field of slots has no words: it is many numbers"]


RULE = """\
from engine.strategy import Strategy, slots


class Rule(Strategy):
    roles = ("x",)

    class State:
        order: int = 0
        ids: int = slots(60)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.ids[s.order] = 7
        s.order += 1
"""


def test_signals_tell_how_many_have_changed(tmp_path):
    case = Case(tmp_path)
    case.write("rule.py", RULE)
    case.bars(flat(days("2020-01-21", 3), 50.0))
    found = signals(loaded(tmp_path / "case.yaml"))
    assert list(remembered(found.lone)) == ["order 3", "ids 3 of 60 changed"]
    assert document(found, 0)["state"] == {"order": 3, "ids": [7, 7, 7, *[0] * 57]}
    assert json.loads(json.dumps(document(found, 0)["state"]))["ids"][:4] == [7, 7, 7, 0]


def test_the_bridge_remembers_them_under_any_name():
    """`order` is a field of the book too, which is not kept: that of a State is."""
    kinds = np.dtype([("order", "i8"), ("ids", "i8", (4,)), ("seen", "f8", (2,))])
    state, blank = (rows.rows_of(np.zeros(1, kinds))[0] for _ in range(2))
    state.order, state.ids, state.seen = 5, [1, 2, 3, 4], [float("nan"), 0.1]
    memory = Memory("x", 0, {}, 0, {}, {"": fields_of(state, ())})
    set_fields(blank, read_memory(write_memory(memory)).state[""], ())
    assert (blank.order, blank.ids, blank.seen[1]) == (5, [1, 2, 3, 4], 0.1)
    assert blank.seen[0] != blank.seen[0]
