# SPDX-License-Identifier: Apache-2.0
"""What editors are told of on_bar's arguments is what a run gives: fields, kinds of number, methods, words."""

import inspect
import subprocess
import sys
import textwrap
from typing import get_type_hints

import pytest

from engine.kernel.orders.api import ORDER_API
from engine.records import ASSET_BAR
from engine.records.bars import AssetBar
from engine.strategy import Account, Bar, Orders, Strategy
from engine.strategy.language import vocabulary
from engine.strategy.language.values import FLOAT, INT
from engine.strategy.seen import Column, Contract, Held, Holding

KINDS = {float: FLOAT, int: INT}


def kinds(row):
    """Fields of a class and of those that it extends, with their kind of number."""
    return {name: KINDS[hint] for name, hint in get_type_hints(row).items()}


@pytest.mark.parametrize(
    ("seen", "offered"),
    [
        (Bar, vocabulary.CLOCK | vocabulary.DATES),
        (Account, vocabulary.ACCOUNT),
        (Holding, vocabulary.HOLDING),
        (Contract, vocabulary.CONTRACT),
        (Held, vocabulary.HOLDING | vocabulary.CONTRACT),
        (Column, dict.fromkeys(ASSET_BAR.names, FLOAT)),
    ],
)
def test_a_row_has_the_fields_that_on_bar_may_read(seen, offered):
    assert kinds(seen) == offered


def test_orders_has_the_methods_of_the_kernel():
    told = {name: method for name, method in vars(Orders).items() if not name.startswith("_")}
    assert list(told) == list(ORDER_API)
    for name, method in told.items():
        mine = list(inspect.signature(method).parameters.values())[1:]
        theirs = list(inspect.signature(ORDER_API[name]).parameters.values())[1:]
        assert [(one.name, one.default) for one in mine] == [(one.name, one.default) for one in theirs], name
        written = [getattr(one.annotation, "__name__", one.annotation) for one in theirs]
        assert [one.annotation for one in mine] == written, name
        returned = inspect.signature(ORDER_API[name]).return_annotation
        assert inspect.signature(method).return_annotation == getattr(returned, "__name__", returned), name
        assert " ".join(method.__doc__.split()) == inspect.getdoc(ORDER_API[name]).splitlines()[0], name


def test_the_base_class_tells_them_to_an_editor():
    told = inspect.signature(Strategy.on_bar).parameters
    assert [told[name].annotation for name in ("bar", "account", "orders")] == ["Bar", "Account", "Orders"]
    assert issubclass(Column, AssetBar)


@pytest.mark.slow
def test_a_type_checker_knows_what_is_there(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        textwrap.dedent(
            """
            from engine.strategy import Account, Bar, Orders

            def decide(bar: Bar, account: Account, orders: Orders) -> None:
                if bar.small.close > 10.0 and bar.vix > 20.0 and account.small.qty == 0.0:
                    orders.limit(0, 100.0, bar.small.low, day=1)
                bar.small.clsoe
                orders.limitt(0, 1.0)
                orders.target(0)
                account.small.filled
            """
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.split(": ", 1)[0].rsplit(":", 1)[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == ["7", "8", "9", "10"], done.stdout
