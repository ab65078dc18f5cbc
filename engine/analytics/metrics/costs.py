# SPDX-License-Identifier: Apache-2.0
"""Metrics of what trading and holding cost, in money and a year as a fraction of mean equity: those of each flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from operator import add as add_up
from typing import Any, cast

from engine.analytics.metrics.activity import mean_equity
from engine.analytics.metrics.registry import REGISTRY, Better, Metric, add, metric
from engine.kernel.flows import COSTS, Flow, Origin, listed

Totals = Mapping[str, float]
SLIPPED = "sum over fills of |quantity| x (price - reference price) against the trader; already inside the prices"


def _money(
    name: str, title: str, formula: str, better: Better, function: Callable[..., float], inputs: tuple[str, ...]
) -> None:
    """Register a metric in the account's currency."""
    add(Metric(name, title.capitalize(), "costs", "money", better, formula, "", function, inputs))


def _cost(flow: Flow) -> None:
    """What a flow that is never received cost, >= 0 when paid."""
    formula = f"sum of {listed([kind.name.lower() for kind in flow.kinds])} entries" if flow.kinds else SLIPPED
    _money(flow.name, flow.title, formula, "low", lambda paid: paid[flow.name], ("paid",))


def _net_and_sides(flow: Flow) -> None:
    """A flow that is both paid and received: the two, each >= 0, and what they come to, signed as cash."""
    name = flow.name
    kinds = listed([kind.name.lower() for kind in flow.kinds])
    net = f"{flow.received} - {flow.paid}"
    _money(name, flow.title, net, "high", lambda received, paid: received[name] - paid[name], ("received", "paid"))
    received = f"sum of positive {kinds} entries"
    _money(f"{name}_received", flow.received, received, "", lambda received: received[name], ("received",))
    paid = f"sum of negative {kinds} entries, as a positive number"
    _money(f"{name}_paid", flow.paid, paid, "", lambda paid: paid[name], ("paid",))


for _flow in COSTS:
    (_net_and_sides if _flow.received else _cost)(_flow)

PAID_IN_TURN = sorted(COSTS, key=lambda flow: (flow.received != "", flow.origin is not Origin.CASH))
"""Costs, then interest, then what positions pay: the last bits of a published sum hang on its order."""


@metric(
    "total_costs",
    "All costs",
    group="costs",
    unit="money",
    better="low",
    formula=" + ".join(flow.paid for flow in PAID_IN_TURN) + "; nothing is netted",
)
def total_costs(paid: Totals) -> float:
    """Everything paid to trade and to hold, >= 0."""
    return reduce(add_up, (paid[flow.name] for flow in PAID_IN_TURN))


def _per_year(name: str) -> None:
    """Register `name`_rate: the money metric `name` a year, as a fraction of mean equity."""
    money = REGISTRY[name]

    def rate(*inputs: Any) -> float:
        *amounts, equity, years = inputs
        return cast("float", money.function(*amounts)) / mean_equity(equity) / float(years)

    add(
        replace(
            money,
            name=f"{name}_rate",
            title=f"{money.title}, a year",
            unit="fraction a year",
            formula=f"{money.title.lower()} / mean equity at session closes / years",
            annualised="/ (sessions of the exchange / 252)",
            function=rate,
            inputs=(*money.inputs, "equity", "years"),
        )
    )


for _name in (*(flow.name for flow in COSTS), "total_costs"):
    _per_year(_name)
