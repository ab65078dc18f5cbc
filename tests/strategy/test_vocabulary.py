# SPDX-License-Identifier: Apache-2.0
"""The words of the language are those of the engine: order methods, bar, account."""

import inspect

import pytest

from engine.kernel.order_api import PAD_METHODS
from engine.records import HOLDING as HOLDING_ROW
from engine.records import account_dtype, bar_dtype
from engine.strategy.language.values import BOOL, FLOAT, INT
from engine.strategy.language.vocabulary import ACCOUNT, CLOCK, HOLDING, ORDER_METHODS, ORDER_RESULTS, order_signature


def test_every_order_method_is_known():
    assert set(ORDER_METHODS) == set(PAD_METHODS)


@pytest.mark.parametrize("name", sorted(PAD_METHODS))
def test_order_methods_take_what_the_pad_takes(name):
    pad = inspect.signature(PAD_METHODS[name])
    taken = list(pad.parameters.values())[1:]
    assert list(order_signature(name).parameters.values()) == taken
    results = {int: INT, float: FLOAT, bool: BOOL}
    assert ORDER_RESULTS.get(name, INT) == results[pad.return_annotation]


@pytest.mark.parametrize(
    ("known", "row"),
    [(CLOCK, bar_dtype(())), (ACCOUNT, account_dtype(())), (HOLDING, HOLDING_ROW)],
    ids=["bar", "account", "holding"],
)
def test_fields_are_in_the_rows_with_their_kind(known, row):
    for name, value in known.items():
        assert (row[name].kind == "f") == (value == FLOAT), name
