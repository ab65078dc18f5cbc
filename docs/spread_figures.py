# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/spread_trade.md on real bars, draws its picture of the sample market.

    python docs/spread_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/spread_real.yaml, such as data.path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from page import CONFIGS, Page, Table, compared, money, percent, run, runs
from picture import BLUE, GREEN, GREY, INK, RED, Episode, Panel, text
from spread_size import AFTER, CONFIG, NO_GUARD, NO_STOP, july, pyramid, target
from worth import section

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.market.panel import Market, RoleColumns
from engine.runs.backtest import prepare

FREE = ("costs.commission=none", "costs.regulatory=no_fees")
NO_SLIPPAGE = ("costs.slippage.half_spread=0", "costs.slippage.impact=0")
NO_BORROW = ("costs.borrow=no_borrow",)
PERIODS = (("2000-05-26", "2002-12-31"), ("2003-01-01", "2007-06-30"), ("2007-07-01", "2009-12-31"),
           ("2010-01-01", "2019-12-31"), ("2020-01-01", "2022-12-31"), ("2023-01-01", "2026-05-01"))  # fmt: skip
FIRST, LAST = "2013-12-16", "2014-08-29"
COLOURS = {"enter": GREEN, "restore": GREEN, "rebalance": BLUE, "unwind_half": RED, "unwind_flat": RED}
WHERE = {"unwind_half": (-10, 18, "end"), "unwind_flat": (10, -10, "start")}
"""Where a fill's name stands beside its dot."""

ALARM, DAYS, WINDOW, YEAR = -2.5, 15, 120, 252


def volatility(given: Sequence[str]) -> Table:
    """Volatilities and returns of the legs and of the spread, hedged by dollars and by the strategy's beta."""
    prepared = prepare(CONFIGS / f"{CONFIG}.yaml", given)
    market, hedge = prepared.market, prepared.features["hedge"]
    large, small = _total_return(market.large), _total_return(market.small)
    by_beta = large - np.concatenate([[np.nan], hedge[:-1]]) * small
    rows = [["from", "to", "SPY", "IWM", "long 1, short 1", "long 1, short hedge", "long 1, short 1, a year"]]
    for first, last in (*PERIODS, (PERIODS[0][0], PERIODS[-1][1])):
        here = (market.sessions >= np.datetime64(first)) & (market.sessions <= np.datetime64(last))
        spread = large - small
        figures = [_yearly(series[here]) for series in (large, small, spread, by_beta)]
        rows.append([first, last, *figures, percent(252 * float(np.nanmean(spread[here])))])
    return rows


def shocks(given: Sequence[str]) -> Table:
    """How often the 15-day shock of the ratio lies beyond a threshold, either way, and how often a normal one would."""
    _, shock = _shock(given)
    known = shock[~np.isnan(shock)]
    rows = [["beyond", "sessions below -", "sessions above +", "normal, each side"]]
    for threshold in (2.0, 2.5, 3.0, 3.5):
        normal = 0.5 * math.erfc(threshold / math.sqrt(2.0))
        shares = (float((known <= -threshold).mean()), float((known >= threshold).mean()), normal)
        rows.append([f"{threshold:.1f}", *(percent(share, 2) for share in shares)])
    return rows


def clustering(given: Sequence[str]) -> Table:
    """Correlation of a 15-session move with the one before, without overlap: the mean over the 15 ways to begin."""
    market, shock = _shock(given)
    ratio = np.log(market.large.close / market.small.close)
    move = np.concatenate([np.full(DAYS, np.nan), ratio[DAYS:] - ratio[:-DAYS]])
    rows = [["correlation with the 15 sessions before", "the move", "its size"]]
    for name, series in (("the ratio's log change", move), ("the same in sigma", shock)):
        both = []
        for values in (series, np.abs(series)):
            chains = [values[start::DAYS] for start in range(DAYS + WINDOW, 2 * DAYS + WINDOW)]
            both.append(float(np.mean([np.corrcoef(chain[1:], chain[:-1])[0, 1] for chain in chains])))
        rows.append([name, *(f"{value:.2f}" for value in both)])
    return rows


def alarms(given: Sequence[str]) -> Table:
    """Every stretch of shocks at or under the alarm, and what the ratio did from the session after its first."""
    market, shock = _shock(given)
    ratio = np.log(market.large.close / market.small.close)
    days = np.flatnonzero(shock <= ALARM)
    stretches = np.split(days, np.flatnonzero(np.diff(days) > DAYS) + 1)
    rows = [["first alarm", "sessions", "deepest", "sigma", "15-day fall then", "+5", "+15", "+60 sessions"]]
    for one in stretches:
        deepest = one[np.argmin(shock[one])]
        start = one[0] + 1  # what is decided at the alarm's close trades in the next session
        later = [_change(ratio, start, start + ahead) for ahead in (5, 15, 60)]
        rows.append([
            str(market.sessions[one[0]]), str(len(one)), str(market.sessions[deepest]), f"{shock[deepest]:.1f}",
            _change(ratio, deepest - DAYS, deepest), *later,
        ])  # fmt: skip
    firsts = np.array([one[0] + 1 for one in stretches])
    means = [(ratio[np.minimum(firsts + k, len(ratio) - 1)] - ratio[firsts]).mean() for k in (5, 15, 60)]
    rows.append(["mean", "", "", "", "", *(percent(math.expm1(mean)) for mean in means)])
    return rows


