# SPDX-License-Identifier: Apache-2.0
"""What on_bar cannot say. In the table, `#!` marks each line that must be reported, with words of the report."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

from engine.errors import StrategyError
from engine.strategy.border import check_on_bar
from engine.strategy.language.refused import SENTENCES

FEATURES = ("ratio_z", "momentum")

TABLE = Path(__file__).with_name("refused.txt")


def read_table():
    """Cases of refused.txt: a title line `== title`, then the code; `-- helpers` lines stand above the class."""
    for block in re.split(r"^== ", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, code = block.partition("\n")
        helpers, _, body = code.rpartition("-- on_bar\n")
        yield pytest.param(helpers, body, id=title.strip().replace(" ", "_"))


CASES = list(read_table())


def expected(file):
    found = []
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
        found += [(number, words.strip()) for words in line.split("#!")[1:]]
    return found


@pytest.mark.parametrize(("helpers", "body"), CASES)
def test_refused_with_its_line_and_words(author, helpers, body):
    strategy = author(body, helpers)
    file = strategy.on_bar.__code__.co_filename
    with pytest.raises(StrategyError) as caught:
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)
    problems = list(caught.value.problems)
    wanted = expected(file)
    assert wanted, "the case marks no line"
    assert [problem.line for problem in problems] == [line for line, _ in wanted], "\n".join(map(str, problems))
    for (_, words), problem in zip(wanted, problems, strict=True):
        assert words in str(problem)
        assert problem.file == file
        assert problem.column > 0


def test_table_is_large_enough():
    assert len(CASES) >= 80


def test_every_refused_syntax_is_in_the_table():
    """A sentence that no case shows could be wrong unseen."""
    seen = set()
    for case in CASES:
        helpers, body = case.values
        code = helpers + "async def wrapper():\n" + textwrap.indent(textwrap.dedent(body) or "pass", "    ")
        seen |= {type(node) for node in ast.walk(ast.parse(code))}
    only_in_async = {ast.AsyncFor, ast.AsyncWith, ast.Await, ast.Nonlocal}  # on_bar itself cannot hold these
    assert set(SENTENCES) - seen - only_in_async == set()


def test_all_problems_at_once_in_the_order_of_lines(author):
    strategy = author(
        """
        x = f.ratio_zz
        while True:
            account.cash = 1.0
        orders.markt(LARGE, 1.0)
        """
    )
    with pytest.raises(StrategyError) as caught:
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)
    problems = caught.value.problems
    assert [problem.nearest for problem in problems] == ["ratio_z", "", "", "market"]
    lines = [problem.line for problem in problems]
    assert lines == sorted(lines)
    assert len(set(lines)) == 4


def test_column_counts_characters_not_bytes(author):
    strategy = author("s.best = 1.0; é = bar.small.clos")
    with pytest.raises(StrategyError) as caught:
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)
    (problem,) = caught.value.problems
    line = Path(problem.file).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("bar.small.clos")
    assert problem.nearest == "close"


def test_unknown_features_let_everything_through(author):
    strategy = author("s.best = f.anything_at_all")
    check_on_bar(strategy, None, strategy.roles, strategy.series)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("def on_bar(bar, f, p, s, account):", "takes exactly these arguments"),
        ("def on_bar(bar, f, p, s, account, orders=None):", "without defaults"),
        ("def on_bar(bar, f, p, s, acc, orders):", "(bar, f, p, s, account, orders)"),
        ("def on_bar(*args):", "found (*args)"),
        ("def on_bar(bar, f, p, s, account, orders, *, extra=1):", "without defaults"),
    ],
)
def test_signature(author, signature, words):
    strategy = author("pass", sign=signature)
    with pytest.raises(StrategyError) as caught:
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)
    assert words in str(caught.value)
    assert caught.value.problems[0].line > 0


def test_not_static(author):
    strategy = author("pass", sign="def on_bar(self, bar, f, p, s, account, orders):", static=False)
    with pytest.raises(StrategyError, match="write `@staticmethod` above it"):
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)


def test_no_on_bar_at_all():
    from engine.strategy import Strategy

    class Silent(Strategy):
        roles = ("large",)

    with pytest.raises(StrategyError, match="Silent has no on_bar"):
        check_on_bar(Silent, FEATURES, ("large",), ())


def test_on_bar_without_source():
    from engine.strategy import Strategy

    space = {"Strategy": Strategy}
    exec("class Typed(Strategy):\n @staticmethod\n def on_bar(bar, f, p, s, account, orders): pass", space)
    with pytest.raises(StrategyError, match=r"put it in a \.py file"):
        check_on_bar(space["Typed"], FEATURES, ("large",), ())


def test_file_edited_after_it_was_loaded(author):
    strategy = author("pass")
    file = Path(strategy.on_bar.__code__.co_filename)
    file.write_text("import math\n\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(StrategyError, match="load the file again"):
        check_on_bar(strategy, FEATURES, strategy.roles, strategy.series)
