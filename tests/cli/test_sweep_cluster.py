# SPDX-License-Identifier: Apache-2.0
"""`tandem sweep` on workers of Dask: the same bytes whoever dies on the way; what cannot be leaves nothing behind."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

import psutil
from distributed import LocalCluster

import engine
from engine.cli.application import app
from engine.errors import InputError, MissingExtra, RunError
from engine.runs.sweep import chunks, dask_crew, run
from tests.programs import TANDEM

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")
SHORT = ("--set", "period.start=2018-01-02", "--set", "period.end=2019-12-31")
OVER = ("--over", "enter=0.5:2:0.5", "--over", "z_window=40,60,80", "--over", "fills.at=next_open,next_close")
WRITTEN = ("sweep.parquet", "sweep.json", "sweep.html", "config.yaml")


@pytest.fixture(scope="module")
def crew():
    with dask_crew.local_crew(2) as made:
        yield made


@pytest.fixture(scope="module")
def address(crew):
    return crew._name


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The sweep by threads of this process."""
    return swept(tmp_path_factory.mktemp("here"))


def swept(out, *words):
    done = CliRunner().invoke(
        app, ["sweep", CONFIG, *SHORT, *OVER, *words, "--out", str(out), "--json"], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return Path(json.loads(done.output)["page"]).parent


def refused(kind, *words, out):
    with pytest.raises(kind) as caught:
        CliRunner().invoke(app, ["sweep", CONFIG, *SHORT, *OVER, *words, "--out", str(out)], catch_exceptions=False)
    assert not out.exists()
    return str(caught.value)


def same(one, other):
    return [name for name in WRITTEN if (one / name).read_bytes() != (other / name).read_bytes()] == []


def test_a_worker_killed_in_mid_sweep_costs_nothing(tmp_path, monkeypatch, here, crew, address):
    monkeypatch.setattr(chunks, "FIRST", 1)
    workers = crew._client.run(os.getpid)
    came, back = [], chunks.Workers._back

    def killing(self):
        came.append(back(self))
        if len(came) == 3:
            os.kill(next(iter(workers.values())), signal.SIGKILL)
        return came[-1]

    monkeypatch.setattr(chunks.Workers, "_back", killing)
    assert same(swept(tmp_path, "--cluster", address), here)
    assert len(came) > 3
    assert len(set(workers.values()) & set(crew._client.run(os.getpid).values())) <= 1


def test_workers_that_cannot_read_the_file_are_sent_the_bars(monkeypatch, address):
    grid = {"enter": [0.5, 1.0], "costs.slippage.half_spread": [0.0001, 0.0002]}
    period = {"start": "2017-01-03", "end": "2019-12-31"}
    here = engine.sweep(CONFIG, grid, period=period)  # the market is in the cache from here on
    monkeypatch.setattr(dask_crew.np, "save", lambda *_: None)
    assert engine.sweep(CONFIG, grid, cluster=address, period=period).equals(here)


def test_whoever_listens_does_so_on_loopback_alone(crew):
    processes = [os.getpid(), *crew._client.run(os.getpid).values()]
    heard = [
        socket_.laddr.ip
        for process in processes
        for socket_ in psutil.Process(process).net_connections("inet")
        if socket_.status == psutil.CONN_LISTEN
    ]
    assert len(heard) >= 4
    assert set(heard) == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("part", "there"),
    [("Tandem", "0.0.9"), ("the sources of Tandem", "abc"), ("numba", "0.1"), ("Python", "3.99")],
)
def test_workers_that_may_come_to_other_figures_are_refused(tmp_path, monkeypatch, address, part, there):
    own = dask_crew.installed()
    monkeypatch.setattr(dask_crew, "installed", lambda: own | {part: there})
    said = refused(InputError, "--cluster", address, out=tmp_path / "out")
    assert f"may come to other figures; found {part} {own[part]}; allowed: {part} {there}, as here" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nonsense", "--cluster: not the address of a scheduler; found nonsense"),
        ("ftp://10.0.0.1:8786", "allowed: tcp://HOST:PORT or tls://HOST:PORT"),
        ("tcp://127.0.0.1:port", "not the address of a scheduler"),
        ("", "not the address of a scheduler"),
    ],
)
def test_what_is_no_address_is_refused(tmp_path, given, said):
    assert said in refused(InputError, "--cluster", given, out=tmp_path / "out")


def test_a_dead_address_is_told_within_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_crew, "ANSWER", 0.5)
    start = time.monotonic()
    assert "no scheduler of Dask answers within" in refused(
        InputError, "--cluster", "tcp://127.0.0.1:1", out=tmp_path / "out"
    )
    assert time.monotonic() - start < 5.0
    with pytest.raises(InputError, match="no scheduler of Dask answers within"):
        engine.sweep(CONFIG, {"enter": [1.0]}, cluster="tcp://127.0.0.1:1")


def test_whoever_listens_there_and_is_no_scheduler_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_crew, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        assert "no scheduler of Dask answers" in refused(InputError, "--cluster", place, out=tmp_path / "out")


def test_without_dask_one_sentence_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "engine.runs.sweep.dask_crew")
    said = refused(MissingExtra, "--workers", "2", out=tmp_path / "out")
    assert said.startswith(
        "Dask is not installed: it is the optional extra of sweeps on several processes or machines; "
    )
    assert said.endswith("install it with `pip install '.[cluster]'`")


def test_whole_backtests_are_not_sent(address):
    with pytest.raises(InputError, match="whole backtests are run in this process"):
        engine.sweep(CONFIG, {"enter": [1.0]}, metrics=["sharpe"], cluster=address)


