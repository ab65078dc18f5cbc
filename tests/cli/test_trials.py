# SPDX-License-Identifier: Apache-2.0
"""How many trials stand behind a result: counted by runs and sweeps, shown by each, no part of any run folder."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from scipy import stats
from typer.testing import CliRunner

import engine
from engine.analytics.significance.sharpe_ratio import deflated_sharpe, expected_best
from engine.cli.application import app
from engine.errors import InputError, RunError
from tests.cases import Case, days, flat

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("--set", "period.start=2017-01-03", "--set", "period.end=2018-12-31", "--set", "mode=interpreted")


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_TRIALS", str(tmp_path / "trials.sqlite"))
    return tmp_path / "trials.sqlite"


def tandem(*words):
    done = CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False, env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    return done.output


def run(out, *words):
    told = json.loads(tandem("backtest", CONFIG, *SHORT, *words, "--out", out, "--json"))
    jsonschema.validate(told, json.loads((ROOT / "docs" / "schemas" / "backtest.json").read_text(encoding="utf-8")))
    return told


def checked(text):
    told = json.loads(text)
    jsonschema.validate(told, json.loads((ROOT / "docs" / "schemas" / "trials.json").read_text(encoding="utf-8")))
    return told


def test_every_run_counts_once_and_says_what_is_left_of_its_ratio(file, tmp_path):
    one = run(tmp_path)
    again = run(tmp_path)
    two = run(tmp_path, "--set", "params.z_window=40")
    other = run(tmp_path, "--set", "roles.small=QQQ")
    engine.backtest(CONFIG, [*SHORT[1::2], "params.enter=1.1"])
    assert [told["trials"]["tried"] for told in (one, again, two, other)] == [1, 1, 2, 1]
    assert one["trials"]["family"] == two["trials"]["family"] != other["trials"]["family"]
    ratios = [told["metrics"]["sharpe"] for told in (one, two)]
    spread = abs(ratios[0] - ratios[1]) / 2**0.5
    assert spread > 0.1  # of two that trade alike nothing would be taken off
    sessions = engine.backtest(CONFIG, [*SHORT[1::2], "params.z_window=40"]).analysis.sessions
    excess = sessions.returns - sessions.rates / 252
    shape = (two["bars"], stats.skew(excess), stats.kurtosis(excess, fisher=False))
    assert two["trials"]["expected_best"] == pytest.approx(expected_best(2, spread))
    theirs = deflated_sharpe(ratios[1] / 252**0.5, 2, spread / 252**0.5, *shape)
    assert two["trials"]["deflated_sharpe"] == pytest.approx(theirs, rel=1e-9)
    shown = checked(tandem("trials", "show", one["trials"]["family"], "--json"))
    assert (shown["tried"], [trial["kind"] for trial in shown["trials"]]) == (3, ["backtest"] * 3)
    assert file.is_file()


def test_another_source_is_another_trial_of_the_same_strategy(file, tmp_path):
    """The same bytes of configuration and data: one number in the rule is another try."""
    case = Case(tmp_path, "raw")
    case.bars(flat(days("2024-01-02", 8)))
    rule = (tmp_path / "rule.py").read_text(encoding="utf-8")
    tried = []
    for text in (rule, rule, rule.replace("orders.target(0, 1.0)", "orders.target(0, 0.5)")):
        case.write("rule.py", text)
        tried.append(json.loads(tandem("backtest", tmp_path / "case.yaml", "--out", tmp_path, "--json"))["trials"])
    assert [one["tried"] for one in tried] == [1, 1, 2]
    assert len({one["family"] for one in tried}) == 1
    assert file.is_file()


def test_the_files_of_a_run_know_nothing_of_the_count(file, tmp_path):
    folder = Path(run(tmp_path / "a")["folder"])
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}
    run(tmp_path / "a", "--set", "params.enter=0.9")
    shutil.rmtree(folder)
    run(tmp_path / "a")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"} == before
    plain = tandem("report", folder, "--out", tmp_path / "plain.html")
    assert "trials" not in plain
    judged = json.loads(tandem("report", folder, "--significance", "--out", tmp_path / "page.html", "--json"))
    assert judged["significance"]["trials"]["tried"] == 2
    assert "2 trials of spread_trade on large SPY, small IWM" in (tmp_path / "page.html").read_text(encoding="utf-8")
    file.unlink()
    said = " ".join(tandem("report", folder, "--significance", "--out", tmp_path / "page.html").split())
    assert "No trial of spread_trade on large SPY, small IWM is on record here" in said


def test_a_sweep_counts_every_combination(file, tmp_path):
    """In Python as on the command line; the configuration is compiled, with no axis that features read."""
    grid = {"exit": [-0.5, 0.0, 0.5]}
    engine.sweep(CONFIG, grid, period={"start": "2018-01-02", "end": "2019-12-31"})
    engine.sweep(CONFIG, grid, period={"start": "2018-01-02", "end": "2019-12-31"})
    (family,) = checked(tandem("trials", "list", "--json"))["families"]
    assert family["tried"] == 3
    words = ("--set", "period.start=2018-01-02", "--set", "period.end=2019-12-31", "--out", tmp_path, "--json")
    told = json.loads(tandem("sweep", CONFIG, "--over", "exit=-0.5,0.5", *words))
    assert (told["trials"]["tried"], told["trials"]["sweeps"]) == (5, 2)
    assert "trials" not in json.loads((Path(told["page"]).parent / "sweep.json").read_text(encoding="utf-8"))
    assert file.is_file()


@pytest.mark.parametrize("fault", ["a file in the way", "no database"])
def test_a_count_that_cannot_be_kept_is_loud_and_stops_nothing(tmp_path, monkeypatch, fault):
    place = tmp_path / "count" / "trials.sqlite"
    if fault == "no database":
        place.parent.mkdir()
        place.write_bytes(b"words" * 500)
    else:
        place.parent.write_text("a file")
    monkeypatch.setenv("TANDEM_TRIALS", str(place))
    said = " ".join(tandem("backtest", CONFIG, *SHORT, "--out", tmp_path / "out").split())
    assert "! This trial of spread_trade on large SPY, small IWM is not counted:" in said
    assert "TANDEM_TRIALS names another file" in said
    told = run(tmp_path / "out")
    assert (told["trials"]["counted"], told["trials"]["tried"]) == (False, 0)
    with pytest.warns(RuntimeWarning, match="this trial is not counted"):
        engine.backtest(CONFIG, SHORT[1::2])
    if fault == "no database":
        with pytest.raises(RunError, match="cannot read the count of trials"):
            tandem("trials", "list")


def test_forgetting_takes_a_reason_and_leaves_a_trace(file, tmp_path):
    family = run(tmp_path)["trials"]["family"]
    with pytest.raises(InputError, match="a reason is missing"):
        tandem("trials", "forget", family, "--reason", " ")
    with pytest.raises(InputError, match="no such family"):
        tandem("trials", "forget", "zz", "--reason", "x")
    assert tandem("trials", "forget", family[:4], "--reason", "bars were adjusted twice").startswith("1 trial")
    shown = tandem("trials", "show", family)
    assert "0 trials since" in shown
    assert "1 trial forgotten on" in shown
    assert "bars were adjusted twice" in shown
    assert checked(tandem("trials", "list", "--json"))["families"][0]["forgotten"][0]["tried"] == 1
    assert family in tandem("trials", "list")
    assert file.is_file()


def test_nothing_on_record_is_said(file):
    said = "".join(tandem("trials", "list").split())
    assert f"No trial is on record in {file}".replace(" ", "") in said


SIDE = """\
import engine


