# SPDX-License-Identifier: Apache-2.0
"""Side by side with other engines on the same workloads, interleaved in one run, every call in a process of its own.

The peers' scripts and environments are not part of the project: one `peer_NAME.py WORK [BARS]` each, which prints one
JSON row, in a folder named by --harness or TANDEM_PEERS_HARNESS; environments and data under PEERS_HOME.
`peer_plain.py`, the rules as a plain Python loop, is the ground truth for trades and final equity.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, run_process
from engine.errors import RunError

OURS, PLAIN = "tandem", "plain loop"
CENT = 0.005

# peer -> work -> bars (None: all); sizes keep one call of a slow peer near ten seconds
PEERS: dict[str, dict[str, int | None]] = {
    "vectorbt": dict.fromkeys(("W1", "W1b", "W2", "W2b", "W2bs", "W3", "W4", "W4 cold")),
    "vectorbt_rust": {"W3": None},
    "raptorbt": {"W1": None, "W1b": None, "W2": None, "W2b": None, "W2bs": None, "W3s": None, "W4": None},
    "bt": {"W1": None, "W1b": None, "W2": 500_000, "W2b": None, "W4": None},
    "backtrader": {"W1": None, "W1b": None, "W2": 100_000, "W2b": 100_000, "W4": None},
}

RULE_OF = {"W2bs": "W2b", "W3s": "W3", "W4": "W1", "W4 cold": "W1"}
"""Works that are another one's rule or a simpler form of it.

W2bs and W3s are array fast paths, W4 is the whole process of W1.
"""

NOT_THE_SAME = {
    ("vectorbt", "W1"): "fractional shares, sized on the open",
    ("vectorbt", "W2"): "fractional shares, sized on the open",
    ("bt", "W1"): "sized and valued on the open",
    ("bt", "W2"): "sized and valued on the open",
    ("raptorbt", "W1"): "cannot resize an open position: fewer orders",
    ("raptorbt", "W2"): "cannot resize an open position: fewer orders",
    ("vectorbt", "W2bs"): "another stop: percentage trail through arrays",
    ("raptorbt", "W2bs"): "another stop: percentage trail through arrays, 2 cores",
    ("raptorbt", "W3s"): "another stop: percentage trail through arrays, 2 cores",
}


@dataclass(frozen=True)
class Harness:
    """Where the peers are."""

    scripts: Path
    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    def python(self, environment: str) -> Path:
        """Interpreter of one environment."""
        return self.home / environment / "bin" / "python"

    def installed(self) -> list[str]:
        """Peers that can run here, in the order of PEERS."""
        return [peer for peer in PEERS if self.python(peer).exists() and (self.scripts / f"peer_{peer}.py").exists()]


@dataclass(frozen=True)
class Job:
    """One engine on one workload at one size."""

    engine: str
    work: str
    bars: int | None


def find_harness(folder: Path | None) -> Harness | str:
    """The peers' folder, or the reason why there is nothing to compare with."""
    named = folder or (Path(os.environ["TANDEM_PEERS_HARNESS"]) if "TANDEM_PEERS_HARNESS" in os.environ else None)
    if named is None:
        return "no peers: name their scripts' folder with --harness or TANDEM_PEERS_HARNESS"
    named = named.resolve()  # every call is a process in a folder of its own
    harness = Harness(named, Path(os.environ.get("PEERS_HOME") or Path(tempfile.gettempdir()) / "peers"))
    if not (named / "peer_plain.py").exists():
        return f"no peers: {named} holds no peer_plain.py"
    if not (harness.data / "minute.npz").exists():
        return f"no peers: {harness.data} holds no minute.npz; run the folder's make_data.py"
    if not harness.installed():
        return f"no peers: none of {', '.join(PEERS)} has an environment under {harness.home}"
    return harness


def measure(harness_folder: Path | None = None, repeats: int = 3, works: Iterable[str] = ()) -> dict[str, Any]:
    """Medians, ratios and agreement of every engine on every workload, or the reason for skipping."""
    harness = find_harness(harness_folder)
    if isinstance(harness, str):
        return {"skipped": harness}
    jobs = plan(harness.installed(), set(works))
    runs: dict[Job, list[dict[str, Any]]] = {job: [] for job in jobs}
    for turn in range(repeats):
        for job in jobs:
            _say(f"{turn + 1}/{repeats} {job.work} {job.engine}")
            runs[job].append(run_job(harness, job))
    return {"repeats": repeats, "absent": sorted(set(PEERS) - set(harness.installed())), "rows": compare(runs)}


