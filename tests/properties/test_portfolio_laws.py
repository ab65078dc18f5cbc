# SPDX-License-Identifier: Apache-2.0
"""Every law of an account with sleeves on random pairs of them, and both modes to the last bit."""

import numpy as np
from hypothesis import given, settings

from engine.engines import native
from engine.kernel.codes import EntryKind
from tests.properties import portfolio_laws
from tests.properties.portfolios import Pair, pairs


@given(pairs())
@settings(max_examples=400)
def test_laws(pair: Pair):
    result = pair.run()
    for law in portfolio_laws.LAWS:
        law(result)


@given(pairs(account__margin__kind="reg_t", account__cash=2_000.0, fills__participation=None))
@settings(max_examples=200)
def test_laws_of_small_accounts(pair: Pair):
    """Margin calls and ruin are the rule here."""
    result = pair.run()
    for law in portfolio_laws.LAWS:
        law(result)


@given(pairs())
@settings(max_examples=200)
def test_interpreted_and_compiled_leave_the_same_bytes(pair: Pair):
    prepared = pair.prepared
    one, two = native.run(prepared, "interpreted"), native.run(prepared, "compiled")
    assert one.ledger.tobytes() == two.ledger.tobytes()
    assert one.orders.tobytes() == two.orders.tobytes()
    assert one.points.tobytes() == two.points.tobytes()


def test_the_scenarios_reach_what_the_laws_speak_of():
    seen: set[str] = set()

    @given(pairs(account__margin__kind="reg_t", account__cash=2_000.0))
    @settings(max_examples=200)
    def look(pair: Pair) -> None:
        ledger = pair.run().ledger
        seen.update(kind.name for kind in EntryKind if np.any(ledger["kind"] == kind))

    look()
    assert {"FILL", "LIQUIDATION", "BORROW", "INTEREST", "TRANSFER", "SPLIT", "DIVIDEND"} <= seen
