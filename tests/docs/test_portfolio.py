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
    """Gross, maintenance, the night's borrow fee and the dividends of the worked day, from the ledger."""
    text = " ".join(page(PAGE).split())
    t = int(np.flatnonzero(real_run.market.sessions == np.datetime64("2022-09-26"))[0])
    point, ledger = real_run.points[t], real_run.ledger
    before, after = ledger[ledger["t"] < t], ledger[ledger["t"] <= t]
    night, held = (
        {leg: int(past["qty"][past["role"] == role].sum()) for role, leg in enumerate(real_run.legs)}
        for past in (before, after)
    )
    spy, iwm = (float(real_run.market.bars[role]["close"][t]) for role in ("spread.large", "spread.small"))
    large, small, hedge, agents = (held[leg] for leg in ("spread.large", "spread.small", "hedge.small", "agents.small"))
    short = -(small + hedge + agents)
    assert f"{-small:,} − {hedge:,} − {agents:,} = {short:,} shares of IWM" in text
    assert f"{large:,} × {spy:.2f} + {short:,} × {iwm:.2f} = {large * spy:,.2f} + {short * iwm:,.2f}" in text
    assert float(real_run.gross[t]) == pytest.approx(large * spy + short * iwm, abs=0.01)
    assert f"30 % of the short, {0.25 * large * spy:,.2f} + {0.30 * short * iwm:,.2f}" in text
    assert float(point["maintenance"]) == pytest.approx(0.25 * large * spy + 0.30 * short * iwm, abs=0.01)
    ((leg, fee),) = [
        (real_run.legs[entry["role"]], float(entry["amount"]))
        for entry in ledger[(ledger["t"] == t + 1) & (ledger["kind"] == EntryKind.BORROW)]
    ]
    assert f"= 168 dollars a share × {short:,} × 1 % / 360 = {-fee:.2f}, all of it the spread's" in text
    assert (leg, fee) == ("spread.small", pytest.approx(-168 * short * 0.01 / 360, abs=0.005))
    paid = ledger[(ledger["t"] == t) & (ledger["kind"] == EntryKind.DIVIDEND)]["amount"]
    got, gave = night["hedge.small"], -night["spread.small"]
    assert f"the hedge received {got:,} × 0.861 = {got * 0.861:,.2f}" in text
    assert f"the spread paid {gave:,} × 0.861 = {gave * 0.861:,.2f}" in text
    assert paid.tolist() == pytest.approx([-gave * 0.861, got * 0.861], abs=0.03)


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
