# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/fund_replica.md on real bars, writes them into the page, draws its picture.

    python docs/replica_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/fund_replica_real.yaml, such as data.path. The picture is of the synthetic sample
market. Tests compare page and picture with fresh ones.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from measured import Table, with_tables
from numpy.typing import NDArray

from engine.analytics.alpha_share import AlphaShare, alpha_share, published_months
from engine.analytics.analysis import analyse
from engine.config.loader import load_config
from engine.engines.run_record import RunRecord
from engine.indicators import deleveraging, relative_fall, shock
from engine.market.build import load_market
from engine.market.panel import Market
from engine.runs.backtest import backtest, prepare
from strategies.fund_replica import FundReplica

HERE = Path(__file__).resolve().parent
PAGE = HERE / "strategies" / "fund_replica.md"
PICTURE = HERE / "images" / "replica_episode.svg"
CONFIGS = HERE.parent / "configs"
CONFIG, SAMPLE, PAIR = (
    CONFIGS / f"{name}.yaml" for name in ("fund_replica_real", "fund_replica_sample", "spread_real")
)

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
    file = load_config(CONFIG, list(given)).config.series["fund"].path or ""
    path = Path(file) if Path(file).is_absolute() else CONFIGS / file
    with path.open(encoding="utf-8") as lines:
        columns = next(csv.reader(lines))[1:]
    rows = [["index", "correlation", "fund", "replica", "alpha", "alpha share", "of the whole return"]]
    for column in columns:
        found = _measured((*given, f'series.fund.column="{column}"'))
        returns = [f"{100 * found.fund:.1f} %", f"{100 * found.replica:.1f} %"]
        rows.append([column, f"{found.correlation:.2f}", *returns, *_alpha(found)])
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
    rows = [["", "CAGR", "volatility", "max drawdown", "worst 15 sessions", "costs a year", "fills"]]
    choices = (("replica", ()), ("cut to half when the detector fires", CUT), ("sold", ("params.cut_to=0",)))
    for name, sets in choices:
        values = dict(analyse(backtest(CONFIG, (*given, *sets))).metrics.values)
        falls = [f"{100 * values[key]:.1f} %" for key in ("volatility", "max_drawdown", "worst_15_sessions")]
        costs = f"{100 * values['total_costs_rate']:.2f} %"
        rows.append([name, f"{100 * values['cagr']:.2f} %", *falls, costs, f"{values['fills']:.0f}"])
    return rows


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
        rows.append([name, *(f"{100 * value:.2f} %" for value in (chosen.mean(), error, values.mean()))])
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


SECTIONS: dict[str, Callable[[Sequence[str]], Table]] = {
    one.__name__: one for one in (indices, settings, periods, traded, firings, followed, detectors)
}


def written(text: str, given: Sequence[str] = ()) -> str:
    """The page's text with every measured table in place."""
    return with_tables(text, SECTIONS, given)


def picture(result: RunRecord) -> str:
    """The quant deleveraging of the sample market as SVG: the two ETFs, VIX and RVX, the multiple, gross exposure."""
    from make_pictures import BLUE, FONT, GREEN, GREY, LEFT, RED, RIGHT, WIDTH, Panel, months, text

    market, p = result.market, result.params
    start, stop = np.searchsorted(market.sessions, [np.datetime64(FIRST), np.datetime64(LAST)])
    rows = slice(int(start), int(stop) + 1)
    x = np.linspace(LEFT, RIGHT, rows.stop - rows.start)
    small, large = (100 * leg.close[rows] / leg.close[rows][0] for leg in (market.small, market.large))
    fall = relative_fall(market.small.close, market.large.close, p["fall_days"], p["fall_window"], p["fall_floor"])
    gross = (result.points["gross"] / result.points["equity"])[rows]
    price, fear = Panel("IWM (blue) and SPY (grey), first close = 100", 78, 200, 86, 108), Panel(
        "VIX (blue) and RVX (grey)", 322, 110, 10, 28)  # fmt: skip
    times, held = Panel("IWM's fall of 10 sessions as a multiple of SPY's", 476, 130, -4, 4), Panel(
        "gross exposure, times equity, at the close", 650, 80, 0.0, 0.8)  # fmt: skip
    panels = (price, fear, times, held)
    parts = [
        *months(market.sessions[rows], x, panels),
        *price.frame([(value, f"{value}") for value in (90, 95, 100, 105)]),
        *fear.frame([(value, f"{value}") for value in (12, 16, 20, 24)]),
        *times.frame([(value, f"{value}") for value in (-4, -2, 0, 2, 4)]),
        *held.frame([(value, f"{value:g}x") for value in (0, 0.4, 0.8)]),
        *times.level(p["fall_times"], f"fires {p['fall_times']:g}"),
        price.curve(x, large, GREY), price.curve(x, small, BLUE),
        fear.curve(x, market.rvx[rows], GREY), fear.curve(x, market.vix[rows], BLUE),
        times.curve(x, np.clip(fall[rows], -4, 4), BLUE), held.curve(x, gross, BLUE),
    ]  # fmt: skip
    parts += [
        f'<circle cx="{x[row]:.1f}" cy="{price.y(small[row]):.1f}" r="5" fill="{RED}" stroke="#ffffff"/>'
        for row in np.flatnonzero(result.features["deleveraging"][rows] == 1.0)
    ]
    for born, name in _decisions(result, rows):
        at, colour = x[born - rows.start], GREEN if name == "restore" else RED
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="78" y2="730" stroke="{colour}" stroke-opacity="0.4"/>')
        parts.append(text(at + 5, 92, name, colour=colour))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 764" role="img" font-family="{FONT}">',
        "<title>A deleveraging in the synthetic sample market</title>",
        f'<rect width="{WIDTH}" height="764" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, f"A deleveraging, drawn from a run on the {market.label}: not history", weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


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
    config = load_config(CONFIG, list(given)).config
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
    return f"{100 * (closes[stop] / closes[start] - 1.0):.1f} %" if stop < len(closes) else ""


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), sys.argv[1:]), encoding="utf-8")
    PICTURE.write_text(picture(backtest(SAMPLE, CUT)), encoding="utf-8")
