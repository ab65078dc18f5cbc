# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/vix_hedge_puts.md on real bars, draws its picture of the sample market.

    python docs/put_hedge_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of the vix_hedge real configurations, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from page import HEADLINE, Column, Page, Runs, Table, money, rate, run, runs
from page import compared as side_by_side
from picture import BLUE, GREEN, GREY, RED, Episode, between
from worth import section

from engine.analytics.attribution.hedge_account import HedgeAccount, by_episode, by_regime, hedge_account
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from strategies.hedges.regimes import Regime, regime_path

NETTED, PUTS, INDEX = "vix_hedge_real", "vix_hedge_puts_real", "vix_hedge_index_puts_real"

NAMES = {int(one): one.name.lower() for one in Regime}
NONE = tuple(f"params.hedge_{name}=0" for name in ("concern", "stress", "divergence", "radar"))
SPREAD = ("params.width=0.1",)
FREE = ("params.budget=1",)
CHOICES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("no hedge", NETTED, NONE),
    ("sold IWM, net", NETTED, ()),
    ("IWM puts", PUTS, ()),
    ("IWM put spreads, 10 % wide", PUTS, SPREAD),
    ("SPY puts", INDEX, ()),
    ("SPY put spreads, 10 % wide", INDEX, SPREAD),
    ("IWM puts at the money", PUTS, ("params.below=0",)),
    ("IWM puts 10 % below", PUTS, ("params.below=0.1",)),
    ("IWM puts, ratio in delta", PUTS, ("params.size_by=delta",)),
    ("IWM puts of 90 days", PUTS, ("params.days=90", "params.roll_days=30")),
)
BUDGETS = (0.0025, 0.005, 0.01, 0.02, 0.04, 1.0)
VOLATILITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("VIX x realised ratio, as shipped", ()),
    ("VIX as it is", ("options.scale=1",)),
    ("VIX x 1.25", ("options.scale=1.25",)),
    ("VIX x 1.5", ("options.scale=1.5",)),
    ("as shipped, no skew", ("options.skew=0",)),
    ("as shipped, twice the spread", ("options.spread={premium: 0.04, vega: 0.01, least: 0.02}",)),
    ("as shipped, no spread", ("options.spread={premium: 0, vega: 0, least: 0}", "options.commission=0")),
)
FIRST, LAST = "2010-08-30", "2010-10-29"
CRASH = ("2020-01-27", "2020-04-03")


def regimes(given: Sequence[str]) -> Table:
    """What the puts cost and paid in each regime, beside IWM sold for the same ratios."""
    sold, puts, index = (run(config, given) for config in (NETTED, PUTS, INDEX))
    sums = [by_regime(_account(one), regime_path(one.features, one.params), NAMES) for one in (sold, puts, index)]
    rows = [["regime", "bars", "small caps", "sold IWM", "IWM puts", "IWM puts, dollars", "SPY puts"]]
    for one, two, three in zip(*(found[:-1] for found in sums), strict=True):
        rows.append([one.name, f"{two.bars:,}", rate(two.base_rate), rate(one.hedge_rate), rate(two.hedge_rate),
                     money(two.hedge), rate(three.hedge_rate)])  # fmt: skip
    whole = [_account(one).over("", np.ones(len(one.market), np.bool_)) for one in (sold, puts, index)]
    return [*rows, ["the whole run", f"{whole[1].bars:,}", rate(whole[1].base_rate), rate(whole[0].hedge_rate),
                    rate(whole[1].hedge_rate), money(whole[1].hedge), rate(whole[2].hedge_rate)]]  # fmt: skip


def episodes(given: Sequence[str]) -> Table:
    """What each hedge earned in each named episode, as a sum of daily returns on equity."""
    chosen = (*CHOICES[1:5], ("", PUTS, FREE))
    sums = [by_episode(_account(run(config, (*given, *sets)))) for _, config, sets in chosen]
    rows = [["episode", "small caps", *(name for name, _, _ in CHOICES[1:5]), "IWM puts, no budget"]]
    each = zip(*sums, strict=True)
    return [*rows, *([one[0].name, rate(one[1].base_rate), *(rate(part.hedge_rate) for part in one)] for one in each)]


def compared(given: Sequence[str]) -> Table:
    """The account as a whole, by instrument and by strike."""
    return _accounts((name, run(config, (*given, *sets))) for name, config, sets in CHOICES)


def budgets(given: Sequence[str]) -> Table:
    """The same by the month's budget."""
    names = (f"{100 * one:g} % a month" if one < 1.0 else "none: 100 % a month" for one in BUDGETS)
    sets = ((f"params.budget={one}",) for one in BUDGETS)
    return _accounts(runs(PUTS, given, zip(names, sets, strict=True)))


def volatilities(given: Sequence[str]) -> Table:
    """The same by what the model takes for implied volatility and for the spread."""
    return _accounts(runs(PUTS, given, VOLATILITIES))


def crash(given: Sequence[str]) -> Table:
    """Every put order of early 2020 on real bars."""
    return orders_of(run(PUTS, given), *CRASH)


def sample_crash(_: Sequence[str]) -> Table:
    """The same of the crash of the sample market."""
    return orders_of(run("vix_hedge_puts_sample"), FIRST, LAST)


