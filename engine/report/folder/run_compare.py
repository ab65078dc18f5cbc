# SPDX-License-Identifier: Apache-2.0
"""Runs side by side: their metrics, and every setting in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.analytics.metrics.of_run import definitions
from engine.analytics.metrics.registry import Metric
from engine.config.yaml_reader import read_yaml
from engine.report.folder.run_index import kept_file, read_documents, unreadable
from engine.report.kit.words import counted, synthetic_warning


@dataclass(frozen=True)
class Comparison:
    """runs: labels in the order asked. metrics: name to one value a run. differences: key to one value a run.

    best: metric name to the positions of the best runs; absent where better has no meaning or all are equal.
    warnings: why figures may not be comparable.
    """

    runs: tuple[str, ...]
    folders: tuple[str, ...]
    metrics: dict[str, list[Any]]
    best: dict[str, list[int]]
    differences: dict[str, list[Any]]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """What `tandem runs compare --json` prints."""
        return {
            "runs": [{"run": run, "folder": folder} for run, folder in zip(self.runs, self.folders, strict=True)],
            "metrics": self.metrics,
            "best": self.best,
            "differences": self.differences,
            "warnings": list(self.warnings),
        }


def compare(folders: Sequence[Path]) -> Comparison:
    """Compare run folders. Raises InputError for a folder that is no whole run."""
    documents = [read_documents(folder) for folder in folders]
    configs = [_flat(_config(folder, manifest)) for folder, (manifest, _) in zip(folders, documents, strict=True)]
    metrics = {entry.name: [measured.get(entry.name) for _, measured in documents] for entry in definitions()}
    best = {entry.name: places for entry in definitions() if (places := best_of(entry, metrics[entry.name]))}
    return Comparison(
        runs=tuple(f"{manifest['name']}/{manifest['run']}" for manifest, _ in documents),
        folders=tuple(str(folder) for folder in folders),
        metrics=metrics,
        best=best,
        differences=_differences(configs),
        warnings=tuple(_warnings([manifest for manifest, _ in documents])),
    )


def best_of(entry: Metric, values: Sequence[Any]) -> list[int]:
    """Positions of the best of `values` (None is undefined); empty where no run is better than another."""
    known = [value for value in values if isinstance(value, (int, float))]
    if not entry.better or len(known) < 2 or min(known) == max(known):
        return []
    top = max(known) if entry.better == "high" else min(known)
    return [place for place, value in enumerate(values) if value == top]


def _config(folder: Path, manifest: Mapping[str, Any]) -> Any:
    path = folder / "config.yaml"
    try:
        return read_yaml(kept_file(path, manifest).read_text(encoding="utf-8"), str(path)).data
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Nested mappings and lists as `costs.borrow.IWM[0].rate` to value."""
    if isinstance(value, Mapping) and value:
        parts = [_flat(item, f"{path}.{key}" if path else str(key)) for key, item in value.items()]
    elif isinstance(value, list) and value:
        parts = [_flat(item, f"{path}[{place}]") for place, item in enumerate(value)]
    else:
        plain = value if isinstance(value, (bool, int, float, str, type(None))) else str(value) if value else None
        return {path: plain}
    return {key: item for part in parts for key, item in part.items()}


def _differences(configs: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Keys whose values are not all the same; a key that a run does not have is None."""
    keys = list(dict.fromkeys(key for config in configs for key in config))
    rows = {key: [config.get(key) for config in configs] for key in keys}
    return {key: row for key, row in rows.items() if any(value != row[0] for value in row)}


def _warnings(manifests: Sequence[Mapping[str, Any]]) -> list[str]:
    said = []
    first = manifests[0]
    if any(manifest["data"]["fingerprint"] != first["data"]["fingerprint"] for manifest in manifests):
        said.append("the runs saw different data")
    if any(manifest["data"][end] != first["data"][end] for manifest in manifests for end in ("first", "last")):
        said.append("the runs cover different periods")
    if any(manifest["fill_convention"] != first["fill_convention"] for manifest in manifests):
        said.append("the runs fill orders by different conventions")
    if any(manifest["versions"].get("tandem") != first["versions"].get("tandem") for manifest in manifests):
        said.append("the runs were made by different versions of tandem")
    return said + [text for number, one in enumerate(manifests, 1) for text in _of_one(number, one)]


def _of_one(number: int, manifest: Mapping[str, Any]) -> list[str]:
    """What its own report says loudly of a run: that its prices are made up, and how much else."""
    made_up = synthetic_warning(manifest["data"]["label"])
    others = sum(text != made_up for text in manifest.get("loud", []))
    said = [f"run {number}: {made_up}"] if manifest["data"]["synthetic"] else []
    if others:
        said.append(f"run {number} has {counted(others, 'loud notice')}: read its report before the figures")
    return said
