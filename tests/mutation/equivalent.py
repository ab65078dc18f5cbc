# SPDX-License-Identifier: Apache-2.0
"""Mutants that decide alike on every row, each with its reason: tests/mutation/equivalent.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, order=True)
class Mutant:
    """A changed line. It is named by its words: its number moves with every line above it."""

    file: str
    function: str
    before: str
    after: str


def equivalents() -> dict[Mutant, str]:
    """Mutant -> why it decides alike. Raises ValueError for a mutant that stands twice, KeyError for a missing key."""
    found: dict[Mutant, str] = {}
    for row in tomllib.loads(FILE.read_text(encoding="utf-8")).get("equivalent", []):
        for after in row["after"]:
            mutant = Mutant(row["file"], row["function"], row["before"], after)
            if mutant in found:
                raise ValueError(f"{FILE.name}: twice: {mutant}")
            found[mutant] = row["why"]
    return found
