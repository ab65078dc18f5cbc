# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/strategies/double_agent.md on real bars, draws its picture of the sample market.

    python docs/double_agent_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of configs/double_agent_real.yaml, such as data.path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace

import numpy as np
from double_agent_levels import ANY_LEVEL, CONFIG, FRESH, april, levels
from double_agent_validators import asked, heard, synthetic
from numpy.typing import NDArray
from page import CONFIGS, Column, Page, Table, compared, money, percent, run, runs
from picture import BLUE, GREEN, GREY, RED, Episode
from worth import section

from engine.analytics.attribution.agents import AgentPath, agent_paths
from engine.arrays import FloatArray
from engine.config.loader import load_config
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import Prepared
from engine.inputs.prepared import prepare as prepare_run
from engine.kernel.codes import OrderKind
from engine.market.panel import Market
from engine.runs.backtest import load_bars, prepare
from strategies.agents.bear import Bear, is_breached
from strategies.agents.orders import Reason

FUND = "double_agent_fund_real"
REAL = CONFIGS / f"{CONFIG}.yaml"
SEEN = ("support", "strength", "since_below", "crossings", "cross", "slow", "atr", "score")
AGENTS = ("bear", "bull")
FIRST, LAST = "2017-05-15", "2017-09-15"

NO_BOUNCE, NO_REVERSAL = ("params.bull_size=0",), ("params.reversal_size=0",)
Choices = tuple[tuple[str, tuple[str, ...]], ...]
TIERS: Choices = (
    ("as shipped: a half, a quarter, a quarter", ()),
    ("all at once", ("params.tier_1=1", "params.tier_2=0", "params.tier_3=0")),
    ("the first tier alone", ("params.tier_2=0", "params.tier_3=0")),
    ("nothing on the breach, halves on rebounds", ("params.tier_1=0", "params.tier_2=0.5", "params.tier_3=0.5")),
)
OVERLAY: Choices = (
    ("as shipped", ()),
    ("no counter-trend long", NO_BOUNCE),
    ("no long after a level won back", NO_REVERSAL),
    ("neither: the bear alone", (*NO_BOUNCE, *NO_REVERSAL)),
    ("counter-trend long of 0.3", ("params.bull_size=0.3",)),
)
STOPS: Choices = (
    *((f"bear's stop {n:g} ATR", (f"params.bear_stop={n}",)) for n in (2, 3, 4, 6, 10)),
    ("stops that ignore volatility", ("params.widen=0",)),
    ("no steps out of the bear", ("params.step=0",)),
    ("cover at the double top's target", ("params.take_target=true",)),
)
VALIDATORS: Choices = (
    ("none asked, as it was", ()),
    ("weak sectors, score of 0.5: as shipped", ("params.score=0.5",)),
    ("weak sectors, score of 0.34", ("params.score=0.34",)),
    ("weak sectors, score of 0.67", ("params.score=0.67",)),
    (
        "sectors, volume and double top, score of 0.5",
        ("params.score=0.5", "params.weigh_volume=1", "params.weigh_top=1"),
    ),
    *(
        (f"{words} alone", ("params.score=0.5", f"params.weigh_{name}=1", "params.weigh_sectors=0"))
        for words, name in (("high volume", "volume"), ("double top", "top"))
    ),
    ("three closes below", ("params.closes=3",)),
    ("a margin of 1 ATR", ("params.margin=1",)),
    ("averages crossing down instead", ("params.trigger=cross",)),
)
FUNDS = (("RWM", 1, "2007-01-25", "2021-04-26"), ("TWM", 2, "2007-01-25", "2021-04-26"),
         ("SRTY", 3, "2010-02-11", "2021-12-01"))  # fmt: skip
PERIODS = (("2000-05-26", "2002-12-31"), ("2003-01-01", "2007-06-30"), ("2007-07-01", "2009-12-31"),
           ("2010-01-01", "2019-12-31"), ("2020-01-01", "2020-12-31"), ("2021-01-01", "2026-05-01"))  # fmt: skip


