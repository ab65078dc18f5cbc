# SPDX-License-Identifier: Apache-2.0
"""docs/portfolio.md: its tables are those of the run, its sums by hand those of the ledger, its YAML loads."""

import re

import numpy as np
import pytest

from engine.config.loader import config_from_dict
from engine.config.yaml_reader import read_yaml
from engine.kernel.codes import EntryKind
from tests.docs.conftest import page, script

PAGE = "portfolio.md"


@pytest.fixture(scope="module")
def real_run(real_data):
    return script("page").run("portfolio_real", [f"data.path={real_data}"])


def test_the_sums_by_hand_are_those_of_the_account(real_run):
    """Gross, maintenance, the night's borrow fee and the dividends of the worked day."""
    text = page(PAGE)
    t = int(np.flatnonzero(real_run.market.sessions == np.datetime64("2022-09-26"))[0])
    point, ledger = real_run.points[t], real_run.ledger
    assert "750,842.91 + 408,947.47" in text
    assert float(point["gross"]) == pytest.approx(750_842.91 + 408_947.47, abs=0.01)
    assert "187,710.73 + 122,684.24" in text
    assert float(point["maintenance"]) == pytest.approx(187_710.73 + 122_684.24, abs=0.01)
    fees = ledger[(ledger["t"] == t + 1) & (ledger["kind"] == EntryKind.BORROW)]
    assert "168 dollars a share × 2,491 × 1 % / 360 = 11.62" in text
    assert [(real_run.legs[fee["role"]], round(float(fee["amount"]), 2)) for fee in fees] == [("spread.small", -11.62)]
    paid = ledger[(ledger["t"] == t) & (ledger["kind"] == EntryKind.DIVIDEND)]
    assert "4,715.70" in text
    assert "3,268.36" in text
    assert [round(float(amount), 2) for amount in paid["amount"]] == [-3268.36, 4715.70]


def test_the_example_is_a_configuration():
    (example,) = re.findall(r"```yaml\n(.*?)```", page(PAGE), flags=re.DOTALL)
    loaded = config_from_dict(read_yaml(example, "example").data)
    assert list(loaded.config.sleeves) == ["spread", "hedge", "agents"]


def test_the_sentences_on_the_real_run_hold(real_run):
    """Most of what two sleeves earned is interest; the hedge gave capital to both."""
    figures = script("portfolio_figures")
    studied = figures.analyse(real_run)
    spread, hedge, agents = studied.sleeves
    for one in (spread, agents):
        assert one["interest"][-1] > 0.5 * one.pnl[-1] > 0.0
        assert one["transfers"][-1] > 0.0
    assert hedge["transfers"][-1] < 0.0
    assert hedge.pnl[-1] > 3.0 * (spread.pnl[-1] + agents.pnl[-1])
