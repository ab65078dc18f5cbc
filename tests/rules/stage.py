# SPDX-License-Identifier: Apache-2.0
"""A configuration with rules, written to a file and loaded as `tandem config check` does; what is wrong with it."""

import os
from pathlib import Path

from engine.config.loader import LoadedConfig, load_config
from engine.errors import ConfigError

HEAD = """\
name: trial
strategy: rules
roles: {large: SPY, small: IWM}
series: {vix: VIX}
rules:
  params: {window: 60, entry: 2.0}
  features:
    z: zscore(log(large.close / small.close), window)
    calm: vix < 20
    trial: TRIAL
  enter: {long: z < -entry, short: z > entry}
  exit: {long: z >= 0, short: z <= 0}
  size: {weight: {large: 0.5, small: -0.5}}
"""
"""A pair; `trial` is a feature, a condition or a number, that is tried out."""


def load(folder: Path, text: str, *overrides: str) -> LoadedConfig:
    """The configuration of a text."""
    file = folder / "trial.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, overrides)


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a text, without its file's folder; empty where nothing is."""
    try:
        load(folder, text)
    except ConfigError as error:
        seen = os.path.relpath(folder)  # which is shorter where the repository lies near the folder of the test
        return [str(one).replace(f"{folder}/", "").replace(f"{seen}/", "") for one in error.problems]
    return []


def tried(folder: Path, expression: str) -> list[str]:
    """What is wrong with one feature; it stands in quotes, as some must."""
    return problems(folder, HEAD.replace("TRIAL", f"'{expression.replace(chr(39), 2 * chr(39))}'"))
