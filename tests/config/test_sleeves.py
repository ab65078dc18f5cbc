# SPDX-License-Identifier: Apache-2.0
"""Sleeves in a YAML file: what they become, and what is said of each mistake."""

import pytest

from engine.config.canonical import config_hash, resolved_yaml
from engine.config.loader import config_from_dict
from engine.config.schema import config_schema
from engine.config.yaml_reader import read_yaml
from engine.errors import ConfigError
from engine.model.run import RunConfig
from engine.runs.backtest import backtest, load_bars

TWO = """
name: two
sleeves:
  first: {weight: 0.75, strategy: tiny.py, roles: {large: SPY, small: IWM}, params: {enter: 1}}
  second:
    weight: 0.25
    strategy: tiny.py
    roles: {large: QQQ, small: IWM}
rebalance: monthly
series: {vix: VIX}
"""


def test_sleeves_are_resolved_each_by_itself(folder):
    loaded = folder.load(TWO)
    first, second = loaded.config.sleeves.values()
    assert first.params == {"enter": 1.0, "window": 60, "hedge": "dollar", "guard": True}
    assert second.params == {"enter": 2.0, "window": 60, "hedge": "dollar", "guard": True}
    assert first.strategy == second.strategy == f"{folder.path / 'tiny.py'}:Tiny"
    assert [one.__name__ for one in loaded.strategies.values()] == ["Tiny", "Tiny"]
    assert set(loaded.config.costs.borrow) == {"SPY", "IWM", "QQQ"}
    assert loaded.config.account.margin.multiples == {"SPY": 1.0, "IWM": 1.0, "QQQ": 1.0}


def test_the_market_has_the_roles_of_all_sleeves_side_by_side(folder):
    market, _, _ = load_bars(folder.load(TWO))
    names = ("first.large", "first.small", "second.large", "second.small")
    assert market.symbols == dict(zip(names, ("SPY", "IWM", "QQQ", "IWM"), strict=True))
    assert market.bars["first.small"].tobytes() == market.bars["second.small"].tobytes()
    assert market.missing == ("rvx",)


def test_the_resolved_file_reads_as_the_same_configuration(folder):
    config = folder.load(TWO).config
    data = read_yaml(resolved_yaml(config), "f.yaml").data
    assert not {"strategy", "roles", "params"} & set(data)
    assert RunConfig.model_validate(data) == config


def test_the_hash_is_that_of_the_numbers(folder):
    one = config_hash(folder.load(TWO).config)
    assert one == config_hash(folder.load(TWO.replace("name: two", "name: other")).config)
    assert one != config_hash(folder.load(TWO.replace("monthly", "yearly")).config)
    assert one != config_hash(folder.load(TWO.replace("0.75", "0.5").replace("0.25", "0.5")).config)


def test_a_single_run_has_the_hash_it_had_before_there_were_sleeves():
    config = config_from_dict({"name": "x", "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"}})
    assert not {"sleeves", "rebalance"} & set(read_yaml(resolved_yaml(config.config), "f").data)


def test_an_override_reaches_into_a_sleeve(folder):
    loaded = folder.load(TWO, "sleeves.second.params.enter=3", "sleeves.first.roles.large=DIA")
    assert loaded.config.sleeves["second"].params["enter"] == 3.0
    assert loaded.config.sleeves["first"].roles["large"] == "DIA"


# One row a mistake: what is replaced by what, the place, path, words of the message, found, allowed, nearest.
MISTAKES = [
    ("enter: 1", "entr: 1", "4:86", "sleeves.first.params.entr", "no such parameter", "", "enter", "enter"),
    ("enter: 1", "enter: 9", "4:93", "sleeves.first.params.enter", "not allowed", "9", "from 0 to 6", ""),
    ("large: QQQ", "lage: QQQ", "8:13", "sleeves.second.roles.lage", "has no such role", "", "large, small", "large"),
    ("large: QQQ", "large: IWM", "8:32", "sleeves.second.roles.small", "already", "IWM", "a symbol for each", ""),
    ("weight: 0.25", "weight: 0.2", "3:1", "sleeves", "must sum to 1", "0.95", "sum to 1", ""),
    ("weight: 0.25", "weight: 0", "6:13", "sleeves.second.weight", "out of range", "0", "above 0 up to 1", ""),
    ("weight: 0.25", "wight: 0.25", "6:5", "sleeves.second.wight", "no such key", "", "weight", "weight"),
    ("series: {vix: VIX}", "", "2:1", "series.vix", "Tiny needs this series", "", "vix: SYMBOL", ""),
    ("vix: VIX", "vix: VIX, xiv: XIV", "10:20", "series.xiv", "no sleeve reads such a series", "", "vix, rvx", ""),
    ("rebalance: monthly", "rebalance: weekly", "9:12", "rebalance", "not allowed", "weekly", "never, monthly", ""),
    ("name: two", "name: two\nstrategy: tiny.py", "3:1", "strategy", "beside sleeves", "", "or sleeves", ""),
    ("name: two", "name: two\nengine: backtrader", "3:9", "engine", "runs one strategy", "backtrader", "native", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "path", "message", "found", "allowed", "nearest"), MISTAKES)
def test_mistakes(folder, old, new, place, path, message, found, allowed, nearest):
    problems = folder.problems(TWO.replace(old, new, 1) if old != "weight: 0.25" else TWO.replace(old, new))
    (problem,) = [one for one in problems if one.path == path]
    assert message in problem.message
    assert f"{problem.line}:{problem.column}" == place
    assert found in problem.found
    assert allowed in problem.allowed
    assert problem.nearest == nearest


def test_rebalance_needs_sleeves(folder, good):
    problem = folder.problem(good + "rebalance: monthly\n")
    assert (problem.path, problem.found, problem.line) == ("rebalance", "monthly", 6)
    assert "no sleeves" in problem.message


def test_neither_strategy_nor_sleeves(folder):
    assert [one.path for one in folder.problems("name: nothing\n")] == ["strategy", "roles"]


def test_a_strategy_that_is_not_there_is_named_at_its_sleeve(folder):
    problem = folder.problem(TWO.replace("strategy: tiny.py\n", "strategy: spred_trade\n"))
    assert (problem.path, problem.nearest, problem.line) == ("sleeves.second.strategy", "spread_trade", 7)


def test_what_takes_one_strategy_refuses_sleeves_in_a_sentence(folder):
    loaded = folder.load(TWO)
    with pytest.raises(ConfigError, match=r"this takes one strategy.*several as sleeves") as caught:
        _ = loaded.strategy
    assert caught.value.problems[0].line == 4


def test_the_schema_takes_one_way_or_the_other():
    import jsonschema

    schema = config_schema()
    sleeve = {"weight": 1.0, "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"}}
    single = {"name": "x", "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"}}
    jsonschema.validate({"name": "x", "sleeves": {"a": sleeve}, "rebalance": "yearly"}, schema)
    jsonschema.validate(single, schema)
    for wrong in ({"name": "x"}, {**single, "sleeves": {"a": sleeve}}, {"name": "x", "sleeves": {"A": sleeve}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_option_slots_are_counted_over_all_sleeves():
    calls = {"strategy": "double_agent_calls", "roles": {"small": "IWM"}}
    sleeves = {name: {"weight": weight, **calls} for name, weight in (("a", 0.5), ("b", 0.25), ("c", 0.25))}
    data = {"name": "x", "sleeves": sleeves, "series": {"rvx": "RVX"}, "data": {"source": "sample"}}
    with pytest.raises(ConfigError, match="too many option slots"):
        backtest(data)
