# SPDX-License-Identifier: Apache-2.0
import errno
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.analytics.analysis import analyse
from engine.errors import InputError, RunError
from engine.report.folder import atomic_folder, run_folder
from engine.report.folder.read_run import read_run
from engine.report.folder.rebuilt import rebuild_report
from engine.report.folder.run_folder import run_name

FILES = {
    "config.yaml", "manifest.json", "metrics.json", "equity.parquet", "fills.parquet", "orders.parquet",
    "ledger.parquet", "round_trips.parquet", "features.parquet", "report.html",
}  # fmt: skip


def test_a_run_folder_is_whole(written, result):
    published = written(result, timings={"run": 1.0})
    assert {path.name for path in published.folder.iterdir()} == FILES
    assert (published.folder.parent / "latest").resolve() == published.folder.resolve()
    manifest = json.loads((published.folder / "manifest.json").read_text())
    assert manifest["fill_convention"] == result.fill_convention
    assert manifest["data"]["synthetic"] is True
    assert manifest["timings"] == {"run": 1.0}
    assert manifest["versions"]["numpy"] == np.__version__
    metrics = json.loads((published.folder / "metrics.json").read_text())
    assert metrics["cagr"] == published.analysis.metrics["cagr"]


def test_the_same_run_gives_the_same_bytes_but_for_the_manifest(written, result, tmp_path):
    first = written(result, timings={"run": 1.0})
    second = written(result, root=tmp_path / "again", timings={"run": 2.0})
    assert first.folder.name == second.folder.name
    for name in FILES - {"manifest.json"}:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name
    manifests = [json.loads((one.folder / "manifest.json").read_text()) for one in (first, second)]
    assert [manifest.pop("timings") for manifest in manifests] == [{"run": 1.0}, {"run": 2.0}]
    assert manifests[0] == manifests[1]


def test_the_name_changes_with_whatever_changes_the_run(result):
    name = run_name(result, "c0ffee")
    assert name.startswith("20160104-20191231-")
    other_data = replace(result, market=replace(result.market, fingerprint="other"))
    others = {
        run_name(result, "cafe"),
        run_name(result, "c0ffee", "source"),
        run_name(other_data, "c0ffee"),
        run_name(replace(result, engine="backtrader"), "c0ffee"),
    }
    assert name not in others
    assert len(others) == 4


def test_a_rerun_replaces_its_folder(write_page):
    folder = write_page("first")
    (folder / "stray").write_text("from before")
    assert write_page("second") == folder
    assert (folder / "report.html").read_text() == "second"
    assert not (folder / "stray").exists()
    assert _beside(folder) == {folder.name, "latest"}


def test_a_full_disk_is_one_sentence_and_leaves_nothing(write_page, monkeypatch, tmp_path):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = write_page("first")
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(
        RunError, match=r"cannot write the run folder .*: no space left on device; nothing of it was kept"
    ):
        write_page("second")
    assert (folder / "report.html").read_text() == "first"
    assert _beside(folder) == {folder.name, "latest"}
    with pytest.raises(RunError):
        write_page(root=tmp_path / "fresh")
    assert not (tmp_path / "fresh" / "spread").exists()


def test_an_interrupt_leaves_nothing(write_page, monkeypatch, tmp_path):
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_page()
    assert not (tmp_path / "results" / "spread").exists()


