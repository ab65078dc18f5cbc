# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, ReasonCode."""

from engine.strategy.base import ReasonCode, Strategy
from engine.strategy.params import param

__all__ = ["ReasonCode", "Strategy", "param"]
