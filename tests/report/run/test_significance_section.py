# SPDX-License-Identifier: Apache-2.0
"""`tandem report RUN --significance`: on the terminal, on the page, as JSON, and what cannot be judged."""

import json
import math
from statistics import NormalDist

import jsonschema
import pytest
from scipy import stats

import engine
from engine.analytics.significance.judged import judge
from engine.errors import InputError
from tests.report.run.conftest import CONFIG, SCHEMA, report


def test_the_document_follows_its_schema_and_the_metrics(run, folder):
    told = json.loads(report(folder, "--significance", "--json").output)
    jsonschema.validate(told, SCHEMA)
    found = told["significance"]
    assert found["sessions"] == len(run.equity)
    assert found["sharpe"] == pytest.approx(run.metrics.sharpe, rel=1e-12)
    for name, one in found["intervals"]["of"].items():
        assert one["value"] == pytest.approx(run.metrics[name], rel=1e-9), name
        assert one["low"] < one["high"], name
    assert [one["level"] for one in found["notices"]] == (["loud"] if found["probabilistic_sharpe"] < 0.95 else [])


def test_the_ratio_is_judged_by_the_shape_of_its_own_returns(run, folder):
    """Bailey and Lopez de Prado (2012), on the returns over cash, whose moments are those of scipy."""
    found = json.loads(report(folder, "--significance", "--json").output)["significance"]
    excess = run.analysis.sessions.returns - run.analysis.sessions.rates / 252
    ratio, sessions = excess.mean() / excess.std(ddof=1), len(excess)
    skew, kurtosis = stats.skew(excess), stats.kurtosis(excess, fisher=False)
    assert (found["skew"], found["kurtosis"]) == pytest.approx((skew, kurtosis), rel=1e-9)
    spread = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2
    expected = NormalDist().cdf(ratio * math.sqrt((sessions - 1) / spread))
    assert found["probabilistic_sharpe"] == pytest.approx(expected, rel=1e-9)


def test_page_and_terminal_say_the_same_and_the_run_stays_as_it_was(folder, tmp_path):
    plain = report(folder, "--out", tmp_path / "plain.html")
    assert "What the figures are worth" not in (tmp_path / "plain.html").read_text(encoding="utf-8")
    assert plain.output.startswith("report ")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    said = report(folder, "--significance", "--out", tmp_path / "judged.html").output
    page = (tmp_path / "judged.html").read_text(encoding="utf-8")
    for words in ("What the figures are worth", "Max drawdown", "minimum track record"):
        assert words in said
        assert words in page
    assert max(map(len, said.splitlines()[:-1])) <= 80
    report(folder, "--significance", "--out", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "judged.html").read_bytes()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["period.start=2018-10-15"], "needs at least 60 sessions, the run has 53"),
        (["period.start=2018-01-02", "params.enter=5"], "no order filled"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_the_reason(settings, said):
    short = engine.backtest(CONFIG, [*settings, "period.end=2018-12-31", "mode=interpreted"])
    with pytest.raises(InputError, match=said):
        judge(short.record, short.analysis)
