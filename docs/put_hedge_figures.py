# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/vix_hedge_puts.md on real bars, writes them into the page, draws its picture.

    python docs/put_hedge_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of the vix_hedge real configurations, such as data.path. The picture is of the synthetic
sample market. Tests compare page and picture with fresh ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from measured import Table, with_tables

from engine.analytics.analysis import analyse
from engine.analytics.hedge_account import HedgeAccount, by_episode, by_regime, hedge_account
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest
from strategies.vix_hedge import Regime, regime_path

HERE = Path(__file__).resolve().parent
PAGE = HERE / "strategies" / "vix_hedge_puts.md"
PICTURE = HERE / "images" / "put_hedge_episode.svg"
CONFIGS = HERE.parent / "configs"
NETTED, PUTS, INDEX = (CONFIGS / f"vix_hedge_{name}real.yaml" for name in ("", "puts_", "index_puts_"))
SAMPLE = CONFIGS / "vix_hedge_puts_sample.yaml"

NAMES = {int(one): one.name.lower() for one in Regime}
NONE = tuple(f"params.hedge_{name}=0" for name in ("concern", "stress", "divergence", "radar"))
SPREAD = ("params.width=0.1",)
FREE = ("params.budget=1",)
CHOICES: tuple[tuple[str, Path, tuple[str, ...]], ...] = (
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
    sold, puts, index = (_run(config, (*given,)) for config in (NETTED, PUTS, INDEX))
    sums = [by_regime(_account(run), regime_path(run.features, run.params), NAMES) for run in (sold, puts, index)]
    rows = [["regime", "bars", "small caps", "sold IWM", "IWM puts", "IWM puts, dollars", "SPY puts"]]
    for one, two, three in zip(*(found[:-1] for found in sums), strict=True):
        rows.append([one.name, f"{two.bars:,}", _rate(two.base_rate), _rate(one.hedge_rate), _rate(two.hedge_rate),
                     f"{two.hedge:,.0f}", _rate(three.hedge_rate)])  # fmt: skip
    whole = [_account(run).over("", np.ones(len(run.market), np.bool_)) for run in (sold, puts, index)]
    return [*rows, ["the whole run", f"{whole[1].bars:,}", _rate(whole[1].base_rate), _rate(whole[0].hedge_rate),
                    _rate(whole[1].hedge_rate), f"{whole[1].hedge:,.0f}", _rate(whole[2].hedge_rate)]]  # fmt: skip


def episodes(given: Sequence[str]) -> Table:
    """What each hedge earned in each named episode, as a sum of daily returns on equity."""
    runs = [_run(config, (*given, *sets)) for _, config, sets in (*CHOICES[1:5], ("", PUTS, FREE))]
    sums = [by_episode(_account(run)) for run in runs]
    rows = [["episode", "small caps", *(name for name, _, _ in CHOICES[1:5]), "IWM puts, no budget"]]
    each = zip(*sums, strict=True)
    return [*rows, *([one[0].name, _rate(one[1].base_rate), *(_rate(part.hedge_rate) for part in one)] for one in each)]


def compared(given: Sequence[str]) -> Table:
    """The account as a whole, by instrument and by strike."""
    return _accounts([(name, _run(config, (*given, *sets))) for name, config, sets in CHOICES])


def budgets(given: Sequence[str]) -> Table:
    """The same by the month's budget."""
    runs = [(f"{100 * one:g} % a month", _run(PUTS, (*given, f"params.budget={one}"))) for one in BUDGETS]
    return _accounts([("none: 100 % a month" if name.startswith("100") else name, run) for name, run in runs])


def volatilities(given: Sequence[str]) -> Table:
    """The same by what the model takes for implied volatility and for the spread."""
    return _accounts([(name, _run(PUTS, (*given, *sets))) for name, sets in VOLATILITIES])


def crash(given: Sequence[str]) -> Table:
    """Every put order of early 2020 on real bars."""
    return orders_of(_run(PUTS, tuple(given)), *CRASH)


SECTIONS: dict[str, Callable[[Sequence[str]], Table]] = {
    one.__name__: one for one in (regimes, episodes, compared, budgets, volatilities, crash)
}


def orders_of(result: RunRecord, first: str, last: str) -> Table:
    """Every option order decided from `first` to `last`, and what it filled at."""
    market, orders = result.market, result.orders
    path = regime_path(result.features, result.params)
    rows = [["decided", "regime", "reason", "IWM", "VIX", "contracts", "strike", "expiry", "fill"]]
    start, stop = np.searchsorted(market.sessions, [np.datetime64(first), np.datetime64(last)])
    chosen = (orders["role"] >= len(market.roles)) & (orders["born"] >= start) & (orders["born"] <= stop)
    for one in orders[chosen]:
        row = int(one["born"])
        rows.append([str(market.sessions[row]), NAMES[int(path[row])], result.reasons[int(one["reason"])][0],
                     f"{market.small.close[row]:.2f}", f"{market.vix[row]:.1f}", f"{one['asked']:+,.0f}",
                     f"{one['limit']:.0f}", str(np.datetime64(int(one["stop"]), "D")),
                     f"{one['filled_value'] / one['filled']:.2f}"])  # fmt: skip
    return rows


def written(text: str, given: Sequence[str] = ()) -> str:
    """The page's text with every measured table in place."""
    return with_tables(text, SECTIONS, given)


def picture(result: RunRecord) -> str:
    """The crash of the sample market as SVG: price and strike, VIX and RVX, the put's mark, what each part made."""
    from make_pictures import BLUE, FONT, GREEN, GREY, LEFT, RED, RIGHT, WIDTH, Panel, months, text

    market, path = result.market, regime_path(result.features, result.params)
    start, stop = np.searchsorted(market.sessions, [np.datetime64(FIRST), np.datetime64(LAST)])
    rows = slice(int(start), int(stop) + 1)
    x = np.linspace(LEFT, RIGHT, rows.stop - rows.start)
    account = _account(result)
    earned = [100 * np.cumsum(part[rows] / account.equity[rows]) for part in (account.base, account.hedge)]
    marks = result.marks[result.marks["slot"] == 0]
    mark = np.full(len(market), np.nan)
    mark[marks["t"]] = marks["price"]
    strike = _strikes(result)
    price = Panel("IWM, and the strike of the puts held (red)", 78, 190, 68, 128)
    fear = Panel("VIX (blue) and RVX (grey)", 312, 100, 10, 95)
    premium = Panel("the put's modelled mark, dollars a share", 456, 110, 0, 28)
    made = Panel("earned since the start, % of equity: small caps (grey), puts (blue), both (green)", 610, 140, -50, 14)
    panels = (price, fear, premium, made)
    parts = [
        *months(market.sessions[rows], x, panels),
        *price.frame([(value, f"{value}") for value in (70, 80, 90, 100, 110, 120)]),
        *fear.frame([(value, f"{value}") for value in (20, 40, 60, 80)]),
        *premium.frame([(value, f"{value}") for value in (0, 10, 20)]),
        *made.frame([(value, f"{value}") for value in (-40, -20, 0)]),
        price.curve(x, market.small.close[rows], BLUE),
        fear.curve(x, market.rvx[rows], GREY), fear.curve(x, market.vix[rows], BLUE),
        made.curve(x, earned[0], GREY), made.curve(x, earned[1], BLUE), made.curve(x, earned[0] + earned[1], GREEN),
    ]  # fmt: skip
    for values, panel, colour in (*((one, price, RED) for one in _each(strike)), (mark, premium, BLUE)):
        for first, last in _stretches(values[rows]):
            parts.append(panel.curve(x[first:last], values[rows][first:last], colour))
    changes = np.flatnonzero(np.diff(path[: rows.stop], prepend=-1) != 0)
    for number, row in enumerate(changes.tolist()):
        if row > rows.start:
            at, name = x[row - rows.start], NAMES[int(path[row])]
            colour = GREEN if name == "calm" else RED
            parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="78" y2="750" stroke="{colour}" stroke-opacity="0.4"/>')
            parts.append(text(at + 5, 92 + 15 * (number % 2), name.replace("_", " "), colour=colour))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 786" role="img" font-family="{FONT}">',
        "<title>Puts through a crash of the synthetic sample market</title>",
        f'<rect width="{WIDTH}" height="786" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, f"Puts through a crash, drawn from a run on the {market.label}: not history", weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


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


def _accounts(runs: Sequence[tuple[str, RunRecord]]) -> Table:
    rows = [["", "CAGR", "volatility", "max drawdown", "worst 15 sessions", "premium a year", "all costs a year",
             "fills"]]  # fmt: skip
    for name, run in runs:
        values = dict(analyse(run).metrics.values)
        falls = [f"{100 * values[key]:.1f} %" for key in ("volatility", "max_drawdown", "worst_15_sessions")]
        premium = _rate(premium_of(run)) if run.options else ""
        rows.append([name, f"{100 * values['cagr']:.2f} %", *falls, premium,
                     f"{100 * values['total_costs_rate']:.2f} %", f"{values['fills']:.0f}"])  # fmt: skip
    return rows


@cache
def _run(config: Path, sets: tuple[str, ...]) -> RunRecord:
    return backtest(config, sets)


def _account(run: RunRecord) -> HedgeAccount:
    return hedge_account(run, run.params["base"], "small", tuple(run.options))


def _strikes(result: RunRecord) -> np.ndarray:
    """(T,) strike of the puts held at each close, NaN where none are."""
    strike = np.full(len(result.market), np.nan)
    roles = len(result.market.roles)
    filled = result.orders[(result.orders["role"] == roles) & (result.orders["filled"] > 0)]
    for mark in result.marks[result.marks["slot"] == 0]:
        held = filled[filled["ended"] <= mark["t"]]
        strike[mark["t"]] = held["limit"][-1]
    return strike


def _each(strike: np.ndarray) -> list[np.ndarray]:
    """The strikes apart, (T,) each, NaN elsewhere: one is not joined to the next."""
    return [np.where(strike == one, strike, np.nan) for one in np.unique(strike[np.isfinite(strike)])]


def _stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """(first, end) of each run of known values, of two or more."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _rate(value: float) -> str:
    return f"{100 * value:.1f} %" if abs(value) >= 0.1 else f"{100 * value:.2f} %"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), sys.argv[1:]), encoding="utf-8")
    PICTURE.write_text(picture(backtest(SAMPLE)), encoding="utf-8")
