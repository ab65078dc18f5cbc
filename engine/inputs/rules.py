# SPDX-License-Identifier: Apache-2.0
"""The rules of one run as a record, and as the sentence that every result prints."""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import cleared, copies_of, fixed
from engine.kernel.codes import FillAt, Intrabar, Liquidation, MarginKind
from engine.market.panel import SESSION_MINUTES, Market
from engine.model.run import Options, RunConfig
from engine.records import RULES

MINUTES_A_DAY = 1440.0

REMEMBERED = 64
"""Most runs whose rules are found at once: a notebook runs the same few over and over."""

MONTHS = {"never": 0, "monthly": 1, "quarterly": 3, "yearly": 12}
"""Months from one transfer of capital between sleeves to the next."""

FILL_AT, INTRABAR, MARGIN, LIQUIDATION = (
    {code.name.lower(): int(code) for code in codes} for codes in (FillAt, Intrabar, MarginKind, Liquidation)
)
"""A configuration's words as the kernel's codes."""

_WHEN = {
    "next_open": "decided at the close, filled at the next open",
    "next_close": "decided at the close, filled at the next close",
    "this_close": "SAME-BAR: decided and filled at the same close (optimistic)",
}


def build_rules(config: RunConfig, *, recording: bool, options: bool = False, bar_minutes: float = 0.0) -> NDArray[Any]:
    """(1,) record of `engine.records.RULES`.

    options      the strategy has option slots; without them what is said of options stays 0, for nothing reads it
    bar_minutes  length of a bar in minutes of trading; only options ask for it
    """
    fills, margin = config.fills, config.account.margin
    step, a_share = steps_of(fills.quantity_step)
    said = {
        "fill_at": FILL_AT[fills.at],
        "step": step,
        "a_share": a_share,
        "intrabar": INTRABAR[fills.intrabar],
        "limit_through": fills.limit == "through",
        "margin": MARGIN[margin.kind],
        "liquidation": LIQUIDATION[margin.liquidation],
        "cushion": margin.cushion,
        "participation": np.inf if fills.participation is None else fills.participation,
        "pay_dividends": config.costs.dividends,
        "withholding": config.costs.withholding,
        "recording": recording,
        "cash": config.account.cash,
        "rebalance": MONTHS[config.rebalance],
    }
    if options:
        said |= {"options": 1, "bar_days": bar_minutes / MINUTES_A_DAY, **_option_rules(config.options)}
    return copies_of(_row(tuple(said.items())))


@lru_cache(REMEMBERED)
def _row(said: tuple[tuple[str, float], ...]) -> NDArray[Any]:
    """(1,) record of what is said of some fields, each in its own unit, 0 for the others; nobody can write into it."""
    row = cleared(1, RULES)
    for name, value in said:
        row[name] = value
    return fixed(row)


def _option_rules(options: Options) -> dict[str, float]:
    return {
        "option_skew": options.skew,
        "option_floor": options.floor,
        "option_yield": options.dividend_yield,
        "option_spread": options.spread.premium,
        "option_vega": options.spread.vega,
        "option_least": options.spread.least,
        "option_commission": options.commission,
        "option_minimum": options.minimum,
    }


def bar_minutes(market: Market) -> float:
    """Length of a bar in minutes of trading; a daily one is the session."""
    return SESSION_MINUTES * market.sessions_per_year / market.bars_per_year


def fill_convention(config: RunConfig) -> str:
    """How orders fill, in one sentence a reader of a result needs."""
    fills = config.fills
    both = "the adverse side first" if fills.intrabar == "pessimistic" else "the favourable side first (optimistic)"
    limit = "when touched" if fills.limit == "touch" else "only when traded through"
    cap = "no cap on volume" if fills.participation is None else f"at most {fills.participation:.0%} of a bar's volume"
    shares = "whole shares" if fills.whole_shares else f"fractional shares in steps of {fills.quantity_step:.9g}"
    return f"{_WHEN[fills.at]}; a bar that touches both sides: {both}; limits fill {limit}; {cap}; {shares}"


@cache
def steps_of(step: float) -> tuple[int, int]:
    """The step of quantities, a part of a share, as what its decimals say: two whole numbers."""
    return Fraction(repr(step)).as_integer_ratio()
