# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/spread_trade.md on real bars and writes them into the page.

    python docs/spread_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/spread_real.yaml, such as data.path. A test compares the page with fresh figures.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from measured import Table, with_tables

from engine.analytics.analysis import analyse
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.market.panel import Market, RoleColumns
from engine.runs.backtest import backtest, prepare

HERE = Path(__file__).resolve().parent
PAGE = HERE / "strategies" / "spread_trade.md"
CONFIG = HERE.parent / "configs" / "spread_real.yaml"

NO_GUARD = ("params.unwind_shock=-20", "params.unwind_flat=-20")
NO_STOP = ("params.ratio_stop=0",)
FREE = ("costs.commission=none", "costs.regulatory=no_fees")
NO_SLIPPAGE = ("costs.slippage.half_spread=0", "costs.slippage.impact=0")
NO_BORROW = ("costs.borrow=no_borrow",)
HOUSE_RATES = ", ".join(f"{rule}_{side}: 0.15" for rule in ("initial", "maintenance") for side in ("long", "short"))
HOUSE = (f"account.margin.table=[{{{HOUSE_RATES}, floor_high: 0, floor_low: 0}}]",)
PERIODS = (
    ("2000-05-26", "2002-12-31"),
    ("2003-01-01", "2007-06-30"),
    ("2007-07-01", "2009-12-31"),
    ("2010-01-01", "2019-12-31"),
    ("2020-01-01", "2022-12-31"),
    ("2023-01-01", "2026-05-01"),
)
ALARM, DAYS, WINDOW = -2.5, 15, 120
BEFORE, AFTER = "2024-07-09", "2024-08-15"


def volatility(given: Sequence[str]) -> Table:
    """Volatilities and returns of the legs and of the spread, hedged by dollars and by the strategy's beta."""
    prepared = prepare(CONFIG, given)
    market, hedge = prepared.market, prepared.features["hedge"]
    large, small = _total_return(market.large), _total_return(market.small)
    by_beta = large - np.concatenate([[np.nan], hedge[:-1]]) * small
    rows = [["from", "to", "SPY", "IWM", "long 1, short 1", "long 1, short hedge", "long 1, short 1, a year"]]
    for first, last in (*PERIODS, (PERIODS[0][0], PERIODS[-1][1])):
        here = (market.sessions >= np.datetime64(first)) & (market.sessions <= np.datetime64(last))
        spread = large - small
        figures = [_yearly(series[here]) for series in (large, small, spread, by_beta)]
        rows.append([first, last, *figures, _percent(252 * float(np.nanmean(spread[here])))])
    return rows


def shocks(given: Sequence[str]) -> Table:
    """How often the 15-day shock of the ratio lies beyond a threshold, either way, and how often a normal one would."""
    _, shock = _shock(given)
    known = shock[~np.isnan(shock)]
    rows = [["beyond", "sessions below -", "sessions above +", "normal, each side"]]
    for threshold in (2.0, 2.5, 3.0, 3.5):
        normal = 0.5 * math.erfc(threshold / math.sqrt(2.0))
        shares = (float((known <= -threshold).mean()), float((known >= threshold).mean()), normal)
        rows.append([f"{threshold:.1f}", *(f"{100 * share:.2f} %" for share in shares)])
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
    runs = np.split(days, np.flatnonzero(np.diff(days) > DAYS) + 1)
    rows = [["first alarm", "sessions", "deepest", "sigma", "15-day fall then", "+5", "+15", "+60 sessions"]]
    for run in runs:
        deepest = run[np.argmin(shock[run])]
        start = run[0] + 1  # what is decided at the alarm's close trades in the next session
        later = [_change(ratio, start, start + ahead) for ahead in (5, 15, 60)]
        rows.append([
            str(market.sessions[run[0]]), str(len(run)), str(market.sessions[deepest]), f"{shock[deepest]:.1f}",
            _change(ratio, deepest - DAYS, deepest), *later,
        ])  # fmt: skip
    means = [
        np.mean([ratio[min(run[0] + 1 + k, len(ratio) - 1)] - ratio[run[0] + 1] for run in runs]) for k in (5, 15, 60)
    ]
    rows.append(["mean", "", "", "", "", *(_percent(math.expm1(mean)) for mean in means)])
    return rows


