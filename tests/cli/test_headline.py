# SPDX-License-Identifier: Apache-2.0
"""The figures at the top say what was run: a pair that became one leg, cash that earned, a book flat overnight."""

import json

import pytest


def trading(desk, body: str) -> None:
    rule = (desk.folder / "rule.py").read_text()
    head = rule[: rule.index("    @staticmethod")]
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    desk.write("rule.py", f"{head}    @staticmethod\n    def on_bar(bar, f, p, s, account, orders):\n{lines}")


def loud(desk) -> list[str]:
    found = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)
    return [one["text"] for one in found["notices"] if one["level"] == "loud"]


def test_a_pair_that_became_one_leg(desk):
    """Eight closes at which the short is sent again; the ninth bar has no next open."""
    trading(desk, "if account.large.qty == 0.0:\n    orders.target(LARGE, 0.5)\norders.market(SMALL, -100)")
    desk.add("account: {margin: {kind: cash}}")
    (said,) = loud(desk)
    assert said == (
        "small BBB: 8 of 9 orders were rejected, cash account; this leg never traded "
        "(the setting: account.margin.kind; cash holds no shorts and no debt)."
    )
    out = desk.tandem("backtest", "run.yaml").stdout
    assert out.splitlines()[0].endswith("! 1 loud notice")


def test_interest_is_apart_from_the_strategy(desk):
    """1,000,000 of cash at 3.6 % lies idle from Tuesday 21 to Friday 31 January 2020: ten calendar days of interest."""
    trading(desk, "pass")
    desk.add("account: {cash: 1000000}\ncosts: {benchmark: 0.036, interest: benchmark_interest}")
    found = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)
    gain = found["final_equity"] - found["initial_equity"]
    assert found["profit"]["strategy"] == 0.0
    assert found["profit"]["interest"] == pytest.approx(gain, abs=1e-6)
    assert round(gain, 1) == 1000.4  # 1,000,000 x 0.036 / 360 x 10, and 0.4 of interest on interest
    out = desk.tandem("backtest", "run.yaml").stdout
    assert f"the strategy made 0, interest on cash {gain:,.0f}" in out


def test_a_run_without_trades_has_no_sharpe(desk):
    trading(desk, "pass")
    metrics = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)["metrics"]
    assert metrics["sharpe"] is None
    assert metrics["sortino"] is None
    assert metrics["undefined"]["sharpe"] == "no order filled: there is nothing to judge"


def test_a_book_that_is_flat_overnight_is_in_the_market(desk):
    """Hourly bars of two sessions, held from the second bar's open to the last bar's: 5 of 7 closes a session."""
    hours = [f"2020-01-{day} {hour}" for day in (21, 22) for hour in (
        "09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30")]  # fmt: skip
    for symbol in ("AAA", "BBB"):
        desk.bars(symbol, [f"{hour},100,101,99,100,1000000,0" for hour in hours])
    trading(
        desk, "if s.n % 7 == 0:\n    orders.target(LARGE, 0.5)\nif s.n % 7 == 5:\n    orders.close(LARGE)\ns.n += 1"
    )
    desk.replace("rule.py", "    def features", "    class State:\n        n: int = 0\n\n    def features")
    desk.replace("run.yaml", "path: bars}", "path: bars, timezone: America/New_York}")
    metrics = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)["metrics"]
    assert round(metrics["time_in_market"], 4) == round(10 / 14, 4)
    assert 0.3 < metrics["average_gross"] < 0.4
