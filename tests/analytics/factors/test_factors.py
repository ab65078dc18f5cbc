# SPDX-License-Identifier: Apache-2.0
"""Returns on factors: equal to statsmodels by hand, planted loadings found, bad files refused in words."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from typer.testing import CliRunner

import engine
from engine.analytics.analysis import analyse
from engine.analytics.factors.model import attribute, newey_west_lags
from engine.analytics.factors.reading import read_factors
from engine.cli.application import app
from engine.errors import DataError, InputError

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "report.json").read_text(encoding="utf-8"))
PERIOD = ["period.start=2016-01-04", "period.end=2019-12-31"]


@pytest.fixture(scope="module")
def run():
    return engine.backtest("configs/spread_sample.yaml", PERIOD)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return run.save(tmp_path_factory.mktemp("runs") / "one")


def returns_of(run):
    sessions = run.analysis.sessions
    return pd.Series(sessions.returns, pd.DatetimeIndex(sessions.dates))


def planted(run, loadings=(0.8, -0.4), noise=1e-3, seed=5):
    """Factors that the run's returns are made of: the last one makes up for what the others leave."""
    own = returns_of(run)
    draws = np.random.default_rng(seed)
    first = draws.normal(0, 0.01, len(own))
    second = (own.to_numpy() - 1e-4 - loadings[0] * first + draws.normal(0, noise, len(own))) / loadings[1]
    return pd.DataFrame({"mkt_rf": first, "smb": second, "rf": 0.0}, index=own.index)


def written(frame, path, divide=1.0):
    (frame * divide).rename_axis("date").to_csv(path, float_format="%.17g")
    return path


def attributed(run, path, unit="fraction"):
    return attribute(run.record, analyse(run.record), read_factors(path, unit))


def noisy(run, seed=7):
    own = returns_of(run)
    draws = np.random.default_rng(seed)
    columns = {"mkt_rf": 0.7 * own + draws.normal(0, 0.008, len(own)), "smb": draws.normal(0, 0.005, len(own))}
    return pd.DataFrame(columns | {"rf": 5e-5}, index=own.index)


def by_hand(own, factors, lags):
    return sm.OLS(own, sm.add_constant(factors)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})


@pytest.mark.parametrize(("unit", "divide"), [("fraction", 1.0), ("percent", 100.0)])
def test_daily_figures_are_those_of_statsmodels(run, tmp_path, unit, divide):
    frame = noisy(run)
    found = attributed(run, written(frame, tmp_path / "f.csv", divide), unit)
    (fit,) = found.fits
    own = returns_of(run) - frame["rf"]
    lags = int(np.floor(4 * (len(own) / 100) ** (2 / 9)))
    theirs = by_hand(own, frame[["mkt_rf", "smb"]], lags)
    assert found.lags == lags == newey_west_lags(len(own))
    assert fit.alpha / 252 == pytest.approx(theirs.params["const"], rel=1e-12, abs=1e-15)
    assert fit.alpha_error / 252 == pytest.approx(theirs.bse["const"], rel=1e-12)
    assert fit.r2 == pytest.approx(theirs.rsquared, rel=1e-12)
    for one in fit.loadings:
        assert one.loading == pytest.approx(theirs.params[one.name], rel=1e-12)
        assert one.error == pytest.approx(theirs.bse[one.name], rel=1e-12)
        assert one.t == pytest.approx(theirs.params[one.name] / theirs.bse[one.name], rel=1e-12)
    assert sum(one.share for one in fit.loadings) == pytest.approx(fit.r2, rel=1e-10)


def test_monthly_figures_are_those_of_compounded_months(run, tmp_path):
    own = returns_of(run)
    months = (1 + own).groupby(own.index.to_period("M")).prod() - 1
    draws = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"mkt_rf": 0.5 * months + draws.normal(0, 0.02, len(months)), "rf": 0.001}, index=months.index
    )  # fmt: skip
    path = tmp_path / "m.csv"
    frame.rename_axis("month").to_csv(path, float_format="%.17g")
    found = attributed(run, path)
    whole = months.index[months.index > "2016-01"] if own.index[0].day > 4 else months.index
    theirs = by_hand((months - 0.001)[whole], frame.loc[whole, ["mkt_rf"]], newey_west_lags(len(whole)))
    (fit,) = found.fits
    assert (found.period, fit.periods) == ("monthly", len(whole))
    assert fit.alpha / 12 == pytest.approx(theirs.params["const"], rel=1e-12)
    assert fit.loadings[0].t == pytest.approx(theirs.params["mkt_rf"] / theirs.bse["mkt_rf"], rel=1e-12)