def squeeze(given: Sequence[str]) -> Table:
    """The two summers of the claim: the ratio's largest move between closes against the crowd of the time."""
    market, _ = _shock(given)
    ratio, sessions = np.log(market.large.close / market.small.close), market.sessions
    rows = [["from", "to", "sessions", "SPY / IWM", "SPY", "IWM", "the ratio was there last on"]]
    for first, last, sign in (("2007-07-01", "2007-08-15", 1.0), ("2024-06-03", AFTER, -1.0)):
        here = np.flatnonzero((sessions >= np.datetime64(first)) & (sessions <= np.datetime64(last)))
        path = sign * ratio[here]
        stop = int(np.argmax(path - np.minimum.accumulate(path)))
        start = int(np.argmin(path[: stop + 1]))
        low, high = int(here[start]), int(here[stop])
        before = int(np.flatnonzero(sign * ratio[:low] >= sign * ratio[high])[-1])
        legs = [_change(np.log(leg.close), low, high) for leg in (market.large, market.small)]
        dates = [str(sessions[row]) for row in (low, high, before)]
        rows.append([dates[0], dates[1], str(high - low), _change(ratio, low, high), *legs, dates[2]])
    return rows


def july(given: Sequence[str]) -> Table:
    """What leverage did in July 2024: equity since the close of 9 July at its lowest and on 15 August."""
    rows = [[
        "margin", "size", "gross on 9 July", "most gross", "most margin use", "calls in 2 years",
        "lowest, guard", "15 August, guard", "lowest, no exits", "15 August, no exits",
    ]]  # fmt: skip
    full = "params.target_volatility=1"
    for margin, terms, size, sets in (
        ("Reg T", (), "cap 1.0", (full, "params.gross_cap=1.0")),
        ("Reg T", (), "cap 1.6", (full, "params.gross_cap=1.6")),
        ("Reg T", (), "cap 1.9", (full, "params.gross_cap=1.9")),
        ("Reg T", (), "cap 1.9, pyramid 1", ("params.pyramid=1", "params.gross_cap=1.9")),
        ("15 % a leg", HOUSE, "cap 4", (full, "params.gross_cap=4")),
        ("15 % a leg", HOUSE, "cap 6", (full, "params.gross_cap=6")),
        ("15 % a leg", HOUSE, "cap 6, pyramid 1", ("params.pyramid=1", "params.gross_cap=6")),
    ):
        period = ("period.start=2023-01-03", "period.end=2024-12-31")
        guarded = _summer(backtest(CONFIG, (*given, *period, *terms, *sets)))
        held = _summer(backtest(CONFIG, (*given, *period, *terms, *sets, *NO_GUARD, *NO_STOP)))
        path = [f"{guarded['gross']:.1f}", f"{guarded['most']:.1f}", f"{guarded['use']:.2f}", f"{guarded['calls']:.0f}"]
        ends = [_percent(run[name]) for run in (guarded, held) for name in ("low", "end")]
        rows.append([margin, size, *path, *ends])
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
        ("pyramid 1, cap 1.9", ("params.pyramid=1", "params.gross_cap=1.9")),
    ])  # fmt: skip


