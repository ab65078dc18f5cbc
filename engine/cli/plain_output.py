# SPDX-License-Identifier: Apache-2.0
"""Output for streams that cannot hold every character: cp1252, latin-1 or ascii, as Windows has it when redirected."""

from __future__ import annotations

import codecs
import io
import sys

PLAIN = {
    "−": "-", "–": "-", "—": "-", "…": "...", "·": "-", "°": "*", "±": "+/-", "×": "x", "‹": "<", "›": ">", "→": "->",
    "│": "|", "─": "-", "├": "|", "└": "+", "━": "-", "╸": "-", "╺": "-",
}  # fmt: skip
"""Characters of our own output, as a stream without them can show them; a minus sign must stay a minus sign."""


def write_what_fits() -> None:
    """From here on a character that standard output or error cannot hold is written as its nearest plain one."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Error handler of `codecs`: what has no plain form, a name in Greek say, becomes a question mark a letter."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter) or _ascii(letter) for letter in letters), error.end


def _ascii(letter: str) -> str:
    """The letter without its accents, `?` where nothing is left of it."""
    import unicodedata

    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"
