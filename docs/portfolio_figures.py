# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/portfolio.md on real bars: `python docs/portfolio_figures.py [PATH=VALUE ...]`.

PATH=VALUE are overrides of configs/portfolio_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from page import Page, Table, money, percent, run

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.attribution.sleeves import correlations, crossing
from engine.analytics.metrics.performance import sharpe
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.flows import PROFIT
from engine.market.spacing import SESSIONS_A_YEAR

DAY = "2022-09-26"
BY_DEFAULT = (
    "sleeves.spread.params.target_volatility=0.05",
    *(
        f"sleeves.agents.params.{one}"
        for one in ("role=reversed", "fresh=126", "step_pause=1", "measure=log", "score=0.5")
    ),
)
"""What the configuration states otherwise."""


def day(given: Sequence[str]) -> Table:
    """What each sleeve held before, traded at the open and held at the close of DAY."""
    result, studied = _run(tuple(given))
    t = _row(result)
    before, after = studied.paths.positions[t - 1], studied.paths.positions[t]
    rows = [["sleeve", "symbol", "held before", "traded at the open", "price", "held", "close", "value"]]
    for number, leg in enumerate(result.legs):
        traded = result.ledger[
            (result.ledger["t"] == t) & (result.ledger["role"] == number) & (result.ledger["kind"] == EntryKind.FILL)
        ]
        if before[number] == 0.0 and after[number] == 0.0:
            continue
        close = float(result.market.bars[leg]["close"][t])
        price = f"{traded['price'][0]:.4f}" if len(traded) else ""
        rows.append([
            leg.partition(".")[0], result.market.symbols[leg], _signed(before[number]),
            f"{traded['qty'].sum():+,.0f}" if len(traded) else "", price, _signed(after[number]), f"{close:.2f}",
            f"{after[number] * close:,.2f}",
        ])  # fmt: skip
    return rows


def net(given: Sequence[str]) -> Table:
    """The same close as the sum of accounts that stand alone, and as the broker sees it."""
    result, studied = _run(tuple(given))
    t = _row(result)
    held = studied.paths.positions[t]
    closes = np.array([float(result.market.bars[role]["close"][t]) for role in result.market.roles])
    values, symbols = held * closes, np.array(list(result.market.symbols.values()))
    nets = {symbol: float(values[symbols == symbol].sum()) for symbol in dict.fromkeys(symbols.tolist())}
    short = -float(held[(symbols == "IWM") & (held < 0)].sum())
    short_net = max(0.0, -float(held[symbols == "IWM"].sum()))
    collateral = float(np.ceil(1.02 * closes[symbols == "IWM"][0]))
    fee = collateral * _borrow_rate(result) / 360.0
    rows = [["at the close", "sleeve by sleeve", "at the broker"]]
    rows.append(["gross", f"{np.abs(values).sum():,.2f}", f"{sum(abs(value) for value in nets.values()):,.2f}"])
    rows.append(["net", f"{values.sum():,.2f}", f"{sum(nets.values()):,.2f}"])
    rows.append(["maintenance", f"{_maintenance(values):,.2f}", f"{_maintenance(np.array(list(nets.values()))):,.2f}"])
    rows.append(["IWM short", f"{short:,.0f}", f"{short_net:,.0f}"])
    rows.append(["borrow fee of the night", f"{short * fee:,.2f}", f"{short_net * fee:,.2f}"])
    return rows


def by_hand(given: Sequence[str]) -> str:
    """The sums behind the column of the broker, and the dividends of that morning."""
    result, studied = _run(tuple(given))
    t = _row(result)
    was, now = (dict(zip(result.legs, studied.paths.positions[row], strict=True)) for row in (t - 1, t))
    spy, iwm = (float(result.market.bars[leg]["close"][t]) for leg in ("spread.large", "spread.small"))
    large, small, hedge, agents = (now[leg] for leg in ("spread.large", "spread.small", "hedge.small", "agents.small"))
    short, collateral = -(small + hedge + agents), float(np.ceil(1.02 * iwm))
    rate = _borrow_rate(result)
    paid = -result.ledger["amount"][(result.ledger["t"] == t + 1) & (result.ledger["kind"] == EntryKind.BORROW)].sum()
    dividend = float(result.market.bars["hedge.small"]["dividend"][t])
    got, gave = was["hedge.small"], -was["spread.small"]
    shares = f"{-small:,.0f} − {hedge:,.0f} − {agents:,.0f} = {short:,.0f} shares of IWM"
    gross = f"{large:,.0f} × {spy:.2f} + {short:,.0f} × {iwm:.2f} = {large * spy:,.2f} + {short * iwm:,.2f}"
    margin = f"25 % of the long and 30 % of the short, {0.25 * large * spy:,.2f} + {0.30 * short * iwm:,.2f}"
    night = f"{collateral:.0f} dollars a share × {short:,.0f} × {100 * rate:g} % / 360 = {paid:.2f}"
    rows = {
        "short": shares, "gross": gross, "maintenance": margin,
        "borrow fee": f"ceil(1.02 × {iwm:.2f}) = {night}, all of it the spread's",
        "dividend": f"the hedge received {got:,.0f} × {dividend:g} = {got * dividend:,.2f}",
        "": f"the spread paid {gave:,.0f} × {dividend:g} = {gave * dividend:,.2f}",
    }  # fmt: skip
    return "\n".join(f"{name:<12} {words}" for name, words in rows.items())


