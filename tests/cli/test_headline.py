# SPDX-License-Identifier: Apache-2.0
"""The figures at the top say what was run: a pair that became one leg, cash that earned, a book flat overnight."""

import json

import pytest

from tests.cli.conftest import lines_of_bars


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


@pytest.mark.parametrize(
    ("settings", "quantity", "said"),
    [
        ("costs: {borrow: {default: [{rate: 0.0, available: false}]}}", -100, "8 of 9 orders were rejected, not short"),
        ("account: {cash: 100000}", -5000, "8 of 9 orders were rejected, initial margin"),
    ],
    ids=["nobody lends", "margin"],
)
def test_other_rules_that_take_a_leg_away(desk, settings, quantity, said):
    """5,000 shares at 50 dollars need 125,000 of margin."""
    trading(desk, f"if account.large.qty == 0.0:\n    orders.market(LARGE, 10)\norders.market(SMALL, {quantity})")
    desk.add(settings)
    (told,) = [one for one in loud(desk) if "rejected" in one]
    assert told.startswith(f"small BBB: {said}"), told
    assert "this leg never traded" in told


def test_a_leg_that_was_refused_once_is_told_and_has_traded(desk):
    body = "orders.market(LARGE, 10)\norders.market(SMALL, -100)\nif account.t == 3:\n    orders.market(SMALL, -50000)"
    trading(desk, body)
    (told,) = [one for one in loud(desk) if "rejected" in one]
    assert told.startswith("small BBB: 1 of 10 orders was rejected, initial margin")
    assert "never" not in told


def test_margin_calls_are_loud(desk):
    """19,000 shares at 100 of a million: 900,000 are lent. At 60 equity is 240,000 of 1,140,000: below a quarter."""
    lines = [line.split(",") for line in lines_of_bars(100.0)]
    for line in lines[4:]:
        line[1:5] = ["60", "61", "59", "60"]
    desk.bars("AAA", [",".join(line) for line in lines])
    trading(desk, "if account.t == 0:\n    orders.market(LARGE, 19000)")
    desk.add("account: {cash: 1000000}")
    desk.replace("run.yaml", "path: bars}", "path: bars, confirmed: {AAA: ['2020-01-27']}}")
    (told,) = [one for one in loud(desk) if "Margin call" in one]
    assert told == "Margin calls forced 1 fill."


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


FREE = (
    "costs: {benchmark: 0.036, interest: benchmark_interest, commission: none, regulatory: no_fees, "
    "borrow: no_borrow, slippage: {half_spread: 0, impact: 0}}"
)


def test_interest_on_a_debt_is_apart_too(desk):
    """1,500 shares of 100,000: one night with 100,000 of cash, nine with a debt of 50,000, at 3.6 % of 360 days."""
    trading(desk, "if account.t == 0:\n    orders.market(LARGE, 1500)")
    desk.add(f"{FREE}\naccount: {{cash: 100000}}")
    found = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)
    assert found["profit"]["strategy"] == pytest.approx(1500 * 0.5)
    assert found["profit"]["interest"] == pytest.approx(10 - 9 * 5, abs=0.05)


def test_a_rule_that_lost_shows_its_loss_beside_the_interest(desk):
    """100 shares bought at 100 and sold at 100, with a dollar of commission each: all the rest is of the cash."""
    trading(desk, "if account.t == 0:\n    orders.market(LARGE, 100)\nif account.t == 2:\n    orders.close(LARGE)")
    desk.add(FREE.replace("commission: none", "commission: [{per_share: 0.0, minimum: 1.0}]"))
    found = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)
    assert found["profit"]["strategy"] == pytest.approx(-2.0)
    gain = found["final_equity"] - found["initial_equity"]
    assert gain > 0.0
    assert found["profit"]["interest"] == pytest.approx(gain + 2.0)


@pytest.mark.parametrize(
    ("order", "kind"), [("market(LARGE, -10)", "cash"), ("limit(LARGE, 10, 1.0)", "reg_t")], ids=["refused", "waiting"]
)
def test_orders_that_never_filled_have_no_sharpe(desk, order, kind):
    trading(desk, f"if account.t == 0:\n    orders.{order}")
    desk.add(f"account: {{margin: {{kind: {kind}}}}}\ncosts: {{benchmark: 0.036, interest: benchmark_interest}}")
    metrics = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)["metrics"]
    assert metrics["total_return"] > 0.0
    assert metrics["sharpe"] is None
    assert metrics["undefined"]["sharpe"] == "no order filled: there is nothing to judge"


def test_a_run_without_trades_has_no_sharpe(desk):
    trading(desk, "pass")
    metrics = json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)["metrics"]
    assert metrics["sharpe"] is None
    assert metrics["sortino"] is None
    assert metrics["undefined"]["sharpe"] == "no order filled: there is nothing to judge"


def in_the_market(desk, rule: str) -> dict:
    """The metrics of a rule on hourly bars of two sessions, seven a session; `hour` counts the closes of a session."""
    hours = [f"2020-01-{day} {hour}" for day in (21, 22) for hour in (
        "09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30")]  # fmt: skip
    for symbol in ("AAA", "BBB"):
        desk.bars(symbol, [f"{hour},100,101,99,100,1000000,0" for hour in hours])
    trading(desk, f"hour = account.t % 7\n{rule}")
    desk.replace("run.yaml", "path: bars}", "path: bars, timezone: America/New_York}")
    return json.loads(desk.tandem("backtest", "run.yaml", "--json").stdout)["metrics"]


def test_a_book_that_is_flat_overnight_is_in_the_market(desk):
    """Held from the second bar's open to the last bar's: 5 of 7 closes a session."""
    metrics = in_the_market(
        desk, "if hour == 0:\n    orders.target(LARGE, 0.5)\nif hour == 5:\n    orders.close(LARGE)"
    )
    assert round(metrics["time_in_market"], 4) == round(10 / 14, 4)
    assert 0.3 < metrics["average_gross"] < 0.4


BOTH = """\
if hour == 0:
    orders.target(LARGE, 0.5)
    orders.target(SMALL, -0.5)
if hour == 5:
    orders.close(LARGE)
    orders.close(SMALL)"""


@pytest.mark.parametrize(
    ("rule", "closes", "gross"),
    [
        ("if hour == 2:\n    orders.target(LARGE, -0.5)\nif hour == 3:\n    orders.close(LARGE)", 2, 0.5),
        ("if hour == 5:\n    orders.target(SMALL, 1.0)\nif hour == 0:\n    orders.close(SMALL)", 3, 1.0),
        (BOTH, 10, 1.0),
    ],
    ids=["short for an hour", "overnight alone", "both legs"],
)
def test_time_in_the_market_counts_closes_of_bars(desk, rule, closes, gross):
    metrics = in_the_market(desk, rule)
    assert metrics["time_in_market"] == pytest.approx(closes / 14)
    assert metrics["average_gross"] == pytest.approx(closes / 14 * gross, rel=0.01)