def orders_of(result: RunRecord, first: str, last: str) -> Table:
    """Every option order decided from `first` to `last`, and what it filled at."""
    market, orders = result.market, result.orders
    path = regime_path(result.features, result.params)
    table = [["decided", "regime", "reason", "IWM", "VIX", "contracts", "strike", "expiry", "fill"]]
    rows = between(market.sessions, first, last)
    chosen = (orders["role"] >= len(market.roles)) & (orders["born"] >= rows.start) & (orders["born"] < rows.stop)
    for one in orders[chosen]:
        row = int(one["born"])
        table.append([str(market.sessions[row]), NAMES[int(path[row])], result.reasons[int(one["reason"])][0],
                     f"{market.small.close[row]:.2f}", f"{market.vix[row]:.1f}", f"{one['asked']:+,.0f}",
                     f"{one['strike']:.0f}", str(np.datetime64(int(one["expiry"]), "D")),
                     f"{one['filled_value'] / one['filled']:.2f}"])  # fmt: skip
    return table


def picture(result: RunRecord) -> str:
    """The crash of the sample market as SVG: price and strike, VIX and RVX, the put's mark, what each part made."""
    shown, market, path = Episode(result, FIRST, LAST), result.market, regime_path(result.features, result.params)
    rows, account, strike = shown.rows, _account(result), _strikes(result)
    shares, puts = (100 * np.cumsum(part[rows] / account.equity[rows]) for part in (account.base, account.hedge))
    marks = result.marks[result.marks["slot"] == 0]
    mark = np.full(len(market), np.nan)
    mark[marks["t"]] = marks["price"]
    words = "IWM, and the strike of the puts held (red)"
    price = shown.panel(words, 190, (68, 128), (70, 80, 90, 100, 110, 120))
    fear = shown.panel("VIX (blue) and RVX (grey)", 100, (10, 95), (20, 40, 60, 80))
    premium = shown.panel("the put's modelled mark, dollars a share", 110, (0, 28), (0, 10, 20))
    words = "earned since the start, % of equity: small caps (grey), puts (blue), both (green)"
    made = shown.panel(words, 140, (-50, 14), (-40, -20, 0))
    strikes = np.unique(strike[np.isfinite(strike)])
    for panel, values, colour in (
        (price, market.small.close[rows], BLUE), (fear, market.rvx[rows], GREY), (fear, market.vix[rows], BLUE),
        (made, shares, GREY), (made, puts, BLUE), (made, shares + puts, GREEN),
        *((price, np.where(strike == one, strike, np.nan)[rows], RED) for one in strikes),  # not joined to one another
        (premium, mark[rows], BLUE),
    ):  # fmt: skip
        shown.curve(panel, values, colour)
    changes = np.flatnonzero(np.diff(path[: rows.stop], prepend=-1) != 0)
    for number, row in enumerate(changes.tolist()):
        if row > rows.start:
            name = NAMES[int(path[row])]
            colour = GREEN if name == "none" else RED
            shown.mark(row, name.replace("_", " "), colour, y=92 + 15 * (number % 2))
    return shown.svg("Puts through a crash of the synthetic sample market", "Puts through a crash", foot=36)


def premium_of(result: RunRecord) -> float:
    """Premium of puts bought, less that of puts sold to open, a year, over mean equity; rolls and closes apart."""
    ledger, orders = result.ledger, {int(one["id"]): one for one in result.orders}
    fills = ledger[ledger["kind"] == EntryKind.OPTION_FILL]
    roles, total = len(result.market.roles), 0.0
    for fill in fills:
        opens = float(orders[int(fill["order"])]["asked"]) > 0.0
        if opens == (fill["role"] == roles):  # slot 0 is opened by buying, slot 1 by selling
            total -= float(fill["amount"])
    years = len(result.market) / result.market.bars_per_year
    return total / years / float(result.points["equity"].mean())


def _accounts(made: Runs) -> Table:
    own: dict[str, Column] = {
        "premium a year": lambda result, _: rate(premium_of(result)) if result.options else "",
        "all costs a year": HEADLINE["costs a year"],
    }
    return side_by_side(made, ("CAGR", "volatility", "max drawdown", "worst 15 sessions", *own, "fills"), own)


def _account(run: RunRecord) -> HedgeAccount:
    return hedge_account(run, run.params["base"], "small", tuple(run.options))


def _strikes(result: RunRecord) -> np.ndarray:
    """(T,) strike of the puts held at each close, NaN where none are."""
    strike = np.full(len(result.market), np.nan)
    roles = len(result.market.roles)
    filled = result.orders[(result.orders["role"] == roles) & (result.orders["filled"] > 0)]
    for mark in result.marks[result.marks["slot"] == 0]:
        held = filled[filled["ended"] <= mark["t"]]
        strike[mark["t"]] = held["strike"][-1]
    return strike


PAGE = Page[Sequence[str]](
    "strategies/vix_hedge_puts.md",
    (regimes, episodes, compared, budgets, volatilities, crash, sample_crash, section("vix_hedge_puts")),
    {"put_hedge_episode.svg": lambda _: picture(run("vix_hedge_puts_sample"))},
)

if __name__ == "__main__":
    PAGE.main()
