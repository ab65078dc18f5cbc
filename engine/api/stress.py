# SPDX-License-Identifier: Apache-2.0
"""A stress test in hand: windows, shocks and losses by leverage as DataFrames."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.given import as_day, is_number, ready, refuse_no_numbers
from engine.api.paged import Paged
from engine.api.result import Result
from engine.api.told import told_in_python
from engine.errors import InputError, Problem
from engine.report.kit.words import synthetic_warning
from engine.report.stress.document import document
from engine.report.stress.words import times
from engine.runs.backtest import Config
from engine.runs.stress import LEVERAGES
from engine.runs.stress import stress as test
from engine.runs.stress.findings import Ladder, SpiralLadder, Stress, WindowFinding
from engine.runs.stress.impact import COEFFICIENT

if TYPE_CHECKING:
    import pandas as pd

WINDOW = ("name", "title", "first", "last", "data")
NOT_IN_ROWS = ("first", "last", "cuts", "path")
"""Of what the strategy did in a window, what is in another column or is no number."""


class StressResult(Paged):
    """The strategy and its book through history, shocks and a deleveraging spiral.

    found  the same for programs

    Losses and moves are fractions, leverages gross over equity. `called_at`, `dies_at` and `spiral_dies_at` are the
    lowest leverages at which that happens; `path_dies_at`, `day_dies_at` and `start_dies_at` those where nobody calls,
    of the whole window, of its worst day alone, and set up at its worst close. inf where it does not up to 100, NaN
    where nothing was tried.
    """

    def __init__(self, found: Stress) -> None:
        self.found = found

    @property
    def asof(self) -> dt.date:
        """The session after whose close the shocks come."""
        return self.found.asof

    @property
    def leverage(self) -> float:
        """The leverage of the configuration itself."""
        return self.found.own

    @cached_property
    def result(self) -> Result:
        """The backtest whose books were tested."""
        return Result(self.found.result)

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that can change one first."""
        return (*self._synthetic, *(one.text for one in self.found.notices))

    @cached_property
    def windows(self) -> pd.DataFrame:
        """One row a window of history: what the strategy did in it, and what its book would have met unmanaged."""
        from engine.api.frames import records

        rows = []
        for told, one in zip(document(self.found)["windows"], self.found.windows, strict=True):
            did = {name: value for name, value in (told["strategy"] or {}).items() if name not in NOT_IN_ROWS}
            rows.append({name: told[name] for name in WINDOW} | did | _frozen(one) | _ends(one.ladder, one.spiral))
        return records(rows)

    @cached_property
    def shocks(self) -> pd.DataFrame:
        """One row a hypothetical shock: in words, the moves of small and large caps, its length in sessions."""
        from engine.api.frames import records

        told = document(self.found)["shocks"]
        return records(
            [
                {"shock": said["words"], "size": one.shock.small, "large": one.shock.large,
                 "sessions": one.shock.sessions, "kind": said["kind"]} | _ends(one.ladder, one.spiral)
                for said, one in zip(told, self.found.shocks, strict=True)
            ]
        )  # fmt: skip

    @cached_property
    def losses(self) -> pd.DataFrame:
        """Worst loss on the way, a row a shock, a column a leverage: 1.0 and more is all of the equity."""
        from engine.api.frames import records

        rows = [[held.worst for held in one.ladder.held] for one in self.found.shocks]
        columns = {leverage: [row[place] for row in rows] for place, leverage in enumerate(self.found.leverages)}
        return records(columns).set_axis(list(self.shocks["shock"]) if rows else [], axis=0)

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem stress --json` prints."""
        return document(self.found)

    def _page(self) -> str:
        from engine.report.stress.page import render

        return render(self.found)

    def __repr__(self) -> str:
        """One line: which book, at what leverage, and the leverage that dies first."""
        made_up = "; synthetic prices" if self.found.result.market.synthetic else ""
        name = self.found.result.config.name
        return f"<StressResult {name}: {self._worst}{made_up}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, the leverage that dies first, windows and losses."""
        loud = [*self._synthetic, *(one.text for one in self.found.notices if one.level == "loud")]
        shown = [self.windows.to_html(index=False, max_cols=12)]
        if len(self.losses):
            shown.append(self.losses.to_html())
        about = f"{self._worst}; {self.found.result.market.label}"
        return framed(self.found.result.config.name, about, loud, *shown)

    @property
    def _synthetic(self) -> list[str]:
        market = self.found.result.market
        return [synthetic_warning(market.label)] if market.synthetic else []

    @property
    def _worst(self) -> str:
        """The configuration's leverage, and the lowest that any shock wipes out, with a spiral behind it or without."""
        own = f"book of {self.asof}, {times(self.leverage)} itself"
        if not self.found.shocks:
            return f"{own}; nothing was held"
        ends = [_ends(one.ladder, one.spiral) for one in self.found.shocks]
        lowest = min(_known(end[name] for end in ends for name in ("dies_at", "spiral_dies_at")))
        return f"{own}; the worst shock wipes out {times(lowest if math.isfinite(lowest) else None)}"


@told_in_python
def stress(
    config: Config | None = None,
    overrides: Sequence[str] = (),
    *,
    asof: dt.date | str | None = None,
    leverages: Sequence[float] = LEVERAGES,
    crowd: float | None = None,
    coefficient: float = COEFFICIENT,
    **given: Any,
) -> StressResult:
    """Put a strategy and its book through history, shocks and a deleveraging spiral; nothing is written.

    config, overrides, given  as `engine.backtest` takes them
    asof         session after whose close the hypothetical shocks come; default: the last
    leverages    gross over equity to show; that of the configuration is added
    crowd        others with the same book, in times its size; None: a day's volume at 1x
    coefficient  of the square-root law of impact, >= 0

    Windows and shocks of your own are keys of the configuration: `stress={"windows": [...], "shocks": [...]}`.

    Raises what `backtest` raises, DataError for an `asof` without enough history and for a window without bars,
    ConfigError for a shock of a symbol that is not in the book, InputError for numbers out of range.
    """
    refuse_no_numbers(crowd=crowd, coefficient=coefficient)
    if not all(map(is_number, _listed(leverages))):
        allowed = "a list of numbers such as [1, 2, 4]"
        raise InputError(Problem("not leverages", path="leverages", found=repr(leverages), allowed=allowed))
    asked = ready(config, overrides, **given)
    return StressResult(test(asked, asof=as_day(asof), leverages=leverages, crowd=crowd, coefficient=coefficient))


def _listed(values: object) -> Iterable[object]:
    return values if isinstance(values, Iterable) and not isinstance(values, str) else (None,)


def _frozen(one: WindowFinding) -> dict[str, Any]:
    """Whether the book was a leftover, and the leverages that kill it where nobody calls."""
    met = one.frozen.uncalled if one.frozen else None
    starts = met is not None and one.book is not None and not one.book.legs
    return {
        "leftover": None if one.book is None else one.book.was_flat,
        "path_dies_at": _lowest(met, met.dies_at if met else None),
        "day_dies_at": _lowest(met, met.day.dies_at if met and met.day else None),
        "start_dies_at": _lowest(met if starts else None, met.start.dies_at if met and met.start else None),
    }


def _ends(ladder: Ladder | None, spiral: SpiralLadder | None) -> dict[str, float]:
    return {
        "called_at": _lowest(ladder, ladder.called_at if ladder else None),
        "dies_at": _lowest(ladder, ladder.dies_at if ladder else None),
        "spiral_dies_at": _lowest(spiral, spiral.dies_at if spiral else None),
    }


def _lowest(tried: object, leverage: float | None) -> float:
    return math.nan if tried is None else math.inf if leverage is None else leverage


def _known(values: Iterable[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]
