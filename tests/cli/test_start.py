# SPDX-License-Identifier: Apache-2.0
"""What a command pays before its work and after it."""

import json
import subprocess
import sys

PROGRAM = """
import atexit, gc, json, sys
begun = []
gc.callbacks.append(lambda phase, info: begun.append(info["generation"]) if phase == "start" else None)
sys.argv[0] = "tandem"
from engine.cli import main
imported = len(begun)
def say():
    counts = [len(begun) - imported, gc.get_freeze_count(), len(gc.get_objects())]
    sys.stderr.write(json.dumps([*counts, list(sys.modules)]))
atexit.register(say)
main()
"""


def paid(desk, *words):
    """How often Python looked for cycles; objects set aside at the end, and others; every module that was imported."""
    program = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(program, cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=True)
    return json.loads(done.stderr.splitlines()[-1])


def test_a_backtest_looks_for_no_cycles_and_imports_what_it_uses(desk):
    desk.tandem("backtest", "run.yaml")
    looked, aside, left, modules = paid(desk, "backtest", "run.yaml")
    assert looked == 0
    assert aside > 50_000, "modules and all that they hold are not looked through on the way out either"
    assert left < 1_000
    unused = {"numba", "pandas", "plotly", "talib", "exchange_calendars", "scipy", "pyarrow.compute", "pyarrow.dataset"}
    assert unused & set(modules) == set()


def test_help_imports_no_more_than_it_shows(desk):
    program = [sys.executable, "-X", "importtime", "-c", "from engine.cli import main; main()", "--help"]
    done = subprocess.run(program, cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=True)
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "engine.cli.sweep_command" in modules
    assert {"json", "unicodedata", "numpy", "pydantic", "yaml", "sqlite3"} & modules == set()


TEXTS = """
import sys, typing
asking = []
made = typing.ForwardRef.__init__
def watched(self, *given, **named):
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__") == "typing":
        frame = frame.f_back
    asking.append(frame.f_globals.get("__name__"))
    made(self, *given, **named)
typing.ForwardRef.__init__ = watched
sys.argv[0] = "tandem"
from engine.cli import main
try:
    main()
finally:
    sys.stderr.write(" ".join(["asked", *asking]))
"""


def test_what_is_asked_for_its_annotations_at_every_start_has_them_not_as_text(desk):
    """Python compiles each text: typer would those of all options, pydantic the keys of a run, we those of records."""
    done = subprocess.run(
        [sys.executable, "-c", TEXTS, "backtest", "run.yaml"], cwd=desk.folder, env=desk.env, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    word, *asking = done.stderr.splitlines()[-1].split()
    assert word == "asked"
    assert set(asking) & {"typer.utils", "pydantic._internal._typing_extra", "engine.indicators.own"} == set()
    assert asking.count("engine.records.layout") < 5, "there are over two hundred fields of records"
