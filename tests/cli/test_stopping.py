# SPDX-License-Identifier: Apache-2.0
"""A signal is heard wherever Python happens to be."""

from __future__ import annotations

import subprocess
import sys

import pytest

COLLECTED = """
import gc, os, signal, threading
from engine.cli.stopping import Stopped, stop_in_order

def killed(phase, info):
    gc.callbacks.remove(killed)
    os.kill(os.getpid(), signal.{name})

stop_in_order()
gc.callbacks.append(killed)
gc.collect()
print("collected")
try:
    threading.Event().wait(60)
    print("went on")
except (Stopped, KeyboardInterrupt) as error:
    print(repr(error))
"""


@pytest.mark.parametrize(
    ("name", "raised"), [("SIGTERM", "Stopped(15)"), ("SIGHUP", "Stopped(1)"), ("SIGINT", "KeyboardInterrupt()")]
)
def test_one_that_comes_in_a_search_for_cycles_is_heard_behind_it(name, raised):
    """Dask calls Python there: what it raises is printed and forgotten, and a sweep went on to its end with code 0."""
    ran = subprocess.run(
        [sys.executable, "-c", COLLECTED.format(name=name)], capture_output=True, text=True, timeout=90, check=False
    )
    assert (ran.stdout.split("\n"), ran.stderr) == (["collected", raised, ""], "")


def test_other_errors_that_nobody_can_catch_are_printed_as_ever():
    code = "from engine.cli.stopping import stop_in_order\nstop_in_order(); stop_in_order()\n"
    code += "class Bad:\n    def __del__(self):\n        raise ValueError('told')\nBad()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False)
    assert ran.stderr.count("ValueError: told") == 1
