# SPDX-License-Identifier: Apache-2.0
"""A strategy with a mistake: the real command names file, line and what to write instead, without a traceback."""

import pytest

FEATURES = 'return {"x": market.large.close}'
ORDER = "orders.target(LARGE, p.weight)"

# What stands in rule.py in place of what, and what the screen then says; exit code 2.
SOURCE = {
    "a syntax error": (
        "if account.large.qty == 0.0:",
        "if account.large.qty == 0.0",
        "the strategy cannot be imported: expected ':' at rule.py:17:36",
    ),
    "an import that fails": (
        "LARGE, SMALL = 0, 1",
        "import nonsense",
        "the strategy cannot be imported: ModuleNotFoundError: No module named 'nonsense' at rule.py:3:1",
    ),
    "an import that lacks the name": (
        "LARGE, SMALL = 0, 1",
        "from engine.indicators import zscor",
        "cannot be imported: engine.indicators has no zscor at rule.py:3:1",
        "did you mean zscore?",
    ),
    "an import of what rules alone have": (
        "LARGE, SMALL = 0, 1",
        "from engine.indicators import highest",
        "cannot be imported: engine.indicators has no highest at rule.py:3:1",
        "allowed a name of docs/indicators.md; some functions of rules in YAML are no indicators",
    ),
    "an exit": ("LARGE, SMALL = 0, 1", "raise SystemExit(0)", "cannot be imported: SystemExit: 0 at rule.py:3"),
    "print": (
        ORDER,
        'print("x")',
        "Rule.on_bar: no print(): compiled code cannot print; `mode: interpreted` allows it",
        "at rule.py:18:13",
    ),
    "try": (ORDER, "try:\n                pass\n            except E:\n                pass", "no `try`", "rule.py:18"),
    "an order nobody knows": (ORDER, "orders.buy(LARGE, 1.0)", "orders has no method 'buy' at rule.py:18:13"),
    "a feature nobody computed": (ORDER, "orders.target(LARGE, f.y)", "rule.py:18:34", "allowed x"),
    "a parameter nobody declared": (ORDER, "orders.target(LARGE, p.wait)", "rule.py:18:34", "did you mean weight?"),
    "a role that is none": (ORDER, "orders.target(2, 1.0)", "there is no role 2 at rule.py:18:27", "0 (large), 1 (sm"),
    "features of another length": (
        FEATURES,
        'return {"x": market.large.close[1:]}',
        "Rule.features['x']: not one number a bar at rule.py:12",
        "found shape (8,) allowed (9,), one number a bar",
    ),
    "features that forget their return": (
        FEATURES,
        "x = market.large.close",
        "Rule.features: must return a dict of name to array at rule.py:12",
        "found NoneType",
    ),
    "features that return a tuple": (
        FEATURES,
        "return market.large.close, market.small.close",
        "Rule.features: must return a dict of name to array at rule.py:12",
        "found tuple",
    ),
    "features without a number": (
        FEATURES,
        'return {"x": market.large.close / 0}',
        "Rule.features['x']: infinite: a division by zero? at rule.py:12",
        "found inf in row 0",
    ),
    "features of no shape": (FEATURES, 'return {"x": [[1], [1, 2]]}', "Rule.features: ValueError: ", "rule.py:12"),
    "features that fail": (
        FEATURES,
        "return 1 / 0",
        "ZeroDivisionError: division by zero at rule.py:13",
        "return 1 / 0",
    ),
    "features of a column nobody has": (
        FEATURES,
        'return {"x": market.large.adjusted}',
        "AttributeError: a role has no column 'adjusted'; it has open, high, low, close, volume, dividend",
        "rule.py:13",
    ),
    "features of a parameter nobody has": (
        FEATURES,
        'return {"x": market.large.close * p.wieght}',
        "no parameter 'wieght'; there are weight; did you mean 'weight'? at rule.py:13",
    ),
    "features of a role nobody has": (
        FEATURES,
        'return {"x": market.larg.close}',
        "market has no role or series 'larg'; it has large, small; did you mean 'large'? at rule.py:13",
    ),
    "a division by zero in on_bar": (
        ORDER,
        "orders.target(LARGE, p.weight / account.large.qty)",
        "Rule.on_bar: on the bar of 2020-01-21:",
        "division by zero at rule.py:18",
        "allowed a guard, `if x != 0.0`",
    ),
    "an order without a size": (
        ORDER,
        "orders.market(LARGE, 1e300 * 1e300 - 1e300 * 1e300)",
        "Rule sent an order on 2020-01-21 whose quantity or price is not a finite number; guard divisions",
    ),
    "a limit without a price": (
        ORDER,
        "orders.limit(LARGE, 1.0, 1e300 * 1e300 - 1e300 * 1e300)",
        "Rule sent an order on 2020-01-21 whose quantity or price is not a finite number",
    ),
}


@pytest.mark.parametrize("row", SOURCE.values(), ids=SOURCE)
def test_in_the_source(desk, row):
    old, new, *says = row
    desk.replace("rule.py", old, new)
    desk.refused("backtest", "run.yaml", says=says)


CODES = """from engine.strategy import ReasonCode


class Why(ReasonCode):
    GO = 1, "it goes"
    STAY = 2, "it stays"


LARGE, SMALL = 0, 1
"""


@pytest.mark.parametrize("words", [(), ("--engine", "backtrader")])
def test_a_number_that_is_no_reason(desk, words):
    if "backtrader" in words:
        pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    desk.replace("rule.py", ORDER, "orders.target(LARGE, p.weight, 7)")
    says = "Rule sent an order on 2020-01-21 with the reason 7, which is no Reason of Rule; it has "
    desk.refused("backtest", "run.yaml", *words, says=(says + "none: name a class of ReasonCode as its Reason",))
    desk.replace("rule.py", "LARGE, SMALL = 0, 1\n", CODES)
    desk.replace("rule.py", 'roles = ("large", "small")', 'roles = ("large", "small")\n    Reason = Why')
    desk.refused("backtest", "run.yaml", *words, says=(says + "1 (go), 2 (stay)",))
    desk.replace("rule.py", 'STAY = 2, "it stays"', 'STAY = 9, "it stays"')
    desk.refused("backtest", "run.yaml", *words, says=(says + "1 (go), 9 (stay)",))  # between two that are known
    desk.replace("rule.py", "p.weight, 7", "p.weight, Why.STAY")
    assert desk.tandem("backtest", "run.yaml", *words).returncode == 0


def test_more_orders_than_the_book_holds(desk):
    desk.replace("rule.py", ORDER, "for _ in range(65):\n                orders.limit(LARGE, 1.0, 1.0)")
    says = ("Rule has more than 64 orders working on 2020-01-21; cancel the old ones with orders.cancel",)
    desk.refused("backtest", "run.yaml", code=1, says=says)


def test_backtrader_is_not_installed(desk):
    desk.write("path/backtrader.py", 'raise ModuleNotFoundError("No module named \'backtrader\'", name="backtrader")')
    desk.env["PYTHONPATH"] = str(desk.folder / "path")
    says = ("backtrader is not installed", "install it with `pip install '.[backtrader]'`")
    desk.refused("backtest", "run.yaml", "--engine", "backtrader", says=says)
