# SPDX-License-Identifier: Apache-2.0
"""Run folders that are broken, foreign or absent, as `report` and `runs` meet them through the real command."""

import json
from pathlib import Path

import jsonschema
import pytest

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "schemas" / "runs-list.json").read_text(encoding="utf-8")
)

BROKEN = {
    "config.yaml": b"\x80\x81",
    "manifest.json": b"{",
    "ledger.parquet": b"PAR1 and no more",
    "equity.parquet": b"",
}


@pytest.fixture
def run(desk):
    """The folder of a finished run of the desk."""
    assert desk.tandem("backtest", "run.yaml").returncode == 0
    return (desk.folder / "out" / "t" / "latest").resolve()


def failed(done, *says):
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) < 24
    said = " ".join(done.stderr.split())
    for part in says:
        assert part in said


def test_a_broken_file_is_named(desk, run):
    for name, content in BROKEN.items():
        kept = (run / name).read_bytes()
        (run / name).write_bytes(content)
        place = f"cannot be read as part of a run folder at out/t/{run.name}/{name}"
        failed(desk.tandem("report", "t", "--results", "out", "--json"), place, "run the backtest again")
        if not name.endswith(".parquet"):
            failed(desk.tandem("runs", "compare", "t", "t", "--results", "out", "--json"), place)
        (run / name).write_bytes(kept)
    assert desk.tandem("report", "t", "--results", "out").returncode == 0
    assert [path for path in run.iterdir() if path.name.startswith(".")] == []


def test_another_programs_manifest(desk, run):
    (run / "manifest.json").write_text(json.dumps({"name": "app", "version": 3}))
    for words in (["report", "t"], ["runs", "compare", "t", "t"]):
        failed(desk.tandem(*words, "--results", "out"), f"at out/t/{run.name}/manifest.json")


NO_RUN = {
    "manifest.json": [b"{", b"\x80", b"[]", json.dumps({"name": "app", "version": 3}).encode(), None],
    "metrics.json": [b"", b"{", b'{"sharpe": []}', None],
}
"""Contents of a file that make a folder no readable run; None: the file is not there, or a folder."""


@pytest.mark.parametrize(("name", "content"), [(name, one) for name, many in NO_RUN.items() for one in many])
def test_a_broken_run_does_not_hide_the_others(desk, run, name, content):
    good = json.loads(desk.tandem("backtest", "run.yaml", "--set", "params.weight=0.4", "--json").stdout)
    (run / name).unlink()
    if content is None:
        (run / name).mkdir()
    else:
        (run / name).write_bytes(content)
    told = desk.tandem("runs", "list", "--results", "out", "--json")
    assert (told.returncode, told.stderr) == (0, "")
    document = json.loads(told.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [one["folder"] for one in document["runs"]] == [good["folder"]]
    if content is None and name == "manifest.json":
        assert document["broken"] == [], "a folder without a manifest is no run"
        return
    (broken,) = document["broken"]
    assert broken["file"] == f"out/t/{run.name}/{name}"
    assert broken["why"]
    shown = desk.tandem("runs", "list", "t", "--results", "out")
    assert shown.returncode == 0
    assert Path(good["folder"]).name in shown.stdout
    assert f"{broken['file']}: {broken['why']}" in shown.stdout
    assert "Not listed, unreadable: run the backtest again, or remove the folder" in shown.stdout
    failed(desk.tandem("report", "tt", "--results", "out"), "no such run at out", "did you mean t?")


def test_nothing_but_broken_runs(desk, run):
    (run / "manifest.json").write_bytes(b"{")
    shown = desk.tandem("runs", "list", "--results", "out")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "No runs" not in shown.stdout
    assert f"out/t/{run.name}/manifest.json: " in shown.stdout


def test_tables_of_two_runs(desk, run):
    other = desk.tandem("backtest", "run.yaml", "--set", "period.start=2020-01-23", "--json")
    (run / "equity.parquet").write_bytes(
        (desk.folder / json.loads(other.stdout)["folder"] / "equity.parquet").read_bytes()
    )
    failed(desk.tandem("report", str(run)), "equity.parquet found other content than the run wrote")
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]  # as of a run from before it kept digests
    (run / "manifest.json").write_text(json.dumps(manifest))
    failed(desk.tandem("report", str(run)), "equity.parquet found 7 rows where features.parquet has 9")


def test_half_a_configuration(desk, run):
    """It reads, and its costs are the defaults: the report would show figures that the run never had."""
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text[: text.index("costs:")])
    for words in (["report", str(run)], ["runs", "compare", str(run), str(run)]):
        failed(desk.tandem(*words), "config.yaml found other content than the run wrote", "run the backtest again")


@pytest.mark.usefixtures("run")
def test_a_report_replaces_files_alone(desk):
    failed(desk.tandem("report", "t", "--results", "out", "--out", "bars"), "this is no file at bars")


@pytest.mark.usefixtures("run")
def test_runs_that_are_not_there(desk):
    failed(desk.tandem("report", "tt", "--results", "out"), "no such run at out", "did you mean t?")
    failed(desk.tandem("runs", "list", "--results", "oot"), "no results folder oot")
    failed(desk.tandem("runs", "compare", "t", "--results", "out"), "a comparison needs two runs or more, found 1")
    failed(desk.tandem("runs", "list", "u", "--results", "out"), "no runs of this name", "found u allowed t")


def test_commands_that_publish_the_same_run_at_once_all_succeed(desk):
    processes = [desk.start("backtest", "run.yaml") for _ in range(4)]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
    assert ended == [("", 0)] * 4
    kept = sorted(path.name for path in (desk.folder / "out" / "t").iterdir())
    assert len(kept) == 2
    assert kept[-1] == "latest"
    assert desk.tandem("report", "t", "--results", "out").returncode == 0
