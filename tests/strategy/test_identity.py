# SPDX-License-Identifier: Apache-2.0
"""The identity of a strategy's source."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from engine.strategy import loading
from engine.strategy.discover import find_strategy
from engine.strategy.identity import source_hash

ONE = """
from engine.strategy.base import Strategy

class Alone(Strategy):
    roles = ("a",)
"""


class TestSourceHash:
    """Two runs of another source are two runs, wherever the source stands."""

    @pytest.fixture
    def hash_of(self, tmp_path, monkeypatch):
        monkeypatch.syspath_prepend(tmp_path)
        names = iter(f"house_of_{number}" for number in range(100))

        def of(**files):
            package = next(names)
            (tmp_path / package).mkdir()
            for name, text in {"__init__": "", **files}.items():
                (tmp_path / package / f"{name}.py").write_text(text.replace("PACKAGE", package))
            found = source_hash(find_strategy(f"{package}.one", tmp_path))
            for name in [name for name in sys.modules if name.startswith(package)]:
                del sys.modules[name]
            return found

        return of

    def test_of_one_file_is_that_of_its_text_and_its_constants(self, hash_of):
        constants = b": Alone.roles = ('a')\n"
        assert hash_of(one=ONE) == hashlib.sha256(ONE.encode() + constants).hexdigest()

    def test_texts_that_are_swapped_between_two_neighbours_are_another_source(self, hash_of):
        one = "from .fast import LIMIT as A\nfrom .slow import LIMIT as B\n" + ONE
        low, high = "LIMIT = 0.5\n", "LIMIT = 1.5\n"
        assert hash_of(one=one, fast=low, slow=high) != hash_of(one=one, fast=high, slow=low)

    def test_text_that_moves_from_one_neighbour_to_the_next_is_another_source(self, hash_of):
        one = "from . import fast, slow\n" + ONE
        assert hash_of(one=one, fast="A = 1\n", slow="B = 2\n") != hash_of(one=one, fast="A = 1\nB = 2\n", slow="")

    def test_it_knows_what_is_imported_directly_and_through_one_another(self, hash_of):
        one, rules = "from .rules import size\n" + ONE, "from . import numbers\n\ndef size():\n    return numbers.BIG\n"
        first = hash_of(one=one, rules=rules, numbers="BIG = 1\n")
        assert first == hash_of(one=one, rules=rules, numbers="BIG = 1\n")
        assert first != hash_of(one=one, rules=rules, numbers="BIG = 2\n")
        assert first != hash_of(one=one, rules=rules + "\n", numbers="BIG = 1\n")
        assert first == hash_of(one=one, rules=rules, numbers="BIG = 1\n", bystander="BIG = 3\n")

    def test_it_knows_the_packages_that_lie_around_a_module(self, hash_of, tmp_path):
        """Python runs `book/__init__.py` before `book/registry.py`, and it may fill what the latter keeps."""
        (tmp_path / "book").mkdir()
        (tmp_path / "book" / "registry.py").write_text("TABLE = {}\n")

        def with_table(text):
            (tmp_path / "book" / "__init__.py").write_text(text)
            for name in [name for name in sys.modules if name.partition(".")[0] == "book"]:
                del sys.modules[name]
            (tmp_path / "one.py").write_text("from book.registry import TABLE\n" + ONE)
            return source_hash(find_strategy("one", tmp_path)), hash_of(one="from book.registry import TABLE\n" + ONE)

        fills = "from .registry import TABLE\n\nTABLE['enter'] = 1.0\n"
        first = with_table(fills)
        assert first == with_table(fills)
        second = with_table(fills.replace("1.0", "2.0"))
        assert first[0] != second[0]
        assert first[1] != second[1]
        around = "TABLE = {}\n"
        assert hash_of(one=ONE, __init__=around) != hash_of(one=ONE, __init__=around + "TABLE['enter'] = 1.0\n")

    def test_of_a_shipped_strategy_holds_its_rules(self, tmp_path):
        agent = find_strategy("double_agent:DoubleAgent", tmp_path)
        assert (
            source_hash(agent) != hashlib.sha256(Path(sys.modules[agent.__module__].__file__).read_bytes()).hexdigest()
        )

    def test_of_a_file_holds_its_neighbours(self, tmp_path):
        def of(size):
            (tmp_path / "rules.py").write_text(f"SIZE = {size}\n")
            (tmp_path / "one.py").write_text(f"from rules import SIZE\n{ONE}")
            return source_hash(find_strategy("one", tmp_path))

        assert of(1) == of(1) != of(2)

    def test_of_a_file_holds_the_shipped_rules_that_it_imports(self, tmp_path):
        (tmp_path / "one.py").write_text(ONE)
        (tmp_path / "two.py").write_text("from strategies.agents.orders import Reason\n" + ONE)
        constants = b": Alone.roles = ('a')\n"
        one, two = ((tmp_path / f"{name}.py").read_bytes() for name in ("one", "two"))
        assert source_hash(find_strategy("one", tmp_path)) == hashlib.sha256(one + constants).hexdigest()
        assert source_hash(find_strategy("two", tmp_path)) != hashlib.sha256(two + constants).hexdigest()

    def test_under_which_name_tandem_is_imported_is_no_part_of_it(self, tmp_path):
        (tmp_path / "one.py").write_text(ONE)
        (tmp_path / "two.py").write_text(ONE.replace("engine", "tandem_engine"))
        hashes = {source_hash(find_strategy(name, tmp_path)) for name in ("one", "two")}
        assert len(hashes) == 1


READS = """
import json
import os
from pathlib import Path

