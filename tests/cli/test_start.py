# SPDX-License-Identifier: Apache-2.0
"""What a command pays before its work and after it."""

import json
import subprocess
import sys

from engine.cli import application
from engine.config import explain
from engine.model.run import RunConfig

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


def functions(app):
    """What every command and callback of an application calls, those of its groups too."""
    yield from (one.callback for one in app.registered_commands)
    yield from (app.registered_callback.callback,) if app.registered_callback else ()
    for group in app.registered_groups:
        yield from functions(group.typer_instance)


def test_options_are_no_text_that_every_start_compiles():
    known = list(functions(application.app))
    assert len(known) > 30
    assert [one.__qualname__ for one in known if any(isinstance(told, str) for told in hints(one))] == []


def test_keys_of_a_run_are_no_text_that_every_start_compiles():
    known = sections(RunConfig)
    assert len(known) > 30
    assert [one.__name__ for one in known if any(isinstance(told, str) for told in hints(one))] == []


def hints(annotated):
    return vars(annotated).get("__annotations__", {}).values()


def sections(kind):
    """A section of the description of a run, and those in it."""
    below = (found for field in kind.model_fields.values() for found in explain._inside(field.annotation, ""))
    return {kind, *(one for _, section in below for one in sections(section))}
