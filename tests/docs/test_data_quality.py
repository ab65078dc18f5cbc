# SPDX-License-Identifier: Apache-2.0
"""docs/data_quality.md: every fault of its table is written into a file and run, and ends as the table says."""

import json

import jsonschema
import pytest

from engine.report.data.document import check_document
from engine.runs.data_check import checks_of
from tests.cases import Case, flat
from tests.docs.conftest import ROOT, tables_with
from tests.docs.faulty_files import DATES, EVEN, EXAMPLES, paying, tbill, vix

OF_THE_RUN = (
    "a leveraged fund under",
    "a symbol that begins",
    "`prices: split_adjusted`",  # said on the command line of the run
    "no volume on any bar",
    "a volume in thousands",
    "sessions without a bar",  # of a file: "sessions have no row"
    "a split on record that prices hold",
    "no column of dividends",  # `costs.dividends` pays none
    "a rate without its unit",
    "per cent said to be fractions",
    "fractions said to be per cent",  # the series is bound on the command line of the run
    "`benchmark",
    "a day that a series lacks",
    "a symbol whose dates",
    "a series whose dates",
    "one file under two",
)
"""What no file shows by itself: it hangs on what the run does with it."""
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "data-check.json").read_text())
ROWS = tables_with("data_quality.md", "fault", "`backtest`", "the words that it says")[0]


def example_of(row):
    (found,) = [make for start, make in EXAMPLES.items() if row["fault"].startswith(start)]
    return found


def test_every_example_is_a_row_of_the_table():
    assert len({example_of(row) for row in ROWS}) == len(EXAMPLES) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["fault"])
def test_what_the_table_says_a_run_does(row, tmp_path):
    case = Case(tmp_path, "raw")
    done = example_of(row)(case)
    words = row["the words that it says"].strip("`")
    assert words in done.said
    if row["`backtest`"] == "refuses":
        assert done.refused
    else:
        assert done.code == 0
        assert any(words in text for text in done.loud) == (row["`backtest`"] == "says")
    if not row["fault"].startswith(OF_THE_RUN):
        severity = {"refuses": "refuse", "says": "warn", "repairs": "info"}[row["`backtest`"]]
        assert any(words in told for told in checked(case, severity))


def checked(case, severity):
    """The words of one severity of `tandem data check case.yaml`."""
    document = check_document([check() for check in checks_of(str(case.folder / "case.yaml"))])
    jsonschema.validate(document, SCHEMA)
    found = [one for table in document["tables"] for one in table["findings"]]
    return [one["words"] for one in found if one["severity"] == severity]


def test_the_same_files_without_a_fault_are_silent(tmp_path):
    case = Case(tmp_path, "raw")
    assert vix(case, EVEN).loud == []
    assert paying(Case(tmp_path / "paying")).loud == []
    rate = Case(tmp_path / "rate", "raw")
    rate.write("case.yaml", (rate.folder / "case.yaml").read_text().replace("no_interest", "benchmark_interest"))
    assert tbill(rate, 5.25, ", unit: percent").loud == []


def test_a_flat_price_is_no_fault_where_it_is_the_rule(tmp_path):
    case = Case(tmp_path, "raw")
    case.bars(flat(DATES[:9]))
    assert case.run().loud == []
