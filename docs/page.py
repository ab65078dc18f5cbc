# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (what the scripts beside share)
"""A page of docs/ with what its script measures: tables, printed text, pictures; and how figures are written."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from engine.analytics.analysis import analyse
from engine.engines.run_record import RunRecord
from engine.runs.backtest import backtest

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
CONFIGS = DOCS.parent / "configs"

Table = list[list[str]]
"""Rows of cells; the first are the titles."""

Given = TypeVar("Given")
Runs = Iterable[tuple[str, RunRecord]]
"""Named runs."""

Kept = dict[str, Any]
"""The document of a benchmark, kept beside its page."""

Column = Callable[[RunRecord, Mapping[str, Any]], str]
"""A cell from a run and its metrics."""

_PLACE = re.compile(r"<!-- (measured|printed): (\w+) -->\n.*?<!-- end -->", flags=re.DOTALL)


def kept(file: str) -> Callable[[Sequence[str]], Kept]:
    """What reads the document of a benchmark in docs/; the command line has no say in it."""

    def read(_: Sequence[str]) -> Kept:
        document: Kept = json.loads((DOCS / file).read_text(encoding="utf-8"))
        return document

    return read


@dataclass(frozen=True)
class Page(Generic[Given]):
    """A page below docs/.

    sections  what stands between `<!-- measured: NAME -->` (a table) or `<!-- printed: NAME -->` (text) and
              `<!-- end -->`: a function NAME of what is given
    pictures  file in docs/images -> the function that draws it from what is given
    read      what is given, from the arguments of the command line: these themselves, overrides of a configuration
    """

    name: str
    sections: Sequence[Callable[[Given], Table | str]] = ()
    pictures: Mapping[str, Callable[[Given], str]] = field(default_factory=dict)
    read: Callable[[Sequence[str]], Given] = tuple

    @property
    def file(self) -> Path:
        return DOCS / self.name

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def places(self) -> list[str]:
        """The names of the places on the page, in order."""
        return [found[2] for found in _PLACE.finditer(self.text)]

    def written(self, given: Given, *, part: bool = False) -> str:
        """The page's text with every place measured anew. Raises KeyError for a place that no section measures.

        part  places that no section measures stay as they are
        """
        sections = {one.__name__: one for one in self.sections}

        def fresh(found: re.Match[str]) -> str:
            if part and found[2] not in sections:
                return found[0]
            made = sections[found[2]](given)
            body = f"```text\n{made}\n```" if isinstance(made, str) else _lines(made)
            return f"<!-- {found[1]}: {found[2]} -->\n{body}\n<!-- end -->"

        return _PLACE.sub(fresh, self.text)

    def main(self) -> None:
        """Write the page and its pictures, as the command line says."""
        given = self.read(sys.argv[1:])
        self.file.write_text(self.written(given), encoding="utf-8")
        for name, draw in self.pictures.items():
            (IMAGES / name).write_text(draw(given), encoding="utf-8")

    def tables(self, *titles: str) -> list[list[dict[str, str]]]:
        """The tables that have all of these columns: a list of rows, each from column title to cell."""
        found: list[list[dict[str, str]]] = []
        header: list[str] = []
        for line in self.text.splitlines():
            if not line.startswith("|"):
                header = []
                continue
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not header:
                header = cells
                found.append([])
            elif not set("".join(cells)) <= set("-: "):
                found[-1].append(dict(zip(header, cells, strict=True)))
        return [rows for rows in found if rows and set(titles) <= rows[0].keys()]


def _lines(table: Table) -> str:
    titles, *rows = table
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, ["---"] * len(titles), *rows))


def run(config: str, sets: Sequence[str] = ()) -> RunRecord:
    """The run of configs/CONFIG.yaml with overrides; the last few are kept."""
    return _run(config, tuple(sets))


@lru_cache(maxsize=16)
def _run(config: str, sets: tuple[str, ...]) -> RunRecord:
    return backtest(CONFIGS / f"{config}.yaml", sets)


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction in per cent."""
    return f"{100 * fraction:.{digits}f} %"


def rate(fraction: float) -> str:
    """Per cent with two digits after the point, with one from 10 % on."""
    return percent(fraction, 1 if abs(fraction) >= 0.1 else 2)


def money(amount: float) -> str:
    """Dollars without cents."""
    return f"{amount:,.0f}"


HEADLINE: dict[str, Column] = {
    "CAGR": lambda _, found: percent(found["cagr"], 2),
    "volatility": lambda _, found: percent(found["volatility"]),
    "Sharpe": lambda _, found: f"{found['sharpe']:.2f}",
    "max drawdown": lambda _, found: percent(found["max_drawdown"]),
    "worst 15 sessions": lambda _, found: percent(found["worst_15_sessions"]),
    "costs a year": lambda _, found: percent(found["total_costs_rate"], 2),
    "fills": lambda _, found: f"{found['fills']:.0f}",
}


def runs(config: str, given: Sequence[str], choices: Iterable[tuple[str, Sequence[str]]]) -> Runs:
    """The runs of one configuration with each choice's overrides after those given."""
    return ((name, run(config, (*given, *sets))) for name, sets in choices)


def compared(made: Runs, titles: Sequence[str], own: Mapping[str, Column] | None = None) -> Table:
    """One line a run, named first; columns are those of HEADLINE and `own`."""
    columns = HEADLINE | dict(own or {})
    rows = [["", *titles]]
    for name, result in made:
        found = dict(analyse(result).metrics.values)
        rows.append([name, *(columns[title](result, found) for title in titles)])
    return rows