def breaks(given: Sequence[str]) -> Table:
    """What IWM did after every decisive break of a support, from the open after; by strength, role and weak sectors."""
    prepared = prepare(REAL, given)
    market, f = prepared.market, prepared.features
    rows, starts = decisive(prepared)
    strength, was_ceiling = f["strength"][starts], f["reversed"][starts] == 1.0
    fresh = f["since_below"][starts] >= FRESH
    middle = float(np.median(strength))
    sets = (
        ("every session", np.arange(250, len(market))),
        ("every break", rows),
        ("weaker half of the levels", rows[strength < middle]),
        ("stronger half", rows[strength >= middle]),
        ("a floor that was a ceiling", rows[was_ceiling]),
        ("a floor that was none", rows[~was_ceiling]),
        (f"a close below it within {FRESH} bars", rows[~fresh]),
        (f"the first in {FRESH} bars", rows[fresh]),
        (f"the first in {FRESH} bars, of a floor that was a ceiling", rows[fresh & was_ceiling]),
        ("fewer than half of the sectors weak", rows[f["score"][rows] < 0.5]),
        ("half of them or more", rows[f["score"][rows] >= 0.5]),
    )
    table = [["", "cases", "+5", "+20", "+60 sessions", "lower after 20", "mean fall", "mean rise"]]
    for name, chosen in sets:
        moves = [_moves(market, chosen, days) for days in (5, 20, 60)]
        lower = moves[1] < 0.0
        ends = [f"{100 * lower.mean():.0f} %", *(percent(float(moves[1][one].mean())) for one in (lower, ~lower))]
        table.append([name, str(len(chosen)), *(percent(float(move.mean())) for move in moves), *ends])
    return table


def decisive(prepared: Prepared) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the decisive closes, whatever is held, and the rows on which the tests of their levels began."""
    f, close = prepared.features, prepared.market.small.close
    p, s = SimpleNamespace(**prepared.params), SimpleNamespace(bear_stage=Bear.WATCHING, level=0.0, closes=0)
    found, began = [], 0
    for row in range(len(close)):
        watching = s.bear_stage == Bear.WATCHING
        now = SimpleNamespace(**{name: float(f[name][row]) for name in SEEN})
        breached = is_breached(float(close[row]), now, p, s)
        began = row if watching else began
        if breached:
            found.append((row, began))
            s.bear_stage = Bear.WATCHING
    rows, starts = np.array(found).T
    return rows, starts


def _moves(market: Market, rows: NDArray[np.int64], days: int) -> FloatArray:
    """Change of IWM from the open after each row to the close `days` after it, where there is one."""
    known = rows[rows + days < len(market)]
    return np.asarray(market.small.close[known + days] / market.small.open[known + 1] - 1.0)


def tiers(given: Sequence[str]) -> Table:
    """Tiered entry against all at once."""
    return _runs(given, TIERS)


def overlay(given: Sequence[str]) -> Table:
    """The bull on and off."""
    return _runs(given, OVERLAY)


def stops(given: Sequence[str]) -> Table:
    """Stop multiples and the ways out."""
    return _runs(given, STOPS)


def validators(given: Sequence[str]) -> Table:
    """Validators on and off, and other triggers."""
    return _runs(given, VALIDATORS)


def agents(given: Sequence[str]) -> Table:
    """Profit of each agent by period, and their sum with the interest: that of the account."""
    result = run(CONFIG, given)
    paths = agent_paths(result, AGENTS)
    equity = np.append(result.config.account.cash, result.points["equity"])
    table = [["from", "to", "bear", "bull", "rest: interest", "account", "IWM"]]
    close = result.market.small.close
    for first, last in (*PERIODS, (PERIODS[0][0], PERIODS[-1][1])):
        start, stop = np.searchsorted(result.market.sessions, np.array([first, last], "M8[D]"))
        stop = min(int(stop) + (str(result.market.sessions[min(stop, len(close) - 1)]) == last), len(close))
        earned = [_earned(path, int(start), stop) for path in paths]
        account = equity[stop] - equity[start]
        move = percent(close[stop - 1] / close[max(int(start) - 1, 0)] - 1.0)
        table.append([first, last, *(money(value) for value in (*earned, account)), move])
    return table


def funds(given: Sequence[str]) -> Table:
    """The same bear in inverse funds and short, each pair on the bars of the fund's life and no others."""
    table = [["", "from", "to", "bear, short", "bear, fund", "breaks traded", "slippage of the fund", "decay, a year"]]
    for fund, factor, first, last in FUNDS:
        short = agent_paths(_short(tuple(given), first, last), AGENTS)
        sets = (f"period.start={first}", f"period.end={last}", f"roles.inverse={fund}", f"params.factor={factor}")
        for words, more in (("", ()), (", any decay", ("params.most_decay=20",))):
            result = run(FUND, (*given, *sets, *more))
            inverse, ledger = agent_paths(result, AGENTS), result.ledger
            decay = percent(float(np.mean(result.features["decay"][inverse[0].exposure != 0.0])))
            profits = (money(paths[0].pnl[-1]) for paths in (short, inverse))
            traded = np.count_nonzero(result.orders["reason"] == Reason.BEAR_BREACH)
            slippage = money(ledger["slippage"][ledger["role"] == 1].sum())
            table.append([f"{fund}, -{factor}x{words}", first, last, *profits, str(traded), slippage, decay])
    return table


