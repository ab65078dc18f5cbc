# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, ReasonCode, ReasonKind, CALL and PUT; for readers Regimes and Level."""

from engine.strategy.base import CALL, PUT, ReasonCode, ReasonKind, Strategy
from engine.strategy.interpretation import DatedLevel, Level, Regimes, Replica
from engine.strategy.params import param

__all__ = ["CALL", "PUT", "DatedLevel", "Level", "ReasonCode", "ReasonKind", "Regimes", "Replica", "Strategy", "param"]
