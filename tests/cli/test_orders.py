# SPDX-License-Identifier: Apache-2.0
"""Orders that belong together, through the real command: what fills, and what the run says."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import HEAD

CASE = """\
name: case
strategy: case.py
roles: {x: X, y: Y}
data: {source: csv, path: bars, prices: raw}
costs:
  commission: none
  regulatory: no_fees
  borrow: no_borrow
  interest: no_interest
  slippage: {half_spread: 0, impact: 0}
  benchmark: 0.0
account: {cash: 100000, margin: {kind: reg_t}}
fills: {participation: 0.1}
results: out
"""
RULE = """\
from engine.strategy import Strategy


class Case(Strategy):
    roles = ("x", "y")

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        X, Y = 0, 1
{rule}
        s.n += 1
"""
DAYS = ("2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09")


@pytest.fixture(params=["interpreted", pytest.param("compiled", marks=pytest.mark.slow)])
def case(desk, request):
    """Runs a rule on bars of X and Y: `open high low close volume` of each session, with semicolons between them."""

    def run(rule: str, x: str, y: str = "", **settings):
        made = [f"        {line}" for line in rule.strip().splitlines()]
        desk.write("case.py", RULE.format(rule="\n".join(made)))
        desk.write("case.yaml", CASE)
        y = y or ";".join(["50 50 50 50 1000000"] * len(x.split(";")))
        for symbol, drawn in (("X", x), ("Y", y)):
            rows = [bar.split() for bar in drawn.split(";")]
            desk.bars(symbol, [f"{day},{','.join(row)},0" for day, row in zip(DAYS, rows, strict=False)], HEAD)
        changed = [word for path, value in settings.items() for word in ("--set", f"{path.replace('__', '.')}={value}")]
        return desk.tandem("backtest", "case.yaml", "--mode", request.param, *changed)

    run.desk = desk
    return run


def table(case, name):
    return pq.read_table(case.desk.folder / "out" / "case" / "latest" / f"{name}.parquet").to_pylist()


def fills(case):
    return [(str(one["session"]), one["symbol"], one["quantity"], one["price"]) for one in table(case, "fills")]


def endings(case):
    return [(one["status"], one["cause"], one["filled"]) for one in table(case, "orders")]


STILL = "100 100 100 100 1000000"


def test_a_target_beside_the_rest_of_a_triggered_stop_ends_flat(case):
    rule = """
if s.n == 0:
    orders.market(X, 100.0)
if s.n == 1:
    orders.stop(X, -100.0, 95.0)
if s.n == 2:
    orders.target_quantity(X, 0.0)
"""
    done = case(rule, f"{STILL};{STILL};100 100 94 95 500;{';'.join(['95 95 95 95 1000000'] * 3)}")
    assert done.returncode == 0, done.stderr
    assert fills(case) == [
        ("2024-01-03", "X", 100.0, 100.0),
        ("2024-01-04", "X", -50.0, 95.0),
        ("2024-01-05", "X", -50.0, 95.0),
    ]
    assert endings(case)[1:] == [("cancelled", "replaced", -50.0), ("filled", "none", -50.0)]


def test_one_cancels_other_over_two_symbols(case):
    rule = "if s.n == 0:\n    orders.oco(orders.limit(X, 100.0, 98.0), orders.limit(Y, 200.0, 48.0))"
    x = f"{STILL};100 100 97 99 1000000;99 99 98 98 1000000;98 98 98 98 1000000"
    y = "50 50 50 50 1000000;50 50 50 50 1000000;50 50 47 48 1000000;48 48 48 48 1000000"
    done = case(rule, x, y)
    assert done.returncode == 0, done.stderr
    assert fills(case) == [("2024-01-03", "X", 100.0, 98.0)]
    assert endings(case) == [("filled", "none", 100.0), ("cancelled", "oco_sibling_filled", 0.0)]


def test_five_for_five_per_cent_is_refused(case):
    rule = """
if s.n == 0:
    orders.market(X, 100.0)
if s.n == 1:
    orders.reduce_only(orders.trail_percent(X, -100.0, 5.0))
