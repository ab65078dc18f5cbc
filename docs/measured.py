# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script's part, beside the pages it writes)
"""Measured tables of a page: what stands between `<!-- measured: NAME -->` and `<!-- end -->` is written anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

Table = list[list[str]]
Given = TypeVar("Given")

_PLACE = re.compile(r"<!-- measured: (\w+) -->\n.*?<!-- end -->", flags=re.DOTALL)


def with_tables(page: str, sections: Mapping[str, Callable[[Given], Table]], given: Given) -> str:
    """The page's text with the table of every place made by its section; a table's first row are its titles.

    Raises KeyError for a place that no section measures.
    """

    def fresh(found: re.Match[str]) -> str:
        titles, *rows = sections[found[1]](given)
        lines = "\n".join("| " + " | ".join(row) + " |" for row in (titles, ["---"] * len(titles), *rows))
        return f"<!-- measured: {found[1]} -->\n{lines}\n<!-- end -->"

    return _PLACE.sub(fresh, page)
