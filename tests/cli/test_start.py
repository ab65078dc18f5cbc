# SPDX-License-Identifier: Apache-2.0
"""What a command pays before its work and after it."""

import json
import subprocess
import sys

COLLECTIONS = """
import atexit, gc, json, sys
begun = []
gc.callbacks.append(lambda phase, info: begun.append(info["generation"]) if phase == "start" else None)
sys.argv[0] = "tandem"
from engine.cli import main
imported = len(begun)
def say():
    counts = [len(begun) - imported, gc.get_freeze_count(), len(gc.get_objects())]
    sys.stderr.write(json.dumps(counts))
atexit.register(say)
main()
"""


def collections(desk, *words):
    """How often Python looked for cycles while the command ran; objects set aside at its end, and others."""
    program = [sys.executable, "-c", COLLECTIONS, *words]
    done = subprocess.run(program, cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=True)
    return json.loads(done.stderr.splitlines()[-1])


def test_no_backtest_is_long_enough_to_look_for_cycles(desk):
    desk.tandem("backtest", "run.yaml")
    looked, aside, left = collections(desk, "backtest", "run.yaml")
    assert looked == 0
    assert aside > 50_000, "modules and all that they hold are not looked through on the way out either"
    assert left < 1_000
