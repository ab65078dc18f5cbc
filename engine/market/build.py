# SPDX-License-Identifier: Apache-2.0
"""A run's market: from the configuration, through the cache where it can, from the sources where it must.

The warm path stays on this page and in `cache`: it asks which files would be read, not what is in them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError, DataError, Problem, nearest_name
from engine.market import cache
from engine.market.benchmark_gaps import benchmark_gaps
from engine.market.doubts import said
from engine.market.panel import Market
from engine.market.sources import Frames, Source, open_source
from engine.market.sources.series import as_source, series_file
from engine.market.spans import span_notices
from engine.model.run import Period, RunConfig, SeriesSource
from engine.model.sleeves import one_by_one
from engine.model.spans import COMMON, Span, span_of
from engine.notice import Notice, loud, note
from engine.records import Dates, bar_dtype, dtype_of

LAYOUT = 1
CALENDAR = "XNYS"


def load_market(
    config: RunConfig,
    series: Sequence[str],
    optional_series: Sequence[str],
    base_dir: Path,
    roles: Sequence[str] | None = None,
    frames: Frames | None = None,
) -> Market:
    """Everything the sources have for the configuration's roles and series, whatever its period: features look back.

    series           what the strategy cannot do without
    optional_series  what becomes NaN where the configuration does not bind it; bound, it must be there
    base_dir         folder of the configuration, where relative paths start
    roles            the strategy's roles in its order, which is the order of the panel; None: the configuration's
    frames           symbol to a table in memory, where `data.source` is memory

    A role is read at its stamps, all roles at the ones they have in common. A series is what was known at the bar's
    close: a daily value counts as known at the close of its session. `Market.notices` says what is left out.
    Raises ConfigError where total-return prices meet dividend cash flows, DataError with every problem of every file.
    """
    _refuse_double_count(config)
    order = _bound_roles(config, roles)
    bound = _bound_series(config, series, order)
    missing = tuple(name for name in optional_series if name not in bound)
    source = open_source(config.data, base_dir, frames)
    files = _files(source, order, bound, base_dir)
    spans = _bound_spans(config, order)
    key = cache.key_of(_recipe(source, order, bound, missing, files, spans))
    market = cache.load(key, bar_dtype(tuple(order), (*bound, *missing)))
    if market is None:
        from engine.market.assemble import assemble

        market = assemble(source, order, bound, missing, base_dir, CALENDAR, _confirmed(config), spans)
        failure = "" if source.unfinished else cache.store(key, market)
        market = replace(market, notices=(*market.notices, note(failure))) if failure else market
    return replace(market, notices=(*market.notices, *_of_the_run(market, config)))


def market_files(
    config: RunConfig, series: Sequence[str], base_dir: Path, roles: Sequence[str], frames: Frames | None
) -> list[Path]:
    """Every file that `load_market` of the same arguments reads. Raises DataError for all that are missing."""
    order = _bound_roles(config, roles)
    return _files(open_source(config.data, base_dir, frames), order, _bound_series(config, series, order), base_dir)


def period_rows(market: Market, period: Period, fewest: int = 2) -> tuple[int, int]:
    """(start, stop): the rows of the period's sessions, stop exclusive. DataError where there are less than `fewest`.

    What is decided at the close of the first bar fills in the second: one bar alone is no run.
    """
    sessions = market.bars["session"].astype("M8[D]")
    start = 0 if period.start is None else int(np.searchsorted(sessions, np.datetime64(period.start)))
    stop = (
        len(sessions) if period.end is None else int(np.searchsorted(sessions, np.datetime64(period.end), side="right"))
    )
    if stop - start < fewest:
        raise DataError(
            Problem(
                "no bar in the period" if stop <= start else "a single bar in the period; a run needs two or more",
                path="period",
                found=f"{period.start or 'the first bar'} to {period.end or 'the last bar'}",
                allowed=f"sessions from {sessions[0]} to {sessions[-1]}",
            )
        )
    return start, stop


def _refuse_double_count(config: RunConfig) -> None:
    prices = getattr(config.data, "prices", "")
    if prices == "total_return" and config.costs.dividends:
        raise ConfigError(
            Problem(
                "total-return prices contain the dividends: paying them as well would count them twice",
                path="costs.dividends",
                found="true with data.prices: total_return",
                allowed="costs.dividends: false, or data.prices: split_adjusted",
            )
        )


def _bound_roles(config: RunConfig, roles: Sequence[str] | None) -> dict[str, str]:
    bound = one_by_one(config.roles)
    order = list(bound) if roles is None else list(roles)
    problems = [
        Problem("the role has no symbol", path=f"roles.{name}", allowed="a symbol", nearest=nearest_name(name, bound))
        for name in order
        if name not in bound
    ]
    if not order:
        problems.append(Problem("no roles", path="roles", allowed="role: symbol"))
    if problems:
        raise DataError(problems)
    return {name: bound[name] for name in order}


def _bound_spans(config: RunConfig, roles: dict[str, str]) -> dict[str, Span]:
    """Role -> its span. Raises ConfigError for a symbol that no role has."""
    known = (*dict.fromkeys(roles.values()), "default")
    problems = [
        Problem(
            "no role has this symbol", path=f"spans.{name}", allowed=", ".join(known), nearest=nearest_name(name, known)
        )
        for name in config.spans
        if name not in known
    ]
    if problems:
        raise ConfigError(problems)
    return {role: span_of(config.spans, symbol) for role, symbol in roles.items()}


def _bound_series(config: RunConfig, required: Sequence[str], roles: Collection[str]) -> dict[str, SeriesSource]:
    problems = [
        Problem(
            "the strategy needs this series and the configuration does not bind it",
            path=f"series.{name}",
            allowed=f"{name}: SYMBOL, or a mapping with symbol, path, column and unit",
            nearest=nearest_name(name, config.series),
        )
        for name in required
        if name not in config.series
    ]
    taken = {*roles, *(bar_dtype(()).names or ()), *(dtype_of(Dates).names or ())}
    problems += [
        Problem("this name is taken by a role or by the bar; choose another", path=f"series.{name}", found=name)
        for name in config.series
        if name in taken
    ]
    if problems:
        raise DataError(problems)
    names = [*required, *(name for name in config.series if name not in required)]
    return {name: as_source(config.series[name]) for name in names}


def _files(source: Source, roles: dict[str, str], series: dict[str, SeriesSource], base_dir: Path) -> list[Path]:
    """Every file that building would read. Raises one DataError for all that are missing."""
    asks: list[Callable[[], tuple[Path, ...]]] = [partial(source.files, symbol) for symbol in roles.values()]
    for one in series.values():
        if one.path is None:
            asks.append(partial(source.files, one.symbol))
        else:
            asks.append(lambda one=one: (series_file(one, base_dir),))  # type: ignore[misc]
    files: list[Path] = []
    problems: list[Problem] = []
    for ask in asks:
        try:
            files += ask()
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(dict.fromkeys(problems))
    return files


def _recipe(
    source: Source,
    roles: dict[str, str],
    series: dict[str, SeriesSource],
    missing: tuple[str, ...],
    files: Sequence[Path],
    spans: dict[str, Span],
) -> dict[str, Any]:
    """Everything that determines the panel, as JSON values."""
    return {
        "layout": LAYOUT,
        "code": _code(),
        "source": source.identity,
        "calendar": CALENDAR,
        "roles": list(roles.items()),
        "series": [[name, one.model_dump(mode="json")] for name, one in series.items()],
        "missing": missing,
        "files": [stamp(file) for file in files],
        "spans": [[role, one.since, one.until] for role, one in spans.items() if one != COMMON],
    }


@lru_cache(maxsize=1)
def _code() -> list[Any]:
    """What reads the data: another version of it may read the same file otherwise."""
    from importlib.metadata import version

    here = Path(__file__).parent
    sources = [*sorted(here.rglob("*.py")), *sorted((here.parent / "records").glob("*.py"))]
    versions = [[name, version(name)] for name in ("exchange_calendars", "pandas", "pyarrow")]
    return [versions, *(stamp(file) for file in sources)]


def stamp(file: Path) -> list[Any]:
    """What tells a file from what it was before, without its content: path, size, times and inode."""
    status = file.stat()
    # A file may be replaced with its size and time kept: by rsync, unzip, touch. Its inode and change time tell.
    return [str(file), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _confirmed(config: RunConfig) -> dict[str, list[dt.date]]:
    """Symbol to the sessions whose moves the configuration says are real."""
    return getattr(config.data, "confirmed", {})


def _of_the_run(market: Market, config: RunConfig) -> list[Notice]:
    """What is said of the panel where it concerns the configuration's period and fills."""
    first, last = (int(day) for day in market.bars["session"][[0, -1]])
    epoch = dt.date(1970, 1, 1)
    first = max(first, (config.period.start - epoch).days) if config.period.start else first
    last = min(last, (config.period.end - epoch).days) if config.period.end else last
    rows = (market.bars["session"] >= first) & (market.bars["session"] <= last)
    return [
        *_period_notices(market, config.period),
        *span_notices(market, *_ends(rows)),
        *said(market.doubts, first, last),
        *benchmark_gaps(market, config.benchmark, rows),
        *_without_volume(market, config, rows),
        *_without_dividends(market, config),
    ]


