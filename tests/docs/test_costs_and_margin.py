# SPDX-License-Identifier: Apache-2.0
"""Every example of docs/costs_and_margin.md, charged by the engine."""

import datetime as dt
import json
import re

import numpy as np
import pytest
import yaml

from engine.engines import native
from engine.inputs.liquidity import build_cost_inputs
from engine.inputs.terms import build_terms
from engine.kernel import costs as sim_costs
from engine.kernel import margin as sim_margin
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.rows import rows_of
from engine.model.run import Costs, Margin
from tests.docs.conftest import ROOT, page, tables_with
from tests.kernel import instructed as verbs
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

PAGE = "costs_and_margin.md"
FRIDAY = 19_727  # 2024-01-05
UNLIMITED = {"account.margin.kind": "none", "account.cash": 1_000_000.0}


def shipped(name):
    """The rows of a table in configs/costs."""
    return yaml.safe_load((ROOT / "configs" / "costs" / f"{name}.yaml").read_text(encoding="utf-8"))


def examples(*titles):
    """The rows of the one table of the page that has these columns."""
    (rows,) = tables_with(PAGE, *titles)
    return [pytest.param(row, id=f"{number} {row[titles[0]]}") for number, row in enumerate(rows, 1)]


def terms_of(session=FRIDAY, multiple=1.0, **costs):
    """The broker's terms for symbols A and B on one session, as the kernel reads them."""
    free = {"commission": [{}], "regulatory": [{}], "borrow": shipped("no_borrow"), "interest": shipped("no_interest")}
    market = draw_market({role: np.full((1, 5), 100.0) for role in "ab"}, np.array([session]))
    margin = Margin.model_validate({"table": shipped("us_margin"), "multiples": {"A": multiple}})
    return rows_of(build_terms(market, Costs.model_validate({**free, **costs}), margin))[0]


def cents(amount):
    return f"{amount + 0.0:.2f}".replace("-0.00", "0.00")


@pytest.mark.parametrize("row", examples("table", "shares", "traded this month"))
def test_commission(row):
    terms = terms_of(commission=shipped(row["table"]))
    shares, price, before = float(row["shares"]), float(row["price"]), float(row["traded this month"])
    commission = sim_costs.order_commission(terms, before, shares, shares * price)
    fees = sim_costs.order_fees(terms, commission, shares, shares * price, False)
    assert (cents(commission), cents(fees)) == (row["commission"], row["fees"])


def test_partial_fills_pay_the_order_once():
    bars = np.array([[100, 100, 100, 100, volume] for volume in (1e9, 1000, 1e9)], float)
    result = run(bars, [Instruction(0, verbs.MARKET, qty=300)], {
        "costs.commission": shipped("ibkr_fixed"), "fills.participation": 0.1,
    })  # fmt: skip
    assert amounts(result, EntryKind.COMMISSION) == pytest.approx([-1.00, -0.50])
    assert "fills 100 and then 200 pays 1.00 and then 0.50" in page(PAGE)


@pytest.mark.parametrize("row", examples("date", "shares sold"))
def test_regulatory_fees(row):
    session = (dt.date.fromisoformat(row["date"]) - dt.date(1970, 1, 1)).days
    terms = terms_of(session, regulatory=shipped("us_regulatory"))
    shares = float(row["shares sold"])
    value = shares * float(row["price"])
    assert cents(sim_costs.order_fees(terms, 0.0, shares, value, True)) == row["fee"]
    assert sim_costs.order_fees(terms, 0.0, shares, value, False) == 0.0


