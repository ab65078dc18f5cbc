# SPDX-License-Identifier: Apache-2.0
"""What a second engine cannot express: the sentences, and the same configuration without it."""

from __future__ import annotations

from dataclasses import replace

from engine.inputs.prepared import Prepared
from engine.inputs.rules import build_rules
from engine.model.run import RunConfig

LATE = "the entry bar of brackets and attached orders"
LATE_INSTEAD = "their stops and limits work from the next bar on"


def reduced(prepared: Prepared) -> Prepared:
    """The run without what `taken_out` names, so that two engines can agree to the fill."""
    config = prepared.config
    fills = config.fills.model_copy(update={"limit": "touch"})
    if fills.at == "this_close":
        fills = fills.model_copy(update={"participation": None})
    margin = config.account.margin.model_copy(update={"kind": "none"})
    account = config.account.model_copy(update={"margin": margin})
    config = config.model_copy(update={"account": account, "fills": fills})
    rules = build_rules(config, recording=True)
    rules["late_children"] = 1
    return replace(prepared, config=config, rules=rules)


def taken_out(config: RunConfig) -> dict[str, str]:
    """What of this configuration backtrader cannot express, and what is done without it; what is off is not named."""
    fills, margin = config.fills, config.account.margin
    found = {}
    if margin.kind == "reg_t":
        found["Reg-T margin"] = (
            "no order is refused for margin or for want of shares to borrow, no margin call liquidates"
        )
    elif margin.kind == "cash":
        found["the cash account"] = "no order is refused for want of cash, short sales are not refused"
    if fills.limit == "through":
        found["limits that fill only when traded through"] = "they fill when touched"
    if fills.at == "this_close" and fills.participation is not None:
        found["the cap on volume"] = "with this_close backtrader would fill the rest at the old close"
    return found


def left_out(config: RunConfig) -> list[str]:
    """All that is taken out, then where the engines may part although neither is wrong; one sentence each."""
    fills = config.fills
    words = [f"{what}: {instead}" for what, instead in taken_out(config).items()]
    if fills.at != "this_close" and fills.participation is not None:
        words.append(
            "the cap on volume where it parts an order of a one-cancels-other group, or opposite orders of one close: "
            "backtrader dissolves the group at its first fill, and serves orders by the position before the bar"
        )
    instead = LATE_INSTEAD
    if fills.at == "this_close":
        words.append("fills of the last bar: backtrader comes to them a bar later")
        instead += ", those of an entry at the close that decided it a bar later still"
    words.append(f"{LATE}: {instead}")
    words += _state(config)
    words.append("the turn of orders that may only reduce, beside others for the same role in one bar")
    return words


def left_out_of_own(config: RunConfig) -> list[str]:
    """The same for a strategy that is written for backtrader, where its broker's own rules stand."""
    words = ["margin: shorts are free and without limit, and only what would take cash below zero is refused"]
    words += _flows(config)
    if config.fills.participation is not None:
        words.append("the cap on volume: orders fill at once")
    return words + _state(config)


def _state(config: RunConfig) -> list[str]:
    return ["keep_state: no state.parquet is written"] if config.keep_state else []


def _flows(config: RunConfig) -> list[str]:
    """Cash flows that no trade causes."""
    borrow = config.costs.borrow
    words = []
    if isinstance(borrow, str) or any(
        row.rate > 0.0 or not row.available for table in borrow.values() for row in table
    ):
        words.append("borrow fees by date, and shares that cannot be borrowed")
    words.append("interest on cash, debit and short proceeds")
    if config.costs.dividends:
        words.append("dividends, received and paid in lieu")
    return words
