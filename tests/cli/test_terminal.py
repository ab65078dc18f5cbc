# SPDX-License-Identifier: Apache-2.0
"""`tandem` on terminals of two widths, in a pipe and for programs: quick help, clean lines, one JSON document."""

import fcntl
import json
import os
import pty
import re
import struct
import termios
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from engine.cli.application import app

STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMANDS = [
    ["backtest"], ["verify"], ["signals"], ["report"], ["runs"], ["runs", "list"], ["runs", "compare"], ["data"],
    ["data", "check"], ["data", "list"], ["data", "pull"], ["data", "build-sample"], ["config"], ["config", "check"],
    ["config", "explain"], ["config", "new"], ["config", "schema"], [],
]  # fmt: skip


@dataclass
class Screen:
    """What a command wrote to a terminal."""

    code: int
    written: str

    @property
    def lines(self) -> list[str]:
        """Each once: a bar that is drawn again over itself, when the machine is slow, is a line each time."""
        return re.split(r"\r*\n|\r", STYLE.sub("", self.written))


@pytest.fixture
def on_a_terminal(desk):
    """on_a_terminal(columns, *words, **env) runs `tandem` with both streams on a terminal of that width."""

    def run(columns: int, *words: str, **env: str) -> Screen:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        desk.env = {name: value for name, value in desk.env.items() if name != "COLUMNS"}
        desk.env |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env}
        process = desk.start(*words, stdout=theirs, stderr=theirs)
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
        return Screen(process.wait(30), written.decode())

    return run


def cpu_seconds(desk, *words):
    before = os.times()
    assert desk.tandem(*words).returncode == 0
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_help_is_quick(desk):
    desk.tandem("--help")
    assert min(cpu_seconds(desk, "--help") for _ in range(3)) < 0.3


def test_version(desk):
    done = desk.tandem("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "tandem 0.1.0\n", "")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_of_every_command(words):
    done = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert done.exit_code == 0
    assert max(map(len, done.output.splitlines())) <= 80
    assert f"Usage: {' '.join(['tandem', *words])} [OPTIONS]" in done.output


def test_the_help_lists_every_command(desk):
    listed = re.findall(r"^  ([a-z]+) ", desk.tandem("--help").stdout, re.MULTILINE)
    assert {words[0] for words in COMMANDS if words} <= set(listed)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["backtst", "run.yaml"], "No such command 'backtst'. Did you mean 'backtest'?"),
        (["runs", "lst"], "No such command 'lst'. Did you mean 'list'?"),
        (["backtest", "run.yaml", "--jason"], "No such option: --jason"),
        (["backtest"], "Missing argument 'CONFIG'."),
        (["data", "build-sample", "--seed", "x", "--out", "o"], "Invalid value for '--seed'"),
        (["data", "build-sample"], "Missing option '--out'"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_word_that_is_none(desk, words, says):
    done = desk.tandem(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: tandem ")
    assert says in done.stderr
    if "jason" in says:
        assert "--json" in done.stderr.replace("--jason", "")
    assert len(done.stderr.splitlines()) < 10


@pytest.mark.parametrize("columns", [80, 60])
def test_a_run_on_a_terminal(on_a_terminal, columns):
    seen = on_a_terminal(columns, "backtest", "run.yaml")
    assert seen.code == 0
    assert "\x1b[1m" in seen.written, "a terminal gets styles"
    lines = seen.lines
    assert max(len(line) for line in lines if "/" not in line) <= columns
    assert not any("…" in line for line in lines), "no figure is cut"
    figures = [line for line in lines if line.startswith(("Sharpe ratio", "Max drawdown"))]
    assert len(figures) == 2
    assert any(line.startswith("out/t/20200121-20200131-") and line.endswith("/report.html") for line in lines)


@pytest.mark.parametrize("columns", [80, 60])
def test_a_mistake_on_a_terminal(desk, on_a_terminal, columns):
    desk.add("acount: {cash: 5}")
    seen = on_a_terminal(columns, "backtest", "run.yaml")
    assert seen.code == 2
    assert "\x1b[1;31m" in seen.written
    assert max(map(len, seen.lines)) <= columns
    assert "error acount: no such key" in seen.lines


def test_no_color(desk, on_a_terminal):
    desk.add("acount: {cash: 5}")
    seen = on_a_terminal(80, "backtest", "run.yaml", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", seen.written)


def test_a_pipe_gets_plain_text(desk):
    done = desk.tandem("backtest", "run.yaml")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    assert max(len(line) for line in done.stdout.splitlines() if "/" not in line) <= 80


def test_what_takes_long_says_what_it_is_at_on_a_terminal(desk, on_a_terminal):
    first = "globals().setdefault('calls', []).append(1); __import__('time').sleep(1.2 * (len(calls) == 1))"
    desk.replace("rule.py", "return {", f"{first}; return {{")
    seen = on_a_terminal(60, "backtest", "run.yaml")
    assert seen.code == 0
    assert "computing features" in seen.written
    assert seen.written.count("\x1b[?25l") == seen.written.count("\x1b[?25h") == 1, "the cursor is there again"
    assert "computing features" not in seen.written.rsplit("\x1b[2K", 1)[1], "and the line is gone"
    assert desk.tandem("backtest", "run.yaml").stderr == "", "nothing in a pipe"


@pytest.mark.parametrize(
    "words",
    [
        ["backtest", "run.yaml", "--json"],
        ["config", "check", "run.yaml", "--json"],
        ["config", "explain", "fills", "--json"],
        ["data", "check", "bars", "--json"],
        ["data", "list", "--json"],
        ["data", "build-sample", "--out", "sample", "--json"],
        ["signals", "run.yaml", "--asof", "2020-01-31", "--json"],
    ],
    ids=" ".join,
)
def test_json_is_one_document(desk, words):
    done = desk.tandem(*words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    json.loads(done.stdout, parse_constant=pytest.fail)
    assert done.stdout.endswith("\n")


def test_progress_bars_are_for_terminals(desk):
    done = desk.tandem("data", "build-sample", "--out", "sample")
    assert (done.returncode, done.stderr) == (0, "")


def test_json_of_runs(desk):
    desk.tandem("backtest", "run.yaml")
    for words in (["runs", "list"], ["runs", "compare", "t", "t"], ["report", "t"]):
        done = desk.tandem(*words, "--results", "out", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        json.loads(done.stdout, parse_constant=pytest.fail)
