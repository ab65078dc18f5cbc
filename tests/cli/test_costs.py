# SPDX-License-Identifier: Apache-2.0
"""What a run costs, through the command as a person types it; every amount is worked by hand."""

import json

import numpy as np
import pyarrow.parquet as pq
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


STEPS = "[{per_share: [{upto: 100, rate: 0.05}, {rate: 0.01}], minimum: %g}]"


@pytest.mark.parametrize(
    ("days", "minimum", "paid"),
    [
        # 100 shares a day, the first hundred of a month at 5 cents, the rest at one
        (("2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"), 0, [5.0, 5.0, 1.0]),
        (("2024-01-29", "2024-01-30", "2024-01-31", "2024-02-01"), 0, [5.0, 1.0, 5.0]),
        (("2024-02-01", "2024-02-02", "2024-02-05", "2024-02-06"), 0, [5.0, 1.0, 1.0]),
        (("2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"), 8, [8.0, 2.0, 1.0]),
    ],
)
@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_parts_of_an_order_count_in_the_steps_of_their_own_month(desk, days, minimum, paid, mode):
    desk.write("case.py", SAID % "market(0, 300.0)")
    desk.write("case.yaml", CONFIG % "reg_t")
    desk.bars("X", [f"{day},100,100,100,100,1000,0" for day in days])
    changes = [f"costs.commission={STEPS % minimum}", "fills.participation=0.1", "costs.benchmark=0", f"mode={mode}"]
    done = desk.tandem("backtest", "case.yaml", *[word for change in changes for word in ("--set", change)])
    assert done.returncode == 0, done.stderr
    fills = pq.read_table(next((desk.folder / "out" / "case").glob("2*")) / "fills.parquet").to_pydict()
    assert fills["quantity"] == [100.0, 100.0, 100.0]
    assert fills["commission"] == pytest.approx(paid, abs=1e-9)


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


SESSIONS = [f"2024-01-{day:02}" for day in (2, 3, 4, 5, 8, 9, 10, 11, 12)]
"""January in New York: from 14:30 to 21:00 UTC."""
MINUTES = 390


def path_of_minutes():
    """(sessions x 390, 5): open, high, low, close and volume of every minute, one random path."""
    draws = np.random.default_rng(11)
    rows = len(SESSIONS) * MINUTES
    close = 100.0 * np.exp(np.cumsum(draws.normal(0.0, 0.0008, rows)))
    opened = np.append(100.0, close[:-1])
    spread = np.abs(draws.normal(0.0, 0.02, rows))
    high, low = np.maximum(opened, close) + spread, np.minimum(opened, close) - spread
    return np.column_stack([opened, high, low, close, draws.integers(200, 2_000, rows)])


def bars_of(minutes):
    """The lines of a file with the same path in bars of so many minutes; those of a whole session are daily."""
    lines, path = [], path_of_minutes().reshape(len(SESSIONS), MINUTES, 5)
    for day, one in zip(SESSIONS, path, strict=True):
        for first in range(0, MINUTES, minutes):
            bar = one[first : first + minutes]
            stamp = day if minutes == MINUTES else f"{day}T{14 + (30 + first) // 60:02}:{(30 + first) % 60:02}:00Z"
            prices = (bar[0, 0], bar[:, 1].max(), bar[:, 2].min(), bar[-1, 3])
            lines.append(",".join([stamp, *(f"{price:.6f}" for price in prices), f"{bar[:, 4].sum():.0f}", "0"]))
    return lines


def slippage_of_400_shares(desk, minutes):
    """Bought at the open of the seventh session and sold at that of the eighth, decided at the closes before."""
    desk.bars("X", bars_of(minutes))
    rule = (SAID % "market(0, 0.0)").replace(
        "        if s.n == 0:\n            orders.market(0, 0.0)\n        s.n += 1\n",
        "        if bar.last == 1:\n"
        "            s.n += 1\n"
        "            if s.n == 6:\n"
        "                orders.market(0, 400.0)\n"
        "            if s.n == 7:\n"
        "                orders.market(0, -400.0)\n",
    )
    desk.write("case.py", rule)
    yaml = (CONFIG % "reg_t").replace("slippage: {half_spread: 0, impact: 0}", "slippage: {half_spread: 0}")
    desk.write("case.yaml", yaml)
    done = desk.tandem("backtest", "case.yaml", "--json")
    assert done.returncode == 0, done.stderr
    ledger = pq.read_table(desk.folder / json.loads(done.stdout)["folder"] / "ledger.parquet").to_pylist()
    return [row["slippage"] for row in ledger if row["kind"] == "fill"]


def test_the_same_order_pays_the_same_impact_on_bars_of_any_length(desk):
    """Worked from the path itself: deviation of the closes before, mean volume a day before, the law."""
    path = path_of_minutes().reshape(len(SESSIONS), MINUTES, 5)
    closes, volumes = path[:, -1, 3], path[:, :, 4].sum(axis=1)
    wanted = []
    for session in (6, 7):
        sigma = np.std(np.diff(np.log(closes[:session])), ddof=1)
        fraction = sigma * np.sqrt(400 / volumes[:session].mean())
        wanted.append(400 * path[session, 0, 0] * fraction)
    found = {minutes: slippage_of_400_shares(desk, minutes) for minutes in (MINUTES, 5, 1)}
    for slippage in found.values():
        assert slippage == pytest.approx(wanted, rel=1e-4)
    assert min(wanted) > 1.0
    ratios = np.array([found[5], found[1]]) / found[MINUTES]
    assert np.all(np.abs(ratios - 1.0) < 0.1)


