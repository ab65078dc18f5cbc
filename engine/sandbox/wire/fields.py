# SPDX-License-Identifier: Apache-2.0
"""Kinds of fields: how each is read from the text of a message, strictly, and written to it, to the bit.

An unset number is an empty field, or the largest of its kind: 2147483647, 1.7976931348623157E308. It reads as None.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

UNSET_INT = 2**31 - 1
UNSET_DOUBLE = sys.float_info.max
UNSET_DOUBLE_TEXT = "1.7976931348623157E308"

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")


class WireError(Exception):
    """What came over the wire is not the protocol. The text is for people."""


@dataclass(frozen=True)
class Kind:
    """One kind of field. read raises ValueError with what was expected; blank is its text where nothing was said."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    blank: str


def _whole(bits: int) -> Callable[[str], int]:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def read(text: str) -> int:
        if not _WHOLE.match(text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number of {bits} bits")
        return int(text)

    return read


def _double(text: str) -> float:
    value = float(text) if _DECIMAL.match(text) else math.inf if text == "Infinite" else math.nan
    if math.isnan(value) or (math.isinf(value) and text != "Infinite"):
        raise ValueError("a number")
    return value


def _finite(text: str) -> float:
    value = _double(text)
    if math.isinf(value):
        raise ValueError("a number")
    return value


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("0 or 1")
    return text == "1"


def _text(text: str) -> str:
    return text


def _or_none(read: Callable[[str], Any], unset: float | None) -> Callable[[str], Any]:
    def maybe(text: str) -> Any:
        value = read(text) if text else None
        return None if value == unset else value

    return maybe


def _write_whole(value: Any) -> str:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(f"{value!r} is no whole number")
    return str(int(value))


def _write_double(value: Any) -> str:
    """As repr does, which reads back to the bit; infinity in the protocol's word, which it has above zero alone."""
    if math.isnan(value) or value == -math.inf:
        raise ValueError("a NaN and minus infinity are no figures for a client")
    return "Infinite" if value == math.inf else repr(float(value))


def _write_size(value: Any) -> str:
    """Whole shares without a point: old clients read sizes as whole numbers."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else _write_double(value)


def _write_flag(value: Any) -> str:
    return "1" if value else "0"


def _write_text(value: Any) -> str:
    if "\0" in value:
        raise ValueError("a text ends at its first NUL")
    return str(value)


def _or_blank(write: Callable[[Any], str], blank: str) -> Callable[[Any], str]:
    return lambda value: blank if value is None else write(value)


INT = Kind("int", _whole(32), _write_whole, "0")
LONG = Kind("long", _whole(64), _write_whole, "0")
DOUBLE = Kind("double", _double, _write_double, "0.0")
SIZE = Kind("size", _double, _write_size, "0")
FLAG = Kind("flag", _flag, _write_flag, "0")
TEXT = Kind("text", _text, _write_text, "")
MAYBE_INT = Kind("int or unset", _or_none(_whole(32), UNSET_INT), _or_blank(_write_whole, ""), "")
MAYBE_DOUBLE = Kind("double or unset", _or_none(_double, UNSET_DOUBLE), _or_blank(_write_double, ""), "")
ORDERED_PRICE = Kind("double or unset of an order", _or_none(_finite, UNSET_DOUBLE), MAYBE_DOUBLE.write, "")
ORDERED_SIZE = Kind("size of an order", _finite, SIZE.write, "0")
"""No order is for infinitely many shares, or at such a price."""

MAYBE_FLAG = Kind("flag or unset", _or_none(_flag, None), _or_blank(_write_flag, ""), "")
LOUD_DOUBLE = Kind(
    "double or largest", MAYBE_DOUBLE.read, _or_blank(_write_double, UNSET_DOUBLE_TEXT), UNSET_DOUBLE_TEXT
)
"""Unset is written out: where clients would take an empty field for zero."""