"""
    done = case(rule, f"{STILL};{STILL};90 90 90 90 1000000;80 80 80 80 1000000;70 70 70 70 1000000")
    said = " ".join(done.stderr.split())
    assert done.returncode == 2, done.stdout
    assert "Case on 2024-01-03 sent a trail_percent for x (X) with a fraction of 5" in said
    assert "between 0 and 1 (5 per cent is 0.05)" in said
    assert "Traceback" not in done.stderr
    assert not (case.desk.folder / "out" / "case").exists()


@pytest.mark.slow
@pytest.mark.parametrize("case", ["compiled"], indirect=True)
def test_an_order_without_a_size_in_compiled_mode(case):
    """Compiled code divides by zero without a word; the order that comes of it stops the run all the same."""
    done = case("if s.n == 1:\n    orders.target(X, 1.0 / account.x.qty)", ";".join([STILL] * 4))
    assert done.returncode == 2, done.stdout
    says = ("Case sent an order on 2024-01-03 whose quantity or price is not a finite number", "--mode interpreted")
    case.desk.refused("backtest", "case.yaml", "--mode", "compiled", says=says)


def test_five_per_cent_as_a_fraction_runs(case):
    """The remedy that the refusal names."""
    rule = """
if s.n == 0:
    orders.market(X, 100.0)
if s.n == 1:
    orders.reduce_only(orders.trail_percent(X, -100.0, 0.05))
"""
    done = case(rule, f"{STILL};{STILL};90 90 90 90 1000000;50 50 50 50 1000000")
    assert done.returncode == 0, done.stderr
    assert fills(case)[1] == ("2024-01-04", "X", -100.0, 90.0)


def test_a_child_of_another_role_is_refused(case):
    rule = "if s.n == 0:\n    orders.attach(orders.market(Y, -200.0), orders.limit(X, 100.0, 100.0))"
    done = case(rule, f"{STILL};{STILL}")
    said = " ".join(done.stderr.split())
    assert done.returncode == 2, done.stdout
    assert "Case on 2024-01-02 attached an order for y (Y) to one for x (X)" in said
    assert "send it on the bar that sees the position (`account.x.qty`)" in said


def test_the_second_leg_on_the_bar_that_sees_the_first(case):
    """The remedy that the refusal names."""
    rule = """
if s.n == 0:
    orders.limit(X, 100.0, 100.0)
if account.x.qty > 0.0 and account.y.qty == 0.0:
    orders.market(Y, -200.0)
"""
    done = case(rule, f"{STILL};{STILL};{STILL}")
    assert done.returncode == 0, done.stderr
    assert fills(case) == [("2024-01-03", "X", 100.0, 100.0), ("2024-01-04", "Y", -200.0, 50.0)]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("orders.limit(X, -100.0, -48.0)", "sent an order for x (X) with a price of -48; prices are above 0"),
        ("orders.trail(Y, 100.0, -2.0)", "sent a trailing stop for y (Y) with a distance of -2"),
        ("orders.market(X, 100.0, -1)", "sent an order with a reason below 0"),
        ("orders.limit(X, 100.0, 48.0, 0, 5)", "sent an order for x (X) with day=5"),
    ],
)
def test_other_orders_that_cannot_be_meant(case, order, said):
    done = case(f"if s.n == 1:\n    {order}", f"{STILL};{STILL};{STILL}")
    assert done.returncode == 2, done.stdout
    assert said in " ".join(done.stderr.split()), done.stderr


PUT = """\
from engine.strategy import PUT, Strategy


class Case(Strategy):
    roles = ("x",)
    options = {"hedge": "x"}

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.option(0, 10.0, PUT, 100.0, EXPIRY)
        s.n += 1
"""
OPTIONS = """
options:
  volatility: 0.2
  skew: 0.0
  spread: {premium: 0.0, vega: 0.0, least: 0.0}
  commission: 0.0
  minimum: 0.0
