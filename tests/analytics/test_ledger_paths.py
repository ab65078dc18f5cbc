# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from engine.analytics.ledger_paths import fold
from engine.kernel.codes import EntryKind


def test_positions_follow_the_fills(worked):
    positions = fold(worked).positions
    assert positions[:, 0].tolist() == [0, 20, 20, 10, 10, 0]
    assert positions[:, 1].tolist() == [0, -40, -40, 20, 20, 20]


def test_price_is_counted_at_reference_prices_and_slippage_apart(worked):
    paths = fold(worked)
    assert paths["price"][1, 0] == pytest.approx(20 * (102 - 100.00))
    assert paths["slippage"][1].tolist() == [-2.0, 0.0]
    assert paths["slippage"][-1].tolist() == [-2.0, -6.0]


def test_each_cash_flow_is_on_its_own_path(worked):
    paths = fold(worked)
    assert paths["commission"][-1] == pytest.approx([-3.1, -4.5])
    assert paths["borrow"][-1].tolist() == [0.0, -3.0]
    assert paths["dividends"][-1].tolist() == [10.0, -8.0]
    assert paths["interest"].tolist() == [0, 0, 1.25, 1.25, 1.0, 1.0]
    assert paths["deposits"].tolist() == [10_000.0] * 6


def test_the_paths_add_up_to_equity_at_every_bar(worked):
    np.testing.assert_allclose(fold(worked).equity, worked.points["equity"], atol=1e-9)


def test_a_role_cash_flow_without_a_role_is_refused(hand):
    result = hand.result(hand.bars({"large": [10.0] * 3}), hand.charge(1, EntryKind.BORROW, -1, -1.0))
    with pytest.raises(ValueError, match="without a role"):
        fold(result)
