# SPDX-License-Identifier: Apache-2.0
"""The names that an expression may use, and what each of them stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import nearest_name
from engine.model.parameter import Parameter
from engine.rules.tree import Mistake, Name, Node

COLUMNS = ("open", "high", "low", "close", "volume")
"""What a role has in an expression; prices are continuous over splits."""

PRICES = COLUMNS[:4]

CALENDAR = ("weekday", "month", "year", "minute", "minutes_left", "session_bar")
"""Numbers of the calendar, known ahead; on_bar reads them from the bar."""

FLAGS = ("month_last", "week_last", "last")
"""Conditions of the calendar: the last session of a month or week, the last bar of a session."""

BARS = "bars"
"""How many bars the position has been held, the one of its fill included; 0 without a position."""

CONSTANTS = ("true", "false")

RESERVED = (*CALENDAR, *FLAGS, BARS, *CONSTANTS, "and", "or", "not", "long", "short")
"""Names that nobody may give to a parameter or a feature."""

OF_SOURCE = ("indicators", "elementwise", "market", "self", "p")
"""Names that the source of features() uses itself."""


@dataclass
class Scope:
    """What is known by name. A feature is the tree of its expression, None where that could not be read.

    whole  parameters that are used where only a whole number will do;  looked  those that features look back by
    """

    roles: tuple[str, ...]
    series: tuple[str, ...]
    params: dict[str, Parameter]
    features: Mapping[str, Node | None]
    conditions: dict[str, bool] = field(default_factory=dict)
    used_series: dict[str, None] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Every name that stands for something."""
        fields = [f"{role}.{column}" for role in self.roles for column in COLUMNS]
        return (*self.features, *self.params, *self.series, *fields, *CALENDAR, *FLAGS, BARS, *CONSTANTS)

    def column(self, name: Name) -> tuple[str, str]:
        """(role, column) of a name with a dot. Raises Mistake where it is no price or volume of a role."""
        role, _, column = name.name.partition(".")
        if role not in self.roles:
            near = nearest_name(role, self.roles)
            nearest = f"{near}.{column}" if near else ""
            raise Mistake(name.at, "no such role", found=role, allowed=", ".join(self.roles), nearest=nearest)
        if column not in COLUMNS:
            near = nearest_name(column, COLUMNS)
            nearest = f"{role}.{near}" if near else ""
            allowed = ", ".join(f"{role}.{one}" for one in COLUMNS)
            raise Mistake(name.at, f"{role} has no such column", found=column, allowed=allowed, nearest=nearest)
        return role, column

    def unknown(self, name: Name) -> Mistake:
        """A name that stands for nothing."""
        known = self.names()
        allowed = ", ".join((*self.features, *self.params, *self.series)) or "prices of a role, such as "
        if not (self.features or self.params or self.series):
            allowed += f"{self.roles[0]}.close" if self.roles else "stock.close"
        near = nearest_name(name.name, (*self.roles, *known))
        near = f"{near}.close" if near in self.roles and near not in known else near
        return Mistake(name.at, "no such name", found=name.name[:40], allowed=allowed, nearest=near)
