# SPDX-License-Identifier: Apache-2.0
"""What features read beside the market is heard, and what Python opens for itself is not."""

import functools
import importlib
import os
import sqlite3

import numpy as np
import pytest

from engine.strategy import Strategy
from engine.strategy.discover import list_strategies
from engine.strategy.outside import LONG, heard, kept_tables
from tests.strategies.shipped import load_shipped

SHORT_TABLE = list(range(LONG - 1))
LONG_TABLE = dict.fromkeys(range(LONG), 0.0)
WORDS = "x" * 1000


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


@pytest.mark.parametrize("strategy", list_strategies())
def test_shipped_strategies_keep_none(strategy):
    assert kept_tables(load_shipped(strategy, "sample").strategy) == ()
