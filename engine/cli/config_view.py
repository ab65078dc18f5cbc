# SPDX-License-Identifier: Apache-2.0
"""Configurations on a terminal: the summary of a checked one, and what keys mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.config.canonical import config_hash
from engine.config.describe import plain
from engine.config.explain import Key
from engine.config.loader import LoadedConfig
from engine.model.run import Costs, RunConfig
from engine.report.kit.terminal import say_notices
from engine.report.kit.words import MARGIN_WORDS
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params

WIDTH = 80


def show_loaded(loaded: LoadedConfig) -> None:
    """A checked configuration on one screen, and its notices."""
    console = Console(highlight=False)
    width = min(console.width, WIDTH)
    console.print(Text.assemble(("ok", "bold green"), f" {loaded.path or loaded.config.name}"), soft_wrap=True)
    console.print(_facts(_summary(loaded)), width=width)
    say_notices(loaded.notices, console, width)


def show_keys(keys: Sequence[Key], *, hint: bool = False) -> None:
    """Keys with what they mean: a table of many, or everything about one."""
    console = Console(highlight=False)
    width = min(console.width, 100)
    for key in keys if len(keys) == 1 else ():
        console.print(Text(key.path, style="bold"))
        console.print(Text(f"  {key.meaning}"), width=width)
        facts = {"allowed": key.allowed, "unit": key.unit, "default": key.default, "only with": _source(key)}
        console.print(_facts(facts.items()), width=width)
    if len(keys) > 1:
        console.print(_table(keys), width=width)
    if hint:
        console.print(Text("Name a strategy to see its parameters: tandem config explain params --strategy NAME"))


def _summary(loaded: LoadedConfig) -> Iterable[tuple[str, str]]:
    config = loaded.config
    yield "name", config.name
    if config.sleeves:
        yield from _sleeves(loaded)
    else:
        yield "strategy", f"{config.strategy} ({loaded.strategy.__name__})"
        yield "roles", ", ".join(f"{role} {symbol}" for role, symbol in config.roles.items())
    yield "series", ", ".join(f"{name} {getattr(bound, 'symbol', bound)}" for name, bound in config.series.items())
    if not config.sleeves:
        yield "params", _changed(loaded.strategy, config.params)
    yield "data", _data(config.data)
    yield "period", f"{config.period.start or 'first session'} to {config.period.end or 'last session'}"
    yield "account", f"${config.account.cash:,.0f}, {MARGIN_WORDS[config.account.margin.kind]}"
    yield "fills", f"{config.fills.at.replace('_', ' ')}, {config.fills.intrabar}, {_participation(config)}"
    yield "costs", _costs(config.costs)
    yield "engine", f"{config.engine}, {config.mode}"
    yield "hash", config_hash(config)[:16]


def _sleeves(loaded: LoadedConfig) -> Iterable[tuple[str, str]]:
    """Each sleeve on three lines: its weight and strategy, its roles, its parameters."""
    for name, own in loaded.config.sleeves.items():
        strategy = loaded.strategies[name]
        yield name, f"{_percent(own.weight)} in {own.strategy} ({strategy.__name__})"
        yield "", ", ".join(f"{role} {symbol}" for role, symbol in own.roles.items())
        yield "", _changed(strategy, own.params)
    yield "rebalance", loaded.config.rebalance


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
    return "any part of a bar's volume" if most is None else f"at most {_percent(most)} of a bar's volume"


def _costs(costs: Costs) -> str:
    last_commission = costs.commission[-1] if isinstance(costs.commission, list) else None
    per_share = getattr(last_commission, "per_share", 0.0)
    first = per_share if isinstance(per_share, float) else per_share[0].rate
    spread = costs.slippage.half_spread
    benchmark = costs.benchmark if isinstance(costs.benchmark, str) else f"{_percent(costs.benchmark)} a year"
    return ", ".join(
        [
            f"commission ${first:.4g} a share, least ${getattr(last_commission, 'minimum', 0.0):.2f}",
            f"half-spread {_percent(spread) if isinstance(spread, float) else 'by symbol'}",
            "borrow by symbol and day",
            f"benchmark {benchmark}",
            "dividends paid" if costs.dividends else "no dividend flows",
            *([f"{_percent(costs.withholding)} of them withheld"] if costs.withholding else []),
        ]
    )


def _percent(fraction: float) -> str:
    return f"{fraction * 100:.6g} %"


def _table(keys: Sequence[Key]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("key", style="bold", overflow="fold", ratio=3)
    table.add_column("default", overflow="fold", ratio=2)
    table.add_column("meaning, and what is allowed", ratio=6)
    for key in keys:
        meaning = Text(key.meaning)
        meaning.append(f"\n{key.allowed}{f'; {key.unit}' if key.unit else ''}", style="dim")
        if _source(key):
            meaning.append(f"\nonly with {_source(key)}", style="dim")
        table.add_row(Text(key.path), Text(key.default), meaning)
    return table


def _source(key: Key) -> str:
    return f"data.source {key.only}" if key.only else ""


def _facts(rows: Iterable[tuple[str, str]]) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="blue", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in rows:
        if value:
            facts.add_row(f"  {name}", Text(value))
    return facts
