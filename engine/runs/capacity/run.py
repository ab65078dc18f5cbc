# SPDX-License-Identifier: Apache-2.0
"""The capacity of a configuration: the same run at other sizes until costs have eaten what it earns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.analytics.attribution.account_words import account_notices
from engine.config.loader import LoadedConfig
from engine.errors import ConfigError, DataError, Problem
from engine.inputs.liquidity import daily_depth
from engine.inputs.prepared import Prepared
from engine.inputs.prepared import prepare as prepare_run
from engine.inputs.spans import refuse_spans
from engine.market.spacing import SESSIONS_A_YEAR
from engine.notice import loud_first
from engine.progress import Watch, unwatched
from engine.runs.backtest import Config, load_bars, loaded, placed
from engine.runs.capacity.findings import (
    LEVELS,
    STATISTICS,
    Capacity,
    Crossing,
    Edge,
    Sensitivity,
    Size,
    Why,
)
from engine.runs.capacity.notices import notices
from engine.runs.capacity.participation import at_limits
from engine.runs.capacity.search import holding_again, ladder, last_with
from engine.runs.capacity.sized import Sizes, compared, record
from engine.strategy.foreign import foreign_class

UNANSWERED = ("no_edge", "fixed_size", "no_shares", "unmeasured")

FACTORS = (0.5, 2.0)
"""On the configured coefficient: what studies leave open."""

GROWS = 10.0
FOLLOWS = 0.5
"""An account GROWS times as large whose gross exposure is less than FOLLOWS of its own has orders of a fixed size."""


def capacity(config: Config, *, watch: Watch = unwatched) -> Capacity:
    """Find the size at which costs eat the edge of a configuration. Nothing is written.

    The configuration runs natively and compiled, whatever engine it names. Raises what `backtest` raises, ConfigError
    for a bt.Strategy and where nothing grows dearer with size, DataError where no volume is known.
    """
    ready = loaded(config)
    _native(ready)
    with placed(ready):
        refuse_spans(ready.config, "the search for its capacity")
        watch("reading the market")
        market, start, stop = load_bars(ready)
        watch("computing features")
        prepared = prepare_run(ready.config, ready.strategies, market, start, stop)
        _grows_dearer(prepared)
        # of bars that are not daily the mean volume is that of a bar
        bars_a_day = market.sessions_per_year / SESSIONS_A_YEAR
        depth = daily_depth(market.head(stop), ready.config)[start:] * bars_a_day
    own = ready.config.account.cash
    watch("running it at its own size")
    result = record(prepared, own)
    made, ratios = compared(result)
    sizes, free = Sizes(prepared, depth, made), Sizes(prepared, depth, made, 0.0)
    why = _unanswerable(free, own)
    watch("running it at other sizes")
    edges = tuple(_edge(name, sizes, free.at(own), ratios[name], why) for name in made)
    passing = {} if why else _passing(sizes, own)
    for capital in ladder(own):
        sizes.at(capital)
    watch("trying other laws")
    found = Capacity(
        result=result,
        own=sizes.at(own),
        edges=edges,
        sizes=tuple(sizes.known[capital] for capital in sorted(sizes.known)),
        passing=passing,
        sensitivity=() if edges[0].half.why in UNANSWERED else tuple(_under(sizes, edges[0], one) for one in FACTORS),
        at_limits=at_limits(result),
        notices=(),
    )
    said = (*account_notices(result), *ready.notices, *result.notices, *notices(found, prepared))
    return replace(found, notices=tuple(loud_first(said)))


def _native(ready: LoadedConfig) -> None:
    for name, strategy in ready.strategies.items():
        if foreign_class(strategy) is not None:
            raise ConfigError(
                Problem(
                    "its size cannot be varied: a bt.Strategy runs in backtrader alone",
                    path=f"sleeves.{name}.strategy" if name else "strategy",
                    found=strategy.__name__,
                    allowed="a strategy of ours, as docs/strategies.md shows",
                )
            )


def _grows_dearer(prepared: Prepared) -> None:
    """Refuse a run in which no order pays an impact: no cost grows with size, and no size ends it."""
    if prepared.cost_inputs["impact"].any():
        return
    impact = prepared.config.costs.slippage.impact
    if not any(impact.values() if isinstance(impact, dict) else (impact,)):
        raise ConfigError(
            Problem(
                "without market impact no size is too large",
                path="costs.slippage.impact",
                found="0",
                allowed="above 0; 1 is the default",
            )
        )
    raise DataError(
        f"no bar of {', '.join(prepared.market.symbols.values())} has a volume before the run ends: there is no law of "
        "impact without it, and no size is too large. Take bars with a volume"
    )


def _unanswerable(free: Sizes, own: float) -> Why:
    """Why no size can be told, by what orders without impact do at the own size and at GROWS times that."""
    here = free.at(own)
    if not here.participation:
        return "unmeasured" if here.unmeasured else "no_shares"
    larger = free.at(GROWS * own)
    if not larger.stopped and larger.gross < FOLLOWS * here.gross:
        return "fixed_size"
    return ""


def _edge(name: str, sizes: Sizes, free: Size, ratio: float, why: Why) -> Edge:
    own, whole = sizes.at(free.capital), free.edges[name]
    if not why and whole <= 0.0:
        why = "no_edge"
    half = gone = Crossing(None, why)
    again: tuple[float, ...] = ()
    if not why:
        half, gone = _eaten(sizes, own.capital, name, whole)
        if half.at is not None:
            again = holding_again(sizes, half.at.capital, _more_than(name, whole / 2), ladder(own.capital))
    return Edge(name, whole, own.edges[name], ratio, half, gone, again)


def _eaten(sizes: Sizes, own: float, name: str, whole: float) -> tuple[Crossing, Crossing]:
    """Where half of the `whole` edge is left, and where nothing is."""
    half, gone = (last_with(sizes, own, _more_than(name, least)) for least in (whole / 2, 0.0))
    return half, gone


def _more_than(name: str, least: float) -> Callable[[Size], bool]:
    return lambda size: not size.stopped and size.edges[name] > least


def _under(sizes: Sizes, edge: Edge, factor: float) -> Sensitivity:
    other = replace(sizes, factor=factor, known={})
    return Sensitivity(factor, *_eaten(other, sizes.prepared.config.account.cash, edge.over, edge.free))


def _passing(sizes: Sizes, own: float) -> Mapping[tuple[str, float], Crossing]:
    """By statistic and level, the largest size at which no symbol passes the level."""
    return {
        (statistic, level): last_with(sizes, own, _at_most(statistic, level))
        for statistic in STATISTICS
        for level in LEVELS
    }


def _at_most(statistic: str, level: float) -> Callable[[Size], bool]:
    return lambda size: not size.stopped and size.busiest(statistic)[1] <= level