def plan(peers: Iterable[str], works: set[str]) -> list[Job]:
    """Every peer's works, and beside each size of each work ours and the plain loop's at that size."""
    jobs: dict[Job, None] = {}
    for peer in peers:
        for work, bars in PEERS[peer].items():
            if works and work not in works:
                continue
            jobs[Job(PLAIN, RULE_OF.get(work, work), bars)] = None
            jobs[Job(OURS, ours_for(work), bars)] = None
            jobs[Job(peer, work, bars)] = None
    return sorted(jobs, key=lambda job: (job.work, job.bars or 0, job.engine not in (PLAIN, OURS), job.engine))


def ours_for(work: str) -> str:
    """Which of our runs a peer's is timed against: the same work, or the full rule where the peer's is simpler."""
    return work if work.startswith("W4") else RULE_OF.get(work, work)


def run_job(harness: Harness, job: Job) -> dict[str, Any]:
    """One process; its row with whole_s, or {"error": ...}."""
    cold = job.work == "W4 cold"
    with tempfile.TemporaryDirectory(prefix="tandem-peers-") as cache:
        environment = {"PEERS_HOME": str(harness.home), "PYTHONPATH": str(ROOT) if job.engine == OURS else ""}
        environment |= {"TANDEM_TRIALS": f"{cache}/trials.sqlite"}
        if cold:
            environment |= {"TANDEM_CACHE_DIR": cache, "NUMBA_CACHE_DIR": cache}
        try:
            whole, printed = run_process(_command(harness, job), environment)
        except RunError as error:
            return {"error": str(error)}
    row: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return {**row, "whole_s": whole}


def _command(harness: Harness, job: Job) -> list[str | Path]:
    work = job.work.removesuffix(" cold")
    if job.engine == OURS:
        once = ["--once", "--mode", "auto"] if work == "W4" else []
        size = ["--bars", str(job.bars)] if job.bars else []
        return [
            sys.executable,
            "-m",
            "benchmarks.workload_run",
            RULE_OF.get(work, work),
            "--data",
            harness.data,
            *once,
            *size,
        ]
    size = [str(job.bars)] if job.bars else []
    script = "plain" if job.engine == PLAIN else job.engine
    environment = harness.installed()[0] if job.engine == PLAIN else job.engine
    return [harness.python(environment), harness.scripts / f"peer_{script}.py", work, *size]


def compare(runs: dict[Job, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row a job: medians, how many times ours it takes, whether the outcome is the plain loop's."""
    medians = {job: summarise(job, rows) for job, rows in runs.items()}
    for job, row in medians.items():
        if "error" in row:
            continue
        ours = medians.get(Job(OURS, ours_for(job.work), job.bars), {})
        truth = medians.get(Job(PLAIN, RULE_OF.get(job.work, job.work), job.bars), {})
        key = "whole_s" if job.work.startswith("W4") else "call_s"
        row["times_ours"] = row[key] / ours[key] if key in ours else None
        row["agrees"] = _agrees(row, truth) if "equity" in truth else None
        if row["agrees"] is False:
            row["difference"] = NOT_THE_SAME.get((job.engine, RULE_OF.get(job.work, job.work))) or NOT_THE_SAME.get(
                (job.engine, job.work), "not explained"
            )
    return list(medians.values())


def summarise(job: Job, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the repeats. call_s is the warm call where there was one, the first call otherwise."""
    named = {"engine": job.engine, "work": job.work}
    failed = [row["error"] for row in rows if "error" in row]
    if failed:
        return {**named, "error": failed[0]}
    last = rows[-1]
    calls = [row["sim_s"] if row["warm_s"] is None else row["warm_s"] for row in rows]
    return {
        **named,
        "version": last.get("version", ""),
        "bars": last["bars"],
        "first_s": statistics.median(row["sim_s"] for row in rows),
        "call_s": statistics.median(calls),
        "call_low_s": min(calls),
        "call_high_s": max(calls),
        "whole_s": statistics.median(row["whole_s"] for row in rows),
        "peak_mb": max(row["peak_mb"] for row in rows),
        "equity": last["equity"],
        "trades": last.get("trades"),
        "best": last.get("best"),
    }


def _agrees(row: dict[str, Any], truth: dict[str, Any]) -> bool:
    """Trades, or of a sweep the best combination, and the final equity to the cent."""
    what = "best" if truth["best"] else "trades"
    return bool(row[what] == truth[what] and abs(row["equity"] - truth["equity"]) < CENT)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
