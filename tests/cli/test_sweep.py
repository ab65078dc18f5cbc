# SPDX-License-Identifier: Apache-2.0
"""`tandem sweep`: what it writes, what it refuses, and that whatever stops it costs nothing but the part it was at."""

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
from engine.analytics.significance.overfitting import overfitting
from engine.analytics.significance.purged_paths import purged_paths
from engine.analytics.significance.sharpe_ratio import expected_best
from engine.cli.application import app
from engine.errors import InputError, RunError
from engine.report.sweep.parts import Parts
from engine.runs.sweep import run
from engine.runs.sweep.figures import kept_dtype

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("--set", "period.start=2018-01-02", "--set", "period.end=2019-12-31")
OVER = ("--over", "enter=0.5:2:0.5", "--over", "z_window=40,60,80", "--over", "fills.at=next_open,next_close")


def invoke(*words: str) -> str:
    done = CliRunner().invoke(app, ["sweep", CONFIG, *SHORT, *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The document of a sweep and its folder."""
    out = tmp_path_factory.mktemp("swept")
    document = json.loads(invoke(*OVER, "--out", str(out), "--json"))
    return document, Path(document["page"]).parent


def test_the_document_follows_its_schema(swept):
    document, folder = swept
    jsonschema.validate(document, json.loads((ROOT / "docs/schemas/sweep.json").read_text(encoding="utf-8")))
    kept = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    assert kept | {"page": document["page"], "trials": document["trials"]} == document
    how = {"search": "all", "drawn": 24, "stopped": 0, "seed": None}
    assert document["combinations"] == {"of_the_grid": 24, "tried": 24, **how}
    assert (document["objectives"], document["front"]) == (["reward_to_variability"], None)


def test_the_folder_holds_table_document_page_and_configuration_alone(swept):
    _, folder = swept
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml", "sweep.html", "sweep.json", "sweep.parquet",
    ]  # fmt: skip
    assert list(folder.parent.iterdir()) == [folder]


def test_the_table_has_a_row_a_combination_as_python_has_it(swept):
    _, folder = swept
    table = pq.read_table(folder / "sweep.parquet").to_pandas()
    grid = {"enter": [0.5, 1.0, 1.5, 2.0], "z_window": [40, 60, 80], "fills.at": ["next_open", "next_close"]}
    python = engine.sweep(CONFIG, grid, period={"start": "2018-01-02", "end": "2019-12-31"})
    assert table["combination"].tolist() == list(range(24))
    assert table.drop(columns="combination").equals(python)


def test_the_best_is_the_best_and_a_backtest_of_its_values(swept):
    document, folder = swept
    table = pq.read_table(folder / "sweep.parquet").to_pandas().sort_values("reward_to_variability", ascending=False)
    assert [one["combination"] for one in document["best"]] == table["combination"].tolist()[:5]
    assert document["middle"]["combination"] == table["combination"].tolist()[12]
    for one in (*document["best"], document["middle"]):
        values = dict(one["values"])
        at = values.pop("fills.at")
        whole = engine.backtest(CONFIG, [f"fills.at={at}", SHORT[1], SHORT[3]], params=values)
        assert one["metrics"]["sharpe"] == whole.metrics.sharpe
        assert one["figures"]["final_equity"] == whole.equity.iloc[-1]


def test_a_neighbour_is_one_step_away_along_one_axis_of_numbers(swept):
    document, folder = swept
    best = document["best"][0]["values"]
    grid = {"enter": [0.5, 1.0, 1.5, 2.0], "z_window": [40, 60, 80]}
    near = []
    for row in pq.read_table(folder / "sweep.parquet").to_pylist():
        steps = [abs(values.index(row[name]) - values.index(best[name])) for name, values in grid.items()]
        if row["fills.at"] == best["fills.at"] and sorted(steps) == [0, 1]:
            near.append(row["reward_to_variability"])
    assert document["neighbours_of_best"] == pytest.approx(sum(near) / len(near), rel=1e-12)


@pytest.fixture(scope="module")
def over_cash():
    """(N, S) returns over cash of each combination, as a backtest of its own."""
    made = []
    for at in ("next_open", "next_close"):
        for enter in (0.5, 1.0, 1.5, 2.0):
            for window in (40, 60, 80):
                given = {"enter": enter, "z_window": window}
                one = engine.backtest(CONFIG, [f"fills.at={at}", SHORT[1], SHORT[3], "mode=compiled"], params=given)
                sessions = one.analysis.sessions
                made.append(sessions.returns - sessions.rates / 252)
    return np.array(made)


def test_luck_is_that_of_the_sharpe_ratios_to_more_digits_than_are_shown(swept, over_cash):
    """The spread is of rewards to variability, all that is kept of a combination; the best is that of its run."""
    document, folder = swept
    ratios = over_cash.mean(axis=1) / over_cash.std(axis=1, ddof=1) * 252**0.5
    kept = pq.read_table(folder / "sweep.parquet").column("reward_to_variability").to_numpy()
    assert np.sort(kept) == pytest.approx(np.sort(ratios), abs=1e-3)
    luck = document["luck"]
    assert luck["sharpe"] == document["best"][0]["metrics"]["sharpe"] == pytest.approx(ratios.max(), rel=1e-9)
    assert luck["expected_best"] == pytest.approx(expected_best(24, float(ratios.std(ddof=1))), abs=5e-4)


def test_overfitting_and_reality_check_are_those_of_the_runs_themselves(swept, over_cash):
    """The returns of each combination, cut as the kernel cuts them."""
    document, _ = swept
    assert document["overfitting"]["combinations"] == document["superior"]["combinations"] == 24
    assert document["overfitting"]["splits"] == document["overfitting"]["of_splits"] == 12_870
    bounds = [503 * part // 16 for part in range(17)]
    cut = [np.add.reduceat(over_cash**power, bounds[:-1], axis=1) for power in (1, 2)]
    theirs = overfitting(*cut, np.diff(bounds), 0)
    assert document["overfitting"]["probability"] == pytest.approx(theirs.probability, abs=5e-3)
    assert document["overfitting"]["outside"] == pytest.approx(theirs.outside * 252**0.5, abs=1e-2)
    assert len(document["purged_paths"]["ratios"]) == 15
    bounds = [503 * part // 64 for part in range(65)]
    cut = [np.add.reduceat(over_cash**power, bounds[:-1], axis=1) for power in (1, 2)]
    ratios = purged_paths(*cut, np.diff(bounds), 16).paths * 252**0.5
    assert document["purged_paths"]["ratios"] == pytest.approx(ratios.tolist(), abs=1e-2)


def test_combinations_over_other_bars_are_not_judged_together(tmp_path):
    words = ["--over", "period.start=2018-01-02,2018-07-02", "--out", str(tmp_path)]
    document = json.loads(invoke(*words, "--json"))
    assert (document["overfitting"], document["superior"], document["purged_paths"]) == (None, None, None)
    assert "Overfitting, reality check and paths are left out: the combinations do not run over the same bars." in [
        one["text"] for one in document["notices"]
    ]


def test_the_section_of_the_file_says_the_same(tmp_path, swept):
    document, folder = swept
    written = tmp_path / "run.yaml"
    section = 'sweep: {over: {enter: "0.5:2:0.5", z_window: [40, 60, 80], fills.at: [next_open, next_close]}}\n'
    written.write_text((ROOT / "configs" / "spread_sample.yaml").read_text(encoding="utf-8") + section)
    done = CliRunner().invoke(app, ["sweep", str(written), *SHORT, "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    page = json.loads(done.output).pop("page")
    assert Path(page).parent.name == folder.name
    assert Path(page).read_bytes() == (folder / "sweep.html").read_bytes()
    assert json.loads(done.output) | {"trials": document["trials"]} == document | {"page": page}


def test_what_was_killed_goes_on_where_it_was_and_ends_with_the_same_bytes(tmp_path, swept):
    _, folder = swept
    killed = (
        "import os, signal, sys\n"
        "from engine.report.sweep.parts import Parts\n"
        "from engine.runs.sweep import run\n"
        "run.LEAST = run.MOST = 5\n"
        "write = Parts.write\n"
        "def killed(self, part, figures):\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if part == 3 else write(self, part, figures)\n"
        "Parts.write = killed\n"
        "from engine.cli import main\n"
        "main()\n"
    )
    words = ["sweep", CONFIG, *SHORT, *OVER, "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", killed, *words], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    (parts,) = (tmp_path / "spread_sample").iterdir()
    assert sorted(path.name for path in parts.iterdir()) == [f"00000{part}.parquet" for part in range(3)]
    ran = []
    figures = run.Bench.figures

    def counted(bench, numbers, stretches):
        ran.extend(numbers)
        return figures(bench, numbers, stretches)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "LEAST", 5)
        patched.setattr(run, "MOST", 5)
        patched.setattr(run.Bench, "figures", counted)
        said = invoke(*OVER, "--out", str(tmp_path))
    assert ran == list(range(15, 24))
    assert "24 combinations, 15 of them kept from before" in said
    (again,) = (tmp_path / "spread_sample").iterdir()
    for name in ("sweep.parquet", "sweep.json", "sweep.html", "config.yaml"):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_an_interrupt_says_how_much_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LEAST", 5)
    monkeypatch.setattr(run, "MOST", 5)
    write = Parts.write

    def interrupted(parts, part, figures):
        if part == 2:
            raise KeyboardInterrupt
        write(parts, part, figures)

    monkeypatch.setattr(Parts, "write", interrupted)
    done = CliRunner().invoke(app, ["sweep", CONFIG, *SHORT, *OVER, "--out", str(tmp_path)])
    assert done.exit_code == 130
    assert "10 of 24 combinations are kept; the same command goes on from there." in done.stderr


def test_a_full_disk_is_told_and_costs_nothing(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.report.sweep.parts.pq.write_table", full)
    with pytest.raises(RunError, match="no space left on device; what is done is kept, and the same command goes on"):
        CliRunner().invoke(app, ["sweep", CONFIG, *SHORT, *OVER, "--out", str(tmp_path)], catch_exceptions=False)
    (parts,) = (tmp_path / "spread_sample").iterdir()
    assert list(parts.iterdir()) == []


def test_a_disk_that_is_full_at_the_page_keeps_every_part_and_says_so(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engine.report.sweep.folder.render", full)
        done = CliRunner().invoke(app, ["sweep", CONFIG, *SHORT, *OVER, "--out", str(tmp_path)])
    assert "24 of 24 combinations are kept; the same command goes on from there." in done.stderr
    assert str(done.exception).endswith("no space left on device; nothing of it was kept")
    assert "24 combinations, 24 of them kept from before" in invoke(*OVER, "--out", str(tmp_path))


def test_a_part_that_cannot_be_read_is_run_again(tmp_path):
    parts = Parts(tmp_path)
    (tmp_path / "000000.parquet").write_bytes(b"half a file")
    assert parts.read(0, kept_dtype(16)) is None
    assert parts.read(1, kept_dtype(16)) is None
    figures = np.zeros(3, kept_dtype(16))
    figures["total"] = np.arange(48).reshape(3, 16)
    parts.write(1, figures)
    assert np.array_equal(parts.read(1, kept_dtype(16)), figures)
    assert parts.read(1, kept_dtype(64)) is None


@pytest.mark.parametrize(("end", "told"), [("2018-03-27", True), ("2018-03-28", False)])
def test_a_sweep_of_a_few_sessions_says_that_it_tells_nothing_of_luck(tmp_path, end, told):
    """The 28th of March is the 60th session of the year."""
    said = invoke("--over", "enter=0.1,0.2", "--set", f"period.end={end}", "--out", str(tmp_path), "--json")
    texts = [one["text"] for one in json.loads(said)["notices"]]
    assert any("too few to tell the best from luck" in text for text in texts) is told, texts


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to try"),
        (("--over", "entr=1,2"), "--over entr=1,2: params.entr: no such parameter"),
        (("--over", "entr=1,2"), "did you mean 'enter'"),
        (("--over", "direction=up"), "--over direction=up: params.direction: not allowed; found 'up'"),
        (("--over", "sweep.top=1,2"), "it changes no figure"),
        (("--over", "account.cash=1000,-5"), "--over account.cash=1000,-5: account.cash: out of range; found -5"),
        (("--over", "enter=1:0:1"), "no values lie there"),
        (("--over", "fills.at=next_open,yesterday"), "fills.at"),
        (("--over", "a=0:99:1", "--over", "b=0:9999:1", "--over", "c=0:999:1"), "too many combinations"),
        (("--over", "enter=1,2", "--over", "params.enter=3"), "one setting under two names"),
        (("--over", "enter=1,2", "--set", "engine=backtrader"), "a sweep runs compiled"),
        (("--over", "enter=1,2", "--objective", "luck"), "sweep.objective"),
        (("--over", "roles.large=SPY,IWM"), "roles.small: IWM is bound to large already; results tell roles apart by"),
        (("--over", "roles.large=SPY,IWM"), "by symbol, with roles.large=IWM; found IWM"),
        (("--over", "roles.small=IWM,NONE"), "the sample market has no such symbol, with roles.small=NONE; found NONE"),
        (("--over", "period.end=2019-12-31,1990-01-02"), "1990-01-02: period: no bar in the period; found"),
        (("--over", "data.seed=7,8", "--over", "period.start=2010-01-04,2030-01-02"), "no bar in the period"),
    ],
)
def test_what_cannot_be_swept_is_refused_and_leaves_nothing(tmp_path, words, said):
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(app, ["sweep", CONFIG, *words, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_thousand_million_are_refused_with_the_way_to_some_of_them(tmp_path):
    words = ["--over", "enter=0.001:1:0.001", "--over", "exit=-1:-0.001:0.001", "--over", "z_window=2:1001:1"]
    with pytest.raises(InputError, match=r"1,000,000,000 \(1000 x 1000 x 1000\).*--tries 10000"):
        CliRunner().invoke(app, ["sweep", CONFIG, *words, "--out", str(tmp_path)], catch_exceptions=False)
    document = json.loads(invoke(*words[:4], "--tries", "12", "--out", str(tmp_path), "--json"))
    how = {"search": "random", "drawn": 12, "stopped": 0, "seed": 0}
    assert document["combinations"] == {"of_the_grid": 1_000_000, "tried": 12, **how}
    assert document["neighbours_of_best"] is None
    assert not document["spike"]


def test_dates_and_symbols_are_settings_as_numbers_are(tmp_path):
    words = ["--over", "period.start=2018-01-02,2018-07-02", "--over", "roles.small=IWM,QQQ", "--out", str(tmp_path)]
    document = json.loads(invoke(*words, "--json"))
    assert document["over"][0]["values"] == ["2018-01-02", "2018-07-02"]
    rows = pq.read_table(Path(document["page"]).parent / "sweep.parquet").to_pylist()
    assert [(row["period.start"], row["roles.small"]) for row in rows] == [
        (start, small) for start in ("2018-01-02", "2018-07-02") for small in ("IWM", "QQQ")
    ]
    assert len({row["final_equity"] for row in rows}) == 4


def test_the_terminal_shows_the_best_beside_the_median(swept):
    _, folder = swept
    said = invoke(*OVER, "--out", str(folder.parents[1]))
    for part in ("24 combinations; ", "The best beside the median", "median", "own", "z_window", "Probability"):
        assert part in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
