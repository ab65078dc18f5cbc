# SPDX-License-Identifier: Apache-2.0
"""`tandem verify` where backtrader is not installed: the checks that need no second engine are made all the same."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tests import programs

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "schemas"

RULE = """
import numpy as np

from engine.strategy import Strategy


class Tomorrow(Strategy):
    roles = ("small",)

    class State:
        bars: int = 0

    def features(self, market, p):
        return {{"z": {z}}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.bars += 1
        if f.z == f.z:
            orders.target(0, 1.0 if f.z > bar.small.close else 0.0)
"""
HONEST = RULE.format(z="np.append(np.nan, market.small.close[:-1])")
LEAKING = RULE.format(z="np.append(market.small.close[1:], np.nan)")
"""Yesterday's close, and tomorrow's."""


@pytest.fixture
def verify(tmp_path):
    """Runs `tandem verify WORDS` with a backtrader that cannot be imported."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "backtrader.py").write_text("raise ImportError('not here')\n")

    def run(*words):
        env = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(blocked)}
        done = programs.tandem("verify", *words, cwd=ROOT, env=env)
        assert "Traceback" not in done.stderr
        return done

    return run


def test_nothing_fails_and_one_check_is_missing(verify, written, tmp_path):
    """A check that could be made and was not is no success."""
    written(HONEST, roles="{small: IWM}")
    done = verify(tmp_path / "mine.yaml")
    assert done.returncode == 2, done.stderr
    said = " ".join(done.stdout.split())
    assert "Engines not compared: backtrader is not installed" in said
    assert "pip install '.[backtrader]'" in said
    assert "holds Look-ahead" in said
    assert "holds Live window the last 750 bars decide as all bars do" in said


def test_a_leak_is_caught(verify, written, tmp_path):
    written(LEAKING, roles="{small: IWM}")
    done = verify(tmp_path / "mine.yaml", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((SCHEMAS / "verify.json").read_text(encoding="utf-8")))
    assert document["engines"] is None
    assert "backtrader is not installed" in document["not_compared"]
    assert document["look_ahead"]["first_leak"]["feature"] == "z"
    assert document["live_window"]["bars_tried"] > 20


def test_every_sleeve_is_judged(verify):
    done = verify(ROOT / "configs" / "portfolio_sample.yaml", "--json", "--set", "period.start=2020-01-02")
    assert done.returncode == 2, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((SCHEMAS / "verify-portfolio.json").read_text(encoding="utf-8")))
    assert document["passed"], "every check that could be made held"
    assert set(document["sleeves"]) == {"spread", "hedge", "agents"}
    for verdict in document["sleeves"].values():
        jsonschema.validate(verdict, json.loads((SCHEMAS / "verify.json").read_text(encoding="utf-8")))
        assert "backtrader is not installed" in verdict["not_compared"]
        assert verdict["look_ahead"]["cuts"] > 5


def test_options_have_no_second_engine_anyway(verify, written, tmp_path):
    code = (ROOT / "tests" / "kernel" / "protective_put.py").read_text(encoding="utf-8")
    written(code, "mine.py", roles="{small: IWM}", series="{rvx: RVX}",
            period="{start: 2010-06-01, end: 2011-06-30}")  # fmt: skip
    done = verify(tmp_path / "mine.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["not_compared"] == "backtrader has no options"
