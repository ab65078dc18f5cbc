# SPDX-License-Identifier: Apache-2.0
"""The portfolio of the next month as a configuration: the runs as sleeves of one account, by their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from engine.config.canonical import resolved_yaml
from engine.config.yaml_reader import read_yaml
from engine.errors import InputError, Problem, RunError
from engine.hedgefunds.allocators import STRUCTURE
from engine.model.fields import Name
from engine.model.file_names import check_name
from engine.model.run import RunConfig
from engine.report.folder.atomic_folder import plain_reason, write_whole
from engine.report.folder.run_index import find_run, unreadable
from engine.report.funds.run_folders import names_of
from engine.runs.funds import Funds

OWN = ("name", "description", "strategy", "roles", "params", "benchmark", "results", "mode", "seed")
"""Keys of a run that are the sleeve's, or change no number that sleeves share."""


def check_target(target: Path) -> None:
    """Raise InputError where the configuration cannot be called so: its file's name without the ending is its own."""
    check_name(target, "--portfolio")
    try:
        TypeAdapter(Name).validate_python(target.stem)
    except ValidationError:
        allowed = "a letter, then letters, digits, `_`, `.` or `-`, then .yaml: it names the run too"
        raise InputError(
            Problem("no name of a configuration", path="--portfolio", found=str(target), allowed=allowed)
        ) from None


def write_portfolio(found: Funds, folders: Sequence[Path], target: Path) -> None:
    """Write the configuration. The weights are those of the month after the last; capital goes back to them monthly.

    Raises InputError where nothing is held, or where the runs do not share one account: data, costs, fills, period.
    """
    panel, one = found.panel, found.study.portfolios.get(STRUCTURE)
    month = panel.months[-1] + 1
    own = one.weights[-1] if one is not None else np.zeros(len(panel.names))
    held = {panel.names[place]: float(own[place]) for place in np.flatnonzero(own > 0.0).tolist()}
    if not held:
        allowed = "a month in which a run is admitted; without one the portfolio is cash"
        raise InputError(
            Problem(f"nothing is held in {month}", path="--portfolio", found="no admitted run", allowed=allowed)
        )
    places = [find_run(str(folder), Path("results")) for folder in folders]
    by_name = dict(zip(names_of(places), places, strict=True))
    chosen = {name: _config(by_name[name]) for name in held}
    shared = _shared(
        {name: {key: value for key, value in one.items() if key not in OWN} for name, one in chosen.items()}
    )
    sleeves = {
        _sleeve_name(name): {
            "weight": held[name], **{key: chosen[name][key] for key in ("strategy", "roles", "params")},
        }
        for name in held
    }  # fmt: skip
    listed = ", ".join(held)
    about = f"Sleeves by Return Structure for {month}, from the months up to {panel.months[-1]}: {listed}"
    made = RunConfig.model_validate(
        {**shared, "name": target.stem, "description": about, "sleeves": sleeves, "rebalance": "monthly"}
    )
    head = (
        f"# Weights of {month}, decided by `tandem funds --runs` from returns up to {panel.months[-1]}; write it anew\n"
        "# each month. Over earlier months a backtest of this file gives them weights that nobody knew then.\n"
    )
    try:
        write_whole(head + resolved_yaml(made), target)
    except OSError as error:
        raise RunError(f"cannot write {target}: {plain_reason(error)}") from error


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.yaml"
    try:
        made = read_yaml(path.read_text(encoding="utf-8"), str(path)).data
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    if made.get("sleeves"):
        allowed = "runs of one strategy each"
        raise InputError(
            Problem("a portfolio cannot be a sleeve", path="--portfolio", found=made["name"], allowed=allowed)
        )
    return dict(made)


def _shared(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the runs have in common, and what only some have: series, tables of their symbols."""
    (first, made), *others = configs.items()
    merged = dict(made)
    problems: list[Problem] = []
    for name, config in others:
        merged = _merged(merged, config, "", f"{first} and {name}", problems)
    if problems:
        raise InputError(problems)
    return merged


def _merged(one: Any, two: Any, path: str, who: str, problems: list[Problem]) -> Any:
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        keys = list(dict.fromkeys([*one, *two]))
        return {
            key: _merged(one[key], two[key], f"{path}.{key}" if path else str(key), who, problems)
            if key in one and key in two else one.get(key, two.get(key))
            for key in keys
        }  # fmt: skip
    if one != two:
        found, allowed = f"{who} differ", "sleeves share one account: run them with the same setting"
        problems.append(Problem("one account cannot have both", path=path, found=found, allowed=allowed))
    return one


def _sleeve_name(name: str) -> str:
    """A run's name as a sleeve may be called."""
    return "".join(letter if letter.isalnum() else "_" for letter in name).lower()
