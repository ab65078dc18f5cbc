# SPDX-License-Identifier: Apache-2.0
"""An inverse fund's factor comes from the table of leveraged funds, and is held against its sign."""

import pytest

from engine.config.loader import config_from_dict
from engine.errors import ConfigError


def config(strategy="vix_hedge:VixHedgeFund", inverse="RWM", **params):
    roles = {"small": "IWM", "inverse": inverse} | ({"large": "SPY"} if "vix" in strategy else {})
    series = {"series": {"vix": "VIX"}} if "vix" in strategy else {}
    return config_from_dict({"name": "funds", "strategy": strategy, "roles": roles, "params": params, **series}).config


@pytest.mark.parametrize("strategy", ["vix_hedge:VixHedgeFund", "double_agent:DoubleAgentFund"])
@pytest.mark.parametrize(("fund", "factor"), [("RWM", 1), ("TWM", 2), ("SRTY", 3), ("TZA.US", 3)])
def test_the_factor_is_that_of_the_table(strategy, fund, factor):
    assert config(strategy, fund).params["factor"] == factor
    assert config(strategy, fund, factor=factor).params["factor"] == factor


def test_margin_counts_the_factor_without_its_sign():
    assert config(inverse="TWM").account.margin.multiples["TWM"] == 2


@pytest.mark.parametrize("given", [{}, {"factor": 3}])
@pytest.mark.parametrize(("fund", "makes"), [("TNA", "+3"), ("UWM", "+2")])
def test_a_fund_that_moves_with_its_index_is_refused(fund, makes, given):
    with pytest.raises(ConfigError) as told:
        config(inverse=fund, **given)
    (problem,) = told.value.problems
    assert problem.path == "roles.inverse"
    assert problem.message == f"{fund} makes {makes} times the day of its index: it is no inverse fund"
    assert "RWM, TWM, SRTY, TZA" in problem.allowed
    assert config(inverse=problem.allowed.split(", ")[0]).params["factor"] == 1


def test_another_factor_than_the_tables_is_refused_and_its_remedy_runs():
    with pytest.raises(ConfigError) as told:
        config(inverse="TWM", factor=1)
    (problem,) = told.value.problems
    assert (problem.path, problem.found) == ("params.factor", "1")
    assert problem.allowed.startswith("2, or leave it out")
    assert config(inverse="TWM", factor=2).params["factor"] == 2


def test_a_fund_that_no_table_knows_needs_its_factor():
    with pytest.raises(ConfigError) as told:
        config(inverse="MYFUND")
    (problem,) = told.value.problems
    assert problem.allowed.startswith("params.factor: that number without its sign")
    assert config(inverse="MYFUND", factor=2).params["factor"] == 2


def test_a_sleeve_has_its_own():
    sleeves = {
        "hedge": {
            "strategy": "vix_hedge:VixHedgeFund", "weight": 0.5,
            "roles": {"small": "IWM", "large": "SPY", "inverse": "TWM"},
        },
        "agents": {
            "strategy": "double_agent:DoubleAgentFund", "weight": 0.5, "roles": {"small": "IWM", "inverse": "SRTY"},
        },
    }  # fmt: skip
    found = config_from_dict({"name": "both", "sleeves": sleeves, "series": {"vix": "VIX"}}).config.sleeves
    assert [one.params["factor"] for one in found.values()] == [2, 3]
