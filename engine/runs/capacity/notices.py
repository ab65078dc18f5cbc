# SPDX-License-Identifier: Apache-2.0
"""What a reader of a capacity must know before trusting it."""

from __future__ import annotations

import math

from engine.analytics.sessions import Sessions
from engine.inputs.prepared import Prepared
from engine.market.spacing import stretched
from engine.notice import Notice, loud, note
from engine.runs.capacity.findings import CASH, LEVELS, Capacity, Edge, Size
from engine.runs.capacity.sized import reduced, whole

UNSURE = 2.0
"""Standard errors from which an edge is told from luck."""

LIMITS = 0.05
"""Part of the traded value at limits from which it is told."""


def notices(found: Capacity, prepared: Prepared) -> list[Notice]:
    """Loud: what can change the size by much. Notes: what the figures leave out."""
    edge = found.edges[0]
    said = _of_the_edge(edge) + _of_the_size(edge) + _of_the_runs(found)
    if prepared.slots:
        text = "Options pay a modelled spread and no impact: the size is that of the shares alone. "
        said.append(loud(text + "Option markets are far thinner than those of their shares."))
    silent = [
        symbol
        for role, symbol in enumerate(found.market.symbols.values())
        if not prepared.cost_inputs["impact"][:, role].any() and symbol in _traded(found.own)
    ]
    if silent:
        said.append(loud(f"{', '.join(silent)}: no impact, so orders in it grow without a cost. Give it a volume."))
    if found.at_limits > LIMITS:
        words = f"{found.at_limits:.0%} of what is traded fills at limits, which pay no impact by the model: "
        said.append(loud(words + "waiting in a queue of others is not modelled, and the size is too large by it."))
    sessions = reduced(found.result)
    if sessions.compared_with and not whole(sessions):
        said.append(_of_other_years(sessions))
    if few := stretched(found.market.spacing):
        said.append(note(few))
    if prepared.config.engine != "native":
        said.append(note(f"Run by the native engine, whatever the configuration says ({prepared.config.engine})."))
    return said


def _of_other_years(sessions: Sessions) -> Notice:
    begins, ends = sessions.span
    words = f"from {sessions.dates[0]} to {sessions.dates[-1]}"
    values = f"values from {sessions.dates[begins]} to {sessions.dates[ends]}, the run goes"
    words = f"{sessions.compared_with} has {values if begins <= ends else 'no value'} {words}"
    remedy = "Bring its other values, or compare with another (benchmark)."
    return loud(f"{words}: no edge over it is told. {remedy}")


def _of_the_edge(edge: Edge) -> list[Notice]:
    if edge.free <= 0.0 or math.isnan(edge.t) or abs(edge.t) >= UNSURE:
        return []
    text = f"The edge over cash is {edge.t:.1f} standard errors of its sessions' returns from nothing: "
    return [loud(text + "half of what may be luck is no firm size.")]


def _of_the_size(edge: Edge) -> list[Notice]:
    said = []
    at = edge.half.at
    if at is not None:
        symbol, most = at.busiest("maximum")
        if most > LEVELS[-1]:
            said.append(
                loud(
                    f"At the size that halves the edge an order asks for {most:.0%} of a day of {symbol}: the law is "
                    "fitted on orders of a few per cent of a day, and larger ones cost more than it says."
                )
            )
    if edge.again:
        said.append(
            loud(
                f"More than half of the edge over {edge.over} is left again at {edge.again[0]:,.0f}: the size told is "
                "the first that loses it. The cap on volume, margin or whole shares make other trades at larger ones."
            )
        )
    return said


def _of_the_runs(found: Capacity) -> list[Notice]:
    own, said = found.own, []
    at = found.edges[0].half.at
    if at is not None and at.refused > own.refused:
        said.append(
            loud(
                f"{at.refused:,} orders are refused or cut at the size that halves the edge, {own.refused:,} at "
                f"{own.capital:,.0f}: part of what is lost is trades not made."
            )
        )
    if at is not None and at.carried > own.carried:
        cap = found.config.fills.participation
        said.append(
            note(
                f"{at.carried:,} orders take more than a session to fill at the size that halves the edge, "
                f"{own.carried:,} at {own.capital:,.0f}: fills.participation is {cap:g}."
            )
        )
    if own.unmeasured:
        orders = "1 order" if own.unmeasured == 1 else f"{own.unmeasured:,} orders"
        words = f"{orders} filled before any volume of the symbol was known: no impact is paid by such an order, and "
        remedy = "Begin the data earlier, or the period later."
        said.append(loud(f"{words}what it asks of a day is in no figure. {remedy}"))
    stopped = [size for size in found.sizes if size.stopped]
    if stopped:
        said.append(loud(f"The run stops at {stopped[0].capital:,.0f}: {stopped[0].stopped}"))
    if found.edges[0].free < max((size.edges.get(CASH, -1.0) for size in found.sizes), default=-1.0):
        text = "Some sizes earn more than the edge without impact: interest has steps by size (costs.interest), and "
        said.append(note(text + "whole shares and minimum commissions weigh on small accounts."))
    return said


def _traded(size: Size) -> set[str]:
    return set(size.participation)
