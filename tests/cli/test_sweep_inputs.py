# SPDX-License-Identifier: Apache-2.0
"""What a sweep is read from: a file that changes in mid-sweep, or before it is taken up again, is never mixed in."""

import datetime as dt
import importlib
import math

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app
from engine.errors import RunError
from engine.report.sweep.parts import Parts
from engine.runs.sweep import run
from engine.runs.walkforward import run as walking

swept_in_python = importlib.import_module("engine.api.sweep")  # the package has a function of this name
RULE = """\
from engine.strategy import Strategy, param


class Rule(Strategy):
    roles = ("large", "small")

    class Params:
        weight: float = param(0.5, low=0, high=2, doc="of the long leg")
        hedge: float = param(0.2, low=0, high=2, doc="of the short leg")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.large.qty == 0.0:
            orders.target(0, p.weight)
            orders.target(1, -p.hedge)
"""
CONFIG = """\
name: t
strategy: rule.py
roles: {large: AAA, small: BBB}
data: {source: csv, path: bars}
costs: {benchmark: 0.0}
results: out
"""
FEES = "default: [{rate: 0.01}]\n"


def bars(start: float) -> str:
    """Two months of sessions that wander."""
    days = [day for day in np.arange("2020-01-21", "2020-03-20", dtype="M8[D]").tolist() if day.weekday() < 5]
    prices = [start + 5 * math.sin(at) for at in range(len(days)) if days[at] != dt.date(2020, 2, 17)]
    kept = [day for day in days if day != dt.date(2020, 2, 17)]
    rows = [f"{day},{p},{p + 1},{p - 1},{p + 0.5},100000000,0" for day, p in zip(kept, prices, strict=True)]
    return "\n".join(["date,open,high,low,close,volume,dividend", *rows]) + "\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A configuration with bars of three symbols, a strategy and two tables; parts of four combinations."""
    (tmp_path / "bars").mkdir()
    for symbol, start in (("AAA", 100.0), ("BBB", 50.0), ("CCC", 30.0)):
        (tmp_path / "bars" / f"{symbol}.csv").write_text(bars(start))
    for name, text in (("rule.py", RULE), ("other.py", RULE.replace("0.2, low", "0.3, low")), ("run.yaml", CONFIG)):
        (tmp_path / name).write_text(text)
    for name in ("fees", "dear"):
        (tmp_path / f"{name}.yaml").write_text(FEES)
    monkeypatch.setattr(run, "LEAST", 4)
    monkeypatch.setattr(run, "MOST", 4)
    return tmp_path


def swept(folder, *words, out="out"):
    return CliRunner().invoke(app, ["sweep", str(folder / "run.yaml"), *words, "--out", str(folder / out)])


def rows_of(folder, out="out"):
    (table,) = (folder / out / "t").glob("sweep-*/sweep.parquet")
    return pq.read_table(table).to_pylist()


def at_part(monkeypatch, number, do):
    """Do something as soon as so many parts are kept."""
    write = Parts.write

    def writing(parts, part, figures):
        write(parts, part, figures)
        if part == number:
            do()

    monkeypatch.setattr(Parts, "write", writing)


WEIGHTS = ("--over", "weight=0.1:0.8:0.1")


def test_the_yaml_is_read_once(folder, monkeypatch):
    """Whoever edits it for the next question while the first one runs gets the answer to the first."""
    assert swept(folder, *WEIGHTS, out="still").exit_code == 0
    edited = CONFIG + "period: {end: 2020-02-07}\n"
    at_part(monkeypatch, 0, lambda: (folder / "run.yaml").write_text(edited))
    done = swept(folder, *WEIGHTS)
    assert done.exit_code == 0, done.output
    (here,), (there,) = ((folder / out / "t").glob("sweep-*") for out in ("out", "still"))
    assert here.name == there.name
    for name in ("sweep.parquet", "sweep.json", "sweep.html", "config.yaml"):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


@pytest.mark.parametrize(
    ("name", "text", "over"),
    [
        ("bars/BBB.csv", bars(51.0), ()),
        ("bars/CCC.csv", bars(31.0), ("--over", "roles.small=BBB,CCC")),
        ("rule.py", RULE.replace("-p.hedge", "-p.hedge / 2"), ()),
        ("dear.yaml", FEES.replace("0.01", "0.2"), ("--over", "costs.borrow=fees,dear")),
    ],
)
def test_what_changes_in_mid_sweep_ends_it_with_what_was_whole(folder, monkeypatch, name, text, over):
    was = (folder / name).read_text()
    assert swept(folder, *WEIGHTS, *over, out="still").exit_code == 0
    with monkeypatch.context() as patch:
        at_part(patch, 0, lambda: (folder / name).write_text(text))
        done = swept(folder, *WEIGHTS, *over)
    assert isinstance(done.exception, RunError)
    assert str(done.exception).startswith(f"{folder / name} changed while runs were made from it")
    assert "the same command goes on" not in done.output
    assert [one.name[0] for one in (folder / "out" / "t").iterdir()] == ["."]  # parts, and no result
    (folder / name).write_text(was)  # the same content at another time is the same file
    done = swept(folder, *WEIGHTS, *over)
    assert "4 of them kept from before" in done.output
    assert rows_of(folder) == rows_of(folder, "still")


@pytest.mark.parametrize(
    ("name", "text", "over"),
    [
        ("bars/CCC.csv", bars(31.0), "roles.small=CCC,BBB"),
        ("bars/CCC.csv", bars(31.0), "roles.small=BBB,CCC"),
        ("other.py", RULE.replace("-p.hedge", "-p.hedge / 2"), "strategy=rule.py,other.py"),
        ("dear.yaml", FEES.replace("0.01", "0.2"), "costs.borrow=fees,dear"),
    ],
)
def test_no_part_is_taken_up_that_another_value_of_an_axis_read_from_a_file_that_changed(
    folder, monkeypatch, name, text, over
):
    def stop():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        at_part(patch, 2, stop)
        assert swept(folder, *WEIGHTS, "--over", over).exit_code == 130
    (folder / name).write_text(text)
    done = swept(folder, *WEIGHTS, "--over", over)
    assert done.exit_code == 0, done.output
    assert "kept from before" not in done.output
    assert swept(folder, *WEIGHTS, "--over", over, out="fresh").exit_code == 0
    assert rows_of(folder) == rows_of(folder, "fresh")


def test_a_file_that_is_only_touched_is_the_same(folder, monkeypatch):
    at_part(monkeypatch, 0, (folder / "bars" / "AAA.csv").touch)
    assert swept(folder, *WEIGHTS).exit_code == 0


def test_python_and_a_walk_forward_refuse_the_same(folder, monkeypatch):
    changed = iter([bars(51.0), bars(52.0), bars(53.0)])

    def changing(done):
        def doing(*words, **more):
            (folder / "bars" / "BBB.csv").write_text(next(changed))
            return done(*words, **more)

        return doing

    config, over, said = str(folder / "run.yaml"), {"weight": [0.1, 0.2]}, r"BBB\.csv changed while runs were made"
    monkeypatch.setattr(swept_in_python, "figures_by", changing(swept_in_python.figures_by))
    with pytest.raises(RunError, match=said):
        engine.sweep(config, over)
    monkeypatch.setattr(swept_in_python, "run", changing(swept_in_python.run))
    with pytest.raises(RunError, match=said):
        engine.sweep(config, over, metrics=["sharpe"])
    monkeypatch.setattr(walking, "stitch", changing(walking.stitch))
    with pytest.raises(RunError, match=said):
        engine.walk_forward(config, over, train=20, test=10)
