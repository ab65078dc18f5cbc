# SPDX-License-Identifier: Apache-2.0
"""Two checkouts in turns: what each is given, what is made of it, and what is refused."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import against
from benchmarks.__main__ import main
from engine.errors import RunError

MEASURE = """
def stopwatch(call, repeats):
    raise AssertionError("the clock of the benchmark itself is not asked")

def run_process(command):
    return 1.0, "printed"
"""

SWEEP = """
from benchmarks.measure import stopwatch

def measure(repeats=3):
    seconds = stopwatch(lambda: sum(range(LENGTH)), repeats)
    print("a word of its own")
    took = {"median": 1.0, "low": 1.0, "high": 1.0, "n": len(seconds)}
    return {"call_s": took, "fills": FILLS, "deep": {"equity": 5.0}}
"""

SETTINGS = "DAILY, MINUTES = {}, {}\n"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Makes a folder that holds what a checkout must; its interpreter is this one."""
    monkeypatch.setattr(against, "python_of", lambda _: Path(sys.executable))

    def made(name, *, length, fills=7, source=SWEEP):
        package = tmp_path / name / "benchmarks"
        package.mkdir(parents=True)
        texts = {"__init__": "", "measure": MEASURE, "spread": SETTINGS, "agents": SETTINGS}
        texts["sweep"] = source.replace("LENGTH", str(length)).replace("FILLS", str(fills))
        for module, text in texts.items():
            (package / f"{module}.py").write_text(text)
        return tmp_path / name

    return made


def test_a_side_that_does_more_takes_longer_in_every_pair(checkout, monkeypatch):
    monkeypatch.setattr(against, "ROOT", checkout("ours", length=3_000_000))
    figures = against.compare("sweep", checkout("theirs", length=100_000), 4, {})
    reading = figures["a thousand sets"]
    assert reading["n"] == 4
    assert reading["low"] <= reading["ratio"] <= reading["high"]
    assert reading["of_least"] > 2
    assert reading["ours_s"] > reading["theirs_s"]
    assert figures["differs"] == []


CORES = (
    SWEEP
    + """
def measure_cores(repeats=3):
    import time
    stopwatch(lambda: time.sleep(0.05), repeats)
    return measure(0)
"""
)


def test_cores_are_read_by_the_clock_against_a_checkout_that_has_one(checkout, monkeypatch):
    monkeypatch.setattr(against, "ROOT", checkout("ours", length=10, source=CORES))
    figures = against.compare("cores", checkout("theirs", length=10), 2, {})
    reading = figures["a thousand sets by the clock"]
    assert reading["n"] == 2
    assert reading["ours_s"] >= 0.05 > reading["theirs_s"]  # asleep it took no processor time
    assert figures["differs"] == []


def test_work_that_is_not_the_same_is_named(checkout, monkeypatch):
    monkeypatch.setattr(against, "ROOT", checkout("ours", length=10, fills=7))
    figures = against.compare("sweep", checkout("theirs", length=10, fills=8), 2, {})
    assert figures["differs"] == ["fills 7 / 8"]


def test_a_benchmark_that_fails_is_no_figure(checkout, monkeypatch):
    monkeypatch.setattr(against, "ROOT", checkout("ours", length=10))
    other = checkout("theirs", length=10, source="def measure(repeats=3):\n    raise ValueError('no market')\n")
    with pytest.raises(RunError, match=r"ended early in .*theirs"):
        against.compare("sweep", other, 2, {})


def test_ratios_are_those_of_pairs():
    reading = against.ratio_of([(2.0, 1.0), (3.0, 2.0), (4.0, 4.0)])
    assert reading["ratio"] == 1.5
    assert reading["of_least"] == 2.0
    assert (reading["ours_s"], reading["theirs_s"], reading["n"]) == (3.0, 2.0, 3)
    assert (reading["low"], reading["high"]) == (1.25, 1.75)


def test_one_pair_is_its_own_spread():
    reading = against.ratio_of([(3.0, 2.0)])
    assert (reading["low"], reading["ratio"], reading["high"]) == (1.5, 1.5, 1.5)


def test_differences_go_down_into_what_happened_and_leave_times_alone():
    time = {"median": 1.0, "low": 1.0, "high": 1.0, "n": 3}
    ours = {"run_ns": {5: time}, "growth": 1.1, "ledger": {"fill": 3, "fee": 2}}
    theirs = {"run_ns": {5: {**time, "median": 2.0}}, "growth": 0.9, "ledger": {"fill": 4}}
    found = against.differences(against.what_happened(ours), against.what_happened(theirs))
    assert found == ["ledger.fill 3 / 4", "ledger.fee 2 / None"]


def test_without_a_checkout_it_is_skipped(capsys):
    assert main(["against", "--json"]) == 0
    assert "--checkout" in json.loads(capsys.readouterr().out)["figures"]["skipped"]


def test_a_checkout_without_environment_says_how_to_make_it(tmp_path, capsys):
    assert main(["against", "--checkout", str(tmp_path), "--works", "sweep"]) == 1
    assert "make .venv/.test-ready" in capsys.readouterr().err


def test_an_unknown_name_is_refused(tmp_path, capsys):
    assert main(["against", "--checkout", str(tmp_path), "--works", "kernle"]) == 1
    assert "kernle" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
