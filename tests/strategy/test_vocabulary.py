# SPDX-License-Identifier: Apache-2.0
"""The words of the language are those of the kernel: order methods, bar, account."""

import pytest

from engine.kernel.orders.api import ORDER_API
from engine.records import CONTRACT as CONTRACT_ROW
from engine.records import HOLDING as HOLDING_ROW
from engine.records import account_dtype, bar_dtype
from engine.strategy.language.values import BOOL, FLOAT, INT
from engine.strategy.language.vocabulary import ACCOUNT, CLOCK, CONTRACT, HOLDING, KINDS, ORDER_METHODS


@pytest.mark.parametrize("name", sorted(ORDER_API))
def test_order_methods_take_and_give_numbers(name):
    method = ORDER_METHODS[name]
    assert "orders" not in method.parameters
    assert {parameter.annotation for parameter in method.parameters.values()} <= {int, float}
    assert all(parameter.default in (parameter.empty, 0) for parameter in method.parameters.values())
    assert method.return_annotation in KINDS


def test_an_order_method_is_said_without_the_book():
    assert str(ORDER_METHODS["limit"]) == "(role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int"
    given = {name: KINDS[ORDER_METHODS[name].return_annotation] for name in ("market", "quantity", "working")}
    assert given == {"market": INT, "quantity": FLOAT, "working": BOOL}


@pytest.mark.parametrize(
    ("known", "row", "hidden"),
    [
        (CLOCK, bar_dtype(()), set()),
        (HOLDING, HOLDING_ROW, {"filled", "stood", "impact", "lot"}),
        (CONTRACT, CONTRACT_ROW, {"at_money", "role", "order"}),
    ],
    ids=["bar", "holding", "contract"],
)
def test_an_author_sees_the_fields_of_a_row_but_its_bookkeeping(known, row, hidden):
    assert set(row.names) - set(known) == hidden
    for name, value in known.items():
        assert (row[name].kind == "f") == (value == FLOAT), name


def test_bookkeeping_of_the_account_stays_out_of_sight():
    assert {"cash", "equity", "peak"} <= set(ACCOUNT)
    assert not {"max_drawdown", "return_sum", "next_id", "order", "orders", "sleeve"} & set(ACCOUNT)
    assert ACCOUNT["cash"] == FLOAT
    assert ACCOUNT["margin_calls"] == INT
    assert set(ACCOUNT) <= set(account_dtype(()).names)
