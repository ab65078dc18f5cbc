# SPDX-License-Identifier: Apache-2.0
"""The identity of a strategy's source."""

import hashlib
import sys
from pathlib import Path

import pytest

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

    def test_of_one_file_is_that_of_the_file(self, hash_of):
        assert hash_of(one=ONE) == hashlib.sha256(ONE.encode()).hexdigest()

    def test_it_knows_what_is_imported_directly_and_through_one_another(self, hash_of):
        one, rules = "from .rules import size\n" + ONE, "from . import numbers\n\ndef size():\n    return numbers.BIG\n"
        first = hash_of(one=one, rules=rules, numbers="BIG = 1\n")
        assert first == hash_of(one=one, rules=rules, numbers="BIG = 1\n")
        assert first != hash_of(one=one, rules=rules, numbers="BIG = 2\n")
        assert first != hash_of(one=one, rules=rules + "\n", numbers="BIG = 1\n")
        assert first == hash_of(one=one, rules=rules, numbers="BIG = 1\n", bystander="BIG = 3\n")

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
        text = (tmp_path / "two.py").read_bytes()
        assert source_hash(find_strategy("one", tmp_path)) == hashlib.sha256(ONE.encode()).hexdigest()
        assert source_hash(find_strategy("two", tmp_path)) != hashlib.sha256(text).hexdigest()

    def test_under_which_name_tandem_is_imported_is_no_part_of_it(self, tmp_path):
        (tmp_path / "one.py").write_text(ONE)
        (tmp_path / "two.py").write_text(ONE.replace("engine", "tandem_engine"))
        hashes = {source_hash(find_strategy(name, tmp_path)) for name in ("one", "two")}
        assert len(hashes) == 1
