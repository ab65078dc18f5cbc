# SPDX-License-Identifier: Apache-2.0
"""What a run says about the optional series that it has no data for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.notice import Notice, note
from engine.strategy.base import Strategy


def done_without(strategy: type[Strategy], missing: Sequence[str]) -> tuple[Notice, ...]:
    """One notice for the series that the strategy has the same words for, one for the rest."""
    declared = strategy.optional_series
    words = declared if isinstance(declared, Mapping) else {}
    alike: dict[str, list[str]] = {}
    for name in missing:
        if name in words:
            alike.setdefault(words[name], []).append(name)
    said = [f"Ran without the optional series {', '.join(names)}: {told}." for told, names in alike.items()]
    wordless = [name for name in missing if name not in words]
    if wordless:
        said.append(f"Ran without the optional series {', '.join(wordless)}.")
    return tuple(note(words) for words in said)
