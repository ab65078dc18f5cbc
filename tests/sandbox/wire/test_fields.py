# SPDX-License-Identifier: Apache-2.0
"""Numbers on the wire: read strictly, written so that they read back to the bit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sandbox.wire import fields
from engine.sandbox.wire.fields import (
    DOUBLE,
    FLAG,
    INT,
    LONG,
    LOUD_DOUBLE,
    MAYBE_DOUBLE,
    MAYBE_FLAG,
    MAYBE_INT,
    SIZE,
    TEXT,
)


@given(st.floats(allow_nan=False))
def test_a_double_reads_back_to_the_bit(value):
    if value == -math.inf:
        return
    text = DOUBLE.write(value)
    assert DOUBLE.read(text) == value
    assert math.copysign(1, DOUBLE.read(text)) == math.copysign(1, value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_size_reads_back_and_is_whole_without_a_point(value):
    text = SIZE.write(value)
    assert float(text) == value
    if value.is_integer() and abs(value) < 2**53:
        assert "." not in text


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (INT, "-12", -12),
        (INT, "2147483647", 2**31 - 1),
        (LONG, "2147483648", 2**31),
        (DOUBLE, "1.5", 1.5),
        (DOUBLE, "7", 7.0),
        (DOUBLE, "1e-3", 0.001),
        (DOUBLE, "Infinite", math.inf),
        (FLAG, "1", True),
        (FLAG, "0", False),
        (TEXT, " a ", " a "),
        (MAYBE_INT, "", None),
        (MAYBE_INT, "2147483647", None),
        (MAYBE_INT, "0", 0),
        (MAYBE_DOUBLE, "", None),
        (MAYBE_DOUBLE, "1.7976931348623157E308", None),
        (MAYBE_DOUBLE, "1.7976931348623157e+308", None),
        (MAYBE_DOUBLE, "0.0", 0.0),
        (MAYBE_FLAG, "", None),
        (MAYBE_FLAG, "1", True),
    ],
)
def test_a_field_reads(kind, text, value):
    assert kind.read(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (INT, ""), (INT, "1.0"), (INT, "2147483648"), (INT, "-2147483649"), (INT, "1_0"), (INT, " 1"), (INT, "1\n"),
        (INT, "\u0661"), (LONG, "9223372036854775808"), (INT, "9" * 400),
        (DOUBLE, ""), (DOUBLE, "nan"), (DOUBLE, "inf"), (DOUBLE, "1e999"), (DOUBLE, "1,5"), (DOUBLE, "1_0.0"),
        (DOUBLE, "0x1p3"), (DOUBLE, " 1"), (DOUBLE, "None"), (DOUBLE, "1e1\n"), (DOUBLE, "-Infinite"),
        (FLAG, ""), (FLAG, "True"), (FLAG, "2"), (MAYBE_FLAG, "x"), (MAYBE_INT, "x"), (MAYBE_DOUBLE, "nan"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_kind_is_refused(kind, text):
    with pytest.raises(ValueError):
        kind.read(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (INT, 5.0, "5"), (DOUBLE, 0.1 + 0.2, "0.30000000000000004"), (SIZE, 100.0, "100"), (SIZE, 0.5, "0.5"),
        (FLAG, True, "1"), (MAYBE_DOUBLE, None, ""), (LOUD_DOUBLE, None, "1.7976931348623157E308"),
        (LOUD_DOUBLE, 0.0, "0.0"), (DOUBLE, math.inf, "Infinite"),
    ],
)  # fmt: skip
def test_a_value_is_written(kind, value, text):
    assert kind.write(value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (INT, 1.5),
        (INT, True),
        (DOUBLE, math.nan),
        (DOUBLE, -math.inf),
        (SIZE, math.nan),
        (TEXT, "a\0b"),
        (INT, math.inf),
    ],
)
def test_what_would_read_as_something_else_is_not_written(kind, value):
    with pytest.raises((ValueError, OverflowError)):
        kind.write(value)


def test_unset_is_the_largest_of_its_kind():
    assert fields.UNSET_INT == 2147483647
    assert float(fields.UNSET_DOUBLE_TEXT) == fields.UNSET_DOUBLE
