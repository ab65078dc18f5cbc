# SPDX-License-Identifier: Apache-2.0
"""Strategies written by tests, each in a file of its own because the border reads files; both modes side by side."""

import importlib.util
import itertools
import math
import struct
import textwrap

import numpy as np
import pytest

from engine.kernel import rows
from engine.kernel.machine import programs
from engine.kernel.machine.decisions import Decision
from engine.kernel.machine.layouts import Layout
from engine.kernel.orders.api import ORDER_API
from engine.records import account_dtype, bar_dtype, book_dtype
from engine.strategy.border import decision_digest, pure_helpers
from engine.strategy.params import declared_params, declared_state, record_dtype, state_dtype

HEAD = """\
import math
from datetime import datetime
from enum import Enum, IntEnum

import numpy as np

from engine.strategy import ReasonCode, Strategy, param, slots

LARGE, SMALL = 0, 1
SMALL_WRONG = 1
BAND = 0.5
WINDOW = 20
BIG = 2**70
ON = True
WEIGHTS = [0.5, 0.5]
TABLE = {"a": 1}
ARRAY = np.zeros(3)
STEPS = (0.5, 1.0, 2.0)
GRID = ((1, 2, 3), (4, 5, 6))
MIXED = (1, 0.5)
NUMPY_NUMBER = np.float64(2.0)
WORD = "long"
NONE = None


class Side(IntEnum):
    FLAT = 0
    LONG = 1


class Colour(Enum):
    RED = 1


class Why(ReasonCode):
    ENTER = 1, "in"
    EXIT = 2, "out"

"""

BODY = """

class Trade(Strategy):
    roles = ("large", "small")
    series = ("vix",)

    class Params:
        enter: float = param(1.0, low=0)
        window: int = param(20, low=2)
        active: bool = param(True)
        side: Side = param(Side.LONG)

    class State:
        side: int = 0
        best: float = 0.0
        flag: bool = False
        ids: int = slots(5)
        seen: float = slots(3, 1.5)
        marks: bool = slots(4)

    Reason = Why
    LIMIT = 3

"""

SIGN = "def on_bar(bar, f, p, s, account, orders):"

count = itertools.count()


@pytest.fixture
def author(tmp_path):
    """Write a strategy with this body of on_bar (and helpers above it) to a file; returns the class."""

    def write(body, helpers="", sign=SIGN, static=True):
        method = [*(["@staticmethod"] if static else []), sign, textwrap.indent(textwrap.dedent(body), " " * 4)]
        text = HEAD + textwrap.dedent(helpers) + BODY + textwrap.indent("\n".join(method), " " * 4)
        name = f"written_{next(count)}"
        file = tmp_path / "at home (2)" / f"{name}.py"  # a path is no word without blanks
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.Trade

    return write


ROLES, SERIES, FEATURES = ("large", "small"), ("vix",), ("ratio_z", "momentum")
ROWS = 120
BAR = bar_dtype(ROLES, SERIES)
FEATURE_ROW = np.dtype([(name, "f8") for name in FEATURES])


@pytest.fixture
def both_modes():
    """Run a strategy's on_bar over random rows both ways; what it leaves must be the same to the bit."""

    def run(strategy):
        bars, features = random_bars(np.random.default_rng(11)), random_features(np.random.default_rng(12))
        compiled_left = run_compiled(strategy, bars, features, fresh_book(np.random.default_rng(13)))
        interpreted_left = run_interpreted(strategy, bars, features, fresh_book(np.random.default_rng(13)))
        assert len({bits(left) for left in compiled_left}) > 1, "nothing was done"
        for t in range(ROWS):
            assert bits(interpreted_left[t]) == bits(compiled_left[t]), f"row {t}"

    return run


