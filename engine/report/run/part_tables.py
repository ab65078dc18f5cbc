# SPDX-License-Identifier: Apache-2.0
"""What agents, hedge and sleeves did, as tables that report and terminal share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.analytics.attribution.agents import REST
from engine.analytics.attribution.alpha_share import FEWEST, AlphaShare
from engine.analytics.attribution.hedge_account import HedgeSum
from engine.analytics.attribution.parts import AgentSum, RegimeSum
from engine.kernel.flows import PRICE, PROFIT
from engine.report.kit.grid import Field, Grid
from engine.report.kit.terminal import table
from engine.report.kit.words import NOTHING, count, money, multiple, percent, plain_name
from engine.strategy.interpretation import UNKNOWN_REGIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from engine.analytics.analysis import Analysis


def show_parts(analysis: Analysis, screen: Console) -> None:
    """The tables of agents, regimes, episodes, replica and sleeves, as far as the strategy declares them."""
    parts = analysis.parts
    shown: list[Table] = [
        grid.on_terminal()
        for grid in (
            agents_grid(parts.agent_sums, float(analysis.sessions.nav[0])),
            regimes_grid(parts.regimes),
            episodes_grid(parts.episodes),
        )
        if grid.rows
    ]
    if parts.alpha is not None and parts.alpha.months >= FEWEST:
        shown.append(_replica(parts.alpha))
    if analysis.sleeves:
        shown.append(sleeves_grid(analysis).on_terminal())
    for one in shown:
        screen.print()
        screen.print(one)


def agents_grid(agents: Sequence[AgentSum], deposit: float) -> Grid:
    """Each agent's profit and exposure, then the account's profit; deposit, in money, is the opening one."""
    fields = (
        Field("agent", "agent"), Field("profit", "profit"), Field("of the deposit"), Field("fills", "fills"),
        Field("time in market", "time held"), Field("mean exposure", "mean"), Field("largest exposure", "largest"),
    )  # fmt: skip
    rows = []
    for one in agents:
        name = "rest: interest, the broker" if one.name == REST else one.name
        held = percent(one.time_in_market, 1), multiple(one.mean_exposure), multiple(one.max_exposure)
        shown = held if one.time_in_market else (NOTHING,) * 3
        rows.append((name, money(one.pnl), percent(one.pnl / deposit, 1), count(one.fills), *shown))
    total = sum(one.pnl for one in agents)
    return Grid(fields, [*rows, ("account", money(total), percent(total / deposit, 1), *("",) * 4)] if rows else [])


def regimes_grid(regimes: Sequence[RegimeSum]) -> Grid:
    """Profit by regime; of a hedged book what the hedge made, and the rest."""
    hedged = any(one.is_hedged for one in regimes)
    fields = [
        Field("regime", "regime"), Field("bars", "bars"), Field("of all"), Field("times entered"),
        Field("account", "account"), Field("per cent"),
    ]  # fmt: skip
    fields += [Field("without the hedge"), Field("hedge", "hedge"), Field("hedge, per cent", "of equity")] * hedged
    bars, rows = sum(one.bars for one in regimes), []
    for one in regimes:
        if one.name == UNKNOWN_REGIME and one.bars == 0:
            continue
        row = [plain_name(one.name), count(one.bars), percent(one.bars / bars, 1), count(one.entered)]
        row += [money(one.profit), percent(one.profit_rate, 1)]
        row += [money(one.profit - one.hedge), money(one.hedge), percent(one.hedge_rate, 1)] * hedged
        rows.append(row)
    return Grid(fields, rows)


def episodes_grid(episodes: Sequence[HedgeSum]) -> Grid:
    """One line an episode that lies within the run; dashes where nothing was held."""
    fields = (
        Field("episode", "episode"), Field("bars"), Field("without the hedge", "without"), Field("per cent"),
        Field("hedge", "hedge"), Field("per cent"), Field("of the loss", "of the loss"),
    )  # fmt: skip
    rows = []
    for one in episodes:
        figures = money(one.base), percent(one.base_rate, 1), money(one.hedge), percent(one.hedge_rate, 1)
        shown = (*figures, percent(one.share_of_loss, 0)) if one.base or one.hedge else (NOTHING,) * 5
        rows.append((one.name, count(one.bars), *shown))
    return Grid(fields, rows)


def sleeves_grid(analysis: Analysis) -> Grid:
    """What each sleeve's profit is the sum of, and the account's."""
    flows = analysis.shown(PROFIT)
    money_fields = (
        *(Field(flow.heading, flow.heading * (flow is PRICE)) for flow in flows),
        Field("", "costs"), Field("", "carry"), Field("profit", "profit", "the sum of the columns before"),
        Field("transfers", "moved"), Field("final equity", "equity"),
    )  # fmt: skip
    share = Field("contribution", hint="profit over the account's opening deposit")
    names = (*(flow.name for flow in flows), "costs", "carry", "pnl", "transfers", "equity")
    amounts = [list(one.last(*names).values()) for one in analysis.sleeves]
    shares = [one.contribution(analysis.sessions) for one in analysis.sleeves]

    def row(name: str, weight: float, parts: Sequence[float], contributed: float) -> tuple[str, ...]:
        return (name, percent(weight, 0), *map(money, parts), percent(contributed, 1))

    rows = [
        row(one.name, one.weight, parts, share)
        for one, parts, share in zip(analysis.sleeves, amounts, shares, strict=True)
    ]
    rows.append(row("account", 1.0, [sum(column) for column in zip(*amounts, strict=True)], sum(shares)))
    return Grid((Field("sleeve", "sleeve"), Field("weight", "weight"), *money_fields, share), rows)


def _replica(alpha: AlphaShare) -> Table:
    figures = [percent(value, 1) for value in (alpha.fund, alpha.replica, alpha.alpha)]
    share = f"{percent(alpha.share, 0)} ± {percent(alpha.share_error, 0)}"
    titles = ("out of sample, above the bill", "fund", "replica", "alpha", "alpha share")
    return table(titles, [(f"{alpha.months} months, a year", *figures, share)])
