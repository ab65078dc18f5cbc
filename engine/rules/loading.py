# SPDX-License-Identifier: Apache-2.0
"""From a section `rules` to a Strategy class: its source in a file, loaded as any author's file is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from engine.model.rules import Rules
from engine.rules.meaning import mistaken
from engine.rules.plan import Path as Keys
from engine.rules.plan import read
from engine.rules.tree import Mistake
from engine.rules.writer import write
from engine.strategy.base import Strategy
from engine.strategy.source.loading import load_file
from engine.strategy.source.own_files import folder_with

CLASS = "Rules"
"""What the class is called where nobody gives it a name: labels are no part of a source."""

SAYS = "The rules of a configuration."


def source_of(
    rules: Rules, roles: Sequence[str], series: Sequence[str], name: str = CLASS, says: str = SAYS
) -> tuple[str, list[tuple[Keys, Mistake]]]:
    """(Python source, mistakes): the source is empty where there are any, each with the keys below `rules`."""
    try:
        plan, mistakes = read(rules, roles, series)
        if plan is not None:
            mistakes = mistaken(rules, plan)
        return ("", mistakes) if plan is None or mistakes else (write(plan, name, says), [])
    except Mistake as mistake:  # what only shows once named conditions are written out
        return "", [(("enter",), mistake)]
    except RecursionError:
        deep = Mistake(-1, "these features stand on one another in too many steps", allowed="fewer, or shorter ones")
        return "", [(("features",), deep)]


def load_source(source: str) -> type[Strategy]:
    """The class of a source that `source_of` wrote. The same source is the same class."""
    name = f"rules_{hashlib.sha256(source.encode()).hexdigest()[:16]}.py"
    folder = folder_with("rules", {name: source.encode()})
    found: type[Strategy] = vars(load_file(folder / name, folder))[CLASS]
    return found