@pytest.mark.parametrize("row", examples("shares", "daily volatility", "bought at"))
def test_slippage(row):
    """61 sessions whose log returns alternate about zero, and one more whose own volume must not count."""
    price, sigma = float(row["reference"]), float(row["daily volatility"])
    step = np.exp(sigma * np.sqrt(59 / 60))  # the sample deviation of 60 returns of one size is sqrt(60 / 59) of it
    closes = np.where(np.arange(62) % 2, price * step, price)
    bars = np.column_stack([closes] * 4 + [np.full(62, float(row["daily volume"]))])
    bars[-1] = price, price, price, price, 1e12
    market = draw_market({"a": bars, "b": bars}, FRIDAY + np.arange(62))
    order = Instruction(60, verbs.MARKET, qty=float(row["shares"]))
    result = native.run(
        prepare(instruct(market, [order]), settings({**UNLIMITED, "costs.slippage": {}})), "interpreted"
    )
    (fill,) = [entry for entry in result.ledger if entry["kind"] == EntryKind.FILL]
    assert (cents(fill["price"]), cents(fill["slippage"])) == (row["bought at"], row["slippage"])


def test_the_depth_of_a_wrapper_is_that_of_the_page():
    assert "25,000,000 x 200 / (20 x 3) = 83.3 million" in page(PAGE)
    bars = {"a": np.array([[200.0] * 4 + [25e6]] * 2), "b": np.array([[20.0] * 4 + [1e3]] * 2)}
    follows = {"costs.slippage": {"follows": {"B": "A"}}, "account.margin.multiples": {"B": 3.0}}
    made = build_cost_inputs(draw_market(bars, FRIDAY + np.arange(2)), settings(follows))
    assert (0.02 / made["impact"][1, 1]) ** 2 == pytest.approx(25e6 * 200 / 60)


@pytest.mark.parametrize("row", examples("shares short", "rate"))
def test_borrow_fee_of_a_night(row):
    """Sold short at the open of the second bar; the third is `days` later."""
    bars = np.full((3, 5), float(row["close"]))
    bars[:, 4] = 1e9
    result = run(bars, [Instruction(0, verbs.MARKET, qty=-float(row["shares short"]))], {
        **UNLIMITED, "costs.borrow": {"default": [{"rate": float(row["rate"])}]},
    }, days=int(row["days"]))  # fmt: skip
    (charged,) = amounts(result, EntryKind.BORROW)
    assert cents(-charged) == row["fee"]


@pytest.mark.parametrize("row", examples("long", "short", "benchmark"))
def test_interest_of_a_night(row):
    bars = np.array([[100.0, 100.0, 100.0, 100.0, 1e9]] * 3)
    orders = [
        Instruction(0, verbs.MARKET, role=role, qty=sign * float(row[side]) / 100)
        for role, (side, sign) in enumerate({"long": 1, "short": -1}.items())
    ]
    result = run(bars, orders, {
        **UNLIMITED, "costs.interest": shipped("ibkr_interest"), "costs.benchmark": float(row["benchmark"]),
    }, days=int(row["days"]))  # fmt: skip
    assert cents(sum(amounts(result, EntryKind.INTEREST))) == row["interest"]


@pytest.mark.parametrize("row", examples("held", "what happens"))
def test_dividends_and_splits(row):
    word, number = re.match(r"(\w+) ([\d.]+)", row["what happens"]).groups()
    after = np.array([0.0, 0.0, float(number)]) if word == "dividend" else np.array([1.0, 1.0, float(number)])
    bars = np.array([[100.0, 100.0, 100.0, 100.0, 1e9]] * 3)
    if word == "split":
        bars[2, :4] /= float(number)
    given = {**UNLIMITED, "costs.withholding": 0.15 if "15 % withheld" in row["what happens"] else 0.0}
    result = run(bars, [Instruction(0, verbs.MARKET, qty=float(row["held"]))], given, **{f"{word}s": {"a": after}})
    kinds = (EntryKind.DIVIDEND, EntryKind.WITHHOLDING) if word == "dividend" else (EntryKind.SPLIT,)
    assert cents(sum(sum(amounts(result, kind)) for kind in kinds)) == row["cash"]
    assert sum(entry["qty"] for entry in result.ledger if entry["role"] == 0) == float(row["shares after"])