"""


@pytest.mark.parametrize(
    ("expiry", "settled", "missing", "said"),
    [
        (16178, "2014-04-17", "", "which is no session: it was settled at the close before, on 2014-04-17"),
        (16177, "2014-04-17", "", ""),
        (16182, "2014-04-21", "2014-04-22", "a session without bars: it was settled at the close of 2014-04-21"),
    ],
    ids=["Good Friday", "the Thursday before", "a hole in the bars"],
)
def test_an_option_that_names_a_day_without_bars(desk, expiry, settled, missing, said):
    desk.write("case.py", PUT.replace("EXPIRY", f"{expiry}.0"))
    desk.write("case.yaml", CASE.replace(", y: Y", "") + OPTIONS)
    prices = {
        "2014-04-15": 99,
        "2014-04-16": 99,
        "2014-04-17": 99,
        "2014-04-21": 95,
        "2014-04-22": 105,
        "2014-04-23": 105,
    }
    desk.bars("X", [f"{day},{p},{p},{p},{p},1000000,0" for day, p in prices.items() if day != missing], HEAD)
    done = desk.tandem("backtest", "case.yaml")
    assert done.returncode == 0, done.stderr
    entries = pq.read_table(desk.folder / "out" / "case" / "latest" / "ledger.parquet").to_pylist()
    (end,) = [(str(one["session"]), one["amount"]) for one in entries if one["kind"] == "option_expiry"]
    assert end == (settled, 1000.0 if settled < "2014-04-21" else 5000.0)
    printed = " ".join(done.stdout.split())
    assert said in printed
    assert said or "settled at the close" not in printed


@pytest.mark.parametrize(("weeks", "told"), [(3, 3), (5, 1)])
def test_many_contracts_that_name_a_saturday_are_one_sentence(desk, weeks, told):
    """Bought each Monday for the Saturday after: each is settled on the Friday before, and the first is named."""
    rule = PUT.replace("s.n == 0", "bar.weekday == 0").replace("EXPIRY", "bar.session + 5.0")
    desk.write("case.py", rule)
    desk.write("case.yaml", CASE.replace(", y: Y", "") + OPTIONS)
    monday = np.datetime64("2014-03-03")  # five weeks without a holiday
    days = [str(monday + 7 * week + day) for week in range(weeks) for day in range(5)]
    desk.bars("X", [f"{day},99,99,99,99,1000000,0" for day in days], HEAD)
    done = desk.tandem("backtest", "case.yaml")
    assert done.returncode == 0, done.stderr
    printed = " ".join(done.stdout.split())
    assert printed.count("which is no session") == told
    assert (
        "X 2014-03-08 P100 names 2014-03-08, which is no session: it was settled at the close before, on 2014-03-07."
    ) in printed
    assert (f"on 2014-03-07. {weeks - 1} more contracts likewise." in printed) == (told == 1)


def test_volume_0_on_every_bar_is_why_nothing_fills(case):
    done = case("if s.n == 0:\n    orders.target(X, 1.0)", ";".join(["100 100 100 100 0"] * 6))
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert fills(case) == []
    assert "No order filled, of 1 sent 1 working: there is nothing to judge." in said
    assert (
        "! X: the volume is 0 on every bar of the run, and fills.participation lets orders have 0.1 of it: none can "
        "fill; bring the volume, or set fills.participation: null"
    ) in said
    assert said.count("volume is 0") == 1
    assert "! 1 loud notice " in said


def test_without_the_cap_it_fills(case):
    """The remedy that the notice names."""
    done = case(
        "if s.n == 0:\n    orders.target(X, 1.0)", ";".join(["100 100 100 100 0"] * 6), fills__participation="null"
    )
    assert fills(case) == [("2024-01-03", "X", 1000.0, 100.0)]
    assert "still work" not in done.stdout


def test_a_cap_below_a_share_is_why_nothing_fills(case):
    done = case("if s.n == 0:\n    orders.market(X, 100.0)", ";".join(["100 100 100 100 5"] * 4))
    said = " ".join(done.stdout.split())
    assert fills(case) == []
    assert "! 1 order for X still works at the end" in said
    assert "fills.participation lets 10% of a bar's volume trade, at most 0 shares" in said


def test_a_run_in_which_every_order_was_refused(case):
    done = case("if s.n < 2:\n    orders.market(X, 5000.0)", ";".join([STILL] * 4))
    said = " ".join(done.stdout.split())
    assert "No order filled, of 2 sent 2 rejected (initial margin): there is nothing to judge." in said


def test_a_run_that_sent_no_order(case):
    done = case("s.n += 0", ";".join([STILL] * 4))
    assert "No order was sent: there is nothing to judge." in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "orders.limit(X, 100.0, 90.0)",
            "- 1 order for X still works at the end, the first since 2024-01-02: the price",
        ),
        ("orders.reduce_only(orders.stop(X, -100.0, 101.0))", "what may only reduce a position has none to reduce"),
        (
            "orders.attach(orders.stop(Y, -9.0, 45.0), orders.limit(Y, 9.0, 46.0))",
            "what is attached waits for a parent to fill",
        ),
    ],
)
def test_other_orders_that_work_for_ever_are_told_with_their_reason(case, rule, said):
    done = case(f"if s.n == 0:\n    {rule}", ";".join([STILL] * 4))
    assert done.returncode == 0, done.stderr
    assert said in " ".join(done.stdout.split())
