# SPDX-License-Identifier: Apache-2.0
"""Numbers as people and spreadsheets write them: 1,200 and 1.200,50 and a minus that is no hyphen."""

from __future__ import annotations

import re
from typing import Literal

Mark = Literal[",", "."]
MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{FULLWIDTH HYPHEN-MINUS}": "-", "\N{SMALL HYPHEN-MINUS}": "-"})
BETWEEN = " '\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}"
"""What stands between thousands and never before decimals."""
BY_HAND = re.compile(r"([+-]?)(\d[\d.,]*|[.,]\d+)")
GROUPED = re.compile(rf"[+-]?\d{{1,3}}([{BETWEEN}]\d{{3}})+(?!\d)")


def written_number(text: str, decimal: Mark | None = None) -> float | None:
    """The number that a text is for certain, in its own unit; None for what is none.

    decimal  which of . and , stands before the decimals, None where nobody says
    Raises ValueError, with both readings, for what may be either: 1,200 is 1200 or 1.2 where nobody says.
    """
    told = text.strip().translate(MINUS)
    if grouped := GROUPED.match(told):
        told = re.sub(rf"[{BETWEEN}]", "", grouped.group()) + told[grouped.end() :]
    found = BY_HAND.fullmatch(told)
    if found is None:
        return _plain(told)
    sign, digits = found.groups()
    marks = [one for one in digits if one in ".,"]
    if not marks:
        return float(told)
    last: Mark = "," if marks[-1] == "," else "."
    other = "." if last == "," else ","
    before, _, after = digits.rpartition(last)
    if other in before:  # both: the last stands before the decimals
        return _number(sign, before, other, after) if last not in before and decimal in (None, last) else None
    if last in before:  # the same twice: thousands
        whole = _number(sign, digits, last, "")
        return whole if decimal != last else None
    if decimal == last or not (len(after) == 3 and 1 <= len(before) <= 3 and before.lstrip("0")):
        return _number(sign, before, other, after) if decimal in (None, last) else None
    thousands = float(f"{sign}{before}{after}")
    if decimal is None:
        raise ValueError(f"{thousands:g} or {float(f'{sign}{before}.{after}'):g}")
    return thousands


def _plain(told: str) -> float | None:
    try:
        return float(told) if not set(told) & set("_") else None
    except ValueError:
        return None


def _number(sign: str, whole: str, mark: str, decimals: str) -> float | None:
    """None where `mark` does not stand between thousands."""
    first, *groups = whole.split(mark)
    if groups and (not 1 <= len(first) <= 3 or any(len(one) != 3 for one in groups)):
        return None
    return float(f"{sign}{''.join((first, *groups)) or '0'}.{decimals or '0'}")
