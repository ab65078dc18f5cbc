# SPDX-License-Identifier: Apache-2.0
"""Many orders through bridge and sandbox: what stays in memory does not grow with them."""

import gc
import tracemalloc

import pytest

from tests.paper.test_failure_modes import agrees, play

ORDERS, BATCH = 10_000, 50


@pytest.mark.slow
def test_memory_does_not_grow_with_orders(tmp_path):
    sizes = []

    async def scene(house):
        house.server.received = house.server.received.__class__(maxlen=10)
        await house.start()
        house.bridge.broker._client.MaxRequests = 0  # the sandbox needs no pacing
        tracemalloc.start()
        for number in range(0, ORDERS, BATCH):
            refs = [f"m-{number + k}.a1" for k in range(BATCH)]
            await house.trade(*((ref, 1 if k % 2 else -1) for k, ref in enumerate(refs)))
            house.exchange.tick({"X": 100.0}, seconds=0.001)
            assert await house.heard(lambda: not house.journal.open_intents(), 30.0)
            if number % (ORDERS // 4) == 0:
                house.log.clear()
                gc.collect()
                sizes.append(_of_the_bridge())
        agrees(house, 0.0)
        assert len(house.journal.ledger.fills_since(0)) == ORDERS
        assert house.kinds() == []

    play(tmp_path, scene, seconds=1_500.0)
    assert max(sizes[1:]) < sizes[1] + 300_000, sizes


def _of_the_bridge():
    """Bytes that were allocated by the bridge's own files and its client."""
    kept = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(True, "*/engine/paper/*"), tracemalloc.Filter(True, "*/ib_async/*")]
    )
    return sum(one.size for one in kept.statistics("filename"))
