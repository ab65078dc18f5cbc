# SPDX-License-Identifier: Apache-2.0
"""The stress test of a configuration: run it once, then put its books through history, shocks and a spiral."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.facts import over_equity
from engine.analytics.sessions import session_rows
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.errors import DataError, InputError, Problem
from engine.inputs.liquidity import build_cost_inputs
from engine.inputs.option_inputs import modelled_with
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.notice import Notice, loud, loud_first, note
from engine.progress import Watch, unwatched
from engine.runs.backtest import Config, backtest, loaded
from engine.runs.stress.book import Book, book_at
from engine.runs.stress.crowded import Crowded
from engine.runs.stress.findings import Ladder, Sensitivity, ShockFinding, SpiralLadder, Stress, WindowFinding
from engine.runs.stress.hold import Held, OptionInputs, hold, open_at
from engine.runs.stress.impact import COEFFICIENT
from engine.runs.stress.liquidity import LEAST_SESSIONS, Liquidity, liquidity
from engine.runs.stress.option_side import OptionSide
from engine.runs.stress.passage import passage
from engine.runs.stress.shocks import GRID, Exposure, Shock, apart, exposure, shocked
from engine.runs.stress.survival import MOST_LEVERAGE, lowest_leverage
from engine.runs.stress.windows import Window, windows_of

LEVERAGES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)

REFERENCE = Shock(0.15, 0.0, 1)
"""The shock whose spiral is drawn and whose sensitivity is shown."""


@dataclass(frozen=True)
class Asked:
    """What one stress test is about, worked out once."""

    ready: LoadedConfig
    result: RunRecord
    leverages: tuple[float, ...]
    coefficient: float
    crowd: float | None

    @property
    def config(self) -> RunConfig:
        return self.result.config

    @property
    def market(self) -> Market:
        return self.result.market

    @cached_property
    def analysis(self) -> Analysis:
        return analyse(self.result)

    @cached_property
    def options(self) -> OptionSide | None:
        return OptionSide.of(self.ready, self.result, self.analysis.paths.positions)

    def book(self, row: int) -> Book | None:
        held = self.options.held if self.options else None
        return book_at(self.result, self.analysis.paths.positions, row, held)

    def crowded(self, book: Book, row: int, market: Liquidity) -> Crowded:
        answers = self.options.rule(row) if self.options and book.legs else None
        return Crowded.at_close(book, self.market, row, self.config, market, self.coefficient, self.crowd, answers)

    @cached_property
    def cost_inputs(self) -> NDArray[Any]:
        """(T,) what an order is charged on in each bar of the run's market."""
        return build_cost_inputs(self.market, self.config)

    def ladder(self, book: Book, stretch: Market, costs: NDArray[Any], options: OptionInputs | None) -> Ladder:
        """The frozen book over a stretch that begins with its opening bar; costs are the (T,) rows of its bars."""

        @cache
        def at(leverage: float) -> Held:
            return hold(book, stretch, self.config, leverage, options, costs)

        return Ladder(
            held=tuple(at(leverage) for leverage in self.leverages),
            called_at=lowest_leverage(lambda leverage: at(leverage).calls > 0),
            dies_at=lowest_leverage(lambda leverage: at(leverage).fate == "dead"),
        )


def stress(
    config: Config,
    *,
    asof: dt.date | None = None,
    leverages: Sequence[float] = LEVERAGES,
    crowd: float | None = None,
    coefficient: float = COEFFICIENT,
    watch: Watch = unwatched,
) -> Stress:
    """Stress the strategy of a configuration. Nothing is written.

    asof         session after whose close the hypothetical shocks come; default: the last
    leverages    gross over equity of every ladder; that of the configuration is added
    crowd        size of the crowd that covers with the book, in times the book; default: `crowd_of_a_day`
    coefficient  of the square-root law of impact, >= 0

    Raises what `backtest` raises, DataError for an `asof` without enough history, InputError for numbers out of range.
    """
    _check(leverages, crowd, coefficient)
    ready = loaded(config)
    result = backtest(ready, watch=watch, glance=False)
    own, own_words = own_leverage(ready, result)
    asked = Asked(ready, result, tuple(sorted({*map(float, leverages), own})), coefficient, crowd)
    row = row_of(result, asof)
    watch("walking through history")
    windows = tuple(_through(asked, window) for window in windows_of(result.config))
    watch("drawing shocks")
    known = liquidity(asked.market.head(row + 1))
    book = asked.book(row)
    found = Stress(
        result=result,
        asof=result.market.sessions[row].item(),
        leverages=asked.leverages,
        own=own,
        own_words=own_words,
        windows=windows,
        book=book,
        exposure=None,
        liquidity=known,
        weights=None if book is None else book.weights,
        coefficient=coefficient,
        crowd=0.0,
        crowd_days=0.0,
        shocks=(),
        sensitivity=None,
        notices=_notices(result, known),
        volatility=asked.options.rule(row) if asked.options else None,
    )
    return found if book is None else _with_shocks(found, asked, book, row)


def _with_shocks(found: Stress, asked: Asked, book: Book, row: int) -> Stress:
    market, known = asked.market.head(row + 1), found.liquidity
    meets = exposure(market, book.exposures)
    crowded = asked.crowded(book, row, known) if known.known else None
    return replace(
        found,
        exposure=meets,
        crowd=crowded.crowd if crowded else 0.0,
        crowd_days=crowded.days if crowded else 0.0,
        shocks=tuple(_under(found, asked, book, meets, crowded, row, shock) for shock in apart(GRID, meets)),
        sensitivity=_sensitivity(crowded, meets),
    )


