# SPDX-License-Identifier: Apache-2.0
"""Kills: `python -m tests.paper.chaos.run random --seed 1 --kills 200`, or `matrix`: every boundary times every fault.

Both sides are children by fork, killed by SIGKILL; the broker's book and the journal are on disk. Prints one JSON line,
and ends with 1 where anything is wrong.
"""

import argparse
import contextlib
import gc
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.util import Finalize
from pathlib import Path

import psutil

from engine.sandbox.exchange.exchange import Exchange
from tests.paper.chaos import broker, careful, naive
from tests.paper.chaos.judge import judge, judge_naive
from tests.paper.chaos.setting import market

LONGEST = 120.0
"""Seconds that a bridge may take to its end; on a machine with ten others at work thirty were too few."""
IDLE = 60.0
"""Times as long as it asks for that a moment lasts where both sides wait for something, or get no processor."""
TURNS = 3
TURN = 10
"""Kills to a turn, of which there must be no more: the life that is killed gets somewhere."""
PORTS = (20_000, 32_000)
FAULTS = (
    {"fault": "reject"},
    {"fault": "partial", "part": 0.4},
    {"fault": "duplicate_execution"},
    {"fault": "corrected_execution"},
    {"fault": "missing_status"},
    {"fault": "missed_execution"},
    {"fault": "preset"},
    {"fault": "held"},
    {"fault": "id_rollback", "ids": 30},
    {"fault": "disconnect", "on": "placeOrder", "nth": 2},
    {"fault": "disconnect", "on": "openOrder"},
    {"fault": "disconnect", "on": "orderStatus"},
    {"fault": "disconnect", "on": "execDetails"},
    {"fault": "disconnect", "on": "commissionReport"},
    {"fault": "cut", "on": "execDetails", "after_bytes": 40},
    {"fault": "cut", "on": "openOrder", "after_bytes": 3},
    {"fault": "swallow", "on": "placeOrder", "nth": 2},
    {"fault": "swallow", "on": "openOrder"},
    {"fault": "swallow", "on": "execDetails"},
    {"fault": "swallow", "on": "reqExecutions"},
    {"fault": "swallow", "on": "cancelOrder"},
    {"fault": "slow", "on": "openOrder", "seconds": 0.15},
    {"fault": "slow", "on": "execDetails", "seconds": 0.15},
    {"fault": "twice", "on": "openOrder"},
    {"fault": "twice", "on": "execDetails"},
    {"link": 0.1, "lost": False},
    {"link": 0.1, "lost": True},
)
COMMITS = ("about", "opening", "decision", "verdicts", "order ids", "sent", "cancel sent", "evidence", "reconcile")
WRITES = ("place", "cancel")
BOUNDARIES = (
    *(f"{when} commit {name}" for name in COMMITS for when in ("before", "after")),
    *(f"{when} {name}" for name in WRITES for when in ("before", "after")),
)


def prepare_lives():
    """Import and lay out what each life of a broker needs, once: half a second, as long as all else that it does."""
    Exchange(market())
    gc.freeze()


