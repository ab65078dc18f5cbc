# SPDX-License-Identifier: Apache-2.0
"""What a person asks of the count: all of it, one family by its id, or to forget one."""

from __future__ import annotations

from engine.errors import InputError, Problem, RunError, nearest_name
from engine.runs.trials import store
from engine.runs.trials.store import Forgotten, Record


def all_records() -> list[Record]:
    """Every family with its trials, the oldest first. Raises RunError where the file cannot be read."""
    try:
        return store.families()
    except store.Uncounted as error:
        raise RunError(f"cannot read the count of trials {error}") from error


def record_named(family: str) -> Record:
    """The one family whose id begins so. Raises InputError where none does or several do."""
    known = all_records()
    found = [one for one in known if family and one.family.id.startswith(family)]
    if len(found) == 1:
        return found[0]
    ids = [one.family.id for one in known]
    problem = Problem("several families begin so" if found else "no such family", found=family,
                      allowed=", ".join(one.family.id for one in found) or "an id of `tandem trials list`",
                      nearest=nearest_name(family, ids))  # fmt: skip
    raise InputError(problem)


def forgotten(family: str, reason: str) -> Forgotten:
    """Delete the trials of the family whose id begins so. Raises InputError without a reason, as `record_named`."""
    if not reason.strip():
        raise InputError(Problem("a reason is missing", path="--reason", allowed="why these trials do not count"))
    record = record_named(family)
    try:
        return store.forget(record.family, reason.strip())
    except store.Uncounted as error:
        raise RunError(f"cannot change the count of trials {error}") from error
