# SPDX-License-Identifier: Apache-2.0
"""The text of a CSV file as people have it: packed, in UTF-16, with semicolons, under yfinance's three header lines.

What is read here is certain; whoever reads a file in turn (for its names, its cells, its line numbers) reads it so.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engine.errors import DataError, Problem

MARKS = (",", ";", "\t", "|")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
PACKED = (".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Form:
    """names are the stripped column names, header the lines above the first bar, delimiter what divides fields."""

    names: tuple[str, ...]
    header: int
    delimiter: str


def plain(path: Path) -> bool:
    """Whether the file holds its text as it is, in UTF-8 or what it is taken for."""
    if path.suffix in PACKED:
        return False
    with path.open("rb") as source:
        return source.read(2) not in UTF_16


def content(path: Path, file: str) -> bytes:
    """The text as UTF-8. Raises DataError where an archive is damaged or holds more than one file."""
    try:
        raw = _unpacked(path, file)
    except (zlib.error, zipfile.BadZipFile, EOFError, gzip.BadGzipFile) as error:
        raise DataError(Problem("cannot be unpacked", file, found=str(error))) from error
    if raw[:2] in UTF_16:
        try:
            return raw.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise DataError(Problem("begins as UTF-16 and is not", file, found=str(error))) from error
    return raw


def open_text(path: Path, file: str) -> TextIO:
    """The text, line ends as they are. Raises DataError as `content`."""
    if plain(path):
        return path.open(newline="", encoding="utf-8-sig", errors="replace")
    return io.TextIOWrapper(io.BytesIO(content(path, file)), newline="", encoding="utf-8-sig", errors="replace")


def form_of(path: Path, file: str) -> Form:
    """Names, header lines and delimiter. Raises DataError where the file is empty or is no table."""
    with open_text(path, file) as source:
        first = source.readline()
        names = next(csv.reader([first]), [])
        if not names:
            raise DataError(Problem("empty file", file, allowed="a line of column names, then one line a bar"))
        delimiter = next((mark for mark in MARKS if len(next(csv.reader([first], delimiter=mark))) > 1), "")
        if not delimiter:
            found = f"one column, {names[0]!r}"
            raise DataError(Problem("not a table of columns", file, 1, found=found, allowed="commas or semicolons"))
        records = csv.reader(source, delimiter=delimiter)
        names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
        second = [cell.strip() for cell in next(records, [])] if names[0] == "Price" else []
        if second[:1] != ["Ticker"]:
            return Form(tuple(names), 1, delimiter)
        tickers = sorted(set(second[1:]))
        if len(tickers) != 1:
            allowed = "one file a symbol: yfinance.download(symbol, multi_level_index=False)"
            raise DataError(Problem("the bars of several symbols", file, 2, found=", ".join(tickers), allowed=allowed))
        third = [cell.strip() for cell in next(records, [])]
        return Form(("Date", *names[1:]), 3 if third[:1] in (["Date"], ["Datetime"]) else 2, delimiter)


def records_of(path: Path, file: str, form: Form) -> Iterator[tuple[int, list[str]]]:
    """(line, fields) of everything below the header, lines counted from 1."""
    with open_text(path, file) as source:
        reader = csv.reader(source, delimiter=form.delimiter)
        for number, record in enumerate(reader):
            if number >= form.header:
                yield reader.line_num, record


def _unpacked(path: Path, file: str) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [one for one in archive.namelist() if not one.endswith("/") and not one.startswith("__MACOSX")]
        if len(names) != 1:
            raise DataError(
                Problem("not one file in the archive", file, found=", ".join(names) or "none", allowed="one")
            )
        return archive.read(names[0])
