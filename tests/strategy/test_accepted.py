# SPDX-License-Identifier: Apache-2.0
"""What on_bar can say means the same interpreted and compiled: state and orders, bit for bit, on random rows."""

import re
from pathlib import Path

import pytest

from engine.strategy.border import check_strategy

TABLE = Path(__file__).with_name("accepted.txt")


def read_table():
    for block in re.split(r"^== ", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, code = block.partition("\n")
        helpers, _, body = code.rpartition("-- on_bar\n")
        yield pytest.param(helpers, body, id=title.strip().replace(" ", "_"))


@pytest.mark.parametrize(("helpers", "body"), list(read_table()))
def test_the_same_in_both_modes(author, both_modes, helpers, body):
    strategy = author(body, helpers)
    check_strategy(strategy, ("ratio_z", "momentum"))
    both_modes(strategy)
