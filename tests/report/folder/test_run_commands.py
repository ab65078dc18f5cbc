# SPDX-License-Identifier: Apache-2.0
"""`tandem runs` and `tandem report` through the real commands."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from engine.analytics.metrics.registry import REGISTRY
from engine.cli import run_commands
from engine.errors import InputError
from engine.report.folder.run_compare import best_of
from engine.report.folder.run_index import find_run, latest_of, list_runs
from engine.report.folder.terminal import show_runs

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.fixture
def tandem():
    """tandem(*words) runs a command; errors come out as they are raised."""
    app = typer.Typer(pretty_exceptions_enable=False)
    run_commands.register(app)

    def run(*words):
        done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False, env={"COLUMNS": "80"})
        assert done.exit_code == 0
        return done.output

    return run


@pytest.fixture
def results(written, result, later, tmp_path):
    """Two runs named spread, the later one latest, and one named other."""
    written(result)
    written(later)
    written(replace(result, config=result.config.model_copy(update={"name": "other"})))
    return tmp_path / "results"


def checked(text, schema):
    document = json.loads(text, parse_constant=pytest.fail)
    jsonschema.validate(document, json.loads((SCHEMAS / schema).read_text()))
    return document


def test_list_shows_every_run_and_marks_the_latest(tandem, results):
    text = tandem("runs", "list", "--results", results)
    assert max(map(len, text.splitlines())) <= 80
    assert [line.split()[0] for line in text.splitlines() if "synthetic" in line] == ["other", "spread"]
    (latest,) = [line for line in text.splitlines() if "20160104-20181231" in line]
    assert latest.startswith(">")
    assert "…" not in text
    assert tandem("runs", "list", "other", "--results", results).count("20160104-") == 1


@pytest.mark.parametrize(
    ("columns", "figures"), [(100, ["−100.00 %"] * 3), (80, ["−100.00 %"] * 2), (64, ["−100.00 %"])]
)
def test_the_whole_name_of_a_run_stands_on_its_line(monkeypatch, capsys, columns, figures):
    """However wide the figures are: who copies half a name has none."""
    monkeypatch.setenv("COLUMNS", str(columns))
    metrics = dict.fromkeys(("total_return", "cagr", "volatility", "max_drawdown"), -1.0) | {"sharpe": -10.25}
    name = "20180102-20201231-47a9c68638"
    run = {"name": "a", "run": name, "synthetic": False, "latest": True, "loud": range(12)}
    show_runs(SimpleNamespace(runs=[SimpleNamespace(metrics=metrics, **run)], broken=[]), Path("results"))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if name in line]
    assert line.split() == [">", name, "!12", *" ".join([*figures, "−10.25", "−100.00 %"]).split()]


def real(run, name="spread"):
    """The same run on bars that were traded."""
    market = replace(run.market, synthetic=False, label="csv bars", fingerprint="0" * 64)
    return replace(run, market=market, config=run.config.model_copy(update={"name": name}))


def test_made_up_prices_are_said_of_each_run_of_them(tandem, results, written, result, later):
    """Whichever of a name comes first: a real run is none of them, and one of them is never taken for real."""
    written(real(later))
    written(real(result, "other"))
    written(real(later, "true"))
    lines = tandem("runs", "list", "--results", results).splitlines()
    runs = {(run.name, run.run): run.synthetic for run in list_runs(results).runs}
    assert sorted(runs.values()) == [False] * 3 + [True] * 3
    for (_, run), synthetic in runs.items():
        assert {"synthetic" in line for line in lines if run in line} == {synthetic}
    assert [line.split() for line in lines if line.split()[0] in {"other", "spread", "true"}] == [
        ["other"], ["spread"], ["true"]
    ]  # fmt: skip


def test_a_comparison_says_which_run_is_of_made_up_prices(tandem, results, written, result):
    written(real(result, "true"))
    words = ("runs", "compare", "true", "spread", "--results", results)
    said = checked(tandem(*words, "--json"), "runs-compare.json")["warnings"]
    (made_up,) = [text for text in said if "never traded" in text]
    assert made_up.startswith("run 2: Synthetic prices")
    assert made_up in " ".join(tandem(*words).split())
    loud = [text for text in said if "loud notice" in text]
    counts = {
        number: len(run.loud)
        for number, name in ((1, "true"), (2, "spread"))
        for run in list_runs(results, name).runs
        if run.latest
    }
    assert [int(text.split()[1]) for text in loud] == [number for number, count in counts.items() if count]


def test_figures_added_to_a_report_say_what_is_loud_of_the_run(tandem, results, written, result):
    """No figure of a made-up market without a word that it is one."""
    written(real(result, "true"))
    for name, synthetic in (("spread", True), ("true", False)):
        words = ("report", name, "--results", results, "--significance")
        told = checked(tandem(*words, "--json"), "report.json")
        assert any("never traded" in one["text"] for one in told["notices"]) is synthetic
        assert ("never traded" in " ".join(tandem(*words).split())) is synthetic


def test_list_as_json(tandem, results):
    document = checked(tandem("runs", "list", "--results", results, "--json"), "runs-list.json")
    assert [(run["name"], run["last"], run["latest"]) for run in document["runs"]] == [
        ("other", "2019-12-31", True),
        ("spread", "2018-12-31", True),
        ("spread", "2019-12-31", False),
    ]


def test_a_half_written_or_foreign_folder_is_no_run(tandem, results):
    (results / "spread" / ".writing-x-host-1").mkdir()
    (results / "notes").mkdir()
    (results / "README.md").write_text("results")
    assert len(list_runs(results).runs) == 3
    assert list_runs(results).broken == []
    assert "notes" not in tandem("runs", "list", "--results", results)


def test_compare_sets_metrics_and_settings_side_by_side(tandem, results):
    first = next(run for run in list_runs(results, "spread").runs if not run.latest)
    text = tandem("runs", "compare", f"spread/{first.run}", "spread", "--results", results)
    assert "the runs cover different periods" in text
    (enter,) = [line.split() for line in text.splitlines() if line.startswith("params.enter")]
    assert enter == ["params.enter", "0.5", "1.5"]
    assert "params.z_window" not in text


def test_compare_as_json(tandem, results):
    document = checked(
        tandem("runs", "compare", "spread", "other", "--results", results, "--json"), "runs-compare.json"
    )
    assert document["differences"]["params.enter"] == [1.5, 0.5]
    assert document["differences"]["name"] == ["spread", "other"]
    for name, places in document["best"].items():
        values = document["metrics"][name]
        top = max if REGISTRY[name].better == "high" else min
        assert [values[place] for place in places] == [top(value for value in values if value is not None)] * len(
            places
        )
    assert "max_drawdown" in document["best"]
    assert "beta" not in document["best"]


def test_equal_runs_have_no_settings_that_differ(tandem, results):
    assert "The configurations are the same." in tandem("runs", "compare", "other", "other", "--results", results)


@pytest.mark.parametrize(
    ("name", "values", "best"),
    [
        ("sharpe", [1.0, 2.0, None], [1]),
        ("max_drawdown", [0.2, 0.1, 0.1], [1, 2]),
        ("sharpe", [1.0, 1.0], []),
        ("sharpe", [1.0, None], []),
        ("beta", [0.1, 0.9], []),
        ("max_drawdown_peak", ["2020-01-02", "2021-01-02"], []),
    ],
)
def test_best(name, values, best):
    assert best_of(REGISTRY[name], values) == best


def test_report_is_drawn_again(tandem, results, tmp_path):
    folder = find_run("other", results)
    before = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    assert str(folder / "report.html") in tandem("report", "other", "--results", results)
    assert (folder / "report.html").read_bytes() == before
    document = checked(tandem("report", folder, "--out", tmp_path / "r.html", "--json"), "report.json")
    assert Path(document["report"]).read_bytes() == before


class TestFinding:
    def test_by_name_by_run_and_by_path(self, results):
        for run in list_runs(results).runs:
            assert find_run(f"{run.name}/{run.run}", results) == run.folder.resolve()
            assert find_run(str(run.folder), results) == run.folder.resolve()
        assert find_run("spread", results) == latest_of(results / "spread")
        assert find_run("spread/latest", results) == latest_of(results / "spread")

    def test_latest_as_a_text_file(self, results):
        target = latest_of(results / "spread")
        (results / "spread" / "latest").unlink()
        assert latest_of(results / "spread") is None
        (results / "spread" / "latest").write_text(target.name + "\n")
        assert latest_of(results / "spread") == target

    def test_a_name_that_is_not_there(self, results):
        with pytest.raises(InputError) as caught:
            find_run("spraed", results)
        (problem,) = caught.value.problems
        assert problem.found == "spraed"
        assert problem.nearest == "spread"
        assert "other, spread" in problem.allowed

    def test_nothing_has_run_yet(self, tmp_path):
        with pytest.raises(InputError, match="there are no runs yet"):
            find_run("spread", tmp_path)
        with pytest.raises(InputError, match="no results folder"):
            list_runs(tmp_path / "results")

    def test_a_name_without_runs(self, results):
        with pytest.raises(InputError, match="did you mean 'spread'"):
            list_runs(results, "sprea")


def test_one_run_is_no_comparison(tandem, results):
    with pytest.raises(InputError, match="two runs or more, found 1"):
        tandem("runs", "compare", "spread", "--results", results)
