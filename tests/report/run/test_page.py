# SPDX-License-Identifier: Apache-2.0
"""The report: valid figures, one self-contained page, nothing a name in the data could break, quick enough."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.analytics.analysis import analyse
from engine.kernel.codes import EntryKind
from engine.model.run import Account, Fills, Margin
from engine.notice import note
from engine.report.kit.chart_rows import ALL_BARS, REDUCED, chart_rows, extreme_rows
from engine.report.kit.encoding import figures_json, packed
from engine.report.kit.page import plotly_source
from engine.report.run.page import figures, render
from tests.counting import calls

VOID = {"meta", "br", "link", "img", "input"}


@pytest.fixture(scope="module")
def page(result, analysis):
    return render(result, analysis)


def without_scripts(page):
    return re.sub(r"<script.*?</script>", "", page.replace(plotly_source(), ""), flags=re.DOTALL)


def test_every_figure_is_one_that_plotly_accepts(result, analysis):
    drawn = figures(result, analysis, chart_rows(result, analysis))
    assert set(drawn) == {"equity", "ratio", "exposure", "margin", "legs", "cost-paths", "cost-split", "distribution"}
    for name, figure in drawn.items():
        assert go.Figure(figure).to_dict()["data"], name


def test_every_chart_has_its_place_and_every_place_its_chart(page):
    stored = json.loads(re.search(r'id="figure-data">(.*?)</script>', page, re.DOTALL).group(1))
    assert set(re.findall(r'id="chart-([\w-]+)"', page)) == set(stored["figures"])
    for figure in stored["figures"].values():
        for trace in figure["data"]:
            for axis in ("x", "y"):
                if isinstance(trace.get(axis), dict):
                    assert trace[axis]["pool"] < len(stored["pool"])


def test_ids_are_used_once(page):
    ids = re.findall(r'\sid="([^"]+)"', page.replace(plotly_source(), ""))
    assert len(ids) == len(set(ids))


def test_the_page_asks_nothing_of_the_network(page):
    own = page.replace(plotly_source(), "")
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(|https?://""", own)


