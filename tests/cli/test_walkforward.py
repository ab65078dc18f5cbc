# SPDX-License-Identifier: Apache-2.0
"""`tandem walkforward`: what it prints and writes, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app
from engine.errors import InputError
from engine.report.kit.encoding import to_json

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("--set", "period.start=2016-01-04", "--set", "period.end=2018-12-31")
PLAN = ("--over", "enter=0.25,0.5,1", "--over", "z_window=20,40,60", "--train", "1y", "--test", "6m")


def invoke(*words: str):
    return CliRunner().invoke(app, ["walkforward", CONFIG, *SHORT, *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The document of a walk-forward and its folder."""
    out = tmp_path_factory.mktemp("walked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_TRIALS", str(out / "trials.sqlite"))
        done = invoke(*PLAN, "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.output)
    return document, Path(document["page"]).parent


def test_the_document_follows_its_schema(walked):
    document, folder = walked
    jsonschema.validate(document, json.loads((ROOT / "docs/schemas/walkforward.json").read_text(encoding="utf-8")))
    kept = json.loads((folder / "walkforward.json").read_text(encoding="utf-8"))
    assert kept | {name: document[name] for name in ("page", "trials")} == document
    assert document["trials"]["tried"] == 9
    assert [fold["test"]["first"] for fold in document["folds"]] == [
        "2017-01-04", "2017-07-05", "2018-01-04", "2018-07-05",
    ]  # fmt: skip


def test_the_folder_holds_the_account_that_made_every_choice(walked):
    """Its return is that of the last equity in the table; a plain run with one choice alone gives another."""
    document, folder = walked
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml", "equity.parquet", "features.parquet", "fills.parquet", "ledger.parquet", "orders.parquet",
        "round_trips.parquet", "walkforward.html", "walkforward.json",
    ]  # fmt: skip
    equity = pq.read_table(folder / "equity.parquet").column("equity").to_pylist()
    assert document["account"]["metrics"]["total_return"] == pytest.approx(equity[-1] / 1e6 - 1.0, rel=1e-12)
    ledger = pq.read_table(folder / "ledger.parquet").column("amount").to_pylist()
    cash = pq.read_table(folder / "equity.parquet").column("cash").to_pylist()
    assert sum(ledger) == pytest.approx(cash[-1], abs=0.01)


def test_out_of_sample_is_a_distribution_and_not_one_path(walked):
    document, folder = walked
    paths = document["purged_paths"]
    assert len(paths["ratios"]) == 15
    assert paths["splits"] == 120
    assert paths["median"] == pytest.approx(sorted(paths["ratios"])[7])
    below = sum(one < document["account"]["metrics"]["sharpe"] for one in paths["ratios"])
    assert document["paths_below_account"] == pytest.approx(below / 15)
    page = (folder / "walkforward.html").read_text(encoding="utf-8")
    assert "Ratio of purged paths" in page
    assert 'id="chart-paths"' in page
    assert any("purged cross-validation" in one["text"] for one in document["notices"])


def test_a_purge_that_leaves_too_little_around_a_test_has_no_paths_and_says_so(tmp_path):
    done = invoke(*PLAN, "--purge", "40", "--out", str(tmp_path), "--json")
    told = json.loads(done.output)
    assert (told["purged_paths"], told["paths_below_account"]) == (None, None)
    assert told["overfitting"]["probability"] >= 0
    said = "Purged paths are left out: the purge is longer than a 16th of the bars."
    assert said in [one["text"] for one in told["notices"]]
    assert 'id="chart-paths"' not in Path(told["page"]).read_text(encoding="utf-8")


def test_own_is_the_backtest_over_the_tests(walked):
    document, _ = walked
    own = engine.backtest(CONFIG, ["period.start=2017-01-04", "period.end=2018-12-31"])
    assert document["own"]["metrics"]["cagr"] == own.metrics["cagr"]


def test_the_same_command_gives_the_same_bytes(walked, tmp_path):
    _, folder = walked
    again = json.loads(invoke(*PLAN, "--threads", "1", "--out", str(tmp_path), "--json").output)
    other = Path(again["page"]).parent
    assert other.name == folder.name
    for path in folder.iterdir():
        assert (other / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_terminal_says_what_the_choices_were_worth(tmp_path):
    done = invoke(*PLAN, "--anchored", "--seams", "closed", "--purge", "5", "--out", str(tmp_path))
    assert done.exit_code == 0
    assert "each from all before" in done.output
    assert "5 sessions between" in " ".join(done.output.split())
    assert "of the others did worse (blind: 50 %)" in " ".join(done.output.split())
    assert "15 paths through the same sessions have ratios from" in " ".join(done.output.split())
    assert max(map(len, done.output.split("\nPage:")[0].splitlines())) <= 80


def test_choices_among_runs_that_all_stand_still_are_told_loudly(tmp_path):
    done = invoke("--over", "enter=4.5,5", "--train", "1y", "--test", "6m", "--out", str(tmp_path), "--json")
    told = json.loads(done.output)
    assert [one["combination"] for one in told["folds"]] == [0] * 4
    (said,) = [one["text"] for one in told["notices"] if one["level"] == "loud" and "nothing was chosen" in one["text"]]
    assert said.startswith("At 4 choices of 4 no combination had a reward to variability over the sessions")
    page = Path(told["page"]).read_text(encoding="utf-8")
    assert "No choice has a figure both where it was made and where it was used." in page
    assert [name for name in ("account", "promise") if f'id="chart-{name}"' in page] == ["account"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--over", "enter=1,2", "--train", "3x"), "no length of time"),
        (("--over", "entr=1,2"), "did you mean 'enter'"),
        (("--over", "enter=1,2", "--train", "40y"), "nothing is left to test"),
        (("--over", "costs.slippage.impact=1,2"), "not to be chosen anew"),
        ((), "nothing to try"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path, words, said):
    with pytest.raises(InputError) as caught:
        invoke(*words, "--out", str(tmp_path / "none"))
    assert said in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_python_has_the_same(walked, tmp_path):
    document, folder = walked
    found = engine.walk_forward(
        CONFIG, {"enter": [0.25, 0.5, 1], "z_window": [20, 40, 60]}, train="1y", test="6m",
        period={"start": "2016-01-04", "end": "2018-12-31"},
    )  # fmt: skip
    assert engine_document(found) == {name: value for name, value in document.items() if name not in ("page", "trials")}
    assert list(found.folds["enter"]) == [fold["values"]["enter"] for fold in document["folds"]]
    assert found.folds["account_return"].add(1.0).prod() == pytest.approx(float(found.result.equity.iloc[-1]) / 1e6)
    assert found.report(tmp_path / "page.html").read_bytes() == (folder / "walkforward.html").read_bytes()
    assert found.paths.tolist() == document["purged_paths"]["ratios"]
    assert len(found.plot().data) == 3
    assert list(found.plot("paths").data[0].y) == document["purged_paths"]["ratios"]
    with pytest.raises(InputError, match="allowed: account, promise, paths"):
        found.plot("path")
    assert "where they were used" in repr(found)
    assert "2017-01-04" in found._repr_html_()


def engine_document(found):
    """As JSON has it: dates and the like are text, a tuple is a list."""
    return json.loads(to_json(found.document()))
