# SPDX-License-Identifier: Apache-2.0
"""Pages of docs/ as data: their tables are read here and recomputed by the tests beside."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def page(name):
    """The text of a page of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def tables(text):
    """Every table of a page: a list of rows, each a dictionary from column title to cell."""
    found, header = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if header is None:
            header = cells
            found.append([])
        elif not set("".join(cells)) <= set("-: "):
            found[-1].append(dict(zip(header, cells, strict=True)))
    return found


def tables_with(name, *titles):
    """The tables of a page that have all of these columns."""
    return [rows for rows in tables(page(name)) if rows and set(titles) <= rows[0].keys()]


@pytest.fixture(scope="session")
def root():
    return ROOT
