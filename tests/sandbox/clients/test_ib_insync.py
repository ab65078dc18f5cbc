# SPDX-License-Identifier: Apache-2.0
"""ib_insync, unmodified and frozen, as a program of its own environment: the same checks as ib_async."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.sandbox.clients.checks import CHECKS
from tests.sandbox.clients.pipe import converse, python_of

PYTHON = python_of("ib_insync")

pytestmark = [
    pytest.mark.skipif(
        sys.version_info >= (3, 14),
        reason="ib_insync cannot be imported from Python 3.14 on; ib_async is the client there",
    ),
    pytest.mark.skipif(PYTHON is None, reason="no environment with ib_insync (make .venv/.clients-ready)"),
]


@pytest.fixture(scope="module")
def results():
    program = Path(__file__).with_name("program.py")
    return asyncio.run(converse(str(PYTHON), str(program), "ib_insync", *CHECKS))


@pytest.mark.parametrize("name", CHECKS)
def test_ib_insync(results, name):
    assert not results[name], results[name]
