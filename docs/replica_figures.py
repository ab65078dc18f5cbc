# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/fund_replica.md on real bars, draws its picture of the sample market.

    python docs/replica_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/fund_replica_real.yaml, such as data.path.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from page import CONFIGS, Page, Table, compared, percent, run, runs
from picture import BLUE, GREEN, GREY, RED, Episode
from replica_claim import claim, five
from worth import section

from engine.analytics.attribution.alpha_share import AlphaShare, alpha_share, published_months
from engine.config.loader import load_config
from engine.engines.run_record import RunRecord
from engine.indicators import deleveraging, relative_fall, shock
from engine.market.build import load_market
from engine.market.panel import Market
from engine.runs.backtest import prepare
from strategies.fund_replica import FundReplica

CONFIG = CONFIGS / "fund_replica_real.yaml"

THREE = ("params.use_small=false", "params.use_large=false")
SETTINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("as shipped", ()),
    ("IWN, IWF, EEM alone, as in the claim", THREE),
    ("IWM, SPY, EEM alone", ("params.use_small_value=false", "params.use_large_growth=false")),
    ("window of 24 months", ("params.window=24",)),
    ("window of 60 months", ("params.window=60",)),
    ("next to no ridge, 0.0001", ("params.ridge=0.0001",)),
    ("ridge 0.1", ("params.ridge=0.1",)),
    ("ridge 0.5", ("params.ridge=0.5",)),
    ("gross cap 0.5", ("params.gross_cap=0.5",)),
)
PERIODS = (("2006", "2009"), ("2010", "2013"), ("2014", "2018"))
WINDOWS = (("July 2007", "2007-07-09", "2007-08-31"), ("August 2011", "2011-07-11", "2011-08-31"),
           ("February 2020", "2020-02-03", "2020-03-31"))  # fmt: skip
LOUD = 2.0
SAME_EPISODE, AFTER = 21, 10
FIRST, LAST = "2006-01-03", "2006-04-13"
CUT = ("params.cut_to=0.5",)


def indices(given: Sequence[str]) -> Table:
    """Every index of the file: out-of-sample correlation, returns above bills, alpha and its share."""
    file = load_config(CONFIG, given).config.series["fund"].path or ""
    path = Path(file) if Path(file).is_absolute() else CONFIGS / file
    with path.open(encoding="utf-8") as lines:
        columns = next(csv.reader(lines))[1:]
    rows = [["index", "correlation", "fund", "replica", "alpha", "alpha share", "of the whole return"]]
    for column in columns:
        found = _measured((*given, f'series.fund.column="{column}"'))
        rows.append([column, f"{found.correlation:.2f}", percent(found.fund), percent(found.replica), *_alpha(found)])
    return rows


def settings(given: Sequence[str]) -> Table:
    """Long/Short Equity with other factors, windows, ridges and caps."""
    rows = [["", "months", "correlation", "alpha", "alpha share", "of the whole return"]]
    for name, sets in SETTINGS:
        found = _measured((*given, *sets))
        rows.append([name, str(found.months), f"{found.correlation:.2f}", *_alpha(found)])
    return rows


def periods(given: Sequence[str]) -> Table:
    """Long/Short Equity by years: mean weights, and the alpha share of the months published in them."""
    prepared = prepare(CONFIG, tuple(given))
    features, years = prepared.features, prepared.market.sessions.astype("M8[Y]").astype(str)
    rows = [["published", *(prepared.market.symbols[role] for role in FundReplica.roles), "correlation", "alpha",
             "alpha share", "of the whole return"]]  # fmt: skip
    for first, last in PERIODS:
        chosen = features[(years >= first) & (years <= last)]
        news = chosen[(chosen["published"] == 1.0) & np.isfinite(chosen["w_large"])]
        found = alpha_share(*published_months(chosen))
        weights = [f"{news[f'w_{role}'].mean():.2f}" for role in FundReplica.roles]
        rows.append([f"{first} to {last}", *weights, f"{found.correlation:.2f}", *_alpha(found)])
    return rows


def traded(given: Sequence[str]) -> Table:
    """The traded replica, with and without the detector's cut."""
    choices = (("replica", ()), ("cut to half when the detector fires", CUT), ("sold", ("params.cut_to=0",)))
    titles = ("CAGR", "volatility", "max drawdown", "worst 15 sessions", "costs a year", "fills")
    return compared(runs("fund_replica_real", given, choices), titles)


def firings(given: Sequence[str]) -> Table:
    """Every firing of the detector on IWM, SPY and VIX; those within SAME_EPISODE sessions of another are one row."""
    market = _pair(tuple(given))
    small, large, sessions = market.small.close, market.large.close, market.sessions
    rows = [["first", "last", "bars", "IWM, 10 sessions", "SPY", "VIX then and now", "IWM, next 10", "SPY"]]
    for one in _episodes(_fired(market)):
        start, entry, end = one[0], one[0] + 1, one[0] + 1 + AFTER
        before = [_move(closes, start - 10, start) for closes in (small, large)]
        after = [_move(closes, entry, end) for closes in (small, large)]
        fear = f"{market.vix[start - 10]:.1f}, {market.vix[start]:.1f}"
        rows.append([str(sessions[start]), str(sessions[one[-1]]), str(len(one)), *before, fear, *after])
    return rows