def _under(
    found: Stress, asked: Asked, book: Book, meets: Exposure, crowded: Crowded | None, row: int, shock: Shock
) -> ShockFinding:
    moves = meets.moves(shock)
    path = shocked(asked.market.head(row + 1), moves, shock.sessions, found.liquidity)
    costs = np.repeat(asked.cost_inputs[row : row + 1], len(path))  # liquidity is that before the shock
    ladder = asked.ladder(book, path, costs, asked.options.shocked(row, path) if asked.options else None)
    sudden = crowded is not None and shock.sessions == 1
    spiral = crowded.ladder(asked.leverages, moves) if crowded is not None and sudden else None
    return ShockFinding(shock, tuple(moves.tolist()), ladder, spiral)


def _sensitivity(crowded: Crowded | None, meets: Exposure) -> Sensitivity | None:
    return crowded.sensitivity(REFERENCE, meets.moves(REFERENCE)) if crowded is not None else None


def _through(asked: Asked, window: Window) -> WindowFinding:
    """One window: what the strategy did, and what its book would have met unmanaged."""
    result, market = asked.result, asked.market
    sessions = market.sessions
    first = int(np.searchsorted(sessions, np.datetime64(window.first)))
    last = int(np.searchsorted(sessions, np.datetime64(window.last), side="right")) - 1
    if first > last:
        return WindowFinding(window)
    before = max(0, first - 1)
    book = asked.book(before)
    finding = WindowFinding(
        window,
        first=sessions[first].item(),
        last=sessions[last].item(),
        whole=bool(first > 0 and sessions[-1] >= np.datetime64(window.last)),
        passage=passage(result, asked.analysis, first, last),
        book=book,
    )
    if book is None or before == last:
        return finding
    quoted = asked.options.through(before, last) if asked.options else None
    ladder = asked.ladder(book, open_at(market.slice(before, last + 1)), asked.cost_inputs[before : last + 1], quoted)
    return replace(finding, ladder=ladder, spiral=_worst_moment(asked, book, before, last))


def _worst_moment(asked: Asked, book: Book, before: int, last: int) -> SpiralLadder | None:
    """The spiral behind the moves up to the close at which the book at 1x had lost most, all at once.

    None where it never lost, or where volatility and volume before the window are not known.
    """
    market = asked.market
    closes = np.column_stack([getattr(market, role).close for role in market.roles])[before : last + 1]
    moves = closes / closes[0] - 1
    gained = moves @ book.weights
    if asked.options and book.legs:
        gained = gained + asked.options.gained(book, before, closes)
    worst = int(np.argmin(gained))
    if gained[worst] >= 0 or len(session_rows(market.bars["session"][: before + 1])) <= LEAST_SESSIONS:
        return None
    known = liquidity(market.head(before + 1))
    if not known.known:
        return None
    crowded = asked.crowded(book, before, known)
    if asked.options and book.legs:
        crowded = replace(crowded, after=asked.options.option_inputs["volatility"][before + worst])
    return crowded.ladder(asked.leverages, moves[worst])


def own_leverage(ready: LoadedConfig, result: RunRecord) -> tuple[float, str]:
    """The leverage of the configuration, gross over equity (a ratio), rounded to hundredths, and where it is from."""
    cap = ready.strategy.gross_cap
    if cap and result.params[cap]:
        return round(float(result.params[cap]), 2), f"params.{cap}"
    gross = over_equity(result.points, "gross")
    most = float(np.nanmax(gross)) if np.isfinite(gross).any() else 0.0
    return (round(most, 2), "the run's largest gross") if most >= 0.01 else (1.0, "nothing was ever held")


def row_of(result: RunRecord, asof: dt.date | None) -> int:
    """The last row of the session `asof`, or of the last session before it."""
    sessions = result.market.sessions
    if asof is None:
        return len(sessions) - 1
    row = int(np.searchsorted(sessions, np.datetime64(asof), side="right")) - 1
    if row < 0:
        raise DataError(Problem("no bar that early", path="--asof", found=str(asof), allowed=f"{sessions[0]} or later"))
    return row


def _notices(result: RunRecord, known: Liquidity) -> tuple[Notice, ...]:
    modelled = modelled_with(result.config, result.market, result.options)
    said = [*result.notices, *([loud(modelled)] if modelled else [])]
    if not known.known:
        missing = [
            symbol
            for symbol, volume in zip(result.market.symbols.values(), known.volume.tolist(), strict=True)
            if not volume > 0
        ]
        said.append(note(f"no volume for {', '.join(missing)}: there is no law of impact, so no spiral"))
    if result.config.account.margin.kind != "reg_t":
        kind = result.config.account.margin.kind
        said.append(note(f"account.margin.kind is {kind}: no margin calls, so no spiral begins"))
    return tuple(loud_first(said))


def _check(leverages: Sequence[float], crowd: float | None, coefficient: float) -> None:
    problems = [
        Problem("out of range", path="--leverage", found=f"{one:g}", allowed=f"above 0, at most {MOST_LEVERAGE:g}")
        for one in leverages
        if not 0 < one <= MOST_LEVERAGE
    ]
    if crowd is not None and not 0 <= crowd < np.inf:
        problems.append(Problem("out of range", path="--crowd", found=f"{crowd:g}", allowed="0 or more"))
    if not 0 <= coefficient < np.inf:
        problems.append(Problem("out of range", path="--impact", found=f"{coefficient:g}", allowed="0 or more"))
    if problems:
        raise InputError(problems)
