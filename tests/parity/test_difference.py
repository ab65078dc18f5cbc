# SPDX-License-Identifier: Apache-2.0
"""The comparison itself: any change of one fill is found, and found first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config.loader import config_from_dict
from engine.engines import native
from engine.kernel.codes import EntryKind
from engine.runs.backtest import prepare
from engine.runs.verify.parity import fills_of, first_difference

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def result():
    data = {
        "name": "every_order",
        "strategy": "every_order.py",
        "roles": {"large": "SPY", "small": "IWM"},
        "params": {"kind": "trail"},
        "period": {"start": "2003-01-02", "end": "2003-12-31"},
    }
    return native.run(prepare(config_from_dict(data, HERE)), "interpreted")


def changed(result, number, **fields):
    """The same result with one fill changed."""
    ledger = result.ledger.copy()
    row = np.flatnonzero(ledger["kind"] == EntryKind.FILL)[number]
    for name, change in fields.items():
        ledger[name][row] += change
    return replace(result, ledger=ledger)


def test_a_result_agrees_with_itself(result):
    assert len(fills_of(result)) > 20
    assert first_difference(result, result) is None


def test_rounding_is_no_difference(result):
    assert first_difference(result, changed(result, 5, price=1e-12)) is None


@pytest.mark.parametrize("change", [{"price": 1e-6}, {"qty": 1.0}, {"role": -1}, {"t": 1}])
def test_one_changed_fill_is_found(result, change):
    difference = first_difference(result, changed(result, 7, **change))
    assert difference is not None
    assert difference.index == 7
    assert difference.first.same(fills_of(result)[7])
    assert not difference.second.same(difference.first)


def test_a_missing_fill_is_found(result):
    rows = np.flatnonzero(result.ledger["kind"] == EntryKind.FILL)
    shorter = replace(result, ledger=np.delete(result.ledger, rows[-1]))
    difference = first_difference(result, shorter)
    assert difference.index == len(rows) - 1
    assert difference.second is None
    assert first_difference(shorter, result).first is None


def test_fills_carry_what_a_person_looks_for(result):
    fill = fills_of(result)[0]
    assert fill.symbol == "IWM"
    assert fill.ts.endswith("Z")
    assert fill.session.startswith("2003-")
    assert fill.reason == "in"
    assert f"order {fill.order}" in str(fill)
