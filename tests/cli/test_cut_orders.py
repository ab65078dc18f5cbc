# SPDX-License-Identifier: Apache-2.0
"""A decision that comes to no order, because it wants less than the least that is traded, says so in numbers."""

import json

import numpy as np
import pytest

from tests import programs
from tests.cli.data_desk import DataDesk, bars_text, session_days

DATES = np.array(session_days("2024-01-02", 6)).astype("M8[D]").astype(str).tolist()


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    made = DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})
    made.write("X.csv", bars_text(DATES, [250.0] * 6))
    return made


def said(ran, level: str = "") -> list[str]:
    return [one["text"] for one in ran.manifest["notices"] if "are less than" in one["text"] and level in one["level"]]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("target(0, 0.001)", "X: 0.4 shares (100.00 of an equity of 100,000.00) are less than a whole share"),
        ("target(0, -0.001)", "X: -0.4 shares (100.00 of"),
        ("target_quantity(0, 0.9)", "X: 0.9 shares (225.00 of"),
        ("market(0, 0.5)", "X: 0.5 shares (125.00 of"),
        ("limit(0, 0.5, 200.0)", "X: 0.5 shares (125.00 of"),
        ("stop(0, -0.5, 200.0)", "X: -0.5 shares (125.00 of"),
        ("bracket(0, 0.5, 200.0, 300.0)", "X: 0.5 shares (125.00 of"),
    ],
)
def test_a_run_without_an_order_says_what_was_wanted(desk, order, words):
    ran = desk.run(order=order).ok()
    (text,) = said(ran, "loud")
    assert text.startswith(words)
    assert text.endswith(f"which costs 250.00, wanted at the close of {DATES[0]}: no order was sent for it")
    assert len(ran.table("orders")) == 0


def test_the_step_of_the_run_is_the_least_that_is_traded(desk):
    ran = desk.run(order="market(0, 0.04)", fills={"participation": None, "whole_shares": False, "step": 0.1}).ok()
    (text,) = said(ran)
    assert (
        "0.04 shares (10.00 of an equity of 100,000.00) are less than the step of 0.1 shares, which costs 25.00" in text
    )
    assert (
        said(desk.run(order="market(0, 0.14)", fills={"participation": None, "whole_shares": False, "step": 0.1})) == []
    )


@pytest.mark.parametrize("order", ["market(0, 1.5)", "target(0, 0.5)", "market(0, 0.0)", "target(0, 0.0)", "close(0)"])
def test_what_is_traded_and_what_is_not_wanted_is_not_told(desk, order):
    assert said(desk.run(order=order).ok()) == []


def test_the_last_close_tells_it_of_a_run_that_has_orders_too(desk):
    """A share is held, and a further half is wanted at the last close alone."""
    words = "market(0, 1.0 if s.n == 0 else 0.5)\n        if s.n == 5:\n            orders.limit(0, 0.5, 200.0)"
    (text,) = said(desk.run(order=words).ok(), "note")
    assert text.startswith("X: 0.5 shares")
    assert DATES[5] in text
    assert said(desk.run(order=words.replace("5:", "4:")).ok()) == []


def test_signals_for_an_account_say_why_it_sends_nothing(desk):
    desk.run(order="target(0, 0.5)").ok()
    words = ["signals", "run.yaml", "--equity", "10", "--flat", "--asof", DATES[0]]
    shown = programs.tandem(*words, cwd=desk.folder, env=desk.env).stdout
    text = (
        "X: 0.02 shares (5.00 of an equity of 10.00) are less than can be traded, which is 1 of 250.00: its target is 0"
    )
    assert f"! {text}" in " ".join(shown.split())
    told = json.loads(programs.tandem(*words, "--json", cwd=desk.folder, env=desk.env).stdout)
    assert text in [one["text"] for one in told["account"]["notices"]]
    assert told["account"]["orders"] == []


def test_the_bridge_says_why_it_sends_nothing(desk):
    desk.run(order="target(0, 0.5)\n        orders.target(0, 0.5)", account={"cash": 10.0})
    done = programs.tandem("paper", "run", "run.yaml", "--sandbox", "--days", "3", cwd=desk.folder, env=desk.env)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert (
        "! X: 0.02 shares (5.00 of an equity of 10.00) are less than a whole share, which costs 250.00: no order"
        in text
    )
    assert "nothing to send" in text
