# SPDX-License-Identifier: Apache-2.0
"""A series whose file holds dates and values and no bars: what the refusal says to write is read."""

import re

import pytest

from tests.cases import Case, days, flat

DATES = days("2024-01-02", 10)


def bound(folder, given, head="date,value", name="CPI.csv"):
    case = Case(folder, "raw", '("cpi",)', '{"c": market.cpi}')
    case.bars(flat(DATES))
    case.bars([f"{date},{300 + row}" for row, date in enumerate(DATES)], head, name)
    case.add(f"series: {{cpi: {given}}}")
    return case


@pytest.mark.parametrize("given", ["CPI", "{symbol: CPI}", "{symbol: CPI, column: value}"])
@pytest.mark.parametrize("head", ["date,value", "observation_date,CPIAUCSL", "date,close"])
def test_what_is_said_is_read(tmp_path, given, head):
    done = bound(tmp_path, given, head).run()
    assert done.refused
    assert "CPI has no bars, and a series without a path is a column of bars" in done.said
    assert "missing column" not in done.said
    (remedy,) = re.findall(r"\{symbol: CPI, path: .*?\}", done.said)
    assert remedy == f"{{symbol: CPI, path: CPI.csv, column: {head.split(',')[1]}}}"
    read = bound(tmp_path / "read", remedy, head).run()
    assert (read.code, read.equity) == (0, 100_000)


def test_a_file_below_the_folder_is_named_with_its_folder(tmp_path):
    case = bound(tmp_path, "CPI", name="macro/CPI.csv")
    assert "path: macro/CPI.csv, column: value}" in case.run().said
    case = bound(tmp_path / "read", "{symbol: CPI, path: macro/CPI.csv, column: value}", name="macro/CPI.csv")
    assert case.run().code == 0


def test_a_column_of_bars_needs_no_path(tmp_path):
    assert bound(tmp_path, "{symbol: X, column: high}").run().code == 0
