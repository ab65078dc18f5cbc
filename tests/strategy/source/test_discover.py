# SPDX-License-Identifier: Apache-2.0
"""From the word in the YAML to the class."""

import sys
import textwrap

import pytest

from engine.errors import StrategyError
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params
from engine.strategy.source import discover
from engine.strategy.source.discover import (
    find_class,
    find_strategy,
    list_strategies,
    split_spec,
)

ONE = """
from engine.strategy.base import Strategy

class Alone(Strategy):
    roles = ("a",)
"""
TWO = (
    ONE
    + """
class Other(Strategy):
    roles = ("a",)

class Plain:
    pass

number = 3
"""
)


@pytest.fixture
def write(tmp_path):
    def put(text: str, name: str = "rule.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
        return tmp_path

    return put


def only_problem(spec, base_dir):
    with pytest.raises(StrategyError) as caught:
        find_strategy(spec, base_dir)
    (problem,) = caught.value.problems
    return problem


def test_by_name(tmp_path):
    assert "spread_trade" in list_strategies()
    found = find_strategy("spread_trade", tmp_path)
    assert issubclass(found, Strategy)
    assert found.__module__ == "strategies.spread_trade"
    assert find_strategy(f"spread_trade:{found.__name__}", tmp_path) is found
    assert find_strategy(f"strategies.spread_trade:{found.__name__}", tmp_path) is found
    assert find_strategy("strategies.spread_trade", tmp_path) is found


def test_every_strategy_of_the_house_is_found(tmp_path):
    names = list_strategies()
    assert list(names) == sorted(names)
    assert {"double_agent:DoubleAgent", "double_agent:DoubleAgentFund"} <= set(names)
    for name in names:
        assert find_strategy(name, tmp_path).roles, name


def test_from_a_file(write):
    folder = write(ONE)
    found = find_strategy("rule.py", folder)
    assert found.__name__ == "Alone"
    assert find_strategy("rule.py:Alone", folder) is found, "a file is loaded once"
    assert find_strategy(str(folder / "rule.py"), folder / "elsewhere") is found


def test_a_file_beside_the_yaml_comes_before_one_in_the_working_directory(write, tmp_path, monkeypatch):
    write(ONE)
    write(ONE.replace("Alone", "Beside"), "inner/rule.py")
    monkeypatch.chdir(tmp_path)
    assert find_strategy("rule.py", tmp_path / "inner").__name__ == "Beside"
    assert find_strategy("rule.py", tmp_path / "empty").__name__ == "Alone"


def test_several_classes_in_a_file(write):
    folder = write(TWO)
    problem = only_problem("rule.py", folder)
    assert "several strategies" in problem.message
    assert problem.found == "Alone, Other"
    assert problem.allowed == "rule.py:Alone, rule.py:Other"
    assert find_strategy("rule.py:Other", folder).__name__ == "Other"


def test_where_no_class_is_ours_the_one_for_backtrader_is_meant(write):
    pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    theirs = "import backtrader as bt\n\n\nclass Cross(bt.Strategy):\n    pass\n\n\n"
    assert find_class("rule.py", write(theirs)).__name__ == "Cross"
    assert find_class("both.py", write(f"{theirs}{ONE}", "both.py")).__name__ == "Alone"
    two = write(f"{theirs}class Other(bt.Strategy):\n    pass\n", "two.py")
    with pytest.raises(StrategyError) as caught:
        find_class("two.py", two)
    assert caught.value.problems[0].allowed == "two.py:Cross, two.py:Other"


def test_a_class_that_was_imported_is_not_defined_there(write):
    folder = write("from strategies.spread_trade import SpreadTrade\n")
    assert "no subclass of engine.Strategy" in only_problem("rule.py", folder).message
    assert find_strategy("rule.py:SpreadTrade", folder).__name__ == "SpreadTrade", "named, it may be"


@pytest.mark.parametrize(
    ("spec", "message", "nearest"),
    [
        ("spread_trad", "no such strategy", "spread_trade"),
        ("rool.py", "no such file", "rule.py"),
        ("rule.py:Alon", "no such class", "Alone"),
        ("rule.py:Plain", "no subclass of engine.Strategy", ""),
        ("rule.py:number", "not a class", ""),
        ("rule.py:not a name", "not a class name", ""),
        ("no_such_package.module:Class", "no module named no_such_package", ""),
        ("strategies.no_such:Class", "no module named strategies.no_such", ""),
        ("../../etc/passwd", "not a strategy", ""),
        ("", "not a strategy", ""),
    ],
)
def test_what_is_not_found(write, spec, message, nearest):
    problem = only_problem(spec, write(TWO))
    assert message in problem.message
    assert problem.nearest == nearest


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\ndef broken(:\n", 2, "invalid syntax"),
        ("x = 1\n\ny = 1 / 0\n", 3, "ZeroDivisionError: division by zero"),
        ("import numpy\nnumpy.no_such\n", 2, "AttributeError"),
        ("import no_such_package_at_all\n", 1, "No module named 'no_such_package_at_all'"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
    ],
)
def test_a_file_that_cannot_be_imported_is_shown_with_its_line(write, source, line, words):
    folder = write(source)
    problem = only_problem("rule.py", folder)
    assert (problem.file, problem.line) == (str(folder / "rule.py"), line)
    assert words in problem.message


def test_an_edited_file_is_a_new_strategy(write):
    """Within the same second and of the same length, where bytecode caches are blind."""
    first = find_strategy("rule.py", write(ONE))
    second = find_strategy("rule.py", write(ONE.replace('("a",)', '("b",)')))
    assert (first.roles, second.roles) == (("a",), ("b",))
    assert find_strategy("rule.py", write(ONE)) is first


def test_annotations_of_a_file_are_understood(write):
    """Text annotations are looked up in the module, and no __future__ of ours leaks into it."""
    folder = write("""
        from enum import IntEnum
        from engine.strategy.base import Strategy
        from engine.strategy.params import declared_params, param

        class Side(IntEnum):
            LONG = 1

        class Alone(Strategy):
            roles = ("a",)
            class Params:
                side: "Side" = param(Side.LONG)

        assert Alone.Params.__annotations__ == {"side": "Side"}
        def plain(x: int): ...
        assert plain.__annotations__ == {"x": int}
        """)
    assert declared_params(find_strategy("rule.py", folder).Params)["side"].choices == ("long",)


def test_nothing_is_written_beside_the_file(write):
    folder = write(ONE)
    find_strategy("rule.py", folder)
    assert [file.name for file in folder.iterdir()] == ["rule.py"]


def test_a_file_that_failed_is_read_again_once_it_is_mended(write):
    only_problem("rule.py", write("1 / 0\n"))
    assert find_strategy("rule.py", write(ONE)).__name__ == "Alone"


def test_an_import_that_fails_inside_a_module_is_no_missing_module(write, monkeypatch):
    folder = write("import no_such_thing\n", "outer_rule.py")
    monkeypatch.syspath_prepend(str(folder))
    write("", "outer_package/__init__.py")
    write("import no_such_thing\n", "outer_package/rule.py")
    problem = only_problem("outer_package.rule", folder)
    assert problem.line == 1
    assert "no_such_thing" in problem.message
    sys.modules.pop("outer_package", None)


def test_any_class_for_a_second_engine(write):
    assert find_class("rule.py:Plain", write(TWO)).__name__ == "Plain"


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("spread_trade", ("spread_trade", "")),
        ("a.b:C", ("a.b", "C")),
        ("x.py", ("x.py", "")),
        ("dir/x.py:C", ("dir/x.py", "C")),
        ("C:\\rules\\x.py:C", ("C:\\rules\\x.py", "C")),
        ("C:\\rules\\x.py", ("C:\\rules\\x.py", "")),
    ],
)
def test_the_parts_of_a_spec(spec, parts):
    assert split_spec(spec) == parts


