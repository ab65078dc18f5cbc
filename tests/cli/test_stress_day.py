# SPDX-License-Identifier: Apache-2.0
"""`tandem stress --asof` of a day without bars says so and ends with 1."""

import json
import os

import pytest

from tests import programs
from tests.cases import Case, days, flat

DAYS = days("2018-01-02", 400)


@pytest.fixture
def stress(tmp_path):
    case = Case(tmp_path)
    case.bars(flat(DAYS, 50.0))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}

    def run(asof: str):
        done = programs.tandem("stress", "case.yaml", "--asof", asof, "--json", cwd=tmp_path, env=env)
        return done.returncode, json.loads(done.stdout)

    return run


def test_a_day_without_bars_is_told(stress):
    code, shown = stress("2019-06-01")  # a Saturday
    said = "there are no bars of 2019-06-01: the shocks come after the close of 2019-05-31, the last before"
    assert (code, shown["asof"]) == (1, "2019-05-31")
    assert shown["notices"][0] == {"level": "loud", "text": said}


def test_a_session_is_not(stress):
    code, shown = stress("2019-05-31")
    assert (code, shown["asof"]) == (0, "2019-05-31")
    assert not [one for one in shown["notices"] if "there are no bars of" in one["text"]]
