# SPDX-License-Identifier: Apache-2.0
"""A list of roles in a configuration: what is bound, what is refused and where, what is written out."""

import json

import numpy as np
import pytest
import yaml

from engine.config.loader import config_from_dict, load_config
from engine.config.schema import config_schema
from engine.config.template import new_config
from engine.errors import InputError, StrategyError
from engine.model.sleeves import bound_roles
from engine.runs.backtest import backtest
from engine.strategy import Roles, Strategy
from engine.strategy.border import check_strategy
from engine.strategy.declarations import check_declarations
from engine.strategy.feature_arrays import check_features
from tests.authors.strongest import Strongest

ETFS = ["SPY", "QQQ", "IWM", "KRE"]
SHORT = {"start": "2003-01-02", "end": "2004-12-31"}


def config(**given):
    return {"name": "list", "strategy": Strongest, "roles": {"etf": ETFS}, "period": SHORT, **given}


class Foreseen(Strongest):
    """The gain of tomorrow."""

    def features(self, market, p):
        gains = super().features(market, p)["gain"]
        return {"gain": {role: np.roll(gain, -1) for role, gain in gains.items()}}


def refused(roles, strategy=Strongest):
    with pytest.raises(InputError) as caught:
        backtest(config(roles=roles, strategy=strategy))
    return caught.value.problems


def test_each_role_of_a_list_is_called_by_its_symbol():
    ready = config_from_dict(config())
    assert ready.config.roles == {"etf": ETFS}
    assert bound_roles(ready.config) == {symbol: symbol for symbol in ETFS}
    assert tuple(ready.strategy.roles) == tuple(ETFS)
    assert config_from_dict(config()).strategy is ready.strategy


def test_a_run_says_its_symbols_and_reads_its_own_configuration():
    result = backtest(config())
    assert len(result.orders) > 10
    assert set(result.market.symbols.values()) == set(ETFS)
    again = backtest(config_from_dict(result.config.model_dump(mode="json", by_alias=True)))
    assert again.ledger.tobytes() == result.ledger.tobytes()


def test_features_of_each_role_are_tried_on_shorter_pasts():
    assert not any("Look-ahead" in notice.text for notice in backtest(config()).notices)
    leaky = backtest(config(strategy=Foreseen))
    assert any("Look-ahead" in one.text and "gain." in one.text for one in leaky.notices if one.level == "loud")


@pytest.mark.parametrize(
    ("roles", "path", "words"),
    [
        ({"etf": ["SPY"]}, "roles.etf", "trades 2 or more symbols"),
        ({"etf": []}, "roles.etf", "trades 2 or more symbols"),
        ({"etf": "SPY"}, "roles.etf", "trades a list of symbols"),
        ({"etf": ["SPY", "IWM", "SPY"]}, "roles.etf[2]", "SPY is bound to etf[0] already"),
        ({"etf": ["SPY", "session"]}, "roles.etf[1]", "this name is taken by another input"),
        ({"etf": ["SPY", 3]}, "roles.etf[1]", "not allowed"),
        ({"etf": ["SPY", ["IWM"]]}, "roles.etf[1]", "not allowed"),
        ({}, "roles.etf", "no symbol is bound to it"),
    ],
)
def test_what_is_no_list_of_symbols_is_told_where_it_stands(roles, path, words):
    (problem,) = refused(roles)
    assert problem.path == path
    assert words in problem.message


def test_an_unknown_symbol_is_the_source_s_to_refuse():
    (problem,) = refused({"etf": ["SPY", "NOPE"]})
    assert problem.found == "NOPE"


def test_a_role_with_a_name_takes_one_symbol():
    (problem,) = refused({"large": ["SPY", "QQQ"], "small": "IWM"}, "spread_trade")
    assert "trades one symbol as this role" in problem.message
    assert problem.found == "[SPY, QQQ]"


def test_the_file_is_pointed_at(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text("name: a\nstrategy: tests.authors.strongest:Strongest\nroles:\n  etf: [SPY, IWM, SPY]\n")
    with pytest.raises(InputError) as caught:
        load_config(file)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (4, 19)


def test_a_new_configuration_binds_a_list_and_runs():
    text = new_config("tests.authors.strongest:Strongest", Strongest)
    given = yaml.safe_load(text)
    assert len(given["roles"]["etf"]) == 2
    assert backtest({**given, "period": SHORT}).market.roles == tuple(given["roles"]["etf"])


def test_the_schema_asks_for_the_list():
    roles = json.loads(json.dumps(config_schema(Strongest)))["properties"]["roles"]
    assert roles["required"] == ["etf"]
    assert (roles["properties"]["etf"]["type"], roles["properties"]["etf"]["minItems"]) == ("array", 2)


class TestDeclarations:
    def test_a_list_is_declared_once_and_has_one_symbol_at_least(self):
        check_strategy(Strongest)
        (problem,) = check_declarations(type("None_", (Strongest,), {"roles": Roles("etf", least=0)}))
        assert "one symbol or more" in problem.message

    def test_a_feature_has_an_array_for_each_role(self):
        bound = config_from_dict(config()).strategy
        full = {symbol: [1.0, 2.0] for symbol in ETFS}
        names = list(check_features(bound, {"gain": full, "all": [0.0, 1.0]}, 2))
        assert names == ["all", *(f"gain.{symbol}" for symbol in ETFS)]
        short = {symbol: [1.0, 2.0] for symbol in ETFS[1:]}
        with pytest.raises(StrategyError, match="not one array a role; found nothing for SPY"):
            check_features(bound, {"gain": short}, 2)
        with pytest.raises(StrategyError, match="not one array a role; found XYZ, which no role"):
            check_features(bound, {"gain": {**full, "XYZ": [0.0, 1.0]}}, 2)
        with pytest.raises(StrategyError, match="for roles that are a list, and these have names"):
            check_features(type("Two", (Strategy,), {"roles": ("one", "two")}), {"gain": {"one": [1.0]}}, 1)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("x = bar.at(4).close", "there is no role 4"),
            ("x = f.at(0).gian", "did you mean 'gain'"),
            ("x = bar.at(0.5).close", "is a whole number"),
            ("x = bar.at(0, 1).close", "takes one whole number"),
            ("x = bar.SPY.close", "bar has no role"),
            ("x = len(account)", "only bar has a length"),
            ("bar.at(0).close = 1.0", "does not write it"),
        ],
    )
    def test_a_mistake_in_on_bar_is_told_with_its_line(self, line, words, tmp_path):
        file = tmp_path / "mistake.py"
        text = (
            "from engine.strategy import Roles, Strategy\n\n\nclass Mistake(Strategy):\n    roles = Roles('etf')\n\n"
            "    def features(self, market, p):\n"
            "        return {'gain': {role: market.at(role).close for role in market.roles}}\n\n"
            "    @staticmethod\n    def on_bar(bar, f, p, s, account, orders):\n"
        )
        file.write_text(f"{text}        {line}\n")
        with pytest.raises(StrategyError) as caught:
            backtest(config(strategy=str(file)))
        (problem,) = caught.value.problems
        assert problem.line == 12
        assert words in str(problem)
