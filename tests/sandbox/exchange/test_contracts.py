# SPDX-License-Identifier: Apache-2.0
"""What a description finds: shares of the market, and options on them that it names in full."""

import pytest

from engine.sandbox.exchange.contracts import listing
from engine.sandbox.tickets import Contract, HistoryQuery, Notice, OrderKey, Ticket
from engine.sandbox.venue import Refused
from tests.sandbox.stage import FLAT, PAPER, Stage

PUT = Contract(0, "SPY", "OPT", "USD", "SMART", expiry="20240315", strike=400.5, right="PUT")


def stage():
    return Stage({"SPY": [FLAT, FLAT], "IWM": [FLAT, FLAT]})


def test_ids_are_made_of_the_symbol_alone():
    assert listing(["SPY", "IWM"])[0].con_id == listing(["QQQ", "SPY"])[1].con_id
    assert len({one.con_id for one in listing([f"S{number}" for number in range(5_000)])}) == 5_000


def test_an_option_is_known_by_its_particulars():
    market = stage().exchange
    (found,) = market.contracts(PUT)
    assert found.contract.local_symbol == "SPY   240315P00400500"
    assert (found.contract.right, found.contract.multiplier, found.contract.kind) == ("P", "100", "OPT")
    (under,) = market.contracts(Contract(0, "SPY"))
    assert (found.under_con_id, found.under_symbol) == (under.contract.con_id, "SPY")
    assert market.contracts(Contract(found.contract.con_id, "")) == [found]


@pytest.mark.parametrize(
    "changed",
    [{"strike": 0.0}, {"right": ""}, {"expiry": "202403"}, {"symbol": "QQQ"}, {"symbol": ""}, {"multiplier": "10"},
     {"strike": 1e9}, {"currency": "EUR"}],
)  # fmt: skip
def test_half_an_option_is_none(changed):
    wanted = Contract(**{**vars(PUT), **changed})
    assert stage().exchange.contracts(wanted) == []


def test_an_option_has_no_price_and_takes_no_order():
    on = stage()
    contract = on.exchange.contracts(PUT)[0].contract
    assert on.exchange.quote(contract.con_id) is None
    with pytest.raises(Refused, match=r"162: .*SPY   240315P00400500"):
        on.exchange.history(HistoryQuery(contract.con_id, None, 1, "D", "1 day", "TRADES", regular=True))
    on.exchange.place(OrderKey(1, 1), Ticket(PAPER, contract, "BUY", 1, "MKT"))
    assert [one.code for one in on.told(Notice)] == [460]
