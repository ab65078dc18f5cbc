# SPDX-License-Identifier: Apache-2.0
"""`tandem compare --report --watch`: a page that is kept open, written again whenever new bars come."""

import signal
import subprocess
import time

import numpy as np
import pytest

from tests import programs
from tests.cli.data_desk import bars_text, session_days
from tests.programs import TANDEM

DAYS = [str(np.datetime64(day, "D")) for day in session_days("2019-01-02", 300)]
STEPS = np.random.default_rng(1).normal(0, 0.01, (2, 300))
PRICES = {
    name: [round(price, 4) for price in 100 * np.exp(np.cumsum(steps))] for name, steps in zip("AB", STEPS, strict=True)
}


def write(folder, count):
    for name, prices in PRICES.items():
        (folder / f"{name}.csv").write_text(bars_text(DAYS[:count], prices[:count]))


def until(happened, process, seconds=90):
    """Wait until it has; the process must live meanwhile."""
    stop = time.perf_counter() + seconds
    while not happened():
        assert process.poll() is None, process.stderr.read()
        assert time.perf_counter() < stop
        time.sleep(0.1)


def test_the_page_is_written_again_when_new_bars_come(tmp_path):
    write(tmp_path, 299)
    page = tmp_path / "pair.html"
    words = ["compare", "A", "B", "--data", ".", "--report", "pair.html", "--watch", "--every", "1"]
    process = subprocess.Popen(
        [TANDEM, *words], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        until(page.exists, process)
        assert f"{DAYS[0]} to {DAYS[298]}" in page.read_text()
        assert "location.reload(), 1000)" in page.read_text()
        (tmp_path / "A.csv").write_text("half a fi")
        time.sleep(1.5)
        write(tmp_path, 300)
        until(lambda: f"{DAYS[0]} to {DAYS[299]}" in page.read_text(), process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def test_a_page_once(tmp_path):
    write(tmp_path, 300)
    words = ("compare", "A", "B", "--data", ".", "--report", "pair.html", "--json")
    done = programs.tandem(*words, cwd=tmp_path, env={})
    assert done.returncode == 0, done.stderr
    assert '"page": "pair.html"' in done.stdout
    assert "location.reload" not in (tmp_path / "pair.html").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("IWM", "VIX", "--watch"), "the sample market never gets any"),
        (("A", "B", "--data", ".", "--watch", "--json"), "--json is one document"),
        (("A", "C", "--data", ".", "--watch"), "no file C.csv"),
        (("A", "B", "--data", ".", "--report", "."), "this is no file"),
    ],
)
def test_what_cannot_be_watched_or_written_is_told(tmp_path, words, says):
    write(tmp_path, 300)
    done = programs.tandem("compare", *words, cwd=tmp_path, env={})
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
