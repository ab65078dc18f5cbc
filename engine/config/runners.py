# SPDX-License-Identifier: Apache-2.0
"""What a draft runs: one strategy at its top, or several in `sleeves`; and what is wrong with saying so."""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.config.describe import at, one_of, plain, words
from engine.config.draft import Draft
from engine.config.yaml_reader import KeyPath, shown
from engine.errors import Problem
from engine.model.sleeve import SAME

ONE = ("strategy", "roles", "params", "rules")
"""Keys of a single run, which each sleeve has for itself."""


def runners(draft: Draft) -> tuple[KeyPath, ...]:
    """Paths of what has a strategy: () for a single run, else each sleeve."""
    if not draft.get(("sleeves",)):
        return ((),)
    sleeves = draft.get(("sleeves",))
    return tuple(("sleeves", name) for name in sleeves) if isinstance(sleeves, dict) else ()


def symbols(draft: Draft) -> tuple[str, ...]:
    """Symbols of the roles of all that runs, each once, as far as they are text."""
    found: dict[str, None] = {}
    for path in runners(draft):
        roles = draft.get((*path, "roles"))
        for bound in roles.values() if isinstance(roles, dict) else ():
            each = bound if isinstance(bound, list) else [bound]
            found |= dict.fromkeys(one for one in each if isinstance(one, str))
    return tuple(found)


def what_runs_problems(draft: Draft) -> Iterator[Problem]:
    """One strategy or sleeves, not both and not neither; weights that sum to 1; what only sleeves can have."""
    if runners(draft) == ((),):
        yield from _single(draft)
    else:
        yield from _portfolio(draft)


def _single(draft: Draft) -> Iterator[Problem]:
    for key in ("strategy", "roles"):
        if draft.get((key,)) is None:
            message = "not allowed" if key in draft.data else "missing"
            found = "null" if key in draft.data else ""
            allowed = words(*at((key,), draft.data))
            yield draft.place((key,)).problem(message, at_key=not found, path=key, found=found, allowed=allowed)
    if draft.get(("rebalance",)) not in (None, "never"):
        yield draft.place(("rebalance",)).problem(
            "there are no sleeves to move capital between",
            path="rebalance",
            found=plain(draft.get(("rebalance",))),
            allowed="never, or `sleeves` in place of `strategy`",
        )


def _portfolio(draft: Draft) -> Iterator[Problem]:
    given = [key for key in ONE if draft.get((key,)) is not None]
    if given:
        message = f"{one_of(given)} beside sleeves: each sleeve has its own"
        allowed = "one strategy with roles and params, or sleeves"
        yield draft.place((given[0],)).problem(message, at_key=True, path=given[0], allowed=allowed)
    if draft.get(("engine",)) == "backtrader":
        message = "backtrader runs one strategy, and this configuration runs several"
        yield draft.place(("engine",)).problem(message, path="engine", found="backtrader", allowed="native")
    weights = [draft.get((*path, "weight")) for path in runners(draft)]
    numbers = [weight for weight in weights if isinstance(weight, int | float) and not isinstance(weight, bool)]
    each_is_right = len(numbers) == len(weights) and all(0.0 < number <= 1.0 for number in numbers)
    if each_is_right and abs(math.fsum(numbers) - 1.0) > SAME:
        yield draft.place(("sleeves",)).problem(
            "the weights of the sleeves must sum to 1",
            at_key=True,
            path=shown(("sleeves",)),
            found=f"{math.fsum(numbers):.10g}",
            allowed="weights above 0 that sum to 1",
        )
