# SPDX-License-Identifier: Apache-2.0
"""Strategies in hand as classes; those written in a session, a notebook's cells, stand in no file but have a source."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.strategy.source.loading import BESIDE


def file_of(strategy: type) -> Path | None:
    """The file a class stands in; None for one that was written in a session."""
    file = getattr(sys.modules.get(strategy.__module__), "__file__", None)
    return Path(file).resolve() if file else None


def spec_of(strategy: type) -> str:
    """How a configuration names a class in hand: `package.module:Class`, or the file of one that is in no package."""
    file = file_of(strategy)
    if file and (strategy.__module__ == "__main__" or strategy.__module__.startswith(BESIDE)):
        return f"{file}:{strategy.__name__}"
    return f"{strategy.__module__}:{strategy.__name__}"
