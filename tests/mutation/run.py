# SPDX-License-Identifier: Apache-2.0
"""Mutation testing of what the strategies decide: `python -m tests.mutation.run [STRATEGY ...]`, all without a name.

Every function that on_bar reaches is changed in one place after another (`<` to `<=`, `and` to `or`, 0.5 to 1.5, ...),
and the strategy's own tests must fail each time. cosmic-ray makes the mutants, one on disk at a time, in copies of the
tree; rewriting functions in memory would not do, because the compile border reads them as source. A mutant that
survives is a rule that no test holds, or it stands in equivalent.toml with the reason why it decides alike. Exit
status 1 where one survives that is not listed, or where one is listed that does not survive.
"""

import argparse
import compileall
import multiprocessing
import os
import py_compile
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult
from rich.console import Console
from rich.progress import Progress

from tests.mutation.equivalent import Mutant, equivalents
from tests.mutation.operators import CHOSEN
from tests.mutation.targets import ROOT, Target, strategies, targets
from tests.mutation.verdict import Judged, told, verdict

LEAST_TIMEOUT = 60.0
"""Seconds; a mutant may compile where the tests of the code as it is do not."""


@dataclass(frozen=True)
class Job:
    """One mutation of one file, and how it is judged."""

    mutation: MutationSpec
    function: str
    command: str
    timeout: float


def main(arguments: list[str]) -> int:
    """Run and report; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.run", description=__doc__.split("\n", 1)[0])
    parser.add_argument("strategy", nargs="*", help="files of strategies/, without .py; all of them without a name")
    parser.add_argument("--function", help="only this one, such as SpreadTrade.on_bar")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time, each in a copy of the tree")
    given = parser.parse_args(arguments)
    if unknown := set(given.strategy) - set(strategies()):
        parser.error(f"no such strategy: {', '.join(sorted(unknown))}; there are {', '.join(strategies())}")
    chosen = targets(given.strategy or strategies())
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        jobs = [job for target in chosen for job in plan(target, tree, given.function)]
        if not jobs:
            parser.error(f"no such function: {given.function}")
        judged = list(judge(jobs, tree, given.jobs))
    files = [target.file for target in chosen] if given.function is None else []
    text, is_well = verdict(judged, files, equivalents())
    sys.stdout.write(text)
    return 0 if is_well else 1


def copy_tree(folder: Path) -> None:
    """The tree as it stands, uncommitted work and all. Compiled files go by content: mutants outrun the clock."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    compileall.compile_dir(folder, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)


def plan(target: Target, tree: Path, function: str | None) -> Iterator[Job]:
    """The mutations of a file. Raises RuntimeError where its tests fail without any."""
    command = shlex.join(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no",
         "--basetemp=scratch", "-m", "not slow and not real_data", *target.tests]
    )  # fmt: skip
    os.chdir(tree)  # cosmic-ray mutates and tests where it stands
    started = perf_counter()
    outcome, output = run_tests(command, 600.0)
    if outcome != TestOutcome.SURVIVED:
        raise RuntimeError(f"the tests of {target.file} fail without any mutation:\n{output}")
    timeout = max(LEAST_TIMEOUT, 5.0 * (perf_counter() - started))
    with use_db(str(tree / "session.sqlite"), WorkDB.Mode.create) as session:
        init([Path(target.file)], session, {})
        for item in session.work_items:
            (mutation,) = item.mutations
            name = target.function_at(mutation.start_pos[0])
            if name and function in (None, name) and CHOSEN.fullmatch(mutation.operator_name):
                yield Job(mutation, name, command, timeout)


def judge(jobs: list[Job], tree: Path, workers: int) -> Iterator[Judged]:
    """Every mutant's fate, in the order of the jobs. Processes are spawned: each has a working folder of its own."""
    with (
        multiprocessing.get_context("spawn").Pool(workers, _enter_copy, (tree,)) as pool,
        Progress(console=Console(stderr=True)) as progress,
    ):
        for one in progress.track(pool.imap(_judge, jobs), len(jobs), description="mutants"):
            if one.survived:
                progress.console.print(told(one), markup=False, highlight=False, soft_wrap=True)
            yield one


def _enter_copy(tree: Path) -> None:
    own = tree.with_name(f"tree-{os.getpid()}")
    shutil.copytree(tree, own)
    os.chdir(own)


def _judge(job: Job) -> Judged:
    result = mutate_and_test((job.mutation,), job.command, job.timeout)
    if result.worker_outcome != WorkerOutcome.NORMAL or result.test_outcome == TestOutcome.INCOMPETENT:
        raise RuntimeError(f"{job.mutation}: {result.output}")
    mutant = Mutant(job.mutation.module_path.as_posix(), job.function, *changed_line(result))
    survived = result.test_outcome == TestOutcome.SURVIVED
    return Judged(mutant, job.mutation.start_pos[0], job.mutation.operator_name, survived)


def changed_line(result: WorkResult) -> tuple[str, str]:
    """The line before and after, their blanks as single ones."""
    lines = [line for line in (result.diff or "").split("\n") if not line.startswith(("---", "+++", "@@"))]
    before, after = (" ".join(" ".join(each[1:] for each in lines if each[:1] == sign).split()) for sign in "-+")
    return before, after


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
