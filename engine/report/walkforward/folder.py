# SPDX-License-Identifier: Apache-2.0
"""A walk-forward on disk: ROOT/NAME/walkforward-FIRST-LAST-HASH with its page, document, tables and configuration.

The same configuration, data, seed and strategy source give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from engine.config.canonical import resolved_yaml
from engine.config.loader import LoadedConfig
from engine.report.folder.atomic_folder import whole_folder
from engine.report.folder.run_identity import folder_name
from engine.report.folder.tables import tables
from engine.report.kit.encoding import to_json
from engine.report.walkforward.document import document
from engine.report.walkforward.page import render
from engine.runs.sweep.asked import told
from engine.runs.sweep.figures import ratios_run
from engine.runs.trials.standing import Standing, count_sweep, key_of
from engine.runs.walkforward.findings import WalkForwardFound

PAGE = "walkforward.html"


def write(found: WalkForwardFound, ready: LoadedConfig, root: Path) -> Path:
    """Write ROOT/walkforward-RUN, whole or not at all; returns the page. Raises RunError when the disk refuses.

    The tables are those of a run folder: ledger, orders, equity and the rest of the account that made every choice.
    """
    target = root / run_name(found, ready)
    with whole_folder(target) as folder:
        (folder / "config.yaml").write_text(resolved_yaml(ready.config), encoding="utf-8", newline="\n")
        (folder / "walkforward.json").write_text(to_json(document(found)) + "\n", encoding="utf-8", newline="\n")
        for name, table in tables(found.stitched, found.analysis).items():
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        (folder / PAGE).write_text(render(found), encoding="utf-8", newline="\n")
    return target / PAGE


def run_name(found: WalkForwardFound, ready: LoadedConfig) -> str:
    """walkforward-FIRST-LAST-HASH: it changes with whatever changes a figure."""
    asked = {
        "over": told(found.grid.axes),
        "asked": (ready.config.sweep.tries, ready.config.seed, found.after.objective.name),
        "plan": found.plan.model_dump(),
    }
    return folder_name("walkforward", ready, found.stitched.market, **asked)


def count_trials(found: WalkForwardFound, ready: LoadedConfig) -> Standing:
    """Count every combination among the trials of the strategy, and say what stands behind the walk's account."""
    ratios, _ = ratios_run(found.after.figures, found.after.free)
    key = key_of("walkforward", run_name(found, ready))
    return count_sweep(ready.config, found.stitched, found.analysis, ratios, key)
