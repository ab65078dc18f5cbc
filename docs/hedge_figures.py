# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/vix_hedge.md on real bars, draws its picture of the sample market.

    python docs/hedge_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/vix_hedge_real.yaml and vix_hedge_fund_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hedge_regimes import CONFIG, NAMES, entries, flicker, july, path_of, radar
from numpy.typing import NDArray
from page import CONFIGS, Column, Page, Runs, Table, money, percent, rate, run, runs
from page import compared as side_by_side
from picture import BLUE, GREEN, GREY, RED, Episode, between
from worth import section

from engine.analytics.attribution.hedge_account import (
    HEDGE_EPISODES,
    HedgeAccount,
    HedgeSum,
    by_episode,
    by_regime,
    hedge_account,
)
from engine.engines.run_record import RunRecord
from engine.indicators import rolling_beta
from engine.runs.backtest import load_bars, loaded
from strategies.hedges.regimes import UNKNOWN, Regime

FUND = "vix_hedge_fund_real"

PARAMS = {
    Regime.NONE: "none", Regime.CREDIT_CONCERN: "concern", Regime.CREDIT_SUPPORT: "support", Regime.STRESS: "stress",
    Regime.DIVERGENCE: "divergence", Regime.UNDER_THE_RADAR: "radar",
}  # fmt: skip
AFTER = 10
HALF = "2013-06-03"
SETTINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("as shipped", ()),
    ("`low_ratio` -1.5, out -0.5", ("params.low_ratio=-1.5", "params.low_ratio_out=-0.5")),
    ("`low_ratio` -2.5, out -1.5", ("params.low_ratio=-2.5", "params.low_ratio_out=-1.5")),
    ("`radar_times` 2", ("params.radar_times=2",)),
    ("`radar_times` 3", ("params.radar_times=3",)),
    ("`move_days` 5", ("params.move_days=5",)),
    ("`move_days` 21", ("params.move_days=21",)),
    ("`stay` 0", ("params.stay=0",)),
    ("`stay` 5", ("params.stay=5",)),
    ("`stay` 20", ("params.stay=20",)),
    ("exits as entries, `stay` 0", ("params.stay=0", "params.radar_fall_out=-1.5", "params.radar_calm_out=1",
     "params.high_out=0.8", "params.rally_out=1", "params.stress_rank_out=0.9", "params.tight_out=-0.8",
     "params.low_ratio_out=-2", "params.weak_out=-1", "params.rising_out=1", "params.broken_out=-0.35")),
)  # fmt: skip
FUNDS_FROM = ("period.start=2011-04-01", "period.end=2021-04-26", "params.base=0.6")
FUNDS = (("RWM", 1), ("TWM", 2), ("SRTY", 3))
BETA_BARS = 120
FIRST, LAST = "2006-01-10", "2006-03-20"

WORKED = (("2006-02-01", "2006-03-01"), ("2010-09-01", "2010-11-01"))


def regimes(given: Sequence[str]) -> Table:
    """Every regime: how long it held, what the small caps earned in it, what the hedge did."""
    result = run(CONFIG, given)
    path, sums = path_of(result), by_regime(_account(result), path_of(result), NAMES)
    rows = [["regime", "hedge", "bars", "share", "times entered", "small caps", "hedge", "hedge, dollars"]]
    for one, found in zip(Regime, sums, strict=False):
        ratio = f"{result.params[f'hedge_{PARAMS[one]}']:g}"
        share = percent(found.bars / len(path))
        rows.append([found.name, ratio, f"{found.bars:,}", share, str(len(entries(path, one))), *_earned(found)])
    whole = _account(result).over("all", np.ones(len(path), np.bool_))
    return [*rows, ["the whole run", "", f"{whole.bars:,}", "", "", *_earned(whole)]]


def episodes(given: Sequence[str]) -> Table:
    """Every named episode."""
    result = run(CONFIG, given)
    rows = [["episode", "bars", "small caps", "hedge", "hedge, dollars", "of the loss", "mean hedge", "regimes"]]
    path, sessions = path_of(result), result.market.sessions
    hedges = np.array([result.params[f"hedge_{PARAMS[one]}"] for one in Regime])
    for found, one in zip(by_episode(_account(result)), _spans(result), strict=True):
        inside = (sessions >= one[0]) & (sessions <= one[1])
        known = path[np.flatnonzero(inside) - 1]
        seen = [NAMES[code] for code, _ in sorted(_counts(known).items(), key=lambda pair: -pair[1])]
        paid = f"{-100 * found.hedge_rate / found.base_rate:.0f} %" if found.base_rate < 0.0 else ""
        rows.append([found.name, str(found.bars), *_earned(found), paid, f"{hedges[known].mean():.2f}",
                     ", ".join(seen)])  # fmt: skip
    return rows


