# SPDX-License-Identifier: Apache-2.0
"""What a run of the mutants says: a table by file, what survived, and what is listed as equivalent without need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.mutation.equivalent import Mutant


@dataclass(frozen=True)
class Judged:
    """What became of a mutant."""

    mutant: Mutant
    line: int
    operator: str
    survived: bool


def verdict(judged: Sequence[Judged], files: Sequence[str], known: Collection[Mutant]) -> tuple[str, bool]:
    """(the report, whether all is well). `files` are those whose every mutant was judged."""
    out = ["| file | mutants | killed | equivalent | survived |", "|---|---|---|---|---|"]
    for file in sorted({one.mutant.file for one in judged} | set(files)):
        mine = [one for one in judged if one.mutant.file == file]
        alive = [one for one in mine if one.survived]
        listed = sum(one.mutant in known for one in alive)
        counts = (len(mine), len(mine) - len(alive), listed, len(alive) - listed)
        out.append(f"| {file} | {' | '.join(map(str, counts))} |")
    survivors = [one for one in judged if one.survived and one.mutant not in known]
    out += [told(one) for one in survivors]
    alive = {one.mutant for one in judged if one.survived}
    stale = [one for one in sorted(known) if one.file in files and one not in alive]
    out += [f"listed as equivalent, but killed or gone: {one}" for one in stale]
    return "\n".join(out) + "\n", not survivors and not stale


def told(one: Judged) -> str:
    """Where a mutant is, and what it changes."""
    mutant = one.mutant
    return f"{mutant.file}:{one.line} {mutant.function} {one.operator}\n  - {mutant.before}\n  + {mutant.after}"