def test_a_scheduler_that_goes_is_told_and_the_next_one_goes_on(tmp_path, monkeypatch, here, address):
    """The workers of the next one run what was not kept, and nothing else. Schedulers killed: test_sweep_scheduler."""
    for module, name, size in ((run, "LEAST", 5), (run, "MOST", 5), (chunks, "FIRST", 1)):
        monkeypatch.setattr(module, name, size)
    came, back = [], chunks.Workers._back
    silent = {"processes": False, "host": "127.0.0.1", "protocol": "tcp", "dashboard_address": None}
    with LocalCluster(n_workers=1, threads_per_worker=1, silence_logs=logging.CRITICAL, **silent) as cluster:

        def ending(self):
            came.append(back(self))
            if len(came) == 12:
                cluster.close(timeout=5)
            return came[-1]

        monkeypatch.setattr(chunks.Workers, "_back", ending)
        with pytest.raises(RunError, match=r"the scheduler at tcp://127\.0\.0\.1:\d+ is gone"):
            CliRunner().invoke(
                app, ["sweep", CONFIG, *SHORT, *OVER, "--out", str(tmp_path), "--cluster", cluster.scheduler_address],
                catch_exceptions=False,
            )  # fmt: skip
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR), "it would show a traceback"
    (kept,) = (tmp_path / "spread_sample").iterdir()
    left = 24 - 5 * len(list(kept.iterdir()))
    assert 0 < left < 24
    sent, send = [], dask_crew.DaskCrew.send
    monkeypatch.setattr(chunks.Workers, "_back", back)
    monkeypatch.setattr(dask_crew.DaskCrew, "send", lambda self, chunk: (sent.extend(chunk.numbers), send(self, chunk)))
    assert same(swept(tmp_path, "--cluster", address), here)
    assert len(set(sent)) == left


@pytest.mark.parametrize(
    "ended",
    [pytest.param(None, marks=pytest.mark.slow), signal.SIGTERM, signal.SIGINT],
    ids=["well", "stopped", "interrupted"],
)
def test_without_a_cache_workers_run_and_nothing_temporary_is_left(tmp_path, ended):
    """Rules are a source that is sent; a cluster of Dask puts files down too."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    nowhere = {"TANDEM_CACHE_DIR": "/dev/null/nowhere", "TMPDIR": str(temporary)}
    words = ["--over", "entry=5,10", *SHORT, "--out", str(tmp_path / "out"), "--workers", "1"]
    process = subprocess.Popen(
        [TANDEM, "sweep", str(ROOT / "configs" / "rules_rsi_sample.yaml"), *words],
        env={**os.environ, **nowhere}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while ended and not list(temporary.glob("tandem-workers-*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    if ended:
        process.send_signal(ended)
    _, said = process.communicate(timeout=120)
    assert process.returncode == {None: 0, signal.SIGTERM: 143, signal.SIGINT: 130}[ended], said
    assert "Traceback" not in said
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
class TestProcesses:
    """The command as a terminal has it, with workers of its own."""

    LONG = ("--over", "enter=0.1:2:0.01", "--over", "exit=-1:0:0.1", "--over", "z_window=20:60:1")

    def started(self, out, *words):
        return subprocess.Popen(
            [TANDEM, "sweep", CONFIG, *words, "--out", str(out), "--workers", "2"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def workers(self, process):
        children = psutil.Process(process.pid).children(recursive=True)
        return [one for one in children if "multiprocessing-fork" in " ".join(one.cmdline())]

    def begun(self, process, out):
        while not list(out.glob("spread_sample/.*/*.parquet")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        return self.workers(process)

    def test_ctrl_c_ends_the_workers_and_says_what_is_kept(self, tmp_path):
        process = self.started(tmp_path, *self.LONG)
        workers = self.begun(process, tmp_path)
        assert len(workers) == 2
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "combinations are kept; the same command goes on from there." in said
        assert "Traceback" not in said
        assert psutil.wait_procs(workers, timeout=10)[1] == []

    def test_workers_killed_again_and_again_cost_nothing(self, tmp_path):
        words = ("--over", "enter=0.1:2:0.02", "--over", "z_window=20:119:1")
        here = subprocess.run(
            [TANDEM, "sweep", CONFIG, *words, "--out", str(tmp_path / "here"), "--json"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        process = self.started(tmp_path / "there", *words, "--json")
        self.begun(process, tmp_path / "there")
        for _ in range(4):
            time.sleep(0.5)
            for worker in self.workers(process)[:1]:
                worker.kill()
        said, wrong = process.communicate(timeout=600)
        assert process.returncode == 0, wrong
        assert same(Path(json.loads(said)["page"]).parent, Path(json.loads(here.stdout)["page"]).parent)

    def test_a_strategy_of_ones_own_reaches_workers_elsewhere(self, tmp_path):
        (tmp_path / "near.py").write_text("LEVEL = 0.25\n")
        (tmp_path / "mine.py").write_text(
            "from near import LEVEL\nfrom engine import Strategy, param\n\n"
            "class Mine(Strategy):\n    roles = ('fund',)\n\n"
            "    class Params:\n        more: float = param(0.1, low=0, high=0.5, doc='on top')\n\n"
            "    @staticmethod\n    def on_bar(bar, f, p, s, account, orders):\n"
            "        if account.t == 0:\n            orders.target(0, LEVEL + p.more)\n"
        )
        period = {"start": "2018-01-02", "end": "2018-12-31"}
        config = {"name": "mine", "strategy": f"{tmp_path}/mine.py", "roles": {"fund": "SPY"}, "period": period}
        grid = {"more": [0.0, 0.1, 0.2, 0.3], "costs.slippage.half_spread": [0.0001, 0.001]}
        there = engine.sweep(config, grid, workers=2)
        assert there.equals(engine.sweep(config, grid))
        assert there["final_equity"].nunique() == 8
