# SPDX-License-Identifier: Apache-2.0
"""What an author imports: Strategy, param, lookback, slots, ReasonCode, CALL, PUT; for readers Regimes, Level ...

Bar, Account and Orders are the types of what on_bar receives; an editor knows them without being told.
"""

from engine.strategy.base import CALL, PUT, ReasonCode, ReasonKind, Strategy
from engine.strategy.conditions import Condition
from engine.strategy.interpretation import DatedLevel, Level, Regimes, Replica
from engine.strategy.params import lookback, param, slots
from engine.strategy.roles import Roles
from engine.strategy.seen import Account, Bar, Orders

__all__ = [
    "CALL",
    "PUT",
    "Account",
    "Bar",
    "Condition",
    "DatedLevel",
    "Level",
    "Orders",
    "ReasonCode",
    "ReasonKind",
    "Regimes",
    "Replica",
    "Roles",
    "Strategy",
    "lookback",
    "param",
    "slots",
]