RAW = [(40.0, 1.0), (40.0, 1.0), (40.0, 1.0), (160.0, 0.25), (160.0, 1.0), (160.0, 1.0)]
"""Close and split of six sessions: one new share for four on the fourth."""


@pytest.mark.parametrize(
    ("prices", "shares"),
    [("raw", 4000.0), ("split_adjusted", 1000.0)],
)
def test_costs_by_the_share_are_those_of_the_shares_that_traded(desk, prices, shares):
    """160,000 dollars before the split: 4,000 shares at half a cent are 20.00, though adjusted bars count 1,000.

    After it the same position is 1,000 shares either way: 5.00, and the activity fee of 1,000 x 0.000166.
    """
    lines = []
    for day, (close, split) in zip((2, 3, 4, 5, 8, 9), RAW, strict=True):
        price = close if prices == "raw" else 160.0
        lines.append(f"2024-01-{day:02},{price},{price},{price},{price},1000000,0,{split}")
    desk.bars("X", lines, "date,open,high,low,close,volume,dividend,split")
    desk.write(
        "case.py",
        (SAID % f"market(0, {shares})").replace(
            "        s.n += 1\n", "        if s.n == 3:\n            orders.close(0)\n        s.n += 1\n"
        ),
    )
    desk.write("case.yaml", (CONFIG % "none").replace("prices: raw", f"prices: {prices}"))
    sets = ["costs.commission=ibkr_fixed", "costs.regulatory=us_regulatory", "costs.interest=no_interest"]
    done = desk.tandem("backtest", "case.yaml", "--json", *[word for one in sets for word in ("--set", one)])
    assert done.returncode == 0, done.stderr
    sec = 160_000 * 0.000008  # of January 2024
    assert json.loads(done.stdout)["final_equity"] == pytest.approx(100_000 - 20.0 - 5.0 - sec - 0.166, abs=1e-6)


def test_adjusted_bars_borrow_at_the_price_of_the_day(desk):
    """A share of 0.40 adjusted for 100 for 1 was one of 40 dollars: ceil(40.80) is 41, and ceil(0.408) 100 times 1."""
    splits = {2: 1, 3: 1, 4: 1, 5: 100}
    lines = [f"2024-01-{day:02},0.4,0.4,0.4,0.4,100000000,0,{split}" for day, split in splits.items()]
    desk.bars("X", lines, "date,open,high,low,close,volume,dividend,split")
    desk.write("case.py", SAID % "market(0, -100000.0)")
    desk.write("case.yaml", (CONFIG % "none").replace("prices: raw", "prices: split_adjusted"))
    sets = ["costs.borrow={default: [{rate: 0.036}]}", "costs.interest=no_interest"]
    done = desk.tandem("backtest", "case.yaml", "--json", *[word for one in sets for word in ("--set", one)])
    assert done.returncode == 0, done.stderr
    nights = 2 * 41 * 1_000 * 0.036 / 360
    assert json.loads(done.stdout)["final_equity"] == pytest.approx(100_000 - nights, abs=1e-6)


def test_slippage_beyond_ten_basis_points_is_said_loudly(desk):
    """A fifth of a day's volume at 2 % a day: 89 basis points."""
    desk.write("case.py", (SAID % "market(0, 0.0)").replace("s.n == 0", "s.n == 1").replace("0.0)", "900.0)"))
    desk.bars("X", [line.replace("1000000", "4500") for line in FLAT])
    desk.write("case.yaml", (CONFIG % "none").replace("slippage: {half_spread: 0, impact: 0}", "slippage: {}"))
    done = desk.tandem("backtest", "case.yaml", "--json")
    (said,) = [one for one in json.loads(done.stdout)["notices"] if "basis points of what was traded" in one["text"]]
    assert said["level"] == "loud"
    assert "X" in said["text"]
    assert "2024-01-04" in said["text"]
    cheap = desk.tandem("backtest", "case.yaml", "--json", "--set", "costs.slippage.impact=0")
    assert "basis points of what was traded" not in cheap.stdout


def test_fills_that_no_session_before_can_measure_are_counted(desk):
    desk.bars("X", [line.replace("1000000", "0") for line in FLAT])
    desk.write("case.py", SAID % "market(0, 100.0)")
    desk.write("case.yaml", (CONFIG % "none").replace("slippage: {half_spread: 0, impact: 0}", "slippage: {}"))
    done = desk.tandem("backtest", "case.yaml", "--json")
    assert done.returncode == 0, done.stderr
    (said,) = [one for one in json.loads(done.stdout)["notices"] if "paid no market impact" in one["text"]]
    assert (said["level"], said["text"][:25]) == ("loud", "1 of 1 fills paid no mark")
