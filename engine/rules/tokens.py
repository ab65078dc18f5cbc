# SPDX-License-Identifier: Apache-2.0
"""The text of an expression as words, numbers and signs. What is none of them ends here: no text goes any further."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engine.rules.tree import Mistake

LONGEST = 1000
"""Most characters of an expression."""

DIGITS = 24
LARGEST = 1e15

_SPACE = re.compile(r"[ \n]+")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_SIGN = re.compile(r"\*\*|//|&&|\|\||<>|=<|=>|==|!=|<=|>=|[-+*/()<>=,]")

_INSTEAD = {
    "**": "`x * x`: there are no powers",
    "//": "`/`",
    "&&": "and",
    "||": "or",
    "<>": "!=",
    "=<": "<=",
    "=>": ">=",
    "%": "a fraction: 5 % is 0.05",
    "&": "and",
    "|": "or",
    "!": "not",
    "~": "not",
    "^": "`x * x`: there are no powers",
    "[": "lag(x, 1) for the value a bar ago",
    "]": "lag(x, 1) for the value a bar ago",
    "{": "( and )",
    "}": "( and )",
    "'": "names without quotes",
    '"': "names without quotes",
    "`": "names without quotes",
    "#": "a remark after ` #` outside of the quotes of YAML",
    "?": "two rules, or larger(a, b) and smaller(a, b)",
}
"""Signs that other languages have -> what is written here."""


class Token(NamedTuple):
    """A piece of the text: `kind` is number, word, sign or end."""

    at: int
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The pieces of an expression, an `end` behind them. Raises Mistake at the first character that is none."""
    if len(text) > LONGEST:
        raise Mistake(
            0, "too long", found=f"{len(text):,} characters", allowed=f"at most {LONGEST:,}: name parts of it"
        )
    found, at = [], 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token = _piece(text, at)
        found.append(token)
        at += len(token.text)
    if not found:
        raise Mistake(0, "an expression is missing", allowed="such as z > 2")
    return [*found, Token(len(text), "end", "")]


def number(token: Token) -> int | float:
    """The value of a number. Raises Mistake where it is too long or too large."""
    if len(token.text) > DIGITS:
        raise Mistake(token.at, "too many digits", found=f"{len(token.text)}", allowed=f"at most {DIGITS}")
    value = int(token.text) if token.text.isdigit() else float(token.text)
    if abs(value) > LARGEST:
        raise Mistake(token.at, "too large", found=token.text, allowed=f"at most {LARGEST:g}")
    return value


def _piece(text: str, at: int) -> Token:
    for kind, pattern in (("number", _NUMBER), ("word", _WORD), ("sign", _SIGN)):
        piece = pattern.match(text, at)
        if piece is None:
            continue
        if kind == "number" and (tail := re.compile(r"[\w.]+").match(text, piece.end())):
            raise Mistake(at, "not a number", found=f"{piece[0]}{tail[0]}"[:40], allowed="such as 20, 0.5 or 1e-3")
        if piece[0] in _INSTEAD:
            raise _foreign(piece[0], at)
        return Token(at, kind, piece[0])
    raise _foreign(text[at], at)


def _foreign(sign: str, at: int) -> Mistake:
    if sign in _INSTEAD:
        return Mistake(at, f"`{sign}` is not part of the language", allowed=_INSTEAD[sign])
    if sign.isascii() and sign.isprintable():
        return Mistake(at, f"`{sign}` is not part of the language", allowed="letters, digits, + - * / ( ) , . < > = !=")
    name = unicodedata.name(sign, f"character {ord(sign)}").lower()
    return Mistake(
        at, "only plain letters, digits and signs are read", found=f"U+{ord(sign):04X}, {name}", allowed=_plain(sign)
    )


def _plain(sign: str) -> str:
    """What a sign that looks like another was probably meant to be."""
    alike = {"\u2212": "-", "\u2013": "-", "\u00d7": "*", "\u00f7": "/", "\u2264": "<=", "\u2265": ">=", "\u2260": "!="}
    plain = alike.get(sign) or unicodedata.normalize("NFKC", sign)
    return plain if plain.isascii() and plain.isprintable() and plain.strip() else "ASCII"
