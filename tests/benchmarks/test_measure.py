# SPDX-License-Identifier: Apache-2.0
"""What figures are measured with measures."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import measure
from benchmarks.measure import machine, run_process, spread, stopwatch
from benchmarks.peak import peak_bytes
from engine.errors import RunError


def test_spread_is_median_least_and_most():
    assert spread([3.0, 1.0, 10.0]) == {"median": 3.0, "low": 1.0, "high": 10.0, "n": 3}


def test_stopwatch_takes_each_call_by_itself(monkeypatch):
    readings, called = iter([10.0, 10.5, 20.0, 20.25, 30.0, 33.0]), []
    monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter=lambda: next(readings)))
    assert stopwatch(lambda: called.append(1), 3) == [0.5, 0.25, 3.0]
    assert len(called) == 3


def test_peak_memory_grows_with_what_is_touched():
    before = peak_bytes()
    ballast = np.ones(60_000_000 // 8 + before // 8)  # more than the process ever held
    assert peak_bytes() - before > 50_000_000
    del ballast
    assert peak_bytes() - before > 50_000_000


def test_a_process_gives_its_time_and_its_output():
    seconds, printed = run_process([sys.executable, "-c", "import os; print(os.environ['WORD'])"], {"WORD": "here"})
    assert printed == "here\n"
    assert seconds > 0.001


def test_a_process_keeps_its_bytecode(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    _, printed = run_process([sys.executable, "-c", "import sys; print(sys.dont_write_bytecode)"])
    assert printed == "False\n"


def test_a_failing_process_is_an_error_with_its_last_line():
    with pytest.raises(RunError, match="ended with 3: the end"):
        run_process([sys.executable, "-c", "import sys; sys.stderr.write('start\\nthe end\\n'); sys.exit(3)"])


def test_a_process_that_takes_too_long_is_an_error():
    with pytest.raises(RunError, match=r"took over 0\.2 s"):
        run_process([sys.executable, "-c", "import time; time.sleep(30)"], limit=0.2)


def test_a_figure_names_its_machine():
    named = machine()
    assert named["cores"] >= 1
    assert set(named["versions"]) >= {"numpy", "numba"}
