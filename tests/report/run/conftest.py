# SPDX-License-Identifier: Apache-2.0
"""A run of two years of the spread trade, kept, and `tandem report` on it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "report.json").read_text(encoding="utf-8"))
CONFIG = str(ROOT / "configs" / "spread_sample.yaml")


@pytest.fixture(scope="module")
def run():
    return engine.backtest(CONFIG, ["period.start=2017-01-03", "period.end=2018-12-31", "mode=interpreted"])


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return run.save(tmp_path_factory.mktemp("runs") / "one")


def report(*words):
    return CliRunner().invoke(app, ["report", *map(str, words)], catch_exceptions=False, env={"COLUMNS": "80"})
