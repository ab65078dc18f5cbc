# SPDX-License-Identifier: Apache-2.0
"""Sets that contradict themselves: left out and counted wherever they are swept, refused where all of them do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app
from engine.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("period.start=2018-01-02", "period.end=2018-12-31")
BOOK = """\
name: book
sleeves:
  first: {weight: 0.6, strategy: lean.py, roles: {large: SPY, small: IWM}, params: {exit: 0.0}}
  second: {weight: 0.4, strategy: lean.py, roles: {large: QQQ, small: IWM}, params: {window: 40}}
period: {start: 2018-01-02, end: 2018-12-31}
"""
LEAN = """\
import numpy as np
from engine.indicators import zscore
from engine.strategy import Strategy, lookback, param


class Lean(Strategy):
    roles = ("large", "small")

    class Params:
        window: int = lookback(60, low=10, doc="look-back of the z-score")
        enter: float = param(0.5, low=-5, high=5, not_below="exit", unit="sigma", doc="opens")
        exit: float = param(-1.0, low=-5, high=5, unit="sigma", doc="closes")

    def features(self, market, p):
        return {"z": zscore(np.log(market.large.close / market.small.close), p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.large.qty == 0.0 and f.z > p.enter:
            orders.target(0, 0.5)
            orders.target(1, -0.5)
        elif account.large.qty != 0.0 and f.z < p.exit:
            orders.close(0)
            orders.close(1)
"""
SLEEVES = ("--over", "sleeves.first.params.enter=-1,0.5,-0.5,1", "--over", "sleeves.second.params.exit=-1,0")
LEFT_OUT = [True, True, False, False, True, True, False, False]


def invoke(command, config, *words, out, code=0):
    done = CliRunner().invoke(app, [command, str(config), *words, "--out", str(out)])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def book(tmp_path):
    (tmp_path / "lean.py").write_text(LEAN)
    (tmp_path / "book.yaml").write_text(BOOK)
    return tmp_path / "book.yaml"


def table_of(out, name):
    (table,) = (out / name).glob("sweep-*/sweep.parquet")
    return pq.read_table(table).to_pandas()


@pytest.mark.parametrize("workers", [(), ("--workers", "1")])
def test_a_set_of_a_sleeve_that_contradicts_itself_is_left_out(book, workers):
    out = book.parent
    said = invoke("sweep", book, *SLEEVES, *workers, out=out).output
    assert "4 combinations of 8 were not run and count nowhere: parameters contradict" in " ".join(said.split())
    rows = table_of(out, "book")
    assert (rows["error"] == np.where(LEFT_OUT, "contradiction", "")).all()
    assert (rows["final_equity"].isna() == LEFT_OUT).all()
    for row in rows[rows["error"] == ""].to_dict("records"):
        put = [f"{name}={row[name]}" for name in ("sleeves.first.params.enter", "sleeves.second.params.exit")]
        assert engine.backtest(str(book), put).equity.iloc[-1] == row["final_equity"]


def test_python_leaves_out_the_same(book):
    grid = {"sleeves.first.params.enter": [-1, 0.5, -0.5, 1], "sleeves.second.params.exit": [-1, 0]}
    found = engine.sweep(str(book), grid)
    assert (found["error"] == np.where(LEFT_OUT, "contradiction", "")).all()
    whole = engine.sweep(str(book), grid, metrics=["total_return"])
    assert (whole["error"] == found["error"]).all()
    assert np.array_equal(whole["total_return"], found["total_return"], equal_nan=True)


@pytest.mark.parametrize(
    ("name", "over", "said"),
    [
        (CONFIG, ("--over", "enter=-3,-2"), "found enter up to -2, exit from -1 on"),
        (CONFIG, ("--over", "exit=3,4", "--over", "enter=0.5,1"), "found enter up to 1, exit from 3 on"),
        ("book", ("--over", "sleeves.first.params.enter=-3,-2"), "enter: below exit: the two contradict each other"),
        ("book", ("--over", "sleeves.first.params.exit=4,3"), "exit: above enter: the two contradict each other"),
    ],
)
def test_a_sweep_of_nothing_else_is_refused_before_anything_is_written(book, name, over, said):
    out = book.parent / "out"
    done = invoke("sweep", book if name == "book" else name, *over, out=out, code=1)
    assert isinstance(done.exception, InputError)
    assert "every combination contradicts itself" in str(done.exception)
    assert said in str(done.exception)
    assert "the same command goes on" not in done.output
    assert not out.exists()


def test_what_was_drawn_and_contradicts_itself_is_no_sweep_either(tmp_path):
    words = ("--over", "enter=-5:-2:0.01", "--over", "exit=-5:5:0.01", "--set", "seed=1", "--tries", "1")
    done = invoke("sweep", CONFIG, *words, out=tmp_path, code=1)
    assert "every combination contradicts itself; found 1 of 301,301" in str(done.exception)
    assert "the same command goes on" not in done.output


def test_the_first_that_was_run_stands_first_where_none_traded(tmp_path):
    period = [word for setting in SHORT for word in ("--set", setting)]
    words = ("--over", "enter=-3,4.9,5", *period, "--json")
    document = json.loads(invoke("sweep", CONFIG, *words, out=tmp_path).stdout)
    assert document["best"][0]["values"] == {"enter": 4.9}
    assert "1 combination of 3 was not run and counts nowhere" in str(document["notices"])
    page = Path(document["page"]).read_text(encoding="utf-8")
    drawn = [name for name in ("runs", "scores", "axis-0", "all") if f'id="chart-{name}"' in page]
    assert drawn == ["runs"]


def test_a_mistake_beside_a_contradiction_is_told(book):
    done = invoke("sweep", book, "--over", "sleeves.first.params.enter=-1,99,1", out=book.parent, code=1)
    assert "sleeves.first.params.enter: not allowed; found 99" in str(done.exception)


def test_what_was_not_run_is_no_trial(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_TRIALS", str(tmp_path / "trials.sqlite"))
    period = [word for setting in SHORT for word in ("--set", setting)]
    invoke("sweep", CONFIG, "--over", "enter=-3,-2,0.5,1", *period, out=tmp_path)
    engine.sweep(CONFIG, {"enter": [-3, 0.25, 0.75]}, overrides=list(SHORT))
    plan = ("--over", "enter=-3,0.4,0.8", "--train", "60", "--test", "40")
    said = invoke("walkforward", CONFIG, *plan, *period, out=tmp_path).output
    assert "1 combination of 3 was not run and counts nowhere" in " ".join(said.split())
    with closing(sqlite3.connect(tmp_path / "trials.sqlite")) as counted:
        assert [row[0] for row in counted.execute("SELECT tried FROM trial ORDER BY rowid")] == [2, 2, 2]
