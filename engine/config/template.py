# SPDX-License-Identifier: Apache-2.0
"""A new configuration file for a strategy: every key with its default, its meaning, its unit and its bounds."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence

from engine.config.describe import fields, one_of, plain, sources, unit_of, words
from engine.errors import Problem, StrategyError
from engine.model.meanings import meanings
from engine.model.options import VOLATILITY_INDEX
from engine.model.run import RunConfig, Section
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params
from engine.strategy.roles import Roles, counted_roles
from engine.strategy.source.discover import split_spec

WIDTH = 100
_USUAL = {"large": "SPY", "small": "IWM", "growth": "QQQ", "inverse": "RWM", "banks": "KRE", "energy": "XLE"}
_USUAL |= {
    "small_value": "KRE",
    "large_growth": "QQQ",
    "emerging": "XLE",
}  # as configs/fund_replica_sample.yaml has them
_ROWS = re.compile(r"a list of rows with [a-z_, ]+")
_OWN = ("name", "description", "strategy", "roles", "series", "params", "rules", "sleeves", "rebalance")
"""Keys that depend on the strategy; the rest is the model's."""


def new_config(spec: str, strategy: type[Strategy]) -> str:
    """YAML text, runnable on the sample market. Raises StrategyError where the sample has no symbol for a role."""
    lines = [
        *_comment(f"{strategy.__name__}: {_first_line(strategy)}", ""),
        "# Every key has its default here; what is left out keeps it. `tandem config explain KEY` says more.",
        "",
        f"name: {_name(spec)}",
        f"strategy: {plain(spec)}",
        "",
        "# Which symbol plays which part.",
        "roles:",
        *(f"  {role}: {symbol}" for role, symbol in _bound(strategy.roles).items()),
        *_series([strategy]),
        "",
        *_params(strategy, ""),
        *_shared(),
    ]
    return "\n".join(lines) + "\n"


def new_portfolio(strategies: Sequence[tuple[str, type[Strategy]]]) -> str:
    """YAML text for several strategies, (spec, class), as sleeves of equal weight in one account; runnable likewise."""
    weights = _equal_weights(len(strategies))
    lines = [
        f"# {', '.join(one.__name__ for _, one in strategies)} as sleeves of one account.",
        "# Every key has its default here; what is left out keeps it. `tandem config explain KEY` says more.",
        "",
        "name: my_portfolio",
        "",
        "# Each sleeve decides on its own part of the capital; the weights sum to 1.",
        "sleeves:",
    ]
    for name, weight, (spec, strategy) in zip(_sleeve_names(strategies), weights, strategies, strict=True):
        lines += _comment(f"{strategy.__name__}: {_first_line(strategy)}", "  ")
        lines += [f"  {name}:", f"    weight: {weight}", f"    strategy: {plain(spec)}", "    roles:"]
        lines += [f"      {role}: {symbol}" for role, symbol in _bound(strategy.roles).items()]
        lines += _params(strategy, "    ")
    lines += ["", *_key(RunConfig, "rebalance", ""), *_series([one for _, one in strategies]), *_shared()]
    return "\n".join(lines) + "\n"


def _shared() -> Iterator[str]:
    """Every key that does not depend on what runs."""
    for name in (name for name in RunConfig.model_fields if name not in _OWN):
        yield from ("", *_key(RunConfig, name, ""))
        if name == "data":
            yield "  # Bars of your own: `source: csv`, `path: FOLDER`; `tandem config explain data` says more."


def _equal_weights(count: int) -> list[float]:
    """Weights of four digits that sum to 1; the last one makes up for rounding."""
    each = round(1.0 / count, 4)
    return [each] * (count - 1) + [round(1.0 - each * (count - 1), 4)]


def _sleeve_names(strategies: Sequence[tuple[str, type[Strategy]]]) -> list[str]:
    """A name from each spec; a second sleeve of the same has a number behind it."""
    names: list[str] = []
    for spec, _ in strategies:
        name = re.sub(r"[^a-z0-9_]", "_", _name(spec))
        same = sum(other == name or other.startswith(f"{name}_") for other in names)
        names.append(f"{name}_{same + 1}" if name in names else name)
    return names


