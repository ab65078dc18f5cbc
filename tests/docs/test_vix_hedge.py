# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/vix_hedge.md: tables against the strategy, the episodes against a run, figures against the bars."""

import re

import numpy as np
import pandas as pd
import pytest

from engine.strategy.params import declared_params
from strategies.hedges.regimes import Regime
from strategies.hedges.words import Reason
from strategies.vix_hedge import VixHedge, VixHedgeFund
from tests.docs.conftest import declared_rows, page, reason_rows, script, tables_with

PAGE = "strategies/vix_hedge.md"


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("vix_hedge_sample")


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    assert rows == declared_rows(VixHedgeFund.Params)
    assert set(declared_params(VixHedgeFund.Params)) - set(declared_params(VixHedge.Params)) == {"factor"}


def test_every_reason_is_on_the_page_with_its_words():
    (rows,) = tables_with(PAGE, "code", "words")
    assert rows == reason_rows(Reason)


def test_every_rule_has_a_reason_and_every_reason_a_rule():
    """Those from ROLL_TIME on are of puts, and on their page."""
    (rows,) = tables_with(PAGE, "rule", "reason")
    assert {row["reason"].strip("`") for row in rows} == {one.name.lower() for one in Reason if one < Reason.ROLL_TIME}


def test_the_rules_name_every_regime_and_threshold():
    (rows,) = tables_with(PAGE, "rule", "reason")
    words = " ".join(" ".join(row.values()) for row in rows)
    assert [row["rule"].partition(":")[0] for row in rows if row["order"]] == [
        "under the radar", "credit support", "stress", "credit concern", "divergence", "none",
    ]  # fmt: skip
    assert len([row for row in rows if row["order"]]) == len(Regime)
    thresholds = {one for names in VixHedge.watch.values() for one in names}
    assert thresholds <= set(re.findall(r"`(\w+)`", words))


def test_every_feature_is_on_the_page():
    (rows,) = tables_with(PAGE, "feature", "is")
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row["feature"])}
    assert named == set(VixHedge.watch)


def test_the_proxy_has_the_correlation_that_the_page_says(sample_run):
    features = sample_run.features
    known = np.isfinite(features["rvx_z"]) & np.isfinite(features["rvx_proxy_z"])
    found = np.corrcoef(features["rvx_z"][known], features["rvx_proxy_z"][known])[0, 1]
    assert f"a correlation of {found:.2f}: the proxy" in page(PAGE)


def moved(prices, days, year):
    """Log return of the last days in sigmas of the year that ended before them."""
    level = np.log(prices)
    return level.diff(days) / (level.diff().rolling(year).std().shift(days) * np.sqrt(days))


def test_the_alarms_of_the_radar_are_those_of_the_raw_files(real_data):
    """By pandas on the files: every alarm that the page lists meets the old rule, with the figures that it shows."""
    closes = {
        name: pd.read_csv(real_data / file, index_col="date", parse_dates=True)["close"]
        for name, file in (("small", "daily/IWM.csv"), ("large", "daily/SPY.csv"), ("vix", "index/VIX.csv"))
    }
    bars = pd.DataFrame(closes).dropna()["2000-05-26":"2026-05-01"]
    large = np.log(bars.large)
    floor = 0.5 * np.sqrt(10) * large.diff().rolling(250).std().shift(10)
    fear = moved(bars.vix, 10, 250)
    seen = pd.DataFrame({
        "times SPY": -np.log(bars.small).diff(10) / np.maximum(-large.diff(10), floor),
        "IWM/SPY": moved(bars.small / bars.large, 10, 250),
        "VIX, 10 sessions": fear, "VIX": bars.vix, "highest move of the month": fear.rolling(21, min_periods=1).max(),
    })  # fmt: skip
    (rows,) = tables_with(PAGE, "alarm", "now")
    for row in rows:
        day = seen.loc[row["alarm"]]
        assert {title: f"{day[title]:.2f}" for title in seen} == {title: row[title] for title in seen}
        assert day["times SPY"] >= 2.5
        assert day["IWM/SPY"] <= -1.5
        assert day["VIX, 10 sessions"] <= 1.0
        fits = day["VIX"] <= 25.0 and day["highest move of the month"] <= 2.0
        assert (row["now"] == "stands") == fits
    assert len(rows) == 27
    assert sum(row["now"] != "stands" for row in rows) == 6
    assert {"2007-07-24", "2011-07-27"} <= {row["alarm"] for row in rows if row["now"] == "stands"}


def test_the_risk_of_a_hedge_by_fund_is_that_of_the_raw_files(real_data):
    """By pandas, with distributions: within a hundredth of a per cent of what the table says, for each fund."""

    def total(name):
        bars = pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)
        return (bars["close"] + bars["dividend"]) / bars["close"].shift() - 1.0

    rows = {row[""]: row for row in tables_with(PAGE, "beta, all days", "hedged by the factor")[0]}
    for fund, factor in (("RWM", 1), ("TWM", 2), ("SRTY", 3)):
        both = pd.concat([total("IWM"), total(fund)], axis=1, join="inner").dropna()["2007-01-26":"2021-04-26"]
        known = both.iloc[120:]
        left = 100 * (known.iloc[:, 0] + known.iloc[:, 1] / factor).std()
        assert float(rows[fund]["hedged by the factor"].removesuffix(" %")) == pytest.approx(left, abs=0.01)
        assert float(rows[fund]["beta, all days"]) == pytest.approx(np.polyfit(*both.to_numpy().T, 1)[0], abs=0.01)
