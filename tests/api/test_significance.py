# SPDX-License-Identifier: Apache-2.0
"""A judged run from Python: the same as the command says, as DataFrames, a figure and a page."""

import numpy as np
import pytest

import engine
from engine.analytics.significance.chance import Chance
from engine.api.significance import SignificanceResult
from engine.errors import InputError
from engine.report.folder.rebuilt import Judged
from engine.runs.chance.findings import AgainstChance
from engine.runs.chance.random_entries import RandomEntries
from tests.api.conftest import CONFIG


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    run = engine.backtest(CONFIG, period={"start": "2016-01-04", "end": "2017-12-29"}, mode="interpreted")
    return engine.significance(run.save(tmp_path_factory.mktemp("runs") / "one"))


def test_intervals_and_words_are_those_of_the_document(judged, tmp_path):
    document = judged.document()
    for name, one in document["intervals"]["of"].items():
        assert judged.intervals.loc[name, "value"] == one["value"]
        assert judged.intervals.loc[name, "low"] == one["low"]
    assert judged.notices[: len(document["notices"])] == tuple(one["text"] for one in document["notices"])
    assert document["trials"]["tried"] >= 1
    page = judged.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert judged.answer in page
    assert judged.answer in repr(judged)
    assert "max_drawdown" in judged._repr_html_()


def test_without_a_question_there_is_nothing_of_chance(judged):
    assert judged.chance.empty
    with pytest.raises(InputError, match="null_markets=200"):
        judged.plot()


def test_what_chance_makes_is_a_row_and_a_figure(judged):
    drawn = np.linspace(-1.0, 1.0, 21)
    chance = Chance(own=0.55, drawn=drawn, p=6 / 22, idle=0, stopped=0, fills=40.0, own_fills=40)
    entries = RandomEntries(trades=20, within=0, held=0.5, kept=0.5, chance=chance)
    found = Judged(judged.found.significance, judged.found.trials, AgainstChance(entries=entries))
    told = SignificanceResult(judged.record, judged.analysis, found)
    row = told.chance.loc["random entries"]
    assert (row["own"], row["median"], row["as_high"], row["runs"]) == (0.55, 0.0, 5, 21)
    assert row["p"] == 6 / 22
    (bars,) = told.plot().data
    assert sum(bars.y) == 21
    assert "Chance makes as much: 5 of 21 runs (random entries)" in " ".join(told.notices)


def test_a_run_that_is_not_there_is_told():
    with pytest.raises(InputError, match="no such run"):
        engine.significance("nothing_of_this_name", trip_orders=5)
