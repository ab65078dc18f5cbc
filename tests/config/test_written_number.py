# SPDX-License-Identifier: Apache-2.0
"""What a person's number is for certain, and what may be two."""

import math

import pytest

from engine.config.written_number import written_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-1200", -1200.0),
        ("\N{MINUS SIGN}1200.5", -1200.5),
        ("1,250,000", 1_250_000.0),
        ("1.250.000", 1_250_000.0),
        ("25,000.50", 25_000.5),
        ("25.000,50", 25_000.5),
        ("1 200,5", 1200.5),
        ("1'200.5", 1200.5),
        ("1\N{NARROW NO-BREAK SPACE}200", 1200.0),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1234.567", 1234.567),
        ("-.5", -0.5),
        ("1e5", 1e5),
    ],
)
def test_certain(text, number):
    assert written_number(text) == number


@pytest.mark.parametrize("text", ["1,200", "1.200", "-12.345", "999,999"])
def test_either_unless_the_decimal_mark_is_known(text):
    with pytest.raises(ValueError, match=r"^-?\d+ or -?[\d.]+$"):
        written_number(text)
    mark = "," if "," in text else "."
    assert written_number(text, mark) == float(text.replace(",", "."))
    assert written_number(text, "." if mark == "," else ",") == float(text.replace(mark, ""))


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "1,23,456.7", "1.2.3", "12 3456", "1_000", "$5", "5k", "--5"])
def test_none(text):
    assert written_number(text) is None


@pytest.mark.parametrize(("text", "decimal"), [("12.5", ","), ("12,5", "."), ("1,250,000", ","), ("25,000.50", ",")])
def test_none_where_the_decimal_mark_is_another(text, decimal):
    assert written_number(text, decimal) is None


def test_what_python_reads_stays_what_it_is():
    assert math.isnan(written_number("nan"))
