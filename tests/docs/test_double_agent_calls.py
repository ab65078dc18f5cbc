# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/double_agent_calls.md: tables and the strategy, the episode and a run, figures and the bars."""

import re

import numpy as np
import pytest

from engine.kernel.codes import EntryKind
from engine.strategy.params import declared_params
from strategies.agents.orders import Reason
from strategies.double_agent import DoubleAgent
from strategies.double_agent_calls import DoubleAgentCalls
from tests.docs.conftest import page, script, tables_with

PAGE = "strategies/double_agent_calls.md"
FIRST, LAST = np.datetime64("2017-08-01"), np.datetime64("2017-09-30")


@pytest.fixture(scope="module")
def figures():
    return script("double_agent_calls_figures")


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("double_agent_calls_sample")


def episode_rows(result):
    """Every option order of the bounce, with what it stood on and where it filled."""
    sessions, made = result.market.sessions, []
    filled = {int(one["order"]): one for one in result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]}
    for order in result.orders:
        row, fill = int(order["born"]), filled.get(int(order["id"]))
        if fill is None or not FIRST <= sessions[row] <= LAST:
            continue
        made.append({
            "decided": str(sessions[row]), "reason": result.reasons[int(order["reason"])][0],
            "close": f"{result.market.small.close[row]:.2f}", "RSI": f"{result.features['rsi'][row]:.1f}",
            "call": str(result.contracts[int(order["id"])]), "contracts": f"{order['asked']:+.0f}",
            "filled": f"{sessions[fill['t']]} at {fill['price']:.2f}",
        })  # fmt: skip
    return made


def test_every_parameter_of_its_own_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    base = declared_params(DoubleAgent.Params)
    declared = [
        {"parameter": f"`{name}`", "default": str(spec.default), "allowed": spec.allowed, "what": spec.doc}
        for name, spec in declared_params(DoubleAgentCalls.Params).items()
        if name not in base or spec != base[name]
    ]
    assert rows == declared


def test_the_rules_name_reasons_that_there_are():
    (rows,) = tables_with(PAGE, "rule", "reason")
    named = {row["reason"].strip("`") for row in rows} - {""}
    assert named <= {one.name.lower() for one in Reason}
    assert {"bull_bounce", "bull_done", "bull_time", "bull_leg"} == named


def test_the_episode_is_that_of_the_run(sample_run):
    (rows,) = tables_with(PAGE, "decided", "contracts")
    assert episode_rows(sample_run) == rows


def test_what_is_said_beside_the_episode(sample_run):
    """1 % of equity, and the spread's prices a share: quoted, paid and fetched."""
    row = int(np.searchsorted(sample_run.market.sessions, np.datetime64("2017-08-14")))
    said = page(PAGE)
    assert f"1 % of equity is {0.01 * sample_run.points['equity'][row]:,.0f}" in said
    prices = [float(one["filled"].rpartition(" ")[2]) for one in episode_rows(sample_run)]
    assert f"for {prices[0] - prices[1]:.2f}." in said
    assert f"for {prices[3] - prices[2]:.2f} a share" in said
    quoted = re.search(r"costs (\d\.\d\d) a share", said)
    wanted = np.floor(0.01 * sample_run.points["equity"][row] / (100 * float(quoted[1])))
    assert f"{wanted:.0f} of them are sent" in " ".join(said.split())