def squeeze(given: Sequence[str]) -> Table:
    """The two summers of the claim: the ratio's largest move between closes against the crowd of the time."""
    market, _ = _shock(given)
    ratio, sessions = np.log(market.large.close / market.small.close), market.sessions
    rows = [["from", "to", "sessions", "SPY / IWM", "SPY", "IWM", "the ratio was there last on", "of the year before"]]
    for first, last, sign in (("2007-07-01", "2007-08-15", 1.0), ("2024-06-03", AFTER, -1.0)):
        here = np.flatnonzero((sessions >= np.datetime64(first)) & (sessions <= np.datetime64(last)))
        path = sign * ratio[here]
        stop = int(np.argmax(path - np.minimum.accumulate(path)))
        start = int(np.argmin(path[: stop + 1]))
        low, high = int(here[start]), int(here[stop])
        before = int(np.flatnonzero(sign * ratio[:low] >= sign * ratio[high])[-1])
        legs = [_change(np.log(leg.close), low, high) for leg in (market.large, market.small)]
        dates = [str(sessions[row]) for row in (low, high, before)]
        back = (ratio[low] - ratio[high]) / (ratio[low] - ratio[low - YEAR])
        rows.append(
            [*dates[:2], str(high - low), _change(ratio, low, high), *legs, dates[2], percent(max(0.0, back), 0)]
        )
    return rows


def guard(given: Sequence[str]) -> Table:
    """The whole run with and without its two ways out under stress."""
    return _runs(given, [
        ("as shipped", ()), ("guard off", NO_GUARD), ("ratio stop off", NO_STOP), ("both off", (*NO_GUARD, *NO_STOP)),
        ("guard at -2.0 and -3.0", ("params.unwind_shock=-2", "params.unwind_flat=-3")),
        ("guard at -3.0 and -4.0", ("params.unwind_shock=-3", "params.unwind_flat=-4")),
    ])  # fmt: skip


def costs(given: Sequence[str]) -> Table:
    """The whole run with its costs taken away one after the other."""
    return _runs(given, [
        ("full costs", ()), ("no borrow fee", NO_BORROW), ("no slippage", NO_SLIPPAGE),
        ("no commission, no fees", FREE),
        ("free: none of the three", (*NO_BORROW, *NO_SLIPPAGE, *FREE)),
    ])  # fmt: skip


def variants(given: Sequence[str]) -> Table:
    """The whole run with other choices, all else as shipped."""
    return _runs(given, [
        ("as shipped", ()), ("reverse: short large, long small", ("params.direction=short_large_long_small",)),
        ("hedge: dollar", ("params.hedge=dollar",)), ("hedge: volatility", ("params.hedge=volatility",)),
        ("momentum over 20 bars", ("params.momentum_window=20",)),
        ("momentum over 250 bars", ("params.momentum_window=250",)),
        ("enter at 0, exit at -0.5", ("params.enter=0", "params.exit=-0.5")),
        ("enter at 1, exit at 0", ("params.enter=1", "params.exit=0")),
        ("target 10 %, the default before", ("params.target_volatility=0.1",)),
    ])  # fmt: skip


def ledger(given: Sequence[str]) -> Table:
    """Where the money of the whole run came from, by kind of entry and role."""
    result = run(CONFIG, given)
    market, entries = result.market, result.ledger
    last = [float(getattr(market, role).close[-1]) for role in market.roles]
    rows = [["", "large leg", "small leg", "both"]]
    fills = (EntryKind.FILL, EntryKind.LIQUIDATION)
    for name, kinds in (
        ("price moves, slippage inside", fills), ("dividends", (EntryKind.DIVIDEND,)),
        ("borrow fee", (EntryKind.BORROW,)), ("commission and fees", (EntryKind.COMMISSION, EntryKind.FEE)),
    ):  # fmt: skip
        of_kind = entries[np.isin(entries["kind"], kinds)]
        of_leg = (of_kind[of_kind["role"] == role] for role in range(len(last)))
        legs = [float(leg["amount"].sum() + leg["qty"].sum() * at) for leg, at in zip(of_leg, last, strict=True)]
        rows.append([name, *map(money, (*legs, sum(legs)))])
    interest = float(entries["amount"][entries["kind"] == EntryKind.INTEREST].sum())
    slippage = [float(entries["slippage"][entries["role"] == role].sum()) for role in range(len(last))]
    rows.append(["interest on cash", "", "", money(interest)])
    rows.append(["all", "", "", money(result.points["equity"][-1] - result.config.account.cash)])
    rows.append(["slippage, a memo", *(money(-amount) for amount in (*slippage, sum(slippage)))])
    return rows


