# SPDX-License-Identifier: Apache-2.0
"""The bounded part of the chaos: SIGKILL at every boundary, and at random moments of either side. See `make chaos`."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives of both sides are forked")


def chaos(root, *words):
    """What it found, in a process of its own: it forks, and has no threads."""
    pytest.importorskip("ib_async")
    program = [sys.executable, "-m", "tests.paper.chaos.run", *words]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    done = subprocess.run(program, check=False, capture_output=True, text=True, cwd=root, timeout=300, env=alone)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("part", ["1/2", "2/2"])
def test_a_kill_at_every_boundary(request, part):
    found = chaos(request.config.rootpath, "sample", "--part", part)
    assert found["wrong"] == []
    assert found["boundaries"] >= 11


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.slow)])
def test_kills_at_random_moments(request, seed):
    found = chaos(request.config.rootpath, "random", "--seed", str(seed), "--kills", "30")
    assert found["wrong"] == []
    assert min(found["turns"], found["of_broker"], found["faults"]) >= 1, "it got somewhere, and was disturbed"


def test_a_naive_bridge_fails_where_the_careful_one_holds(request):
    found = chaos(request.config.rootpath, "naive", "--seed", "11", "--kills", "30")
    assert found["wrong"]
