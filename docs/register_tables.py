# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the pages it writes)
"""Tables of pages that stand in code: metrics in docs/metrics.md, cash flows in docs/run_folder.md.

`python docs/register_tables.py docs/metrics.md docs/run_folder.md` writes them again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.analytics.metrics.of_run import GROUPS, definitions
from engine.analytics.metrics.registry import Metric
from engine.kernel.flows import FLOWS


def tables() -> str:
    """Markdown: one table a group, one row a metric."""
    parts = []
    for group, title in GROUPS.items():
        rows = [_row(entry) for entry in definitions() if entry.group == group]
        head = f"## {title}\n\n| name | title | formula | unit | annualised | better |\n|---|---|---|---|---|---|"
        parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts)


def _row(entry: Metric) -> str:
    cells = (f"`{entry.name}`", entry.title, entry.formula, entry.unit, entry.annualised, entry.better)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def flow_table() -> str:
    """Markdown: one row a kind of entry, with the flow that it adds to."""
    rows = ["| kind | adds to | is called | comes from |", "|---|---|---|---|"]
    for flow in FLOWS:
        called = " or ".join(word for word in (flow.received, flow.paid) if word) or flow.heading
        rows += [f"| `{kind.name.lower()}` | `{flow.name}` | {called} | {flow.origin.value} |" for kind in flow.kinds]
    return "\n".join(rows)


WRITTEN = {"register": tables, "flows": flow_table}
"""What stands between the marks `<!-- NAME: begin -->` and `<!-- NAME: end -->` of a page."""


def refreshed(page: str) -> str:
    """`page` with the tables that its marks ask for. Raises ValueError for a mark that nothing closes."""
    for name, written in WRITTEN.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        head, asked, rest = page.partition(begin)
        if asked:
            _, closed, tail = rest.partition(end)
            if not closed:
                raise ValueError(f"the page has the mark {begin} without {end}")
            page = f"{head}{begin}\n{written()}\n{end}{tail}"
    return page


if __name__ == "__main__":
    for target in map(Path, sys.argv[1:]):
        target.write_text(refreshed(target.read_text(encoding="utf-8")), encoding="utf-8")
