# SPDX-License-Identifier: Apache-2.0
"""Runs whose strategies declare parts: sections, charts, files, and the same page from the files alone."""

import io
import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema
import numpy as np
import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from engine.analytics.analysis import analyse
from engine.analytics.attribution.parts import Attribution
from engine.errors import InputError
from engine.report.folder.read_run import read_run
from engine.report.folder.rebuilt import rebuild_report
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import chart_rows
from engine.report.kit.page import plotly_source
from engine.report.run.attribution_document import read_interpretation
from engine.report.run.attribution_sections import hedge_words
from engine.report.run.level_chart import MOST_DOTTED, MOST_STRETCHES, level_figures
from engine.report.run.page import figures
from engine.report.run.part_tables import show_parts
from engine.report.run.replica_section import replica_section
from engine.runs.backtest import backtest
from engine.strategy.base import ReasonKind
from engine.strategy.interpretation import Interpretation, RegimePath, Replica, Stretch
from engine.strategy.reasons import ReasonWords
from tests.counting import Counted

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "attribution.json").read_text(encoding="utf-8"))
CHARTS = {
    "double_agent": {"agents", "levels-small", "levels-small-now"},
    "vix_hedge_fund": {"hedge"},
    "fund_replica": {"replica"},
    "spread": set(),
}
FILES = {
    "double_agent": {"attribution.json", "levels.parquet"},
    "vix_hedge_fund": {"attribution.json"},
    "fund_replica": {"attribution.json"},
    "spread": set(),
}


@pytest.fixture(scope="module", params=sorted(CHARTS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def run(name):
    return backtest(ROOT / "configs" / f"{name}_sample.yaml", ["period.end=2012-12-31"])


def test_each_declaration_has_its_charts_and_no_other(run, name):
    plain = {"equity", "ratio", "exposure", "margin", "legs", "cost-paths", "cost-split", "distribution"}
    analysis = analyse(run)
    drawn = figures(run, analysis, chart_rows(run, analysis))
    closed = len(analysis.facts.trip_pnl) > 0
    assert closed == (name != "fund_replica")
    assert set(drawn) == plain - (set() if closed else {"distribution"}) | CHARTS[name]
    for figure in drawn.values():
        assert go.Figure(figure).to_dict()["data"]


def test_the_nearest_known_levels_are_dotted_in_the_last_chart(run, name):
    if name != "double_agent":
        pytest.skip("this strategy has no levels")
    analysis = analyse(run)
    drawn = figures(run, analysis, chart_rows(run, analysis))
    close = run.market.small.close[-1]
    wanted = sorted((abs(one.price - close), one.price) for one in run.interpretation.known)[:MOST_DOTTED]
    assert len(run.interpretation.known) > MOST_DOTTED
    assert [line["y0"] for line in drawn["levels-small-now"]["layout"]["shapes"]] == [price for _, price in wanted]
    assert drawn["levels-small"]["layout"]["shapes"] == []


def test_the_folder_holds_what_the_page_says(run, name, written):
    published = written(run)
    found = {path.name for path in published.folder.iterdir()}
    assert found & {"attribution.json", "levels.parquet"} == FILES[name]
    page = published.report.read_text(encoding="utf-8").replace(plotly_source(), "")
    sections = set(re.findall(r'<section id="([\w-]+)"', page))
    wanted = {"double_agent": {"agents", "levels"}, "vix_hedge_fund": {"hedge"}, "fund_replica": {"replica"}}
    assert sections & {"agents", "levels", "hedge", "regimes", "replica"} == wanted.get(name, set())
    assert set(re.findall(r'id="chart-([\w-]+)"', page)) >= CHARTS[name]
    if FILES[name]:
        document = json.loads((published.folder / "attribution.json").read_text(encoding="utf-8"))
        jsonschema.validate(document, SCHEMA)


def test_the_page_comes_again_from_the_files_alone(run, written, tmp_path):
    published = written(run)
    again = rebuild_report(published.folder, tmp_path / "again.html").page
    assert again.read_bytes() == published.report.read_bytes()
    back = read_run(published.folder).interpretation
    assert back.agents == run.interpretation.agents
    np.testing.assert_equal([*map(asdict, back.known)], [*map(asdict, run.interpretation.known)])  # NaN is NaN here
    assert back.levels == run.interpretation.levels
    assert back.replica == run.interpretation.replica
    if run.interpretation.regimes is None:
        assert back.regimes is None
    else:
        assert back.regimes.codes.tolist() == run.interpretation.regimes.codes.tolist()
        assert replace(back.regimes, codes=0) == replace(run.interpretation.regimes, codes=0)


def test_a_missing_file_is_named(run, name, written):
    if not FILES[name]:
        pytest.skip("this strategy has no such file")
    for file in sorted(FILES[name]):
        published = written(run)
        (published.folder / file).unlink()
        with pytest.raises(InputError, match=re.escape(file)):
            read_run(published.folder)


def test_levels_are_columns(run, name, written):
    if name != "double_agent":
        pytest.skip("this strategy has no levels")
    rows = pq.read_table(written(run).folder / "levels.parquet").to_pylist()
    page = (ROOT / "docs" / "run_folder.md").read_text(encoding="utf-8").partition("## levels.parquet")[2]
    named = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(named))) == set(rows[0])
    assert {row["name"] for row in rows} >= {"support", "bear_stop", "bull_stop", "bear_tier_2"}
    for row in rows:
        assert row["symbol"] == "IWM"
        assert row["first"] == run.market.sessions[row["first_row"]].item()
        assert row["price"] > 0
        assert (row["order_id"] == 0) == (row["name"] in ("support", "neckline", "target"))


