# SPDX-License-Identifier: Apache-2.0
"""Run folders as funds: the value of one unit at the end of each whole month of a backtest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.analytics.analysis import analyse
from engine.analytics.sessions import Sessions
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.hedgefunds.gather import Source, panel_of
from engine.hedgefunds.panel import Months
from engine.hedgefunds.reading import Sheet
from engine.hedgefunds.study import Terms
from engine.market.calendar import Calendar, exchange
from engine.notice import Notice, loud
from engine.progress import Watch, unwatched
from engine.report.folder.read_run import read_run
from engine.report.folder.run_index import find_run, read_documents
from engine.runs.funds import Funds, findings

TITLE = "runs"
Line = tuple[Months, FloatArray]
"""Months and what a unit is worth at the end of each."""


def one_file(files: Sequence[Path], portfolio: Path | None) -> Path:
    """The file that was given. Raises InputError where there are several, or a configuration is asked for."""
    if portfolio is not None:
        allowed = "--runs in front of run folders: what funds hold is no configuration"
        raise InputError(Problem("a portfolio of what?", path="--portfolio", found=str(files[0]), allowed=allowed))
    if len(files) != 1:
        found = ", ".join(map(str, files[:4]))
        allowed = "one file of all funds; --runs in front of run folders"
        raise InputError(Problem("more than one file", path="FILE", found=found, allowed=allowed))
    return files[0]


def of_runs(folders: Sequence[Path], source: Source, terms: Terms, *, watch: Watch = unwatched) -> Funds:
    """Study runs as funds, each under its name. The market is what they are compared with; of several one is named.

    Raises InputError for what is no run, for one run twice, and for runs that are compared with different things.
    """
    found = [find_run(str(folder), Path("results")) for folder in folders]
    names = names_of(found)

    def records() -> Iterator[tuple[str, RunRecord]]:
        for name, folder in zip(names, found, strict=True):
            watch(f"reading {name}")
            yield name, read_run(folder)

    return of_records(records(), source, terms, said=_said(names, found), watch=watch)


def of_records(
    records: Iterable[tuple[str, RunRecord]],
    source: Source,
    terms: Terms,
    *,
    said: Sequence[Notice] = (),
    watch: Watch = unwatched,
) -> Funds:
    """Study finished runs by name as funds; `said` stands before what is said of their months.

    Raises InputError for runs that are compared with different things.
    """
    columns: dict[str, Line] = {}
    compared: dict[str, Line] = {}
    for name, record in records:
        sessions = analyse(record).sessions
        calendar = exchange(record.market.calendar)
        columns[name] = month_values(sessions, sessions.nav, calendar)
        if sessions.compared_with:
            # The run does not know what its market did on the first session: nor is there a value before it.
            path = np.append(np.nan, sessions.bought)
            _add(compared, sessions.compared_with, name, month_values(sessions, path, calendar))
    market = source.benchmark or _shared(compared)
    if market in compared and market not in columns:
        columns[market] = compared[market]
    sheet = _sheet(columns)
    panel = panel_of(sheet, replace(source, unit="nav", benchmark=market))
    panel = replace(panel, notices=(_hindsight(), *said, *panel.notices))
    return findings(panel, TITLE, replace(source, unit="nav", benchmark=market), terms, watch=watch)


def month_values(sessions: Sessions, worth: FloatArray, calendar: Calendar) -> Line:
    """(M,) months and what a unit is worth at the end of each, from `worth` (S + 1), the first before all sessions.

    A last month that has sessions left is none. Where the run begins with a month, the month before has what it began
    with; otherwise its first, part, month is only where the second begins.
    """
    days = sessions.dates
    months = days.astype("M8[M]")
    ends = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    first, last = days[0].astype(np.int64), days[-1].astype(np.int64)
    begin = int(months[0].astype("M8[D]").astype(np.int64))
    over = int((months[-1] + 1).astype("M8[D]").astype(np.int64)) - 1
    if over > last and len(calendar.between(int(last) + 1, over)):
        ends = ends[:-1]
    found, values = months[ends], np.maximum(0.0, worth[1:][ends])
    if begin == first or not len(calendar.between(begin, int(first) - 1)):
        found, values = np.append(months[0] - 1, found), np.append(worth[0], values)
    return found, values


def names_of(folders: Sequence[Path]) -> list[str]:
    """The name of each run, with its number where two have the same."""
    read = [read_documents(folder)[0] for folder in folders]
    twice = {name for name, count in Counter(str(one["name"]) for one in read).items() if count > 1}
    names = [f"{one['name']}/{one['run']}" if one["name"] in twice else str(one["name"]) for one in read]
    again = [name for name, count in Counter(names).items() if count > 1]
    if again:
        raise InputError(Problem("one run twice", path="--runs", found=", ".join(again), allowed="each run once"))
    return names


def _add(compared: dict[str, Line], market: str, run: str, own: Line) -> None:
    """Keep the longest series of a market; one of the same name with other returns is another market."""
    there = compared.get(market)
    if there is None:
        compared[market] = own
        return
    _, here, others = np.intersect1d(own[0], there[0], assume_unique=True, return_indices=True)
    ratio = own[1][here] / there[1][others]
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) and not np.allclose(ratio, ratio[0], rtol=1e-9, atol=0.0):
        compared[f"{market} of {run}"] = own
    elif len(own[0]) > len(there[0]):
        compared[market] = own


def _shared(compared: dict[str, Line]) -> str:
    if len(compared) != 1:
        found = f"runs compared with {', '.join(sorted(compared))}" if compared else "runs compared with nothing"
        allowed = "--benchmark with one of these, a run's name, or FILE"
        raise InputError(Problem("which market?", path="--benchmark", found=found, allowed=allowed))
    return next(iter(compared))


def _sheet(columns: dict[str, Line]) -> Sheet:
    known = [months for months, _ in columns.values() if len(months)]
    if not known:
        raise InputError(Problem("no whole month in these runs", path="--runs", allowed="runs over two months or more"))
    first, last = min(months[0] for months in known), max(months[-1] for months in known)
    span = np.arange(first, last + 1)
    values = np.full((len(span), len(columns)), np.nan)
    for place, (months, own) in enumerate(columns.values()):
        values[(months - span[0]).astype(np.int64), place] = own
    shape = values.shape
    return Sheet(
        "the runs", span, tuple(columns), values, np.full(shape, np.datetime64("NaT"), "M8[D]"), {},
        np.ones(shape, np.bool_), np.zeros(shape, np.int64),
    )  # fmt: skip


def _said(names: Sequence[str], folders: Sequence[Path]) -> list[Notice]:
    """What was loud of a run is loud of a portfolio with it; the same of several is said once."""
    by_text: dict[str, list[str]] = {}
    for name, folder in zip(names, folders, strict=True):
        for text in read_documents(folder)[0].get("loud", []):
            by_text.setdefault(str(text), []).append(name)
    return [loud(f"{', '.join(those)}: {text}") for text, those in by_text.items()]


def _hindsight() -> Notice:
    return loud(
        "These are backtests: whoever chose strategies and parameters knew the months in which they are weighed here. "
        "Alpha is flattered by that."
    )
