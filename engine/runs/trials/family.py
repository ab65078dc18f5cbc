# SPDX-License-Identifier: Apache-2.0
"""What is tried again and again: a strategy on its symbols, whatever its parameters, costs, dates and source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from engine.model.run import RunConfig
from engine.strategy.source.discover import split_spec


@dataclass(frozen=True)
class Family:
    """Trials that count together; id is ten hexadecimal digits of the rest.

    strategy  by name, of a file by the file's; of a portfolio all of them, in alphabetical order
    legs      `large SPY, small IWM`
    source    where the bars come from, as `data.source` has it: a synthetic market is no real one
    """

    strategy: str
    legs: str
    source: str

    @property
    def id(self) -> str:
        text = json.dumps([self.strategy, self.legs, self.source])
        return hashlib.sha256(text.encode()).hexdigest()[:10]


def family_of(config: RunConfig, symbols: Mapping[str, str]) -> Family:
    """The family of a configuration whose roles are bound to `symbols`.

    Everything that a person changes in the search for a better figure is left out, the source of a strategy too. A
    strategy under another name is another family.
    """
    specs = [one.strategy for one in config.sleeves.values()] if config.sleeves else [config.strategy]
    strategy = " + ".join(sorted(map(_named, specs)))
    legs = ", ".join(sorted(set(symbols.values()))) if config.sleeves else _legs(symbols)
    return Family(strategy, legs, config.data.source)


def _legs(symbols: Mapping[str, str]) -> str:
    return ", ".join(f"{role} {symbol}" for role, symbol in symbols.items())


def _named(spec: str) -> str:
    where, class_name = split_spec(spec)
    name = PurePath(where).name if where.endswith(".py") else where
    return f"{name}:{class_name}" if class_name else name
