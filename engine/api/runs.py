# SPDX-License-Identifier: Apache-2.0
"""One call, one result: a configuration run, or a finished run read back."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.api.given import ready
from engine.api.result import Result
from engine.errors import InputError, Problem
from engine.report.folder import read_run as run_files
from engine.report.folder.run_index import find_run, read_documents
from engine.runs.backtest import Config
from engine.runs.backtest import backtest as run
from engine.runs.trials.standing import count_run
from engine.strategy.source.identity import source_hash


def backtest(config: Config | None = None, overrides: Sequence[str] = (), **given: Any) -> Result:
    """Run one backtest; nothing is written until `Result.save`.

    config     a YAML file's path, the same as a mapping, or what `engine.load_config` gave; or left out, where
               `strategy` and `roles` are given
    overrides  `path=value` settings on top, as `--set` takes them
    given      strategy, a class or a name; params, by name; data, a DataFrame or DataFrames by symbol; any other key
               of the configuration with its value

    It counts among the trials of the strategy on its symbols, once, as `tandem backtest` does: docs/significance.md.
    Raises InputError (ConfigError, DataError, StrategyError) for what the user can mend, RunError for what stopped
    the run.
    """
    asked = ready(config, overrides, **given)
    result = Result(run(asked), source_hash(*asked.strategies.values()), asked)
    counted(result)
    return result


def counted(result: Result) -> None:
    """Count a run among the trials of its strategy on its symbols; a RuntimeWarning says where that failed."""
    warn_of(count_run(result.record, result.analysis, result.source_hash).problem)


def warn_of(problem: str) -> None:
    """Say in Python what a command says on the terminal: why a trial could not be counted; "" where it was."""
    if problem:
        warnings.warn(f"this trial is not counted: {problem}", RuntimeWarning, stacklevel=4)


def named(run: object) -> str:
    """The text that names a run. Raises InputError for what is neither text nor a path, such as a DataFrame."""
    if isinstance(run, str | os.PathLike):
        return os.fspath(run)
    allowed = "a run folder, NAME/RUN, or NAME for its latest run"
    held = isinstance(getattr(run, "result", None), Result)
    allowed = f"the account that it has as `.result`, or {allowed}" if held else allowed
    raise InputError(Problem("not the name of a run", path="run", found=type(run).__name__, allowed=allowed))


def read_run(folder: str | Path, results: str | Path = "results") -> Result:
    """The Result that a run folder holds, equal to the bit in every figure.

    folder   a run folder, a folder with `latest` in it, NAME/RUN, or NAME for its latest run in `results`
    Raises InputError where there is no such run, naming the file that is missing or unreadable.
    """
    found = find_run(named(folder), Path(results))
    manifest, _ = read_documents(found)
    return Result(run_files.read_run(found), str(manifest.get("source_hash", "")))
