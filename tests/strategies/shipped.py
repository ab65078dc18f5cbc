# SPDX-License-Identifier: Apache-2.0
"""The strategies in strategies/ with the configurations they are shipped with: the sample market and real bars."""

import os
from functools import cache
from pathlib import Path

import yaml

from engine.config.loader import LoadedConfig, load_config
from engine.market.panel import Market
from engine.model.rules import RULES
from engine.runs.backtest import load_bars
from engine.strategy.source.discover import list_strategies

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
REAL_DATA = Path(os.environ.get("TANDEM_DATA") or ROOT.parent / "shared" / "data")
"""Folder of real bars; it need not be there."""


@cache
def shipped(market: str) -> dict[str, Path]:
    """Strategy -> its configuration for `market`, sample or real; portfolios and rules in YAML are none's own.

    Raises LookupError where a strategy has none.
    """
    found = {}
    for file in sorted(CONFIGS.glob(f"*_{market}.yaml")):
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        if said.get("strategy", RULES) != RULES:
            found[said["strategy"]] = file
    if missing := set(list_strategies()) - set(found):
        raise LookupError(f"no configs/*_{market}.yaml runs {', '.join(sorted(missing))}")
    return found


def load_shipped(
    strategy: str, market: str, real_data: Path | None = None, overrides: tuple[str, ...] = ()
) -> LoadedConfig:
    """The shipped configuration of a strategy, on the real bars in `real_data` where there is one."""
    return load_on(shipped(market)[strategy], real_data, overrides)


def load_portfolio(market: str, real_data: Path | None = None, overrides: tuple[str, ...] = ()) -> LoadedConfig:
    """The shipped portfolio, likewise."""
    return load_on(CONFIGS / f"portfolio_{market}.yaml", real_data, overrides)


def load_on(file: Path, real_data: Path | None, overrides: tuple[str, ...] = ()) -> LoadedConfig:
    """A configuration file, its bars and series from the folder `real_data` where there is one."""
    return load_config(file, (*([f"data.path={real_data}"] if real_data else []), *overrides))


@cache
def bars_of(strategy: str, market: str, real_data: Path | None = None) -> Market:
    """All bars of a shipped configuration, whatever its period."""
    return load_bars(load_shipped(strategy, market, real_data))[0]
