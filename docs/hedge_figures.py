# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/vix_hedge.md on real bars, writes them into the page, draws its picture.

    python docs/hedge_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/vix_hedge_real.yaml and vix_hedge_fund_real.yaml, such as data.path. The picture is
of the synthetic sample market. Tests compare page and picture with fresh ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from measured import Table, with_tables
from numpy.typing import NDArray

from engine.analytics.analysis import analyse
from engine.analytics.hedge_account import (
    HEDGE_EPISODES,
    HedgeAccount,
    HedgeSum,
    by_episode,
    by_regime,
    hedge_account,
)
from engine.engines.run_record import RunRecord
from engine.indicators import rolling_beta
from engine.runs.backtest import backtest, load_bars, loaded
from strategies.vix_hedge import UNKNOWN, Regime, regime_path

HERE = Path(__file__).resolve().parent
PAGE = HERE / "strategies" / "vix_hedge.md"
PICTURE = HERE / "images" / "hedge_episode.svg"
CONFIGS = HERE.parent / "configs"
CONFIG, FUND, SAMPLE = (CONFIGS / f"vix_hedge_{name}.yaml" for name in ("real", "fund_real", "sample"))

NAMES = {int(one): one.name.lower() for one in Regime}
PARAMS = {
    Regime.CALM: "calm", Regime.CREDIT_CONCERN: "concern", Regime.CREDIT_SUPPORT: "support", Regime.STRESS: "stress",
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
    run = _run(tuple(given))
    path, sums = _path(run), by_regime(_account(run), _path(run), NAMES)
    rows = [["regime", "hedge", "bars", "share", "times entered", "small caps", "hedge", "hedge, dollars"]]
    for one, found in zip(Regime, sums, strict=False):
        ratio = f"{run.params[f'hedge_{PARAMS[one]}']:g}"
        share = f"{100 * found.bars / len(path):.1f} %"
        rows.append([found.name, ratio, f"{found.bars:,}", share, str(len(_entries(path, one))), *_earned(found)])
    whole = _account(run).over("all", np.ones(len(path), np.bool_))
    return [*rows, ["the whole run", "", f"{whole.bars:,}", "", "", *_earned(whole)]]


def episodes(given: Sequence[str]) -> Table:
    """Every named episode."""
    run = _run(tuple(given))
    rows = [["episode", "bars", "small caps", "hedge", "hedge, dollars", "of the loss", "mean hedge", "regimes"]]
    path, sessions = _path(run), run.market.sessions
    hedges = np.array([run.params[f"hedge_{PARAMS[one]}"] for one in Regime])
    for found, one in zip(by_episode(_account(run)), _spans(run), strict=True):
        inside = (sessions >= one[0]) & (sessions <= one[1])
        known = path[np.flatnonzero(inside) - 1]
        seen = [NAMES[code] for code, _ in sorted(_counts(known).items(), key=lambda pair: -pair[1])]
        paid = f"{-100 * found.hedge_rate / found.base_rate:.0f} %" if found.base_rate < 0.0 else ""
        rows.append([found.name, str(found.bars), *_earned(found), paid, f"{hedges[known].mean():.2f}",
                     ", ".join(seen)])  # fmt: skip
    return rows


def forward(given: Sequence[str]) -> Table:
    """IWM and IWM less SPY over the ten sessions after a regime was entered, by the close after."""
    run = _run(tuple(given))
    small, large, path = run.market.small.close, run.market.large.close, _path(run)
    rows = [["entered", "times", "IWM, next 10", "standard error", "worst", "below -5 %", "IWM less SPY",
             "standard error"]]  # fmt: skip
    entered = [[NAMES[one], *_after(small, large, _entries(path, one))] for one in Regime]
    return [*rows, *entered, ["any session", *_after(small, large, np.arange(np.argmax(path != UNKNOWN), len(path)))]]


def halves(given: Sequence[str]) -> Table:
    """What the hedge did in each regime before and after HALF."""
    run = _run(tuple(given))
    account, path, late = _account(run), _path(run), run.market.sessions >= np.datetime64(HALF)
    before = np.append(UNKNOWN, path[:-1])
    rows = [["regime", f"small caps before {HALF}", "hedge", "small caps since", "hedge"]]
    for one in Regime:
        if run.params[f"hedge_{PARAMS[one]}"] > 0.0:
            parts = [account.over("", (before == one) & side) for side in (~late, late)]
            rows.append([NAMES[one], *(_rate(rate) for part in parts for rate in (part.base_rate, part.hedge_rate))])
    return rows


def compared(given: Sequence[str]) -> Table:
    """The hedge against none, against the same amount of it at all times, and one regime at a time."""
    path = _path(_run(tuple(given)))
    ratios = np.array([_run(tuple(given)).params[f"hedge_{PARAMS[one]}"] for one in Regime])
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
    return _table(
        (name, CONFIG, (*given, *(f"params.hedge_{key}={value}" for key, value in sets.items())))
        for name, sets in choices
    )


def settings(given: Sequence[str]) -> Table:
    """Other thresholds and stays, and how often the regime then changes."""
    rows = [["", "CAGR", "volatility", "max drawdown", "worst 15 sessions", "changes of regime a year", "24 July 2007"]]
    for name, sets in SETTINGS:
        run = _run((*given, *sets))
        values, path = dict(analyse(run).metrics.values), _path(run)
        changes = np.count_nonzero(np.diff(path[path != UNKNOWN])) / (np.count_nonzero(path != UNKNOWN) / 252)
        day = int(np.searchsorted(run.market.sessions, np.datetime64("2007-07-24")))
        falls = [f"{100 * values[key]:.1f} %" for key in ("volatility", "max_drawdown", "worst_15_sessions")]
        was, found = (NAMES[int(path[row])] for row in (day - 1, day))
        seen = f"{found}, after {was}" if found != was else f"still {was}"
        rows.append([name, f"{100 * values['cagr']:.2f} %", *falls, f"{changes:.1f}", seen])
    return rows


def funds(given: Sequence[str]) -> Table:
    """The same hedge netted and with each inverse fund, over the years that have bars of all three."""
    both = (*given, *FUNDS_FROM)
    none = tuple(f"params.hedge_{name}=0" for name in PARAMS.values())
    bought = (
        (f"{symbol}, {factor}x", FUND, (*both, f"roles.inverse={symbol}", f"params.factor={factor}"))
        for symbol, factor in FUNDS
    )
    return _table((("no hedge", CONFIG, (*both, *none)), ("sold IWM, net", CONFIG, both), *bought))


def betas(given: Sequence[str]) -> Table:
    """Beta of each fund to IWM, and the daily risk of IWM hedged by the fund's factor and by that beta."""
    rows = [["", "beta, all days", "of 120 bars, 5 % to 95 %", "IWM, a day", "hedged by the factor", "by the beta"]]
    for symbol, factor in FUNDS:
        market, _, _ = load_bars(loaded(FUND, (*given, f"roles.inverse={symbol}")))
        small, fund = (np.diff(leg.close) / leg.close[:-1] for leg in (market.small, market.inverse))
        rolling = rolling_beta(fund, small, BETA_BARS)
        low, high = np.nanpercentile(rolling, [5, 95])
        whole = rolling_beta(fund, small, len(fund))[-1]
        known = np.append(np.nan, rolling[:-1])
        days = np.isfinite(known)
        risks = [(small + fund * part)[days].std(ddof=1) for part in (0.0, 1.0 / factor, -1.0 / known)]
        rows.append([symbol, f"{whole:.3f}", f"{low:.2f} to {high:.2f}", *(f"{100 * risk:.3f} %" for risk in risks)])
    return rows


SECTIONS: dict[str, Callable[[Sequence[str]], Table]] = {
    one.__name__: one for one in (regimes, episodes, forward, halves, compared, settings, funds, betas)
}


def worked(result: RunRecord) -> Table:
    """Every order of the two worked episodes of the sample market, as it was decided."""
    market, f, orders, path = result.market, result.features, result.orders, _path(result)
    rows = [["decided", "regime", "reason", "times SPY", "IWM/SPY", "IWM", "VIX", "rank", "correlation", "IWM/VIX",
             "shares"]]  # fmt: skip
    for first, last in WORKED:
        start, stop = np.searchsorted(market.sessions, [np.datetime64(first), np.datetime64(last)])
        for one in orders[(orders["born"] >= start) & (orders["born"] <= stop)]:
            row = int(one["born"])
            names = ("times", "relative", "small_move", "vix_move", "vix_rank", "correlation", "ratio_z")
            rows.append([str(market.sessions[row]), NAMES[int(path[row])], result.reasons[int(one["reason"])][0],
                         *(f"{f[name][row]:.2f}" for name in names), f"{one['asked']:+,.0f}"])  # fmt: skip
    return rows


def written(text: str, given: Sequence[str] = ()) -> str:
    """The page's text with every measured table in place."""
    return with_tables(text, SECTIONS, given)


def picture(result: RunRecord) -> str:
    """The quant deleveraging of the sample market as SVG: the two ETFs, VIX and RVX, the multiple, the position."""
    from make_pictures import BLUE, FONT, GREEN, GREY, LEFT, RED, RIGHT, WIDTH, Panel, months, text

    market, p, path = result.market, result.params, _path(result)
    start, stop = np.searchsorted(market.sessions, [np.datetime64(FIRST), np.datetime64(LAST)])
    rows = slice(int(start), int(stop) + 1)
    x = np.linspace(LEFT, RIGHT, rows.stop - rows.start)
    small, large = (100 * leg.close[rows] / leg.close[rows][0] for leg in (market.small, market.large))
    held = (result.points["net"] / result.points["equity"])[rows]
    price, fear = Panel("IWM (blue) and SPY (grey), first close = 100", 78, 190, 84, 108), Panel(
        "VIX (blue) and RVX (grey)", 312, 100, 10, 28)  # fmt: skip
    times, move = Panel("IWM's fall of 10 sessions as a multiple of SPY's", 456, 110, -4, 4), Panel(
        "move of IWM/SPY over 10 sessions (blue) and of the VIX (grey), sigma", 610, 110, -3, 3)  # fmt: skip
    book = Panel("IWM held, times equity, at the close", 764, 80, 0.0, 1.2)
    panels = (price, fear, times, move, book)
    parts = [
        *months(market.sessions[rows], x, panels),
        *price.frame([(value, f"{value}") for value in (85, 90, 95, 100, 105)]),
        *fear.frame([(value, f"{value}") for value in (12, 16, 20, 24)]),
        *times.frame([(value, f"{value}") for value in (-4, -2, 0, 2, 4)]),
        *move.frame([(value, f"{value}") for value in (-2, 0, 2)]),
        *book.frame([(value, f"{value:g}x") for value in (0, 0.5, 1)]),
        *times.level(p["radar_times"], f"opens {p['radar_times']:g}"),
        *move.level(p["radar_fall"], f"opens {p['radar_fall']:g}"),
        *move.level(p["radar_fall_out"], f"ends {p['radar_fall_out']:g}", GREEN),
        *move.level(p["radar_calm"], f"quiet {p['radar_calm']:g}", GREY),
        price.curve(x, large, GREY), price.curve(x, small, BLUE),
        fear.curve(x, market.rvx[rows], GREY), fear.curve(x, market.vix[rows], BLUE),
        times.curve(x, np.clip(result.features["times"][rows], -4, 4), BLUE),
        move.curve(x, np.clip(result.features["vix_move"][rows], -3, 3), GREY),
        move.curve(x, np.clip(result.features["relative"][rows], -3, 3), BLUE),
        book.curve(x, held, BLUE),
    ]  # fmt: skip
    for row in np.flatnonzero(np.diff(path[: rows.stop], prepend=UNKNOWN) != 0):
        if row > rows.start:
            at, name = x[row - rows.start], NAMES[int(path[row])]
            colour = GREEN if name == "calm" else RED
            parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="78" y2="844" stroke="{colour}" stroke-opacity="0.4"/>')
            parts.append(text(at + 5, 92, name.replace("_", " "), colour=colour))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 880" role="img" font-family="{FONT}">',
        "<title>A fall under the radar in the synthetic sample market</title>",
        f'<rect width="{WIDTH}" height="880" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, f"Under the radar, drawn from a run on the {market.label}: not history", weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


@cache
def _run(sets: tuple[str, ...]) -> RunRecord:
    return backtest(CONFIG, sets)


def _path(run: RunRecord) -> NDArray[np.int64]:
    return regime_path(run.features, run.params)


def _account(run: RunRecord) -> HedgeAccount:
    return hedge_account(run, run.params["base"])


def _entries(path: NDArray[np.int64], regime: int) -> NDArray[np.intp]:
    """Rows at whose close the regime was entered."""
    before = np.append(UNKNOWN, path[:-1])
    return np.flatnonzero((path == regime) & (before != regime))


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
    return [f"{len(starts):,}", _rate(own.mean()), _rate(errors[0]), _rate(own.min()), deep, _rate(over.mean()),
            _rate(errors[1])]  # fmt: skip


def _table(runs: Iterable[tuple[str, Path, tuple[str, ...]]]) -> Table:
    rows = [["", "CAGR", "volatility", "max drawdown", "worst 15 sessions", "costs a year", "fills"]]
    for name, config, sets in runs:
        values = dict(analyse(backtest(config, sets)).metrics.values)
        falls = [f"{100 * values[key]:.1f} %" for key in ("volatility", "max_drawdown", "worst_15_sessions")]
        costs = f"{100 * values['total_costs_rate']:.2f} %"
        rows.append([name, f"{100 * values['cagr']:.2f} %", *falls, costs, f"{values['fills']:.0f}"])
    return rows


def _earned(found: HedgeSum) -> list[str]:
    return [_rate(found.base_rate), _rate(found.hedge_rate), f"{found.hedge:,.0f}"]


def _rate(value: float) -> str:
    return f"{100 * value:.1f} %" if abs(value) >= 0.1 else f"{100 * value:.2f} %"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), sys.argv[1:]), encoding="utf-8")
    PICTURE.write_text(picture(backtest(SAMPLE)), encoding="utf-8")
