# SPDX-License-Identifier: Apache-2.0
"""ib_async, unmodified, in the test's own loop: every check of the conformance list."""

import asyncio

import ib_async
import pytest

from engine.sandbox.server import Server
from tests.sandbox.booth import Booth, Hands
from tests.sandbox.clients.checks import CHECKS, At
from tests.sandbox.talk import run

WIDE = (
    "connects_and_syncs", "sees_details_and_hours", "finds_the_legs_of_options", "finds_symbols", "reads_daily_bars",
    "keeps_bars_up_to_date", "gets_ticks_with_shortability", "fills_a_market_order", "sees_commissions",
    "changes_an_order", "cancels_an_order", "carries_every_kind_of_order", "asks_what_an_order_would_do",
    "is_refused_by_201", "finds_what_filled_while_it_was_away",
)  # fmt: skip
"""What every version is tried on: each message whose fields depend on it."""


@pytest.mark.parametrize("version", [157, 159, 160, 162, 163, 164, 166, 169, 170, 176, 177])
def test_older_versions(version):
    for name in WIDE:
        _run(name, version)


@pytest.mark.parametrize("name", CHECKS)
def test_ib_async(name):
    _run(name, 178)


def _run(name, version):
    async def scene():
        booth = Booth()
        async with Server(booth) as server:
            hands = Hands(booth, server)

            async def act(what, *words):
                done = getattr(hands, what)(*words)
                await asyncio.sleep(0)
                return done

            at = At(ib_async, server.port, act, version)
            try:
                await CHECKS[name](at)
            finally:
                await at.close()

    run(scene())
