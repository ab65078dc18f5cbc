# SPDX-License-Identifier: Apache-2.0
"""Finished runs on disk: finding one by what a person types, listing them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.analytics.metrics.of_run import definitions
from engine.errors import InputError, Problem, nearest_name
from engine.report.folder.kept_files import what_changed
from engine.report.kit.words import synthetic_warning

HEADLINES = {
    "total_return": "return", "cagr": "CAGR", "volatility": "vol", "sharpe": "Sharpe", "max_drawdown": "drawdown",
}  # fmt: skip
"""Metrics that `tandem runs list` shows, by their short titles."""

_NEEDED: dict[str, type] = {
    **dict.fromkeys(("name", "run", "strategy", "engine", "mode", "fill_convention"), str),
    "versions": dict,
    **dict.fromkeys(("data.label", "data.fingerprint", "data.first", "data.last"), str),
    "data.synthetic": bool,
}
"""What lists and comparisons read of a manifest."""


@dataclass(frozen=True)
class Run:
    """A run folder with its manifest and metrics (null is None)."""

    folder: Path
    manifest: dict[str, Any]
    metrics: dict[str, Any]
    latest: bool

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def synthetic(self) -> bool:
        """Whether its prices are made up."""
        return bool(self.manifest["data"]["synthetic"])

    @property
    def loud(self) -> list[str]:
        """Notices without which the figures cannot be read, beside the one that says the prices are made up."""
        made_up = synthetic_warning(self.manifest["data"]["label"])
        return [text for text in self.manifest.get("loud", []) if text != made_up]

    @property
    def run(self) -> str:
        return str(self.manifest["run"])

    def as_dict(self) -> dict[str, Any]:
        """What `tandem runs list --json` says of it."""
        data = self.manifest["data"]
        return {
            "name": self.name,
            "run": self.run,
            "folder": str(self.folder),
            "latest": self.latest,
            "strategy": self.manifest["strategy"],
            "engine": self.manifest["engine"],
            "mode": self.manifest["mode"],
            "data": data["label"],
            "synthetic": self.synthetic,
            "first": data["first"],
            "last": data["last"],
            "loud": self.loud,
            "metrics": {name: self.metrics.get(name) for name in HEADLINES},
        }


@dataclass(frozen=True)
class Listing:
    """Runs by name and run, and the mistakes of the run folders that cannot be read."""

    runs: list[Run]
    broken: list[Problem]

    def as_dict(self) -> dict[str, Any]:
        """What `tandem runs list --json` says, but for the folder it looked in."""
        return {
            "runs": [run.as_dict() for run in self.runs],
            "broken": [{"file": one.file, "why": one.found} for one in self.broken],
        }


def list_runs(results: Path, name: str = "") -> Listing:
    """Runs under `results`; folders without a manifest are no run and are passed over.

    Raises InputError when there is no such folder, or no runs of that name.
    """
    if not results.is_dir():
        raise InputError(f"no results folder {results}; run `tandem backtest CONFIG` first, or give --results")
    names = sorted(path.name for path in results.iterdir() if path.is_dir() and not path.name.startswith("."))
    if name and name not in names:
        allowed = ", ".join(names) or "none yet"
        raise InputError(
            Problem(
                "no runs of this name", str(results), found=name, allowed=allowed, nearest=nearest_name(name, names)
            )
        )
    listing = Listing([], [])
    for one in names:
        if name in ("", one):
            _add_runs(results / one, listing)
    return listing


def find_run(text: str, results: Path) -> Path:
    """The run folder `text` means: a path, NAME/RUN, or NAME for its latest. Raises InputError with what exists."""
    for candidate in (Path(text), results / text):
        if (candidate / "manifest.json").is_file():
            return candidate.resolve()
        latest = latest_of(candidate)
        if latest is not None:
            return latest
    known = [f"{run.name}/{run.run}" for run in list_runs(results).runs] if results.is_dir() else []
    names = sorted({entry.split("/")[0] for entry in known})
    allowed = f"a run folder, or one of {', '.join(names)}" if names else "a run folder; there are no runs yet"
    near = nearest_name(text, [*names, *known])
    raise InputError(Problem("no such run", str(results), found=text, allowed=allowed, nearest=near))


def latest_of(folder: Path) -> Path | None:
    """The run that `latest` in a folder of runs points at, by link or by text; None where there is none."""
    link = folder / "latest"
    if link.is_dir():
        target = link.resolve()
    elif link.is_file():
        target = (folder / link.read_text(encoding="utf-8").strip()).resolve()
    else:
        return None
    return target if (target / "manifest.json").is_file() else None


def read_documents(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """(manifest, metrics) of a run folder. Raises InputError naming the file that is not what a run writes."""
    manifest, metrics = (_document(folder / name) for name in ("manifest.json", "metrics.json"))
    data = manifest.get("data")
    known = {**manifest, **{f"data.{name}": value for name, value in (data if isinstance(data, dict) else {}).items()}}
    absent = [name for name, kind in _NEEDED.items() if not isinstance(known.get(name), kind)]
    if absent:
        raise unreadable(folder / "manifest.json", f"no {', '.join(absent)} in it")
    figures = {entry.name: metrics.get(entry.name) for entry in definitions()}
    strange = [name for name, value in figures.items() if not isinstance(value, str | int | float | None)]
    if strange:
        raise unreadable(folder / "metrics.json", f"{strange[0]} is no figure")
    kept_file(folder / "metrics.json", manifest)
    return manifest, metrics


def kept_file(file: Path, manifest: Mapping[str, Any]) -> Path:
    """`file`, where it is what the run wrote. Raises InputError where not; OSError, ValueError as `what_changed`."""
    changed = what_changed(file, manifest)
    if changed:
        raise unreadable(file, changed)
    return file


def unreadable(file: Path, why: Exception | str) -> InputError:
    """The mistake of a run folder with a file that is missing, broken or another program's."""
    if isinstance(why, OSError):
        why = (why.strerror or str(why)).lower()
    elif isinstance(why, UnicodeDecodeError):
        why = "no text"
    elif isinstance(why, KeyError):
        why = f"no {why} in it"
    allowed = "what the run wrote: run the backtest again, or remove the folder"
    return InputError(Problem("cannot be read as part of a run folder", str(file), found=str(why), allowed=allowed))


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error
    if not isinstance(document, dict):
        raise unreadable(file, "no JSON object")
    return document


def _add_runs(folder: Path, listing: Listing) -> None:
    """Add the runs of one name, each as what it is: readable or broken."""
    latest = latest_of(folder)
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.startswith(".") or not (path / "manifest.json").is_file():
            continue
        try:
            manifest, metrics = read_documents(path)
        except InputError as error:
            listing.broken.extend(error.problems)
        else:
            listing.runs.append(Run(path, manifest, metrics, path.resolve() == latest))