def _ends(rows: NDArray[np.bool_]) -> tuple[int, int]:
    """(first, stop) of rows that stand side by side."""
    at = np.flatnonzero(rows)
    return (int(at[0]), int(at[-1]) + 1) if len(at) else (0, 0)


def _without_volume(market: Market, config: RunConfig, rows: NDArray[np.bool_]) -> list[Notice]:
    cap = config.fills.participation
    if cap is None or not rows.any():
        return []
    words = f"the volume is 0 on every bar of the run, and fills.participation lets orders have {cap:g} of it"
    remedy = "none can fill; bring the volume, or set fills.participation: null"
    return [
        loud(f"{symbol}: {words}: {remedy}")
        for role, symbol in market.symbols.items()
        if not market.bars[role]["volume"][rows & ~np.isnan(market.bars[role]["close"])].any()
    ]


def _without_dividends(market: Market, config: RunConfig) -> list[Notice]:
    """Loud for daily bars, which are held for long."""
    if not config.costs.dividends:
        return []
    say = loud if market.frequency == "1d" else note
    remedy = "bring it, 0 where none is paid; or costs.dividends: false, where there are none or the prices hold them"
    return [say(f"{symbol}: no column dividend, so none is paid or owed: {remedy}") for symbol in market.unpaid]


def _period_notices(market: Market, period: Period) -> list[Notice]:
    first, last = market.sessions[[0, -1]].astype(object)
    notices = []
    if period.start and period.start < first:
        notices.append(note(f"the period starts {period.start}, the bars {first}"))
    if period.end and period.end > last:
        notices.append(note(f"the period ends {period.end}, the bars {last}"))
    return notices
