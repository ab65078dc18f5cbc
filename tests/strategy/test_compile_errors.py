# SPDX-License-Identifier: Apache-2.0
"""What numba says, as one sentence with the author's line: for what the check of the source does not see."""

from pathlib import Path

import pytest
from numba import from_dtype, njit, types

from engine.records import HOLDING, bar_dtype, book_dtype
from engine.strategy.compile_errors import explain_numba_error


def refusal(on_bar):
    """What numba raises when it compiles on_bar for some rows."""
    rows = [bar_dtype(("large",)), HOLDING, HOLDING, HOLDING, HOLDING, book_dtype(1)]
    with pytest.raises(Exception) as caught:
        njit(types.void(*(from_dtype(row) for row in rows)), error_model="numpy")(on_bar)
    return caught.value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("s.qty = 1.0\ns.qty = nowhere  #!", "no such name in this file: nowhere"),
        ("s.qty = 1.0\ns.qty = WEIGHTS[0]  #!", "a list cannot be compiled"),
        ("s.qty = 1.0\ns.qty = TABLE['a']  #!", "TABLE cannot be compiled"),
        ("x = 1.0\nif s.qty > 0:\n    x = bar.large\ns.qty = x  #!", "two things that one compiled name cannot hold"),
        ("if s.qty == 0.0:\n    return 5  #!", "on_bar gives nothing back"),
        ("s.qty = 2.0\ns.qty = s.qtyy  #!", "there is no field qtyy"),
        ("s.qty = 2.0\ns.qty = s.qty + bar.large  #!", "`+` does not take these"),
        ("x = 'long'\ns.qty = x  #!", "long cannot stand where a number with a fraction is needed"),
        ("import math as m\ns.qty = 1.0", "this syntax cannot be compiled"),
        ("s.qty = math.sqrt(1.0, 2.0)  #!", "`sqrt` does not take these"),
        ("s.qty = Side.LONG * s.value  #!", "a member of Side cannot stand where a number with a fraction is needed"),
    ],
)
def test_sentence_and_line(author, body, words):
    on_bar = author(body).on_bar
    error = explain_numba_error(refusal(on_bar), on_bar)
    (problem,) = error.problems
    lines = Path(problem.file).read_text(encoding="utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if "#!" in line]
    assert words in str(problem)
    assert "\n" not in str(problem)
    assert "numba.core" not in str(problem)
    assert "Traceback" not in str(problem)
    assert problem.file == on_bar.__code__.co_filename
    first = on_bar.__code__.co_firstlineno
    assert problem.line in marked if marked else first <= problem.line <= len(lines)


def test_a_message_it_does_not_know(author):
    on_bar = author("pass").on_bar
    error = explain_numba_error(RuntimeError("Failed in nopython mode\nsomething new\nmore of it"), on_bar)
    assert "cannot be compiled: something new" in str(error)


def test_no_message_at_all(author):
    on_bar = author("pass").on_bar
    assert "numba gives no reason" in str(explain_numba_error(RuntimeError(""), on_bar))
