# SPDX-License-Identifier: Apache-2.0
"""Two parameters that contradict each other, an entry inside its exit: refused where given, counted in a sweep."""

import numpy as np
import pytest

import engine
from engine import param
from engine.config.explain import param_keys
from engine.errors import ConfigError, StrategyError
from engine.strategy.params import contradictions, declared_params, resolve_params
from engine.strategy.source.discover import find_strategy, list_strategies
from tests.strategies.shipped import ROOT

PERIOD = {"start": "2018-01-02", "end": "2018-12-31"}
SPREAD = {
    "name": "t", "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"}, "period": PERIOD,
    "params": {"z_window": 60},
}  # fmt: skip
SHIPPED = [
    (name, one.name, one.not_below)
    for name in list_strategies()
    for one in declared_params(find_strategy(name, ROOT).Params).values()
    if one.not_below
]


class Params:
    enter: float = param(0.5, not_below="exit")
    exit: float = param(-1.0)


def test_the_mistake_is_told_of_what_was_given():
    with pytest.raises(StrategyError, match=r"params.enter: below exit: .*; allowed: at least -1, which exit is"):
        resolve_params(Params, {"enter": -2.0})
    with pytest.raises(StrategyError, match=r"params.exit: above enter: .*; allowed: at most 0.5, which enter is"):
        resolve_params(Params, {"exit": 1.0})
    with pytest.raises(StrategyError, match=r"params.enter: below exit"):
        resolve_params(Params, {"enter": 1.0, "exit": 2.0})
    assert resolve_params(Params, {"enter": -1.0}) == {"enter": -1.0, "exit": -1.0}


def test_a_declaration_that_cannot_be_kept_is_refused():
    class Unknown:
        enter: float = param(0.5, not_below="exitt")
        exit: float = param(-1.0)

    class Itself:
        enter: float = param(0.5, not_below="enter")

    class Default:
        enter: float = param(-2.0, not_below="exit")
        exit: float = param(-1.0)

    with pytest.raises(StrategyError, match="enter: not_below names no other parameter; did you mean 'exit'"):
        declared_params(Unknown)
    with pytest.raises(StrategyError, match="enter: not_below names no other parameter"):
        declared_params(Itself)
    with pytest.raises(StrategyError, match="enter: its default is below that of exit"):
        declared_params(Default)


def test_explain_says_it():
    (key, _) = param_keys(declared_params(Params))
    assert key.allowed == "a number, not below exit"


def test_the_entry_of_the_spread_does_not_lie_inside_its_exit():
    """Bands of which a side can be switched off, as `radar_vix: 1000`, are no contradiction."""
    assert ("spread_trade", "enter", "exit") in {(name.rpartition(":")[2], *pair) for name, *pair in SHIPPED}


@pytest.mark.parametrize(("name", "upper", "lower"), SHIPPED)
def test_a_shipped_band_may_close_and_not_turn_round(name, upper, lower):
    owner = find_strategy(name, ROOT).Params
    values = resolve_params(owner, {})
    at = values[lower]
    low, high = declared_params(owner)[upper].low, declared_params(owner)[upper].high
    assert low <= at <= high
    assert contradictions(owner, {**values, upper: at}) == []
    assert contradictions(owner, {**values, upper: at - 0.01}) == [(upper, lower)]


def test_a_configuration_is_refused_before_it_runs():
    with pytest.raises(ConfigError, match=r"params.enter: below exit"):
        engine.backtest({**SPREAD, "params": {"enter": -1.0, "exit": 0.5}})


def test_a_sweep_runs_no_contradiction_and_says_how_many():
    grid = {"enter": [-0.5, 0.5, 1.0], "exit": [-1.0, 0.0, 1.5]}
    found = engine.sweep(SPREAD, grid)
    barred = found["enter"] < found["exit"]
    assert barred.sum() == 4
    assert (found["error"] == np.where(barred, "contradiction", "")).all()
    assert found.loc[barred, ["total_return", "final_equity"]].isna().all().all()
    alone = engine.sweep(SPREAD, {"enter": [0.5, 1.0], "exit": [-1.0, 0.0]})
    both = found[(found["enter"] > 0) & (found["exit"] < 1)].reset_index(drop=True)
    assert both["final_equity"].tolist() == alone["final_equity"].tolist()
