# SPDX-License-Identifier: Apache-2.0
"""A folder with a small run that works, to be broken; and `tandem` as the process a person starts."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from tests import programs
from tests.programs import TANDEM

SCREEN = (80, 24)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts in the background with the interrupt ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

CONFIG = """\
name: t
strategy: rule.py
roles: {large: AAA, small: BBB}
data: {source: csv, path: bars}
results: out
"""
RULE = """\
from engine.strategy import Strategy, param

LARGE, SMALL = 0, 1


class Rule(Strategy):
    roles = ("large", "small")

    class Params:
        weight: float = param(0.5, low=0, high=2, unit="of equity", doc="of the long leg")

    def features(self, market, p):
        return {"x": market.large.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.large.qty == 0.0:
            orders.target(LARGE, p.weight)
"""
HEAD = "date,open,high,low,close,volume,dividend"


JANUARY = dt.date(2020, 1, 21)
"""No holiday in the two weeks after it."""


def lines_of_bars(price: float) -> list[str]:
    """Nine sessions from JANUARY on."""
    days = [JANUARY + dt.timedelta(days) for days in range(14)]
    return [
        f"{day},{price},{price + 1},{price - 1},{price + 0.5},100000000,0"
        for day in [day for day in days if day.weekday() < 5][:9]
    ]


@dataclass
class Desk:
    """The folder, and what may be done in it."""

    folder: Path
    env: dict[str, str]

    def own_bars(self) -> None:
        """Bars of its own, to be broken: until then they are one folder for all, read once and then cached."""
        bars = self.folder / "bars"
        if bars.is_symlink():
            shared = bars.resolve()
            bars.unlink()
            shutil.copytree(shared, bars)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        if path.parent.name == "bars":
            self.own_bars()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def bars(self, symbol: str, lines: list[str], head: str = HEAD) -> None:
        self.write(f"bars/{symbol}.csv", "\n".join([head, *lines]) + "\n")

    def cell(self, line: int, column: str, value: str) -> None:
        """Write `value` into a line of AAA.csv, counted from 1 as an editor does."""
        lines = (self.folder / "bars" / "AAA.csv").read_text().splitlines()
        cells = lines[line - 1].split(",")
        cells[HEAD.split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        self.bars("AAA", lines[1:], lines[0])

    def add(self, yaml: str) -> None:
        self.write("run.yaml", (self.folder / "run.yaml").read_text() + yaml + "\n")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def start(self, *words: str, **options) -> subprocess.Popen:
        """The command as a process of its own, with its output as text."""
        return subprocess.Popen(
            [TANDEM, *words], cwd=self.folder, env=self.env, text=True, stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )  # fmt: skip

    def tandem(self, *words: str, **options) -> subprocess.CompletedProcess:
        """The command, run to its end; with options of Popen in a process of its own."""
        if not options:
            return programs.tandem(*words, cwd=self.folder, env=self.env)
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    @contextmanager
    def sandbox(self, *words: str) -> Iterator[tuple[str, TextIO]]:
        """A sandbox of this market beside the test: what it said of itself, and what it says from then on."""
        words = ("sandbox", "--config", "run.yaml", "--port", "0", *words)
        with programs.beside(*words, cwd=self.folder, env=self.env) as printed:
            told = ""
            while "Ctrl-C" not in told:
                line = printed.readline()
                assert line, told
                told += line
            yield told, printed

    def leftovers(self) -> list[str]:
        """Everything under the results folder and every unfinished panel in the market cache."""
        out = self.folder / "out"
        found = [*out.rglob("*")] if out.is_dir() else []
        return sorted(str(path) for path in [*found, *self._unfinished()])

    def _unfinished(self) -> list[Path]:
        """What another test's command is writing there at this moment is gone a little later."""
        for _ in range(100):
            found = [*Path(self.env["TANDEM_CACHE_DIR"]).glob("panels/.*")]
            if not found:
                break
            time.sleep(0.1)
        return found

    def refused(self, *words: str, code: int = 2, says: tuple[str, ...] = (), **options) -> None:
        """Run what must fail: its exit code, one screen on stderr that says what it must, and nothing left behind."""
        done = self.tandem(*words, **options)
        said = " ".join(done.stderr.split())
        assert (done.returncode, done.stdout) == (code, ""), done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        assert "Warning" not in done.stderr
        lines = done.stderr.splitlines()
        assert 0 < len(lines) < SCREEN[1], done.stderr
        assert [line for line in lines if len(line) > SCREEN[0] and str(self.folder) not in line] == []
        assert [line for line in lines if line != line.rstrip()] == []
        for part in says:
            assert part in said, done.stderr
        assert self.leftovers() == []


@pytest.fixture(scope="session")
def sound_bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of bars that nobody writes to."""
    folder = tmp_path_factory.mktemp("sound")
    for symbol, price in (("AAA", 100.0), ("BBB", 50.0)):
        (folder / f"{symbol}.csv").write_text("\n".join([HEAD, *lines_of_bars(price=price)]) + "\n")
    return folder


@pytest.fixture
def desk(tmp_path: Path, sound_bars: Path) -> Desk:
    """run.yaml, rule.py, bars/AAA.csv and bars/BBB.csv, which make a run that works."""
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "COLUMNS": str(SCREEN[0]),
        "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"],
    }
    made = Desk(tmp_path, env)
    made.write("run.yaml", CONFIG)
    made.write("rule.py", RULE)
    (tmp_path / "bars").symlink_to(sound_bars)
    return made
