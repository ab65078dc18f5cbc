# SPDX-License-Identifier: Apache-2.0
"""A folder with a tiny strategy in it, and a way to write and load YAML beside it."""

import textwrap
from pathlib import Path

import pytest

from engine.config.loader import LoadedConfig, load_config
from engine.errors import ConfigError, Problem

TINY = '''
from enum import IntEnum

from engine.strategy.base import Strategy
from engine.strategy.params import param


class Hedge(IntEnum):
    DOLLAR = 0
    BETA = 1


class Tiny(Strategy):
    """A rule of a few numbers."""

    roles = ("large", "small")
    series = ("vix",)
    optional_series = ("rvx",)

    class Params:
        enter: float = param(2.0, low=0, high=6, unit="sigma", doc="entry band")
        window: int = param(60, low=2, unit="bars", doc="look-back")
        hedge: Hedge = param(Hedge.DOLLAR, doc="hedge ratio")
        guard: bool = param(True, doc="unwind guard")
'''

GOOD = """
name: good
strategy: tiny.py
roles: {large: SPY, small: IWM}
series: {vix: VIX}
"""


class Folder:
    """Where a test keeps its YAML."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "tiny.py").write_text(TINY)

    def write(self, text: str, name: str = "run.yaml") -> Path:
        file = self.path / name
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def load(self, text: str = GOOD, *overrides: str) -> LoadedConfig:
        return load_config(self.write(text), overrides)

    def problems(self, text: str, *overrides: str) -> list[Problem]:
        with pytest.raises(ConfigError) as caught:
            self.load(text, *overrides)
        return list(caught.value.problems)

    def problem(self, text: str, *overrides: str) -> Problem:
        (only,) = self.problems(text, *overrides)
        return only


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def good() -> str:
    """A configuration without a mistake."""
    return GOOD
