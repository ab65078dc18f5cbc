# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/fund_replica.md: tables against the strategy, the episode against a run, figures against the bars."""

import numpy as np
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
