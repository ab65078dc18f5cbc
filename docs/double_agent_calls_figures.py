# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/double_agent_calls.md on real bars, draws its picture of the sample market.

    python docs/double_agent_calls_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/double_agent_calls_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from double_agent_levels import ANY_LEVEL
from page import CONFIGS, Column, Page, Table, compared, money, run
from picture import BLUE, GREEN, GREY, Episode
from worth import section

from engine.analytics.attribution.agents import agent_paths
from engine.analytics.ledger_paths import fold
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind

SHARES, CALLS, SAMPLE = "double_agent_real", "double_agent_calls_real", "double_agent_calls_sample"
FIRST, LAST = "2017-07-24", "2017-09-08"
FREE = ("options.spread.premium=0", "options.spread.vega=0", "options.spread.least=0")

BULLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
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

    def of_spreads(told: Callable[[list[Spread]], str]) -> Column:
        return lambda result, _: told(held) if (held := list(spreads(result))) else ""

    def options(result: RunRecord, _: object) -> str:
        earned = fold(result).role_pnl[-1, len(result.market.roles) :]
        return money(float(earned.sum())) if any(spreads(result)) else ""

    own: dict[str, Column] = {
        "bull": lambda result, _: money(agent_paths(result, ("bear", "bull"))[1].pnl[-1]),
        "of it options": options,
        "spreads": of_spreads(lambda held: str(len(held))),
        "won": of_spreads(lambda held: str(sum(one.got > one.paid for one in held))),
        "paid in all": of_spreads(lambda held: money(sum(one.paid for one in held))),
    }
    made = ((name, _run(config, (*given, *sets))) for name, config, sets in BULLS)
    return compared(made, ("CAGR", "volatility", "max drawdown", *own), own)


def episodes(given: Sequence[str]) -> Table:
    """The spreads of three sell-offs one by one; got less paid is before commissions."""
    result = _run(CALLS, given)
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


def picture(result: RunRecord) -> str:
    """The spread of the sample's August 2017 as SVG: price and strikes, RSI, what the spread cost and was worth."""
    shown, p = Episode(result, FIRST, LAST), result.params
    rows, close = shown.rows, result.market.small.close
    (held,) = (one for one in spreads(result) if rows.start <= one.opened < rows.stop)
    price = shown.panel("IWM, and the strikes of the two calls", 220, (59.5, 65.5), range(60, 66))
    rsi = shown.panel(f"RSI of {p['rsi_window']:.0f} sessions", 100, (15, 60), (20, 30, 40, 50))
    worth = shown.panel(
        "what the spread is worth at each close, and what it cost; thousands", 130, (0, 40), (0, 10, 20, 30)
    )
    shown.level(price, held.low, f"bought {held.low:g}", GREEN)
    shown.level(price, held.high, f"sold {held.high:g}", GREY)
    shown.level(rsi, p["oversold"], f"oversold {p['oversold']:g}")
    shown.level(rsi, p["bull_done"], f"done {p['bull_done']:g}")
    shown.level(worth, held.paid / 1000, f"paid {held.paid / 1000:.1f}")
    shown.level(worth, held.contracts * 0.1 * (held.high - held.low), "the most", GREY)
    shown.curve(price, close[rows], BLUE)
    shown.curve(rsi, result.features["rsi"][rows], BLUE)
    shown.curve(worth, _value(result, rows) / 1000, GREEN)
    for row, name in ((held.opened, "bull_bounce"), (held.closed, held.reason)):
        shown.mark(row, name, GREEN, dot=(price, float(close[row])))
    return shown.svg("A call spread against a bounce in the synthetic sample market", "A call spread")


def _value(result: RunRecord, rows: slice) -> FloatArray:
    """Marks of both legs together at each close of `rows`, money; NaN while nothing is held."""
    held = fold(result).positions[:, len(result.market.roles) :]
    marks = np.zeros_like(held)
    marks[result.marks["t"], result.marks["slot"]] = result.marks["price"] * result.config.options.multiplier
    return np.where(held.any(axis=1), (held * marks).sum(axis=1), np.nan)[rows]


def _run(config: str, sets: Sequence[str]) -> RunRecord:
    """A run; overrides of series that the configuration does not bind are left out."""
    bound = yaml.safe_load((CONFIGS / f"{config}.yaml").read_text(encoding="utf-8"))["series"]
    return run(config, [one for one in sets if not one.startswith("series.") or one.split(".")[1] in bound])


PAGE = Page[Sequence[str]](
    "strategies/double_agent_calls.md",
    (bulls, episodes, section("double_agent_calls")),
    {"double_agent_calls_episode.svg": lambda _: picture(run(SAMPLE))},
    lambda words: (*ANY_LEVEL, *words),
)

if __name__ == "__main__":
    PAGE.main()
