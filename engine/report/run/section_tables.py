# SPDX-License-Identifier: Apache-2.0
"""The report's tables: round trips, unwind events, order outcomes, every metric with its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.events import AFTER_SESSIONS, MOVE_SESSIONS
from engine.analytics.metrics.of_run import GROUPS, definitions
from engine.analytics.round_trips import PAID
from engine.engines.run_record import RunRecord
from engine.kernel.flows import listed
from engine.report.kit.markup import Cell, Column, paragraph, section, table
from engine.report.kit.words import NOTHING, count, decimal, money, multiple, percent, plain_name, worded
from engine.report.run.notices import order_outcomes

MOST_TRIPS = 60
"""More round trips than this are shown as the worst and the best half of as many."""

MOST_EVENTS = 100

COSTS_OF_TRIPS = listed([flow.paid for flow in PAID if not flow.carry])


def trips_section(result: RunRecord, analysis: Analysis, distribution: str) -> str:
    """Round trips with their reasons; all of them while they fit, else the extremes."""
    trips = analysis.trips
    if len(trips) == 0:
        return section("trips", "Round trips", paragraph("No position was ever opened."))
    shown, left_out = _extremes(trips)
    columns = [
        Column("leg"), Column("side"), Column("net P&L", number=True), Column("opened"), Column("closed"),
        Column("sessions", number=True), Column("shares", number=True), Column("entry", number=True),
        Column("exit", number=True), Column("costs", number=True, hint=f"{COSTS_OF_TRIPS}, inside net P&L"),
        *(Column(flow.heading, number=True) for flow in PAID if flow.carry),
        Column("entry reason"), Column("exit reason"),
    ]  # fmt: skip
    lead = "One leg from flat to flat; adding and cutting in between belong to the same trip. Net of all costs."
    note = f"The {len(shown):,} worst and best of {len(trips):,}; all are in round_trips.parquet." if left_out else ""
    rows = [_trip(result, analysis, trip) for trip in shown]
    parts = (distribution, paragraph(note, "note"), table(columns, rows, "sortable"))
    return section("trips", "Round trips", *parts, lead=lead)


def _extremes(trips: NDArray[Any]) -> tuple[NDArray[Any], bool]:
    if len(trips) <= MOST_TRIPS:
        return trips[::-1], False
    order = np.argsort(trips["net_pnl"], kind="stable")
    half = MOST_TRIPS // 2
    return trips[np.concatenate([order[:half], order[-half:]])], True


def _trip(result: RunRecord, analysis: Analysis, trip: NDArray[Any]) -> list[Cell]:
    index = analysis.sessions.index
    still_open = trip["close_row"] < 0
    last = int(trip["close_row"]) if not still_open else len(index) - 1
    sessions = int(index[last] - index[int(trip["open_row"])])
    opened = analysis.sessions.date(int(trip["open_row"]))
    costs = float(sum(trip[flow.name] for flow in PAID if not flow.carry))
    return [
        result.symbol(int(trip["role"]), int(trip["order"])),
        "long" if trip["quantity"] > 0 else "short",
        _sorted(float(trip["net_pnl"])),
        opened,
        "open" if still_open else analysis.sessions.date(last),
        _sorted(sessions),
        _sorted(float(abs(trip["quantity"])), 0 if float(trip["quantity"]).is_integer() else 4),
        _sorted(float(trip["entry_price"]), 2),
        _sorted(float(trip["exit_price"]), 2),
        _sorted(costs),
        *(_sorted(float(trip[flow.name])) for flow in PAID if flow.carry),
        plain_name(result.reasons[int(trip["entry_reason"])][0]),
        NOTHING if still_open else plain_name(result.reasons[int(trip["exit_reason"])][0]),
    ]


def events_section(analysis: Analysis) -> str:
    """What the unwind guard and margin calls did, and what the account made afterwards."""
    events = analysis.events
    lead = "Each time the guard or a margin call cut the book, and what the account made from the cut's close on."
    if not events:
        return section(
            "unwinds", "Unwind events", paragraph("The guard never cut, and no margin call came."), lead=lead
        )
    columns = [
        Column("decided"), Column("stage"),
        Column(f"ratio, {MOVE_SESSIONS} sessions", number=True, hint="change of first leg / second leg before it"),
        Column("gross before", number=True), Column("gross after", number=True),
        *(Column(f"P&L, next {ahead}", number=True) for ahead in AFTER_SESSIONS),
        Column("why"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            analysis.sessions.date(event.row),
            plain_name(event.stage),
            percent(event.ratio_move, 1),
            multiple(event.gross_before),
            multiple(event.gross_after),
            *(money(pnl) for pnl in event.pnl_after),
            event.words,
        ]
        for event in events[-MOST_EVENTS:]
    ]
    note = f"The last {MOST_EVENTS} of {len(events):,} events." if len(events) > MOST_EVENTS else ""
    return section("unwinds", "Unwind events", paragraph(note, "note"), table(columns, rows), lead=lead)


def orders_section(result: RunRecord) -> str:
    """How orders ended."""
    outcomes = order_outcomes(result)
    if not outcomes:
        return section("orders", "Orders", paragraph("No order was sent."))
    columns = [Column("ended"), Column("because"), Column("orders", number=True)]
    rows: list[list[Cell]] = [
        [plain_name(status), NOTHING if cause == "none" else plain_name(cause), count(ended)]
        for (status, cause), ended in outcomes.items()
    ]
    return section("orders", "Orders", table(columns, rows))


def metrics_section(analysis: Analysis) -> str:
    """Every metric with value, formula and annualisation; an undefined one says why."""
    columns = [Column("metric"), Column("value", number=True), Column("how it is computed"), Column("annualised")]
    parts, benchmark = [], analysis.sessions.compared_with
    for group, title in GROUPS.items():
        rows: list[list[Cell]] = []
        for entry in definitions():
            if entry.group == group:
                reason = analysis.metrics.undefined.get(entry.name, "")
                formula = f"{entry.formula}. Undefined here: {reason}." if reason else entry.formula
                rows.append(
                    [
                        entry.titled(benchmark),
                        worded(analysis.metrics[entry.name], entry.unit),
                        formula,
                        entry.annualised,
                    ]
                )
        parts.append(f"<h3>{title.replace('the benchmark', benchmark or 'a benchmark')}</h3>" + table(columns, rows))
    return section("metrics", "All metrics", *parts)


def _sorted(value: float, digits: int = 0) -> Cell:
    """A number by which its column sorts; what is undefined comes first."""
    return decimal(value, digits), "" if np.isnan(value) else round(float(value), 6)
