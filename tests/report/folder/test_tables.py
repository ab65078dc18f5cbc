# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine.kernel.codes import EntryKind, OrderStatus
from engine.report.folder.tables import TS, fill_commissions, tables
from engine.report.kit.arrow_columns import column, words

PROMISED = {
    "fills": ["ts", "session", "symbol", "quantity", "price", "commission", "slippage", "reason", "order_id"],
    "ledger": ["seq", "ts", "session", "kind", "symbol", "quantity", "price", "amount"],
    "equity": ["ts", "session", "cash", "equity", "gross", "net", "leverage", "drawdown"],
    "orders": ["id", "ts", "symbol", "type", "quantity", "price", "tif", "status", "reason"],
}


@pytest.fixture(scope="module")
def made(result, analysis):
    return tables(result, analysis)


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_columns_come_first_and_in_order(made, name):
    names = made[name].column_names
    assert [column for column in names if column in PROMISED[name]] == PROMISED[name]


def test_times_are_utc_stamps_and_sessions_are_dates(made):
    for name, table in made.items():
        for field in table.schema:
            if field.name == "ts" or field.name.endswith("_ts"):
                assert field.type == TS, name
            if field.name == "session" or field.name.endswith("_session"):
                assert field.type == pa.date32(), name
        table.validate(full=True)


def test_every_column_is_in_the_documentation(made):
    page = (Path(__file__).parents[3] / "docs" / "run_folder.md").read_text()
    sections = dict(re.findall(r"## (\w+)\.parquet\n(.*?)(?=\n## |\Z)", page, re.DOTALL))
    for name in ("equity", "fills", "ledger", "orders", "round_trips"):
        explained = set(re.findall(r"`(\w+)`", sections[name]))
        assert set(made[name].column_names) <= explained, name


def test_equity_can_be_recomputed_from_ledger_and_bars(made):
    ledger, equity, bars = (made[name].to_pydict() for name in ("ledger", "equity", "features"))
    rows = len(equity["equity"])
    cash, held = np.zeros(rows), {"large": np.zeros(rows), "small": np.zeros(rows)}
    for row, role, quantity, amount in zip(
        *(ledger[name] for name in ("row", "role", "quantity", "amount")), strict=True
    ):
        cash[row] += amount
        if role is not None:
            held[role][row] += quantity
    total = np.cumsum(cash)
    for role, moves in held.items():
        total += np.cumsum(moves) * np.array(bars[f"{role}.close"])
    np.testing.assert_allclose(total, equity["equity"], atol=0.005)
    np.testing.assert_allclose(np.cumsum(cash), equity["cash"], atol=0.005)


def test_drawdown_and_leverage_follow_from_equity(made):
    equity = np.array(made["equity"]["equity"])
    peak = np.maximum(np.maximum.accumulate(equity), 1e6)
    np.testing.assert_allclose(made["equity"]["drawdown"], 1 - equity / peak, atol=1e-12)
    np.testing.assert_allclose(made["equity"]["leverage"], np.array(made["equity"]["gross"]) / equity)


def test_commissions_of_fills_are_those_of_the_ledger(result, made):
    ledger = result.ledger
    charged = ledger["amount"][np.isin(ledger["kind"], [EntryKind.COMMISSION, EntryKind.FEE])].sum()
    assert sum(made["fills"]["commission"].to_pylist()) == pytest.approx(-charged)
    first = made["fills"].slice(0, 1).to_pylist()[0]
    follows = ledger[first["seq"] + 1]
    assert first["commission"] == pytest.approx(-follows["amount"])
    assert first["order_id"] == follows["order"]


def test_a_commission_of_another_order_is_refused(result):
    ledger = result.ledger[result.ledger["kind"] != EntryKind.FILL]
    with pytest.raises(ValueError, match="follows no fill"):
        fill_commissions(ledger)


def test_net_profits_of_round_trips_add_up(result, made):
    interest = result.ledger["amount"][result.ledger["kind"] == EntryKind.INTEREST].sum()
    total = sum(made["round_trips"]["net_pnl"].to_pylist()) + interest + 1e6
    assert total == pytest.approx(result.points["equity"][-1], abs=0.005)


def test_orders_carry_words(result, made):
    assert set(made["orders"]["type"].to_pylist()) == {"market"}
    statuses = {OrderStatus(status).name.lower() for status in result.orders["status"].tolist()}
    assert set(made["orders"]["status"].to_pylist()) == statuses
    assert "unwind_half" in made["orders"]["reason"].to_pylist()


def test_columns_from_bytes_know_null_and_truth():
    nulls = np.array([False, True] * 5)
    assert column(np.arange(10.0), null=nulls).to_pylist()[:3] == [0.0, None, 2.0]
    assert column(np.arange(10) % 3 == 0).to_pylist() == [place % 3 == 0 for place in range(10)]
    assert column(np.array([19_000], "i4"), pa.date32()).to_pylist() == [dt.date(2022, 1, 8)]
    assert words(["a", None, "ü"], np.array([2, 1, 0, 2])).to_pylist() == ["ü", None, "a", "ü"]
