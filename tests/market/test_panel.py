# SPDX-License-Identifier: Apache-2.0
"""A part of a market: the same bytes, and no copy of what is whole."""

import numpy as np

from tests.kernel.order_table import TABLE, market_of, read_cases

MARKET = market_of(read_cases(TABLE.read_text(encoding="utf-8"))[0])


def test_a_slice_has_its_rows_in_the_memory_of_the_whole():
    part = MARKET.slice(1, 2)
    assert len(part) == 1
    assert part.bars["ts"].tolist() == MARKET.bars["ts"][1:2].tolist()
    assert np.shares_memory(part.bars, MARKET.bars)
    assert MARKET.head(1).bars.tobytes() == MARKET.bars[:1].tobytes()


def test_all_of_a_market_is_the_market():
    assert MARKET.head(len(MARKET)) is MARKET
    assert MARKET.slice(0, len(MARKET) - 1) is not MARKET