@pytest.mark.parametrize("row", examples("shares", "multiple"))
def test_margin_of_a_position(row):
    terms = terms_of(multiple=float(row["multiple"]))
    shares, price = float(row["shares"]), float(row["price"])
    assert cents(sim_margin.initial(terms, 0, shares, price)) == row["initial"]
    assert cents(sim_margin.maintenance(terms, 0, shares, price)) == row["maintenance"]


def test_the_named_funds_have_the_leverage_of_the_examples():
    multiples = shipped("leveraged_funds")
    assert (multiples["TWM"], multiples["SRTY"]) == (-2, -3)  # inverse funds; margin takes the size


@pytest.mark.parametrize(("short", "refused"), [(3_500, False), (6_000, False), (6_001, True)])
def test_the_book_of_the_page_is_carried_up_to_two_million_gross(short, refused):
    bars = {"a": np.array([[500.0] * 4 + [1e9]] * 2), "b": np.array([[200.0] * 4 + [1e9]] * 2)}
    orders = [Instruction(0, verbs.MARKET, qty=1600), Instruction(0, verbs.MARKET, role=1, qty=-short)]
    result = run(bars["a"], orders, {"account.cash": 1_000_000.0}, other=bars["b"])
    ended = [(order["status"], order["cause"]) for order in result.orders]
    last = (OrderStatus.REJECTED, Cause.INITIAL_MARGIN) if refused else (OrderStatus.FILLED, Cause.NONE)
    assert ended == [(OrderStatus.FILLED, Cause.NONE), last]
    if short == 3_500:
        assert result.points["maintenance"][-1] == 410_000.0


def test_the_margin_call_of_the_page():
    bars = np.array([[price, price, price, price, 1e9] for price in (100.0, 100.0, 60.0, 60.0)])
    result = run(bars, [Instruction(0, verbs.MARKET, qty=2000)], {"account.cash": 100_000.0})
    (forced,) = [entry for entry in result.ledger if entry["kind"] == EntryKind.LIQUIDATION]
    assert (forced["qty"], result.points["equity"][2], result.points["maintenance"][2]) == (-788, 20_000, 30_000)


def test_the_page_prints_the_rates_of_the_table():
    (row,) = shipped("us_margin")
    text = page(PAGE)
    for words in (
        f"multiple x {row['maintenance_long']:.2f} ) x value", f"multiple x {row['maintenance_short']:.2f} ) x price",
        f"{row['floor_high']:.2f} ) x shares", f"max( price, {row['floor_low']:.2f} )",
        f"max( {row['initial_long']:.2f} x value",
    ):  # fmt: skip
        assert words in text


def run(bars, orders, changed, *, other=None, days=1, **events):
    """Replay bars of A (and B): the first two in one session, no night between them, the others `days` apart."""
    quiet = np.tile([100.0, 100.0, 100.0, 100.0, 1e9], (len(bars), 1)) if other is None else other
    sessions = FRIDAY + days * np.maximum(0, np.arange(len(bars)) - 1)
    market = draw_market({"a": bars, "b": quiet}, sessions, **events)
    return native.run(prepare(instruct(market, orders), settings(changed)), "interpreted")


def amounts(result, kind):
    return [float(entry["amount"]) for entry in result.ledger if entry["kind"] == kind]


def test_every_example_table_is_recomputed():
    """A table added to the page without a test fails here."""
    assert len(tables_with(PAGE, "by hand")) == 7


def test_the_runs_under_both_laws_have_the_parameters_of_that_day():
    """The golden files of the rules as they were hold the same final equities, so nothing but the law differs."""
    (rows,) = tables_with(PAGE, "run", "final equity, before")
    golden = {file.stem: file for file in (ROOT / "tests" / "golden").glob("*_real.json")}
    held = [row for row in rows if row["run"] in golden]
    assert len(held) == len(rows) - 2  # the two with inverse funds have none
    for row in held:
        found = json.loads(golden[row["run"]].read_text(encoding="utf-8"))
        assert row["final equity"] == f"{found['final_equity']:,.0f}", row["run"]
