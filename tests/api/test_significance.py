# SPDX-License-Identifier: Apache-2.0
"""A judged run from Python: the same as the command says, as DataFrames, a figure and a page."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest

import engine
from engine.analytics.significance.chance import Chance
from engine.api.significance import SignificanceResult
from engine.errors import InputError
from engine.market.sample import sample_frame
from engine.report.folder.rebuilt import Judged
from engine.report.run.notices import notices
from engine.runs.chance.findings import AgainstChance
from engine.runs.chance.random_entries import RandomEntries
from tests.api.cells import LEAN, RULES, lean
from tests.api.conftest import CONFIG


class Ahead(engine.Strategy):
    """Long where tomorrow's close is higher."""

    roles = ("fund",)

    def features(self, market, p):
        return {"next": np.append(market.fund.close[1:], np.nan)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.next == f.next:
            orders.target(0, 0.9 if f.next > bar.fund.close else 0.0)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    run = engine.backtest(CONFIG, period={"start": "2016-01-04", "end": "2017-12-29"}, mode="interpreted")
    return engine.significance(run.save(tmp_path_factory.mktemp("runs") / "one"))


def test_intervals_and_words_are_those_of_the_document(judged, tmp_path):
    document = judged.document()
    for name, one in document["intervals"]["of"].items():
        assert judged.intervals.loc[name, "value"] == one["value"]
        assert judged.intervals.loc[name, "low"] == one["low"]
    own = tuple(one["text"] for one in document["notices"])
    loud = tuple(one.text for one in notices(judged.record, judged.analysis) if one.level == "loud")
    assert judged.notices[: len(loud) + len(own)] == loud + own
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


def test_a_result_in_hand_is_judged_as_its_folder(tmp_path):
    run = engine.backtest(CONFIG, period={"start": "2016-01-04", "end": "2017-12-29"}, mode="interpreted")
    filed = engine.significance(run.save(tmp_path / "run"), null_markets=3)
    held = engine.significance(run, null_markets=3)
    assert held.document() == filed.document()
    assert held.chance["runs"].iloc[0] == 3


def test_a_strategy_of_cells_is_run_against_chance(monkeypatch, tmp_path):
    """Neither its cells nor the frames are in a run folder: the result has both, and says when either has changed."""
    frames = {symbol: sample_frame(symbol, 7) for symbol in ("SPY", "IWM")}
    given = {"roles": {"large": "SPY", "small": "IWM"}, "period": {"end": "2009-12-31"}, "data": frames}
    run = engine.backtest(strategy=lean(monkeypatch), **given)
    file = tmp_path / "lean_of_cells.py"
    file.write_text(RULES + LEAN, encoding="utf-8")
    filed = engine.backtest(strategy=str(file), **given)
    asked = {"null_markets": 3, "random_entries": 3}
    pd.testing.assert_frame_equal(engine.significance(run, **asked).chance, engine.significance(filed, **asked).chance)
    with pytest.raises(InputError, match=r"stands in no file.*engine\.significance\(result"):
        engine.significance(run.save(tmp_path / "run"), null_markets=3, data=frames)
    frames["SPY"].loc[frames["SPY"].index[5], "close"] *= 1.0001
    with pytest.raises(InputError, match=r"the bars of the run: another today.*engine\.backtest"):
        engine.significance(run, null_markets=3)


def test_a_result_that_cannot_be_run_again_says_what_can(tmp_path):
    run = engine.backtest(CONFIG, period={"start": "2016-01-04", "end": "2017-12-29"}, mode="interpreted")
    for lost in (engine.read_run(run.save(tmp_path / "run")), pickle.loads(pickle.dumps(run))):
        assert engine.significance(lost).answer == engine.significance(run).answer
        with pytest.raises(InputError, match=r"the result of engine\.backtest itself; or its run folder"):
            engine.significance(lost, null_markets=3)
    with pytest.raises(InputError, match="a result has its bars itself"):
        engine.significance(run, null_markets=3, data={})


def test_what_is_loud_of_a_run_is_said_of_what_it_is_worth():
    """A look-ahead makes both the run and every null market worth nothing."""
    frame = sample_frame("SPY", 7).loc["2012":"2013"]
    run = engine.backtest(strategy=Ahead, roles={"fund": "SPY"}, data=frame)
    said = engine.significance(run).notices
    assert any("looks ahead" in one for one in said)
    assert said[0] in run.notices


@pytest.mark.parametrize("count", [2.5, "20", True])
@pytest.mark.parametrize("name", ["null_markets", "random_entries", "trip_orders"])
def test_a_count_that_is_none_is_refused_by_its_name(count, name):
    with pytest.raises(InputError, match=f"{name}: not a number of runs; found {count!r}"):
        engine.significance("any", **{name: count})


def test_what_is_no_run_is_refused_by_its_kind():
    for call in (engine.significance, engine.read_run):
        with pytest.raises(InputError, match=r"run: not the name of a run; found DataFrame; allowed: a run folder"):
            call(sample_frame("SPY", 7))


@pytest.fixture(scope="module")
def walked():
    span = {"period": {"start": "2014-01-02", "end": "2017-12-29"}, "params": {"enter": 0.5}}
    return engine.walk_forward(CONFIG, {"enter": [0.5, 1.5]}, train="1y", test="6m", **span)


def test_the_account_of_a_walk_forward_says_that_its_configuration_is_another_run(walked, tmp_path):
    said = "goes by its choices: its configuration \\(enter 0\\.5\\) makes another run"
    assert any(re.search(said, one) for one in walked.result.notices)
    assert engine.read_run(walked.result.save(tmp_path / "run")).notices == walked.result.notices


@pytest.mark.parametrize("asked", [{"null_markets": 3}, {"random_entries": 3}], ids=["null_markets", "random_entries"])
def test_chance_is_not_asked_of_another_run_than_the_one_that_is_judged(walked, asked, tmp_path):
    """The folder of a walk-forward's account has the file's parameters: null markets were of those."""
    folder = walked.result.save(tmp_path / "run")
    assert engine.significance(folder).answer == engine.significance(walked.result).answer
    with pytest.raises(InputError, match=r"the configuration makes another run; found a last equity of [\d,.]+, and"):
        engine.significance(folder, **asked)


def test_a_run_up_to_some_day_is_not_its_configurations(tmp_path):
    folder = engine.signals(CONFIG, asof="2016-12-30").result.save(tmp_path / "run")
    with pytest.raises(InputError, match="the configuration makes another run"):
        engine.significance(folder, null_markets=3)


def test_what_has_a_result_is_told_where(walked):
    for call in (engine.significance, engine.read_run):
        with pytest.raises(
            InputError, match=r"found WalkForwardResult; allowed: the account that it has as `\.result`"
        ):
            call(walked)
