# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the tables of docs/stress.md on real bars.

    python docs/stress_figures.py [PATH=VALUE ...]

PATH=VALUE are overrides of the configurations, such as data.path.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from double_agent_levels import ANY_LEVEL
from page import CONFIGS, Page, Table

from engine.arrays import FloatArray
from engine.report.stress import rows as tables
from engine.report.stress.words import book_words, shock_words, times
from engine.runs.backtest import backtest, load_bars, loaded
from engine.runs.stress import Stress, stress
from engine.runs.stress.asked import Asked, own_leverage
from engine.runs.stress.findings import WindowFinding
from engine.runs.stress.impact import COEFFICIENT
from engine.runs.stress.shocks import Shock
from engine.runs.stress.through import through
from engine.runs.stress.under import REFERENCE
from engine.runs.stress.windows import shipped_windows, windows_of

QUAKE = ("2007-08-03", "2007-08-06", "2007-08-07", "2007-08-08", "2007-08-09", "2007-08-10", "2007-08-13")
LEVERED = 8.0
PAIRS = (("SPY", "IWM"), ("IWM", "SPY"), ("IWN", "IWF"), ("IWD", "IWO"))
"""Long the first, short the second, equal in dollars."""

PUTS_ASOF = dt.date(2007, 7, 31)
NO_WINDOWS = "stress.history=none"
AT_THE_CAP = "params.target_volatility=0.1"
"""The cap decides the size of the spread trade, as leverage does in a crowd; not the target that is shipped."""

CRISIS = "stress.windows=[{name: crisis_2008, title: '2008', first: 2008-01-02, last: 2008-12-31}]"


@dataclass(frozen=True)
class Measured:
    """The stress tests that the page speaks of, each run once."""

    sets: tuple[str, ...]

    @cached_property
    def spread(self) -> Stress:
        """The spread trade, at the ladder of the command."""
        return stress(loaded(CONFIGS / "spread_real.yaml", (*self.sets, AT_THE_CAP)))

    @cached_property
    def puts(self) -> Stress:
        """The hedge with puts, as it stood at the end of July 2007."""
        ready = loaded(CONFIGS / "vix_hedge_puts_real.yaml", (*self.sets, NO_WINDOWS))
        return stress(ready, asof=PUTS_ASOF, leverages=[1.0, 3.0])

    @cached_property
    def agents(self) -> WindowFinding:
        """The Double Agent in 2008, on any support that stands."""
        ready = loaded(CONFIGS / "double_agent_real.yaml", (*self.sets, *ANY_LEVEL, NO_WINDOWS, CRISIS))
        result = backtest(ready, glance=False)
        own, _ = own_leverage(ready, result)
        return through(Asked(ready, result, (1.0, own), COEFFICIENT, None), windows_of(ready)[0], own)


def windows(_: Measured) -> Table:
    """The list that comes with Tandem."""
    rows = [[one.title, f"{one.first} to {one.last}", one.words] for one in shipped_windows()]
    return [["window", "dates", "what happened"], *rows]


def history(given: Measured) -> Table:
    """What the strategy did, per cent of the equity before."""
    titles = ["window", "return", "worst day", "drawdown", "worst 15", "gross before", "margin calls", "cuts"]
    rows = []
    for one in given.spread.windows:
        did = one.passage
        assert did is not None
        shown = (_per_cent(value) for value in (did.total, did.worst_day, did.drawdown, did.worst_15))
        cuts = str(sum(number for _, number in did.cuts))
        rows.append([one.window.title, *shown, f"{did.gross:.2f}x", str(did.calls), cuts])
    return [titles, *rows]


def entered(given: Measured) -> Table:
    """Which book went into each window."""
    grid = tables.books_grid(given.spread)
    return [["window", "book, per cent of gross", "gross", "held since", "left by the strategy"], *_plain(grid.rows)]


def frozen(given: Measured) -> Table:
    """How far it falls within the window, nobody calling, and how far the strategy falls trading."""
    found = given.spread
    at = [found.leverages.index(leverage) for leverage in (found.own, 3.0, LEVERED)]
    rows = []
    for one in found.windows:
        assert one.frozen is not None
        assert one.trading is not None
        falls, traded = one.frozen.uncalled.falls, one.trading.falls
        deepest = falls[at[-1]]
        shown = (_per_cent(falls[place].size) for place in at)
        rows.append(
            [_title(one), *shown, f"{deepest.start} to {deepest.end}", *(_per_cent(traded[p].size) for p in at)]
        )
    rungs = [f"{found.leverages[place]:g}x" for place in at]
    return [
        ["window", *(f"frozen {one}" for one in rungs), f"at {rungs[-1]}", *(f"trading {one}" for one in rungs)],
        *rows,
    ]


def dying(given: Measured) -> Table:
    """The leverage at which the frozen book dies."""
    titles = ["window", "path", "worst day", "on", "worst start", "set up on", "in the spiral"]
    return [titles, *_plain(tables.deaths_grid(given.spread).rows)]


def calling(given: Measured) -> Table:
    """First call and death by two rules; and the book with every sign turned, nobody calling."""
    titles = [
        "window",
        "Regulation T: called",
        "dies",
        "portfolio margin: called",
        "dies ",
        "turned: path",
        "worst day",
    ]
    return [titles, *(row[:7] for row in _plain(tables.calls_grid(given.spread).rows))]


