# SPDX-License-Identifier: Apache-2.0
"""What an author's functions run into, sys.exit included, is one sentence at the author's line, and no exit code 0."""

import pytest

from engine.errors import DataError, StrategyError
from engine.strategy.own_code import called, listed
from tests.cases import Case, days, flat

HEAD = "import sys\nfrom enum import IntEnum\n\nimport numpy as np\n\nfrom engine.strategy import DatedLevel, Regimes\n"
OWN = {
    "features": "    def features(self, market, p):\n        {}\n",
    "known_levels": "    def known_levels(self, market, p):\n        {}\n",
    "conditions": "    def conditions(self, market, f, p, s):\n        {}\n",
    "where": "    @staticmethod\n    def where(features, params):\n        {}\n",
}
REGIMES = "class Mood(IntEnum):\n    CALM = 0\n\n\n"


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path, "raw")
    made.bars(flat(days("2024-01-02", 9)))
    return made


def told(case, name, does, command):
    rule = (case.folder / "rule.py").read_text()
    own = "" if name == "features" else f"\n{OWN[name].format(does)}"
    rule = (rule.replace("return {}", does) if name == "features" else rule.rstrip() + "\n") + own
    if name == "where":
        rule = rule.replace("class Rule", f"{REGIMES}class Rule").replace(
            '    roles = ("x",)', '    roles = ("x",)\n    regimes = Regimes(Mood, path="where")'
        )
    case.write("rule.py", HEAD + rule)
    return case.run(*([] if command == "backtest" else ["--asof", "2024-01-09"]), command=command)


@pytest.mark.parametrize("does", ["sys.exit(0)", "return 1 // 0", "return np.zeros(3)[5]"])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("features", "backtest"),
        ("features", "signals"),
        ("known_levels", "backtest"),
        ("known_levels", "signals"),
        ("conditions", "signals"),
        ("where", "backtest"),
        ("where", "signals"),
    ],
)
def test_it_is_refused_at_its_line(case, name, does, command):
    done = told(case, name, does, command)
    assert done.refused
    assert f"Rule.{name}: " in done.said
    assert does in done.said
    assert any(word in done.said for word in ("SystemExit: 0", "ZeroDivisionError", "IndexError"))
    assert not list(case.folder.glob("out/case/2*")), "no run, and no folder of one"


@pytest.mark.parametrize(("name", "command"), [("known_levels", "backtest"), ("conditions", "signals")])
def test_no_return_is_no_list(case, name, command):
    done = told(case, name, "pass", command)
    assert done.refused
    assert f"Rule.{name}: gives no list" in done.said
    assert "no return" in done.said


def test_a_generator_runs_into_its_mistake_late_and_at_its_own_line():
    def given():
        yield 1
        raise ValueError("two")

    with pytest.raises(StrategyError, match=r"test_own_code\.py:\d+: .*given: ValueError: two; found raise ValueError"):
        listed(given)
    assert listed(lambda: (one for one in (1, 2))) == [1, 2]


def test_errors_of_the_engine_keep_their_own_place():
    def reads():
        raise DataError("the file is gone")

    with pytest.raises(StrategyError, match="the file is gone"):
        called(reads)


def test_ctrl_c_is_no_mistake_of_the_author():
    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        called(stopped)
