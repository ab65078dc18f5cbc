# SPDX-License-Identifier: Apache-2.0
"""What an account holds, as a person writes it down: a file of symbols and signed shares."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.config.describe import plain
from engine.config.yaml_reader import read_yaml
from engine.errors import InputError, Problem, nearest_name

COLUMNS = ("symbol", "shares")


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


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, str, object]]:
    """(line, symbol, shares) of a CSV; columns of other names are not read."""
    reader = csv.DictReader(text.splitlines())
    titles = [(one or "").strip().lower() for one in reader.fieldnames or ()]
    for wanted in COLUMNS:
        if wanted not in titles:
            near = nearest_name(wanted, titles)
            found = ", ".join(titles) or "nothing"
            raise InputError(
                Problem(f"no column `{wanted}`", file=name, line=1, found=found, allowed="symbol,shares", nearest=near)
            )
    reader.fieldnames = titles
    for row in reader:
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            yield reader.line_num, (row["symbol"] or "").strip(), (row["shares"] or "").strip()


def _yaml_rows(text: str, name: str) -> Iterator[tuple[int, str, object]]:
    """(line, symbol, shares) of a mapping."""
    document = read_yaml(text, name)
    if document.problems:
        raise InputError(document.problems)
    if not isinstance(document.data, dict):
        raise InputError(Problem("no positions", file=name, line=1, allowed="lines such as `IWM: -1200`"))
    for symbol, shares in document.data.items():
        yield document.places[(symbol,)].line, symbol, shares


def _added(rows: Iterator[tuple[int, str, object]], name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line, symbol, given in rows:
        if symbol in found:
            raise InputError(Problem(f"{symbol} stands in the file twice", file=name, line=line))
        if not symbol:
            raise InputError(Problem("a line without a symbol", file=name, line=line))
        shares = _number(given)
        if shares is None:
            said = plain(given) if given not in ("", None) else "nothing"
            raise InputError(Problem(f"no number of shares of {symbol}", file=name, line=line, found=said))
        found[symbol] = shares
    return found


def _number(given: object) -> float | None:
    """A cell or a value as a number; None for what is none."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        return float(given)
    except ValueError:
        return None