def test_the_terminal_says_it_in_80_columns(run, name):
    analysis, console = analyse(run), Console(width=80, file=io.StringIO(), force_terminal=False)
    show_parts(analysis, console)
    said = console.file.getvalue()
    assert all(len(line.rstrip()) <= 80 for line in said.splitlines())
    words = {"double_agent": ("bear", "bull", "rest"), "vix_hedge_fund": ("none", "stress", "2011")}
    words |= {"fund_replica": ("alpha share", "months"), "spread": ()}
    assert all(word in said for word in words[name])
    assert bool(said) == bool(words[name])


def test_regimes_without_a_hedge_have_their_section(result):
    codes = (np.arange(len(result.market)) // 100) % 2
    told = replace(result, interpretation=Interpretation(regimes=RegimePath({0: "calm", 1: "fear"}, codes)))
    analysis = analyse(told)
    drawn = figures(told, analysis, chart_rows(told, analysis))
    assert [trace["name"] for trace in drawn["ratio"]["data"][-2:]] == ["calm", "fear"]
    console = Console(width=80, file=io.StringIO())
    show_parts(analysis, console)
    assert "fear" in console.file.getvalue()


def test_too_few_months_have_no_figure(result):
    features = np.zeros(len(result.market), [(name, "f8") for name in Replica().features.values()])
    features["published"][::100] = 1.0
    told = replace(result, features=features, interpretation=Interpretation(replica=Replica()))
    analysis = analyse(told)
    assert analysis.parts.alpha.months == len(features["published"][::100])
    page = replica_section(analysis.parts.alpha)
    assert "11 months are too few for a figure; 12 are needed" in page
    features["published"] = 0.0
    assert "replica" not in figures(told, analysis, chart_rows(told, analysis))


@pytest.mark.parametrize(
    ("told", "hedge"),
    [([], ()), (["inverse", "put"], ("inverse", "put")), ("inverse + put", ("inverse", "put")), ("", ())],
)
def test_a_hedge_is_a_list_and_in_old_documents_text(told, hedge):
    regimes = {"names": {}, "spans": [], "hedged": "small", "hedge": told, "base": 1.0, "sums": [], "episodes": []}
    document = {"agents": [], "regimes": regimes, "replica": None, "known_levels": [], "stretches": 0}
    jsonschema.validate(document, SCHEMA)
    assert read_interpretation(document, [], 3).regimes.hedge == hedge


def test_stops_of_two_agents_have_two_colours_and_a_limit_a_third(result, analysis):
    kinds = {"bear_out": ReasonKind.STOP, "bull_out": ReasonKind.STOP, "bear_stop": ReasonKind.ENTRY}
    reasons = {code: ReasonWords(name, "", kind) for code, (name, kind) in enumerate(kinds.items(), 1)}
    levels = tuple(Stretch("small", name, 50.0, 10, 20, order) for order, name in enumerate(kinds, 1))
    told = replace(result, interpretation=Interpretation(agents=("bear", "bull"), levels=levels), reasons=reasons)
    drawn = level_figures(told, chart_rows(result, analysis))["levels-small"]["data"]
    colours = {trace["name"].partition(" (")[0]: trace["line"]["color"] for trace in drawn[1:]}
    assert colours == {"bear out": style.RED, "bull out": style.PURPLE, "bear stop": style.ORANGE}


def test_levels_of_a_long_run_do_not_look_at_every_bar_each(long_run):
    run = long_run(400_000, 390)
    levels = tuple(Stretch("small", "support", 50.0 + at % 7, 100 * at, 100 * at + 80) for at in range(3_500))
    told = replace(run, interpretation=Interpretation(levels=levels))
    shown = chart_rows(told, analyse(told))
    counted = replace(told, market=replace(told.market, bars=told.market.bars.view(Counted)))
    Counted.looked = 0
    drawn = level_figures(counted, shown)
    assert len(levels) < Counted.looked < 10 * len(told.market)
    (support,) = (trace for trace in drawn["levels-small"]["data"] if trace["name"].startswith("support"))
    assert support["name"] == "support (3,500)"
    assert len(support["text"]) == 3 * MOST_STRETCHES - 1


def test_the_hedge_in_one_sentence():
    from engine.analytics.attribution.parts import RegimeSum

    sums = (
        RegimeSum("calm", 9, 1, 10.0, -3.0, 0.0, 0.0),
        RegimeSum("credit_concern", 9, 1, 10.0, 5.0, 0.0, 0.0),
        RegimeSum("unknown", 9, 1, 10.0, 0.0, 0.0, 0.0),
    )
    assert hedge_words(sums).endswith("It paid 5 in credit concern. It cost 3 in calm.")
    assert hedge_words(sums[:1]).endswith("It paid in no regime. It cost 3 in calm.")
    assert hedge_words(sums).startswith("The hedge made 2 in all")


def test_nothing_declared_nothing_said(analysis):
    console = Console(file=io.StringIO())
    show_parts(replace(analysis, parts=Attribution()), console)
    assert console.file.getvalue() == ""
