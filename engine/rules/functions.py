# SPDX-License-Identifier: Apache-2.0
"""The functions of the language: a few of arithmetic, and every registered indicator under its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.errors import StrategyError, nearest_name
from engine.indicators import registry
from engine.indicators.indicator import PRICE_COLUMNS, Indicator
from engine.indicators.libraries.talib_names import NAMED
from engine.indicators.parameter import LONGEST
from engine.model.parameter import Parameter
from engine.rules.tree import Call, Mistake, Node

BARS = Parameter("n", int, None, 1, LONGEST)


@dataclass(frozen=True)
class Function:
    """A function with the order of its arguments: series first, then settings.

    python   how it is called in the source
    levels   series that may be one number
    columns  what each series is where a role stands in its place; empty where a role cannot
    """

    name: str
    python: str
    series: tuple[str, ...]
    settings: tuple[Parameter, ...] = ()
    levels: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    window: str = ""


_ARITHMETIC = {
    "log": Function("log", "elementwise.log", ("x",)),
    "exp": Function("exp", "elementwise.exp", ("x",)),
    "sqrt": Function("sqrt", "elementwise.sqrt", ("x",)),
    "abs": Function("abs", "elementwise.absolute", ("x",)),
    "larger": Function("larger", "elementwise.larger", ("x", "y"), levels=frozenset("xy")),
    "smaller": Function("smaller", "elementwise.smaller", ("x", "y"), levels=frozenset("xy")),
    "lag": Function("lag", "elementwise.lag", ("x",), (BARS,)),
}

_BARE = {"max": ("larger(a, b)", "highest(x, n)"), "min": ("smaller(a, b)", "lowest(x, n)")}
_INDICATORS = {"highest": "talib.max", "lowest": "talib.min"}

_OTHER_WORDS = {
    "mean": "sma",
    "ma": "sma",
    "average": "sma",
    "std": "rolling_std",
    "stdev": "rolling_std",
    "volatility": "realised_vol",
    "returns": "roc",
    "shift": "lag",
    "previous": "lag",
    "ref": "lag",
    "crossover": "cross_up",
    "crossunder": "cross_down",
    "crosses_above": "cross_up",
    "crosses_below": "cross_down",
    "donchian": "highest",
    "bollinger": "bbands_upperband",
    "corr": "rolling_corr",
    "rank": "percent_rank",
}
"""What other languages call a function -> its name here."""


def function(call: Call) -> Function:
    """The function that a call means. Raises Mistake with the nearest name where there is none."""
    name = call.name
    if name in _ARITHMETIC:
        return _ARITHMETIC[name]
    if name in _BARE:
        pair, rolling = _BARE[name]
        raise Mistake(
            call.at,
            f"{name} means two things",
            found=name,
            allowed=f"{pair} of two numbers of a bar, {rolling} of the last n bars",
        )
    return _indicator(_found(call.at, _INDICATORS.get(name, name)), name)


def _found(at: int, name: str) -> Indicator:
    known = name in registry.names() or name in NAMED or name.startswith(("ta.", "talib."))
    if not known:
        near = _OTHER_WORDS.get(name) or nearest_name(name, [*_ARITHMETIC, *_INDICATORS])
        if near:
            raise Mistake(at, "no such function", found=name, nearest=near)
    try:
        return registry.find(name)
    except StrategyError as error:
        (problem,) = error.problems
        message = problem.message.replace("indicator", "function")
        raise Mistake(at, message, found=name, allowed=problem.allowed, nearest=problem.nearest) from error


@cache
def _indicator(of: Indicator, name: str) -> Function:
    bare = name.isidentifier() and name not in _INDICATORS
    return Function(
        name,
        f"indicators.{name}" if bare else f'indicators.find("{_INDICATORS.get(name, name)}")',
        of.inputs,
        of.parameters,
        of.levels,
        tuple(PRICE_COLUMNS[one] for one in of.inputs) if all(one in PRICE_COLUMNS for one in of.inputs) else (),
        of.window,
    )


def bound(call: Call, of: Function, *, by_role: bool) -> dict[str, Node]:
    """Arguments of a call by name; where a role gives all the series, they are not among the names that count."""
    settings = [one.name for one in of.settings]
    order = [("" if by_role else one) for one in of.series[: 1 if by_role else None]] + settings
    if len(call.given) > len(order):
        extra = call.given[len(order)]
        raise Mistake(extra.at, f"{of.name} takes no more than this", allowed=_signature(of))
    found = dict(zip(order, call.given, strict=False))
    places = {**dict.fromkeys(order, ""), **({"n": of.window} if of.window else {})}
    for key, value in call.named:
        name = of.window if key == "n" and of.window else key
        if name not in order or name == "":
            raise Mistake(
                value.at,
                f"{of.name} has no {key}",
                found=key,
                allowed=_signature(of),
                nearest=nearest_name(key, [one for one in places if one]),
            )
        if name in found:
            raise Mistake(value.at, f"{key} is given twice", found=key, allowed=_signature(of))
        found[name] = value
    for name in () if by_role else of.series:
        if name not in found:
            raise Mistake(call.at, f"{of.name} needs {name}", allowed=_signature(of))
    for one in of.settings:
        if one.name not in found and one.default is None:
            raise Mistake(call.at, f"{of.name} needs {one.name}, {one.allowed}", allowed=_signature(of))
    found.pop("", None)
    return found


def _signature(of: Function) -> str:
    """The call in full: `zscore(x, n)`, with a role in place of prices where that is meant."""
    settings = [one.name if one.default is None else f"{one.name}={_shown(one)}" for one in of.settings]
    whole = f"{of.name}({', '.join([*of.series, *settings])})"
    if len(of.columns) > 1:
        return f"{of.name}({', '.join(['role', *settings])})"
    return whole


def _shown(one: Parameter) -> str:
    return f"{one.default:g}" if isinstance(one.default, float) else str(one.default).lower()
