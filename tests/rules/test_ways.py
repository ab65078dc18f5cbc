# SPDX-License-Identifier: Apache-2.0
"""Rules go the ways of any strategy: sleeves, run folders, settings, signals, the source written out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.application import app
from engine.config.canonical import config_hash, resolved_yaml
from engine.config.loader import config_from_dict, load_config
from engine.errors import ConfigError
from engine.runs.backtest import backtest
from engine.runs.signals.run import signals
from engine.strategy.source.identity import source_hash
from tests.rules.desk import flat, run
from tests.rules.stage import HEAD, load, problems

PAIR = HEAD.replace("    trial: TRIAL\n", "").replace("series: {vix: VIX}\n", "").replace("    calm: vix < 20\n", "")
SHORT = "period={start: 2004-01-02, end: 2004-12-31}"


def tandem(*words: str):
    return CliRunner().invoke(app, list(words))


def test_what_is_written_gives_the_same_run(tmp_path):
    """`config new --from rules`, then the YAML with the file in the place of the rules."""
    loaded = load(tmp_path, PAIR, SHORT)
    told = tandem("config", "new", "--from", "rules", str(tmp_path / "trial.yaml"), "--out", str(tmp_path / "own.py"))
    assert told.exit_code == 0, told.output
    own = "".join(line for line in PAIR.partition("rules:\n")[0].splitlines(True)).replace(
        "strategy: rules", "strategy: own.py"
    )
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    mine, theirs = (backtest(one, glance=False) for one in (loaded, load_config(tmp_path / "own.yaml", [SHORT])))
    assert mine.points["equity"].tolist() == theirs.points["equity"].tolist()
    assert len(mine.orders) > 4
    assert "class Trial(Strategy):" in (tmp_path / "own.py").read_text(encoding="utf-8")


def test_explain_prints_the_python(tmp_path):
    (tmp_path / "trial.yaml").write_text(PAIR, encoding="utf-8")
    told = tandem("config", "explain", str(tmp_path / "trial.yaml"))
    assert told.exit_code == 0
    compile(told.output, "own.py", "exec")
    assert "        elif before <= 0 and f.z < -p.entry:\n" in told.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["config", "new"], "what is to be written?"),
        (["config", "new", "--from", "rules"], "what is to be written?"),
        (["config", "new", "trial.yaml"], "what is to be written?"),
        (["config", "new", "--from", "rules", "--strategy", "spread_trade", "trial.yaml"], "what is to be written?"),
        (["config", "new", "--from", "rules", "plain.yaml"], "there are no rules in it"),
        (["config", "explain", "plain.yaml"], "there are no rules in it"),
        (["config", "explain", "none.yaml"], "no such file"),
    ],
)
def test_commands_that_are_wrong(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trial.yaml").write_text(PAIR, encoding="utf-8")
    (tmp_path / "plain.yaml").write_text("name: plain\nstrategy: spread_trade\nroles: {large: SPY, small: IWM}\n")
    told = tandem(*words)
    assert told.exit_code != 0
    assert said in str(told.exception)


def test_a_resolved_configuration_gives_the_same_class_and_hash(tmp_path):
    loaded = load(tmp_path, PAIR + "  hold: 5\n", "params.entry=1.5")
    (tmp_path / "again.yaml").write_text(resolved_yaml(loaded.config), encoding="utf-8")
    again = load_config(tmp_path / "again.yaml")
    assert again.strategy is loaded.strategy
    assert again.config.params == {"window": 60, "entry": 1.5}
    assert config_hash(again.config) == config_hash(loaded.config)


def test_the_source_is_what_the_rules_mean_and_no_label(tmp_path):
    one = load(tmp_path, PAIR).strategy
    assert (
        load(tmp_path, PAIR.replace("name: trial", "name: other").replace("z < -entry", "z  <  - entry")).strategy
        is one
    )
    other = load(tmp_path, PAIR.replace("z < -entry", "z <= -entry")).strategy
    assert source_hash(other) != source_hash(one)


def test_a_source_that_somebody_changed_in_the_cache_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path / "cache"))
    load(tmp_path, PAIR)
    (file,) = (tmp_path / "cache" / "rules").glob("*.py")
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("f.z < -p.entry", "f.z > -p.entry"), encoding="utf-8")
    load(tmp_path, PAIR)
    assert file.read_text(encoding="utf-8") == good


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where a folder should be")
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path / "cache"))
    assert load(tmp_path, PAIR.replace("z > entry", "z > entry + 1")).strategy.roles == ("large", "small")


def test_params_have_the_bounds_of_what_they_set(tmp_path):
    text = PAIR.replace("entry: 2.0", "entry: {default: 2.0, low: 0.5, high: 4, unit: sigma, doc: the band}")
    with pytest.raises(ConfigError, match=r"params.entry: not allowed; found 9; allowed: a number from 0.5 to 4 sigma"):
        load(tmp_path, text, "params.entry=9")
    with pytest.raises(ConfigError, match=r"params.window: not allowed; found 1; allowed: a whole number from 2 to"):
        load(tmp_path, text, "params.window=1")
    assert "default is out of bounds" in problems(tmp_path, text.replace("default: 2.0", "default: 5"))[0]


def test_sleeves_have_rules_of_their_own(tmp_path):
    rules = PAIR.partition("rules:\n")[2]
    body = "".join(f"    {line}\n" for line in ["rules:", *rules.splitlines()])
    text = (
        "name: two\nsleeves:\n  own:\n    weight: 0.5\n    strategy: rules\n    roles: {large: SPY, small: IWM}\n"
        f"{body}  other:\n    weight: 0.5\n    strategy: spread_trade\n    roles: {{large: SPY, small: IWM}}\n"
    )
    loaded = load(tmp_path, text, SHORT, "mode=interpreted")
    assert {one.__name__ for one in loaded.strategies.values()} == {"Rules", "SpreadTrade"}
    (tmp_path / "again.yaml").write_text(resolved_yaml(loaded.config), encoding="utf-8")
    assert load_config(tmp_path / "again.yaml").strategies["own"] is loaded.strategies["own"]
    assert {reason[0] for reason in backtest(loaded, glance=False).reasons.values()} >= {"own.enter_long"}
    (said,) = problems(tmp_path, text.replace("z < -entry", "zz < -entry"))
    assert "sleeves.own.rules.enter.long: no such name; found zz" in said


def test_rules_that_nothing_reads_are_told(tmp_path):
    found = problems(tmp_path, PAIR.replace("strategy: rules", "strategy: spread_trade"))
    assert found == [
        "trial.yaml:4:1: rules: nothing reads these rules; found strategy: spread_trade; allowed: strategy: rules"
    ]


def test_the_word_rules_without_a_section_is_a_file_or_a_mistake(tmp_path):
    text = PAIR.partition("rules:\n  params")[0]
    assert any("no such strategy" in one and "a section `rules`" in one for one in problems(tmp_path, text))
    (tmp_path / "rules.py").write_text(
        "from engine.strategy import Strategy\n\n\nclass Own(Strategy):\n    roles = ('large', 'small')\n"
    )
    assert load(tmp_path, text).strategy.__name__ == "Own"
    assert load(tmp_path, PAIR).strategy.__name__ == "Rules"


def test_rules_in_python_data():
    given = {
        "name": "data", "strategy": "rules", "roles": {"stock": "SPY"},
        "rules": {"features": {"r": "rsi(stock, 2)"}, "enter": "r < 10", "exit": "r > 70"},
    }  # fmt: skip
    assert config_from_dict(given).strategy.roles == ("stock",)
    given["rules"]["enter"] = "r < = 10"
    with pytest.raises(
        ConfigError, match=r"rules.enter: one `=` compares nothing, at character 5; found =; allowed: =="
    ):
        config_from_dict(given)


def test_signals_tell_how_far_each_threshold_is(tmp_path):
    """The last close is 104: an entry long would be above 110, short below 90."""
    rules = """
