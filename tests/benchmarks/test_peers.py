# SPDX-License-Identifier: Apache-2.0
"""The side-by-side run, against peers that are small scripts made here."""

import json
import sys

import pytest

from benchmarks import peers
from benchmarks.peers import OURS, PLAIN, Job, compare, find_harness, measure, plan

ROW = {"bars": 100, "prep_s": 0.0, "peak_mb": 30, "version": "1"}


def _row(call, equity=100.0, trades=7, warm=None):
    return {**ROW, "sim_s": call, "warm_s": warm, "equity": equity, "trades": trades, "whole_s": call + 1.0}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A harness of two peers: bt agrees with the plain loop, raptorbt is a dollar off."""
    monkeypatch.setenv("PEERS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TANDEM_PEERS_HARNESS", raising=False)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for peer, equity in (("plain", 100.0), ("bt", 100.001), ("raptorbt", 101.0)):
        row = _row(0.5, equity)
        del row["whole_s"]
        (scripts / f"peer_{peer}.py").write_text(f"print({json.dumps(row)!r})\n")
    for peer in ("bt", "raptorbt"):
        python = tmp_path / "home" / peer / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    (tmp_path / "home" / "data").mkdir()
    (tmp_path / "home" / "data" / "minute.npz").touch()
    return scripts


def test_without_a_folder_it_skips_and_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("TANDEM_PEERS_HARNESS", raising=False)
    assert "--harness" in measure()["skipped"]
    assert "peer_plain.py" in measure(tmp_path)["skipped"]


def test_without_data_or_environments_it_skips(folder, tmp_path):
    (tmp_path / "home" / "data" / "minute.npz").unlink()
    assert "make_data.py" in find_harness(folder)
    (tmp_path / "home" / "data" / "minute.npz").touch()
    for peer in ("bt", "raptorbt"):
        (tmp_path / "home" / peer / "bin" / "python").unlink()
    assert "none of" in find_harness(folder)


def test_every_peer_gets_ours_and_the_plain_loop_at_its_own_size():
    jobs = plan(["backtrader", "vectorbt"], {"W2b", "W2bs"})
    assert {(job.engine, job.work, job.bars) for job in jobs} == {
        (PLAIN, "W2b", None),
        (OURS, "W2b", None),
        ("vectorbt", "W2b", None),
        (PLAIN, "W2b", 100_000),
        (OURS, "W2b", 100_000),
        ("backtrader", "W2b", 100_000),
        ("vectorbt", "W2bs", None),
    }
    assert len(jobs) == 7


def test_the_run_takes_turns_and_compares_to_the_cent(folder, monkeypatch):
    order = []
    real = peers.run_job

    def ours_from_here(harness, job):
        order.append(job.engine)
        return _row(0.1) if job.engine == OURS else real(harness, job)

    monkeypatch.setattr(peers, "run_job", ours_from_here)
    figures = measure(folder, repeats=2, works=["W1"])
    assert figures["absent"] == ["backtrader", "vectorbt", "vectorbt_rust"]
    assert order == order[: len(order) // 2] * 2
    rows = {row["engine"]: row for row in figures["rows"]}
    assert rows["bt"]["agrees"] is True
    assert rows["raptorbt"]["agrees"] is False
    assert "resize" in rows["raptorbt"]["difference"]
    assert rows["bt"]["times_ours"] == pytest.approx(5.0)
    assert rows[OURS]["agrees"] is True


def test_medians_and_the_warm_call_where_there_was_one():
    job, ours = Job("bt", "W1", None), Job(OURS, "W1", None)
    runs = {job: [_row(9.0, warm=w) for w in (3.0, 1.0, 2.0)], ours: [_row(0.5)]}
    row = compare(runs)[0]
    assert (row["call_s"], row["first_s"], row["call_low_s"], row["call_high_s"]) == (2.0, 9.0, 1.0, 3.0)
    assert row["times_ours"] == 4.0
    assert row["agrees"] is None  # nothing to hold it against


def test_whole_processes_are_compared_by_their_whole_time():
    runs = {Job("bt", "W4", None): [_row(4.0)], Job(OURS, "W4", None): [_row(1.0)]}
    assert compare(runs)[0]["times_ours"] == 2.5


def test_a_simpler_rule_is_timed_against_the_full_one_and_says_so():
    runs = {
        Job("raptorbt", "W2bs", None): [_row(1.0, equity=90.0)],
        Job(OURS, "W2b", None): [_row(0.25)],
        Job(PLAIN, "W2b", None): [_row(2.0)],
    }
    row = compare(runs)[0]
    assert row["times_ours"] == 4.0
    assert row["agrees"] is False
    assert "another stop" in row["difference"]


def test_a_peer_that_fails_is_a_row_with_its_last_words(folder):
    (folder / "peer_bt.py").write_text("raise SystemExit('no such work')\n")
    harness = find_harness(folder)
    row = peers.run_job(harness, Job("bt", "W1", None))
    assert "no such work" in row["error"]
    assert compare({Job("bt", "W1", None): [row]})[0]["error"] == row["error"]


def test_a_sweep_is_held_against_the_plain_loop_by_its_best_combination():
    best = [5, 60, 1.5]
    runs = {
        Job(PLAIN, "W3", None): [_row(4.0) | {"best": best, "trades": 0}],
        Job(OURS, "W3", None): [{name: part for name, part in _row(0.5).items() if name != "trades"} | {"best": best}],
        Job("vectorbt", "W3", None): [_row(8.0) | {"best": [5, 60, 2.0]}],
        Job("raptorbt", "W3s", None): [_row(1.0) | {"best": [10, 60, 1.5]}],
    }
    rows = {(row["engine"], row["work"]): row for row in compare(runs)}
    assert rows[OURS, "W3"]["agrees"] is True
    assert rows["vectorbt", "W3"]["agrees"] is False
    assert rows["vectorbt", "W3"]["times_ours"] == 16.0
    assert rows["raptorbt", "W3s"]["times_ours"] == 2.0
    assert "another stop" in rows["raptorbt", "W3s"]["difference"]
