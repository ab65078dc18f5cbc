# SPDX-License-Identifier: Apache-2.0
"""The page of the sandbox: its tables are those of the code, its session is run."""

import os
import re
import signal
import subprocess
import sys

from engine.cli.sandbox_command import sandbox
from engine.sandbox.faults import COMMON, FAULTS
from engine.sandbox.plan import read_plan
from engine.sandbox.sandbox import Sandbox
from tests.docs.conftest import ROOT, page, tables_with
from tests.programs import TANDEM
from tests.sandbox.stage import FLAT, Stage

WAITS = {
    "frame": "a frame", "place": "an order", "modify": "a change", "fill": "a fill",
    "ids": "a question for the next id", "step": "a step",
}  # fmt: skip


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_every_fault_is_on_the_page_with_its_keys():
    (rows,) = tables_with("sandbox.md", "`fault`", "waits for")
    keys = f"keys beside {' and '.join(f'`{name}`' for name in COMMON)}"
    assert [(words(row["`fault`"])[0], row["waits for"], tuple(words(row[keys]))) for row in rows] == [
        (name, WAITS[occasion], own) for name, (occasion, own) in FAULTS.items()
    ]


def test_every_command_of_the_channel_is_on_the_page_with_its_keys():
    (rows,) = tables_with("sandbox.md", "`do`", "keys", "does")
    commands = Sandbox(Stage([FLAT, FLAT]).exchange, control_port=0).control.commands
    told = {words(row["`do`"])[0]: set(words(row["keys"])) for row in rows}
    assert told == {name: set(command.keys or ()) for name, command in commands.items()}


def test_every_option_is_on_the_page():
    (rows,) = tables_with("sandbox.md", "option", "what")
    told = {name.split()[0].removeprefix("--") for row in rows for name in words(row["option"])}
    asked = {name.replace("_", "-") for name in sandbox.__annotations__} - {"return", "context", "set-"}
    assert told == asked


def test_the_plan_of_the_page_is_one(tmp_path):
    (plan,) = re.findall(r"```yaml\n(faults:.*?)```", page("sandbox.md"), re.DOTALL)
    (tmp_path / "plan.yaml").write_text(plan)
    assert [one.fault for one in read_plan(tmp_path / "plan.yaml")] == ["disconnect", "partial", "answer"]


def test_the_session_prints_what_the_page_says(tmp_path):
    """Cell by cell, run against a sandbox on free ports."""
    env = {**os.environ, "COLUMNS": "80", "PYTHONWARNINGS": "ignore"}
    started = [TANDEM, "sandbox", "--config", str(ROOT / "configs" / "spread_sample.yaml"), "--speed", "step"]
    process = subprocess.Popen(
        [*started, "--port", "0", "--control-port", "0"], stdout=subprocess.PIPE, text=True, env=env, cwd=tmp_path
    )
    try:
        head = ""
        while "Ctrl-C" not in head:
            line = process.stdout.readline()
            assert line
            head += line
        port, control = re.findall(r"127\.0\.0\.1:(\d+)", head)
        cells = re.findall(r"```python\n(.*?)```", page("sandbox.md"), re.DOTALL)
        program = "\nprint('---')\n".join(cells).replace("7497", port).replace("7498", control)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stdout.close()
    printed = re.findall(r"<!-- printed: \w+ -->\n```text\n(.*?)```", page("sandbox.md"), re.DOTALL)
    assert [head.replace(port, "7497").replace(control, "7498"), *done.stdout.split("---\n")] == printed
