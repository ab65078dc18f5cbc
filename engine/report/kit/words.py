# SPDX-License-Identifier: Apache-2.0
"""Numbers as a reader sees them: per cent only here, fractions everywhere else."""

from __future__ import annotations

import datetime as dt
import math

from engine.analytics.registry import Unit, Value

NOTHING = "–"
"""Printed where a figure is undefined; the reason stands beside it."""

MINUS = "\N{MINUS SIGN}"


def worded(value: Value | None, unit: Unit) -> str:
    """A metric's value with its unit, by the unit's habits."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, dt.date):
        return value.isoformat()
    if unit in ("fraction", "fraction a year"):
        return percent(value)
    if unit == "times equity":
        return f"{signed(value, 2)}x"
    if unit in ("money", "count"):
        return money(value)
    if unit == "sessions":
        return signed(value, 0 if float(value).is_integer() else 1)
    return signed(value, 2)


def percent(value: float, digits: int = 2) -> str:
    """0.0123 as 1.23 %."""
    return NOTHING if math.isnan(value) else f"{signed(100 * value, digits)} %"


def money(value: float, digits: int = 0) -> str:
    """Whole units of the account's currency, thousands apart."""
    return NOTHING if math.isnan(value) else signed(value, digits)


def signed(value: float, digits: int) -> str:
    """A number with thousands apart and a true minus sign; never -0."""
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", MINUS)


def plain_name(name: str) -> str:
    """A code's name as words: `initial_margin` as `initial margin`."""
    return name.replace("_", " ")


def per_year(unit: Unit) -> str:
    """The words that follow an annualised figure."""
    return " a year" if unit == "fraction a year" else ""