import numpy as np
from engine.strategy.base import Strategy
from engine.strategy.params import param
import numbers_read

K = json.loads(Path(__file__).with_name("k.json").read_text())
BIG, PAIR, SEEN = K["big"], tuple(K["pair"]), []
HERE = str(Path(__file__).parent)
UNREAD = K["unread"]

def size(x):
    return x * BIG

class Reads(Strategy):
    roles = ("a",)
    LEAST = K["least"]

    class Params:
        enter: float = param(K["enter"], doc="an edge")

    def features(self, market, p):
        SEEN.append(1)
        inner = lambda x: x + PAIR[0] + numbers_read.FAR
        return {"z": size(inner(market.a.close)) + self.LEAST + len(HERE)}
"""


GIVEN = {"big": 2.0, "pair": [1, 2], "least": 3, "enter": 0.5, "far": 7, "unread": 0}


class TestConstants:
    """One text with other numbers is another run: they were read where the file was imported."""

    @pytest.fixture
    def hash_with(self, tmp_path):
        def of(folder="house", **changed):
            house = tmp_path / folder
            house.mkdir(exist_ok=True)
            (house / "k.json").write_text(json.dumps({**GIVEN, **changed}))
            (house / "numbers_read.py").write_text(
                "import json\nfrom pathlib import Path\n"
                'FAR = json.loads(Path(__file__).with_name("k.json").read_text())["far"]\n'
            )
            (house / "one.py").write_text(READS)
            kept = dict(loading._loaded)
            loading._loaded.clear()  # as another process would find it
            found = source_hash(find_strategy("one.py", house))
            loading._loaded.update(kept)
            return found

        return of

    @pytest.mark.parametrize(
        "changed", [{"big": 2.5}, {"pair": [1, 3]}, {"least": 4}, {"enter": 0.75}, {"far": 8}, {"big": 2}]
    )
    def test_a_number_that_is_read_counts(self, hash_with, changed):
        assert hash_with() == hash_with() != hash_with(**changed)

    def test_a_number_that_nobody_reads_does_not(self, hash_with):
        assert hash_with() == hash_with(unread=1)

    def test_nor_does_where_the_file_lies(self, hash_with):
        assert hash_with("house") == hash_with("another_house")

    def test_nor_what_a_function_fills_as_it_goes(self, tmp_path, hash_with):
        first = hash_with()
        found = find_strategy("one.py", tmp_path / "house")
        sys.modules[found.__module__].SEEN.append("a bar")
        assert source_hash(found) == first
