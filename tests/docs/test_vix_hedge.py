# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/vix_hedge.md: tables against the strategy, the episodes against a run, figures against the bars."""

import re

import numpy as np
import pytest

from engine.strategy.params import declared_params
from strategies.vix_hedge import Reason, Regime, VixHedge, VixHedgeFund
from tests.docs.conftest import declared_rows, page, reason_rows, script, tables_with

PAGE = "strategies/vix_hedge.md"


@pytest.fixture(scope="module")
def figures():
    return script("hedge_figures")


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
        "under the radar", "credit support", "stress", "credit concern", "divergence", "calm",
    ]  # fmt: skip
    assert len([row for row in rows if row["order"]]) == len(Regime)
    thresholds = {one for names in VixHedge.watch.values() for one in names}
    assert thresholds <= set(re.findall(r"`(\w+)`", words))


def test_every_feature_is_on_the_page():
    (rows,) = tables_with(PAGE, "feature", "is")
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row["feature"])}
    assert named == set(VixHedge.watch)


def test_the_episodes_are_those_of_the_run(sample_run, figures):
    (rows,) = tables_with(PAGE, "decided", "shares")
    titles, *made = figures.worked(sample_run)
    assert rows == [dict(zip(titles, row, strict=True)) for row in made]


def test_the_proxy_has_the_correlation_that_the_page_says(sample_run):
    features = sample_run.features
    known = np.isfinite(features["rvx_z"]) & np.isfinite(features["rvx_proxy_z"])
    found = np.corrcoef(features["rvx_z"][known], features["rvx_proxy_z"][known])[0, 1]
    assert f"a correlation of {found:.2f}: the proxy" in page(PAGE)