def random_bars(draw):
    bars = np.zeros(ROWS, BAR)
    bars["ts"] = 946_684_800_000_000_000 + np.arange(ROWS) * 86_400_000_000_000 + draw.integers(0, 10**9, ROWS)
    bars["session"] = 10957 + np.arange(ROWS)
    bars["days"] = draw.integers(0, 4, ROWS)
    bars["last"] = draw.integers(0, 2, ROWS)
    bars["vix"] = draw.uniform(10, 40, ROWS)
    for role in ROLES:
        close = 100 * np.exp(np.cumsum(draw.normal(0, 0.02, ROWS)))
        bars[role]["open"], bars[role]["close"] = close * draw.uniform(0.98, 1.02, ROWS), close
        bars[role]["high"], bars[role]["low"] = close * 1.03, close * 0.97
        bars[role]["volume"], bars[role]["split"], bars[role]["factor"] = 1e6, 1.0, 1.0
    return bars


def random_features(draw):
    table = np.zeros(ROWS, FEATURE_ROW)
    for name in FEATURES:
        table[name] = draw.normal(0, 2, ROWS)
        table[name][draw.integers(0, ROWS, 6)] = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.5])
    return table


def fresh_book(draw):
    book = np.zeros(1, book_dtype(len(ROLES)))
    for name in ("cash", "equity", "gross", "net", "maintenance", "peak"):
        book[name] = draw.uniform(1e5, 1e6)
    book["max_drawdown"], book["t"], book["terms"] = 0.125, 3, 0
    book["rules"]["step"], book["rules"]["a_share"] = 1.0, 1.0
    for name in ("qty", "avg_price", "close", "value"):
        book["asset"][name] = draw.uniform(50, 150, (1, len(ROLES)))
    return book


def params_and_state(strategy):
    params = {name: spec.parse(spec.default) for name, spec in declared_params(strategy.Params).items()}
    kinds = {name: spec.kind for name, spec in declared_params(strategy.Params).items()}
    state = declared_state(strategy.State)
    p = np.array([tuple(params.values())], record_dtype(kinds))
    s = np.array([tuple(value for _, value in state.values())], state_dtype(strategy.State))
    return p, s


def run_compiled(strategy, bars, features, book):
    p, s = params_and_state(strategy)
    made_of = Layout(BAR, ROLES, FEATURE_ROW, p.dtype, s.dtype)
    helpers, digest = tuple(pure_helpers(strategy)), decision_digest(strategy)
    decide = programs.decision(Decision(strategy.on_bar, made_of, helpers, digest))
    account = book.view(account_dtype(ROLES))
    left = []
    for t in range(ROWS):
        book["orders"] = 0
        decide(bars[t : t + 1], features[t : t + 1], p, s, account, book)
        left.append((plain(s), orders_of(book)))
    return left


def plain(state):
    """A record of the state as numbers and lists of numbers."""
    return [state[name][0].tolist() for name in state.dtype.names]


def orders_of(book):
    return [tuple(order) for order in book["order"][0][: book["orders"][0]].tolist()]


def run_interpreted(strategy, bars, features, book):
    p, s = params_and_state(strategy)
    book_class = rows.row_class(book.dtype, ROLES, tuple(ORDER_API.values()))
    account = rows.from_values(book_class, book.tolist()[0], ROLES)
    parameters, state = rows.rows_of(p)[0], rows.rows_of(s)[0]
    author_bars, author_features = rows.author_bars(bars, len(ROLES)), rows.rows_of(features)
    left = []
    for t in range(ROWS):
        account.orders = 0
        strategy.on_bar(author_bars[t], author_features[t], parameters, state, account, account)
        as_record = np.array([rows.to_values(state)], s.dtype)
        working = [rows.to_values(order) for order in account.order[: account.orders]]
        left.append(
            (plain(as_record), [tuple(order) for order in np.array(working, book.dtype["order"].base).tolist()])
        )
    return left


def bits(value):
    """Floats as their bits, so that -0.0 is not 0.0 and NaN is NaN."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return tuple(bits(item) for item in value) if isinstance(value, tuple | list) else value
