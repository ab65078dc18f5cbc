# SPDX-License-Identifier: Apache-2.0
"""A benchmark without a value on some sessions: what it moved by meanwhile compounds, and is no daily return."""

import base64

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.report.kit.chart_rows import chart_rows
from engine.report.run.charts import equity_chart
from engine.runs.backtest import backtest, loaded
from tests.cases import Case, days

DATES = days("2024-01-02", 60)
PRICES = [round(100.0 + 0.5 * row + row % 3, 2) for row in range(60)]
"""Of what the run holds: no two closes one after the other alike, so what a benchmark is bought with has a day."""

LEVELS = 100.0 * np.exp(np.cumsum(np.random.default_rng(8).normal(0.0, 0.01, 60)))


@pytest.fixture
def sessions(tmp_path):
    """sessions(rows): the sessions of a run that is compared with LEVELS, which have a value on `rows` alone."""
    made = Case(tmp_path, "raw", series='("b",)')
    made.bars([f"{day},{p},{p},{p},{p},1000000,0,1" for day, p in zip(DATES, PRICES, strict=True)])
    made.add("series: {b: {symbol: B, path: b.csv, column: value, lag: {sessions: 0}, stale_after: 0}}\nbenchmark: b")

    def run(rows):
        values = LEVELS.tolist()
        made.write("b.csv", "date,value\n" + "".join(f"{DATES[row]},{values[row]!r}\n" for row in rows))
        result = backtest(loaded(tmp_path / "case.yaml"), glance=False)
        return result, analyse(result)

    return run


@pytest.mark.parametrize("gap", [(), (5,), tuple(range(20, 40)), (10, 11, 30, 58)])
def test_what_lies_between_two_values_compounds(sessions, gap):
    rows = [row for row in range(60) if row not in gap]
    found = sessions(rows)[1].sessions
    assert found.span == (0, 59)
    assert found.bought[rows] == pytest.approx(LEVELS[rows] / LEVELS[0], rel=1e-12)
    daily = [row for row in rows[1:] if row - 1 in rows]
    assert np.flatnonzero(~np.isnan(found.benchmark)).tolist() == daily
    assert found.benchmark[daily] == pytest.approx(LEVELS[daily] / LEVELS[np.array(daily) - 1] - 1, rel=1e-12)


@pytest.mark.parametrize(("first", "last"), [(0, 59), (25, 59), (0, 50), (25, 50)])
def test_it_is_bought_where_it_begins_and_sold_where_it_ends(sessions, first, last):
    result, analysis = sessions(range(first, last + 1))
    found = analysis.sessions
    inside = np.arange(first, last + 1)
    assert found.span == (first, last)
    assert np.flatnonzero(~np.isnan(found.bought)).tolist() == inside.tolist()
    assert found.bought[inside] == pytest.approx(LEVELS[inside] / LEVELS[first], rel=1e-12)
    traces = equity_chart(result, analysis, chart_rows(result, analysis))["data"]
    drawn = next(one["y"]["bdata"] for one in traces if "bought" in one["name"])
    worth = np.frombuffer(base64.b64decode(drawn), "f4")
    paid = found.nav[first + 1] if first else found.nav[0]
    assert worth[inside] == pytest.approx(paid * LEVELS[inside] / LEVELS[first], rel=1e-6)
    assert np.isnan(np.delete(worth, inside)).all()
