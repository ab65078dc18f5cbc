# SPDX-License-Identifier: Apache-2.0
"""The run folder: results/NAME/RUN with everything a run was, said and did. docs/run_folder.md describes the files.

The same configuration, data, seed and strategy source give the same bytes in every file but manifest.json, which
also holds the timings.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from engine.analytics.analysis import Analysis, analyse
from engine.distribution import VERSION
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem, RunError
from engine.market.panel import Market
from engine.model.file_names import check_name
from engine.model.sleeves import told_strategy
from engine.report.folder.atomic_folder import plain_reason, point_latest, whole_folder, write_whole
from engine.report.folder.kept_files import REDRAWN, digests
from engine.report.kit.encoding import to_json
from engine.report.run.attribution_document import LEVELS, NAME, attribution_document, is_interpreted, levels_table

FORMAT = 1
"""Version of the folder's layout: files and columns may be added under the same number, none changes its meaning."""

LIBRARIES = ("numpy", "pyarrow", "numba", "pandas", "plotly", "pydantic", "ta", "ta-lib")


@dataclass(frozen=True)
class Published:
    """A run that was analysed, drawn and written."""

    folder: Path
    analysis: Analysis

    @property
    def report(self) -> Path:
        return self.folder / "report.html"


def check_root(folder: Path) -> None:
    """Raise InputError where `folder` cannot become a folder: a file is in its way, or none can be called so.

    To be asked before a long run.
    """
    check_name(folder)
    for place in (folder, *folder.parents):
        if place.is_dir():
            return
        if place.exists():
            raise InputError(
                Problem("a file stands where the run folders go", file=str(place), allowed="a folder, or a free name")
            )


def publish(
    result: RunRecord,
    *,
    config_text: str,
    config_hash: str,
    root: Path,
    source_hash: str = "",
    timings: Mapping[str, float] | None = None,
) -> Published:
    """Analyse `result`, draw its report and write root/NAME/RUN. Arguments as in `write_run`."""
    from engine.report.run.page import render

    analysis = analyse(result)
    folder = write_run(
        result,
        analysis,
        config_text=config_text,
        config_hash=config_hash,
        report_html=render(result, analysis),
        root=root,
        source_hash=source_hash,
        timings=timings,
    )
    return Published(folder, analysis)


def write_run(
    result: RunRecord,
    analysis: Analysis,
    *,
    config_text: str,
    config_hash: str,
    report_html: str,
    root: Path,
    source_hash: str = "",
    timings: Mapping[str, float] | None = None,
) -> Path:
    """Write root/NAME/RUN and point root/NAME/latest at it. Arguments and errors are those of `write_folder`."""
    target = root / result.config.name / run_name(result, config_hash, source_hash)
    write_folder(
        target,
        result,
        analysis,
        config_text=config_text,
        config_hash=config_hash,
        report_html=report_html,
        source_hash=source_hash,
        timings=timings,
    )
    point_latest(target)
    return target


def write_folder(
    target: Path,
    result: RunRecord,
    analysis: Analysis,
    *,
    config_text: str,
    config_hash: str,
    report_html: str,
    source_hash: str = "",
    timings: Mapping[str, float] | None = None,
) -> None:
    """Write a run folder at `target`, in place of what is there; it appears whole or not at all.

    config_text  the resolved configuration as YAML;  config_hash, source_hash  what RUN is named after
    timings      seconds by stage, kept in manifest.json alone
    Raises RunError when the disk refuses.
    """
    import pyarrow.parquet as pq

    from engine.report.folder.tables import tables
    from engine.report.run.notices import notices

    identity = {"run": target.name, "config_hash": config_hash, "source_hash": source_hash}
    loud = {"loud": [one.text for one in notices(result, analysis) if one.level == "loud"]}
    manifest = {**identity, **describe(result), **loud, "timings": dict(timings or {})}
    with whole_folder(target) as folder:
        _text(folder / "config.yaml", config_text)
        _text(folder / "metrics.json", to_json(analysis.metrics.as_dict()) + "\n")
        for name, table in tables(result, analysis).items():
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        if is_interpreted(result.interpretation):
            _text(folder / NAME, to_json(attribution_document(result, analysis.parts)) + "\n")
        if result.interpretation.levels:
            pq.write_table(levels_table(result), folder / LEVELS, compression="zstd")
        _text(folder / "manifest.json", to_json({**manifest, "files": digests(folder)}) + "\n")
        _text(folder / REDRAWN, report_html)


def run_name(result: RunRecord, config_hash: str, source_hash: str = "") -> str:
    """FIRST-LAST-HASH: the run's first and last session, and ten digits that change with whatever changes the run."""
    identity = f"{config_hash}\n{source_hash}\n{result.market.fingerprint}\n{result.engine}\n{VERSION}"
    digits = hashlib.sha256(identity.encode()).hexdigest()[:10]
    sessions = result.market.sessions
    first, last = (str(day).replace("-", "") for day in (sessions[0], sessions[-1]))
    return f"{first}-{last}-{digits}"


def describe(result: RunRecord) -> dict[str, Any]:
    """The manifest without identity and timings: what ran, on what, under which convention."""
    config, market = result.config, result.market
    first, last = market.bars["session"][[0, -1]].tolist()
    return {
        "format": FORMAT,
        "name": config.name,
        "strategy": told_strategy(config),
        "engine": result.engine,
        "mode": result.mode,
        "seed": config.seed,
        "fill_convention": result.fill_convention,
        "margin": config.account.margin.kind,
        "data": {
            "label": market.label,
            "synthetic": market.synthetic,
            "fingerprint": market.fingerprint,
            "symbols": market.symbols,
            "series": market.series,
            "missing": list(market.missing),
            "frequency": market.frequency,
            "calendar": market.calendar,
            "prices": market.prices,
            "sessions_per_year": market.sessions_per_year,
            "session_minutes": _minutes_of(market),
            "absent": sum(first < day < last for day in market.absent),
            "bars": len(market),
            "first": str(market.sessions[0]),
            "last": str(market.sessions[-1]),
        },
        **({"sleeves": _sleeves(result)} if result.sleeves else {}),
        "params": result.params,
        "options": result.options,
        "told": is_interpreted(result.interpretation),
        "reasons": {str(code): list(one) for code, one in sorted(result.reasons.items())},
        "notices": [one.as_dict() for one in result.notices],
        "versions": {"python": platform.python_version(), **versions()},
    }


def _minutes_of(market: Market) -> dict[str, int]:
    """How long the sessions of these bars last, from the first one on."""
    days = list(market.session_minutes)
    first, last = (str(day) for day in market.sessions[[0, -1]])
    in_force = [day for day in days if day <= first][-1:] + [day for day in days if first < day <= last]
    return {day: market.session_minutes[day] for day in in_force}


def _sleeves(result: RunRecord) -> dict[str, Any]:
    return {
        name: {"weight": own.weight, "strategy": own.strategy, "roles": own.roles}
        for name, own in result.config.sleeves.items()
    }


def write_page(page: str, target: Path) -> Path:
    """Write a page, whole or not at all.

    Raises InputError where `target` is no file or none can be called so, RunError as the disk refuses.
    """
    check_name(target)
    if target.exists() and not target.is_file():  # a device would be replaced too
        raise InputError(Problem("this is no file", str(target), allowed="the name of a file"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(page, target)
    except OSError as error:
        raise RunError(f"cannot write {target}: {plain_reason(error)}") from error
    return target


@cache
def versions() -> Mapping[str, str | None]:
    """Tandem's and those of the libraries; None where one is not installed."""
    found: dict[str, str | None] = {"tandem": VERSION}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
