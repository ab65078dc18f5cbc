# SPDX-License-Identifier: Apache-2.0
"""Records made from classes, and the two views of the same bytes."""

from typing import Annotated

import numpy as np
import pytest

from engine.records import (
    ORDER,
    Book,
    Rows,
    account_dtype,
    bar_dtype,
    book_dtype,
    dtype_of,
    kernel_bar_dtype,
)

F8, I4 = Annotated[float, "f8"], Annotated[int, "i4"]


class Inner:
    low: F8
    count: I4


class Outer(Inner):
    one: Inner
    many: Rows[Inner]
    steps: Rows[F8]


def test_fields_come_in_the_order_of_the_class_the_base_first():
    inner = np.dtype([("low", "f8"), ("count", "i4")])
    assert dtype_of(Inner) == inner
    expected = [("low", "f8"), ("count", "i4"), ("one", inner), ("many", inner, (3,)), ("steps", "f8", (2,))]
    assert dtype_of(Outer, many=3, steps=2) == np.dtype(expected)


def test_a_sequence_needs_its_length():
    with pytest.raises(KeyError, match="steps"):
        dtype_of(Outer, many=3)


def test_account_and_book_are_the_same_bytes():
    account, book = account_dtype(("a", "b"), ("put",)), book_dtype(2)
    assert account.itemsize == book.itemsize
    shared = set(account.names) & set(book.names)
    assert shared >= {"cash", "order", "rules", "sleeve", "twin", "owner"}
    assert {name: account.fields[name] for name in shared} == {name: book.fields[name] for name in shared}
    record = np.zeros(1, book)
    record["asset"]["qty"], record["contract"]["strike"] = [[3.0, 5.0]], [[7.0, 0.0, 0.0, 0.0]]
    seen = record.view(account)[0]
    assert (seen["a"]["qty"], seen["b"]["qty"], seen["put"]["strike"]) == (3.0, 5.0, 7.0)


def test_both_views_of_a_bar_are_the_same_bytes():
    author = bar_dtype(("a", "b"), ("vix",))
    bars = np.zeros(2, author)
    bars["b"]["close"], bars["last"] = [8.0, 9.0], 1
    seen = bars.view(kernel_bar_dtype(author, 2))
    assert seen["asset"]["close"].tolist() == [[0.0, 8.0], [0.0, 9.0]]
    assert seen["last"].tolist() == [1, 1]


def test_an_order_is_eight_byte_aligned_and_the_book_has_every_field_of_its_class():
    assert ORDER.itemsize % 8 == 0
    assert all(offset % ORDER[name].itemsize == 0 for name, (_, offset, *_) in ORDER.fields.items())
    assert tuple(book_dtype(1).names) == tuple(Book.__annotations__)
