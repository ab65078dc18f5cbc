# SPDX-License-Identifier: Apache-2.0
"""A sweep on disk: ROOT/NAME/sweep-FIRST-LAST-HASH with its table, document, page and configuration.

The same configuration, data, seed and strategy source give the same bytes, whether the sweep was stopped on its way or
not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.config.canonical import resolved_yaml
from engine.config.loader import LoadedConfig
from engine.kernel.codes import RunCode
from engine.report.folder.atomic_folder import whole_folder
from engine.report.kit import arrow_columns
from engine.report.kit.encoding import to_json
from engine.report.sweep.document import document
from engine.report.sweep.page import render
from engine.report.sweep.words import cells
from engine.runs.sweep.figures import COUNTS, FIGURES, stopped_by
from engine.runs.sweep.findings import Sweep
from engine.runs.sweep.grid import Axis

PAGE, TABLE = "sweep.html", "sweep.parquet"


def write(found: Sweep, ready: LoadedConfig, target: Path) -> Path:
    """Write the folder, whole or not at all; returns the page. Raises RunError when the disk refuses."""
    with whole_folder(target) as folder:
        (folder / "config.yaml").write_text(resolved_yaml(ready.config), encoding="utf-8", newline="\n")
        (folder / "sweep.json").write_text(to_json(document(found)) + "\n", encoding="utf-8", newline="\n")
        pq.write_table(table_of(found), folder / TABLE, compression="zstd")
        (folder / PAGE).write_text(render(found), encoding="utf-8", newline="\n")
    return target / PAGE


def table_of(found: Sweep) -> pa.Table:
    """A row a combination: `combination`, the values of the axes, the figures, `error`.

    In the order of the number, of a search in that of its choice. Figures of a run that stopped are null.
    """
    stopped = found.figures["error"] != RunCode.OK
    columns: dict[str, Any] = {"combination": arrow_columns.column(found.numbers)}
    places = found.grid.places(found.numbers)
    for at, axis in enumerate(found.grid.axes):
        columns[axis.name] = _values(axis).take(arrow_columns.column(np.ascontiguousarray(places[:, at])))
    for name in FIGURES.names or ():
        values = found.figures[name]
        if name == "error":
            codes = sorted({int(code) for code in values})
            columns[name] = arrow_columns.coded({code: stopped_by(code) for code in codes}, values)
        else:
            missing = stopped if name in COUNTS else stopped | np.isnan(values)
            columns[name] = arrow_columns.column(values, null=missing)
    return arrow_columns.table(columns)


def _values(axis: Axis) -> pa.Array:
    """The values of an axis as a column: numbers or truths where all are, else text."""
    plain = cells(axis)
    kinds = {type(value) for value in plain}
    if kinds <= {int, float} and kinds:
        return pa.array([float(value) for value in plain] if float in kinds else plain)
    if kinds == {bool}:
        return pa.array(plain)
    return pa.array([value if isinstance(value, str) else json.dumps(value) for value in plain])
