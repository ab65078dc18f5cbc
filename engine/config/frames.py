# SPDX-License-Identifier: Apache-2.0
"""Tables of bars that a program gives in the place of `data`: which symbol each is, and what the draft says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.config.draft import Draft, in_python
from engine.config.runners import symbols
from engine.errors import Problem, nearest_name
from engine.model.run import MemoryData

SOURCE = ("data", "source")


def is_table(value: Any) -> bool:
    """Whether a value is a DataFrame, a Series or an Arrow table, told without importing what makes them."""
    return hasattr(value, "__arrow_c_stream__")


def split_tables(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What stands at `data` where it is a table or a mapping with tables, else None; and `given` without it."""
    data = given.get("data")
    tables = is_table(data) or (isinstance(data, Mapping) and any(is_table(value) for value in data.values()))
    rest = {key: value for key, value in given.items() if not tables or key != "data"}
    return (data if tables else None), rest


def put_source(draft: Draft) -> None:
    """Say that the bars are in memory; what the draft says of how bars are written goes for them."""
    there = draft.get(("data",))
    kept = {key: value for key, value in there.items() if key in MemoryData.model_fields} if there else {}
    draft.put(("data",), in_python({**kept, "source": "memory"}))


def bound_tables(draft: Draft, given: Any) -> dict[str, Any]:
    """Symbol to its table, of the symbols that the draft names; a series that has one needs no file.

    given  a table, of the only symbol that is traded, or tables by symbol
    What is wrong goes to the draft's problems.
    """
    if draft.get(SOURCE) != "memory":
        problem = draft.place(SOURCE).problem
        found = str(draft.get(SOURCE))
        draft.problems.append(
            problem("the bars are given in memory", path="data.source", found=found, allowed="no other source")
        )
    traded = symbols(draft)
    if is_table(given):
        if len(traded) > 1:
            allowed = "tables by symbol: data={" + ", ".join(f"{symbol!r}: ..." for symbol in traded) + "}"
            found = f"the run trades {', '.join(traded)}"
            draft.problems.append(Problem("one table is one symbol", path="data", found=found, allowed=allowed))
            return {}
        given = dict.fromkeys(traded, given)
    for symbol, value in given.items():
        if not is_table(value):
            found = f"{symbol!r}: {type(value).__name__}"
            allowed = "a symbol and its pandas DataFrame"
            draft.problems.append(Problem("not a table", path="data", found=found, allowed=allowed))
    wanted = dict.fromkeys((*traded, *_series(draft, given)))
    for symbol in wanted:
        if symbol not in given and traded:
            allowed = f"a table for each symbol; there are {', '.join(given)}"
            nearest = nearest_name(symbol, given)
            draft.problems.append(
                Problem("no bars are given", path="data", found=symbol, allowed=allowed, nearest=nearest)
            )
    return {symbol: given[symbol] for symbol in wanted if symbol in given}


def _series(draft: Draft, given: Mapping[str, Any]) -> list[str]:
    """Symbols of the bound series that have a table or need one; those that have one lose their path."""
    bound = draft.get(("series",))
    found = []
    for one in bound.values() if isinstance(bound, dict) else ():
        symbol = one.get("symbol") if isinstance(one, dict) else one
        if isinstance(one, dict) and symbol in given:
            one.pop("path", None)
        if isinstance(symbol, str) and not (isinstance(one, dict) and one.get("path")):
            found.append(symbol)
    return found
