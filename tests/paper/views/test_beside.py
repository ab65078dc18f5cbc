# SPDX-License-Identifier: Apache-2.0
"""The bridge's fills beside a backtest's: what is the same, what is dearer, what one of them lacks."""

import asyncio
from dataclasses import replace

import pytest

from engine.paper.views.beside import beside_backtest

SPREAD = ("configs/spread_sample.yaml", ["params.leg_stop=6", "fills.participation=null"], "2015-06-01")


@pytest.fixture(scope="module")
def sandboxed(tmp_path_factory):
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    from tests.paper.sandboxed import Sandboxed

    house = Sandboxed(tmp_path_factory.mktemp("beside"), *SPREAD, 60)
    return house.prepared, asyncio.run(house.run())


def test_on_contracts_of_any_price_nothing_differs(sandboxed):
    prepared, fills = sandboxed
    found = beside_backtest(prepared, fills)
    assert (found.total, found.same, found.moved, found.missing, found.extra) == (len(fills), len(fills), 0, 0, 0)
    assert found.dear == 0.0
    assert str(found) == f"a backtest of these bars has the same {len(fills)} fills, to the last bit"


def test_a_dearer_price_a_lost_fill_and_one_too_many_are_told(sandboxed):
    prepared, fills = sandboxed
    first, second, *rest = fills
    worse = replace(first, price=first.price + (0.01 if first.quantity > 0 else -0.01))
    late = replace(second, time=second.time + 1)
    found = beside_backtest(prepared, [worse, late, *rest])
    assert (found.same, found.moved, found.missing, found.extra) == (len(rest), 1, 1, 1)
    assert found.dear == pytest.approx(0.01 * abs(first.quantity))
    assert str(found) == (
        f"a backtest of these bars has {len(fills)} fills: {len(rest)} the same, "
        f"1 at other prices, by which the bridge paid {found.dear:,.2f} dollars more, "
        "1 that the bridge does not have; the bridge has 1 others"
    )
