# SPDX-License-Identifier: Apache-2.0
"""Orders that a journal of the same name sent which is not this one: it was deleted, moved away, or is another copy."""

from __future__ import annotations

from engine.paper.journal.store import Store


def strangers(store: Store, ref: str) -> list[str]:
    """Those that stand against sending `ref`: all of its bar, and of any bar what still works.

    The number within a bar counts from 1 in each journal, so that the reference alone tells nothing.
    """
    rows = store.read(
        "SELECT named, ended FROM orders WHERE ref = '' AND named != '' "
        "UNION SELECT named, 1 FROM executions WHERE ref = '' AND named != '' ORDER BY named"
    )
    (run, bar, _), found = _parts(ref), []
    for row in rows:
        name = _parts(row["named"])
        if row["named"] == ref or (name[0] == run and run and (name[1] == bar or not row["ended"])):
            found.append(row["named"])
    return list(dict.fromkeys(found))


def _parts(ref: str) -> tuple[str, str, str]:
    """Run, bar and order of a reference; empty texts for one of another shape."""
    parts = ref.rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")