class TestTheHouse:
    """Files of strategies/ as a list reads them."""

    @pytest.fixture
    def house(self, tmp_path, monkeypatch):
        def of(**files):
            made = {name: tmp_path / f"{name}.py" for name in files}
            for name, text in files.items():
                made[name].write_text(textwrap.dedent(text))
            monkeypatch.setattr(discover, "_house_files", lambda: made)
            return list_strategies()

        return of

    def test_a_file_without_a_strategy_holds_rules_of_others(self, house):
        assert house(rules="class Stage:\n    pass\n", one=ONE) == ("one",)

    def test_a_strategy_may_extend_one_of_another_file(self, house):
        more = "from strategies.one import Alone as Base\n\nclass More(Base):\n    pass\n"
        assert house(one=ONE, more=more, most="from strategies.more import More\n\nclass Most(More):\n    pass\n") == (
            "more", "most", "one",
        )  # fmt: skip

    def test_but_not_import_one_only(self, house):
        assert house(one=ONE, other="from strategies.one import Alone\n\nclass Other:\n    pass\n") == ("one",)

    def test_a_file_that_cannot_be_parsed_stays(self, house):
        assert house(broken="class One(:\n", one=ONE) == ("broken", "one")

    def test_rules_are_no_strategy(self, house, tmp_path):
        house(rules="x = 1\n", one=ONE)
        problem = only_problem("rules", tmp_path / "elsewhere")
        assert "no such strategy" in problem.message
        assert problem.allowed.startswith("one;")
