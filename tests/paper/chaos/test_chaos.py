# SPDX-License-Identifier: Apache-2.0
"""The bounded part of the chaos: SIGKILL at every boundary, and at random moments of either side. See `make chaos`."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives of both sides are forked")


@pytest.fixture(scope="module")
def begun(request):
    """Every chaos that a test of this file asks for, begun at once: sides that wait leave time to others.

    Each is a process of its own: it forks, and has no threads.
    """
    pytest.importorskip("ib_async")
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": request.config.rootpath}
    asked = {item.callspec.params["words"] for item in request.session.items if item.path == request.path}
    with contextlib.ExitStack() as ends:
        processes = {}
        for words in sorted(asked):
            program = [sys.executable, "-m", "tests.paper.chaos.run", *words.split()]
            processes[words] = ends.enter_context(subprocess.Popen(program, env=alone, **told))
            ends.callback(processes[words].kill)
        yield processes


@pytest.fixture
def found(begun, words):
    """What a chaos found."""
    said, wrong = begun[words].communicate(timeout=300)
    assert said, wrong
    return json.loads(said)


@pytest.mark.parametrize("words", ["sample --part 1/2", "sample --part 2/2"])
def test_a_kill_at_every_boundary(found):
    assert found["wrong"] == []
    assert found["boundaries"] >= 11


@pytest.mark.parametrize(
    "words", ["random --seed 11 --kills 30", pytest.param("random --seed 12 --kills 30", marks=pytest.mark.slow)]
)
def test_kills_at_random_moments(found):
    assert found["wrong"] == []
    assert min(found["turns"], found["of_broker"], found["faults"]) >= 1, "it got somewhere, and was disturbed"


@pytest.mark.parametrize("words", ["naive --seed 11 --kills 30"])
def test_a_naive_bridge_fails_where_the_careful_one_holds(found):
    assert found["wrong"]
