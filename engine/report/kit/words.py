# SPDX-License-Identifier: Apache-2.0
"""How a reader sees numbers, one function a meaning: per cent only here, fractions everywhere else. Dates are ISO.

Whatever is undefined, None or NaN, is NOTHING.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from engine.analytics.metrics.registry import Unit, Value

NOTHING = "–"
"""Printed where a figure is undefined; the reason stands beside it."""

MINUS = "\N{MINUS SIGN}"

MARGIN_WORDS = {"reg_t": "Reg-T margin", "cash": "cash account", "none": "no margin rules"}


def synthetic_warning(label: str) -> str:
    """What stands beside every figure made from synthetic bars, which `label` names."""
    return f"Synthetic prices, never traded: the figures say nothing about a market ({label})."


def worded(value: Value | None, unit: Unit) -> str:
    """A metric's value with its unit, by the unit's habits."""
    if value is None or isinstance(value, dt.date):
        return value.isoformat() if value else NOTHING
    if unit in ("fraction", "fraction a year"):
        return percent(value)
    if unit == "times equity":
        return multiple(value)
    if unit == "money":
        return money(value)
    if unit == "count":
        return count(value)
    if unit == "sessions":
        return decimal(value, 0 if float(value).is_integer() else 1)
    return decimal(value, 2)


def percent(fraction: float | None, digits: int = 2, *, plus: bool = False, sign: bool = True) -> str:
    """The fraction 0.0123 as 1.23 %; plus: with the sign of a gain; without `sign` for columns that say per cent."""
    if fraction is None or math.isnan(fraction):
        return NOTHING
    text = decimal(100 * fraction, digits)
    return f"{'+' if plus and fraction > 0 else ''}{text}{' %' if sign else ''}"


def rate(fraction: float) -> str:
    """A rate of a configuration as it was given: 0.000175 as 0.0175 %, with the digits that it has."""
    return f"{100 * fraction:.6g} %"


def money(value: float | None, digits: int = 0) -> str:
    """Whole units of the account's currency, thousands apart."""
    return decimal(value, digits)


def count(value: float | None) -> str:
    """Things that are counted, shares too, thousands apart."""
    return decimal(value, 0)


def shares(number: float) -> str:
    """Shares, whole ones without decimals, others to a millionth."""
    return count(number) if float(number).is_integer() else decimal(number, 6).rstrip("0")


def with_prices(kind: str, prices: Mapping[str, float]) -> str:
    """An order's type in words with its prices: `limit 74.06`, `stop limit stop 74.06 limit 73.90`.

    A trailing distance that is a fraction of the price is told in per cent.
    """
    words = plain_name(kind)
    for name, price in prices.items():
        told = percent(price, 2) if kind == "trail_percent" and name == "trail" else money(price, 2)
        words += f" {told}" if words == name else f" {name} {told}"
    return words


def counted(value: int, what: str) -> str:
    """A number of things with their name: 1 session, 6,289 sessions."""
    return f"{count(value)} {what}{'' if value == 1 else 's'}"


def multiple(value: float | None, digits: int = 2) -> str:
    """A multiple of equity: 0.73x."""
    return NOTHING if value is None or math.isnan(value) else f"{decimal(value, digits)}x"


def decimal(value: float | None, digits: int) -> str:
    """A plain number, a price or a ratio, with thousands apart and a true minus sign; never -0."""
    if value is None or math.isnan(value):
        return NOTHING
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", MINUS)


def changed_words(values: Any, first: Any) -> str:
    """`12 of 60 changed`, of numbers that a State field has several of; empty where it has one."""
    if not isinstance(values, list | tuple):
        return ""
    changed = sum(one != before for one, before in zip(values, first, strict=True))
    return f"{changed} of {len(values)} changed"


def plain_name(name: str) -> str:
    """A code's name as words: `initial_margin` as `initial margin`."""
    return name.replace("_", " ")


def leg_names(symbols: Mapping[str, str]) -> list[str]:
    """Each role with its symbol; one of a list of roles is called by its symbol, and that is said once."""
    return [symbol if role == symbol else f"{role} {symbol}" for role, symbol in symbols.items()]


def per_year(unit: Unit) -> str:
    """The words that follow an annualised figure."""
    return " a year" if unit == "fraction a year" else ""
