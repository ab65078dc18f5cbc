# SPDX-License-Identifier: Apache-2.0
"""state.parquet: what was remembered after each close, worked by hand on five bars at 50 to 54."""

import json
import os

import numpy as np
import pandas as pd
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


class TestInPython:
    KEPT = ("keep_state=true", "mode=compiled")

    def test_it_is_read_back_as_it_was(self, case, tmp_path):
        result = engine.backtest(case.folder / "case.yaml", self.KEPT)
        again = engine.read_run(result.save(tmp_path / "kept"))
        for one in (result, again):
            assert one.state.index.name == "session"
            assert one.state.columns.tolist() == ["ts", "n", "high", "up", "last"]
            assert one.state["n"].tolist() == [1, 2, 3, 4, 5]
            assert one.state["last"].iloc[-1].tolist() == [54.0, 52.0]
            assert one.record.state == {"n": 5, "high": 54.0, "up": 1, "last": [54.0, 52.0]}
        pd.testing.assert_frame_equal(result.state, again.state, check_exact=True)
        kept, twice = tmp_path / "kept", again.save(tmp_path / "twice")
        assert (kept / "state.parquet").read_bytes() == (twice / "state.parquet").read_bytes()

    def test_a_run_without_it_says_how_to_keep_it(self, case):
        result = engine.backtest(case.folder / "case.yaml")
        with pytest.raises(engine.errors.InputError, match="the run kept no state; found keep_state: false; allowed"):
            _ = result.state

    def test_fields_that_are_called_as_the_clock_do_not_take_its_place(self, case, tmp_path):
        more = "    n: int = 0\n        ts: int = 7\n        session: float = 0.5"
        case.write("rule.py", RULE.replace("GROWS", "1").replace("    n: int = 0", more))
        result = engine.backtest(case.folder / "case.yaml", self.KEPT)
        again = engine.read_run(result.save(tmp_path / "kept"))
        assert [str(day.date()) for day in again.state.index] == DAYS
        assert again.state["state.session"].tolist() == [0.5] * 5
        assert again.record.states.dtype.names == ("n", "ts", "session", "high", "up", "last")

    def test_a_folder_that_lost_it_is_refused(self, case, tmp_path):
        folder = engine.backtest(case.folder / "case.yaml", self.KEPT).save(tmp_path / "kept")
        (folder / "state.parquet").unlink()
        with pytest.raises(engine.errors.InputError, match="cannot be read as part of a run folder"):
            engine.read_run(folder)
