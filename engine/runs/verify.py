# SPDX-License-Identifier: Apache-2.0
"""Three checks of a run: a second engine agrees, no feature looks ahead, the last bars decide as all bars do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.engines import native
from engine.engines.backtrader.subset import left_out, reduced
from engine.engines.run_record import RunRecord
from engine.errors import StrategyError
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.progress import Watch, unwatched
from engine.runs.backtest import load_bars, placed
from engine.runs.live_window import WindowCheck, check_window
from engine.runs.parity import Difference, fills_of, first_difference
from engine.strategy.foreign import foreign_class
from engine.strategy.lookahead import Leak, choose_cuts, first_leak


@dataclass(frozen=True)
class Agreement:
    """Two engines on the reduced configuration, which both can express; equities are those of its end."""

    fills: int
    difference: Difference | None
    equity: tuple[float, float]
    left_out: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "agree": self.difference is None,
            "fills": self.fills,
            "first_difference": self.difference.document() if self.difference else None,
            "final_equity": {"native": self.equity[0], "backtrader": self.equity[1]},
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Verdict:
    """What was found; `engines` is None for a strategy with option slots, which backtrader cannot hold."""

    name: str
    strategy: str
    bars: int
    engines: Agreement | None
    cuts: int
    leak: Leak | None
    window: WindowCheck

    @property
    def passed(self) -> bool:
        """Whether every check that could be made held."""
        agree = self.engines is None or self.engines.difference is None
        return agree and self.leak is None and self.window.passed

    def document(self) -> dict[str, Any]:
        """For JSON; docs/schemas/verify.json describes it."""
        leak = self.leak
        return {
            "name": self.name,
            "strategy": self.strategy,
            "bars": self.bars,
            "passed": self.passed,
            "engines": self.engines.document() if self.engines else None,
            "look_ahead": {
                "passed": leak is None,
                "cuts": self.cuts,
                "first_leak": {"feature": leak.feature, "row": leak.row, "words": str(leak)} if leak else None,
            },
            "live_window": self.window.document(),
        }


def verify(ready: LoadedConfig, window: int | None = None, *, watch: Watch = unwatched) -> Verdict:
    """Run both engines on what both can express, compare fill by fill, then test the features.

    window  bars that a live session knows; None chooses by the parameters (`default_window`)
    A strategy with option slots has no second engine: its own run is what the features are tested on.
    Raises InputError for what the user can mend, and where backtrader is not installed; RunError for what stopped a
    run.
    """
    if foreign_class(ready.strategy) is not None:
        raise StrategyError(f"{ready.strategy.__name__} is written for backtrader: there is no second engine for it")
    with placed(ready):
        watch("reading the market")
        market, start, stop = load_bars(ready)
        config = ready.config if ready.strategy.options else reduced(ready.config)
        prepared = prepare(config, ready.strategy, market, start, stop)
        ours = native.run(prepared, "interpreted", watch)
        engines = None
        if not prepared.slots:
            watch("running backtrader")
            engines = _agreement(ready.config, prepared, ours)
        watch("computing features on shorter pasts")
        leak, cuts = _look_ahead(ready, market, prepared.params)
        return Verdict(
            name=ready.config.name,
            strategy=ready.config.strategy,
            bars=len(prepared.market),
            engines=engines,
            cuts=cuts,
            leak=leak,
            window=check_window(prepared, market, start, ours, window, ready.config.seed),
        )


def verify_sleeves(ready: LoadedConfig, window: int | None = None, *, watch: Watch = unwatched) -> dict[str, Verdict]:
    """Verify each sleeve as a single run on its part of the capital, under the sleeve's name.

    What the sleeves are to each other (netting, shared margin, transfers) has no second engine.
    """
    return {name: verify(ready.sleeve(name), window, watch=watch) for name in ready.config.sleeves}


def _agreement(config: RunConfig, prepared: Prepared, ours: RunRecord) -> Agreement:
    """`ours` and backtrader's run of the same; `config` is the one before it was reduced."""
    from engine.engines.backtrader import engine as backtrader_engine

    theirs = backtrader_engine.run(prepared)
    return Agreement(
        fills=len(fills_of(ours)),
        difference=first_difference(ours, theirs),
        equity=(float(ours.points["equity"][-1]), float(theirs.points["equity"][-1])),
        left_out=tuple(left_out(config)),
    )


def _look_ahead(ready: LoadedConfig, market: Market, params: dict[str, int | float]) -> tuple[Leak | None, int]:
    """The earliest leak, and how many cuts were tried: drawn ones, and around splits and the largest moves."""
    moves = [_largest_move(market.bars[role]["close"]) for role in market.roles] if len(market) > 1 else []
    splits = [int(row) for role in market.roles for row in np.flatnonzero(market.bars[role]["split"] != 1.0)[:2]]
    cuts = choose_cuts(len(market), ready.config.seed, episodes=[*moves, *splits])

    def features(known: Market) -> Mapping[str, Any]:
        return ready.strategy().features(known, SimpleNamespace(**params))

    return first_leak(features, market, cuts), len(cuts)


def _largest_move(close: FloatArray) -> int:
    """Row before the largest change from close to close."""
    return int(np.argmax(np.abs(np.diff(np.log(close)))))