def forward(given: Sequence[str]) -> Table:
    """IWM and IWM less SPY over the ten sessions after a regime was entered, by the close after."""
    result = run(CONFIG, given)
    small, large, path = result.market.small.close, result.market.large.close, path_of(result)
    rows = [["entered", "times", "IWM, next 10", "standard error", "worst", "below -5 %", "IWM less SPY",
             "standard error"]]  # fmt: skip
    entered = [[NAMES[one], *_after(small, large, entries(path, one))] for one in Regime]
    return [*rows, *entered, ["any session", *_after(small, large, np.arange(np.argmax(path != UNKNOWN), len(path)))]]


def halves(given: Sequence[str]) -> Table:
    """What the hedge did in each regime before and after HALF."""
    result = run(CONFIG, given)
    account, path, late = _account(result), path_of(result), result.market.sessions >= np.datetime64(HALF)
    before = np.append(UNKNOWN, path[:-1])
    rows = [["regime", f"small caps before {HALF}", "hedge", "small caps since", "hedge"]]
    for one in Regime:
        if result.params[f"hedge_{PARAMS[one]}"] > 0.0:
            parts = [account.over("", (before == one) & side) for side in (~late, late)]
            rows.append([NAMES[one], *(rate(one) for part in parts for one in (part.base_rate, part.hedge_rate))])
    return rows


def compared(given: Sequence[str]) -> Table:
    """The hedge against none, against the same amount of it at all times, and one regime at a time."""
    result = run(CONFIG, given)
    path = path_of(result)
    ratios = np.array([result.params[f"hedge_{PARAMS[one]}"] for one in Regime])
    mean = ratios[path[path != UNKNOWN]].mean()
    off = dict.fromkeys(PARAMS.values(), 0.0)
    kept = {one: off | {PARAMS[one]: float(ratios[one])} for one in Regime if ratios[one] > 0.0}
    choices = (
        ("no hedge", off),
        (f"the same hedge at all times, {mean:.3f}", dict.fromkeys(off, round(float(mean), 3))),
        ("as shipped", {}),
        *((f"{NAMES[one]} alone", only) for one, only in kept.items()),
        ("as shipped, not taken off in support", {"support": 0.75}),
    )
    sets = ((name, [f"params.hedge_{key}={value}" for key, value in ratio.items()]) for name, ratio in choices)
    return _table(runs(CONFIG, given, sets))


def settings(given: Sequence[str]) -> Table:
    """Other thresholds and stays, and how often the regime then changes."""

    def changes(result: RunRecord, _: object) -> str:
        known = (path := path_of(result))[path != UNKNOWN]
        return f"{np.count_nonzero(np.diff(known)) / (len(known) / 252):.1f}"

    def july(result: RunRecord, _: object) -> str:
        path, day = path_of(result), int(np.searchsorted(result.market.sessions, np.datetime64("2007-07-24")))
        was, found = (NAMES[int(path[row])] for row in (day - 1, day))
        return f"{found}, after {was}" if found != was else f"still {was}"

    own: dict[str, Column] = {"changes of regime a year": changes, "24 July 2007": july}
    titles = ("CAGR", "volatility", "max drawdown", "worst 15 sessions", *own)
    return side_by_side(runs(CONFIG, given, SETTINGS), titles, own)


def funds(given: Sequence[str]) -> Table:
    """The same hedge netted and with each inverse fund, over the years that have bars of all three."""
    both = (*given, *FUNDS_FROM)
    none = tuple(f"params.hedge_{name}=0" for name in PARAMS.values())
    bought = ((f"{name}, {factor}x", (f"roles.inverse={name}", f"params.factor={factor}")) for name, factor in FUNDS)
    return _table((*runs(CONFIG, both, (("no hedge", none), ("sold IWM, net", ()))), *runs(FUND, both, bought)))


def betas(given: Sequence[str]) -> Table:
    """Beta of each fund to IWM, and the daily risk of IWM hedged by the fund's factor and by that beta.

    With distributions: RWM paid a quarter of its price on one day of 2008, which is no risk.
    """
    rows = [["", "beta, all days", "of 120 bars, 5 % to 95 %", "IWM, a day", "hedged by the factor", "by the beta"]]
    for symbol, factor in FUNDS:
        market, _, _ = load_bars(loaded(CONFIGS / f"{FUND}.yaml", (*given, f"roles.inverse={symbol}")))
        both = (market.small, market.inverse)
        small, fund = ((leg.close[1:] + leg.dividend[1:]) / leg.close[:-1] - 1.0 for leg in both)
        rolling = rolling_beta(fund, small, BETA_BARS)
        low, high = np.nanpercentile(rolling, [5, 95])
        whole = rolling_beta(fund, small, len(fund))[-1]
        known = np.append(np.nan, rolling[:-1])
        days = np.isfinite(known)
        risks = [(small + fund * part)[days].std(ddof=1) for part in (0.0, 1.0 / factor, -1.0 / known)]
        rows.append([symbol, f"{whole:.3f}", f"{low:.2f} to {high:.2f}", *(f"{100 * risk:.3f} %" for risk in risks)])
    return rows


