# SPDX-License-Identifier: Apache-2.0
"""Bars that are not daily, through the real command: returns a year by time, risk a year by the bars' own spacing."""

import datetime as dt
import json

import numpy as np
import pytest

from engine.market.spacing import spacing
from tests import programs
from tests.cli.data_desk import DataDesk, bars_text, session_days


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def tandem(desk, *words):
    return programs.tandem(*words, cwd=desk.folder, env=desk.env)


def every(step: int, count: int, first: str = "2020-01-02") -> list[str]:
    """`count` sessions, each `step` sessions after the one before."""
    days = session_days(first, step * count + 5)
    return np.array(days[: step * count : step]).astype("M8[D]").astype(str).tolist()


def zigzag(count: int) -> list[float]:
    """Up 2 % and down 1 % in turn."""
    moves = np.where(np.arange(count) % 2, 1.02, 0.99)
    return np.round(100 * np.cumprod(moves), 6).tolist()


def daily_risk(ran) -> tuple[float, float]:
    """Mean and deviation of the run's returns from session to session."""
    nav = np.append(100_000.0, ran.table("equity")["equity"].to_numpy())
    returns = nav[1:] / nav[:-1] - 1
    return float(returns.mean()), float(returns.std(ddof=1))


def test_a_year_of_weekly_bars_is_a_year(desk):
    """52 Fridays, the last a Wednesday: 100 to 110 in 356 days, of which the account has 9.8 %."""
    first = dt.date(2023, 1, 13)
    days = [str(first + dt.timedelta(7 * n)) for n in range(51)] + ["2024-01-03"]
    days[days.index("2023-04-07")] = "2023-04-06"  # Good Friday
    desk.write("X.csv", bars_text(days, [100 + 10 * n / 51 for n in range(52)]))
    ran = desk.run(order="target(0, 1.0)").ok()
    figures = ran.metrics
    total = figures["total_return"]
    assert total == pytest.approx(0.098, abs=0.001)
    assert figures["cagr"] == pytest.approx((1 + total) ** (365.25 / 356) - 1, abs=0.0015)
    mean, deviation = daily_risk(ran)
    assert figures["volatility"] == pytest.approx(deviation * 52**0.5)
    assert figures["sharpe"] == pytest.approx(mean / deviation * 52**0.5)
    said = " ".join(ran.out.split())
    assert "- the bars are weekly: volatility, Sharpe ratio, alpha and their kin a year are those of 52 bars" in said
    assert "CAGR, turnover and costs a year go by the exchange's sessions, 252 a year" in said


@pytest.mark.parametrize(("step", "alpha"), [(1, 252), (5, 52), (21, 12)])
def test_alpha_a_year_comes_from_the_spacing(desk, step, alpha):
    """Half of X, whose part drifts with its price: what is left over the line is alpha."""
    desk.write("X.csv", bars_text(every(step, 60), zigzag(60)))
    ran = desk.run(order="target(0, 0.5)").ok()
    nav = np.append(100_000.0, ran.table("equity")["equity"].to_numpy())
    own, other = (nav[1:] / nav[:-1] - 1)[1:], np.diff(zigzag(60)) / zigzag(60)[:-1]
    slope = np.cov(own, other, ddof=0)[0, 1] / np.var(other)
    assert ran.metrics["alpha"] == pytest.approx((own.mean() - slope * other.mean()) * alpha, rel=1e-6, abs=1e-9)
    assert ran.metrics["alpha"] != 0
    page, said = (ran.made[0] / "report.html").read_text(), "of volatility, Sharpe ratio and alpha"
    assert (f"{said} {alpha} {'weekly' if step == 5 else 'monthly'} bars" in page) == (said in page) == (step > 1)


@pytest.mark.parametrize(
    ("step", "told"), [(1, "1d"), (5, "weekly"), (21, "monthly"), (63, "quarterly"), (2, "every 2 sessions")]
)
def test_data_check_says_how_far_apart_bars_are(desk, step, told):
    desk.write("X.csv", bars_text(every(step, 60), zigzag(60)))
    done = tandem(desk, "data", "check", "X.csv", "--json")
    (table,) = json.loads(done.stdout)["tables"]
    assert table["frequency"] == told
    gaps = [(one["severity"], one["words"]) for one in table["findings"] if one["kind"] == "gap"]
    assert gaps == (
        [] if step == 1 else [("info", f"{told}: {59 * (step - 1):,} of {59 * step + 1:,} sessions have no row")]
    )


def test_data_check_of_uneven_bars(desk):
    days = every(1, 200)
    desk.write("X.csv", bars_text(days[:60] + days[60:200:7], zigzag(80)))
    (table,) = json.loads(tandem(desk, "data", "check", "X.csv", "--json").stdout)["tables"]
    assert table["frequency"] == "uneven"
    assert [one["severity"] for one in table["findings"] if one["kind"] == "gap"] == ["warn"]


@pytest.mark.parametrize(("step", "a_year"), [(1, 252), (5, 52), (21, 12), (63, 4), (2, 126), (10, 25.2)])
def test_risk_a_year_comes_from_the_spacing(desk, step, a_year):
    days = every(step, 60)
    desk.write("X.csv", bars_text(days, zigzag(60)))
    ran = desk.run(order="target(0, 1.0)").ok()
    figures = ran.metrics
    mean, deviation = daily_risk(ran)
    assert figures["volatility"] == pytest.approx(deviation * a_year**0.5)
    assert figures["sharpe"] == pytest.approx(mean / deviation * a_year**0.5)
    years = (59 * step + 1) / 252
    assert figures["cagr"] == pytest.approx((1 + figures["total_return"]) ** (1 / years) - 1)
    assert figures["turnover"] > 0


def test_daily_bars_with_a_year_missing_have_their_return_over_all_of_the_time(desk):
    days = every(1, 1000)
    kept = days[:400] + days[652:]
    desk.write("X.csv", bars_text(kept, zigzag(len(kept))))
    ran = desk.run(order="target(0, 0.1)").ok()
    figures = ran.metrics
    assert figures["cagr"] == pytest.approx((1 + figures["total_return"]) ** (252 / 1000) - 1)
    assert figures["volatility"] == pytest.approx(daily_risk(ran)[1] * 252**0.5)
    assert "! 252 of 1,000 sessions of XNYS have no bar" in ran.out


def test_uneven_bars_have_no_risk_a_year_and_the_run_says_so(desk):
    days = every(1, 200)
    kept = days[:60] + days[60:200:7]
    desk.write("X.csv", bars_text(kept, zigzag(len(kept))))
    ran = desk.run(order="target(0, 1.0)").ok()
    figures = ran.metrics
    for name in ("volatility", "sharpe", "sortino", "alpha", "beta"):
        assert figures[name] is None
        assert "unevenly spaced" in figures["undefined"][name], name
    assert figures["cagr"] is not None
    assert "! 114 of 194 sessions" in ran.out
    assert "unevenly spaced: 19 of 79 steps" in ran.out
    assert "unevenly" in json.dumps(figures["undefined"])


def test_spacing_of_too_little_is_daily():
    for sessions in ([], [19000]):
        made = spacing(np.array(sessions, np.int64), np.array([], np.int64))
        assert (made.name, made.per_year, made.uneven) == ("daily", 252.0, "")
