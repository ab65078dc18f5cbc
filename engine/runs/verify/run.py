# SPDX-License-Identifier: Apache-2.0
"""Three checks of each sleeve: a second engine agrees, no feature looks ahead, the last bars decide as all bars do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.config.loader import LoadedConfig
from engine.engines import native
from engine.engines.backtrader.subset import LATE, left_out, reduced, taken_out
from engine.engines.run_record import RunRecord
from engine.errors import MissingExtra, StrategyError
from engine.inputs.prepared import Prepared, prepare
from engine.progress import Watch, unwatched
from engine.runs.backtest import load_bars, placed
from engine.runs.look_ahead import THOROUGH, LookAheadTest
from engine.runs.verify.live_window import Window, WindowCheck, check_window
from engine.runs.verify.parity import Difference, fills_of, first_difference
from engine.strategy.foreign import foreign_class
from engine.strategy.lookahead.finding import Finding
from engine.strategy.params import resolve_params

NO_OPTIONS = "backtrader has no options"
"""Why a strategy with option slots has no second engine ..."""

NO_SPANS = "backtrader has no roles that begin later or end earlier than others (spans)"
"""... and a run with a role that has no price on some bars."""


@dataclass(frozen=True)
class Agreement:
    """Two engines on what both can express.

    taken_out  what of the configuration neither had
    left_out   that in sentences, and where the engines may part although neither is wrong
    your_run   whether the run as it is configured has the same fills and the same equity: what is taken out never bound
    equity     at the end: native, backtrader;  own_equity  of the run as it is configured
    """

    fills: int
    difference: Difference | None
    equity: tuple[float, float]
    own_equity: float
    your_run: bool
    taken_out: tuple[str, ...]
    left_out: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """For JSON."""
        equity = {"native": self.equity[0], "backtrader": self.equity[1], "your_run": self.own_equity}
        return {
            "agree": self.difference is None,
            "fills": self.fills,
            "your_run": self.your_run,
            "taken_out": list(self.taken_out),
            "first_difference": self.difference.document() if self.difference else None,
            "final_equity": equity,
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Verdict:
    """What was found of one strategy.

    engines  None where no second engine ran; `not_compared` then says why
    missing  whether that is only because backtrader is not installed
    """

    name: str
    strategy: str
    bars: int
    engines: Agreement | None
    look_ahead: Finding
    window: WindowCheck
    not_compared: str = ""
    missing: bool = False

    @property
    def passed(self) -> bool:
        """Whether every check that could be made held."""
        agree = self.engines is None or self.engines.difference is None
        return agree and self.look_ahead.passed and self.window.passed

    def document(self) -> dict[str, Any]:
        """For JSON; docs/schemas/verify.json describes it."""
        return {
            "name": self.name,
            "strategy": self.strategy,
            "bars": self.bars,
            "passed": self.passed,
            "engines": self.engines.document() if self.engines else None,
            "not_compared": self.not_compared,
            "look_ahead": self.look_ahead.document(),
            "live_window": self.window.document(),
        }


@dataclass(frozen=True)
class Verification:
    """The verdict on each sleeve of a configuration by its name; of a single run one, named ""."""

    name: str
    sleeves: Mapping[str, Verdict]

    @property
    def lone(self) -> Verdict | None:
        """The verdict on a single run; None where several strategies run as sleeves."""
        return self.sleeves.get("")

    @property
    def passed(self) -> bool:
        """Whether every check that could be made held."""
        return all(verdict.passed for verdict in self.sleeves.values())

    @property
    def missing(self) -> bool:
        """Whether a check was not made because backtrader is not installed."""
        return any(verdict.missing for verdict in self.sleeves.values())

    def document(self) -> dict[str, Any]:
        """For JSON; docs/schemas/verify.json describes that of a single run, verify-portfolio.json that of sleeves."""
        if self.lone:
            return self.lone.document()
        sleeves = {name: verdict.document() for name, verdict in self.sleeves.items()}
        return {"name": self.name, "passed": self.passed, "sleeves": sleeves}


def verify(ready: LoadedConfig, window: Window | None = None, *, watch: Watch = unwatched) -> Verification:
    """Run both engines on what both can express, compare fill by fill, then test the features; sleeve by sleeve.

    window  bars that a live session knows, "all" before the decision; None chooses by the parameters (`default_window`)
    Each sleeve runs alone on its part of the capital: what sleeves are to each other (netting, shared margin,
    transfers) has no second engine. Without backtrader the other checks are made.
    Raises InputError for what the user can mend; RunError for what stopped a run.
    """
    sleeves = {name: _verdict(ready.sleeve(name), window, watch) for name in ready.strategies}
    return Verification(ready.config.name, sleeves)


def _verdict(ready: LoadedConfig, window: Window | None, watch: Watch) -> Verdict:
    """Where there is no second engine its own run is what the features are tested on."""
    if foreign_class(ready.strategy) is not None:
        raise StrategyError(f"{ready.strategy.__name__} is written for backtrader: there is no second engine for it")
    with placed(ready):
        watch("reading the market")
        market, start, stop = load_bars(ready)
        watch("computing features on shorter pasts")
        params = resolve_params(ready.strategy.Params, ready.config.params)
        test = LookAheadTest(ready.strategy, params, market, THOROUGH, ready.config.seed)
        prepared = prepare(ready.config, ready.strategies, market, start, stop)
        asked = prepared
        alone = _alone(prepared)
        if not alone:
            prepared = reduced(prepared)
        ours = native.run(prepared, "interpreted", watch)
        engines, not_compared, missing = None, "", False
        try:
            watch("running backtrader")
            engines = None if alone else _agreement(asked, ours)
        except MissingExtra as absent:
            not_compared, missing = str(absent), True
        watch("computing features on shorter pasts")
        found = test.end(prepared.sleeves[0].all_features, start + ours.orders["born"])
        return Verdict(
            name=ready.config.name,
            strategy=ready.config.strategy,
            bars=len(prepared.market),
            engines=engines,
            not_compared=alone or not_compared,
            missing=missing,
            look_ahead=found,
            window=check_window(prepared, market, start, ours, window, ready.config.seed),
        )


def _alone(prepared: Prepared) -> str:
    """Why the run has no second engine; empty where it has one."""
    if prepared.slots:
        return NO_OPTIONS
    return NO_SPANS if prepared.market.partial_roles else ""


def _agreement(asked: Prepared, ours: RunRecord) -> Agreement:
    """`ours`, the reduced run, and backtrader's of the same."""
    from engine.engines.backtrader import engine as backtrader_engine

    theirs, gone = backtrader_engine.run(asked), tuple(taken_out(asked.config))
    if (ours.orders["parent"] > 0).any():
        gone = (*gone, LATE)
    own = native.run(asked, asked.config.mode) if gone else ours
    return Agreement(
        fills=len(fills_of(ours)),
        difference=first_difference(ours, theirs),
        equity=(float(ours.points["equity"][-1]), float(theirs.points["equity"][-1])),
        own_equity=float(own.points["equity"][-1]),
        your_run=first_difference(own, ours) is None and np.array_equal(own.points["equity"], ours.points["equity"]),
        taken_out=gone,
        left_out=tuple(left_out(asked.config)),
    )
