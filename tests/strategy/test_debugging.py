# SPDX-License-Identifier: Apache-2.0
"""Looking into a decision: print and breakpoint where nothing is compiled, rows in words, errors with their line."""

import math
import os

import pytest

from engine.engines.interpreted_run import run_interpreted
from engine.errors import StrategyError
from engine.kernel import rows
from engine.notice import note
from engine.progress import unwatched
from engine.runs.backtest import backtest, check, prepare
from tests import programs
from tests.cases import Case, days, flat

RULE = """
import math

from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("large", "small")

    class State:
        n: int = 3
        x: float = 0.0

    def features(self, market, p):
        return {{"z": market.large.close - market.small.close}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        {body}


def root(x):
    return math.sqrt(x)
"""
SHORT = "{start: 2003-01-02, end: 2003-01-31}"


def rule(body):
    return RULE.format(body=body)


def test_print_where_nothing_is_compiled(written, capsys):
    ready = written(rule('print(f"{bar.session}: {f.z:.1f}", account.large)'), period=SHORT, mode="interpreted")
    result = backtest(ready)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(result.market)
    assert printed[0].startswith("12054: ")
    assert "qty=0.0" in printed[0]
    debugs = (
        "on_bar prints or stops (print, breakpoint), which mode: interpreted allows; compiled runs and sweeps refuse it"
    )
    assert note(debugs) in result.notices


@pytest.mark.parametrize("mode", ["auto", "compiled"])
@pytest.mark.parametrize("line", ['print("x", bar.large.close)', "breakpoint()"])
def test_elsewhere_it_is_refused_with_the_way_to_have_it(written, mode, line):
    with pytest.raises(StrategyError) as caught:
        check(written(rule(line), period=SHORT, mode=mode))
    (problem,) = caught.value.problems
    assert "`mode: interpreted` allows it" in problem.message
    assert problem.line == 19


def test_leaving_the_debugger_ends_the_command_as_an_interruption(tmp_path):
    """At the end of its input, as at `q`."""
    case = Case(tmp_path)
    case.bars(flat(days("2020-01-21", 5)))
    case.write("rule.py", (tmp_path / "rule.py").read_text().replace("s.n += 1", "breakpoint()"))
    done = programs.tandem("backtest", "case.yaml", "--mode", "interpreted", cwd=tmp_path, env=os.environ)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("Interrupted; nothing half-written was left behind.\n")
    assert not (tmp_path / "out").exists()


def test_a_sweep_compiles_and_so_refuses_it(written):
    ready = written(rule("print(1)"), period=SHORT, mode="interpreted")
    with pytest.raises(StrategyError, match="compiled code cannot print"):
        prepare(ready, recording=False)


def test_a_run_that_does_not_print_says_nothing_of_it(written):
    result = backtest(written(rule("s.x = f.z"), period=SHORT, mode="interpreted"))
    assert not any("prints" in one.text for one in result.notices)


def test_rows_in_words(written):
    prepared = prepare(written(rule("s.x = f.z"), period=SHORT))
    bar = rows.author_bars(prepared.market.bars, 2)[0]
    assert repr(bar).startswith(
        f"(ts={bar.ts}, session=12054, days={bar.days}, last=1, large=(open={bar.large.open!r}, "
    )
    assert repr(rows.rows_of(prepared.features)[0]) == f"(z={float(prepared.features['z'][0])!r})"
    book = run_interpreted(prepared, unwatched, None, None)[0]
    shown = repr(rows.from_values(rows.row_class(book.dtype, ("large", "small")), book.tolist(), ("large", "small")))
    assert shown.startswith(f"(cash={float(book['cash'])!r}, equity=")
    assert "large=(qty=0.0" in shown
    assert "order=" not in shown


@pytest.mark.parametrize(
    "body",
    [
        "if f.z: s.x = 1.0", "if not f.z: s.x = 1.0", "if s.n > 0 and f.z: s.x = 1.0", "s.x = 1.0 if f.z else 2.0",
        "if bool(f.z): s.x = 1.0",
    ],
)  # fmt: skip
def test_a_bare_feature_as_a_condition_is_refused(written, body):
    with pytest.raises(StrategyError, match=r"NaN counts as true; compare it: `f.z > 0.0`, or `f.z == f.z`"):
        check(written(rule(body), period=SHORT))


