# SPDX-License-Identifier: Apache-2.0
"""Dual momentum over eight ETFs: its months by hand, its length, and both modes alike on real bars."""

import ast
from pathlib import Path

import numpy as np
import pytest

import engine
from tests.authors import rotation
from tests.authors.rotation import Rotation

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "daily"
EIGHT = ["SPY", "QQQ", "IWM", "IWN", "IWF", "EEM", "XLE", "XLF"]
SAMPLE = {"safe": "SPY", "etf": ["QQQ", "IWM", "KRE", "XLE", "XLY", "RWM", "TWM"]}
PERIOD = {"start": "2012-01-03", "end": "2015-12-31"}


def run(mode="interpreted", roles=SAMPLE, **given):
    return engine.backtest(strategy=Rotation, roles=roles, period=PERIOD, mode=mode, **given)


def by_hand(record, count=3, days=252):
    """Symbols that the rule holds after each month's end, from the closes alone."""
    market = record.market
    closes = np.column_stack([market.at(role).close for role in market.roles])
    months = market.sessions.astype("M8[M]")
    wanted = {}
    for row in np.flatnonzero(months[1:] != months[:-1]):
        if row >= days:
            gain = closes[row] / closes[row - days]
            best = [i for i in np.argsort(-gain[1:], kind="stable") + 1 if gain[i] > gain[0]][:count]
            safe = [0] if len(best) < count else []
            wanted[int(row)] = {market.roles[i] for i in (*safe, *best)}
    return wanted


def test_it_holds_what_the_rule_says_after_each_month():
    record = run().record
    wanted, roles = by_hand(record), record.market.roles
    for row, names in wanted.items():
        known = record.ledger[(record.ledger["t"] <= row + 1) & (record.ledger["role"] >= 0)]
        held = np.bincount(known["role"], known["qty"], len(roles))
        assert {roles[i] for i in np.flatnonzero(held)} == names, record.market.sessions[row]
    assert len(wanted) > 30
    assert len({frozenset(names) for names in wanted.values()}) > 5


def test_it_is_short_and_nothing_is_written_twice():
    lines = Path(rotation.__file__).read_text(encoding="utf-8").splitlines()
    (strategy,) = [node for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.ClassDef)]
    code = [line for line in lines[strategy.lineno - 1 : strategy.end_lineno] if line.strip()]
    assert len(code) <= 30
    assert not any(symbol in line for line in code for symbol in EIGHT)


@pytest.mark.slow
def test_eight_real_etfs_give_the_same_bytes_in_both_modes():
    if not REAL.is_dir():
        pytest.skip("no real bars here")
    data = {"source": "csv", "path": str(REAL)}
    runs = [run(mode, {"safe": "TLT", "etf": EIGHT}, data=data).record for mode in ("interpreted", "compiled")]
    assert len(runs[0].orders) > 50
    for table in ("ledger", "points", "orders"):
        assert getattr(runs[0], table).tobytes() == getattr(runs[1], table).tobytes(), table
