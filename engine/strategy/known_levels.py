# SPDX-License-Identifier: Apache-2.0
"""Levels of `engine.indicators` as `Strategy.known_levels` gives them: what stands at the last bar of a market."""

from __future__ import annotations

from typing import Any

from engine.indicators.levels.double_top import double_tops_known
from engine.indicators.levels.support import levels_known
from engine.market.panel import Market
from engine.strategy.interpretation import DatedLevel


def standing_levels(market: Market, role: str, **rules: Any) -> list[DatedLevel]:
    """Support and resistance of a role with their touches; rules as `price_levels` takes them."""
    bars = getattr(market, role)
    known = levels_known(bars.high, bars.low, bars.close, bars.volume, len(market), **rules)
    before = {"support": "was a ceiling", "resistance": "was a floor"}
    return [
        DatedLevel(
            role,
            level.side,
            level.price,
            level.first_row,
            level.last_row,
            len(level.touches),
            level.strength,
            before[level.side] if level.role_reversed else "",
        )
        for level in known
    ]


def standing_double_tops(market: Market, role: str, **rules: Any) -> list[DatedLevel]:
    """Top, neckline and measured move of every double top that stands; rules as `double_tops` takes them.

    The measured move of a trough deeper than half the top is below zero: such a one has no target.
    """
    bars = getattr(market, role)
    levels = []
    for one in double_tops_known(bars.high, bars.low, bars.close, len(market) - 1, **rules):
        if one.ended:
            continue
        levels.append(DatedLevel(role, "double top", one.top, one.first_row, one.second_row, 2))
        levels.append(DatedLevel(role, "neckline", one.neckline, one.neckline_row, one.neckline_row, 1))
        if one.target > 0.0:
            levels.append(DatedLevel(role, "double top's target", one.target, one.first_row, one.second_row))
    return levels
