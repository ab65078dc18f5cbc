# SPDX-License-Identifier: Apache-2.0
"""state.parquet: what was remembered after each close, worked by hand on five bars at 50 to 54."""

import json
import os

import numpy as np
import pyarrow.parquet as pq
import pytest

import engine
from engine.engines import state_path
from engine.errors import RunError
from engine.runs.backtest import backtest
from tests import programs
from tests.cases import Case, days

RULE = """\
from engine.strategy import Strategy, slots


class Rule(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        high: float = 0.0
        up: bool = False
        last: float = slots(2, 1.5)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.last[s.n % 2] = bar.x.close
        s.up = bar.x.close > s.high
        s.high = max(s.high, bar.x.close)
        if s.n == 0:
            orders.target(0, 1.0)
        s.n += GROWS
"""
CLOSES = (50, 51, 49, 52, 54)
DAYS = days("2020-01-21", len(CLOSES))


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path)
    made.write("rule.py", RULE.replace("GROWS", "1"))
    made.bars([f"{day},{close},{close},{close},{close},1000000,0,1" for day, close in zip(DAYS, CLOSES, strict=True)])
    return made


def run(case, *words):
    done = programs.tandem("backtest", "case.yaml", "--json", *words, cwd=case.folder, env=os.environ)
    assert done.returncode == 0, done.stderr
    return case.folder / "out" / "case" / "latest", json.loads(done.stdout)


def test_each_close_by_hand(case):
    folder, _ = run(case, "--set", "keep_state=true", "--set", "mode=compiled")
    table = pq.read_table(folder / "state.parquet")
    assert table.column_names == ["ts", "session", "n", "high", "up", "last"]
    assert [str(one) for one in table["session"].to_pylist()] == DAYS
    assert table["n"].to_pylist() == [1, 2, 3, 4, 5]
    assert table["high"].to_pylist() == [50.0, 51.0, 51.0, 52.0, 54.0]
    assert table["up"].to_pylist() == [1, 1, 0, 1, 1]
    assert table["last"].to_pylist() == [[50.0, 1.5], [50.0, 51.0], [49.0, 51.0], [49.0, 52.0], [54.0, 52.0]]
    assert json.loads((folder / "manifest.json").read_text())["mode"] == "interpreted"


def test_without_the_wish_there_is_none_and_nothing_else_differs(case):
    folder, _ = run(case)
    assert not (folder / "state.parquet").exists()
    one = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    other, _ = run(case, "--set", "keep_state=true")
    assert {file.name: file.read_bytes() for file in other.glob("*.parquet") if file.name != "state.parquet"} == one


def test_sleeves_have_columns_of_their_own(case):
    own = "{weight: 0.5, strategy: rule.py, roles: {x: X}}"
    text = (case.folder / "case.yaml").read_text()
    text = text.replace("strategy: rule.py\nroles: {x: X}\n", f"sleeves: {{a: {own}, b: {own}}}\nkeep_state: true\n")
    case.write("case.yaml", text)
    states = backtest(case.folder / "case.yaml", glance=False).states
    assert states.dtype.names == tuple(f"{of}.{name}" for of in "ab" for name in ("n", "high", "up", "last"))
    assert states["b.last"].tolist() == [[50.0, 1.5], [50.0, 51.0], [49.0, 51.0], [49.0, 52.0], [54.0, 52.0]]


def test_what_is_too_much_is_refused(case, monkeypatch):
    """Five bars of 40 bytes: three numbers and two."""
    monkeypatch.setattr(state_path, "MOST_BYTES", 199)
    with pytest.raises(RunError, match="keep_state: too much to keep; found 5 bars of 40 bytes; allowed: 199 bytes"):
        backtest(case.folder / "case.yaml", ["keep_state=true"], glance=False)


def test_a_number_beyond_64_bits_stops_the_run(case):
    case.write("rule.py", RULE.replace("GROWS", "4611686018427387904"))
    with pytest.raises(engine.errors.StrategyError, match="bar 1: a whole number of State has grown beyond 64 bits"):
        backtest(case.folder / "case.yaml", ["keep_state=true"], glance=False)


def test_a_run_without_state_has_no_columns(case):
    text = (case.folder / "rule.py").read_text().replace("GROWS", "1")
    head, tail = text[: text.index("    class State")], text[text.index("    def features") :]
    case.write("rule.py", head + tail[: tail.index("        s.last")] + "        orders.target(0, 1.0)\n")
    states = backtest(case.folder / "case.yaml", ["keep_state=true"], glance=False).states
    assert states.shape == (5,)
    assert states.dtype.names == ()
    assert isinstance(states, np.ndarray)
