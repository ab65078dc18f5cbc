# SPDX-License-Identifier: Apache-2.0
"""Strategies as a notebook holds them: written in cells of `__main__`, which no file on the disk has."""

import linecache
import sys
import types

RULES = """
import numpy as np
from engine.indicators import zscore
from engine.strategy import Strategy, lookback, param

LARGE, SMALL = 0, 1

def above(a, b):
    return a > b

def ratio(market):
    return np.log(market.large.close / market.small.close)
"""
LEAN = '''
class Lean(Strategy):
    """Long large caps, short small caps while their ratio stands above its average."""

    roles = ("large", "small")

    class Params:
        window: int = lookback(60, low=10, doc="look-back of the z-score")
        enter: float = param(1.0, unit="sigma", doc="z-score that opens the trade")

    class State:
        on: bool = False

    def features(self, market, p):
        return {"z": zscore(ratio(market), p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if not s.on and above(f.z, p.enter):
            orders.target(LARGE, 0.5)
            orders.target(SMALL, -0.5)
            s.on = True
        elif s.on and f.z < 0.0:
            orders.close(LARGE)
            orders.close(SMALL)
            s.on = False
'''


def lean(monkeypatch, rules=RULES, place="/nowhere/ipykernel_1/"):
    """The class of the cells; a kernel names each cell after its text, in a folder that need not exist."""
    session = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", session)
    for cell in (rules, LEAN):
        name = f"{place}{abs(hash(cell))}.py"
        monkeypatch.setitem(linecache.cache, name, (len(cell), None, cell.splitlines(keepends=True), name))
        exec(compile(cell, name, "exec"), vars(session))
    return session.Lean
