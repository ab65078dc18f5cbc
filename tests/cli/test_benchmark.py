# SPDX-License-Identifier: Apache-2.0
"""What a run is compared with is said in the YAML, and is not what cash is priced off."""

import json

import numpy as np
import pytest

LEVELS = (100.0, 101.0, 99.0, 102.0, 103.0, 101.0, 104.0, 106.0, 105.0)


@pytest.fixture
def pair(desk):
    """BBB as in LEVELS, and a file of the same levels; the rule holds AAA from the second bar on."""
    days = [line.split(",")[0] for line in (desk.folder / "bars/AAA.csv").read_text().splitlines()[1:]]
    rows = [f"{day},{price},{price},{price},{price},1000000,0" for day, price in zip(days, LEVELS, strict=True)]
    desk.bars("BBB", rows)
    desk.write("x.csv", "date,close\n" + "".join(f"{d},{p}\n" for d, p in zip(days, LEVELS, strict=True)))
    return desk


def metrics(desk, *words):
    done = desk.tandem("backtest", "run.yaml", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["metrics"]


def test_figures_follow_the_benchmark_and_not_the_rate(pair):
    first, small = metrics(pair), metrics(pair, "--set", "benchmark=small")
    assert first["beta"] != small["beta"]
    assert metrics(pair, "--set", "benchmark=large") == first
    assert metrics(pair, "--set", "benchmark=BBB") == small
    assert metrics(pair, "--set", "benchmark=small", "--set", "costs.benchmark=0.02")["tracking_error"] == (
        pytest.approx(small["tracking_error"], rel=1e-3)  # another rate moves the cash by a hair
    )


def test_tracking_error_and_information_ratio_by_hand(pair):
    """A rule that never trades earns nothing: its active return is the benchmark's, turned round."""
    pair.replace("rule.py", "orders.target(LARGE, p.weight)", "pass")
    other = np.diff(LEVELS) / LEVELS[:-1]
    found = metrics(pair, "--set", "benchmark=small", "--set", "costs.benchmark=0")
    assert found["tracking_error"] == pytest.approx(np.std(other, ddof=1) * np.sqrt(252))
    assert found["information_ratio"] == pytest.approx(-np.mean(other) / np.std(other, ddof=1) * np.sqrt(252))
    assert found["beta"] == 0.0
    assert found["up_capture"] is None  # one month


def test_a_series_that_only_the_comparison_reads(pair):
    small = metrics(pair, "--set", "benchmark=small")["tracking_error"]
    pair.add("series: {x: {symbol: X, path: x.csv, column: close}}\nbenchmark: x")
    pair.replace("run.yaml", "name: t", "name: series")
    assert metrics(pair)["tracking_error"] == pytest.approx(small)
    assert "X bought and held" in next((pair.folder / "out").glob("series/2*/report.html")).read_text()


def test_compared_with_nothing(pair):
    found = metrics(pair, "--set", "benchmark=none")
    assert found["alpha"] is None
    assert (
        found["undefined"]["alpha"]
        == "the run is compared with nothing: no benchmark, or one without a value in the run"
    )
    out = pair.tandem("backtest", "run.yaml", "--set", "benchmark=none").stdout
    assert "Beta to the benchmark" in out


def test_a_name_that_is_nowhere(pair):
    done = pair.tandem("backtest", "run.yaml", "--set", "benchmark=smal")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "nothing of this name is bound; bind it under series to compare with it" in said
    assert "small" in said
