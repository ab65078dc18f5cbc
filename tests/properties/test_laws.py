# SPDX-License-Identifier: Apache-2.0
"""Every law on every random scenario, and both modes to the last bit."""

import numpy as np
from hypothesis import example, given, settings

from engine.engines import native
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market
from tests.properties import ledger_laws, margin_laws, order_laws
from tests.properties.scenarios import FIRST, Scenario, scenarios

LAWS = (*ledger_laws.LAWS, *order_laws.LAWS, *margin_laws.LAWS)

STILL = np.tile([10.0, 10.0, 10.0, 10.0, 100_000.0], (4, 1))

LARGER_CHILD = Scenario(
    draw_market({"a": STILL, "b": STILL}, np.arange(FIRST, FIRST + 4)),
    (
        Instruction(0, instructed.MARKET, qty=2.0),
        Instruction(0, instructed.LIMIT, qty=-3.0, first=10.0, parent=instructed.LATEST, sibling=instructed.LATEST),
    ),
    {},
)
"""A sleeping child of 3, sibling of its parent of 2: it wakes with 1, so that the group fills 3, and 1 is its size."""


@given(scenarios())
@example(LARGER_CHILD)
@settings(max_examples=400)
def test_laws(scenario: Scenario):
    result = scenario.run()
    for law in LAWS:
        law(result)


@given(scenarios())
@settings(max_examples=200)
def test_interpreted_and_compiled_leave_the_same_bytes(scenario: Scenario):
    prepared = scenario.prepared
    one, two = native.run(prepared, "interpreted"), native.run(prepared, "compiled")
    assert one.ledger.tobytes() == two.ledger.tobytes()
    assert one.orders.tobytes() == two.orders.tobytes()
    assert one.points.tobytes() == two.points.tobytes()
