# SPDX-License-Identifier: Apache-2.0
"""Metrics of what trading and holding cost, in money and a year as a fraction of mean equity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from engine.analytics.activity import mean_equity
from engine.analytics.registry import REGISTRY, add, metric


@metric(
    "commission",
    "Commissions and fees",
    group="costs",
    unit="money",
    better="low",
    formula="sum of commission and fee entries",
)
def commission_money(commission: float) -> float:
    """Commissions and regulatory and clearing fees, >= 0 when paid."""
    return commission


@metric(
    "slippage",
    "Slippage",
    group="costs",
    unit="money",
    better="low",
    formula="sum over fills of |quantity| x (price - reference price) against the trader; already inside the prices",
)
def slippage_money(slippage: float) -> float:
    """Slippage, >= 0 when it hurt."""
    return slippage


@metric("borrow", "Borrow fees", group="costs", unit="money", better="low", formula="sum of borrow entries")
def borrow_money(borrow: float) -> float:
    """Fees for shares borrowed, >= 0 when paid."""
    return borrow


@metric(
    "dividends",
    "Dividends, net",
    group="costs",
    unit="money",
    better="high",
    formula="dividends received by longs - paid in lieu by shorts",
)
def dividends_money(dividends_received: float, dividends_paid: float) -> float:
    """Net dividends, signed as cash."""
    return dividends_received - dividends_paid


@metric(
    "dividends_received", "Dividends received", group="costs", unit="money", formula="sum of positive dividend entries"
)
def dividends_received_money(dividends_received: float) -> float:
    """Dividends of long positions, >= 0."""
    return dividends_received


@metric(
    "dividends_paid",
    "Dividends paid in lieu",
    group="costs",
    unit="money",
    formula="sum of negative dividend entries, as a positive number",
)
def dividends_paid_money(dividends_paid: float) -> float:
    """Payments in lieu on short positions, >= 0."""
    return dividends_paid


@metric(
    "interest",
    "Interest, net",
    group="costs",
    unit="money",
    better="high",
    formula="interest earned - interest paid on cash",
)
def interest_money(interest_received: float, interest_paid: float) -> float:
    """Net interest, signed as cash."""
    return interest_received - interest_paid


@metric("interest_received", "Interest earned", group="costs", unit="money", formula="sum of positive interest entries")
def interest_received_money(interest_received: float) -> float:
    """Interest on positive cash and short proceeds, >= 0."""
    return interest_received


@metric(
    "interest_paid",
    "Interest paid",
    group="costs",
    unit="money",
    formula="sum of negative interest entries, as a positive number",
)
def interest_paid_money(interest_paid: float) -> float:
    """Debit interest, >= 0."""
    return interest_paid


@metric(
    "total_costs",
    "All costs",
    group="costs",
    unit="money",
    better="low",
    formula="commissions and fees + slippage + borrow fees + interest paid + dividends paid in lieu; nothing is netted",
)
def total_costs(
    commission: float, slippage: float, borrow: float, interest_paid: float, dividends_paid: float
) -> float:
    """Everything paid to trade and to hold, >= 0."""
    return commission + slippage + borrow + interest_paid + dividends_paid


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
            annualised="/ (sessions / 252)",
            function=rate,
            inputs=(*money.inputs, "equity", "years"),
        )
    )


for _name in ("commission", "slippage", "borrow", "dividends", "interest", "total_costs"):
    _per_year(_name)