def test_planted_loadings_are_found(run, tmp_path):
    found = attributed(run, written(planted(run, noise=1e-6), tmp_path / "f.csv"))
    (fit,) = found.fits
    assert [one.loading for one in fit.loadings] == [pytest.approx(0.8, abs=1e-3), pytest.approx(-0.4, abs=1e-3)]
    assert fit.alpha == pytest.approx(252e-4, rel=1e-2)
    assert fit.r2 > 0.999


def test_without_a_rate_the_runs_own_is_taken_off(run, tmp_path):
    frame = noisy(run).drop(columns="rf")
    found = attributed(run, written(frame, tmp_path / "f.csv"))
    less = run.analysis.sessions.rates / 252
    theirs = by_hand(returns_of(run) - less, frame, found.lags)
    assert found.rate == "the benchmark rate of the run"
    assert found.fits[0].alpha / 252 == pytest.approx(theirs.params["const"], rel=1e-10, abs=1e-15)


def test_sessions_without_factors_are_counted(run, tmp_path):
    frame = noisy(run)
    few = attributed(run, written(frame.drop(frame.index[[100, 200]]), tmp_path / "a.csv"))
    (said,) = few.notices
    assert (said.level, said.text[:16]) == ("note", "2 sessions of th")
    assert few.fits[0].periods == len(frame) - 2
    late = attributed(run, written(frame.iloc[-300:], tmp_path / "b.csv"))
    assert [one.level for one in late.notices] == ["loud"]


def bad(frame, kind):
    twice = pd.concat([frame, frame.iloc[5:6]])
    return {
        "twice": twice,
        "constant": frame.assign(smb=0.001),
        "collinear": frame.assign(hml=2 * frame["mkt_rf"] - frame["smb"]),
        "few": frame.iloc[:40],
        "elsewhere": frame.set_axis(frame.index + pd.Timedelta(days=4000), axis=0),
        "marked": frame.assign(smb=frame["smb"].where(frame.index != frame.index[3], -99.99)),
        "none": frame[["rf"]],
    }[kind]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("twice", "a date that stands twice"),
        ("constant", "smb: a factor that does not move"),
        ("collinear", "hml is a combination of mkt_rf, smb"),
        ("few", "too few sessions with factors; found 40 in common"),
        ("elsewhere", "too few sessions with factors; found 0 in common"),
        ("marked", "smb: a mark of no value"),
        ("none", "no factor"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused(run, tmp_path, kind, words):
    path = written(bad(noisy(run)[["mkt_rf", "smb", "rf"]], kind), tmp_path / "f.csv")
    with pytest.raises(DataError) as caught:
        attributed(run, path)
    assert words in str(caught.value)


@pytest.mark.parametrize(("stated", "other", "divide"), [("fraction", "percent", 100.0), ("percent", "fraction", 1.0)])
def test_a_unit_that_cannot_be_true_is_refused(run, tmp_path, stated, other, divide):
    path = written(noisy(run), tmp_path / "f.csv", divide)
    with pytest.raises(DataError, match=f"--factor-unit {other}"):
        read_factors(path, stated)
    assert read_factors(path, other).period == "daily"


@pytest.mark.parametrize("unit", [None, "precent"])
def test_the_unit_is_never_guessed(run, tmp_path, unit):
    with pytest.raises(InputError, match="stated, never guessed"):
        read_factors(written(noisy(run), tmp_path / "f.csv"), unit)


def test_the_command_draws_prints_and_tells(run, folder, tmp_path):
    factors = written(noisy(run), tmp_path / "f.csv", 100.0)
    words = ["report", str(folder), "--factors", str(factors), "--factor-unit", "percent"]
    told = json.loads(CliRunner().invoke(app, [*words, "--out", str(tmp_path / "r.html"), "--json"]).stdout)
    jsonschema.validate(told, SCHEMA)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Returns on factors" in page
    shown = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "s.html")]).stdout
    assert "Newey-West errors" in shown
    assert f"{told['factors']['fits'][0]['loadings']['mkt_rf']['loading']:.3f}" in shown
    assert "Returns on factors" not in (folder / "report.html").read_text(encoding="utf-8")


def test_each_sleeve_has_loadings_of_its_own(tmp_path):
    run = engine.backtest("configs/portfolio_sample.yaml", PERIOD)
    found = attributed(run, written(noisy(run), tmp_path / "f.csv"))
    assert [fit.name for fit in found.fits][1:] == list(run.record.sleeves)


def test_a_backtest_does_not_import_statsmodels():
    code = "import sys, engine.cli.backtest_commands, engine.report.run.page, engine.report.folder.run_folder\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('statsmodels' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