params: {up: {default: 110, unit: dollars}}
features: {c: x.close + 0}
enter: {long: c > up, short: x.close < 90}
size: {shares: 10}"""
    run(tmp_path, rules, x=flat(100, 104))
    decision = signals(load_config(tmp_path / "trial.yaml")).lone
    assert decision is not None
    assert [(one.does, one.of, one.above, one.at, one.now, one.unit) for one in decision.conditions] == [
        ("enters long", "c", True, 110.0, 104.0, "dollars"),
        ("enters short", "X", False, 90.0, 104.0, ""),
    ]
    assert decision.watched == (("c", 104.0, {"up": 110.0}),)


def test_a_run_of_rules_imports_neither_pandas_nor_numba():
    code = """
import sys
from engine.runs.backtest import backtest
backtest(sys.argv[1], ["mode=interpreted"])
print(sorted({"pandas", "numba", "talib"} & set(sys.modules)))"""
    file = Path(__file__).resolve().parents[2] / "configs" / "rules_rsi_sample.yaml"
    backtest(file, ["mode=interpreted"])
    found = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_check_says_it_in_json(tmp_path):
    (tmp_path / "trial.yaml").write_text(PAIR.replace("z > entry", "zz > entry"), encoding="utf-8")
    told = tandem("config", "check", str(tmp_path / "trial.yaml"), "--json")
    assert told.exit_code == 2
    (problem,) = json.loads(told.stdout)["problems"]
    assert (problem["line"], problem["column"], problem["nearest"]) == (8, 36, "z")
