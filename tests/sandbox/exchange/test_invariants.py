# SPDX-License-Identifier: Apache-2.0
"""Whatever clients send, the broker's books agree with themselves."""

import math
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.faults import FAULTS, Fault, Faults
from engine.sandbox.tickets import Contract, Execution, OrderKey, OrderView, Ticket
from tests.sandbox.stage import Stage, replay

BARS = {
    "A": [(100.0 + row % 5, 106.0 + row % 5, 94.0 - row % 3, 101.0 + row % 4) for row in range(40)],
    "B": [(50.0, 53.0 + row % 3, 45.0, 48.0 + row % 4) for row in range(40)],
}
BARS["A"][9] = (50.0, 53.0, 46.0, 50.0, 0.5, 2.0)
BARS["A"][15] = (80.0, 83.0, 76.0, 80.0, 0.0, 1 / 3)
COSTS = {"commission": "ibkr_fixed", "borrow": "us_borrow", "interest": "ibkr_interest", "benchmark": 0.03}
WHOLE = replay(BARS, {"costs": COSTS, "fills": {"participation": 2e-5}})
PARTS = replay(BARS, {"costs": COSTS, "fills": {"participation": 1.3e-5, "whole_shares": False, "step": 0.1}})

STRIKING = [name for name, (occasion, _) in FAULTS.items() if occasion in {"place", "modify", "fill"}]

price = st.sampled_from([None, 0.0, -1.0, math.nan, math.inf, 40.0, 49.5, 90.0, 97.0, 101.5, 106.0, 200.0])
tickets = st.builds(
    Ticket,
    account=st.sampled_from([PAPER, PAPER, PAPER, "DU9"]),
    contract=st.sampled_from([Contract(0, "A"), Contract(0, "B"), Contract(0, "A", "OPT"), Contract(7, "")]),
    action=st.sampled_from(["BUY", "SELL", "SELL", "HOLD"]),
    quantity=st.sampled_from([1.0, 7.0, 0.3, 12.7, 30.0, 55.0, 0.5, 1e9, 0.0, -3.0, math.nan]),
    kind=st.sampled_from(["MKT", "LMT", "STP", "STP LMT", "TRAIL", "MOC", "REL"]),
    limit=price,
    aux=price,
    trail_percent=st.sampled_from([None, None, None, 5.0, 0.0, 100.0]),
    tif=st.sampled_from(["DAY", "GTC", "GTC", "GTD", "OPG", "IOC"]),
    good_till=st.sampled_from(["", "20240110", "20240105 12:00:00 US/Eastern", "soon"]),
    parent=st.sampled_from([0, 0, 0, 1, 2, 3]),
    transmit=st.sampled_from([True, True, True, False]),
    oca_group=st.sampled_from(["", "", "", "g", "h"]),
    oca_type=st.integers(0, 3),
    carried=st.sampled_from([{}, {}, {"openClose": "C"}]),
)
keys = st.builds(OrderKey, st.integers(1, 2), st.integers(1, 9))
deeds = st.one_of(
    st.tuples(st.just("place"), keys, tickets),
    st.tuples(st.just("place"), keys, tickets),
    st.tuples(st.just("cancel"), keys),
    st.tuples(st.just("step")),
    st.tuples(st.just("step")),
    st.tuples(st.just("tick"), st.sampled_from([40.0, 95.0, 120.0])),
    st.tuples(st.just("fill"), keys, st.sampled_from([1.0, 5.0, 1e6]), st.just(99.0)),
    st.tuples(st.just("manual"), st.sampled_from([-4.0, 9.0])),
    st.tuples(st.just("lend"), st.sampled_from(["held", "refused", ""])),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("fault"), st.sampled_from(STRIKING)),
    st.tuples(st.just("nightly")),
    st.tuples(st.just("cancel all")),
)  # fmt: skip


def do(stage, deed):
    exchange, operator = stage.exchange, stage.exchange.operator
    match deed:
        case ("place", key, ticket):
            exchange.place(key, ticket)
        case ("cancel", key):
            exchange.cancel(key)
        case ("step",):
            exchange.step()
        case ("tick", at):
            exchange.tick({"A": at})
        case ("fill", key, quantity, at):
            operator.fill(key, quantity, at)
        case ("manual", quantity):
            operator.manual(PAPER, "A", quantity, 100.0)
        case ("lend", how):
            operator.lend("A", how)
        case ("link", up):
            operator.set_link(up=up)
        case ("fault", name):
            exchange.faults.add(Fault(name))
        case ("nightly",):
            operator.restart_nightly(2)
        case _:
            exchange.cancel_all()


def books_agree(stage, bought):
    """What is held is what was bought, as the book, the holdings and the figures say; open orders are the book's."""
    blotter = stage.exchange.blotters[PAPER]
    book = blotter.account.book
    for contract, marked, held in zip(blotter.contracts, book.asset, blotter.outcomes.holdings, strict=True):
        assert marked.qty == held.quantity, contract.symbol
    cash = stage.value("TotalCashValue")
    positions = stage.exchange.positions(PAPER)
    assert math.isclose(stage.value("NetLiquidation"), cash + sum(one.value for one in positions), abs_tol=1e-6)
    numbers = {one.number for one in blotter.living if one.number}
    assert numbers == {order.id for order in book.order[: book.orders] if order.status <= 1 and order.reason >= 0}
    for one in stage.exchange.open_orders():
        assert one.status in {"PendingSubmit", "PreSubmitted", "Submitted"}
        assert 0.0 <= one.filled < one.ticket.quantity
        assert one.remaining == max(0.0, one.ticket.quantity - one.filled)
    for one in stage.exchange.completed():
        assert one.status in {"Filled", "Cancelled", "Inactive"}
        assert one.status != "Filled" or math.isclose(one.filled, bought[one.perm_id])


@settings(max_examples=60)
@given(st.sampled_from([WHOLE, PARTS]), st.lists(deeds, min_size=5, max_size=60))
def test_the_books_agree_whatever_is_sent(bars, many):
    stage = Stage(bars, faults=Faults())
    bought, bases = defaultdict(float), set()
    stage.exchange.telling.note = _noting(stage.exchange.telling.note, bought, bases)
    for deed in many:
        do(stage, deed)
        books_agree(stage, bought)
    ends = defaultdict(list)
    for view in stage.told(OrderView):
        if view.status in {"Filled", "Cancelled"}:
            ends[view.perm_id].append(view.status)
    assert all(len(statuses) == 1 for statuses in ends.values()), "an order ends once"


def _noting(note, bought, bases):
    """Adds up what each order has bought, each execution once whatever its revision."""

    def noted(event):
        if isinstance(event, Execution):
            base = event.exec_id.rpartition(".")[0]
            bought[event.perm_id] += event.quantity if base not in bases else 0.0
            bases.add(base)
        note(event)

    return noted
