# SPDX-License-Identifier: Apache-2.0
"""The one way in: a prepared run goes to the engine that its configuration names, and comes back interpreted."""

from __future__ import annotations

from dataclasses import replace

from engine.engines import native
from engine.engines.interpretation import has_levels, interpret
from engine.engines.order_prices import OrderPrices
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import Prepared
from engine.progress import Watch, unwatched


def run(prepared: Prepared, watch: Watch = unwatched) -> RunRecord:
    """Run it. Where several strategies run as sleeves, each is interpreted by itself, from its part: `interpret`.

    Raises RunError for what stopped the run, StrategyError for a mistake of the strategy with its line, and where the
    engine is backtrader ConfigError for option slots, MissingExtra where it is not installed.
    """
    lone, prices = prepared.lone, None
    if prepared.config.engine == "backtrader":
        from engine.engines.backtrader import engine as backtrader

        result = backtrader.run(prepared, watch)
    else:
        prices = OrderPrices() if lone and has_levels(lone.strategy) else None
        result = native.run(prepared, prepared.config.mode, watch, prices)
    return replace(result, interpretation=interpret(result, lone, prices)) if lone else result


def refuse(prepared: Prepared) -> None:
    """Raise what `run` raises before the first bar; the native engine takes whatever could be prepared."""
    if prepared.config.engine == "backtrader":
        from engine.engines.backtrader import engine as backtrader

        backtrader.refuse(prepared)