class Side(engine.Strategy):
    roles = ("fund",)

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, WEIGHT)
"""


@pytest.mark.usefixtures("file")
def test_a_sweep_over_symbols_and_strategies_counts_with_what_it_found(tmp_path):
    """The best is neither the first value nor the configuration as it is."""
    for name, weight in (("sold", "-0.5"), ("held", "0.5")):
        (tmp_path / f"{name}.py").write_text(SIDE.replace("WEIGHT", weight), encoding="utf-8")
    config = "name: t\nstrategy: held.py\nroles: {fund: SPY}\nperiod: {start: 2017-01-03, end: 2018-12-31}\n"
    (tmp_path / "run.yaml").write_text(config, encoding="utf-8")
    found = engine.sweep(tmp_path / "run.yaml", {"strategy": ["held.py", "sold.py"], "roles.fund": ["SPY", "IWM"]})
    best = found.loc[found["reward_to_variability"].idxmax()]
    assert best["strategy"] == "sold.py"
    words = ("--over", "strategy=held.py,sold.py", "--over", "roles.fund=SPY,IWM", "--out", tmp_path)
    tandem("sweep", tmp_path / "run.yaml", *words)
    (family,) = checked(tandem("trials", "list", "--json"))["families"]
    assert family["strategy"].startswith("sold.py")
    assert family["symbols"] == f"fund {best['roles.fund']}"
    assert family["tried"] == 8  # the same grid from Python and by the command: careful, never kind
