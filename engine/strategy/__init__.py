# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, ReasonCode, and for options CALL and PUT."""

from engine.strategy.base import CALL, PUT, ReasonCode, Strategy
from engine.strategy.params import param

__all__ = ["CALL", "PUT", "ReasonCode", "Strategy", "param"]
