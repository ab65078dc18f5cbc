# SPDX-License-Identifier: Apache-2.0
"""What an account holds, as a person writes it down: a file of symbols and signed shares."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.config.describe import plain
from engine.config.written_number import Mark, written_number
from engine.config.yaml_reader import read_yaml
from engine.errors import InputError, Problem, nearest_name

COLUMNS = ("symbol", "shares")
SEPARATORS = (",", ";", "\t", "|")


SIDES = ("side", "direction", "position", "type", "long/short", "l/s", "b/s", "buy/sell")
"""Columns in which one letter says which side a position is on."""
SHORT = ("short", "sell", "sold", "sld", "sell short", "short sale")


class Row(NamedTuple):
    """A line with a symbol and its shares, as they stand there.

    decimal  what the file has before decimals
    short    the cell beside them by which they are short, "" where none says so
    """

    line: int
    symbol: str
    shares: object
    decimal: Mark | None = None
    short: str = ""


def read_positions(path: Path) -> dict[str, float]:
    """Signed shares by symbol: of a CSV with the columns `symbol` and `shares`, or of a YAML with `SYMBOL: shares`.

    Raises InputError with the line for what is no such file, for a symbol given twice, and for what is no number.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "this is no text in UTF-8"
        raise InputError(
            Problem(f"cannot read the positions: {said.lower()}", path="--positions", found=name)
        ) from None
    if path.suffix.lower() == ".csv":
        return _added(_csv_rows(text, name), name)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _added(_yaml_rows(text, name), name)
    allowed = "a .csv with the columns symbol and shares, or a .yaml with lines such as `IWM: -1200`"
    raise InputError(Problem("this is no file of positions", path="--positions", found=name, allowed=allowed))


def check_positions(shares: Mapping[str, float], symbols: tuple[str, ...], step: float, where: str) -> None:
    """Refuse what this configuration's account cannot hold: an unknown symbol, a part of a step of shares.

    step   every quantity is a multiple of it, 1 for whole shares
    where  names the positions to a person
    """
    problems = []
    for symbol, held in shares.items():
        if symbol not in symbols:
            problems.append(
                Problem(
                    "this configuration does not trade the symbol: leave out what other strategies hold",
                    path=where,
                    found=symbol,
                    allowed=", ".join(symbols),
                    nearest=nearest_name(symbol, symbols),
                )
            )
        elif not math.isfinite(held) or abs(held / step - round(held / step)) > 1e-6:
            allowed = "whole shares (fills.whole_shares: false allows parts)" if step == 1.0 else f"steps of {step:g}"
            problems.append(Problem(f"no number of shares of {symbol}", path=where, found=f"{held:g}", allowed=allowed))
    if problems:
        raise InputError(problems)


def _csv_rows(text: str, name: str) -> Iterator[Row]:
    """The rows of a CSV; of columns of other names only whether they say that the shares are short."""
    lines = text.splitlines()
    separator = _separator(lines[0] if lines else "")
    reader = csv.DictReader(lines, delimiter=separator)
    titles = _titles(reader.fieldnames or ())
    for wanted in COLUMNS:
        if wanted not in titles:
            near = nearest_name(wanted, titles)
            found = ", ".join(titles) or "nothing"
            raise InputError(
                Problem(f"no column `{wanted}`", file=name, line=1, found=found, allowed="symbol,shares", nearest=near)
            )
    reader.fieldnames = titles
    for row in reader:
        if None in row:
            allowed = f'one cell a column; a number with {separator} in it between quotes: "1,200"'
            raise InputError(Problem("more cells than columns", file=name, line=reader.line_num, allowed=allowed))
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            shares = (row["shares"] or "").strip()
            # Where commas stand between cells, the one in a number stands between thousands.
            decimal: Mark | None = "." if separator == "," else None
            yield Row(reader.line_num, (row["symbol"] or "").strip(), shares, decimal, _short(row))


def _short(row: Mapping[str, str | None]) -> str:
    """The cell of a row that says its shares are short, "" where none does."""
    cells = {title: (cell or "").strip() for title, cell in row.items() if title not in COLUMNS}
    said = [cell for title, cell in cells.items() if cell.lower() in SHORT or (title in SIDES and cell.lower() == "s")]
    return said[0] if said else ""


def _separator(head: str) -> str:
    """What stands between the cells of a file with this first line: what makes both columns of it."""
    fitting = [one for one in SEPARATORS if set(COLUMNS) <= set(_titles(head.split(one)))]
    return fitting[0] if fitting else SEPARATORS[0]


def _titles(cells: Sequence[str]) -> list[str]:
    return [(one or "").strip().strip('"').lower() for one in cells]


def _yaml_rows(text: str, name: str) -> Iterator[Row]:
    """The entries of a mapping."""
    document = read_yaml(text, name)
    if document.problems:
        raise InputError(document.problems)
    if not isinstance(document.data, dict):
        raise InputError(Problem("no positions", file=name, line=1, allowed="lines such as `IWM: -1200`"))
    for symbol, shares in document.data.items():
        yield Row(document.places[(symbol,)].line, symbol, shares)


def _added(rows: Iterator[Row], name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line, symbol, given, decimal, short in rows:
        if symbol in found:
            raise InputError(Problem(f"{symbol} stands in the file twice", file=name, line=line))
        if not symbol:
            raise InputError(Problem("a line without a symbol", file=name, line=line))
        said = plain(given) if given not in ("", None) else "nothing"
        try:
            shares = _number(given, decimal)
        except ValueError as either:
            message = f"shares of {symbol} that may be either of two numbers"
            raise InputError(Problem(message, file=name, line=line, found=said, allowed=str(either))) from None
        if shares is None:
            allowed = "digits, such as -1200"
            message = f"no number of shares of {symbol}"
            raise InputError(Problem(message, file=name, line=line, found=said, allowed=allowed))
        if short and shares > 0.0:
            message = f"{symbol} is said to be short, and its shares are above 0"
            allowed = f"-{said}: short shares are negative; or the cell '{short}' taken out, where they are long"
            raise InputError(Problem(message, file=name, line=line, found=f"{short}, {said}", allowed=allowed))
        found[symbol] = shares
    return found


def _number(given: object, decimal: Mark | None) -> float | None:
    """A cell or a value as a number; None for what is none. Raises ValueError for what may be two."""
    if isinstance(given, str):
        return written_number(given, decimal)
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
