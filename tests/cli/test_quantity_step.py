# SPDX-License-Identifier: Apache-2.0
"""Fractions of a share through the command as a person types it; every fill is worked by hand."""

import pyarrow.parquet as pq
import pytest

PRICES = (100, 100, 100, 100, 100, 79, 79, 79)
DAYS = (2, 3, 4, 5, 8, 9, 10, 11)
RULE = """\
from engine.strategy import Strategy


class Case(Strategy):
    roles = ("x",)

    class State:
        n: int = 0

    def features(self, market, p):
        return {{}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
{said}
        s.n += 1
"""
CONFIG = """\
name: case
strategy: case.py
roles: {x: X}
data: {source: csv, path: bars, prices: raw}
results: out
costs:
  {regulatory: no_fees, borrow: no_borrow, commission: none, interest: no_interest, benchmark: 0.0,
  slippage: {half_spread: 0, impact: 0}}
account: {cash: 100000.0, margin: {kind: reg_t}}
fills: {participation: null, whole_shares: false}
"""


def run(desk, said, *changes, prices=PRICES, split=None):
    """(fills, orders, last equity, ledger) of a rule; said maps the bar's number to what is sent after it."""
    lines = "\n".join(
        f"        if s.n == {number}:\n            {order}"
        for number, orders in said.items()
        for order in orders.split("; ")
    )
    desk.write("case.py", RULE.format(said=lines))
    desk.write("case.yaml", CONFIG)
    bars = [
        f"2024-01-{day:02},{price},{price},{price},{price},1000000,0" for day, price in zip(DAYS, prices, strict=True)
    ]
    if split:
        bars = [f"{line},{split if number == 5 else 1}" for number, line in enumerate(bars)]
    desk.bars("X", bars, f"date,open,high,low,close,volume,dividend{',split' if split else ''}")
    sets = [word for change in changes for word in ("--set", change)]
    done = desk.tandem("backtest", "case.yaml", *sets)
    assert done.returncode == 0, done.stderr
    (folder,) = (path.parent for path in (desk.folder / "out").rglob("ledger.parquet"))
    ledger, orders, equity = (
        pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("ledger", "orders", "equity")
    )
    fills = [(str(one["session"]), one["quantity"]) for one in ledger if one["kind"] == "fill"]
    return fills, orders, equity[-1], ledger


def test_three_tenths_sold_in_three_parts_leave_a_cash_account_flat(desk):
    said = {0: "orders.market(0, 0.3)", **dict.fromkeys((1, 2, 3), "orders.market(0, -0.1)")}
    fills, orders, last, _ = run(desk, said, "account.margin.kind=cash")
    assert fills == [("2024-01-03", 0.3), ("2024-01-04", -0.1), ("2024-01-05", -0.1), ("2024-01-08", -0.1)]
    assert [one["status"] for one in orders] == ["filled"] * 4
    assert (last["gross"], last["equity"]) == (0.0, pytest.approx(100_000.0, abs=1e-9))


def test_a_stop_ends_with_a_position_bought_and_sold_in_parts(desk):
    said = {
        0: "orders.market(0, 0.1); orders.market(0, 0.2)",
        1: "orders.reduce_only(orders.stop(0, -0.3, 80.0))",
        2: "orders.market(0, -0.1); orders.market(0, -0.2)",
    }
    fills, orders, last, _ = run(desk, said)
    assert [qty for _, qty in fills] == [0.1, 0.2, -0.1, -0.2]
    assert (orders[2]["status"], orders[2]["cause"], str(orders[2]["ended_ts"].date())) == (
        "cancelled", "position_closed", "2024-01-05",
    )  # fmt: skip
    assert last["gross"] == 0.0


def test_a_target_of_two_tenths_sells_one_of_three(desk):
    """0.2 - 0.3 is not -0.1 in floats."""
    fills, *_ = run(desk, {0: "orders.market(0, 0.3)", 2: "orders.target_quantity(0, 0.2)"})
    assert fills == [("2024-01-03", 0.3), ("2024-01-05", -0.1)]


def test_what_is_less_than_the_step_is_no_order(desk):
    said = {0: "orders.market(0, 0.129)", 1: "orders.market(0, 0.0099)"}
    fills, orders, *_ = run(desk, said, "fills.step=0.01")
    assert fills == [("2024-01-03", 0.12)]
    assert len(orders) == 1


def test_a_cap_on_volume_parts_an_order_in_steps(desk):
    """0.7 of a share a bar at most: 1.5 in three parts, the last of which is the rest."""
    fills, orders, *_ = run(desk, {0: "orders.market(0, 1.5)"}, "fills.participation=0.0000007", "fills.step=0.1")
    assert [qty for _, qty in fills] == [0.7, 0.7, 0.1]
    assert [one["status"] for one in orders] == ["filled"]


def test_a_split_pays_what_is_less_than_a_step_in_cash(desk):
    """0.3 share at 100 is 0.075 of one at 400: 0.07 are kept, 0.005 are paid."""
    prices = (100, 100, 100, 100, 100, 400, 400, 400)
    _, _, last, ledger = run(desk, {0: "orders.market(0, 0.3)"}, "fills.step=0.01", prices=prices, split=0.25)
    (split,) = (one for one in ledger if one["kind"] == "split")
    assert split["quantity"] == pytest.approx(0.07 - 0.3, abs=1e-12)
    assert split["amount"] == pytest.approx(0.005 * 400, abs=1e-9)
    assert last["gross"] == pytest.approx(0.07 * 400, abs=1e-9)
