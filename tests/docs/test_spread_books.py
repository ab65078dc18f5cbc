# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/spread_books.md: the legs and the two summers against the raw files."""

import numpy as np
import pandas as pd

from tests.docs.conftest import tables_with

PAGE = "strategies/spread_books.md"


def closes(real_data, row):
    return pd.DataFrame({
        symbol: pd.read_csv(real_data / "daily" / f"{symbol}.csv", index_col="date")["close"]
        for symbol in (row["long"], row["short"])
    }).dropna()[row["from"] : row["to"]]  # fmt: skip


def test_legs_move_as_the_raw_files_say(real_data):
    (rows,) = tables_with(PAGE, "book", "the cap decides")
    assert len(rows) == 4
    for row in rows:
        returns = np.log(closes(real_data, row)).diff().dropna()
        long, short = (returns[row[name]] for name in ("long", "short"))
        found = [f"{100 * one.std() * np.sqrt(252):.1f} %" for one in (long, short, long - short)]
        assert [row["volatility, long"], row["volatility, short"], row["both"]] == found


def test_the_two_summers_are_those_of_the_raw_files(real_data):
    (books,), (rows,) = tables_with(PAGE, "book", "the cap decides"), tables_with(PAGE, "2024-07-09 to 2024-07-26")
    made = 0
    for book, row in zip(books, rows, strict=True):
        frame = closes(real_data, book)
        for days in list(row)[1:]:
            first, last = days.split(" to ")
            if last > book["to"]:
                assert row[days] == ""
                continue
            gained = frame.loc[last] / frame.loc[first]
            assert row[days] == f"{100 * (gained[book['long']] - gained[book['short']]):.1f} %"
            made += 1
    assert made == 7
