# SPDX-License-Identifier: Apache-2.0
"""Analysis: everything that tables, terminal and report show of a run, worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.attribution.parts import Attribution, attribution
from engine.analytics.attribution.sleeves import SleevePath, sleeve_paths
from engine.analytics.events import Event, unwind_events
from engine.analytics.facts import Facts, gather
from engine.analytics.ledger_paths import LedgerPaths, fold, mark_contracts
from engine.analytics.metrics.drawdown import drawdown_path
from engine.analytics.metrics.of_run import Metrics, measure
from engine.analytics.round_trips import round_trips, spread_trades
from engine.analytics.sessions import Sessions, reduce
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.contract_names import Contract
from engine.kernel.flows import Flow


@dataclass(frozen=True)
class Analysis:
    """One run analysed. trips are records of TRIP, spreads of SPREAD; drawdown is (T,), >= 0.

    contracts  what each row of `RunRecord.marks` is the mark of
    parts      what agents and hedge did, where the strategy declares them
    sleeves    the path of each sleeve; empty where one strategy ran
    """

    sessions: Sessions
    paths: LedgerPaths
    trips: NDArray[Any]
    spreads: NDArray[Any]
    events: list[Event]
    drawdown: FloatArray
    facts: Facts
    metrics: Metrics
    contracts: dict[int, Contract]
    parts: Attribution = field(default_factory=Attribution)
    sleeves: tuple[SleevePath, ...] = ()

    def shown(self, flows: Iterable[Flow]) -> tuple[Flow, ...]:
        """Those of `flows` that tables and charts have: the rare ones only where the run paid them."""
        return tuple(flow for flow in flows if not flow.rare or self.facts.paid[flow.name] != 0.0)

    @property
    def profit(self) -> tuple[float, float]:
        """(strategy, interest): the whole gain in money, costs taken off, apart from what cash earned or debt cost.

        A loss is negative; the two add up to the last equity less the deposits.
        """
        interest = float(self.paths["interest"][-1])
        return float(self.paths.pnl[-1]) - interest, interest


def analyse(result: RunRecord) -> Analysis:
    """Work out everything from ledger, points, orders and bars of `result`."""
    paths = fold(result)
    sessions = reduce(result, np.diff(paths["deposits"], prepend=0.0))
    trips = round_trips(result)
    spreads = spread_trades(trips) if not result.sleeves else _spreads_by_sleeve(result, trips)
    facts = gather(result, sessions, trips, spreads)
    return Analysis(
        sessions=sessions,
        paths=paths,
        trips=trips,
        spreads=spreads,
        events=unwind_events(result, sessions),
        drawdown=drawdown_path(sessions.bar_nav),
        facts=facts,
        metrics=measure(facts),
        contracts=mark_contracts(result),
        parts=attribution(result),
        sleeves=sleeve_paths(result, paths),
    )


def _spreads_by_sleeve(result: RunRecord, trips: NDArray[Any]) -> NDArray[Any]:
    """Spread trades of each sleeve's own legs, in order of time."""
    owner = result.sleeve_numbers(trips["role"])
    found = np.concatenate([spread_trades(trips[owner == number]) for number in range(len(result.sleeves))])
    return found[np.argsort(found["open_row"], kind="stable")]
