# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/metrics.md, from the register: `python -m engine.report.run.metrics_page docs/metrics.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.analytics.metrics import GROUPS, definitions
from engine.analytics.registry import Metric

BEGIN, END = "<!-- register: begin -->", "<!-- register: end -->"


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


def refreshed(page: str) -> str:
    """`page` with the register's tables between its two marks. Raises ValueError where a mark is missing."""
    head, _, rest = page.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise ValueError(f"the page needs the marks {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{tables()}\n{END}{tail}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(refreshed(target.read_text(encoding="utf-8")), encoding="utf-8")
