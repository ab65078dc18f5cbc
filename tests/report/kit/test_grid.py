# SPDX-License-Identifier: Apache-2.0
"""A table on a terminal: long words break in their own column and take nothing from the figures beside them."""

import io

from rich.console import Console

from engine.report.kit.grid import Field, Grid

FIELDS = (Field("", "id"), Field("", "trials"), Field("", "since"), Field("", "symbols", text=True))
ROW = ["0123456789ab", "7,921", "2026-11-29", ", ".join(f"SYM{number}" for number in range(30))]


def shown(**how):
    made = io.StringIO()
    Console(file=made, width=80).print(Grid(FIELDS, [ROW]).on_terminal(**how))
    return made.getvalue()


def test_a_column_that_breaks_leaves_the_others_whole():
    text = shown(breaks=("symbols",))
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[1].split()[:3] == ROW[:3]
    assert [word for word in text.replace(",", " ").split() if word.startswith("SYM")] == [f"SYM{n}" for n in range(30)]
