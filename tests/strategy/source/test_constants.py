# SPDX-License-Identifier: Apache-2.0
"""Which constants a strategy reads that its text does not tell: each by its name, and nothing that may change."""

import pytest

from engine.strategy.source.constants import Reading
from engine.strategy.source.discover import find_strategy

TEXT = """
import os

from engine.strategy.base import Strategy
from engine.strategy import param

K = float(os.environ["OF_THE_TEST"])
HELD = (1, [2])
UNREAD = K + 7.0


def scaled(by):
    def times(x):
        return sum(x * by * COUNT for _ in range(2))
    return times


COUNT = int(K) + 1
twice = scaled(K)


class Base(Strategy):
    limit = K + 1.0


class Alone(Base):
    roles = ("a",)
    held = HELD

    class Params:
        window: float = param(K + 3.0)

    def features(self, market, p):
        return {"x": twice(market.a.close)}
"""


@pytest.fixture
def constants(tmp_path, monkeypatch):
    def of(value: str) -> list[str]:
        monkeypatch.setenv("OF_THE_TEST", value)
        file = tmp_path / f"alone_{value.replace('.', '_')}.py"
        file.write_text(TEXT, encoding="utf-8")
        return Reading(find_strategy(f"{file.stem}:Alone", tmp_path), str(file), lambda *_: "m").constants

    return of


def test_each_is_told_with_its_value(constants):
    """Of the class and of those it is made from, of a closure, and of what its functions and their parts read.

    HELD holds a list too, which a function may fill, and nobody reads UNREAD.
    """
    assert constants("2.0") == [
        "m: Alone, Base",
        "m: Alone.Params.window = float 5.0",
        "m: Alone.features is Alone.features:33",
        "m: Alone.held.0 = int 1",
        "m: Alone.roles = ('a')",
        "m: Base.limit = float 3.0",
        "m: COUNT = int 3",
        "m: twice is scaled.<locals>.times:13",
        "m: twice.by = float 2.0",
    ]


def test_another_value_is_another_text(constants):
    assert (
        len(set(constants("2.0")) & set(constants("2.5"))) == 6
    )  # classes and functions, the roles, COUNT and what HELD holds beside its list
