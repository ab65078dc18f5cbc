# SPDX-License-Identifier: Apache-2.0
"""YAML text to data: what plain words mean, what is refused, and where everything stands."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config.yaml_reader import read_yaml, resolve_plain, shown
from engine.errors import ConfigError

WORDS = [
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    *((word, word) for word in ("yes", "no", "on", "off", "y", "n", "Y", "ON", "NO", "True", "FALSE", "Null")),
    ("1e-3", 0.001),
    ("1e6", 1e6),
    ("1E+6", 1e6),
    ("-.5", -0.5),
    ("5.", 5.0),
    ("12", 12),
    ("+3", 3),
    ("-0", 0),
    ("1_000_000", 1_000_000),
    ("1_000.5", 1000.5),
    ("1__0", "1__0"),
    ("12:30:00", "12:30:00"),
    ("190:20:30", "190:20:30"),
    (".nan", ".nan"),
    (".inf", ".inf"),
    ("inf", "inf"),
    ("2008-01-31", dt.date(2008, 1, 31)),
    ("2008-01-31 10:00:00", "2008-01-31 10:00:00"),
    ("2008-1-31", "2008-1-31"),
    ("0.5", 0.5),
    ("0", 0),
    ("00.5", "00.5"),
    ("=", "="),
]


@pytest.mark.parametrize(("text", "meaning"), WORDS, ids=[repr(text) for text, _ in WORDS])
def test_plain_word(text, meaning):
    found = resolve_plain(text)
    assert found == meaning
    assert type(found) is type(meaning)
    assert read_yaml(f"key: {text}", "f.yaml").data == {"key": meaning}


@pytest.mark.parametrize("text", ["0777", "00", "0o17", "0x1F", "0b101", "-0777", "2008-02-30", "1e999", "9" * 30])
def test_refused_word(text):
    document = read_yaml(f"a: 1\nkey:   {text}\n", "f.yaml")
    (problem,) = document.problems
    assert (problem.file, problem.line, problem.column, problem.path) == ("f.yaml", 2, 8, "key")
    assert problem.found == text
    assert document.data["key"] is None
    assert read_yaml(f"key: '{text}'", "f.yaml").data == {"key": text}, "quoted it is text"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read_back(number):
    assert resolve_plain(repr(number)) == number


@given(st.integers(-(10**18), 10**18))
def test_every_whole_number_is_read_back(number):
    found = resolve_plain(str(number))
    assert (found, type(found)) == (number, int)


def test_places_of_keys_and_values():
    document = read_yaml("params:\n  enter: 2\nrows:\n  - {rate:  0.5, from: 2020-01-01}\n  - 7\n", "f.yaml")
    place = document.places["params", "enter"]
    assert (place.key_line, place.key_column, place.line, place.column) == (2, 3, 2, 10)
    assert (document.places["rows", 0, "rate"].line, document.places["rows", 0, "rate"].column) == (4, 13)
    assert (document.places["rows", 1].line, document.places["rows", 1].column) == (5, 5)
    assert shown(("rows", 0, "rate")) == "rows[0].rate"


def test_columns_count_characters_not_bytes():
    assert read_yaml("ключ𝄞: {a: 1}", "f.yaml").places["ключ𝄞", "a"].column == 12


SYNTAX = [
    ("a: b: c", 1, 5, "no key can stand here"),
    ("a:1\nb: 2", 2, 2, "space after a `:` is missing"),
    ("a: 1\n  b: 2", 2, 4, "indented wrongly"),
    ("x: 1\na: [1,\nb: 2", 2, 4, "list does not end"),
    ("a: {b: 1,\nc: 2", 1, 4, "mapping does not end"),
    ("a: 'x", 1, 4, "quote does not end"),
    ("- 1\nb: 2", 2, 1, "line up"),
    ("a: @x", 1, 4, "needs quotes"),
    ("a: %x", 1, 4, "needs quotes"),
    ("a: *nope", 1, 4, "no anchor"),
    ("---\na: 1\n---\nb: 2", 3, 1, "second document"),
    ("a: 1\n\tb: 2", 2, 1, "tab"),
    ("a: 1\t# why", 1, 5, "tab"),
    ("a: 1\nb: \x01", 2, 4, "character that YAML does not allow"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), SYNTAX, ids=[repr(case[0]) for case in SYNTAX])
def test_what_is_not_yaml(text, line, column, words):
    with pytest.raises(ConfigError) as caught:
        read_yaml(text, "f.yaml")
    (problem,) = caught.value.problems
    assert words in problem.message
    assert (problem.file, problem.line, problem.column) == ("f.yaml", line, column)


MISTAKES = [
    ("a: 1\nb: 2\na: 3", 3, 1, "given twice: first in line 1, column 1"),
    ("r: {x: 1, y: 2, x: 3}", 1, 17, "given twice: first in line 1, column 5"),
    ("1: x", 1, 1, "a key must be text"),
    ("true: x", 1, 1, "a key must be text"),
    ("2020-01-01: x", 1, 1, "a key must be text"),
    ("? [1]\n: x", 1, 3, "a key must be text"),
    ("a: !!str 12", 1, 4, "tags are not read"),
    ("a: !!python/object:os.system {}", 1, 4, "tags are not read"),
    ("b: &b {x: 1}\na:\n  <<: *b", 3, 3, "merge keys are not read"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), MISTAKES, ids=[repr(case[0]) for case in MISTAKES])
def test_mistakes_that_do_not_stop_the_reading(text, line, column, words):
    (problem,) = read_yaml(text, "f.yaml").problems
    assert words in problem.message
    assert (problem.line, problem.column) == (line, column)


def test_a_quoted_number_may_be_a_key():
    assert read_yaml("'7203': x", "f.yaml").data == {"7203": "x"}


def test_anchors_are_unfolded_into_values_of_their_own():
    data = read_yaml("a: &x [1, 2]\nb: *x", "f.yaml").data
    assert data["a"] == data["b"]
    assert data["a"] is not data["b"]


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
)


@pytest.mark.parametrize(
    "text", [BOMB, "a: &a [*a]", "a: &a {b: *a}", "[" * 100_000, "[" * 100_000 + "]" * 100_000, "a: " + "x" * 1_100_000]
)
def test_what_would_eat_the_machine_is_refused(text):
    with pytest.raises(ConfigError):
        read_yaml(text, "f.yaml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        document = read_yaml(text, "f.yaml")
    except ConfigError as error:
        problems = error.problems
    else:
        problems = document.problems
        assert () in document.places
    assert all(problem.message and problem.file == "f.yaml" and problem.line for problem in problems)