def worked(_: Sequence[str]) -> Table:
    """Every order of the two worked episodes of the sample market, as it was decided."""
    result = run("vix_hedge_sample")
    market, f, orders, path = result.market, result.features, result.orders, path_of(result)
    table = [["decided", "regime", "reason", "times SPY", "IWM/SPY", "IWM", "VIX", "rank", "correlation", "IWM/VIX",
             "shares"]]  # fmt: skip
    for first, last in WORKED:
        rows = between(market.sessions, first, last)
        for one in orders[(orders["born"] >= rows.start) & (orders["born"] < rows.stop)]:
            row = int(one["born"])
            names = ("times", "relative", "small_move", "vix_move", "vix_rank", "correlation", "ratio_z")
            table.append([str(market.sessions[row]), NAMES[int(path[row])], result.reasons[int(one["reason"])][0],
                         *(f"{f[name][row]:.2f}" for name in names), f"{one['asked']:+,.0f}"])  # fmt: skip
    return table


def picture(result: RunRecord) -> str:
    """The quant deleveraging of the sample market as SVG: the two ETFs, VIX and RVX, the multiple, the position."""
    shown, path, market = Episode(result, FIRST, LAST), path_of(result), result.market
    p, f, rows = result.params, result.features, shown.rows
    small, large = (100 * leg.close[rows] / leg.close[rows][0] for leg in (market.small, market.large))
    held = (result.net / result.points["equity"])[rows]
    price = shown.panel("IWM (blue) and SPY (grey), first close = 100", 190, (84, 108), (85, 90, 95, 100, 105))
    fear = shown.panel("VIX (blue) and RVX (grey)", 100, (10, 28), (12, 16, 20, 24))
    times = shown.panel("IWM's fall of 10 sessions as a multiple of SPY's", 110, (-4, 4), (-4, -2, 0, 2, 4))
    words = "move of IWM/SPY over 10 sessions (blue) and of the VIX (grey), sigma"
    move = shown.panel(words, 110, (-3, 3), (-2, 0, 2))
    book = shown.panel("IWM held, times equity, at the close", 80, (0.0, 1.2), (0, 0.5, 1), "{:g}x")
    shown.level(times, p["radar_times"], f"opens {p['radar_times']:g}")
    shown.level(move, p["radar_fall"], f"opens {p['radar_fall']:g}")
    shown.level(move, p["radar_fall_out"], f"ends {p['radar_fall_out']:g}", GREEN)
    shown.level(move, p["radar_calm"], f"quiet {p['radar_calm']:g}", GREY)
    for panel, values, colour in (
        (price, large, GREY), (price, small, BLUE), (fear, market.rvx[rows], GREY), (fear, market.vix[rows], BLUE),
        (times, np.clip(f["times"][rows], -4, 4), BLUE), (move, np.clip(f["vix_move"][rows], -3, 3), GREY),
        (move, np.clip(f["relative"][rows], -3, 3), BLUE), (book, held, BLUE),
    ):  # fmt: skip
        shown.curve(panel, values, colour)
    for row in np.flatnonzero(np.diff(path[: rows.stop], prepend=UNKNOWN) != 0):
        if row > rows.start:
            name = NAMES[int(path[row])]
            shown.mark(row, name.replace("_", " "), GREEN if name == "none" else RED)
    return shown.svg("A fall under the radar in the synthetic sample market", "Under the radar", foot=36)


def _account(run: RunRecord) -> HedgeAccount:
    return hedge_account(run, run.params["base"])


def _spans(run: RunRecord) -> list[tuple[np.datetime64, np.datetime64]]:
    spans = [(np.datetime64(one.first), np.datetime64(one.last)) for one in HEDGE_EPISODES]
    sessions = run.market.sessions
    return [(first, last) for first, last in spans if sessions[0] < first and last <= sessions[-1]]


def _counts(path: NDArray[np.int64]) -> dict[int, int]:
    codes, counts = np.unique(path, return_counts=True)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def _after(small: NDArray[np.float64], large: NDArray[np.float64], rows: NDArray[np.intp]) -> list[str]:
    starts = rows[rows + 1 + AFTER < len(small)] + 1
    own = small[starts + AFTER] / small[starts] - 1.0
    over = own - (large[starts + AFTER] / large[starts] - 1.0)
    errors = [values.std(ddof=1) / np.sqrt(len(values)) for values in (own, over)]
    deep = f"{100 * (own < -0.05).mean():.0f} %"
    return [f"{len(starts):,}", rate(own.mean()), rate(errors[0]), rate(own.min()), deep, rate(over.mean()),
            rate(errors[1])]  # fmt: skip


def _table(made: Runs) -> Table:
    titles = ("CAGR", "volatility", "max drawdown", "worst 15 sessions", "costs a year", "fills")
    return side_by_side(made, titles)


def _earned(found: HedgeSum) -> list[str]:
    return [rate(found.base_rate), rate(found.hedge_rate), money(found.hedge)]


PAGE = Page[Sequence[str]](
    "strategies/vix_hedge.md",
    (
        worked,
        radar,
        flicker,
        regimes,
        episodes,
        july,
        forward,
        halves,
        compared,
        settings,
        funds,
        betas,
        section("vix_hedge"),
    ),
    {"hedge_episode.svg": lambda _: picture(run("vix_hedge_sample"))},
)

if __name__ == "__main__":
    PAGE.main()