def _first_line(strategy: type[Strategy]) -> str:
    """What its author says of it, or of what it is made from; Tandem's words on strategies are about none."""
    own = strategy.__mro__[: strategy.__mro__.index(Strategy)]
    said = [inspect.cleandoc(one.__doc__) for one in own if one.__doc__ and one.__doc__.strip()]
    return said[0].splitlines()[0] if said else "a strategy"


def _name(spec: str) -> str:
    where, class_name = split_spec(spec)
    stem = (class_name or where.removesuffix(".py").replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[-1]).lower()
    return stem if stem[:1].isalpha() else f"run_{stem}"


def _bound(roles: Sequence[str]) -> dict[str, str]:
    """What stands behind each role: a sample symbol, or a list of them."""
    symbols = _symbols(counted_roles(roles))
    if not isinstance(roles, Roles):
        return symbols
    *alone, listed = roles
    several = ", ".join(symbol for role, symbol in symbols.items() if role not in alone)
    return {**{role: symbols[role] for role in alone}, listed: f"[{several}]"}


def _symbols(roles: Sequence[str]) -> dict[str, str]:
    """A sample symbol for each role: the usual one for a name that is known, the next one for any other."""
    from engine.market.sample import sample_symbols

    usual = {role: _USUAL[role] for role in roles if role in _USUAL}
    left = iter([symbol for symbol in sample_symbols() if symbol not in usual.values()])
    try:
        return {role: usual.get(role) or next(left) for role in roles}
    except StopIteration:
        message = f"the sample market has no symbols for {len(roles)} roles"
        raise StrategyError(Problem(message, found=", ".join(roles))) from None


def _series(strategies: Sequence[type[Strategy]]) -> Iterator[str]:
    from engine.market.sample import IN_PERCENT, sample_series

    known = {symbol.lower(): symbol for symbol in sample_series()}
    needed = list(dict.fromkeys(name for one in strategies for name in one.series))
    needed += [name for name in dict.fromkeys(_volatilities(strategies)) if name not in needed and name in known]
    optional = [
        name for name in dict.fromkeys(name for one in strategies for name in one.optional_series) if name not in needed
    ]
    if not (needed or optional):
        return
    yield from ("", "# Inputs that are not traded.")
    rates = {name for one in strategies for name in one.rates} | {symbol.lower() for symbol in IN_PERCENT}
    active = [*needed, *(name for name in optional if name in known)]
    yield "series:" if active else "# series:"
    for name in (*needed, *optional):
        symbol = known.get(name)
        note = "" if name in needed else "   # optional"
        if symbol is None and name in needed:
            note += "   # not in the sample market: bind it to a source of your own"
        bound = symbol or name.upper()
        bound = f"{{symbol: {bound}, unit: percent}}" if name in rates else bound
        yield f"  {name}: {bound}{note}" if name in active else f"#   {name}: {name.upper()}{note}"


def _volatilities(strategies: Sequence[type[Strategy]]) -> Iterator[str]:
    """The series that options of the strategies are priced by, as they are bound here."""
    for one in strategies:
        symbols = _symbols(counted_roles(one.roles))
        yield from (VOLATILITY_INDEX.get(symbols[role], "vix") for role in one.options.values())


def _params(strategy: type[Strategy], indent: str) -> Iterator[str]:
    specs = declared_params(strategy.Params)
    if not specs:
        return
    yield from (f"{indent}# The strategy's own numbers.", f"{indent}params:")
    for name, spec in specs.items():
        yield from _comment(f"{_sentence(spec.doc)} [{spec.allowed}]", f"{indent}  ")
        yield f"{indent}  {name}: {plain(spec.show(spec.default))}"


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _key(section: type[Section], name: str, indent: str) -> Iterator[str]:
    field = fields(section)[name]
    meaning = " ".join(meanings(section).get(name, "").split())
    if isinstance(field.default, Section):
        yield from _comment(meaning, indent)
        yield f"{indent}{name}:"
        for inner in fields(type(field.default)):
            yield from _key(type(field.default), inner, f"{indent}  ")
        return
    unit = unit_of(field)
    allowed = one_of(sources()) if name == "source" else _ROWS.sub("rows", words(field.annotation, field.metadata))
    yield from _comment(f"{meaning} [{allowed}{f'; {unit}' if unit else ''}]", indent)
    yield f"{indent}{name}: {plain(field.default)}"


def _comment(text: str, indent: str) -> list[str]:
    start = f"{indent}# "
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=start, break_long_words=False, break_on_hyphens=False
    )
