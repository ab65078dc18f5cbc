# SPDX-License-Identifier: Apache-2.0
"""Configurations on a terminal: the summary of a checked one, and what keys mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.config.canonical import config_hash
from engine.config.describe import plain
from engine.config.explain import Key
from engine.config.loader import LoadedConfig
from engine.model.run import Costs, RunConfig
from engine.notice import Notice
from engine.report.kit.terminal import DIM, WIDEST, console, facts, say_notices, table
from engine.report.kit.words import MARGIN_WORDS, money, rate
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 80


def show_loaded(loaded: LoadedConfig, notices: Sequence[Notice]) -> None:
    """A checked configuration on one screen, and its notices."""
    from rich.text import Text

    screen = console()
    width = min(screen.width, WIDTH)
    screen.print(Text.assemble(("ok", "bold green"), f" {loaded.path or loaded.config.name}"), soft_wrap=True)
    screen.print(facts(_summary(loaded)), width=width)
    say_notices(notices, screen, width)


def show_keys(keys: Sequence[Key], *, hint: bool = False) -> None:
    """Keys with what they mean: a table of many, or everything about one."""
    from rich.text import Text

    screen = console()
    width = min(screen.width, WIDEST)
    for key in keys if len(keys) == 1 else ():
        screen.print(Text(key.path, style="bold"))
        screen.print(Text(f"  {key.meaning}"), width=width)
        known = {"allowed": key.allowed, "unit": key.unit, "default": key.default, "only with": _source(key)}
        screen.print(facts(known.items()), width=width)
    if len(keys) > 1:
        screen.print(_table(keys), width=width)
    if hint:
        screen.print(Text("Name a strategy to see its parameters: tandem config explain params --strategy NAME"))


def _summary(loaded: LoadedConfig) -> Iterable[tuple[str, str]]:
    config = loaded.config
    yield "name", config.name
    if config.sleeves:
        yield from _sleeves(loaded)
    else:
        yield "strategy", f"{config.strategy} ({loaded.strategy.__name__})"
        yield "roles", _roles(config.roles)
    yield "series", ", ".join(f"{name} {getattr(bound, 'symbol', bound)}" for name, bound in config.series.items())
    if not config.sleeves:
        yield "params", _changed(loaded.strategy, config.params)
    yield "data", _data(config.data)
    yield "period", f"{config.period.start or 'first session'} to {config.period.end or 'last session'}"
    yield "account", f"${money(config.account.cash)}, {MARGIN_WORDS[config.account.margin.kind]}"
    yield "fills", f"{config.fills.at.replace('_', ' ')}, {config.fills.intrabar}, {_participation(config)}"
    yield "costs", _costs(config.costs)
    yield "engine", f"{config.engine}, {config.mode}"
    yield "hash", config_hash(config)[:16]


def _sleeves(loaded: LoadedConfig) -> Iterable[tuple[str, str]]:
    """Each sleeve on three lines: its weight and strategy, its roles, its parameters."""
    for name, own in loaded.config.sleeves.items():
        strategy = loaded.strategies[name]
        yield name, f"{rate(own.weight)} in {own.strategy} ({strategy.__name__})"
        yield "", _roles(own.roles)
        yield "", _changed(strategy, own.params)
    yield "rebalance", loaded.config.rebalance


def _roles(roles: Mapping[str, str | list[str]]) -> str:
    """Each role with its symbol, or with the symbols of a list."""
    return ", ".join(f"{role} {' '.join(bound) if isinstance(bound, list) else bound}" for role, bound in roles.items())


def _changed(strategy: type[Strategy], given: Mapping[str, Any]) -> str:
    specs = declared_params(strategy.Params)
    usual = {name: spec.show(spec.default) for name, spec in specs.items()}
    changed = {name: value for name, value in given.items() if value != usual[name]}
    if not changed:
        return f"all {len(specs)} as the strategy has them"
    said = ", ".join(f"{name} {plain(value)}" for name, value in changed.items())
    return f"{said}; {len(specs) - len(changed)} as the strategy has them"


def _data(data: Any) -> str:
    if data.source == "sample":
        return f"sample market (synthetic), seed {data.seed}"
    path = getattr(data, "path", "")
    return f"{data.source} {path} ({data.prices.replace('_', ' ')} prices)".replace("  ", " ")


def _participation(config: RunConfig) -> str:
    most = config.fills.participation
    return "any part of a bar's volume" if most is None else f"at most {rate(most)} of a bar's volume"


def _costs(costs: Costs) -> str:
    last_commission = costs.commission[-1] if isinstance(costs.commission, list) else None
    per_share = getattr(last_commission, "per_share", 0.0)
    first = per_share if isinstance(per_share, float) else per_share[0].rate
    spread = costs.slippage.half_spread
    benchmark = costs.benchmark if isinstance(costs.benchmark, str) else f"{rate(costs.benchmark)} a year"
    return ", ".join(
        [
            f"commission ${first:.4g} a share, least ${getattr(last_commission, 'minimum', 0.0):.2f}",
            f"half-spread {rate(spread) if isinstance(spread, float) else 'by symbol'}",
            "borrow by symbol and day",
            f"benchmark {benchmark}",
            "dividends paid" if costs.dividends else "no dividend flows",
            *([f"{rate(costs.withholding)} of them withheld"] if costs.withholding else []),
        ]
    )


def _table(keys: Sequence[Key]) -> Table:
    from rich.text import Text

    made = table(["key", "default", "meaning, and what is allowed"], left=(0, 1, 2))
    for column, share in zip(made.columns, (3, 2, 6), strict=True):
        column.ratio = share
    for key in keys:
        meaning = Text(key.meaning)
        meaning.append(f"\n{key.allowed}{f'; {key.unit}' if key.unit else ''}", style=DIM)
        if _source(key):
            meaning.append(f"\nonly with {_source(key)}", style=DIM)
        made.add_row(Text(key.path, style="bold"), Text(key.default), meaning)
    return made


def _source(key: Key) -> str:
    return f"data.source {key.only}" if key.only else ""
