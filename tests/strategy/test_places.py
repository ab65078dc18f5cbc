# SPDX-License-Identifier: Apache-2.0
"""A name is looked up beside the YAML, among the strategies of Tandem, in the working directory."""

import sys
import textwrap

import pytest

from engine.errors import StrategyError
from engine.strategy.source.discover import find_strategy, resolved_spec, taken_notice

ONE = """
from engine.strategy.base import Strategy

class Alone(Strategy):
    roles = ("a",)
"""


@pytest.fixture
def write(tmp_path):
    def put(text: str, name: str):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
        return tmp_path

    return put


@pytest.mark.parametrize(
    ("spec", "file"),
    [
        ("mine", "mine.py"),
        ("mine:Alone", "mine.py"),
        ("mine", "strategies/mine.py"),
        ("mine:Alone", "strategies/mine.py"),
        ("strategies.mine", "strategies/mine.py"),
        ("strategies.mine:Alone", "strategies/mine.py"),
    ],
)
def test_beside_the_yaml(write, spec, file):
    found = find_strategy(spec, write(ONE, file))
    assert found.__name__ == "Alone"
    assert resolved_spec(spec, found).endswith(f"{file}:Alone")
    assert "strategies.mine" not in sys.modules


def test_in_the_working_directory_last(write, tmp_path, monkeypatch):
    write(ONE, "strategies/mine.py")
    write(ONE, "strategies/spread_trade.py")
    monkeypatch.chdir(tmp_path)
    assert find_strategy("mine", tmp_path / "configs").__name__ == "Alone"
    shipped = find_strategy("spread_trade", tmp_path / "configs")
    assert shipped.__name__ == "SpreadTrade"
    notice = taken_notice("spread_trade", shipped, tmp_path / "configs")
    assert notice.startswith("strategy spread_trade is the one that comes with Tandem; ")
    assert notice.endswith("strategies/spread_trade.py is not beside the configuration")


@pytest.mark.parametrize("spec", ["spread_trade", "strategies.spread_trade"])
def test_where_both_have_it_the_one_beside_the_yaml_is_taken_and_said(write, spec):
    folder = write(ONE, "strategies/spread_trade.py")
    found = find_strategy(spec, folder)
    assert found.__name__ == "Alone"
    assert taken_notice(spec, found, folder) == (
        f"strategy {spec} is {folder}/strategies/spread_trade.py, not the one of this name that comes with Tandem"
    )


def test_a_name_of_one_of_them_alone_needs_no_notice(write):
    folder = write(ONE, "mine.py")
    assert taken_notice("mine", find_strategy("mine", folder), folder) == ""
    assert taken_notice("spread_trade", find_strategy("spread_trade", folder), folder) == ""
    assert resolved_spec("spread_trade", find_strategy("spread_trade", folder)) == "spread_trade"


def test_what_is_not_found_names_the_places(write):
    with pytest.raises(StrategyError) as caught:
        find_strategy("my_rul", write(ONE, "strategies/my_rule.py"))
    (problem,) = caught.value.problems
    assert problem.nearest == "my_rule"
    assert problem.message.endswith(
        "beside the configuration, among the strategies of Tandem or in the working directory"
    )


def test_the_shipped_ones_are_found_where_their_name_is_taken(write, tmp_path, monkeypatch):
    """A python that was started in a folder with a user's own strategies/ finds that first."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "strategies"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(write("", "strategies/__init__.py")))
    found = find_strategy("double_agent:DoubleAgent", tmp_path)
    assert found.__name__ == "DoubleAgent"
    assert resolved_spec("double_agent:DoubleAgent", found) == "double_agent:DoubleAgent"


@pytest.mark.parametrize(
    "line", ["from strategies.rules import SIZE", "from rules import SIZE", "from .rules import SIZE"]
)
def test_a_neighbour_in_the_folder_beside_that_of_the_yaml(write, line):
    folder = write("SIZE = 3\n", "strategies/rules.py")
    write(f"{line}\n{ONE}", "strategies/mine.py")
    (folder / "configs").mkdir()
    found = find_strategy("../strategies/mine.py", folder / "configs")
    assert sys.modules[found.__module__].SIZE == 3
