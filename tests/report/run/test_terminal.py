# SPDX-License-Identifier: Apache-2.0
import io
import json
import math
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from engine.report.kit.encoding import to_json
from engine.report.kit.words import count, counted, decimal, money, multiple, percent, worded
from engine.report.run import terminal
from engine.report.run.document import document

DOCS = Path(__file__).parents[3] / "docs"


def test_the_summary_fits_eighty_columns_and_says_what_matters(result, analysis):
    console = Console(file=io.StringIO(), width=80)
    terminal.show_summary(result, analysis, console)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    for words in (
        "large SPY, small IWM",
        result.fill_convention,
        "! Synthetic prices",
        "Sharpe ratio",
        "Hit rate, trades",
    ):
        assert words in flat
    assert worded(analysis.metrics["max_drawdown"], "fraction") in text


def test_the_json_summary_fits_its_schema(result, written):
    told = json.loads(to_json(document(result, written(result))), parse_constant=pytest.fail)
    jsonschema.validate(told, json.loads((DOCS / "schemas" / "backtest.json").read_text()))
    assert told["final_equity"] == result.points["equity"][-1]
    assert any(notice["level"] == "loud" and "Synthetic" in notice["text"] for notice in told["notices"])


def test_nan_becomes_null():
    assert json.loads(to_json({"a": math.nan, "b": [math.inf, 1.0], "c": {"d": -math.inf}})) == {
        "a": None,
        "b": [None, 1.0],
        "c": {"d": None},
    }


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.01234, "fraction a year", "1.23 %"),
        (-0.5, "fraction", "−50.00 %"),
        (math.nan, "ratio", "–"),
        (None, "ratio", "–"),
        (1_234_567.8, "money", "1,234,568"),
        (2.0, "times equity", "2.00x"),
        (12, "sessions", "12"),
        (12.345, "sessions", "12.3"),
        (-0.001, "ratio", "0.00"),
    ],
)
def test_figures_in_words(value, unit, text):
    assert worded(value, unit) == text


def test_no_negative_zero():
    assert decimal(-0.4, 0) == "0"
    assert percent(-1e-9) == "0.00 %"


@pytest.mark.parametrize("shown", [count, money, multiple, percent, lambda value: decimal(value, 2)])
def test_what_is_undefined_is_a_dash_in_every_format(shown):
    assert shown(None) == shown(math.nan) == "–"


def test_formats_say_what_they_mean():
    assert (percent(0.15, 0, plus=True), percent(-0.15, 0, plus=True), percent(0.0, 0, plus=True)) == (
        "+15 %",
        "−15 %",
        "0 %",
    )
    assert percent(-0.129, 1, sign=False) == "−12.9"
    assert [counted(number, "session") for number in (0, 1, 6289)] == ["0 sessions", "1 session", "6,289 sessions"]
