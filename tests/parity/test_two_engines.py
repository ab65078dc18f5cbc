# SPDX-License-Identifier: Apache-2.0
"""The native engine and backtrader, fill by fill, for every kind of order that backtrader can express."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

from engine.config.loader import config_from_dict, load_config
from engine.engines import native
from engine.engines.backtrader import engine as backtrader_engine
from engine.engines.backtrader.subset import reduced
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind
from engine.runs.backtest import load_bars
from engine.runs.verify.parity import fills_of, first_difference
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, settings
from tests.kernel.replay import prepare as replay
from tests.parity.every_order import Kind

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

KINDS = [kind.name.lower() for kind in Kind]


def every_order(kind, *overrides):
    data = {
        "name": "every_order",
        "strategy": "every_order.py",
        "roles": {"large": "SPY", "small": "IWM"},
        "params": {"kind": kind, "width": 0.3},
        "period": {"start": "2003-01-02", "end": "2005-12-30"},
    }
    return config_from_dict(data, HERE, overrides)


def run_of(ready):
    """The run as it is configured, before an engine has it."""
    market, start, stop = load_bars(ready)
    return prepare(ready.config, ready.strategy, market, start, stop)


def both(ready):
    """The reduced run in both engines."""
    prepared = run_of(ready)
    return native.run(reduced(prepared), "interpreted"), backtrader_engine.run(prepared)


def agree(ready, fills):
    ours, theirs = both(ready)
    difference = first_difference(ours, theirs)
    assert difference is None, f"{difference.first} | {difference.second}"
    assert len(fills_of(ours)) >= fills, "too few fills to prove anything"
    bars = len(ours.market) - (ready.config.fills.at == "this_close")  # backtrader never comes to the last bar's fills
    assert np.allclose(theirs.points["equity"][:bars], ours.points["equity"][:bars], rtol=1e-9, atol=0.0)
    for kind in (EntryKind.BORROW, EntryKind.INTEREST, EntryKind.DIVIDEND, EntryKind.WITHHOLDING):
        ledgers = (result.ledger[result.ledger["t"] < bars] for result in (ours, theirs))
        one, two = (ledger[ledger["kind"] == kind] for ledger in ledgers)
        assert one[["t", "role"]].tolist() == two[["t", "role"]].tolist(), kind
        assert np.allclose(one["amount"], two["amount"], rtol=1e-9, atol=1e-6), kind
    ended = [result.orders[result.orders["born"] < bars - 1] for result in (ours, theirs)]
    assert ended[0]["status"].tolist() == ended[1]["status"].tolist()
    assert theirs.state.keys() == ours.state.keys()
    return ours, theirs


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_order(kind):
    agree(every_order(kind), fills=10)


EXITS = ["bracket", "from_fill", "trailing_stop"]
"""Whose exits an entry at a close wakes."""


@pytest.mark.parametrize("kind", ["market", "targets", "trail", "market_on_open", "market_on_close", *EXITS])
@pytest.mark.parametrize("at", ["next_close", "this_close"])
def test_other_fill_times(kind, at):
    agree(every_order(kind, f"fills.at={at}", "fills.participation=null"), fills=60 if kind in EXITS else 100)


@pytest.mark.parametrize("kind", ["market_on_open", "market_on_close", "trail", "moved_stop", "cancelled"])
def test_partial_fills_under_a_cap_on_volume(kind):
    ours, _ = agree(every_order(kind, "fills.participation=0.00001"), fills=100)
    orders = [fill.order for fill in fills_of(ours)]
    assert len(orders) > len(set(orders)), "no order was filled in parts"


@pytest.mark.parametrize("intrabar", ["pessimistic", "optimistic"])
@pytest.mark.parametrize("kind", ["trailing_stop", "from_fill"])
def test_an_exit_grows_with_an_entry_that_fills_in_parts(kind, intrabar):
    """The stop that the first part has woken has the shares of the second one within its bar, in both engines.

    One that is measured from the fill stands at the average of both parts by then.
    """
    cap = ("fills.participation=0.00001", "params.width=0.05", f"fills.intrabar={intrabar}")
    ours, _ = agree(every_order(kind, *cap), fills=100)
    parents = {int(one["id"]): int(one["parent"]) for one in ours.orders}
    rows = {(fill.order, fill.t) for fill in fills_of(ours)}
    grown = [(order, t) for order, t in rows if (parents[order], t) in rows and (parents[order], t - 1) in rows]
    assert grown, "no exit traded in the bar of a later part of its entry"


@pytest.mark.parametrize("at", ["next_open", "next_close", "this_close"])
@pytest.mark.parametrize("entry", [instructed.MARKET, instructed.MARKET_ON_CLOSE])
def test_an_exit_at_the_close_of_an_entry_at_a_close(entry, at):
    """It is for the close after: the one that the entry has filled at is over."""
    prices = np.array([[price, price + 1.0, price - 1.0, price + 0.5, 1e9] for price in (50.0, 51.0, 52.0, 53.0, 54.0)])
    market = draw_market({"a": prices, "b": prices}, np.arange(5) + 19_723)
    given = [Instruction(0, entry, qty=10.0), Instruction(0, instructed.MARKET_ON_CLOSE, qty=-10.0, parent=1)]
    run = replay(instruct(market, given), settings({"fills.at": at}))
    opens = entry == instructed.MARKET and at == "next_open"
    there, gone = (1, 51.0 if opens else 51.5), (1 if opens else 2, 51.5 if opens else 52.5)
    if entry == instructed.MARKET and at == "this_close":
        there, gone = (0, 50.5), (1, 51.5)
    own = native.run(run, "interpreted")
    assert [(fill.t, fill.price) for fill in fills_of(own)] == [there, gone]
    ours, theirs = native.run(reduced(run), "interpreted"), backtrader_engine.run(run)
    assert first_difference(ours, theirs) is None
    assert len(fills_of(ours)) == 2


def test_bars_after_the_closing_auction_do_not_begin_a_session():
    """An order for the open, sent where the auction's bar is not the day's last: both engines wait for the next day."""
    prices = np.array([[price, price + 1.0, price - 1.0, price, 1e9] for price in (50.0, 51.0, 52.0, 53.0, 54.0, 55.0)])
    market = draw_market({"a": prices, "b": prices}, np.array([0, 0, 0, 1, 1, 1]) + 19_723)
    market.bars["last"] = [0, 1, 0, 0, 1, 0]
    given = [Instruction(t, instructed.MARKET_ON_OPEN, qty=10.0) for t in (0, 1)]
    run = replay(instruct(market, given), settings())
    for result in (native.run(reduced(run), "interpreted"), backtrader_engine.run(run)):
        assert [(fill.t, fill.quantity, fill.price) for fill in fills_of(result)] == [(3, 10.0, 53.0)] * 2


@pytest.mark.parametrize("kind", ["one_cancels_other", "protected"])
def test_favourable_side_first(kind):
    agree(every_order(kind, "fills.intrabar=optimistic"), fills=10)


def test_fractional_shares_and_tiered_commission():
    agree(every_order("targets", "fills.whole_shares=false", "costs.commission=ibkr_tiered"), fills=500)


def test_tax_on_dividends():
    ours, _ = agree(every_order("market", "costs.withholding=0.3"), fills=100)
    assert EntryKind.WITHHOLDING in ours.ledger["kind"]


def test_cash_below_zero_is_lent():
    ours, _ = agree(every_order("market", "params.size=90000", "fills.participation=null"), fills=100)
    assert ours.points["cash"].min() < -1e6


def test_children_that_would_fill_on_their_entry_bar():
    """Neither engine lets them: the run as it is has such fills, and another end."""
    ready = every_order("bracket", "params.width=0.2")
    ours, _ = agree(ready, fills=100)
    own = native.run(run_of(ready), "interpreted")
    parents = {int(one["id"]): int(one["parent"]) for one in own.orders}
    rows = {fill.order: fill.t for fill in fills_of(own)}
    assert sum(rows[order] == rows.get(parents[order]) for order in rows) > 20
    assert own.points["equity"][-1] != ours.points["equity"][-1]


def test_the_spread_trade_on_the_sample_market():
    ours, theirs = agree(load_config(ROOT / "configs" / "spread_sample.yaml", ["params.leg_stop=3"]), fills=200)
    assert sorted(ours.ledger["kind"]) == sorted(theirs.ledger["kind"])
    assert set(ours.ledger["kind"]) == {
        EntryKind.DEPOSIT, EntryKind.FILL, EntryKind.COMMISSION, EntryKind.FEE,
        EntryKind.BORROW, EntryKind.INTEREST, EntryKind.DIVIDEND,
    }  # fmt: skip


def test_the_spread_trade_on_real_bars(real_data):
    ready = load_config(ROOT / "configs" / "spread_real.yaml", [f"data.path={real_data}"])
    agree(ready, fills=100)


@pytest.mark.parametrize("kind", ["market_on_open", "market_on_close", "day_limit", "moved_stop"])
def test_five_minute_bars(real_data, kind):
    """Orders for open and close wait for the session's, and day orders end with it, not with the bar."""
    data = {
        "name": "every_order",
        "strategy": "every_order.py",
        "roles": {"large": "SPY", "small": "IWM"},
        "params": {"kind": kind},
        "data": {
            "source": "csv",
            "path": str(real_data / "intraday"),
            "files": {"SPY": "SPY_5m.csv", "IWM": "IWM_5m.csv"},
        },
    }
    agree(config_from_dict(data, HERE, ["fills.participation=0.0005"]), fills=50)
