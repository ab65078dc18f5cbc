# SPDX-License-Identifier: Apache-2.0
"""The identity of a strategy's source."""

import hashlib
import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from engine.strategy.source import loading
from engine.strategy.source.discover import find_strategy
from engine.strategy.source.identity import decided_hash, source_hash

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


WAYS = """
import datetime
import functools
import json
import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from engine.strategy.base import Strategy

K = json.loads(Path(__file__).with_name("k.json").read_text())
{above}

class Way(Strategy):
    roles = ("a",)
{inside}
    def features(self, market, p):
        return {{"z": market.a.close * ({read})}}
"""


class TestWaysToRead:
    """However a function comes by a number, or a name by a function: another one is another source."""

    @pytest.fixture
    def hash_with(self, tmp_path):
        def of(number, above, inside, read, **files):
            house = tmp_path / "house"
            house.mkdir(exist_ok=True)
            (house / "k.json").write_text(str(number))
            for name, text in files.items():
                (house / f"{name}.py").write_text(text)
            (house / "one.py").write_text(WAYS.format(above=above, inside=inside, read=read))
            kept = dict(loading._loaded)
            loading._loaded.clear()  # as another process would find it
            found = find_strategy("one.py", house)
            loading._loaded.update(kept)
            first = source_hash(found)
            one, two = (types.SimpleNamespace(a=types.SimpleNamespace(close=np.ones(3))) for _ in range(2))
            made = found().features(one, None)["z"]
            assert source_hash(found) == first  # a run changes nothing of it
            assert np.array_equal(found().features(two, None)["z"], made)
            return first, float(made[0])

        return of

    @pytest.mark.parametrize(
        ("above", "inside", "read"),
        [
            ("def f(k=K): return k", "", "f()"),
            ("def f(*, k=K): return k", "", "f()"),
            ("def g(k): return k\nf = functools.partial(g, K)", "", "f()"),
            ("def g(k): return k\nf = functools.partial(g, k=K)", "", "f()"),
            ("@functools.cache\ndef f(): return K", "", "f()"),
            ("@functools.singledispatch\ndef f(x): return K", "", "f(1)"),
            ("f = np.vectorize(lambda x: K * x)", "", "f(1.0)"),
            ("def made(k): return lambda: k\nf = made(K)", "", "f()"),
            (
                ("def of(k):\n    def deco(g):\n        @functools.wraps(g)\n        def f(): return k * g()\n"
                 "        return f\n    return deco\n@of(K)\ndef f(): return 1.0"),
                "", "f()",
            ),
            ("@dataclass(frozen=True)\nclass Given:\n    k: float\nGIVEN = Given(K)", "", "GIVEN.k"),
            ("@dataclass\nclass Given:\n    k: float = K", "", "Given().k"),
            ("class Has:\n    def __init__(self): self.k = K", "", "Has().k"),
            ("class Has:\n    def __call__(self): return K", "", "Has()()"),
            ("class Has:\n    @property\n    def k(self): return K", "", "Has().k"),
            ("", "    def __init__(self): self.k = K", "self.k"),
            ("", "    @functools.cached_property\n    def k(self): return K", "self.k"),
            ("", "    def k(self, k=K): return k", "self.k()"),
            ("", "    if K > 1:\n        def k(self): return 2\n    else:\n        def k(self): return 1", "self.k()"),
            ("if K > 1:\n    def f(): return 2\nelse:\n    def f(): return 1", "", "f()"),
            ("def g(): return 2\ndef h(): return 1\nf = g if K > 1 else h", "", "f()"),
            ("class G:\n    k = 2\nclass H:\n    k = 1\nF = G if K > 1 else H", "", "F.k"),
            ("f = np.max if K > 1 else np.min", "", "f([1, 2])"),
            ("D = Decimal(K)", "", "float(D)"),
            ("D = datetime.date(2000 + K, 1, 1)", "", "D.year"),
            ("D = np.datetime64(datetime.date(2000 + K, 1, 1))", "", "float(D.astype(int))"),
            ("D = frozenset([K])", "", "max(D)"),
            ("D = range(K, 9)", "", "D[0]"),
            ("", "", "globals()['K']"),
        ],
    )  # fmt: skip
    def test_it_counts(self, hash_with, above, inside, read):
        first, second = hash_with(1, above, inside, read), hash_with(2, above, inside, read)
        assert first == hash_with(1, above, inside, read)
        assert first[1] != second[1]
        assert first[0] != second[0]

    @pytest.mark.parametrize("read", ["self.late()", "self.later()", "getattr(near, 'FAR')"])
    def test_so_does_what_a_function_imports_by_itself(self, hash_with, read):
        inside = (
            "    def late(self):\n        from near import FAR\n        return FAR\n"
            "    def later(self):\n        import near\n        return near.FAR"
        )
        near = (
            "import json\nfrom pathlib import Path\nFAR = json.loads(Path(__file__).with_name('k.json').read_text())\n"
        )
        above = "import near" if "getattr" in read else ""
        first, second = (hash_with(number, above, inside, read, near=near) for number in (1, 2))
        assert first[1] != second[1]
        assert first[0] != second[0]
        if not above:  # its text does too, though nothing has imported it when the hash is asked for
            assert hash_with(1, above, inside, read, near=near + "# more\n")[0] != first[0]

    def test_values_that_two_functions_swap(self, hash_with):
        above = "def made(k): return lambda: k\nf, g = made(K), made(3 - K)"
        assert hash_with(1, above, "", "f() - 2 * g()")[0] != hash_with(2, above, "", "f() - 2 * g()")[0]

    @pytest.mark.parametrize("place", ["Path(__file__).parent", "Path(__file__).resolve().parents[1]", "near.HERE"])
    def test_where_the_files_lie_does_not(self, tmp_path, place):
        hashes = set()
        for folder in ("one", "another/below"):
            (tmp_path / folder / "house").mkdir(parents=True)
            (tmp_path / folder / "house" / "k.json").write_text("1")
            (tmp_path / folder / "near").mkdir()
            (tmp_path / folder / "near" / "__init__.py").write_text("HERE = __file__ + '.json'\n")
            text = WAYS.format(above=f"import near\nPLACE = str({place})", inside="", read="len(PLACE)")
            (tmp_path / folder / "house" / "one.py").write_text(text)
            hashes.add(source_hash(find_strategy("house/one.py", tmp_path / folder)))
        assert len(hashes) == 1

    def test_nor_does_what_a_function_binds_anew_as_it_goes(self, hash_with):
        inside = "    def k(self):\n        global CALLS\n        CALLS += 1\n        return K"
        first, second = (hash_with(number, "CALLS = 0", inside, "self.k()")[0] for number in (1, 2))
        assert first != second

    def test_a_neighbour_counts_however_it_was_asked_for(self, hash_with):
        above = "import importlib\nnear = importlib.import_module('.near', __package__)"
        texts = ("def far(): return 1.0\n", "def far(): return 2.0\n")
        assert len({hash_with(1, above, "", "near.far()", near=text)[0] for text in texts}) == 2
        star = "from all_of_it import *"
        (first, _), (second, _) = (
            hash_with(1, star, "", "near.far()", all_of_it="__all__ = ['near']\nimport near\n", near=text)
            for text in texts
        )
        assert first != second


