# SPDX-License-Identifier: Apache-2.0
"""What a second engine cannot express: the sentences, and the same configuration without it."""

from __future__ import annotations

from engine.config.model import BorrowRow, InterestRow, RunConfig, Step


def reduced(config: RunConfig) -> RunConfig:
    """`config` without margin, borrow fees, interest and dividends, so that two engines can agree."""
    free = InterestRow(debit=[Step(rate=0.0)], credit_spread=0.0, rebate_spread=None)
    borrow = {symbol: [BorrowRow(rate=0.0)] for symbol in config.roles.values()}
    margin = config.account.margin.model_copy(update={"kind": "none"})
    return config.model_copy(
        update={
            "account": config.account.model_copy(update={"margin": margin}),
            "fills": config.fills.model_copy(update={"limit": "touch"}),
            "costs": config.costs.model_copy(
                update={"borrow": borrow, "interest": [free], "benchmark": 0.0, "dividends": False}
            ),
        }
    )


def left_out(config: RunConfig) -> list[str]:
    """What backtrader cannot express of this configuration, one sentence each; what is off anyway is not named."""
    fills, costs, margin = config.fills, config.costs, config.account.margin
    words = []
    if margin.kind == "reg_t":
        words.append("Reg-T margin: no order is refused for margin, no margin call liquidates")
    elif margin.kind == "cash":
        words.append("the cash account: no order is refused for want of cash, short sales are not refused")
    if isinstance(costs.borrow, str) or any(row.rate > 0.0 for table in costs.borrow.values() for row in table):
        words.append("borrow fees by date, and shares that cannot be borrowed")
    words.append("interest on cash, debit and short proceeds")
    if costs.dividends:
        words.append("dividends, received and paid in lieu")
    if fills.limit == "through":
        words.append("limits that fill only when traded through: they fill when touched")
    words.append("the entry bar of a bracket: its stop and limit work from the next bar on")
    return words
