# SPDX-License-Identifier: Apache-2.0
"""`tandem sweep --search tpe`: rows are those of a grid, many objectives have a front, what stops it costs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import engine
from engine.analytics.significance.sharpe_ratio import expected_best
from engine.cli.application import app
from engine.errors import InputError, RunError

pytest.importorskip("optuna")

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("--set", "period.start=2018-01-02", "--set", "period.end=2019-12-31")
OVER = ("--over", "enter=0.5:2:0.5", "--over", "z_window=40,60,80,100", "--over", "costs.slippage.impact=0.25:4:x4")
GRID = {"enter": [0.5, 1.0, 1.5, 2.0], "z_window": [40, 60, 80, 100], "costs.slippage.impact": [0.25, 1.0, 4.0]}
SEARCH = (*OVER, "--search", "tpe", "--tries", "40", "--objective", "total_return", "--objective", "max_drawdown")
FILES = ("sweep.parquet", "sweep.json", "sweep.html", "config.yaml")


def invoke(*words: str, command: str = "sweep") -> str:
    done = CliRunner().invoke(app, [command, CONFIG, *SHORT, *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The document of a search and its folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TANDEM_TRIALS", str(tmp_path_factory.mktemp("count") / "trials.sqlite"))
        document = json.loads(invoke(*SEARCH, "--out", str(tmp_path_factory.mktemp("searched")), "--json"))
    return document, Path(document["page"]).parent


@pytest.fixture(scope="module")
def grid():
    """Every combination, by its number."""
    return engine.sweep(CONFIG, GRID, period={"start": "2018-01-02", "end": "2019-12-31"})


def test_each_row_is_that_of_the_grid(searched, grid):
    document, folder = searched
    table = pq.read_table(folder / "sweep.parquet").to_pandas()
    numbers = table["combination"].tolist()
    assert len(set(numbers)) == 40
    assert numbers[:16] == sorted(numbers[:16])
    assert numbers != sorted(numbers)
    assert table.drop(columns="combination").equals(grid.iloc[numbers].reset_index(drop=True))
    assert document["combinations"] == {
        "of_the_grid": 48, "tried": 40, "search": "tpe", "drawn": 16, "stopped": 0, "seed": 0,
    }  # fmt: skip


def test_the_front_is_what_no_row_of_the_table_beats(searched):
    document, folder = searched
    jsonschema.validate(document, json.loads((ROOT / "docs/schemas/sweep.json").read_text(encoding="utf-8")))
    rows = pq.read_table(folder / "sweep.parquet").to_pylist()
    points = {row["combination"]: (row["total_return"], -row["max_drawdown"]) for row in rows}
    front = [
        number
        for number, own in points.items()
        if not any(other != own and other[0] >= own[0] and other[1] >= own[1] for other in points.values())
    ]
    told = document["front"]
    assert {points[one["combination"]] for one in told} == {points[number] for number in front}
    assert [one["figures"]["total_return"] for one in told] == sorted(
        (points[number][0] for number in front), reverse=True
    )[: len(told)]
    assert document["best"][0]["combination"] == told[0]["combination"]
    assert document["objectives"] == ["total_return", "max_drawdown"]
    assert {one["combination"] for one in document["best"]} <= {one["combination"] for one in told}


def test_python_searches_as_the_command_does(searched):
    _, folder = searched
    table = pq.read_table(folder / "sweep.parquet").to_pandas()
    given = {"period": {"start": "2018-01-02", "end": "2019-12-31"}, "objectives": ["total_return", "max_drawdown"]}
    found = engine.sweep(CONFIG, GRID, search="tpe", tries=40, **given)
    assert found.drop(columns="front").equals(table.drop(columns="combination"))
    told = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))["front"]
    marked = table["combination"][found["front"]].tolist()
    assert {one["combination"] for one in told} <= set(marked)
    points = list(zip(found["total_return"], -found["max_drawdown"], strict=True))
    for own, front in zip(points, found["front"], strict=True):
        beaten = any(other != own and other[0] >= own[0] and other[1] >= own[1] for other in points)
        assert front != beaten or points.count(own) > 1


def test_what_needs_combinations_chosen_blindly_is_left_out_or_takes_those_that_are(searched):
    document, folder = searched
    assert (document["overfitting"], document["superior"], document["purged_paths"]) == (None, None, None)
    said = [one["text"] for one in document["notices"]]
    assert any(
        text.startswith("Overfitting, reality check and paths are left out: most combinations were") for text in said
    )
    table = pq.read_table(folder / "sweep.parquet").to_pandas()
    ratios = table["reward_to_variability"].to_numpy()[:16]
    assert document["luck"]["tries"] == 48
    assert document["luck"]["drawn"] == 16
    assert document["luck"]["expected_best"] == pytest.approx(expected_best(48, float(np.std(ratios, ddof=1))))
    blind = table["total_return"][:16].sort_values(ascending=False, kind="stable")
    assert document["middle"]["combination"] == table["combination"][blind.index[8]]
    trials = document["trials"]
    assert (trials["tried"], trials["searched"], trials["sweeps"]) == (40, 40, 1)
    assert trials["expected_best"] == pytest.approx(expected_best(40, float(np.std(ratios, ddof=1))))


def test_a_kill_and_a_full_disk_leave_the_bytes_of_an_undisturbed_search(tmp_path, monkeypatch, searched):
    _, folder = searched
    killed = (
        "import os, signal\n"
        "from engine.report.sweep.parts import Parts\n"
        "write = Parts.write\n"
        "def killed(self, part, figures):\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if part == 1 else write(self, part, figures)\n"
        "Parts.write = killed\n"
        "from engine.cli import main\n"
        "main()\n"
    )
    words = ["sweep", CONFIG, *SHORT, *SEARCH, "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", killed, *words], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    (parts,) = (tmp_path / "spread_sample").iterdir()
    assert [path.name for path in parts.glob("*.parquet")] == ["000000.parquet"]

    with monkeypatch.context() as patched:
        written = pq.write_table

        def full(table, where, *rest, **more):
            if "000002" in str(where):
                raise OSError(28, "No space left on device")
            written(table, where, *rest, **more)

        patched.setattr("engine.report.sweep.parts.pq.write_table", full)
        with pytest.raises(RunError, match="no space left on device; what is done is kept, and the same command goes"):
            CliRunner().invoke(app, words, catch_exceptions=False)
    assert sorted(path.name for path in parts.glob("*.parquet")) == ["000000.parquet", "000001.parquet"]

    assert "40 combinations, 32 of them kept from before" in invoke(*SEARCH, "--out", str(tmp_path))
    (again,) = (tmp_path / "spread_sample").iterdir()
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_terminal_and_page_show_the_front_in_place_of_one_best(searched):
    _, folder = searched
    said = invoke(*SEARCH, "--out", str(folder.parents[1]))
    for part in ("The Pareto front", "by total return and maximum drawdown", "The front beside the median"):
        assert part in said
    assert "The best beside the median" not in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
    page = (folder / "sweep.html").read_text(encoding="utf-8")
    for part in (
        "The Pareto front",
        "16 drawn at random and the others by TPE",
        "A search draws a first part at random",
    ):
        assert part in page


def test_a_grid_has_a_front_too(tmp_path):
    words = [
        "--over",
        "enter=0.5:2:0.5",
        "--out",
        str(tmp_path),
        "--objective",
        "max_drawdown",
        "--objective",
        "total_return",
    ]
    document = json.loads(invoke(*words, "--json"))
    assert document["objective"] == "max_drawdown"
    drawdowns = [one["figures"]["max_drawdown"] for one in document["front"]]
    assert drawdowns == sorted(drawdowns)
    assert document["overfitting"] is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*OVER, "--search", "tpe"), "sweep.tries: a search needs a number of tries"),
        ((*OVER, "--search", "tp", "--tries", "20"), "sweep.search: not allowed; found tp; allowed: random or tpe"),
        ((*OVER, "--objective", "total_retur"), "did you mean 'total_return'"),
        ((*OVER, "--objective", "total_return", "--objective", "max_drawdwn"), "did you mean 'max_drawdown'"),
        ((*OVER, "--search", "tpe", "--tries", "48"), "48 tries of 48 combinations"),
        (("--over", "enter=0:2:x2", "--search", "tpe", "--tries", "20"), "a factor never meets 0"),
        (
            ("--over", "enter=1:40:1", "--over", "exit=0.5", "--search", "tpe", "--tries", "20"),
            "one that stays is a setting: params.exit=0.5",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_and_leaves_nothing(tmp_path, words, said):
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(app, ["sweep", CONFIG, *words, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_no_tries_are_refused(tmp_path):
    done = CliRunner().invoke(app, ["sweep", CONFIG, *OVER, "--search", "tpe", "--tries", "0", "--out", str(tmp_path)])
    assert done.exit_code == 2
    with pytest.raises(InputError, match=r"sweep.tries: out of range; found 0"):
        CliRunner().invoke(app, ["sweep", CONFIG, *OVER, "--set", "sweep.tries=0"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("sweep.search=tpe", "not in a walk-forward; found tpe"),
        ("sweep.objective=[total_return, max_drawdown]", "a choice is made by one objective"),
    ],
)
def test_a_walk_forward_chooses_among_the_same_by_one_objective(tmp_path, setting, said):
    with pytest.raises(InputError) as caught:
        invoke("--over", "enter=1,2", "--set", setting, "--out", str(tmp_path), command="walkforward")
    assert said in str(caught.value)
