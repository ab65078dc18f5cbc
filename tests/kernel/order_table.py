# SPDX-License-Identifier: Apache-2.0
"""Reads the table of hand-drawn bars: orders_table.md says there what its lines mean.

Whatever does not read as one of those lines is refused with its line number: a row that is skipped tests nothing.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from engine.market.panel import Market
from tests.kernel.replay import Instruction, draw_market
from tests.kernel.table_words import NUMBER, OF, SYMBOLS, Ending, Event, Standing, ending, event, instruction, number

TABLE = Path(__file__).with_name("orders_table.md")
FIRST_DAY = dt.date(2024, 1, 1)
COLUMNS = ("bar", "date", "open", "high", "low", "close", "volume", "dividend", "split")
NEEDED = ("bar", "open", "high", "low", "close")
STILL = (100.0, 101.0, 99.0, 100.0)


class TableError(Exception):
    """A line of the table that cannot be read."""


@dataclass(frozen=True)
class Bar:
    date: dt.date
    prices: tuple[float, float, float, float]
    volume: float = 1_000_000.0
    dividend: float = 0.0
    split: float = 1.0


@dataclass
class Case:
    """One row of the table: a name, why it matters, bars, instructions, and what must come of them."""

    name: str
    line: int
    why: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    bars: dict[int, list[Bar]] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    endings: dict[int, Ending] = field(default_factory=dict)
    quiet: list[int] = field(default_factory=list)
    refused: str = ""


def read_cases(text: str) -> list[Case]:
    """Every case of the table. Raises TableError at the first line that cannot be read."""
    cases: list[Case] = []
    reader = None
    for count, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("## "):
            cases.append(Case(line.removeprefix("## "), count))
            reader = _CaseReader(cases[-1])
        elif line.startswith("# "):
            reader = None
        elif line and reader is not None:
            try:
                reader.read(line)
            except (ValueError, KeyError, yaml.YAMLError) as error:
                raise TableError(f"line {count}: {line!r}: {error}") from error
    for case in cases:
        try:
            _check(case)
        except ValueError as error:
            raise TableError(f"line {case.line}: case {case.name!r}: {error}") from error
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise TableError(f"two cases are called {name!r}")
    return cases


def market_of(case: Case) -> Market:
    """The case's bars; B stands still where it has none."""
    drawn = case.bars[0]
    both = {"a": drawn, "b": case.bars.get(1) or [Bar(bar.date, STILL) for bar in drawn]}
    sessions = np.array([bar.date for bar in drawn], "M8[D]").astype("i4")
    return draw_market(
        {role: np.array([(*bar.prices, bar.volume) for bar in bars]) for role, bars in both.items()},
        sessions,
        {role: [bar.dividend for bar in bars] for role, bars in both.items()},
        {role: [bar.split for bar in bars] for role, bars in both.items()},
    )


class _CaseReader:
    """Takes the lines of one case as they come."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.header: list[str] = []
        self.role = 0
        self.expecting = False

    def read(self, line: str) -> None:
        if line.startswith("|"):
            self._table([cell.strip() for cell in line.strip("|").split("|")])
        elif line == "expect:":
            self.expecting = True
        elif line.startswith("- "):
            words = line.removeprefix("- ")
            if self.expecting:
                self._expectation(words)
            elif words.startswith("with "):
                path, value = words.removeprefix("with ").split(": ", 1)
                self.case.settings[path] = yaml.safe_load(value)
            else:
                self.case.instructions.append(instruction(words))
        elif self.case.bars or self.expecting:
            raise ValueError("neither a table, an instruction nor an expectation")
        else:
            self.case.why = f"{self.case.why} {line}".strip()

    def _table(self, cells: list[str]) -> None:
        if cells[0].startswith("bar"):
            self.role = SYMBOLS[cells[0].removeprefix("bar").removeprefix(" of ").strip() or "A"]
            self.header = ["bar", *cells[1:]]
            unknown, missing = set(self.header) - set(COLUMNS), set(NEEDED) - set(self.header)
            if unknown or missing:
                raise ValueError(f"columns: unknown {sorted(unknown)}, missing {sorted(missing)}")
            if self.role in self.case.bars:
                raise ValueError("a second table of bars for the same symbol")
            self.case.bars[self.role] = []
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            self._bar(dict(zip(self.header, cells, strict=True)))

    def _bar(self, cells: dict[str, str]) -> None:
        bars = self.case.bars[self.role]
        if int(cells["bar"]) != len(bars) + 1:
            raise ValueError(f"bar {len(bars) + 1} comes next")
        date = dt.date.fromisoformat(cells["date"]) if "date" in cells else FIRST_DAY + dt.timedelta(days=len(bars))
        opened, high, low, close = (number(cells[name]) for name in NEEDED[1:])
        if not low <= min(opened, close) <= max(opened, close) <= high:
            raise ValueError("open and close must lie between low and high")
        volume = cells.get("volume", "1,000,000")
        bars.append(
            Bar(
                date,
                (opened, high, low, close),
                float("nan") if volume == "none" else number(volume),
                number(cells.get("dividend") or "0"),
                number(cells.get("split") or "1"),
            )
        )

    def _expectation(self, words: str) -> None:
        if match := re.fullmatch(r"order (\d+) (.+)", words):
            self.case.endings[int(match[1])] = ending(match[2])
            return
        if words.startswith("refused: "):
            self.case.refused = words.removeprefix("refused: ")
            return
        match = re.fullmatch(r"bar (\d+): (.+)", words)
        if not match:
            raise ValueError("an expectation starts with `bar N:`, `order N` or `refused:`")
        t, said = int(match[1]) - 1, match[2]
        if said == "nothing":
            self.case.quiet.append(t)
        elif found := re.fullmatch(rf"(cash|equity|holds) ({NUMBER}){OF}", said):
            self.case.standings.append(Standing(t, found[1], number(found[2]), SYMBOLS[found["symbol"] or "A"]))
        else:
            self.case.events.append(event(t, said))


def _check(case: Case) -> None:
    """What no single line shows: everything is there, and every bar that is spoken of exists."""
    if not case.why:
        raise ValueError("no sentence says why")
    if 0 not in case.bars:
        raise ValueError("no table of bars")
    rows = len(case.bars[0])
    if any(len(bars) != rows for bars in case.bars.values()):
        raise ValueError("the tables of bars differ in length")
    if not case.instructions:
        raise ValueError("nothing is ordered")
    expected = case.events or case.endings or case.quiet
    if not (expected or case.refused):
        raise ValueError("nothing is expected")
    if case.refused and (expected or case.standings):
        raise ValueError("a run that is refused leaves nothing to expect")
    spoken = [*case.instructions, *case.events, *case.standings]
    if any(not 0 <= each.t < rows for each in spoken) or any(not 0 <= t < rows for t in case.quiet):
        raise ValueError(f"it speaks of a bar that is not among the {rows}")
    if any(event.t in case.quiet for event in case.events):
        raise ValueError("something is expected on a bar of `nothing`")
