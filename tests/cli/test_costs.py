# SPDX-License-Identifier: Apache-2.0
"""What a run costs, through the command as a person types it; every amount is worked by hand."""

import json

import pytest

FLAT = [f"2024-01-{day:02},100,100,100,100,1000000,0" for day in (2, 3, 4, 5)]
SAID = """\
from engine.strategy import Strategy


class Case(Strategy):
    roles = ("x",)

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.%s
        s.n += 1
"""
CONFIG = """\
name: case
strategy: case.py
roles: {x: X}
data: {source: csv, path: bars, prices: raw}
results: out
costs:
  regulatory: no_fees
  borrow: no_borrow
  commission: none
  slippage: {half_spread: 0, impact: 0}
  benchmark: 0.036
account: {cash: 100000.0, margin: {kind: %s}}
fills: {participation: null}
"""


def ended_with(desk, order, kind, *changes):
    """Equity at the end of four flat days of 100 dollars with one order at the first close."""
    desk.write("case.py", SAID % order)
    desk.write("case.yaml", CONFIG % kind)
    desk.bars("X", FLAT)
    sets = [word for change in changes for word in ("--set", change)]
    done = desk.tandem("backtest", "case.yaml", "--json", *sets)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ALL_IN = ("target(0, 1.0)", "cash", "costs.commission=ibkr_fixed", "costs.benchmark=0")


def test_a_cash_account_does_not_owe_the_commission_of_an_order_for_all_of_it(desk):
    """999 shares and 4.995 of commission; 1,000 would leave a debt of 5 dollars, which then pays interest."""
    assert ended_with(desk, *ALL_IN)["final_equity"] == pytest.approx(100_000 - 4.995, abs=1e-9)


@pytest.mark.parametrize(
    ("order", "kind", "table", "earned"),
    [
        # three nights on cash of 100,000: none, the benchmark of 3.6 %, and that less 0.5 % beyond the first 10,000
        ("limit(0, 1.0, 1.0)", "reg_t", "no_interest", 0.0),
        ("limit(0, 1.0, 1.0)", "reg_t", "benchmark_interest", 30.003),
        ("limit(0, 1.0, 1.0)", "reg_t", "ibkr_interest", 3 * 90_000 * 0.031 / 360),
        # a debt of 50,000 for two nights, after one on the cash
        ("market(0, 1500.0)", "reg_t", "no_interest", 0.0),
        ("market(0, 1500.0)", "reg_t", "benchmark_interest", 10.0 - 2 * 50_000 * 0.036 / 360),
        # 150,000 of proceeds: 50,000 of them earn 3.6 % - 1.25 %; the cash beside them 90,000 x 3.1 %
        ("market(0, -1500.0)", "none", "no_interest", 0.0),
        ("market(0, -1500.0)", "none", "ibkr_interest", 3 * 90_000 * 0.031 / 360 + 2 * 50_000 * 0.0235 / 360),
    ],
)
def test_interest_is_that_of_the_named_table(desk, order, kind, table, earned):
    result = ended_with(desk, order, kind, f"costs.interest={table}")
    assert result["final_equity"] == pytest.approx(100_000 + earned, abs=0.01)


def test_a_file_that_may_mean_the_old_table_is_told(desk):
    ended_with(desk, "limit(0, 1.0, 1.0)", "reg_t")
    told = " ".join(desk.tandem("backtest", "case.yaml", "--set", "costs.interest=no_interest").stdout.split())
    assert "benchmark_interest" in told
