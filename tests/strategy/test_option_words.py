# SPDX-License-Identifier: Apache-2.0
"""Option slots at the compile border: what is declared, read and ordered, with the nearest name."""

from typing import ClassVar

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.records import CONTRACT as CONTRACT_ROW
from engine.records import OPTION_SLOTS, account_dtype, book_dtype
from engine.strategy import CALL, PUT, Strategy
from engine.strategy.border import check_strategy
from engine.strategy.language.values import FLOAT
from engine.strategy.language.vocabulary import CONTRACT

HEDGE, SHORT_HEDGE = 0, 1
SMALL_PUT = 2


class Good(Strategy):
    roles = ("large", "small")
    options: ClassVar = {"hedge": "small", "short_hedge": "small"}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.hedge.qty == 0.0 and account.small.volatility > 0.0:
            orders.option(HEDGE, 2, PUT, bar.small.close * 0.9, bar.session + 30)
            orders.option(SHORT_HEDGE, -2, CALL, account.hedge.strike + 1.0, account.hedge.expiry, 1)
        elif account.hedge.delta < -0.9 and account.hedge.right == PUT:
            orders.close_option(HEDGE)
            orders.close_option(SHORT_HEDGE, 2)


def problem(strategy):
    with pytest.raises(StrategyError) as error:
        check_strategy(strategy)
    (found,) = error.value.problems
    return found


def with_slots(slots, **more):
    return type("Slots", (Good,), {"options": slots, **more})


def test_slots_read_and_ordered_pass():
    check_strategy(Good)


class MissedField(Good):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.hedge.strik > 0.0:
            orders.close_option(HEDGE)


class MissedSlot(Good):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.short_hedg.qty > 0.0:
            orders.close_option(HEDGE)


class MissedMethod(Good):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.close_options(HEDGE)


class NoSuchSlot(Good):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.close_option(SMALL_PUT)


class Swapped(Good):
    options: ClassVar = {"short_hedge": "small", "hedge": "small"}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.close_option(HEDGE)


class Written(Good):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        account.hedge.qty = 0.0


class Bare(Strategy):
    roles = ("large", "small")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.option(HEDGE, 1, PUT, 100.0, 20_000)


@pytest.mark.parametrize(
    ("strategy", "message", "nearest"),
    [
        (MissedField, "option slot has no field 'strik'", "strike"),
        (MissedSlot, "account has no role, option slot or field 'short_hedg'", "short_hedge"),
        (MissedMethod, "orders has no method 'close_options'", "close_option"),
        (NoSuchSlot, "there is no option slot 2", ""),
        (Swapped, "HEDGE is 0, but option slot 'hedge' is at position 1", ""),
        (Written, "on_bar does not write it", ""),
        (Bare, "there is no option slot 0", ""),
    ],
)
def test_mistakes_of_on_bar_are_told_with_the_nearest_name(strategy, message, nearest):
    found = problem(strategy)
    assert message in found.message
    assert found.nearest == nearest
    assert found.line


@pytest.mark.parametrize(
    ("slots", "message", "nearest"),
    [
        ({"hedge": "smal"}, "the underlying is no role", "small"),
        (("hedge",), "must be a mapping of slot to role", ""),
        ({"Hedge": "small"}, "not a name", ""),
        ({"small": "small"}, "named twice", ""),
        ({"cash": "small"}, "this name is taken", ""),
        ({"contract": "small"}, "this name is taken", ""),
        ({f"slot{number}": "small" for number in range(5)}, "too many option slots", ""),
    ],
)
def test_bad_slots_are_refused(slots, message, nearest):
    found = problem(with_slots(slots))
    assert message in found.message
    assert found.nearest == nearest


def test_fields_are_in_the_row_with_their_kind():
    for name, value in CONTRACT.items():
        assert (CONTRACT_ROW[name].kind == "f") == (value == FLOAT), name


def test_slots_name_the_contracts_of_the_book():
    roles, slots = ("large", "small"), ("hedge", "short_hedge")
    author, kernel = account_dtype(roles, slots), book_dtype(2)
    assert author.itemsize == kernel.itemsize
    book = np.zeros(1, kernel)
    book["contract"]["strike"] = np.arange(OPTION_SLOTS) + 1.0
    seen = book.view(author)
    assert [seen[slot]["strike"][0] for slot in slots] == [1.0, 2.0]
