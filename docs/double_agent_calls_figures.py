# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/double_agent_calls.md on real bars, writes them there, draws its picture.

    python docs/double_agent_calls_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/double_agent_calls_real.yaml, such as data.path. The picture is of the synthetic
sample market. Tests compare page and picture with fresh ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from measured import Table, with_tables

from engine.analytics.agents import agent_paths
from engine.analytics.analysis import analyse
from engine.analytics.ledger_paths import fold
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest

HERE = Path(__file__).resolve().parent
PAGE = HERE / "strategies" / "double_agent_calls.md"
PICTURE = HERE / "images" / "double_agent_calls_episode.svg"
CONFIGS = HERE.parent / "configs"
SHARES, CALLS, SAMPLE = (CONFIGS / f"double_agent_{name}.yaml" for name in ("real", "calls_real", "calls_sample"))
FIRST, LAST = "2017-07-24", "2017-09-08"
FREE = ("options.spread.premium=0", "options.spread.vega=0", "options.spread.least=0")

BULLS: tuple[tuple[str, Path, tuple[str, ...]], ...] = (
    ("no counter-trend long", CALLS, ("params.bull_size=0",)),
    ("in shares, 0.15 of equity", SHARES, ()),
    ("call spreads as shipped, premium of 0.01", CALLS, ()),
    ("premium of 0.02", CALLS, ("params.bull_size=0.02",)),
    ("width of 0.1", CALLS, ("params.width=0.1",)),
    ("the bought call alone, but for a strike twice the close", CALLS, ("params.width=1",)),
    ("bought call 3 % above the close", CALLS, ("params.strike=0.03",)),
    ("60 days at least", CALLS, ("params.days=60",)),
    ("held to the expiry", CALLS, ("params.bull_hold=250", "params.bull_done=100")),
    ("volatility: the VIX as it is", CALLS, ("options.scale=1",)),
    ("volatility: 1.5 times the VIX", CALLS, ("options.scale=1.5",)),
    ("no bid-ask spread", CALLS, FREE),
)
SELL_OFFS = (("2008-01-01", "2009-03-31"), ("2018-10-01", "2019-01-31"), ("2020-02-01", "2020-04-30"))


@dataclass(frozen=True, slots=True)
class Spread:
    """One call spread from decision to decision. paid and got are cash; rows are those of the decisions."""

    opened: int
    closed: int
    low: float
    high: float
    expiry: str
    contracts: int
    paid: float
    got: float
    reason: str


def spreads(result: RunRecord) -> Iterator[Spread]:
    """Every spread of a run that is over, in time: option orders by the bar that decided them, two by two."""
    options = np.isin(result.ledger["kind"], [EntryKind.OPTION_FILL, EntryKind.OPTION_EXPIRY])
    born = dict(zip(result.orders["id"].tolist(), result.orders["born"].tolist(), strict=True))
    legs: list[Any] = []
    for place in np.flatnonzero(options):
        legs.append((int(place), result.ledger[place]))
        if len(legs) == 4:
            yield _spread(result, legs, born)
            legs = []


def _spread(result: RunRecord, legs: list[Any], born: dict[int, int]) -> Spread:
    low, high = sorted({result.entry_contracts[place].strike for place, _ in legs})
    (first, opening), *_, (_, last) = legs
    expired = last["kind"] == EntryKind.OPTION_EXPIRY
    return Spread(
        opened=born[int(opening["order"])],
        closed=int(last["t"]) if expired else born[int(last["order"])],
        low=low,
        high=high,
        expiry=str(np.datetime64(result.entry_contracts[first].expiry, "D")),
        contracts=int(opening["qty"]),
        paid=-sum(float(entry["amount"]) for _, entry in legs[:2]),
        got=sum(float(entry["amount"]) for _, entry in legs[2:]),
        reason="expiry" if expired else result.reasons[int(last["reason"])][0],
    )


def bulls(given: Sequence[str]) -> Table:
    """The counter-trend long in shares, in call spreads and not at all; the reversals are shares in all of them."""
    table = [["", "CAGR", "volatility", "max drawdown", "bull", "of it options", "spreads", "won", "paid in all"]]
    for name, config, sets in BULLS:
        result = _measured(config, (*given, *sets))
        values: dict[str, Any] = dict(analyse(result).metrics.values)
        _, bull, _ = agent_paths(result, ("bear", "bull"))
        options = float(fold(result).role_pnl[-1, len(result.market.roles) :].sum())
        held = list(spreads(result))
        won = f"{sum(one.got > one.paid for one in held)}" if held else ""
        table.append([
            name, f"{100 * values['cagr']:.2f} %", f"{100 * values['volatility']:.1f} %",
            f"{100 * values['max_drawdown']:.1f} %", f"{bull.pnl[-1]:,.0f}", f"{options:,.0f}" if held else "",
            str(len(held) or ""), won, f"{sum(one.paid for one in held):,.0f}" if held else "",
        ])  # fmt: skip
    return table


