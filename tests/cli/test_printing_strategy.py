# SPDX-License-Identifier: Apache-2.0
"""What a strategy prints goes to the error stream: standard output is the command's own."""

import json

import pytest

from tests import programs
from tests.cases import Case, days, flat


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path, features='print("looked at", len(market)) or {}')
    made.bars(flat(days("2024-01-02", 5)))
    return made


@pytest.mark.parametrize("command", ["backtest", "signals", "verify"])
def test_json_is_one_document_and_nothing_else(case, command):
    env = {"HOME": str(case.folder), "PATH": "/usr/bin:/bin", "TANDEM_CACHE_DIR": str(case.folder / "cache")}
    done = programs.tandem(command, "case.yaml", "--json", cwd=case.folder, env=env)
    json.loads(done.stdout)
    assert "looked at 5" in done.stderr
