# SPDX-License-Identifier: Apache-2.0
"""Values as a reader may put them into a configuration again: two that differ never read the same."""

import datetime as dt

import pytest

from engine.report.sweep.words import value_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "0.5"),
        (60, "60"),
        (60.0, "60"),
        (1_234_567.0, "1234567"),
        (0.1234567, "0.1234567"),
        (0.1234568, "0.1234568"),
        (1e-07, "1e-07"),
        (-2.25, "-2.25"),
        (True, "true"),
        (None, "null"),
        ("next_open", "next_open"),
        (dt.date(2018, 1, 2), "2018-01-02"),
    ],
)
def test_a_value_reads_as_a_configuration_has_it(value, words):
    assert value_words(value) == words


def test_what_is_read_is_the_value_to_the_last_bit():
    for value in (0.1 + 0.2, 1 / 3, 123_456.789, 1e300, 5e-324):
        assert float(value_words(value)) == value
