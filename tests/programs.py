# SPDX-License-Identifier: Apache-2.0
"""`tandem` as a program, without its start: a process that has imported the engine forks once for each command.

Half a second a command goes into imports, as much into laying out the calendar for a market read for the first time and
into taking the interpreter down again, and the tests run over a thousand. So the process has imported what any command
imports (extras apart), has laid out the calendar, the parsers of all commands with what they make of their words, the
sections of the configuration and the tables that come with Tandem, and a fork ends when its command has, its handlers
are run and its output is handed over. What a fork does not show (start and end, what a command imports, signals, what
the environment does to Python) is tested on processes of their own: `subprocess` and `Desk.start`. The clock of a fork
shows MOMENT of its environment where that is there, in ISO 8601 with its zone.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

TANDEM = Path(sys.executable).with_name("tandem")
LONGEST = 120.0
"""Seconds."""

SERVER = """
import atexit, datetime, functools, gc, importlib, json, os, pkgutil, sys, threading, traceback, types
sys.path[0] = os.path.dirname(sys.argv[1])  # as the installed script has it
sys.argv = sys.argv[1:]
import encodings.utf_8_sig, exchange_calendars, llvmlite.binding, pandas, pyarrow.csv, pyarrow.parquet
import rich._emoji_codes, rich.cells, rich.table, statsmodels.regression.rolling, typer._adapters, typer.main
import engine.cli.application, engine.clock
from engine.cli import main
from engine.config import tables
from engine.market import build
from engine.market.calendar import exchange
from engine.model.fields import Section
from engine.report.folder.run_folder import versions
from engine.report.kit.page import plotly_source
OPTIONAL = {"engine.runs.sweep.dask_crew", "engine.runs.sweep.tpe"}
for floor in ("analytics", "cli", "config", "hedgefunds", "inputs", "market", "report", "rules", "runs", "strategy"):
    for found in pkgutil.walk_packages(importlib.import_module(f"engine.{floor}").__path__, f"engine.{floor}."):
        if found.name not in OPTIONAL:
            importlib.import_module(found.name)
exchange()
exchange("XNYS")
build._code()
for table in tables.FOLDER.glob("*.yaml"):
    tables._document(table.read_text("utf-8-sig"), str(table))
def lay_out(section):
    for one in section.__subclasses__():
        one.model_rebuild()
        lay_out(one)
lay_out(Section)
rich.cells.cell_len("–")
plotly_source()
versions()
typer.main.get_command = functools.cache(typer.main.get_command)
def coerced(command):
    for one in command.params:
        one.get_runtime_param()
    for one in getattr(command, "commands", {}).values():
        coerced(one)
coerced(typer.main.get_command(engine.cli.application.app))
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork() if "words" in asked else asked["ends"]
    if child == 0:
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
            os.dup2(os.open(name, os.O_RDWR), number)
        sys.argv[1:] = asked["words"]
        if shown := os.environ.get("MOMENT"):
            moment = datetime.datetime.fromisoformat(shown)
            engine.clock.dt = types.SimpleNamespace(UTC=None, datetime=types.SimpleNamespace(now=lambda zone: moment))
        break
    if asked.get("beside"):
        answer = child
    else:
        answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.write(f"{answer}\\n")
    sys.stdout.flush()
else:
    sys.exit()
code = 0
try:
    main()
except SystemExit as ended:
    code = ended.code
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\\n")
        code = 1
except BaseException:
    traceback.print_exc()
    code = 1
for thread in threading.enumerate():
    if thread is not threading.current_thread() and not thread.daemon:
        thread.join()
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code or 0)
"""


LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""A tenth of a backtest in a fork goes into pages of four kilobytes for the report. Commands do not see this word."""


class _Server:
    """The process that forks; started with the first command, ended with the tests."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def run(self, words: list[str], cwd: Path, env: Mapping[str, str], out: str, err: str) -> int:
        """The exit code of one command; -n where signal n ended it."""
        return self._answer({"words": words, "cwd": str(cwd), "env": dict(env), "out": out, "err": err})

    def begin(self, words: list[str], cwd: Path, env: Mapping[str, str], out: str) -> int:
        """The id of a command that goes on; all that it says goes to `out`."""
        return self._answer({
            "words": words, "cwd": str(cwd), "env": dict(env), "out": out, "err": out, "beside": True
        })  # fmt: skip

    def end(self, child: int) -> None:
        """Kill what was begun."""
        os.kill(child, signal.SIGKILL)
        self._answer({"ends": child})

    def _answer(self, asked: dict[str, Any]) -> int:
        process = self._started()
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], LONGEST)[0]:
            process.kill()
            raise TimeoutError(f"tandem {asked} took over {LONGEST:g} s")
        return int(process.stdout.readline())

    def _started(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            env = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")} | LARGE_PAGES
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVER, TANDEM],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", **env},
            )  # fmt: skip
            atexit.register(self._end, self._process)
        return self._process

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


_SERVER = _Server()


def tandem(*words: str | Path, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess:
    """Run a command to its end. An environment that speaks to Python itself takes a process of its own."""
    said = [str(word) for word in words]
    if any(name.startswith("PYTHON") and value != os.environ.get(name) for name, value in env.items()):
        return subprocess.run([TANDEM, *said], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
        code = _SERVER.run(said, cwd, env, out.name, err.name)
        return subprocess.CompletedProcess(said, code, out.read(), err.read())


@contextmanager
def beside(*words: str | Path, cwd: Path, env: Mapping[str, str]) -> Iterator[TextIO]:
    """A command that goes on beside a test, until it is killed; gives what it says as it says it."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        os.mkfifo(said)
        child = _SERVER.begin([str(word) for word in words], cwd, env, str(said))
        try:
            with said.open(encoding="utf-8") as stream:  # waits for the command to open it too
                yield stream
        finally:
            _SERVER.end(child)