def quake(given: Measured) -> Table:
    """Days of August 2007 at 8 times equity: per cent of equity, prices alone, set up equal in dollars each evening."""
    made = {pair: _days(given, *pair) for pair in PAIRS}
    rows = [["session", *(f"long {long}, short {short}" for long, short in PAIRS)]]
    for number, session in enumerate(QUAKE[1:]):
        rows.append([session, *(_signed(LEVERED * made[pair][number]) for pair in PAIRS)])
    first, last = QUAKE[1:].index("2007-08-07"), QUAKE[1:].index("2007-08-09") + 1
    sums = [LEVERED * float(made[pair][first:last].sum()) for pair in PAIRS]
    rows.append(["7 to 9 August", *map(_signed, sums)])
    return rows


def shocked(given: Measured) -> Table:
    """The leverage that dies in the reference shock, by what covering costs and by the crowd."""
    found = given.spread
    grid = found.sensitivity
    assert grid is not None
    titles = [f"{shock_words(found, REFERENCE)}: impact", *(f"crowd of {crowd:,.0f} books" for crowd in grid.crowds)]
    pairs = zip(grid.coefficients, grid.dies_at, strict=True)
    return [titles, *([f"{one:g}", *map(times, dies)] for one, dies in pairs)]


def slow(given: Measured) -> Table:
    """A move of 30 % in a day and in 15: where calls come in between, and where nobody calls."""
    found = given.spread
    rows = []
    for sessions in (1, 3, 5, 15):
        one = next(each for each in found.shocks if each.shock == Shock(0.30, 0.0, sessions))
        ends = (one.ladder.called_at, one.ladder.dies_at, one.path_dies_at)
        rows.append([shock_words(found, one.shock), *map(times, ends)])
    return [["shock", "called at", "dies at", "dies where nobody calls"], *rows]


def puts(given: Measured) -> Table:
    """The largest loss at 1x of the hedge with puts, beside that of its shares alone."""
    found = given.puts
    book, rule = found.book, found.volatility
    assert book is not None
    assert rule is not None
    rows = [["IWM in 1 day", "its shares alone", "with the puts", "volatility after", "called at", "loses at 3x"]]
    one, three = (found.leverages.index(leverage) for leverage in (1.0, 3.0))
    for size in (0.10, 0.20, 0.30):
        shock = next(each for each in found.shocks if each.shock == Shock(size, 0.0, 1))
        after = rule.at(rule.prices * (1.0 + np.array(shock.moves)))[1]
        worst = (shock.ladder.held[place].worst for place in (one, three))
        with_puts, levered = map(_per_cent, worst)
        alone = _per_cent(size * float(book.weights[1]))
        rows.append(
            [f"-{100 * size:.0f} %", alone, with_puts, _per_cent(after), times(shock.ladder.called_at), levered]
        )
    return rows


def puts_book(given: Measured) -> str:
    """What that book is, and how its volatility answers."""
    found = given.puts
    assert found.book is not None
    rule = found.volatility
    assert rule is not None
    low, now, high = (f"{100 * value[1]:.1f} %" for value in (rule.low, rule.start, rule.high))
    book = book_words(found, found.book)
    return f"{PUTS_ASOF}: {book}\nvolatility {now} now, beta {rule.beta[1]:.1f}, kept between {low} and {high}"


def leftover(given: Measured) -> Table:
    """Double Agent in 2008: the book that would be frozen, and the strategy trading."""
    one = given.agents
    assert one.book is not None
    assert one.standing is not None
    assert one.frozen is not None
    assert one.passage is not None
    assert one.trading is not None
    side = "long IWM" if one.book.weights[0] > 0 else "short IWM"
    return [
        ["2008", "held since", "left", "fall frozen at 1x", "the strategy's return", "its drawdown",
         "its fall at 1x, trading"],
        [f"{side}, leftover" if one.book.was_flat else side, str(one.standing.since), str(one.standing.left),
         _per_cent(one.frozen.uncalled.falls[0].size), _per_cent(one.passage.total), _per_cent(one.passage.drawdown),
         _per_cent(one.trading.falls[0].size)],
    ]  # fmt: skip


def _days(given: Measured, long: str, short: str) -> FloatArray:
    """Change of a book half long, half short, at a gross of 1x, session by session of QUAKE after the first."""
    roles = f"roles={{large: {long}, small: {short}}}"
    market = load_bars(loaded(CONFIGS / "spread_real.yaml", (*given.sets, roles)))[0]
    closes = np.column_stack([market.large.close, market.small.close])
    rows = np.searchsorted(market.sessions, np.array(QUAKE, "M8[D]"))
    moves = closes[rows[1:]] / closes[rows[:-1]] - 1.0
    return np.asarray(moves @ np.array([0.5, -0.5]))


def _title(one: WindowFinding) -> str:
    return one.window.title + ("°" if one.book is not None and one.book.was_flat else "")


def _per_cent(fraction: float) -> str:
    return f"{100 * fraction + 0.0:.1f}".replace("-0.0", "0.0")


def _signed(fraction: float) -> str:
    return f"{100 * fraction:+.1f} %"


def _plain(rows: Sequence[Sequence[str]]) -> Table:
    return [[cell.replace("\N{MINUS SIGN}", "-") for cell in row] for row in rows]


SECTIONS: tuple[Callable[[Measured], Table | str], ...] = (
    windows, history, entered, frozen, dying, calling, quake, shocked, slow, puts, puts_book, leftover,
)  # fmt: skip

PAGE = Page("stress.md", SECTIONS, read=lambda given: Measured(tuple(given)))

if __name__ == "__main__":
    PAGE.main()
