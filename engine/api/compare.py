# SPDX-License-Identifier: Apache-2.0
"""A comparison in hand: where two lines stand, how they move together and what followed, as DataFrames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.given import as_day, refuse_no_numbers
from engine.api.paged import Paged
from engine.api.told import told_in_python
from engine.config.frames import is_table
from engine.errors import InputError, Problem
from engine.report.compare.document import document
from engine.report.compare.words import headline, title
from engine.report.kit.words import synthetic_warning
from engine.runs.backtest import Config, loaded
from engine.runs.compare import WINDOW, Comparison, Question, where
from engine.runs.compare import compare as put_side_by_side

if TYPE_CHECKING:
    import pandas as pd


class CompareResult(Paged):
    """Two symbols or series side by side.

    found  the same for programs

    Moves are fractions, or points of a volatility index and of what is ever 0 or below; `unit_of_moves` says which.
    """

    def __init__(self, found: Comparison) -> None:
        self.found = found

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that can change one first."""
        return (*self._synthetic, *(one.text for one in self.found.notices))

    @cached_property
    def standing(self) -> pd.DataFrame:
        """One column a line: last value, its age, moves, percentiles, volatility, drawdown."""
        from engine.api.frames import records

        told = document(self.found)
        columns = {
            symbol: _flat(one)
            | {f"window_{name}": figure for name, figure in _flat(told["statistics"][symbol]).items()}
            for symbol, one in told["standing"].items()
        }
        frame = records([*columns.values()]).T
        return frame.set_axis(list(columns), axis=1)

    @cached_property
    def rolling(self) -> pd.DataFrame:
        """One row a session: both levels, and the correlation of changes over the window, NaN before there is one."""
        from engine.api.frames import records

        pair = self.found.pair
        columns = {side.symbol: side.level for side in pair.sides} | {"correlation": self.found.rolling}
        return records(columns).set_axis(pair.sessions, axis=0)

    @cached_property
    def bands(self) -> pd.DataFrame:
        """One row a band of the correlation: its edges, its days and their share."""
        from engine.api.frames import records

        told = document(self.found)["correlation"]["bands"]
        return records([{name: one[name] for name in one if name != "afterwards"} for one in told])

    @cached_property
    def afterwards(self) -> pd.DataFrame:
        """One row a kind of day, a line and a horizon: mean move afterwards, that of all days, their difference."""
        from engine.api.frames import records

        told = document(self.found)
        kinds = [*told["correlation"]["bands"], *told["episodes"]]
        return records([{"after": one["name"]} | _flat(each) for one in kinds for each in one["afterwards"]])

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """One row an episode: its kind, its days, the index and the fund's move on the first, what came after."""
        from engine.api.frames import records

        told = document(self.found)["episodes"]
        return records([{"kind": one["name"]} | _flat(each) for one in told for each in one["found"]])

    @cached_property
    def lead_lag(self) -> pd.DataFrame:
        """One row a regime and lag: correlation of the first line's change with the second's so many sessions later."""
        from engine.api.frames import records

        told = document(self.found)["lead_lag"]["regimes"]
        return records([{"regime": one["regime"]} | each for one in told for each in one["lags"]])

    @cached_property
    def scenarios(self) -> pd.DataFrame:
        """One row a scenario and day of history: the move, that of each line, what came after."""
        from engine.api.frames import records

        told = document(self.found)["scenarios"]
        return records([{"scenario": one["words"]} | _flat(each) for one in told for each in one["days"]])

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem compare --json` prints."""
        return document(self.found)

    def _page(self) -> str:
        from engine.report.compare.page import render

        return render(self.found)

    def __repr__(self) -> str:
        """One line: which two, over which sessions, how they move together."""
        made_up = "; synthetic prices" if self.found.synthetic else ""
        return f"<CompareResult {title(self.found)}: {headline(self.found)}{made_up}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, where the two stand, what followed the bands."""
        loud = [*self._synthetic, *(one.text for one in self.found.notices if one.level == "loud")]
        tables = (self.standing.to_html(), self.afterwards.to_html(index=False))
        return framed(title(self.found), f"{headline(self.found)}; {self.found.label}", loud, *tables)

    @property
    def _synthetic(self) -> list[str]:
        return [synthetic_warning(self.found.label)] if self.found.synthetic else []


@told_in_python
def compare(
    first: str,
    second: str,
    *,
    config: Config | None = None,
    data: str | Path | Mapping[str, Any] | None = None,
    prices: str | None = None,
    window: int = WINDOW,
    asof: dt.date | str | None = None,
    volatility: str | Sequence[str] = (),
    bands: Sequence[float] | None = None,
    carry: str | None = None,
    scenarios: str | Sequence[str] = (),
) -> CompareResult:
    """Put two symbols or series side by side; nothing is written.

    first, second  symbols of the data, or roles and series of `config`
    config      as `engine.backtest` takes it: its data, roles and series
    data        a folder with one file a symbol, or DataFrames by symbol; with neither the sample market
    prices      of `data`: split_adjusted, raw or total_return
    window      sessions of statistics and of the rolling correlation, 20 to 1260
    asof        last session to look at, and the day from which ages are counted; default: all there is, and today
    volatility  which of the two is a volatility index, beside Cboe's known ones
    bands       two edges of the correlation's bands
    carry       what is bought in place of the volatility index, VXX say
    scenarios   moves in words, such as "VIX +10 points"; with `config` its book is put under them

    Raises InputError for a question that makes no sense, DataError for data that cannot answer it, ConfigError.
    """
    refuse_no_numbers(window=window)
    _refuse_no_names(first=first, second=second)
    frames = isinstance(data, Mapping) and bool(data) and all(is_table(one) for one in data.values())
    if not (data is None or isinstance(data, str | Path) or frames):
        allowed = "a folder, or DataFrames by symbol"
        raise InputError(Problem("no data", path="data", found=type(data).__name__, allowed=allowed))
    asked = Question(
        first,
        second,
        window=window,
        asof=as_day(asof),
        volatility=(volatility,) if isinstance(volatility, str) else tuple(volatility),
        edges=None if bands is None else _two(bands),
        carry=carry,
        scenarios=(scenarios,) if isinstance(scenarios, str) else tuple(scenarios),
    )
    found = put_side_by_side(asked, where(None if config is None else loaded(config), data, prices))
    return CompareResult(found)


def _refuse_no_names(**given: object) -> None:
    wrong = [
        Problem(
            "not a name", path=name, found=type(one).__name__, allowed="a symbol, whose bars may stand in data={...}"
        )
        for name, one in given.items()
        if not isinstance(one, str)
    ]
    if wrong:
        raise InputError(wrong)


def _two(bands: Sequence[float]) -> tuple[float, float]:
    if len(bands) != 2:
        raise InputError(Problem("no edges of bands", path="bands", found=str(list(bands)), allowed="two numbers"))
    return float(bands[0]), float(bands[1])


def _flat(told: Mapping[str, Any]) -> dict[str, Any]:
    """Nested names joined by an underscore."""
    made: dict[str, Any] = {}
    for name, one in told.items():
        made |= (
            {f"{name}_{inner}": each for inner, each in _flat(one).items()} if isinstance(one, Mapping) else {name: one}
        )
    return made
