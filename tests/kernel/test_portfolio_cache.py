# SPDX-License-Identifier: Apache-2.0
"""The decision of a portfolio, whose source is written, comes from the cache in the next process, and where none is."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import numpy as np

from engine.engines.compiled_run import layout_of, compiled_decision
from engine.inputs.prepared import prepare
from tests.properties.portfolios import pair_settings, paired
from tests.kernel.instructed_pair import Idle
from tests.kernel.replay import instruct
from tests.kernel.test_sleeves import flat_bars

run = prepare(pair_settings({}), {"one": Idle, "two": Idle}, paired(instruct(flat_bars(1, 1), [])))
decide = compiled_decision(run, layout_of(run))
hits = sum(decide.stats.cache_hits.values())
books = run.first_book()
decide(run.market.bars[0], run.features[0], run.params_row()[0], run.first_state()[0], books[0], books[0])
print(hits, books["deciding"][0])
"""


def told(cache: Path) -> str:
    environment = {**os.environ, "TANDEM_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_next_process_finds_it_in_the_cache(tmp_path: Path):
    assert told(tmp_path) == "0 1"
    assert told(tmp_path) == "1 1"


def test_without_a_folder_to_write_it_is_compiled_each_time(tmp_path: Path):
    """Both processes find a file where the cache should be."""
    (tmp_path / "compiled").write_text("in the way")
    assert told(tmp_path) == "0 1"