def ledger(given: Sequence[str]) -> Table:
    """Where the money of the whole run came from, by kind of entry and role."""
    result = backtest(CONFIG, given)
    market, entries = result.market, result.ledger
    last = [float(getattr(market, role).close[-1]) for role in market.roles]
    rows = [["", "large leg", "small leg", "both"]]
    fills = (EntryKind.FILL, EntryKind.LIQUIDATION)
    for name, kinds in (
        ("price moves, slippage inside", fills), ("dividends", (EntryKind.DIVIDEND,)),
        ("borrow fee", (EntryKind.BORROW,)), ("commission and fees", (EntryKind.COMMISSION, EntryKind.FEE)),
    ):  # fmt: skip
        of_kind = entries[np.isin(entries["kind"], kinds)]
        legs = [
            float(
                of_kind["amount"][of_kind["role"] == role].sum() + of_kind["qty"][of_kind["role"] == role].sum() * price
            )
            for role, price in enumerate(last)
        ]
        rows.append([name, *(f"{amount:,.0f}" for amount in (*legs, sum(legs)))])
    interest = float(entries["amount"][entries["kind"] == EntryKind.INTEREST].sum())
    slippage = [float(entries["slippage"][entries["role"] == role].sum()) for role in range(len(last))]
    rows.append(["interest on cash", "", "", f"{interest:,.0f}"])
    rows.append(["all", "", "", f"{result.points['equity'][-1] - result.config.account.cash:,.0f}"])
    rows.append(["slippage, a memo", *(f"{-amount:,.0f}" for amount in (*slippage, sum(slippage)))])
    return rows


SECTIONS: dict[str, Callable[[Sequence[str]], Table]] = {
    section.__name__: section
    for section in (volatility, shocks, clustering, alarms, squeeze, july, guard, costs, variants, ledger)
}


def written(text: str, given: Sequence[str] = ()) -> str:
    """The page's text with every measured table in place."""
    return with_tables(text, SECTIONS, given)


def _runs(given: Sequence[str], choices: list[tuple[str, tuple[str, ...]]]) -> Table:
    rows = [["", "CAGR", "volatility", "Sharpe", "max drawdown", "worst 15 sessions", "costs a year", "fills"]]
    for name, sets in choices:
        values = _measured((*given, *sets))
        falls = [_percent(values[key]) for key in ("max_drawdown", "worst_15_sessions")]
        rows.append([
            name, f"{100 * values['cagr']:.2f} %", _percent(values["volatility"]), f"{values['sharpe']:.2f}", *falls,
            f"{100 * values['total_costs_rate']:.2f} %", f"{values['fills']:.0f}",
        ])  # fmt: skip
    return rows


@cache
def _measured(sets: tuple[str, ...]) -> dict[str, Any]:
    return dict(analyse(backtest(CONFIG, sets)).metrics.values)


def _summer(result: RunRecord) -> dict[str, float]:
    sessions, equity = result.market.sessions, result.points["equity"]
    start, stop = (int(np.flatnonzero(sessions == np.datetime64(day))[0]) for day in (BEFORE, AFTER))
    weeks = slice(start, stop + 1)
    called = result.orders["reason"] < 0
    rejected = result.orders[result.orders["status"] == OrderStatus.REJECTED]
    refused = int((rejected["cause"] != Cause.MARGIN_CALL).sum())
    if refused:
        raise ValueError(f"{refused} orders were refused: the table would compare other books than it says")
    return {
        "gross": float(result.points["gross"][start] / equity[start]),
        "most": float((result.points["gross"] / equity)[weeks].max()),
        "use": float((result.points["maintenance"] / equity)[weeks].max()),
        "calls": len(np.unique(result.orders["born"][called])),
        "low": float(equity[weeks].min() / equity[start] - 1.0),
        "end": float(equity[stop] / equity[start] - 1.0),
    }


def _shock(given: Sequence[str]) -> tuple[Market, FloatArray]:
    prepared = prepare(CONFIG, (*given, f"params.unwind_days={DAYS}", f"params.hedge_window={WINDOW}"))
    return prepared.market, np.ascontiguousarray(prepared.features["shock"])


def _total_return(leg: RoleColumns) -> FloatArray:
    """(T,) simple returns with dividends, NaN first."""
    returns = (leg.close[1:] + leg.dividend[1:]) / leg.close[:-1] - 1.0
    return np.concatenate([[np.nan], returns])


def _yearly(returns: FloatArray) -> str:
    return _percent(float(np.nanstd(returns, ddof=1)) * math.sqrt(252))


def _change(ratio: FloatArray, start: int, stop: int) -> str:
    return _percent(math.expm1(float(ratio[stop] - ratio[start]))) if stop < len(ratio) else ""


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), sys.argv[1:]), encoding="utf-8")