def episodes(given: Sequence[str]) -> Table:
    """The spreads of three sell-offs one by one; got less paid is before commissions."""
    result = _measured(CALLS, tuple(given))
    sessions, small = result.market.sessions, result.market.small
    table = [["decided", "close", "RSI", "calls", "spreads", "paid", "closed", "why", "close", "got", "IWM"]]
    for one in spreads(result):
        day = str(sessions[one.opened])
        if not any(first <= day <= last for first, last in SELL_OFFS):
            continue
        move = small.open[min(one.closed + 1, len(sessions) - 1)] / small.open[one.opened + 1] - 1.0
        table.append([
            day, f"{small.close[one.opened]:.2f}", f"{result.features['rsi'][one.opened]:.1f}",
            f"{one.low:g} / {one.high:g}, {one.expiry}", str(one.contracts), f"{one.paid:,.0f}",
            str(sessions[one.closed]), one.reason, f"{small.close[one.closed]:.2f}", f"{one.got:,.0f}",
            f"{100 * move:+.1f} %",
        ])  # fmt: skip
    return table


SECTIONS: dict[str, Callable[[Sequence[str]], Table]] = {section.__name__: section for section in (bulls, episodes)}


def written(text: str, given: Sequence[str] = ()) -> str:
    """The page's text with every measured table in place."""
    return with_tables(text, SECTIONS, given)


def picture(result: RunRecord) -> str:
    """The spread of the sample's August 2017 as SVG: price and strikes, RSI, what the spread cost and was worth."""
    from make_pictures import BLUE, FONT, GREEN, GREY, LEFT, RED, RIGHT, WIDTH, Panel, months, text

    market, p, rsi_now = result.market, result.params, result.features["rsi"]
    start, stop = np.searchsorted(market.sessions, [np.datetime64(FIRST), np.datetime64(LAST)])
    rows = slice(int(start), int(stop) + 1)
    (held,) = (one for one in spreads(result) if rows.start <= one.opened < rows.stop)
    x = np.linspace(LEFT, RIGHT, rows.stop - rows.start)
    close = market.small.close
    price, rsi, worth = (
        Panel("IWM, and the strikes of the two calls", 78, 220, 59.5, 65.5),
        Panel(f"RSI of {p['rsi_window']:.0f} sessions", 342, 100, 15, 60),
        Panel("what the spread is worth at each close, and what it cost; thousands", 486, 130, 0, 40),
    )
    panels = (price, rsi, worth)
    value = _value(result, rows)
    inside = ~np.isnan(value)
    parts = [
        *months(market.sessions[rows], x, panels),
        *price.frame([(tick, f"{tick}") for tick in range(60, 66)]),
        *rsi.frame([(tick, f"{tick}") for tick in (20, 30, 40, 50)]),
        *worth.frame([(tick, f"{tick}") for tick in (0, 10, 20, 30)]),
        *price.level(held.low, f"bought {held.low:g}", GREEN), *price.level(held.high, f"sold {held.high:g}", GREY),
        *rsi.level(p["oversold"], f"oversold {p['oversold']:g}"),
        *rsi.level(p["bull_done"], f"done {p['bull_done']:g}"),
        *worth.level(held.paid / 1000, f"paid {held.paid / 1000:.1f}", RED),
        *worth.level(held.contracts * 0.1 * (held.high - held.low), "the most", GREY),
        price.curve(x, close[rows], BLUE), rsi.curve(x, rsi_now[rows], BLUE),
        worth.curve(x[inside], value[inside] / 1000, GREEN),
    ]  # fmt: skip
    for row, name, y in ((held.opened, "bull_bounce", 92), (held.closed, held.reason, 92)):
        at = x[row - rows.start]
        parts += [
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="78" y2="616" stroke="{GREEN}" stroke-opacity="0.4"/>',
            f'<circle cx="{at:.1f}" cy="{price.y(float(close[row])):.1f}" r="5" fill="{GREEN}" stroke="#ffffff"/>',
            text(at + 5, y, name, colour=GREEN),
        ]
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 650" role="img" font-family="{FONT}">',
        "<title>A call spread against a bounce in the synthetic sample market</title>",
        f'<rect width="{WIDTH}" height="650" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, f"A call spread, drawn from a run on the {market.label}: not history", weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


def _value(result: RunRecord, rows: slice) -> FloatArray:
    """Marks of both legs together at each close of `rows`, money; NaN while nothing is held."""
    held = fold(result).positions[:, len(result.market.roles) :]
    marks = np.zeros_like(held)
    marks[result.marks["t"], result.marks["slot"]] = result.marks["price"] * result.config.options.multiplier
    return np.where(held.any(axis=1), (held * marks).sum(axis=1), np.nan)[rows]


@cache
def _measured(config: Path, sets: tuple[str, ...]) -> RunRecord:
    """A run; overrides of series that the configuration does not bind are left out."""
    bound = yaml.safe_load(config.read_text(encoding="utf-8"))["series"]
    fitting = [one for one in sets if not one.startswith("series.") or one.split(".")[1] in bound]
    return backtest(config, fitting)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), sys.argv[1:]), encoding="utf-8")
    PICTURE.write_text(picture(backtest(SAMPLE)), encoding="utf-8")