def test_what_decides_has_one_hash_however_it_is_commented_and_another_by_its_constants(tmp_path, monkeypatch):
    """Over every file that is imported, and over values that the text does not have."""
    monkeypatch.syspath_prepend(tmp_path)

    def of(number, one, rules):
        package = tmp_path / f"told_{number}"
        package.mkdir()
        for name, text in {"__init__": "", "one": one, "rules": rules}.items():
            (package / f"{name}.py").write_text(text)
        strategy = find_strategy(f"told_{number}.one", tmp_path)
        return decided_hash(strategy), source_hash(strategy)

    reads = "\n    def features(self, market, p):\n        return {'x': market.a.close * LIMIT}\n"
    one, rules = "from .rules import LIMIT\n" + ONE + reads, "import os\nLIMIT = int(os.environ['LIMIT'])\n"
    monkeypatch.setenv("LIMIT", "1")
    decided, source = of(0, one, rules)
    commented = of(1, "# a comment\n\n" + one, '"""Words."""\n' + rules)
    assert commented[0] == decided
    assert commented[1] != source
    assert of(2, one, rules + "MORE = 1\n")[0] != decided
    assert of(3, one.replace('"a"', '"b"'), rules)[0] != decided
    monkeypatch.setenv("LIMIT", "2")
    assert of(4, one, rules)[0] != decided