def followed(given: Sequence[str]) -> Table:
    """Mean returns of the ten sessions from the close after an episode's first firing, against all ten sessions."""
    market = _pair(tuple(given))
    small, large = market.small.close, market.large.close
    ends = np.array([one[0] + 1 + AFTER for one in _episodes(_fired(market))])
    ends = ends[ends < len(small)]
    rows = [["next 10 sessions", "after a firing", "standard error", "all sessions"]]
    for name, values in (
        ("IWM", small[AFTER:] / small[:-AFTER] - 1.0),
        ("IWM less SPY", small[AFTER:] / small[:-AFTER] - large[AFTER:] / large[:-AFTER]),
    ):
        chosen = values[ends - AFTER]
        error = chosen.std(ddof=1) / np.sqrt(len(chosen))
        rows.append([name, *(percent(value, 2) for value in (chosen.mean(), error, values.mean()))])
    return rows


def detectors(given: Sequence[str]) -> Table:
    """The first day of the detector and of a rise of the VIX by LOUD sigmas, and IWM's fall from there to its low."""
    market = _pair(tuple(given))
    small, sessions = market.small.close, market.sessions
    fired, loud = _fired(market), shock(market.vix, 10, 252) >= LOUD
    rows = [["", "detector fires", "IWM from there to the low", "VIX up 2 sigma", "IWM from there to the low"]]
    for name, first, last in WINDOWS:
        start, stop = np.searchsorted(sessions, [np.datetime64(first), np.datetime64(last)])
        low = start + int(np.argmin(small[start : stop + 1]))
        cells = [name]
        for signal in (fired, loud):
            days = start + np.flatnonzero(signal[start : low + 1])
            cells += [str(sessions[days[0]]), _move(small, days[0], low)] if len(days) else ["does not", ""]
        rows.append(cells)
    return rows


def picture(result: RunRecord) -> str:
    """The quant deleveraging of the sample market as SVG: the two ETFs, VIX and RVX, the multiple, gross exposure."""
    shown, market, p = Episode(result, FIRST, LAST), result.market, result.params
    rows = shown.rows
    small, large = (100 * leg.close[rows] / leg.close[rows][0] for leg in (market.small, market.large))
    fall = relative_fall(market.small.close, market.large.close, p["fall_days"], p["fall_window"], p["fall_floor"])
    gross = (result.gross / result.points["equity"])[rows]
    price = shown.panel("IWM (blue) and SPY (grey), first close = 100", 200, (86, 108), (90, 95, 100, 105))
    fear = shown.panel("VIX (blue) and RVX (grey)", 110, (10, 28), (12, 16, 20, 24))
    times = shown.panel("IWM's fall of 10 sessions as a multiple of SPY's", 130, (-4, 4), (-4, -2, 0, 2, 4))
    held = shown.panel("gross exposure, times equity, at the close", 80, (0.0, 0.8), (0, 0.4, 0.8), "{:g}x")
    shown.level(times, p["fall_times"], f"fires {p['fall_times']:g}")
    for panel, values, colour in (
        (price, large, GREY), (price, small, BLUE), (fear, market.rvx[rows], GREY), (fear, market.vix[rows], BLUE),
        (times, np.clip(fall[rows], -4, 4), BLUE), (held, gross, BLUE),
    ):  # fmt: skip
        shown.curve(panel, values, colour)
    for row in np.flatnonzero(result.features["deleveraging"][rows] == 1.0):
        shown.marks.append(price.dot(shown.x[row], small[row], RED))
    for born, name in _decisions(result, rows):
        shown.mark(born, name, GREEN if name == "restore" else RED)
    return shown.svg("A deleveraging in the synthetic sample market", "A deleveraging")


def _decisions(result: RunRecord, rows: slice) -> list[tuple[int, str]]:
    """(row, reason) of the decisions to cut and to restore within `rows`."""
    named = {
        (int(order["born"]), result.reasons[int(order["reason"])][0])
        for order in result.orders
        if rows.start <= order["born"] < rows.stop
    }
    return sorted(one for one in named if one[1] in {"deleveraging", "restore"})


@cache
def _measured(sets: tuple[str, ...]) -> AlphaShare:
    return alpha_share(*published_months(prepare(CONFIG, sets).features))


@cache
def _pair(given: tuple[str, ...]) -> Market:
    """IWM, SPY and the VIX on their common span, wherever the replica's bars are."""
    config = load_config(CONFIG, given).config
    pair = config.model_copy(
        update={"roles": {"small": "IWM", "large": "SPY"}, "series": {"vix": config.series["vix"]}}
    )
    return load_market(pair, ("vix",), (), CONFIGS)


def _fired(market: Market) -> NDArray[np.bool_]:
    return deleveraging(market.small.close, market.large.close, market.vix) == 1.0


def _episodes(fired: NDArray[np.bool_]) -> list[list[int]]:
    """Rows of the firings, grouped."""
    groups: list[list[int]] = []
    for row in np.flatnonzero(fired).tolist():
        if groups and row - groups[-1][-1] <= SAME_EPISODE:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _alpha(found: AlphaShare) -> list[str]:
    return [
        f"{100 * found.alpha:.1f} ± {100 * found.alpha_error:.1f} %",
        f"{found.share:.2f} ± {found.share_error:.2f}",
        f"{found.of_total:.2f} ± {found.of_total_error:.2f}",
    ]


def _move(closes: NDArray[np.float64], start: int, stop: int) -> str:
    return percent(closes[stop] / closes[start] - 1.0) if stop < len(closes) else ""


PAGE = Page[Sequence[str]](
    "strategies/fund_replica.md",
    (indices, claim, five, settings, periods, traded, firings, followed, detectors, section("fund_replica")),
    {"replica_episode.svg": lambda _: picture(run("fund_replica_sample", CUT))},
)

if __name__ == "__main__":
    PAGE.main()
