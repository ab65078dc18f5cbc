# SPDX-License-Identifier: Apache-2.0
"""A run asked for from Python: a class in place of a name, keys in place of a file, mistakes told as everywhere."""

import importlib
import linecache
import shutil
import sys

import numpy as np
import pytest

import engine
from engine.errors import ConfigError, StrategyError
from engine.strategy.source.identity import source_hash
from strategies.spread_trade import SpreadTrade
from tests.api.cells import RULES, lean
from tests.api.conftest import CONFIG

ROLES = {"large": "SPY", "small": "IWM"}
PERIOD = {"start": "2016-01-04", "end": "2017-12-29"}


def test_a_class_is_taken_in_place_of_its_name():
    run = engine.backtest(CONFIG | {"strategy": SpreadTrade}, period=PERIOD)
    named = engine.backtest(CONFIG, period=PERIOD)
    assert run.config.strategy == "strategies.spread_trade:SpreadTrade"
    assert run.equity.equals(named.equity)
    assert run.source_hash == named.source_hash


def test_a_run_needs_no_file(tmp_path, monkeypatch):
    run = engine.backtest(strategy=SpreadTrade, roles=ROLES, period=PERIOD, params={"enter": np.float64(0.5)})
    assert run.config.name == "spread_trade"
    assert run.config.params["enter"] == 0.5
    assert run.config.roles == ROLES
    saved = run.save(tmp_path / "saved")
    monkeypatch.chdir(tmp_path)
    assert engine.backtest(saved / "config.yaml").equity.equals(run.equity)


def test_a_mapping_changes_the_keys_that_it_names(tmp_path):
    file = tmp_path / "run.yaml"
    text = "name: a\nstrategy: spread_trade\nroles: {large: SPY, small: IWM}\nperiod: {start: 2016-01-04}\n"
    file.write_text(text + "params: {enter: 0.5, z_window: 60}\n", encoding="utf-8")
    run = engine.backtest(
        file, ["params.enter=0.75"], params={"z_window": 90, "enter": 2.0}, roles={"large": "QQQ"},
        period={"end": "2016-12-30"}, account={"cash": 10_000},
    )  # fmt: skip
    assert run.config.roles == {"large": "QQQ", "small": "IWM"}
    assert (run.config.params["z_window"], run.config.params["enter"]) == (90, 0.75)
    assert (str(run.config.period.start), str(run.config.period.end)) == ("2016-01-04", "2016-12-30")
    assert run.config.account.cash == 10_000
    assert run.config.account.margin.kind == "reg_t"


