# SPDX-License-Identifier: Apache-2.0
"""What a night does to backtrader's cash: worked out beside the native engine, not after it."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

from engine.engines import native
from engine.engines.backtrader import engine as backtrader_engine
from engine.engines.backtrader.nights import Nights, interest
from engine.engines.backtrader.subset import reduced
from engine.kernel.codes import EntryKind
from engine.runs.backtest import prepare

CONFIG = {
    "name": "nights",
    "strategy": "spread_trade",
    "roles": {"large": "SPY", "small": "IWM"},
    "period": {"start": "2008-01-02", "end": "2009-12-31"},
}


@pytest.fixture(scope="module")
def prepared():
    return prepare(CONFIG)


@pytest.mark.parametrize(("cash", "shorts", "benchmark", "day"), [
    (-600_000.0, 0.0, 0.0532, -106.72),  # the broker's example: 100,000 x 6.82 % / 360 + 500,000 x 6.32 % / 360
    (500_000.0, 0.0, 0.0532, 65.61),  # 490,000 x 4.82 % / 360
    (900_000.0, 700_000.0, 0.0532, 93.27),  # 190,000 x 4.82 % / 360 + rebate on 600,000 x 4.07 % / 360
    (600_000.0, 700_000.0, 0.0532, 48.89),  # a debt of 100,000 x 6.82 % / 360 = 18.94 off the same rebate
    (1_500_000.0, 1_500_000.0, 0.0100, 6.94),  # the broker's example: 900,000 x 0 + 500,000 x 0.5 % / 360
    (500_000.0, 0.0, 0.0030, 0.0),  # the benchmark is below the credit spread
])  # fmt: skip
def test_interest_by_hand(prepared, cash, shorts, benchmark, day):
    assert round(interest(prepared.terms[0], cash, shorts, benchmark) / 360.0, 2) == day


def test_a_night_by_hand(prepared):
    """Three days: 100 long at 50, 200 short at 30.10 whose fee is 3 %: ceil(30.702) x 200 x 3 % x 3 / 360 = 1.55.

    The fee is paid before interest is counted: 5,000 - 1.55 - 6,020 is a debt of 1,021.55, at 1.5 % over nothing.
    """
    posted = []
    terms = prepared.terms[:1].copy()
    terms["asset"]["borrow"][0] = [0.0, 0.03]
    bars = prepared.market.bars[:2].copy()
    bars["days"] = [0, 3]
    for role, paid in (("large", 0.5), ("small", 0.2)):
        bars[role]["dividend"] = [9.0, paid]
    market = replace(prepared.market, bars=bars)
    run = replace(prepared, market=market, terms=terms, benchmark=np.array([0.0]))
    nights = Nights(run, lambda *flow: posted.append(flow))
    assert nights.carry(1, 5_000.0, [100.0, -200.0], [50.0, 30.1]) == pytest.approx(-1.55 - 1_021.55 * 0.015 * 3 / 360)
    assert nights.dividends(1, [100.0, -200.0]) == pytest.approx(100 * 0.5 - 200 * 0.2)
    assert [flow[:4] for flow in posted] == [
        (1, EntryKind.BORROW, 1, 31.0), (1, EntryKind.INTEREST, -1, pytest.approx(np.nan, nan_ok=True)),
        (1, EntryKind.DIVIDEND, 0, 0.5), (1, EntryKind.DIVIDEND, 1, 0.2),
    ]  # fmt: skip


def test_nothing_happens_before_the_first_bar(prepared):
    nights = Nights(prepared, lambda *_: pytest.fail("nothing is held"))
    assert nights.carry(0, 1e6, [0.0, 0.0], [1.0, 1.0]) == nights.dividends(0, [1.0, 1.0]) == 0.0


@pytest.mark.parametrize(("name", "value", "kind"), [
    ("DAY_COUNT", 365.0, EntryKind.INTEREST), ("COLLATERAL", 1.5, EntryKind.BORROW),
])  # fmt: skip
def test_a_wrong_rule_in_one_engine_is_a_difference(prepared, monkeypatch, name, value, kind):
    """The second engine takes nothing from the first: where one counts otherwise, the other does not follow."""
    monkeypatch.setattr(f"engine.engines.backtrader.nights.{name}", value)
    ours, theirs = native.run(reduced(prepared), "interpreted"), backtrader_engine.run(prepared)
    one, two = (result.ledger["amount"][result.ledger["kind"] == kind].sum() for result in (ours, theirs))
    assert abs(two / one - 1.0) > 1e-3


def test_dividends_may_be_off():
    run = prepare({**CONFIG, "costs": {"dividends": False}})
    assert EntryKind.DIVIDEND not in backtrader_engine.run(run).ledger["kind"]
