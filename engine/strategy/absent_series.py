# SPDX-License-Identifier: Apache-2.0
"""What a run says about the optional series that it has no data for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.notice import Notice, note
from engine.strategy.base import Strategy


def done_without(strategy: type[Strategy], missing: Sequence[str]) -> tuple[Notice, ...]:
    """One notice a series that the strategy has words for, one for the rest together; none where none is missing."""
    declared = strategy.optional_series
    words = declared if isinstance(declared, Mapping) else {}
    said = [f"Ran without the optional series {name}: {words[name]}." for name in missing if name in words]
    wordless = [name for name in missing if name not in words]
    if wordless:
        said.append(f"Ran without the optional series {', '.join(wordless)}.")
    return tuple(note(words) for words in said)