def test_an_interrupt_between_the_two_renames_puts_the_old_run_back(write_page, monkeypatch):
    folder = write_page("first")
    rename = type(folder).rename

    def once(path, target):
        if path.name.startswith(atomic_folder.WRITING):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(type(folder), "rename", once)
    with pytest.raises(KeyboardInterrupt):
        write_page("second")
    assert (folder / "report.html").read_text() == "first"
    assert _beside(folder) == {folder.name, "latest"}


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(write_page, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    parent, host = tmp_path / "results" / "spread", atomic_folder._host()
    dead = parent / f".writing-run-{host}-{gone.pid}"
    replaced = parent / f".replaced-older-{host}-{gone.pid}"
    living = parent / f".writing-run-{host}-{os.getppid()}"
    elsewhere = parent / f".writing-run-another_host-{gone.pid}"
    for folder in (dead, replaced, living, elsewhere):
        folder.mkdir(parents=True)
        (folder / "half").write_text("x")
    folder = write_page()
    assert _beside(folder) == {folder.name, "latest", "older", living.name, elsewhere.name}


def test_latest_is_a_text_file_where_links_cannot_be_made(write_page, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    folder = write_page()
    assert (folder.parent / "latest").read_text().strip() == folder.name


def test_a_folder_reads_back_as_the_same_run(written, result):
    back = read_run(written(result).folder)
    for name in ("ledger", "points", "orders", "features"):
        given, read = getattr(result, name), getattr(back, name)
        assert given.dtype.names == read.dtype.names
        for column in given.dtype.names:
            np.testing.assert_array_equal(given[column], read[column], err_msg=f"{name}.{column}")
    for column in result.market.bars.dtype.names:
        np.testing.assert_array_equal(result.market.bars[column], back.market.bars[column], err_msg=column)
    assert back.config == result.config
    assert back.reasons == result.reasons
    assert repr(analyse(back).metrics) == repr(analyse(result).metrics)


def test_exits_measured_from_a_fill_read_back_and_folders_from_before_have_none(written, result):
    orders = result.orders.copy()
    orders["away"][0], orders["part"][-1] = -2.5, 0.05
    folder = written(replace(result, orders=orders)).folder
    for name in ("away", "part"):
        np.testing.assert_array_equal(read_run(folder).orders[name], orders[name])
    table = pq.read_table(folder / "orders.parquet")
    pq.write_table(table.drop_columns(["away", "part"]), folder / "orders.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({name: manifest[name] for name in manifest if name != "files"}))
    before = read_run(folder).orders
    assert not before["away"].any()
    assert not before["part"].any()


def test_a_folder_without_kinds_of_reasons_takes_them_from_the_names(written, result):
    folder = written(result).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    kinds = {name: kind for name, _, kind in manifest["reasons"].values()}
    assert kinds == {one.name: one.kind for one in result.reasons.values()}
    manifest["reasons"] = {code: words[:2] for code, words in manifest["reasons"].items()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    old = {one.name: one.kind for one in read_run(folder).reasons.values()}
    unnamed = {"broken_pair": "exit", "rebalance": "rebalance", "restore": "rebalance"}
    assert {name: kinds[name] for name in kinds if old[name] != kinds[name]} == unnamed
    manifest["reasons"]["1"].append("entrance")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_run(folder)


def test_the_report_rebuilds_to_the_same_bytes_from_the_folder_alone(written, result, tmp_path):
    published = written(result)
    other = rebuild_report(published.folder, tmp_path / "deep" / "other.html").page
    assert other.read_bytes() == published.report.read_bytes()
    published.report.unlink()
    assert rebuild_report(published.folder).page == published.report
    assert published.report.read_bytes() == other.read_bytes()


def test_a_broken_folder_is_named(written, result):
    folder = written(result).folder
    (folder / "ledger.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"ledger\.parquet: cannot be read"):
        read_run(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read"):
        read_run(folder)


def test_writing_a_run_imports_no_pandas(written, result):
    folder = written(result).folder
    code = (
        "import sys; from pathlib import Path; from engine.report.folder.read_run import read_run\n"
        "from engine.report.folder.run_folder import write_run; from engine.report.run.page import render\n"
        "from engine.analytics.analysis import analyse\n"
        f"r = read_run(Path({str(folder)!r})); before = set(sys.modules); a = analyse(r)\n"
        f"root = Path({str(folder.parent)!r})\n"
        "write_run(r, a, config_text='', config_hash='x', report_html=render(r, a), root=root)\n"
        "print(sorted({'pandas', 'numba', 'plotly', 'exchange_calendars'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_metrics_and_manifest_hold_no_nan(write_page):
    folder = write_page()
    for name in ("metrics.json", "manifest.json"):
        json.loads((folder / name).read_text(), parse_constant=pytest.fail)
    assert json.loads((folder / "manifest.json").read_text())["format"] == run_folder.FORMAT


def _beside(folder):
    return {path.name for path in folder.parent.iterdir()}