def picture(result: RunRecord) -> str:
    """The unwind of the sample market's June 2014 as SVG: ratio with fills, z-score, shock, gross exposure."""
    shown, p, features = Episode(result, FIRST, LAST), result.params, result.features
    rows = shown.rows
    ratio = result.market.large.close[rows] / result.market.small.close[rows]
    room = 0.06 * float(ratio.max() - ratio.min())
    limits = (float(ratio.min()) - room, float(ratio.max()) + 3 * room)
    ticks = [value for value in np.arange(3.0, 4.0, 0.1) if limits[0] < value < limits[1]]
    top = shown.panel("SPY / IWM, and what filled", 200, limits, ticks, "{:.1f}")
    z = shown.panel("z-score of the log ratio, 250 sessions", 110, (-1.6, 3.0), (-1, 0, 1, 2))
    shock = shown.panel("15-day shock of the ratio, sigma", 130, (-4.2, 4.2), (-4, -2, 0, 2, 4))
    gross = shown.panel("gross exposure, times equity, at the close", 80, (0.0, 2.0), (0, 1, 2), "{}x")
    shown.level(z, p["enter"], f"enter {p['enter']:g}", GREEN)
    shown.level(z, p["exit"], f"exit {p['exit']:g}")
    shown.level(shock, p["reentry_shock"], f"re-entry {p['reentry_shock']:g}", GREEN)
    shown.level(shock, p["unwind_shock"], f"half {p['unwind_shock']:g}")
    shown.level(shock, p["unwind_flat"], f"flat {p['unwind_flat']:g}")
    shown.curve(top, ratio, GREY)
    shown.curve(z, features["z"][rows], BLUE)
    shown.curve(shock, features["shock"][rows], BLUE)
    shown.curve(gross, (result.gross / result.points["equity"])[rows], BLUE)
    _mark_fills(shown, top, gross.bottom, result)
    return shown.svg("An unwind in the synthetic sample market", "An unwind")


def _mark_fills(shown: Episode, top: Panel, bottom: float, result: RunRecord) -> None:
    """A dot on the ratio, a name above it and a line down for each session in which the large leg traded."""
    entries, market = result.ledger, result.market
    fills = entries[(entries["kind"] == EntryKind.FILL) & (entries["role"] == 0)]
    for fill in fills[(fills["t"] >= shown.rows.start) & (fills["t"] < shown.rows.stop)]:
        row = int(fill["t"])
        at, name = shown.at(row), result.reasons[int(fill["reason"])][0]
        colour = COLOURS.get(name, INK)
        value = float(market.large.close[row] / market.small.close[row])
        y = top.y(value)
        place = f'x1="{at:.1f}" x2="{at:.1f}" y1="{y:.1f}" y2="{bottom:g}"'
        dx, dy, anchor = WHERE.get(name, (-9, -12, "end"))
        shown.marks += [
            f'<line {place} stroke="{colour}" stroke-opacity="0.35"/>',
            top.dot(at, value, colour, 'r="6"', ' stroke-width="1.5"'),
            text(at + dx, y + dy, name, anchor=anchor, colour=colour),
        ]


def _runs(given: Sequence[str], choices: Sequence[tuple[str, tuple[str, ...]]]) -> Table:
    titles = ("CAGR", "volatility", "Sharpe", "max drawdown", "worst 15 sessions", "costs a year", "fills")
    return compared(runs(CONFIG, given, choices), titles)


def _shock(given: Sequence[str]) -> tuple[Market, FloatArray]:
    prepared = prepare(
        CONFIGS / f"{CONFIG}.yaml", (*given, f"params.unwind_days={DAYS}", f"params.hedge_window={WINDOW}")
    )
    return prepared.market, np.ascontiguousarray(prepared.features["shock"])


def _total_return(leg: RoleColumns) -> FloatArray:
    """(T,) simple returns with dividends, NaN first."""
    returns = (leg.close[1:] + leg.dividend[1:]) / leg.close[:-1] - 1.0
    return np.concatenate([[np.nan], returns])


def _yearly(returns: FloatArray) -> str:
    return percent(float(np.nanstd(returns, ddof=1)) * math.sqrt(252))


def _change(ratio: FloatArray, start: int, stop: int) -> str:
    return percent(math.expm1(float(ratio[stop] - ratio[start]))) if stop < len(ratio) else ""


PAGE = Page[Sequence[str]](
    "strategies/spread_trade.md",
    (
        target,
        volatility,
        shocks,
        clustering,
        alarms,
        squeeze,
        july,
        pyramid,
        guard,
        costs,
        variants,
        ledger,
        section("spread_trade"),
    ),
    {"spread_episode.svg": lambda _: picture(run("spread_sample"))},
)

if __name__ == "__main__":
    PAGE.main()
