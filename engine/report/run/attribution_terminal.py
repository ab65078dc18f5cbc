# SPDX-License-Identifier: Apache-2.0
"""What agents and hedge did, on a terminal of 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.analytics.alpha_share import FEWEST
from engine.analytics.attribution import Attribution
from engine.report.kit.words import NOTHING, money, percent, plain_name

if TYPE_CHECKING:
    from rich.console import Console

Row = Sequence[str]


def show_parts(parts: Attribution, console: Console) -> None:
    """A table of the agents, of the regimes and of the episodes, as far as the strategy declares them."""
    titles: Row
    if parts.agents:
        titles = ("agent", "profit", "fills", "time held", "mean", "largest")
        _table(titles, [_agent(parts, place) for place in range(len(parts.agent_sums))], console)
    hedged = parts.hedge is not None
    if parts.regimes:
        titles = ("regime", "bars", "account", *(("hedge", "of equity") if hedged else ()))
        rows = [
            (
                plain_name(one.name),
                money(one.bars),
                money(one.profit),
                *((money(one.hedge), percent(one.hedge_rate, 1)) if hedged else ()),
            )
            for one in parts.regimes
            if one.bars
        ]
        _table(titles, rows, console)
    if parts.episodes:
        titles = ("episode", "without", "hedge", "of the loss")
        episodes = [
            (one.name, money(one.base), money(one.hedge), _share(one.hedge_rate, one.base_rate))
            for one in parts.episodes
            if one.base or one.hedge
        ]
        _table(titles, episodes, console)
    if parts.alpha is not None and parts.alpha.months >= FEWEST:
        alpha = parts.alpha
        titles = ("out of sample, above the bill", "fund", "replica", "alpha", "alpha share")
        months = f"{alpha.months} months, a year"
        figures = (alpha.fund, alpha.replica, alpha.alpha)
        share = f"{percent(alpha.share, 0)} ± {percent(alpha.share_error, 0)}"
        _table(titles, [(months, *(percent(value, 1) for value in figures), share)], console)


def _agent(parts: Attribution, place: int) -> Row:
    one = parts.agent_sums[place]
    if not one.time_in_market:
        return one.name, money(one.pnl), money(one.fills), NOTHING, NOTHING, NOTHING
    exposures = f"{one.mean_exposure:.2f}x", f"{one.max_exposure:.2f}x"
    return one.name, money(one.pnl), money(one.fills), percent(one.time_in_market, 1), *exposures


def _share(hedge: float, base: float) -> str:
    return percent(-hedge / base if base < 0.0 else math.nan, 0)


def _table(titles: Row, rows: Sequence[Row], console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(titles[0], no_wrap=True)
    for title in titles[1:]:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print(table)
