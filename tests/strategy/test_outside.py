# SPDX-License-Identifier: Apache-2.0
"""What features read beside the market is heard, and what Python opens for itself is not."""

import functools
import importlib
import os
import sqlite3
import sys

import numpy as np
import pytest

from engine.strategy import Strategy
from engine.strategy.outside import LONG, heard, kept_tables
from engine.strategy.source.discover import list_strategies
from tests.strategies.shipped import load_shipped

SHORT_TABLE = list(range(LONG - 1))
LONG_TABLE = dict.fromkeys(range(LONG), 0.0)
WORDS = "x" * 1000


class Kept:
    TABLE = tuple(range(LONG))


def total(values):
    return sum(LONG_TABLE.values()) + sum(values)


def _of_long_table(number):
    return LONG_TABLE[number]


@functools.cache
def _kept_of_long_table(number):
    return LONG_TABLE[number]


class Reading(Strategy):
    roles = ("small",)
    kept = np.zeros(LONG)


def test_files_that_are_read_are_heard(tmp_path):
    file = tmp_path / "values.csv"
    file.write_text("1")
    opened = set()
    with heard(opened):
        file.read_text()
        np.loadtxt(file)
        os.close(os.open(file, os.O_RDONLY))
    file.read_text()
    assert opened == {str(file)}


def test_writing_and_importing_are_not(tmp_path):
    opened = set()
    with heard(opened):
        (tmp_path / "out.txt").write_text("1")
        importlib.reload(importlib.import_module("colorsys"))
        np.datetime64("2020-01-01").astype(str)
    assert opened == set()


def test_connections_are_heard():
    opened = set()
    with heard(opened):
        sqlite3.connect(":memory:").close()
    assert opened == {"a connection (sqlite3.connect)"}


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        pytest.param(lambda _: SHORT_TABLE, (), id="constants"),
        pytest.param(lambda _: WORDS, (), id="text"),
        pytest.param(lambda _: LONG_TABLE, ("LONG_TABLE (dict of 250)",), id="a global"),
        pytest.param(lambda _: Kept.TABLE, ("TABLE (tuple of 250)",), id="of another class"),
        pytest.param(lambda own: own.kept, ("kept (ndarray of 250)",), id="of the class"),
        pytest.param(
            lambda _: [_of_long_table(one) for one in SHORT_TABLE], ("LONG_TABLE (dict of 250)",), id="by a function"
        ),
        pytest.param(lambda _: _kept_of_long_table(0), ("LONG_TABLE (dict of 250)",), id="by a function with a cache"),
    ],
)
def test_tables_that_a_module_keeps(read, kept):
    class Reads(Reading):
        def features(self, market, p):
            return {"x": read(self)}

    assert kept_tables(Reads) == kept


def test_a_table_around_the_class():
    table = np.zeros(LONG)

    class Notebook(Strategy):
        def features(self, market, p):
            return {"x": table}

    assert kept_tables(Notebook) == ("table (ndarray of 250)",)


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda market: market.LONG_TABLE, id="a column that a global is called as"),
        pytest.param(lambda market: market.close.total(), id="a method that a function is called as"),
        pytest.param(lambda market: market[Kept].TABLE, id="of what a class picks"),
        pytest.param(lambda market: [one.LONG_TABLE for one in market], id="within a comprehension"),
        pytest.param(lambda market: max(market, key=lambda one: one.LONG_TABLE), id="within a function"),
    ],
)
def test_a_name_after_a_dot_is_no_global(read):
    """`market.vix` in a notebook whose cell says `vix = pd.read_csv(...)` reads the series of the run."""

    class Reads(Strategy):
        def features(self, market, p):
            return {"x": read(market)}

    assert kept_tables(Reads) == ()


def test_a_local_name_is_no_global():
    class Reads(Strategy):
        def features(self, market, p):
            LONG_TABLE = market.close  # noqa: N806
            return {"x": [LONG_TABLE[row] for row in range(3)], "y": max(market, key=lambda _: LONG_TABLE)}

    assert kept_tables(Reads) == ()


def test_a_table_in_a_module_beside_it(tmp_path, monkeypatch):
    (tmp_path / "tables_beside.py").write_text(f"AHEAD = [0.0] * {LONG}\nFEW = [1.0]\n")
    monkeypatch.syspath_prepend(tmp_path)
    beside = importlib.import_module("tables_beside")

    class Reads(Strategy):
        def features(self, market, p):
            return {"x": beside.AHEAD, "y": beside.FEW}

    del sys.modules["tables_beside"]
    assert kept_tables(Reads) == ("AHEAD (list of 250)",)


@pytest.mark.parametrize("names", [0, 100, 300])
def test_a_table_beside_it_however_many_names_features_has(names, tmp_path, monkeypatch):
    (tmp_path / "tables_beside.py").write_text(f"AHEAD = [0.0] * {LONG}\n")
    reads = "".join(f"    market.column_{number}\n" for number in range(names))
    text = f"import tables_beside\n\n\ndef features(self, market, p):\n{reads}    return tables_beside.AHEAD\n"
    (tmp_path / "wide_features.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    wide = importlib.import_module("wide_features")
    for name in ("tables_beside", "wide_features"):
        del sys.modules[name]

    class Reads(Strategy):
        features = wide.features

    assert kept_tables(Reads) == (f"AHEAD (list of {LONG})",)


@pytest.mark.parametrize("strategy", list_strategies())
def test_shipped_strategies_keep_none(strategy):
    assert kept_tables(load_shipped(strategy, "sample").strategy) == ()