@pytest.mark.parametrize(
    ("given", "path", "nearest"),
    [
        ({"params": {"entr": 1.0}}, "params.entr", "enter"),
        ({"rols": ROLES}, "rols", "roles"),
        ({"account": {"csh": 1.0}}, "account.csh", "cash"),
        ({"params": {"enter": "high"}}, "params.enter", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_key(given, path, nearest):
    with pytest.raises(ConfigError) as caught:
        engine.backtest(CONFIG, **given)
    (problem,) = caught.value.problems
    assert (problem.path, problem.nearest) == (path, nearest)


def test_what_is_no_strategy_is_told():
    with pytest.raises(ConfigError, match="int is no subclass of"):
        engine.backtest(strategy=int, roles=ROLES)
    with pytest.raises(ConfigError, match="strategy"):
        engine.backtest(roles=ROLES)


def test_a_loaded_configuration_takes_no_settings():
    ready = engine.load_config("configs/spread_sample.yaml")
    with pytest.raises(ConfigError, match="takes no settings") as caught:
        engine.backtest(ready, ["mode=compiled"], params={"enter": 1.0})
    assert caught.value.problems[0].found == "params, mode=compiled"


@pytest.mark.parametrize("place", ["/nowhere/ipykernel_1/", pytest.param("<ipython-input-1-", marks=pytest.mark.slow)])
def test_a_strategy_of_a_session_runs_both_ways(monkeypatch, place):
    strategy = lean(monkeypatch, place=place)
    runs = [
        engine.backtest(strategy=strategy, roles=ROLES, period=PERIOD, mode=mode)
        for mode in ("interpreted", "compiled")
    ]
    assert len(runs[0].fills) > 4
    assert runs[0].ledger.equals(runs[1].ledger)
    assert runs[0].config.strategy == "__main__:Lean"
    assert "Lean" in runs[0]._repr_html_()


def test_another_cell_is_another_source(monkeypatch, tmp_path):
    one = engine.backtest(strategy=lean(monkeypatch), roles=ROLES, period=PERIOD)
    two = engine.backtest(
        strategy=lean(monkeypatch, RULES.replace("np.log(", "2 * np.log(")), roles=ROLES, period=PERIOD
    )
    moved = engine.backtest(strategy=lean(monkeypatch, place="/elsewhere/"), roles=ROLES, period=PERIOD)
    assert one.source_hash == moved.source_hash != two.source_hash
    assert engine.read_run(one.save(tmp_path / "one")).equity.equals(one.equity)


def test_so_is_a_number_that_stands_in_another_cell(monkeypatch):
    rules = RULES.replace("return np.log(", "return K * np.log(")
    hashes = []
    for number in (1.0, 1.0, 2.0):
        strategy = lean(monkeypatch, rules)
        monkeypatch.setattr(sys.modules["__main__"], "K", number, raising=False)
        hashes.append(engine.backtest(strategy=strategy, roles=ROLES, period=PERIOD).source_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_so_is_a_file_that_a_cell_imports_from(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    rules = RULES.replace("def above(a, b):\n    return a > b\n", "from near_a_notebook import above\n")
    hashes = []
    for edge in ("", "", " + 1.0"):
        (tmp_path / "near_a_notebook.py").write_text(f"def above(a, b):\n    return a > b{edge}\n")
        monkeypatch.delitem(sys.modules, "near_a_notebook", raising=False)
        importlib.invalidate_caches()
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
        hashes.append(source_hash(lean(monkeypatch, rules)))
    assert hashes[0] == hashes[1] != hashes[2]


def test_so_is_another_cell_with_a_class_that_it_makes(monkeypatch):
    rules = RULES.replace("return np.log(", "return Scale().of() * np.log(")
    hashes = []
    for scale in ("1.0", "1.0", "2.0"):
        strategy = lean(monkeypatch, rules)
        cell = f"class Scale:\n    def of(self):\n        return {scale}\n"
        name = f"/nowhere/ipykernel_1/{scale}.py"
        monkeypatch.setitem(linecache.cache, name, (len(cell), None, cell.splitlines(keepends=True), name))
        exec(compile(cell, name, "exec"), vars(sys.modules["__main__"]))
        hashes.append(source_hash(strategy))
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_helper_that_changed_is_not_taken_from_a_cache(monkeypatch):
    """What numba would keep for a notebook's cell does not know of the functions that the cell calls."""
    given = {"roles": ROLES, "period": PERIOD, "mode": "compiled"}
    first = engine.backtest(strategy=lean(monkeypatch), **given)
    other = lean(monkeypatch, RULES.replace("return a > b", "return a > b + 1.0"))
    second = engine.backtest(strategy=other, **given)
    assert second.equity.equals(engine.backtest(strategy=other, **given | {"mode": "interpreted"}).equity)
    assert not second.equity.equals(first.equity)


def test_the_border_points_into_the_cell(monkeypatch):
    strategy = lean(monkeypatch, RULES.replace("return a > b", "return len([a]) > b"))
    with pytest.raises(StrategyError, match="only bar has a length") as caught:
        engine.backtest(strategy=strategy, roles=ROLES)
    assert caught.value.problems[0].line == 9


@pytest.mark.parametrize(
    ("config", "given", "path", "found"),
    [
        (42, {}, "config", "42"),
        (SpreadTrade, {"roles": ROLES}, "config", "the class SpreadTrade"),
        (CONFIG, {"params": ["enter=0.5"]}, "params", "list"),
        (CONFIG, {"strategy": SpreadTrade()}, "strategy", "SpreadTrade"),
        (CONFIG, {"overrides": "params.enter=1"}, "overrides", "'params.enter=1'"),
        (CONFIG, {"data": None}, "data", "None"),
        (CONFIG, {"data": {}}, "data", "{}"),
        (CONFIG, {"data": {"SPY": None}}, "data", "{'SPY': None}"),
        (CONFIG, {"data": np.zeros((3, 5))}, "data", "ndarray"),
        (CONFIG, {"data": {"SPY": {"date": ["2020-01-02"], "close": [1.0]}}}, "data['SPY']", "dict"),
        (CONFIG, {"data": {"SPY": [{"date": "2020-01-02", "close": 1.0}]}}, "data['SPY']", "list"),
        (CONFIG, {"data": {"SPY": np.zeros((3, 5))}}, "data['SPY']", "ndarray"),
    ],
)
def test_an_argument_of_another_kind_is_told_by_its_name(config, given, path, found):
    with pytest.raises(ConfigError) as caught:
        engine.backtest(config, **given)
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == (path, found)
    assert problem.allowed


def test_a_timestamp_of_pandas_is_a_day():
    import pandas as pd

    run = engine.backtest(CONFIG, period={"start": pd.Timestamp("2018-01-02"), "end": pd.Timestamp("2018-02-01")})
    assert (str(run.config.period.start), str(run.config.period.end)) == ("2018-01-02", "2018-02-01")


def test_tab_offers_what_the_package_is_for():
    offered = dir(engine)
    assert {"backtest", "sweep", "signals", "verify", "stress", "read_run", "Strategy"} <= set(offered)
    assert all(hasattr(engine, name) for name in offered)


@pytest.mark.parametrize("bound", [{"fund": "SPY"}, {}])
def test_a_class_without_roles_is_told_so_whatever_is_bound(bound):
    class Typo(engine.Strategy):
        role = ("fund",)

        @staticmethod
        def on_bar(bar, f, p, s, account, orders):
            return

    with pytest.raises(StrategyError, match=r"^Typo\.roles: a strategy trades at least one role; allowed: roles = "):
        engine.backtest(strategy=Typo, roles=bound)
