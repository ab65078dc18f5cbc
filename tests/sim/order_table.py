# SPDX-License-Identifier: Apache-2.0
"""Reads the table of hand-drawn bars: orders_table.md says there what its lines mean.

Whatever does not read as one of those lines is refused with its line number: a row that is skipped tests nothing.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.sim.codes import Cause, OrderStatus
from tests.sim import instructed
from tests.sim.replay import Instruction

TABLE = Path(__file__).with_name("orders_table.md")
FIRST_DAY = dt.date(2024, 1, 1)
COLUMNS = ("bar", "date", "open", "high", "low", "close", "volume", "dividend", "split")
NEEDED = ("bar", "open", "high", "low", "close")
SYMBOLS = {"A": 0, "B": 1}

NUMBER = r"-?[\d,]*\.?\d+"
OF = r"(?: of (?P<symbol>[AB]))?"
TAIL = r"(?P<tail>(?:, .+)?)"


class TableError(Exception):
    """A line of the table that cannot be read."""


@dataclass(frozen=True)
class Bar:
    date: dt.date
    prices: tuple[float, float, float, float]
    volume: float = 1_000_000.0
    dividend: float = 0.0
    split: float = 1.0


@dataclass(frozen=True)
class Event:
    """One ledger entry that must happen: a trade, a cash flow or a split, on row t."""

    t: int
    kind: str  # fill, liquidation, or the ledger's word for a cash flow
    role: int | None = None  # None: any
    qty: float = 0.0
    price: float | None = None
    amount: float | None = None
    reason: int | None = None


@dataclass(frozen=True)
class Standing:
    """The account at a close: cash, equity or the shares held of a symbol."""

    t: int
    what: str
    value: float
    role: int = 0


@dataclass(frozen=True)
class Ending:
    """How an order ends."""

    status: OrderStatus
    cause: Cause = Cause.NONE
    filled: float | None = None


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


def read_cases(text: str) -> list[Case]:
    """Every case of the table. Raises TableError at the first line that cannot be read."""
    cases: list[Case] = []
    reader = None
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("## "):
            cases.append(Case(line.removeprefix("## "), number))
            reader = _CaseReader(cases[-1])
        elif line.startswith("# "):
            reader = None
        elif line and reader is not None:
            try:
                reader.read(line)
            except (ValueError, KeyError, yaml.YAMLError) as error:
                raise TableError(f"line {number}: {line!r}: {error}") from error
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
                self.case.instructions.append(_instruction(words))
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
        opened, high, low, close = (_number(cells[name]) for name in NEEDED[1:])
        if not low <= min(opened, close) <= max(opened, close) <= high:
            raise ValueError("open and close must lie between low and high")
        volume = cells.get("volume", "1,000,000")
        bars.append(
            Bar(
                date,
                (opened, high, low, close),
                float("nan") if volume == "none" else _number(volume),
                _number(cells.get("dividend") or "0"),
                _number(cells.get("split") or "1"),
            )
        )

    def _expectation(self, words: str) -> None:
        if match := re.fullmatch(r"order (\d+) (.+)", words):
            self.case.endings[int(match[1])] = _ending(match[2])
            return
        match = re.fullmatch(r"bar (\d+): (.+)", words)
        if not match:
            raise ValueError("an expectation starts with `bar N:` or `order N`")
        t, said = int(match[1]) - 1, match[2]
        if said == "nothing":
            self.case.quiet.append(t)
        elif found := re.fullmatch(rf"(cash|equity|holds) ({NUMBER}){OF}", said):
            self.case.standings.append(Standing(t, found[1], _number(found[2]), SYMBOLS[found["symbol"] or "A"]))
        else:
            self.case.events.append(_event(t, said))


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _instruction(words: str) -> Instruction:
    match = re.fullmatch(r"after bar (\d+): (.+)", words)
    if not match:
        raise ValueError("an instruction starts with `after bar N:`")
    t, said = int(match[1]) - 1, match[2]
    for read in (_trade, _bracket, _holding, _change):
        made = read(t, said)
        if made is not None:
            return made
    raise ValueError("no such instruction")


def _trade(t: int, said: str) -> Instruction | None:
    match = re.fullmatch(rf"(?P<side>buy|sell) (?P<qty>{NUMBER}){OF}(?P<how>[^,]*){TAIL}", said)
    if not match:
        return None
    qty = _number(match["qty"]) * (1 if match["side"] == "buy" else -1)
    verb, first, second = _kind(match["how"].strip())
    role = SYMBOLS[match["symbol"] or "A"]
    return Instruction(t, verb, role, qty, first, second, **_modifiers(match["tail"]))


KINDS = (
    (r"", instructed.MARKET),
    (r"on close", instructed.ON_CLOSE),
    (rf"limit ({NUMBER})", instructed.LIMIT),
    (rf"stop ({NUMBER})", instructed.STOP),
    (rf"stop ({NUMBER}) limit ({NUMBER})", instructed.STOP_LIMIT),
    (rf"trail ({NUMBER})", instructed.TRAIL),
    (rf"trail ({NUMBER})%", instructed.TRAIL_PERCENT),
    (rf"trail ({NUMBER}) x ATR ({NUMBER})", instructed.TRAIL_ATR),
)


def _kind(how: str) -> tuple[int, float, float]:
    for pattern, verb in KINDS:
        if match := re.fullmatch(pattern, how):
            numbers = [_number(text) for text in match.groups()] + [0.0, 0.0]
            if verb == instructed.TRAIL_PERCENT:
                numbers[0] /= 100.0
            return verb, numbers[0], numbers[1]
    raise ValueError(f"no such kind of order: {how!r}")


def _modifiers(tail: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in filter(None, tail.split(", ")):
        if text in ("day", "reduce only"):
            found["day" if text == "day" else "reduce"] = 1
        elif text == "child of no order":
            found["parent"] = instructed.NO_ORDER
        elif match := re.fullmatch(r"(child of order|or order|reason) (\d+)", text):
            found[{"child of order": "parent", "or order": "sibling", "reason": "reason"}[match[1]]] = int(match[2])
        else:
            raise ValueError(f"no such modifier: {text!r}")
    return found


def _bracket(t: int, said: str) -> Instruction | None:
    pattern = rf"bracket: (buy|sell) (?P<qty>{NUMBER}){OF}, stop (?P<stop>{NUMBER}), target (?P<target>{NUMBER}){TAIL}"
    match = re.fullmatch(pattern, said)
    if not match:
        return None
    qty = _number(match["qty"]) * (1 if match[1] == "buy" else -1)
    role = SYMBOLS[match["symbol"] or "A"]
    prices = (_number(match["stop"]), _number(match["target"]))
    return Instruction(t, instructed.BRACKET, role, qty, *prices, **_modifiers(match["tail"]))


def _holding(t: int, said: str) -> Instruction | None:
    if match := re.fullmatch(rf"hold (?P<size>{NUMBER})(?P<unit>%| shares){OF}{TAIL}", said):
        role, size = SYMBOLS[match["symbol"] or "A"], _number(match["size"])
        if match["unit"] == "%":
            return Instruction(t, instructed.TARGET, role, 0.0, size / 100.0, **_modifiers(match["tail"]))
        return Instruction(t, instructed.TARGET_QUANTITY, role, size, **_modifiers(match["tail"]))
    if match := re.fullmatch(rf"close (?P<symbol>[AB]){TAIL}", said):
        return Instruction(t, instructed.CLOSE, SYMBOLS[match["symbol"]], **_modifiers(match["tail"]))
    return None


def _change(t: int, said: str) -> Instruction | None:
    if match := re.fullmatch(rf"move order (\d+) to ({NUMBER})", said):
        return Instruction(t, instructed.MOVE, first=_number(match[2]), order=int(match[1]))
    if match := re.fullmatch(r"cancel order (\d+)", said):
        return Instruction(t, instructed.CANCEL, order=int(match[1]))
    if match := re.fullmatch(r"cancel all of ([AB])", said):
        return Instruction(t, instructed.CANCEL_ALL, SYMBOLS[match[1]])
    return None


FORCED = {"forced by a margin call": -1, "forced by ruin": -2}
FLOWS = ("commission", "fee", "dividend", "borrow", "interest")


def _event(t: int, said: str) -> Event:
    pattern = rf"(?P<side>buy|sell) (?P<qty>{NUMBER}){OF} at (?P<price>{NUMBER})(?:, (?P<why>.+))?"
    if match := re.fullmatch(pattern, said):
        qty = _number(match["qty"]) * (1 if match["side"] == "buy" else -1)
        role, why = SYMBOLS[match["symbol"] or "A"], match["why"] or "reason 0"
        if why in FORCED:
            return Event(t, "liquidation", role, qty, _number(match["price"]), reason=FORCED[why])
        if not re.fullmatch(r"reason \d+", why):
            raise ValueError(f"no such reason: {why!r}")
        return Event(t, "fill", role, qty, _number(match["price"]), reason=int(why.removeprefix("reason ")))
    if match := re.fullmatch(rf"(pays|receives) ({NUMBER}) (\w+){OF}", said):
        if match[3] not in FLOWS:
            raise ValueError(f"no such cash flow: {match[3]!r}")
        role = SYMBOLS[match["symbol"]] if match["symbol"] else None
        return Event(t, match[3], role, amount=_number(match[2]) * (-1 if match[1] == "pays" else 1))
    pattern = rf"split (adds|takes) ({NUMBER}) shares(?:, receives ({NUMBER}) in lieu|, pays ({NUMBER}) in lieu)?{OF}"
    if match := re.fullmatch(pattern, said):
        amount = _number(match[3]) if match[3] else -_number(match[4]) if match[4] else 0.0
        qty = _number(match[2]) * (1 if match[1] == "adds" else -1)
        return Event(t, "split", SYMBOLS[match["symbol"] or "A"], qty, amount=amount)
    raise ValueError("no such event")


def _ending(said: str) -> Ending:
    match = re.fullmatch(rf"(?P<status>\w+)(?:: (?P<cause>[a-z ]+))?(?:, filled (?P<filled>{NUMBER}))?", said)
    if not match:
        raise ValueError("an ending is `STATUS`, `STATUS: CAUSE`, with `, filled N` where it matters")
    cause = Cause[match["cause"].strip().replace(" ", "_").upper()] if match["cause"] else Cause.NONE
    filled = _number(match["filled"]) if match["filled"] else None
    return Ending(OrderStatus[match["status"].upper()], cause, filled)


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
    if not (case.events or case.endings or case.quiet):
        raise ValueError("nothing is expected")
    spoken = [*case.instructions, *case.events, *case.standings]
    if any(not 0 <= each.t < rows for each in spoken) or any(not 0 <= t < rows for t in case.quiet):
        raise ValueError(f"it speaks of a bar that is not among the {rows}")
    if any(event.t in case.quiet for event in case.events):
        raise ValueError("something is expected on a bar of `nothing`")
