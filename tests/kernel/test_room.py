# SPDX-License-Identifier: Apache-2.0
"""Ledger and order log grow while a run goes on: nothing is lost or written twice where the room ran out."""

import numpy as np

from engine.engines import native
from engine.engines.compiled_run import FIRST_ENTRIES, FIRST_ORDERS
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

ROWS = 20_000


def test_a_run_that_outgrows_its_first_tables_twice():
    prices = np.tile([50.0, 51.0, 49.0, 50.0, 1e6], (ROWS, 1))
    market = draw_market({"a": prices, "b": prices * [2, 2, 2, 2, 1]}, np.arange(ROWS))
    orders = [
        Instruction(t, instructed.MARKET, role, 100.0 if t % 2 else -100.0) for t in range(ROWS - 1) for role in (0, 1)
    ]
    costs = {"account.cash": 1e9, "costs.commission": [{"per_share": 0.005}], "costs.regulatory": [{"sec": 0.001}]}
    prepared = prepare(instruct(market, orders), settings(costs))
    one, two = native.run(prepared, "interpreted"), native.run(prepared, "compiled")
    assert len(two.ledger) == 1 + 2 * (ROWS - 1) * 2 + (ROWS // 2) * 2 > 2 * FIRST_ENTRIES
    assert len(two.orders) == 2 * (ROWS - 1) > 2 * FIRST_ORDERS
    assert np.array_equal(two.orders["id"], np.arange(1, len(two.orders) + 1))
    for name in ("ledger", "orders", "points"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
