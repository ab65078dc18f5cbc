# SPDX-License-Identifier: Apache-2.0
"""An author's file and its neighbours, whatever else is importable."""

import sys
import textwrap

import pytest

from engine.errors import StrategyError
from engine.strategy import Strategy
from engine.strategy.source.discover import find_strategy
from engine.strategy.source.loading import anew

ONE = """
from engine.strategy import Strategy

class One(Strategy):
    roles = ("a",)
    size = SIZE
"""


@pytest.fixture
def folder(tmp_path):
    """Write files, and make sure that loading them leaves nothing importable behind."""
    before, modules = list(sys.path), set(sys.modules)

    def put(**files):
        for name, text in files.items():
            file = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        return tmp_path

    yield put
    assert sys.path == before
    assert {name for name in set(sys.modules) - modules if not name.startswith("strategy_beside_")} <= {
        "strategies",
        "strategies.agents",
        "strategies.agents.orders",
    }


@pytest.mark.parametrize(
    "line",
    [
        "from rules import SIZE",
        "from .rules import SIZE",
        "from strategies.rules import SIZE",
        "import rules; SIZE = rules.SIZE",
        "from . import rules; SIZE = rules.SIZE",
        "from strategies import rules; SIZE = rules.SIZE",
        "import strategies.rules; SIZE = strategies.rules.SIZE",
        "import strategies.rules as rules; SIZE = rules.SIZE",
        "from strategies.deep.more import SIZE",
        "from deep.more import SIZE",
    ],
)
def test_neighbours(folder, line):
    place = folder(
        strategies__one=line + ONE,
        strategies__rules="SIZE = 3",
        strategies__deep__more="from strategies.rules import SIZE",
    )
    for spec in ("one", "strategies.one", "strategies/one.py"):
        assert find_strategy(spec, place).size == 3


def test_a_neighbour_that_was_edited_is_read_again(folder):
    first = find_strategy("one", folder(one="from rules import SIZE" + ONE, rules="SIZE = 3"))
    assert find_strategy("one", folder(rules="SIZE = 4")).size == 4
    assert find_strategy("one", folder(rules="SIZE = 3")) is first


def test_imports_inside_of_functions_find_them_too(folder):
    more = """
    def features(self, market, p):
        from rules import SIZE

        return SIZE
"""
    found = find_strategy("one", folder(one="SIZE = 1" + ONE + more, rules="SIZE = 3"))
    assert found().features(None, None) == 3


def test_shipped_rules_are_there_beside_an_authors_own_strategies(folder):
    line = "from strategies.agents.orders import SMALL as SIZE\nfrom strategies.rules import SIZE as OWN"
    place = folder(strategies__one=line + ONE, strategies__rules="SIZE = 3")
    assert find_strategy("one", place).size == 0
    assert "strategies.rules" not in sys.modules


def test_an_authors_own_engine_hides_nothing_and_is_not_hidden(folder):
    line = "from engine.mine import SIZE\nimport engine\nassert engine.load_config"
    place = folder(one=line + ONE, engine____init__="raise SystemExit", engine__mine="SIZE = 3")
    (place / "engine" / "__init__.py").write_text("")
    assert find_strategy("one", place).size == 3


@pytest.mark.parametrize("name", ["engine", "tandem_engine"])
def test_tandem_under_either_name(folder, name):
    place = folder(one="SIZE = 3" + ONE.replace("engine", name))
    assert find_strategy("one", place).size == 3


def test_a_neighbour_does_not_hide_pythons_own(folder):
    place = folder(one="import json\nSIZE = json.loads('3')" + ONE, json="raise SystemExit")
    assert find_strategy("one", place).size == 3


def test_a_mistake_in_a_neighbour_has_its_line_and_is_mended(folder):
    with pytest.raises(StrategyError) as caught:
        find_strategy("one", folder(one="from rules import SIZE" + ONE, rules="\nSIZE = 1 / 0"))
    (problem,) = caught.value.problems
    assert problem.file.endswith("/rules.py")
    assert problem.line == 2
    assert find_strategy("one", folder(rules="\nSIZE = 1 / 1")).size == 1


def test_a_folder_that_is_no_name_of_python(folder):
    place = folder(**{"my-rules.v1/one": "from rules import SIZE" + ONE, "my-rules.v1/rules": "SIZE = 3"})
    assert find_strategy("my-rules.v1/one.py", place).size == 3


class TestExecutedOnceMore:
    def test_it_remembers_nothing(self, folder):
        found = find_strategy("one:One", folder(one=ONE.replace("SIZE", "0") + "    kept = {}\n"))
        found.kept["x"] = 1
        again = anew(found)
        assert again is not found
        assert (again.__name__, again.kept, found.kept) == ("One", {}, {"x": 1})

    def test_one_that_looks_at_itself_meanwhile_is_not_executed_again(self, folder):
        text = "import sys\nfrom engine.strategy.source.loading import anew\n" + ONE.replace("SIZE", "0")
        at_top = "\n\nWITHIN = [anew(one) for one in [vars(sys.modules[__name__]).get('One')]]\n"
        found = find_strategy("one:One", folder(one=text + at_top))
        module = sys.modules[found.__module__]
        vars(module)["WITHIN"].clear()
        assert anew(found) is not None
        assert module.WITHIN == []

    def test_an_edit_that_does_not_run_is_none(self, folder):
        found = find_strategy("one:One", folder(one=ONE.replace("SIZE", "0")))
        folder(one="raise ValueError")
        assert anew(found) is None
        folder(one="other = 1")
        assert anew(found) is None

    def test_what_no_file_of_an_author_defines_is_none(self):
        class Local(Strategy):
            roles = ("a",)

        assert anew(Local) is None
        assert anew(Strategy) is None
