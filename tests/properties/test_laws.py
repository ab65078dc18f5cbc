# SPDX-License-Identifier: Apache-2.0
"""Every law on every random scenario, and both modes to the last bit."""

from hypothesis import given, settings

from engine.engines import native
from tests.properties import ledger_laws, margin_laws, order_laws
from tests.properties.scenarios import Scenario, scenarios

LAWS = (*ledger_laws.LAWS, *order_laws.LAWS, *margin_laws.LAWS)


@given(scenarios())
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