@pytest.mark.parametrize(
    "body",
    ["if f.at(1).r: s.x = 1.0", "row = f.at(s.n % 2)\n        if not row.r: s.x = 1.0", "s.x = bool(f.at(0).r) * 1"],
)
def test_nor_is_one_of_a_list_of_roles(written, body):
    code = (
        rule(body)
        .replace('("large", "small")', 'Roles("etf", least=2)')
        .replace("import Strategy", "import Roles, Strategy")
    )
    one = '{"r": {role: market.at(role).close / market.at(role).open for role in market.roles}}'
    code = code.replace('{"z": market.large.close - market.small.close}', one)
    with pytest.raises(StrategyError, match=r"NaN counts as true; compare it: `(f\.at\([01]\)|row)\.r > 0\.0`"):
        check(written(code, roles="{etf: [SPY, IWM]}", period=SHORT))


@pytest.mark.parametrize("body", ["if f.z > 0.0: s.x = 1.0", "if f.z == f.z: s.x = f.z", "s.x = 1.0 if s.x else 2.0"])
def test_what_is_compared_is_not(written, body):
    check(written(rule(body), period=SHORT))


def python_says(wrong):
    """Words of Python's own, which are not the same in every release."""
    with pytest.raises(ValueError) as caught:
        wrong()
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("s.x = math.exp(1000.0 * s.n)", 19, "OverflowError: math range error"),
        ("s.n = int(s.x + math.inf)", 19, "OverflowError: cannot convert float infinity to integer"),
        ("s.x = 1.0 / (s.x * 0.0)", 19, "division by zero"),
        ("s.x = root(-1.0 * s.n)", 23, python_says(lambda: math.sqrt(-3.0))),
    ],
)
def test_an_error_has_its_line_and_its_day(written, body, line, words):
    with pytest.raises(StrategyError) as caught:
        backtest(written(rule(body), period=SHORT, mode="interpreted"))
    (problem,) = caught.value.problems
    assert problem.message.startswith("on the bar of 2003-01-02: ")
    assert problem.line == line
    assert words.split(":")[0] in problem.message


def test_a_whole_number_that_grows_beyond_64_bits(written):
    with pytest.raises(StrategyError) as caught:
        backtest(written(rule("s.n = s.n * 1000"), period=SHORT))
    (problem,) = caught.value.problems
    assert problem.path == "s.n"
    assert "beyond 64 bits" in problem.message


def test_names_that_are_taken_are_told_with_the_whole_list(written):
    code = rule("s.x = 1.0").replace('("large", "small")', '("asset", "cash", "equity", "market")')
    code = code.replace("market.large.close - market.small.close", "market.ts * 1.0")
    roles = "{asset: SPY, cash: IWM, equity: QQQ, market: TWM}"
    with pytest.raises(StrategyError) as caught:
        check(written(code, roles=roles, period=SHORT))
    assert [problem.found for problem in caught.value.problems] == ["'asset'", "'cash'", "'equity'", "'market'"]
    first, *others = caught.value.problems
    listed = first.allowed.removeprefix("any other name but ").split(", ")
    assert {"asset", "cash", "equity", "market", "limit", "session", "month_last", "symbols"} <= set(listed)
    assert "small" not in listed
    assert {problem.allowed for problem in others} == {""}


MISSING = rule("s.x = STEPS[int(s.x) + s.n]").replace("\n\nclass Rule", "\nSTEPS = (0.5, 1.0, 2.0)\n\n\nclass Rule", 1)


def test_a_row_that_a_table_does_not_have(written):
    with pytest.raises(StrategyError) as caught:
        backtest(written(MISSING, period=SHORT, mode="interpreted"))
    (problem,) = caught.value.problems
    assert problem.message == "on the bar of 2003-01-02: IndexError: tuple index out of range"
    assert problem.found == "s.x = STEPS[int(s.x) + s.n]"


@pytest.mark.slow
def test_a_row_that_a_table_does_not_have_compiled(written):
    words = "a table or a State field for a place that it does not have; run with --mode interpreted"
    with pytest.raises(StrategyError, match=words):
        backtest(written(MISSING, period=SHORT, mode="compiled"))
