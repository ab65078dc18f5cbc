# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, lookback, ReasonCode, ReasonKind, CALL, PUT; for readers Regimes, Level."""

from engine.strategy.base import CALL, PUT, ReasonCode, ReasonKind, Strategy
from engine.strategy.interpretation import DatedLevel, Level, Regimes, Replica
from engine.strategy.params import lookback, param

__all__ = [
    "CALL",
    "PUT",
    "DatedLevel",
    "Level",
    "ReasonCode",
    "ReasonKind",
    "Regimes",
    "Replica",
    "Strategy",
    "lookback",
    "param",
]
