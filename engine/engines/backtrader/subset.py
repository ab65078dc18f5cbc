# SPDX-License-Identifier: Apache-2.0
"""What a second engine cannot express: the sentences, and the same configuration without it."""

from __future__ import annotations

from dataclasses import replace

from engine.inputs.prepared import Prepared
from engine.inputs.rules import build_rules
from engine.inputs.terms import benchmark_rates, build_terms
from engine.model.run import BorrowRow, DebitStep, InterestRow, RunConfig


def reduced(prepared: Prepared) -> Prepared:
    """The run without what backtrader cannot express, so that two engines can agree to the fill."""
    config = _reduced_config(prepared.config)
    terms = build_terms(prepared.market, config.costs, config.account.margin)
    rules, benchmark = build_rules(config, recording=True), benchmark_rates(prepared.market, config.costs)
    return replace(prepared, config=config, rules=rules, terms=terms, benchmark=benchmark)


def _reduced_config(config: RunConfig) -> RunConfig:
    """Without margin, borrow fees, interest and dividends."""
    fills = config.fills.model_copy(update={"limit": "touch"})
    if fills.at == "this_close":
        fills = fills.model_copy(update={"participation": None})
    free = InterestRow(debit=[DebitStep(rate=0.0)], credit_spread=0.0, rebate_spread=None)
    borrow = {symbol: [BorrowRow(rate=0.0)] for symbol in config.roles.values()}
    margin = config.account.margin.model_copy(update={"kind": "none"})
    nothing = {"borrow": borrow, "interest": [free], "benchmark": 0.0, "dividends": False}
    return config.model_copy(
        update={
            "account": config.account.model_copy(update={"margin": margin}),
            "fills": fills,
            "costs": config.costs.model_copy(update=nothing),
        }
    )


def left_out(config: RunConfig) -> list[str]:
    """What backtrader cannot express of this configuration, one sentence each; what is off anyway is not named."""
    fills, margin = config.fills, config.account.margin
    words = []
    if margin.kind == "reg_t":
        words.append("Reg-T margin: no order is refused for margin, no margin call liquidates")
    elif margin.kind == "cash":
        words.append("the cash account: no order is refused for want of cash, short sales are not refused")
    words += _flows(config)
    if fills.limit == "through":
        words.append("limits that fill only when traded through: they fill when touched")
    if fills.at == "this_close" and fills.participation is not None:
        words.append("the cap on volume: with this_close backtrader would fill the rest at the old close")
    elif fills.participation is not None:
        words.append(
            "the cap on volume where it parts an order of a one-cancels-other group, or opposite orders of one bar: "
            "backtrader dissolves the group at its first fill, and serves orders by the position before the bar"
        )
    if fills.at == "this_close":
        words.append("fills of the last bar: backtrader comes to them a bar later")
    words.append("the entry bar of a bracket: its stop and limit work from the next bar on")
    words.append("the turn of orders that may only reduce, beside others for the same role in one bar")
    return words


def left_out_of_own(config: RunConfig) -> list[str]:
    """The same for a strategy that is written for backtrader, where its broker's own rules stand."""
    words = ["margin: shorts are free and without limit, and only what would take cash below zero is refused"]
    words += _flows(config)
    if config.fills.participation is not None:
        words.append("the cap on volume: orders fill at once")
    return words


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
