# SPDX-License-Identifier: Apache-2.0
"""Matching the column names of a file to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import ConfigError, Problem, nearest_name
from engine.market.sources.locate import words
from engine.market.sources.table import READ

DATE_NAMES = (
    "date",
    "datetime",
    "timestamp",
    "time",
    "datetime_et",
    "datetime_utc",
    "date_et",
    "session",
    "observation_date",
    "__index_level_0__",  # an unnamed pandas index in a parquet file
)
ALIASES = {
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "capital_gains": "capital_gain",
    "dividends": "dividend",
    "cash_dividend": "dividend",
    "cash_dividends": "dividend",
    "distribution": "dividend",
    "distributions": "dividend",
    "div": "dividend",
    "div_cash": "dividend",
    "divcash": "dividend",
    "dividend_amount": "dividend",
    "dividend_per_share": "dividend",
    "dividends_per_share": "dividend",
    "splits": "split",
    "stock_splits": "split",
    "split_coefficient": "split",
    "split_factor": "split",
    "split_ratio": "split",
    "splitfactor": "split",
    "vol": "volume",
}
_SPEAKS = {
    "dividend": re.compile("^(ex_?)?div|dividend|distrib|payout"),
    "split": re.compile("split"),
}


@dataclass(frozen=True, slots=True)
class Header:
    """Which column of a file is which of ours, by position; -1 and absent mean that the file has none."""

    names: tuple[str, ...]
    date: int
    columns: dict[str, int]
    problems: tuple[Problem, ...]


def folded(name: str) -> str:
    """`Adj Close` and `adj_close` are one name."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().casefold()).strip("_") if not name.startswith("__") else name


def match(
    names: Sequence[str],
    wanted: Sequence[str],
    given: Mapping[str, str],
    required: Sequence[str],
    file: str,
    where: str,
) -> Header:
    """Find the date column and the `wanted` ones among `names`; `given` maps ours to theirs where they differ.

    `where` is the place in the configuration that can name a missing column.
    """
    by_name: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        key = folded(name)
        by_name.setdefault(ALIASES.get(key, key) if ALIASES.get(key, key) in wanted else key, []).append(position)
    problems: list[Problem] = []
    columns: dict[str, int] = {}
    # What the map gives to one name of ours is no other, whatever it is called: {close: Adj Close}.
    taken = {place for name, theirs in given.items() if name in wanted for place in _exact(names, theirs)}
    by_name = {
        key: [place for place in places if place not in taken] if key in wanted else places
        for key, places in by_name.items()
    }
    for name in wanted:
        theirs = given.get(name)
        found = _exact(names, theirs) if theirs is not None else by_name.get(name, [])
        if len(found) > 1:
            problems.append(
                Problem(f"more than one column is called {name}", file, 1, found=words(names[i] for i in found))
            )
        elif found:
            columns[name] = found[0]
        elif theirs is not None or name in required:
            problems.append(_missing(theirs or name, names, file, where))
    date = _date(names, given.get("date"), by_name)
    if date < 0:
        problems.append(_missing(given.get("date") or "date", names, file, where, ", ".join(DATE_NAMES[:5])))
    return Header(tuple(names), date, columns, tuple(problems))


def check_map(given: Mapping[str, str], where: str = "data.columns") -> None:
    """Raise ConfigError where a column map names a column of ours that does not exist."""
    known = ("date", *READ)
    problems = [
        Problem("no such column", path=f"{where}.{name}", allowed=", ".join(known), nearest=nearest_name(name, known))
        for name in given
        if name not in known
    ]
    if problems:
        raise ConfigError(problems)


def passed_over(header: Header) -> dict[str, str]:
    """Ours to theirs: columns whose names speak of dividends or splits, in a file from which none is read."""
    left = [name for place, name in enumerate(header.names) if place not in (header.date, *header.columns.values())]
    found = {ours: next((name for name in left if said.search(folded(name))), "") for ours, said in _SPEAKS.items()}
    return {ours: theirs for ours, theirs in found.items() if theirs and ours not in header.columns}


def has(names: Sequence[str], theirs: str) -> bool:
    """Whether a file with these column names has this one, up to case and spelling."""
    return bool(_exact(names, theirs))


def _exact(names: Sequence[str], theirs: str) -> list[int]:
    found = [i for i, name in enumerate(names) if name == theirs]
    return found or [i for i, name in enumerate(names) if folded(name) == folded(theirs)]


def _date(names: Sequence[str], theirs: str | None, by_name: Mapping[str, list[int]]) -> int:
    found = _exact(names, theirs) if theirs is not None else [i for name in DATE_NAMES for i in by_name.get(name, [])]
    return found[0] if found else -1


def _missing(name: str, names: Sequence[str], file: str, where: str, allowed: str = "") -> Problem:
    return Problem(
        f"missing column {name}; {where} can name another",
        file,
        1,
        found=f"columns {words(names) or 'none'}",
        allowed=allowed,
        nearest=nearest_name(name, names),
    )
