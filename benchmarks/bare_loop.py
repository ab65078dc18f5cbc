# SPDX-License-Identifier: Apache-2.0
"""The least that a compiled event loop with a decision can be: what the kernel is held against.

One record a bar, orders in sixteen places, cash and quantities, an equity path; no ledger, no costs but a part of what
is traded, no margin, no stops. The decision is a compiled function of its own that the loop is given, as the kernel's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import from_dtype, njit, types
from numba.extending import register_jitable
from numpy.typing import NDArray

PLACES = 16
LARGE, SMALL = 0, 1
CASH, COST = 1e6, 1e-4
ENTER, EXIT = 1.5, 0.0
FAST = {"error_model": "numpy", "nogil": True}

ASSET_BAR = np.dtype([(name, "f8") for name in ("open", "high", "low", "close", "volume")])
BAR = np.dtype([("ts", "i8"), ("large", ASSET_BAR), ("small", ASSET_BAR)])
LOOP_BAR = np.dtype([("ts", "i8"), ("asset", ASSET_BAR, (2,))])
HOLDING = np.dtype([("qty", "f8")])
ACCOUNT = np.dtype([("cash", "f8"), ("equity", "f8"), ("large", HOLDING), ("small", HOLDING)])
LOOP_ACCOUNT = np.dtype([("cash", "f8"), ("equity", "f8"), ("asset", HOLDING, (2,))])
PAD = np.dtype(
    [("count", "i8"), ("live", "i1", (PLACES,)), ("asset", "i8", (PLACES,)), ("qty", "f8", (PLACES,))], align=True
)
FEATURES, STATE = np.dtype([("z", "f8")]), np.dtype([("side", "i8")])


def _send(pad: Any, asset: int, qty: float) -> None:
    for place in range(PLACES):
        if pad.live[place] == 0:
            pad.live[place] = 1
            pad.asset[place] = asset
            pad.qty[place] = qty
            pad.count += 1
            return


register_jitable(**FAST)(_send)


def _decide(bar: Any, f: Any, s: Any, account: Any, orders: Any) -> None:
    if f.z != f.z:
        return
    if s.side == 0 and f.z > ENTER:
        _send(orders, LARGE, 0.5 * account.equity / bar.large.close)
        _send(orders, SMALL, -0.5 * account.equity / bar.small.close)
        s.side = 1
    elif s.side == 1 and f.z < EXIT:
        _send(orders, LARGE, -account.large.qty)
        _send(orders, SMALL, -account.small.qty)
        s.side = 0


def _loop(
    decide: Any, bars: Any, loop_bars: Any, features: Any, s: Any, account: Any, accounts: Any, pad: Any, path: Any
) -> int:
    fills = 0
    book = accounts[0]
    for t in range(loop_bars.shape[0]):
        bar = loop_bars[t]
        if pad.count > 0:
            for place in range(PLACES):
                if pad.live[place] == 1:
                    asset, qty = pad.asset[place], pad.qty[place]
                    price = bar.asset[asset].open
                    book.cash -= qty * price + abs(qty) * price * COST
                    book.asset[asset].qty += qty
                    pad.live[place] = 0
                    pad.count -= 1
                    fills += 1
        equity = book.cash
        for asset in range(2):
            equity += book.asset[asset].qty * bar.asset[asset].close
        book.equity = equity
        path[t] = equity
        decide(bars[t], features[t], s, account[0], pad)
    return fills


@cache
def _compiled() -> tuple[Any, Any]:
    """The decision and the loop."""
    seen = tuple(from_dtype(part) for part in (BAR, FEATURES, STATE, ACCOUNT, PAD))
    signature = types.void(*seen)
    rows = [types.Array(from_dtype(part), 1, "C") for part in (BAR, LOOP_BAR, FEATURES, ACCOUNT, LOOP_ACCOUNT)]
    path = types.Array(types.float64, 1, "C")
    whole = types.int64(types.FunctionType(signature), *rows[:3], seen[2], *rows[3:], seen[4], path)
    return njit(signature, **FAST)(_decide), njit(whole, **FAST)(_loop)


def bare_loop(bars: NDArray[Any], z: NDArray[np.float64]) -> Callable[[], int]:
    """A run over (T,) LOOP_BAR bars of two assets and (T,) z: opens both legs above ENTER, closes them below EXIT.

    The call gives the number of fills.
    """
    decide, loop = _compiled()
    features = z.view(FEATURES)

    def run() -> int:
        account, pad, state = np.zeros(1, LOOP_ACCOUNT), np.zeros(1, PAD), np.zeros(1, STATE)
        account["cash"] = CASH
        seen, path = (bars.view(BAR), bars, features), np.empty(len(bars))
        return int(loop(decide, *seen, state[0], account.view(ACCOUNT), account, pad[0], path))

    return run