def attribution(given: Sequence[str]) -> Table:
    """Where each sleeve's profit comes from, and what it is left with."""
    _, studied = _run(tuple(given))
    parts = [flow.name for flow in PROFIT]
    rows = [["sleeve", "trading", *parts[1:], "profit", "transfers", "final equity", "contribution"]]
    amounts = np.array([list(one.last(*parts, "pnl", "transfers", "equity").values()) for one in studied.sleeves])
    first = float(studied.sessions.nav[0])
    for name, values in (
        *zip([one.name for one in studied.sleeves], amounts, strict=True),
        ("account", amounts.sum(0)),
    ):
        rows.append([name, *map(money, values), percent(values[6] / first)])
    return rows


def together(given: Sequence[str]) -> Table:
    """Each sleeve, the account, and their correlations of daily returns."""
    result, studied = _run(tuple(given))
    paths = [(one.name, one.returns(studied.sessions)) for one in studied.sleeves]
    found = correlations(studied.sleeves, studied.sessions)
    titles = [f"with {one.name}" for one in studied.sleeves]
    rows = [["", "CAGR", "volatility", "Sharpe", "max drawdown", *titles]]
    for (name, returns), row in zip(paths, found, strict=True):
        rows.append([name, *_measured(returns, studied), *(f"{value:.2f}" for value in row)])
    rows.append(
        [f"account, {result.config.rebalance}", *_measured(studied.sessions.returns, studied), *[""] * len(titles)]
    )
    return rows


def rebalancing(given: Sequence[str]) -> Table:
    """The account by how often capital moves."""
    rows = [["`rebalance`", "CAGR", "volatility", "Sharpe", "max drawdown", "moved", "fills"]]
    for choice in ("never", "monthly", "quarterly", "yearly"):
        result, studied = _run((*given, f"rebalance={choice}"))
        moved = np.abs(result.ledger["amount"][result.ledger["kind"] == EntryKind.TRANSFER]).sum() / 2.0
        measured = _measured(studied.sessions.returns, studied)
        rows.append([f"`{choice}`", *measured, money(moved), f"{studied.facts.fills:,}"])
    return rows


def defaults(given: Sequence[str]) -> Table:
    """The account as it is configured, and with the defaults of the spread and of the Double Agent."""
    rows = [["spread and agents", "CAGR", "volatility", "Sharpe", "max drawdown", "spread", "hedge", "agents", "fills"]]
    for name, sets in (("as configured", ()), ("with their defaults", BY_DEFAULT)):
        _, studied = _run((*given, *sets))
        profits = [money(one.last("pnl")["pnl"]) for one in studied.sleeves]
        measured = _measured(studied.sessions.returns, studied)
        rows.append([name, *measured, *profits, f"{studied.facts.fills:,}"])
    return rows


def crossed(given: Sequence[str]) -> Table:
    """What the sleeves traded against each other in the same bar."""
    result, studied = _run(tuple(given))
    met = crossing(result)
    costs = studied.facts.paid["commission"] + studied.facts.paid["slippage"]
    return [
        ["traded against each other", "its costs, both sides", "all commissions, fees and slippage"],
        [money(met.value), money(met.costs), money(costs)],
    ]


@cache
def _run(sets: tuple[str, ...]) -> tuple[RunRecord, Analysis]:
    result = run("portfolio_real", sets)
    return result, analyse(result)


def _borrow_rate(result: RunRecord) -> float:
    """A year's fee on borrowed IWM on DAY, a fraction."""
    table = result.config.costs.borrow["IWM"]
    return float([row for row in table if np.datetime64(row.since) <= np.datetime64(DAY)][-1].rate)


def _signed(shares: float) -> str:
    return f"{shares:+,.0f}" if shares else "0"


def _row(result: RunRecord) -> int:
    return int(np.flatnonzero(result.market.sessions == np.datetime64(DAY))[0])


def _maintenance(values: FloatArray) -> float:
    """25 % of what is long and 30 % of what is short, as the table has it for these funds and prices."""
    return float(0.25 * values[values > 0].sum() - 0.30 * values[values < 0].sum())


def _measured(returns: FloatArray, studied: Analysis) -> list[str]:
    growth = np.cumprod(1.0 + returns)
    years = len(returns) / SESSIONS_A_YEAR
    path = np.append(1.0, growth)
    fall = float(np.max(1.0 - path / np.maximum.accumulate(path)))
    return [
        percent(growth[-1] ** (1.0 / years) - 1.0, 2),
        percent(np.std(returns, ddof=1) * np.sqrt(SESSIONS_A_YEAR)),
        f"{sharpe(returns, studied.sessions.rates, float(SESSIONS_A_YEAR), studied.facts.fills):.2f}",
        percent(fall),
    ]


PAGE = Page[Sequence[str]]("portfolio.md", (day, net, by_hand, attribution, together, rebalancing, defaults, crossed))

if __name__ == "__main__":
    PAGE.main()
