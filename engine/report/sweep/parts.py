# SPDX-License-Identifier: Apache-2.0
"""The parts of a sweep that is under way, a Parquet file each: what a kill leaves, and the same command goes on from.

A part appears whole or not at all. The folder is named after all that decides a figure, so that no part of another
configuration, of other data or of another strategy's source is ever taken up.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import RunError
from engine.report.folder.atomic_folder import plain_reason
from engine.report.kit.arrow_columns import column, table


class Parts:
    """The folder of the parts. Raises RunError as the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot write {folder}: {plain_reason(error)}") from error

    def read(self, part: int, kind: np.dtype[Any]) -> NDArray[Any] | None:
        """The figures of a part, records of `kind`; None where it has not been run, or what is there is not that."""
        try:
            kept = pq.read_table(self._file(part))
        except (OSError, pa.ArrowInvalid):
            return None
        if kept.schema != table(_columns(np.zeros(0, kind))).schema:
            return None
        found = np.zeros(len(kept), kind)
        for name in kept.column_names:
            values = kept[name].combine_chunks()
            flat = values.flatten() if pa.types.is_fixed_size_list(values.type) else values
            found[name] = flat.to_numpy().reshape(found[name].shape)
        return found

    def write(self, part: int, figures: NDArray[Any]) -> None:
        """Keep a part: it is on the disk when this returns."""
        temporary = self.folder / f".{part:06d}-{os.getpid()}"
        try:
            pq.write_table(table(_columns(figures)), temporary)
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            temporary.replace(self._file(part))
        except OSError as error:
            raise self._refused(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def count(self) -> int:
        """How many parts are there."""
        return sum(1 for _ in self.folder.glob("*.parquet"))

    def remove(self) -> None:
        """The sweep is written whole: its parts are no longer needed."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, part: int) -> Path:
        return self.folder / f"{part:06d}.parquet"

    def _refused(self, error: OSError) -> RunError:
        kept = "what is done is kept, and the same command goes on from there"
        return RunError(f"cannot write {self.folder}: {plain_reason(error)}; {kept}")


def _columns(figures: NDArray[Any]) -> dict[str, pa.Array]:
    """Records as columns; a field with several numbers a row is a column of lists."""
    made = {}
    for name in figures.dtype.names or ():
        values = figures[name]
        flat = column(values.ravel())
        made[name] = flat if values.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
    return made
