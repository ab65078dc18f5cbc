# SPDX-License-Identifier: Apache-2.0
"""The count of trials: each once, by many processes at once, whole after a kill, and never lost in silence."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.runs.trials import store
from engine.runs.trials.family import Family
from engine.runs.trials.standing import deviation_of
from engine.runs.trials.store import Uncounted, trial_of

ROOT = Path(__file__).resolve().parents[3]
FAMILY = Family("spread_trade", "large SPY, small IWM", "csv")


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "data" / "trials.sqlite"
    monkeypatch.setenv("TANDEM_TRIALS", str(path))
    return path


def test_a_trial_counts_once_however_often_it_is_run(file):
    store.add(FAMILY, trial_of("a", "backtest", "one", [0.5]))
    store.add(FAMILY, trial_of("a", "backtest", "one", [0.5]))
    kept = store.add(FAMILY, trial_of("b", "sweep", "two", [0.1, math.nan, 0.3]))
    assert [(one.key, one.tried, one.ratios) for one in kept.trials] == [("a", 1, 1), ("b", 3, 2)]
    assert store.read(FAMILY) == kept
    assert store.read(Family("other", "x A", "csv")).trials == ()
    assert [one.family for one in store.families()] == [FAMILY]
    assert file.is_file()


def test_the_deviation_of_all_is_that_of_their_ratios_together(file):
    drawn = np.random.default_rng(1).normal(0.2, 0.5, 30)
    for start, stop in ((0, 1), (1, 2), (2, 20), (20, 30)):
        store.add(FAMILY, trial_of(f"{start}", "sweep", "s", [*drawn[start:stop].tolist(), math.nan]))
    store.add(FAMILY, trial_of("none", "backtest", "s", [math.nan]))
    kept = store.read(FAMILY)
    assert sum(one.tried for one in kept.trials) == 35
    assert deviation_of(kept.trials) == pytest.approx(np.std(drawn, ddof=1), rel=1e-12)
    assert deviation_of(kept.trials[:1]) == 0.0
    assert file.is_file()


def test_what_is_forgotten_leaves_its_number_and_reason(file):
    store.add(FAMILY, trial_of("a", "sweep", "s", [0.1] * 7))
    gone = store.forget(FAMILY, "prices were wrong")
    assert (gone.tried, gone.reason) == (7, "prices were wrong")
    kept = store.add(FAMILY, trial_of("b", "backtest", "s", [0.2]))
    assert [one.key for one in kept.trials] == ["b"]
    assert kept.forgotten == (gone,)
    assert file.is_file()


ADDS = """
import sys
from engine.runs.trials import store
from engine.runs.trials.family import Family
from engine.runs.trials.store import trial_of
for number in range(int(sys.argv[2])):
    store.add(Family("f", "x A", "csv"), trial_of(f"{sys.argv[1]}-{number}", "backtest", "n", [0.1]))
    print(number, flush=True)
"""


def adding(name, count):
    return subprocess.Popen([sys.executable, "-c", ADDS, name, str(count)], cwd=ROOT, stdout=subprocess.PIPE)


def test_processes_that_count_at_once_lose_nothing(file):
    started = [adding(str(number), 15) for number in range(2)]
    for one in started:
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert len(store.read(Family("f", "x A", "csv")).trials) == 30
    assert file.is_file()


def test_a_killed_process_has_what_it_said_and_leaves_the_file_whole(file):
    one = adding("k", 100_000)
    said = [int(one.stdout.readline()) for _ in range(5)][-1]
    os.kill(one.pid, signal.SIGKILL)
    rest = one.communicate(timeout=60)[0].split()
    said = int(rest[-1]) if rest else said
    kept = store.add(Family("f", "x A", "csv"), trial_of("after", "backtest", "n", [0.1]))
    assert said + 2 <= len(kept.trials) <= said + 4
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_threads_too(file):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.add(FAMILY, trial_of(str(key), "backtest", "n", [0.1])), range(24)))
    assert len(store.read(FAMILY).trials) == 24
    assert file.is_file()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"words" * 99, "not a database"), (b"", None), ("later", "version 1")],
)
def test_a_file_that_is_no_count_is_said_and_left_as_it_is(file, content, said):
    file.parent.mkdir(parents=True)
    if content == "later":
        with closing(sqlite3.connect(file)) as db:
            db.execute("PRAGMA user_version = 7")
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    if said is None:
        assert len(store.add(FAMILY, trial_of("a", "backtest", "n", [0.1])).trials) == 1
        return
    with pytest.raises(Uncounted, match=said):
        store.add(FAMILY, trial_of("a", "backtest", "n", [0.1]))
    assert file.read_bytes() == before


def test_a_file_in_which_nothing_is_yet_holds_no_trial(file):
    """As another process has it that has just made it, or `touch`."""
    file.parent.mkdir(parents=True)
    file.touch()
    assert store.families() == []
    assert store.read(FAMILY).trials == ()
    store.add(FAMILY, trial_of("a", "backtest", "x", [1.0]))
    assert [one.family for one in store.families()] == [FAMILY]


def test_a_folder_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TANDEM_TRIALS", str(tmp_path / "file" / "trials.sqlite"))
    with pytest.raises(Uncounted, match=r"TANDEM_TRIALS names another file"):
        store.add(FAMILY, trial_of("a", "backtest", "n", [0.1]))


def test_another_that_holds_the_file_for_long_is_said(file, monkeypatch):
    store.add(FAMILY, trial_of("a", "backtest", "n", [0.1]))
    monkeypatch.setattr(store, "WAIT", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Uncounted, match="locked"):
            store.add(FAMILY, trial_of("b", "backtest", "n", [0.1]))
        holder.execute("ROLLBACK")
    assert len(store.read(FAMILY).trials) == 1
