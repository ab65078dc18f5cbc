# SPDX-License-Identifier: Apache-2.0
"""Words for shares and orders, the same wherever one is shown."""

import pytest

from engine.report.kit.words import leg_names, shares, with_prices


@pytest.mark.parametrize(("number", "told"), [(1_237.0, "1,237"), (0.5, "0.5"), (-2.25, "−2.25"), (1e-6, "0.000001")])
def test_parts_of_a_share_are_told(number, told):
    assert shares(number) == told


@pytest.mark.parametrize(
    ("kind", "prices", "told"),
    [
        ("market", {}, "market"),
        ("limit", {"limit": 74.06}, "limit 74.06"),
        ("stop_limit", {"limit": 73.9, "stop": 74.06}, "stop limit limit 73.90 stop 74.06"),
        ("trail", {"stop": 70.0, "trail": 2.5}, "trail stop 70.00 trail 2.50"),
        ("trail_percent", {"stop": 70.0, "trail": 0.05}, "trail percent stop 70.00 trail 5.00 %"),
    ],
)
def test_an_order_is_told_with_its_prices(kind, prices, told):
    assert with_prices(kind, prices) == told


def test_a_leg_is_told_by_role_and_symbol_and_one_of_a_list_by_its_symbol():
    assert leg_names({"small": "IWM", "SPY": "SPY", "QQQ": "QQQ"}) == ["small IWM", "SPY", "QQQ"]
