# SPDX-License-Identifier: Apache-2.0
"""What both sides of the chaos agree on: the market, and the position that the strategy wants at each turn."""

import random

from engine.model.paper import PaperLimits
from engine.paper.gates.facts import Timing
from engine.paper.terms import Terms
from engine.sandbox.exchange.exchange import PAPER
from tests.sandbox.stage import CLOSE, DAY, FIRST_SESSION, FLAT, replay

CLIENT = 7
NOW = FIRST_SESSION * DAY + CLOSE
WIDE = PaperLimits(
    order_value=1e9, order_shares=10**6, position_value=1e9, gross_value=1e9, orders_per_minute=10**9,
    orders_per_day=10**9, collar=0.5, daily_loss=1.0, stale_after=1e9, short=True,
)  # fmt: skip


def market():
    """Two flat symbols. The day never ends: the market moves by ticks, after the close of the first bar."""
    return replay({"X": [FLAT] * 4, "Y": [FLAT] * 4})


def target(seed, turn):
    """Shares of X that are wanted after a turn; never those of the turn before."""
    if turn == 0:
        return 0
    return (1 if turn % 2 else -1) * random.Random(seed * 100_003 + turn).randint(1, 40)


def clock():
    return NOW


def _closed(begin, end):  # noqa: ARG001
    return ()


def terms(folder):
    return Terms(
        account=PAPER, live=False, send=True, client=CLIENT, symbols=frozenset({"X", "Y"}), limits=WIDE,
        timing=Timing.NEXT_OPEN, sessions=_closed, kill_file=folder / "KILL", settle=0.04, answer=0.25,
    )  # fmt: skip
