# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/spread_trade.md: tables against the strategy, the episode against a run, figures against the bars."""

import numpy as np
import pandas as pd
import pytest

from strategies.spread_trade import Reason, SpreadTrade
from tests.docs.conftest import ROOT, declared_rows, reason_rows, script, tables_with

PAGE = "strategies/spread_trade.md"


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("spread_sample")


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    assert rows == declared_rows(SpreadTrade.Params)


def test_every_reason_is_on_the_page_with_its_words():
    (rows,) = tables_with(PAGE, "code", "words")
    assert rows == reason_rows(Reason)


def test_every_rule_has_a_reason_and_every_reason_a_rule():
    (rows,) = tables_with(PAGE, "rule", "reason")
    assert {row["reason"].strip("`") for row in rows} == {one.name.lower() for one in Reason}


def test_the_episode_is_that_of_the_run(sample_run):
    (rows,) = tables_with(PAGE, "decided", "shock")
    sessions, made = sample_run.market.sessions, []
    first, last = np.datetime64(rows[0]["decided"]), np.datetime64(rows[-1]["decided"])
    for decided in np.unique(sample_run.orders["born"]):
        if first <= sessions[decided] <= last:
            large, small = sample_run.orders[sample_run.orders["born"] == decided]
            features = sample_run.features[decided]
            made.append({
                "decided": str(sessions[decided]), "reason": sample_run.reasons[int(large["reason"])][0],
                "z": f"{features['z']:.2f}", "shock": f"{features['shock']:.2f}",
                "SPY": f"{large['asked']:+,.0f}", "IWM": f"{small['asked']:+,.0f}",
            })  # fmt: skip
    assert made == rows


def test_the_squeeze_of_the_sample_finds_nobody_in(sample_run):
    """What the page says of November 2021, and of the stop that closed the trade in May."""
    sessions = sample_run.market.sessions
    november = (sessions >= np.datetime64("2021-11-01")) & (sessions <= np.datetime64("2021-11-30"))
    assert (sample_run.gross[november] == 0.0).all()
    stops = sample_run.orders[sample_run.orders["reason"] == Reason.RATIO_STOP]
    assert "2021-05" in {str(sessions[row])[:7] for row in stops["born"]}


def test_the_report_in_the_readme_is_small_and_of_the_synthetic_market():
    """The picture itself is looked at; here only that it is there, a PNG of 1280 pixels, and under 300 kB."""
    picture = (ROOT / "docs" / "images" / "report.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") == 1280
    assert len(picture) <= 300_000
    assert "docs/images/report.png" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_how_often_the_cap_decides_is_that_of_the_raw_files(real_data):
    """By pandas: what each target asks for, against what the cap of both legs leaves, once 250 closes are known."""
    closes = pd.DataFrame({
        name: pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)["close"]
        for name in ("SPY", "IWM")
    }).dropna()["2000-05-26":"2026-05-01"]  # fmt: skip
    returns = np.log(closes).diff()
    window = returns.rolling(120)
    beta = window.cov().xs("SPY", level=1)["IWM"] / window["SPY"].var()
    hedge = 1.0 / beta.clip(0.25, 4.0)
    volatility = (returns["SPY"] - hedge * returns["IWM"]).rolling(120).std() * np.sqrt(252)
    known = volatility.notna() & (np.arange(len(closes)) >= 249)
    (rows,) = tables_with(PAGE, "target", "the cap decides, all sessions")
    for row in rows:
        asked = float(row["target"].rstrip(" %")) / 100.0 / volatility
        share = (asked > 1.6 / (1.0 + hedge))[known].mean()
        assert row["the cap decides, all sessions"] == f"{100 * share:.0f} %"


def test_the_shipped_target_is_the_highest_at_which_the_cap_decides_on_fewer_than_one_day_in_five():
    (rows,) = tables_with(PAGE, "target", "the cap decides, all sessions")
    seldom = [row for row in rows if max(float(row[name].rstrip(" %")) for name in list(row)[1:3]) < 20.0]
    assert SpreadTrade.Params.target_volatility.default == float(seldom[-1]["target"].rstrip(" %")) / 100.0


def test_what_july_2024_took_back_is_that_of_the_raw_files(real_data):
    """By pandas: from the highest close of SPY/IWM to the lowest, over the 252 sessions before."""
    legs = [
        pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)["close"]
        for name in ("SPY", "IWM")
    ]
    ratio = np.log(legs[0] / legs[1]).dropna()["2000-05-26":"2026-05-01"]
    summer = ratio["2024-06-03":"2024-08-15"]
    low = summer.idxmin()
    high = summer[:low].idxmax()
    before = ratio.iloc[ratio.index.get_loc(high) - 252]
    (row,) = [one for one in tables_with(PAGE, "of the year before")[0] if one["from"].startswith("2024")]
    assert (row["from"], row["to"]) == (f"{high:%Y-%m-%d}", f"{low:%Y-%m-%d}")
    assert row["of the year before"] == f"{100 * (ratio[high] - ratio[low]) / (ratio[high] - before):.0f} %"
