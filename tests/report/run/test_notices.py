# SPDX-License-Identifier: Apache-2.0
"""What became of a run is said beside its figures, with the numbers of it, and of no other run."""

import pytest

from engine.analytics.analysis import analyse
from engine.report.run.notices import notices
from engine.runs.backtest import backtest, loaded
from tests.cases import Case, days, flat

DATES = days("2024-01-02", 6)
CASH = "margin: {kind: cash}"


def said(case):
    result = backtest(loaded(case.folder / "case.yaml"), glance=False)
    return [(one.level, one.text) for one in notices(result, analyse(result))]


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path, "raw")
    made.bars(flat(DATES))
    return made


def put(case, **replaced):
    text = (case.folder / "case.yaml").read_text()
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    case.write("case.yaml", text)


def test_a_purchase_that_the_cash_cuts_short_is_said(case):
    """1,000 shares at 100 are all the cash: a cent a share leaves 999."""
    put(case, account=("cash: 100000", f"cash: 100000, {CASH}"))
    less = ("note", "1 purchase took less than asked: cash paid no more, with its costs.")
    assert less not in said(case)
    put(case, costs=("commission: none", "commission: [{per_share: 0.01}]"))
    assert less in said(case)


def test_a_position_at_the_end_is_said_to_be_marked(case):
    held = ("note", "Positions open at the end (1) are marked at the last close, not sold.")
    assert held in said(case)
    rule = (case.folder / "rule.py").read_text()
    case.write("rule.py", rule.replace("s.n += 1", "if s.n == 2:\n            orders.close(0)\n        s.n += 1"))
    assert held not in said(case)


def test_a_sleeve_that_loses_all_is_said_with_its_day(case):
    """`a` buys 2,000 shares at 100 with its half of 100,000: 30 dollars lower, on the fourth day, it owes 10,000."""
    rule = (case.folder / "rule.py").read_text()
    for name, order in (("a", "orders.market(0, 2000)"), ("b", "pass")):
        case.write(f"rule_{name}.py", rule.replace("orders.target(0, 1.0)", order))
    own = ", ".join(f"{of}: {{weight: 0.5, strategy: rule_{of}.py, roles: {{x: X}}}}" for of in "ab")
    put(
        case,
        sleeves=("strategy: rule.py\nroles: {x: X}\n", f"sleeves: {{{own}}}\n"),
        account=("cash: 100000", "cash: 100000, margin: {kind: none}"),
    )
    gone = [text for level, text in said(case) if level == "loud" and text.startswith("Sleeve ")]
    assert gone == []
    case.bars([*flat(DATES[:3]), *flat(DATES[3:], 70.0)])
    gone = [text for level, text in said(case) if level == "loud" and text.startswith("Sleeve ")]
    assert gone == [f"Sleeve a had no equity left on {DATES[3]}: what it held was closed."]


WEEKLY = "series: {w: {symbol: W, path: w.csv, column: value, lag: {sessions: 0}, stale_after: 9}}\nbenchmark: w"


def test_a_benchmark_of_weekly_values_is_loud(tmp_path):
    dates = days("2024-01-02", 60)
    made = Case(tmp_path, "raw", series='("w",)')
    made.bars(flat(dates))
    made.add(WEEKLY)
    loud = []
    for step in (5, 1):
        made.write("w.csv", "date,value\n" + "".join(f"{d},{100 + n}\n" for n, d in enumerate(dates) if n % step == 0))
        loud += [text for level, text in said(made) if level == "loud" and "compared with" in text]
    words = "W, which the run is compared with, has the value of the close before on 48 of 59 sessions: alpha, beta "
    words += "and what else goes by its daily returns are left out. Bring a value of each session, or name another as "
    assert loud == [f"{words}benchmark."]


@pytest.mark.parametrize(("count", "told"), [(6, True), (249, True), (250, False)])
def test_less_than_a_year_is_said_beside_figures_a_year(tmp_path, count, told):
    made = Case(tmp_path, "raw")
    made.bars(flat(days("2023-01-03", count)))
    words = (
        f"The run is of {count} sessions, less than a year: CAGR, volatility, Sharpe ratio and all else a year are of "
    )
    assert (("note", f"{words}these, stretched to one.") in said(made)) is told


@pytest.mark.parametrize(("row", "margin", "shorts", "loud"), [
    ("available: false", "none", True, True),
    ("available: true", "none", True, False),
    ("available: false", "reg_t", False, False),
])  # fmt: skip
def test_shares_that_nobody_lends_are_shorted_without_margin_rules_and_that_is_said(case, row, margin, shorts, loud):
    rule = (case.folder / "rule.py").read_text()
    case.write("rule.py", rule.replace("orders.target(0, 1.0)", "orders.target(0, -1.0)"))
    put(
        case,
        account=("cash: 100000", f"cash: 100000, margin: {{kind: {margin}}}"),
        costs=("borrow: no_borrow", f"borrow: {{default: [{{rate: 0, {row}}}]}}"),
    )
    text = "; `available: false` of costs.borrow refuses no short either."
    assert any(level == "loud" and one.endswith(text) for level, one in said(case)) == loud
    held = ("note", "Positions open at the end (1) are marked at the last close, not sold.")
    assert (held in said(case)) == shorts