class Child:
    """A life in a process of its own."""

    def __init__(self, folder, live, *words):
        self.code = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                out = os.open(
                    folder / f"{live.__module__.rpartition('.')[2]}.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY
                )
                os.dup2(out, 1)
                os.dup2(out, 2)
                live(folder, *words)
                code = 0
            except BaseException:  # noqa: BLE001  (it goes to the log, and the code says it)
                traceback.print_exc()
            finally:
                os._exit(code)

    def over(self):
        """Whether it has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def worked(self):
        """Seconds of processor time; 0 of one that has ended."""
        with contextlib.suppress(psutil.Error):  # it ends while it is asked
            if not self.over():
                user, system, *_ = psutil.Process(self.pid).cpu_times()
                return user + system
        return 0.0

    def kill(self):
        if not self.over():
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.code = os.waitstatus_to_exitcode(status)


class Scene:
    """Both sides, and a hand on the broker."""

    def __init__(self, seed, life=careful):
        self.seed, self.life = seed, life
        memory = Path("/dev/shm")  # a kill is no power failure: what was written is there, flushed or not
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=memory if memory.is_dir() else None))
        self.remove = Finalize(None, shutil.rmtree, (self.folder,), {"ignore_errors": True}, exitpriority=0)
        self.port, self.hand_port = free_port(), free_port()
        self.broker = self.bridge = None
        self.asked = 0
        self.raise_broker()

    def raise_broker(self):
        self.broker = Child(self.folder, broker.live, self.port, self.hand_port, self.seed)

    def raise_bridge(self, *rest):
        self.bridge = Child(self.folder, self.life.live, self.port, self.seed, *rest)

    def let_work(self, seconds):
        """Until both sides together worked so long: by the clock a life on a busy machine ends before it begins."""
        before, ends = self.bridge.worked() + self.broker.worked(), time.monotonic() + IDLE * seconds
        while self.bridge.worked() + self.broker.worked() < before + seconds and time.monotonic() < ends:
            time.sleep(0.002)

    def harm(self, fault):
        """Ask the broker for a fault; it may be dying itself. One is outstanding at a time."""
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.hand_port), 1.0) as hand:
                    hand.sendall(json.dumps(fault).encode() + b"\n")
                    self.asked += json.loads(hand.makefile().readline() or "false") is True
            except (OSError, ValueError):
                if self.broker.over():
                    return
                time.sleep(0.01)
            else:
                return

    def finish(self):
        """No more harm: the bridge comes to its end, the broker is killed once more."""
        (self.folder / "stop").touch()
        self.harm({"clear": True})
        ends = time.monotonic() + LONGEST
        while not self.bridge.over() and time.monotonic() < ends:
            time.sleep(0.005)
        late = not self.bridge.over()
        code = self.bridge.code
        self.bridge.kill()
        self.broker.kill()
        return late or code != 0

    def judged(self):
        """What is wrong, and the figures."""
        late = self.finish()
        wrong, figures = judge(self.folder, self.seed) if self.life is careful else judge_naive(self.folder)
        persons = self.folder / "persons"
        figures["persons"] = len(persons.read_text().splitlines()) if persons.exists() else 0
        if late:
            wrong.append(f"the bridge did not come to an end; see {self.folder}")
        if not wrong or self.life is naive:
            self.remove()
        else:  # for a person to look at
            self.remove.cancel()
        return wrong, figures


def free_port():
    """One below those that the system gives to clients: nobody gets it while the broker is dead."""
    for _ in range(1000):
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", random.randint(*PORTS)))
            return one.getsockname()[1]
    raise RuntimeError("no port is free")


def at_random(seed, kills, life=careful):
    """Kill either side at random moments, with faults in between."""
    throws, scene = random.Random(seed), Scene(seed, life)
    scene.raise_bridge()
    brokers = 0
    for _ in range(kills):
        scene.let_work(throws.choice((0.015, 0.05, 0.15, 0.3)) * throws.random())
        if throws.random() < 0.7:
            scene.harm(throws.choice(FAULTS))
            scene.let_work(0.05 * throws.random())
        if throws.random() < 0.15:
            scene.broker.kill()
            brokers += 1
            scene.raise_broker()
        else:
            scene.bridge.kill()
            scene.raise_bridge()
    wrong, figures = scene.judged()
    if life is careful and figures["turns"] < kills / TURN:
        wrong.append(f"{figures['turns']} turns among {kills} kills: they left it no time to be wrong in")
    return wrong, {"seed": seed, "kills": kills, "of_broker": brokers, "faults": scene.asked, **figures}


def at_boundaries(pairs):
    """One kill at a boundary under a fault, for each pair: a short life, ended there, and another to its end."""
    wrong, hit, persons = [], set(), 0
    for seed, (boundary, fault) in enumerate(pairs, 1000):
        scene = Scene(seed)
        if fault:
            scene.harm(fault)
        scene.raise_bridge((boundary, 1), TURNS)
        ends = time.monotonic() + LONGEST
        while not scene.bridge.over() and time.monotonic() < ends:
            time.sleep(0.002)
        if scene.bridge.code == -signal.SIGKILL:
            hit.add(boundary)
            scene.raise_bridge(None, TURNS)
        found, figures = scene.judged()
        wrong += [f"{boundary} under {fault}: {one}" for one in found]
        persons += figures["persons"]
    wrong += [f"{boundary}: nobody came by" for boundary in sorted({boundary for boundary, _ in pairs} - hit)]
    return wrong, {"cases": len(pairs), "boundaries": len(hit), "persons": persons}


def one_fault_each():
    """Every boundary under one fault or none, and every fault at some boundary."""
    harms = (None, *FAULTS)
    longer = max(len(BOUNDARIES), len(harms))
    return [(BOUNDARIES[n % len(BOUNDARIES)], harms[n % len(harms)]) for n in range(longer)]


def everything(kills):
    """Five seeds of random kills, the matrix, and the naive bridge, which must fail; two at a time. A line each."""
    lines = [["random", "--seed", str(seed), "--kills", str(kills)] for seed in range(1, 6)]
    lines += [["matrix", "--part", f"{part}/{len(BOUNDARIES)}"] for part in range(1, len(BOUNDARIES) + 1)]
    lines += [["naive", "--seed", str(seed), "--kills", "40"] for seed in (6, 7)]

    def run(words):
        done = subprocess.run(
            [sys.executable, "-m", "tests.paper.chaos.run", *words], check=False, capture_output=True, text=True
        )
        print(" ".join(words), done.stdout.strip() or done.stderr[-2000:], flush=True)  # noqa: T201
        return bool(done.returncode) == (words[0] != "naive")

    with ThreadPoolExecutor(2) as pool:
        failed = sum(pool.map(run, lines))
    print("the broker's books agree everywhere" if not failed else f"{failed} of {len(lines)} failed")  # noqa: T201
    return int(bool(failed))


def main(words=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("random", "naive", "matrix", "sample", "all"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument(
        "--part", default="1/1", help="which part of the boundaries: 2/3 is every third from the second"
    )
    asked = parser.parse_args(words)
    part, parts = map(int, asked.part.split("/"))
    if asked.what != "all":
        prepare_lives()
    match asked.what:
        case "all":
            return everything(asked.kills)
        case "matrix":
            each = BOUNDARIES[part - 1 :: parts]
            wrong, figures = at_boundaries([(one, fault) for one in each for fault in (None, *FAULTS)])
        case "sample":
            wrong, figures = at_boundaries(one_fault_each()[part - 1 :: parts])
        case what:
            wrong, figures = at_random(asked.seed, asked.kills, naive if what == "naive" else careful)
    print(json.dumps({**figures, "wrong": wrong}), flush=True)  # noqa: T201  (its answer)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