@cache
def _short(given: tuple[str, ...], first: str, last: str) -> RunRecord:
    """The short bear on the bars from `first` to `last` alone: it knows no level from before, as a fund's run does."""
    ready = load_config(REAL, given)
    bars = load_bars(ready)[0]
    start, stop = np.searchsorted(bars.sessions, np.array([first, last], "M8[D]"))
    return native.run(prepare_run(ready.config, ready.strategy, bars.slice(int(start), int(stop) + 1)))


def picture(result: RunRecord) -> str:
    """The break of the sample's support line as SVG: price with level and orders, RSI, exposure and profit of each."""
    shown, p, f, close = Episode(result, FIRST, LAST), result.params, result.features, result.market.small.close
    rows, decided = shown.rows, _decisions(result, shown.rows)
    bear, bull, _ = agent_paths(result, AGENTS)
    price = shown.panel("IWM, the level that broke, and what was decided", 240, (58, 76), (60, 65, 70, 75))
    rsi = shown.panel(f"RSI of {p['rsi_window']:.0f} sessions", 100, (10, 70), (30, 50))
    held = shown.panel(
        "exposure of the bear (red) and the bull (green), times equity", 100, (-0.55, 0.35), (-0.4, 0, 0.3), "{:g}x"
    )
    earned = shown.panel("profit of each since the first bar shown, thousands", 80, (-5, 45), (0, 20, 40))
    breach = next(row for row, name in decided if name == "bear_breach")
    level = float(f["support"][breach - 1])
    shown.level(price, level, f"level {level:.2f}")
    shown.level(rsi, p["oversold"], f"oversold {p['oversold']:g}")
    shown.curve(price, close[rows], GREY)
    shown.curve(rsi, f["rsi"][rows], BLUE)
    agents = ((bear, RED), (bull, GREEN))
    for agent, colour in agents:
        shown.curve(held, agent.exposure[rows], colour)
    for agent, colour in agents:
        shown.curve(earned, (agent.pnl[rows] - agent.pnl[rows.start]) / 1000, colour)
    for number, (born, name) in enumerate(decided):
        colour = GREEN if name.startswith("bull") else RED
        shown.mark(born, name, colour, y=92 + 15 * (number % 3), dot=(price, float(close[born])))
    return shown.svg("A support line breaks in the synthetic sample market", "A support line breaks")


def _decisions(result: RunRecord, rows: slice) -> list[tuple[int, str]]:
    """(row, reason) of every market order decided in `rows`."""
    orders: NDArray[np.void] = result.orders
    here = orders[(orders["born"] >= rows.start) & (orders["born"] < rows.stop) & (orders["kind"] == OrderKind.MARKET)]
    return [(int(order["born"]), result.reasons[int(order["reason"])][0]) for order in here]


def _runs(given: Sequence[str], choices: Choices) -> Table:
    """One line a run: what the account, with its interest, and each agent made of it."""

    def profit(number: int) -> Column:
        return lambda result, _: money(agent_paths(result, AGENTS)[number].pnl[-1])

    titles = ("CAGR", "volatility", "Sharpe", "max drawdown", *AGENTS, "fills")
    return compared(runs(CONFIG, given, choices), titles, {name: profit(at) for at, name in enumerate(AGENTS)})


def _earned(path: AgentPath, start: int, stop: int) -> float:
    return float(path.pnl[stop - 1] - (path.pnl[start - 1] if start > 0 else 0.0))


PAGE = Page[Sequence[str]](
    "strategies/double_agent.md",
    (
        levels,
        april,
        asked,
        heard,
        synthetic,
        breaks,
        tiers,
        overlay,
        stops,
        validators,
        agents,
        funds,
        section("double_agent"),
    ),
    {"double_agent_episode.svg": lambda _: picture(run("double_agent_sample"))},
    lambda words: (*ANY_LEVEL, *words),
)

if __name__ == "__main__":
    PAGE.main()
