# SPDX-License-Identifier: Apache-2.0
"""A scheduler killed in mid-sweep: the next one, at its address or elsewhere, goes on from the written table."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from tests.programs import TANDEM

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
DASK = TANDEM.with_name("dask")
GRID = ("--over", "enter=0.1:2:0.01", "--over", "z_window=20:119:1")
PARTS = 5
"""Of 19,100 combinations, 4,096 each."""

WRITTEN = ("sweep.parquet", "sweep.json", "sweep.html", "config.yaml")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@contextmanager
def dask(port):
    """A scheduler and a worker of it, each a process of its own on loopback; yields the scheduler's process."""
    address = f"tcp://127.0.0.1:{port}"
    quiet = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1")
    commands = (
        ("scheduler", "--port", str(port), *quiet),
        ("worker", address, "--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", "60", *quiet),
    )
    started = [
        subprocess.Popen([DASK, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for words in commands
    ]
    try:
        answers(port, started[0])
        yield started[0]
    finally:
        for one in started:
            one.kill()
            one.wait(timeout=10)


def answers(port, scheduler):
    """Wait until the scheduler listens; a sweep asks for three seconds only."""
    ends = time.monotonic() + 60.0
    while time.monotonic() < ends:
        assert scheduler.poll() is None
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)


def sweep(out, *words):
    return subprocess.Popen(
        [TANDEM, "sweep", CONFIG, *GRID, "--out", str(out), "--json", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def folder_of(process):
    said, wrong = process.communicate(timeout=600)
    assert process.returncode == 0, wrong
    return Path(json.loads(said)["page"]).parent


def parts(out):
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in out.glob("spread_sample/.*/*.parquet")}


def killed_after(out, count, port):
    """Sweep by a scheduler that is killed when so many parts are on the disk; what was kept then."""
    with dask(port) as scheduler:
        process = sweep(out, "--cluster", f"tcp://127.0.0.1:{port}")
        while len(parts(out)) < count:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.02)
        os.kill(scheduler.pid, signal.SIGKILL)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"the scheduler at tcp://127.0.0.1:{port} is gone" in said
    assert "combinations are kept; the same command goes on from there." in said
    assert "Traceback" not in said
    kept = parts(out)
    assert count <= len(kept) < PARTS
    return kept


@pytest.mark.slow
def test_a_sweep_outlives_its_schedulers(tmp_path):
    """Killed twice, the second time at the address of the first; ended by a third elsewhere. No part is run again."""
    here = folder_of(sweep(tmp_path / "here"))
    there, port = tmp_path / "there", free_port()
    first = killed_after(there, 1, port)
    second = killed_after(there, len(first) + 1, port)
    assert {name: second[name] for name in first} == first
    other = free_port()
    with dask(other):
        ended = folder_of(sweep(there, "--cluster", f"tcp://127.0.0.1:{other}"))
    assert [name for name in WRITTEN if (ended / name).read_bytes() != (here / name).read_bytes()] == []
    assert parts(there) == {}
