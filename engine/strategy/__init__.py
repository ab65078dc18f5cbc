# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, ReasonCode, and for options CALL and PUT; for readers Regimes and Level."""

from engine.strategy.base import CALL, PUT, ReasonCode, Strategy
from engine.strategy.interpretation import DatedLevel, Level, Regimes, Replica
from engine.strategy.params import param

__all__ = ["CALL", "PUT", "DatedLevel", "Level", "ReasonCode", "Regimes", "Replica", "Strategy", "param"]
