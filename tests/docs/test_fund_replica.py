# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/fund_replica.md: tables against the strategy, the episode against a run, figures against the bars."""

import numpy as np
import pandas as pd
import pytest

from engine.indicators import relative_fall
from strategies.fund_replica import FundReplica, Reason
from tests.docs.conftest import declared_rows, reason_rows, script, tables_with

PAGE = "strategies/fund_replica.md"


@pytest.fixture(scope="module")
def figures():
    return script("replica_figures")


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("fund_replica_sample", ("params.cut_to=0.5",))


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    assert rows == declared_rows(FundReplica.Params)


def test_every_reason_is_on_the_page_with_its_words():
    (rows,) = tables_with(PAGE, "code", "words")
    assert rows == reason_rows(Reason)


def test_every_rule_has_a_reason_and_every_reason_a_rule():
    (rows,) = tables_with(PAGE, "rule", "reason")
    assert {row["reason"].strip("`") for row in rows} == {one.name.lower() for one in Reason}


def test_the_episode_is_that_of_the_run(sample_run, figures):
    (rows,) = tables_with(PAGE, "decided", "VIX")
    market, p, orders = sample_run.market, sample_run.params, sample_run.orders
    fall = relative_fall(market.small.close, market.large.close, p["fall_days"], p["fall_window"], p["fall_floor"])
    start, stop = np.searchsorted(market.sessions, np.array([figures.FIRST, figures.LAST], "M8[D]"))
    made = []
    for decided in np.unique(orders["born"][(orders["born"] >= start) & (orders["born"] <= stop)]):
        sent = orders[orders["born"] == decided]
        made.append({
            "decided": str(market.sessions[decided]), "reason": sample_run.reasons[int(sent[0]["reason"])][0],
            "IWM against SPY": f"{fall[decided]:.2f}", "VIX": f"{market.vix[decided]:.2f}",
            **{market.symbols[market.roles[one["role"]]]: f"{one['asked']:+,.0f}" for one in sent},
        })  # fmt: skip
    assert made == rows


def test_the_weights_of_the_claim_are_those_of_the_raw_files(real_data):
    """By pandas on the files, and errors by the sum of Newey and West written out: each to a hundredth or two."""

    def monthly(name):
        bars = pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)
        wealth = ((bars["close"] + bars["dividend"]) / bars["close"].shift()).cumprod()
        return wealth.groupby(wealth.index.to_period("M")).last().pct_change()

    def read(name):
        return pd.read_csv(real_data / name, index_col="date", parse_dates=True) / 100

    fund = read("hedge_funds/edhec_monthly_pct.csv")["Long/Short Equity"]
    rate = read("rates/DTB3.csv")["dtb3_pct"]
    bill = rate.groupby(rate.index.to_period("M")).mean() / 12
    names = ("IWN", "IWF", "EEM")
    table = pd.concat([fund.set_axis(fund.index.to_period("M")), *map(monthly, names)], axis=1)["2003-05":"2018-11"]
    excess = table.sub(bill, axis=0).dropna().to_numpy()
    design = np.column_stack([np.ones(len(excess)), excess[:, 1:]])
    weights = np.linalg.lstsq(design, excess[:, 0])[0]
    scores = design * (excess[:, 0] - design @ weights)[:, None]
    middle = scores.T @ scores
    for lag in range(1, 7):
        part = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / 7) * (part + part.T)
    outer = np.linalg.inv(design.T @ design)
    errors = np.sqrt(np.diag(outer @ middle @ outer))
    three = next(rows for rows in tables_with(PAGE, "factor", "Newey-West") if len(rows) == 3)
    assert [row["factor"] for row in three] == list(names)
    assert [float(row["weight"]) for row in three] == pytest.approx(weights[1:], abs=0.02)
    assert [float(row["Newey-West"]) for row in three] == pytest.approx(errors[1:], abs=0.01)