def test_tags_are_closed_in_order(page):
    class Checker(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in VOID:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed(without_scripts(page))
    assert checker.open == []


def test_every_section_is_there(page):
    text = without_scripts(page)
    for anchor in ("figures", "equity", "ratio", "exposure", "margin", "legs", "months", "costs", "trips", "unwinds"):
        assert f'<section id="{anchor}">' in text
    for word in (
        "synthetic",
        "filled at the next open",
        "unwind half",
        "2016-01-04 to 2019-12-31",
        "How these numbers",
    ):
        assert word in text


def test_names_from_the_configuration_cannot_become_markup(result, analysis):
    evil = "</script><script>alert(1)</script>"
    market = replace(result.market, label=evil, symbols={"large": "<i>A", "small": "B&C"})
    reasons = {code: one._replace(words=f"{evil}%{{x}}") for code, one in result.reasons.items()}
    page = render(replace(result, market=market, reasons=reasons, notices=(note(evil),)), analysis)
    own = page.replace(plotly_source(), "")
    assert "<script>alert" not in own
    assert "<i>A" not in own
    assert own.count("</script>") == 3


def test_equity_on_the_chart_is_the_equity_of_the_run(result, analysis):
    shown = chart_rows(result, analysis)
    trace = next(one for one in figures(result, analysis, shown)["equity"]["data"] if one["name"] == "equity")
    np.testing.assert_allclose(_values(trace["y"], "f4"), result.points["equity"], rtol=1e-6)
    days = _values(trace["x"], "f8") / 86_400_000
    np.testing.assert_array_equal(days, result.market.bars["session"])


def test_months_compound_to_years(page, analysis):
    body = re.search(r'<table class="heat">.*?</table>', page, re.DOTALL).group(0)
    rows = re.findall(r'<th scope="row">(\d+)</th>(.*?)</tr>', body, re.DOTALL)
    assert [year for year, _ in rows] == ["2016", "2017", "2018", "2019"]
    for _, cells in rows:
        figures_ = [float(cell.replace("−", "-")) / 100 for cell in re.findall(r">([−\d.]+)</td>", cells)]
        assert np.prod(1 + np.array(figures_[:12])) - 1 == pytest.approx(figures_[12], abs=0.007)
    total = np.prod(1 + analysis.sessions.returns) - 1
    assert total == pytest.approx(analysis.metrics["total_return"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": Account(margin=Margin(kind="none"))}, "No margin rules"),
        ({"fills": Fills(at="this_close")}, "Same-bar fills"),
        ({"fills": Fills(intrabar="optimistic")}, "Optimistic fills"),
    ],
)
def test_what_flatters_a_run_is_said_loudly(result, analysis, change, words):
    page = render(replace(result, config=result.config.model_copy(update=change)), analysis)
    assert re.search(f'<p class="loud" role="alert">{words}', page)


def test_a_ruined_run_still_draws(result):
    points = result.points.copy()
    points["equity"][500:] = -1.0
    ruined = replace(result, points=points)
    page = render(ruined, analyse(ruined))
    assert re.search(r'class="loud" role="alert">Ruined: equity was not positive on 20', page)
    assert 'id="log"' not in page


def test_a_run_without_trades_draws(result):
    empty = replace(result, ledger=result.ledger[result.ledger["kind"] == EntryKind.DEPOSIT], orders=result.orders[:0])
    page = render(empty, analyse(empty))
    assert "No position was ever opened." in page
    assert "No order was sent." in page


class TestLongRuns:
    def test_minutes_are_shown_by_session_and_the_page_says_so(self, long_run):
        run = long_run(60_000, 390)
        shown = chart_rows(run, analyse(run))
        assert len(shown.rows) == 154
        assert shown.note == "Charts show the 154 session closes of 60,000 bars."
        assert shown.note in render(run, analyse(run))

    def test_very_many_sessions_are_shown_by_their_extremes(self, long_run):
        run = long_run(30_000, 1)
        shown = chart_rows(run, analyse(run))
        equity = run.points["equity"]
        assert len(shown.rows) <= REDUCED
        assert {0, 29_999, int(equity.argmin()), int(equity.argmax())} <= set(shown.rows.tolist())
        assert "of 30,000 bars" in shown.note

    def test_short_runs_are_shown_whole(self, result, analysis):
        assert len(result.points) < ALL_BARS
        assert chart_rows(result, analysis).note == ""

    def test_extremes_are_kept(self):
        values = np.sin(np.arange(100_000))
        values[77_777] = 9.0
        rows = extreme_rows(values, 400)
        assert 77_777 in rows
        assert len(rows) <= 400
        assert np.all(np.diff(rows) > 0)


def test_twenty_five_years_are_drawn_with_the_calls_of_four(long_run):
    """Arrays are handed over whole: nothing is done bar by bar."""
    four, many = (lambda run=run: render(run, analyse(run)) for run in (long_run(1_000, 1), long_run(6_500, 1)))
    four()  # what is imported and cached on the way counts for nobody
    assert calls(many) < 1.5 * calls(four)


def test_long_arrays_are_stored_once():
    x = packed(np.arange(5.0), "f8")
    traces = [{"type": "scatter", "x": x, "y": packed(np.arange(5.0) + number)} for number in range(3)]
    stored = json.loads(figures_json({"a": {"data": traces, "layout": {"title": "</script>"}}}))
    assert len(stored["pool"]) == 4
    assert [trace["x"]["pool"] for trace in stored["figures"]["a"]["data"]] == [0, 0, 0]
    assert traces[0]["x"] is x


def _values(array, kind):
    import base64

    return np.frombuffer(base64.b64decode(array["bdata"]), kind)
