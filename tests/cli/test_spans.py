# SPDX-License-Identifier: Apache-2.0
"""A run with a role that begins later and ends earlier, as the command tells it: first lines, list of runs, files."""

import os

import pyarrow.parquet as pq
import pytest

from engine.report.folder.read_run import read_run
from tests import programs
from tests.cases import Case, days, flat

RULE = """\
from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("x", "y")

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 1:
            orders.target(1, 0.5)
        if account.t == 6:
            orders.market(1, 100)
"""
DATES = days("2024-03-04", 12)


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path)
    made.write("rule.py", RULE)
    made.bars(flat(DATES))
    made.bars(flat(DATES[4:9], 50.0), name="Y.csv")
    text = (tmp_path / "case.yaml").read_text().replace("{x: X}", "{x: X, y: Y}")
    made.write("case.yaml", text + "spans: {Y: {from: launch, until: end}}\n")
    return made


def test_refusals_and_the_close_of_what_was_held_are_told_loudly_and_kept(case, tmp_path):
    done = case.run()
    assert done.equity == 100_000.0
    refused, _, closed = done.loud  # the second is about bars that stand still
    assert refused.startswith("y Y: 1 of 3 orders was rejected, no price")
    assert "100 shares held then were closed at that close, 50." in closed
    (folder,) = [one for one in (tmp_path / "out" / "case").iterdir() if not one.is_symlink()]
    orders = pq.read_table(folder / "orders.parquet").to_pylist()
    assert [(one["status"], one["cause"], one["reason"]) for one in orders] == [
        ("rejected", "no_price", "none"),
        ("filled", "none", "none"),
        ("filled", "none", "role_ended"),
    ]
    fills = pq.read_table(folder / "fills.parquet").to_pylist()
    assert [(one["quantity"], one["price"], one["kind"], one["moment"], str(one["session"])) for one in fills] == [
        (100.0, 50.0, "fill", "open", DATES[7]),
        (-100.0, 50.0, "fill", "night", DATES[9]),
    ]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
    listed = programs.tandem("runs", "list", "--results", "out", cwd=tmp_path, env=env).stdout
    assert f" !{len(done.loud)} " in listed


def test_what_a_share_is_declared_to_be_paid_is_in_the_ledger_and_can_be_set(case, tmp_path):
    """100 shares bought at 50 are paid 20: 3,000 lost, the night before the first bar without them."""
    done = case.run("--set", "spans.Y.pays=20")
    assert done.equity == 97_000.0
    assert not any(text.startswith("Y: its bars end") for text in done.loud)
    (folder,) = [one for one in (tmp_path / "out" / "case").iterdir() if not one.is_symlink()]
    (paid,) = [one for one in pq.read_table(folder / "ledger.parquet").to_pylist() if one["kind"] == "delisting"]
    assert (paid["quantity"], paid["price"], paid["amount"], paid["symbol"]) == (-100.0, 20.0, 2000.0, "Y")
    assert (paid["moment"], paid["reason"], str(paid["session"])) == ("night", "delisted", DATES[9])
    (trip,) = pq.read_table(folder / "round_trips.parquet").to_pylist()
    assert (trip["exit_price"], trip["net_pnl"], trip["exit_reason"]) == (20.0, -3000.0, "delisted")
    assert read_run(folder).ledger["amount"].sum() == 97_000.0


def test_a_wrong_span_has_its_line(case):
    case.write("case.yaml", (case.folder / "case.yaml").read_text().replace("spans: {Y:", "spans: {Z:"))
    done = case.run()
    assert done.refused
    assert "no role has this symbol" in done.said
    assert "case.yaml" in done.said
