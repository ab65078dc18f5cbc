# SPDX-License-Identifier: Apache-2.0
"""One client, one symbol: orders in, fills, positions and figures out."""

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.tickets import Commission, Contract, Execution, Notice, OrderKey, Position
from tests.sandbox.stage import FLAT, Stage

RISING = [FLAT, (102.0, 104.0, 97.0, 101.0), (110.0, 112.0, 109.0, 111.0), (111.0, 111.0, 111.0, 111.0)]


def test_a_market_order_fills_at_the_open_of_the_next_bar():
    stage = Stage(RISING)
    key = stage.place(1, "BUY", 100, ref="run-1.a1")
    assert stage.statuses(key) == ["PreSubmitted"], "the session is over"
    assert stage.fills() == []
    stage.exchange.step()
    assert stage.fills() == [(100.0, 102.0)]
    assert stage.statuses(key)[-1] == "Filled"
    (execution,) = stage.told(Execution)
    assert (execution.ref, execution.side, execution.cumulative, execution.time) == (
        "run-1.a1", "BOT", 100.0, stage.exchange.now,
    )  # fmt: skip
    assert stage.exchange.positions(PAPER) == [
        Position(PAPER, stage.contract(), 100.0, 102.0, 101.0, 10_100.0, -100.0, 0.0)
    ]


def test_figures_of_the_account_read_back_to_the_bit():
    stage = Stage([FLAT, (0.1, 0.3, 0.1, 0.3)])
    stage.place(1, "BUY", 3)
    stage.exchange.step()
    cash = 100_000 - 3 * 0.1
    assert stage.value("TotalCashValue") == cash
    assert stage.value("NetLiquidation") == cash + 3 * 0.3
    assert stage.value("GrossPositionValue") == 3 * 0.3
    assert stage.value("InitMarginReq") == 0.5 * (3 * 0.3)
    assert stage.value("AvailableFunds") == cash + 3 * 0.3 - 0.5 * (3 * 0.3)


def test_a_commission_is_part_of_the_average_and_of_what_a_sale_realizes():
    costs = {"commission": [{"from": "2000-01-01", "per_share": 0.01}]}
    free = {"regulatory": "no_fees", "borrow": "no_borrow", "interest": "no_interest", "benchmark": 0.0}
    settings = {"costs": {**free, **costs, "slippage": {"half_spread": 0, "impact": 0}}}
    stage = Stage(RISING, settings=settings)
    stage.place(1, "BUY", 100)
    stage.exchange.step()
    assert stage.exchange.positions(PAPER)[0].average == (102.0 * 100 + 1.0) / 100
    stage.place(2, "SELL", 150)
    stage.exchange.step()
    bought, sold = stage.told(Commission)
    assert (bought.amount, bought.realized) == (1.0, None)
    assert sold.amount == 1.5
    assert sold.realized == 100 * (110.0 - 102.01) - 1.0, "two thirds of its cost closed the position"
    assert stage.exchange.positions(PAPER)[0].average == 110.0 - 0.5 / 50
    assert stage.value("RealizedPnL") == sold.realized


def test_an_order_that_is_taken_back_never_fills():
    stage = Stage(RISING)
    key = stage.place(1, "BUY", 100)
    stage.exchange.cancel(key)
    assert stage.statuses(key) == ["PreSubmitted", "Cancelled"]
    assert [one.code for one in stage.told(Notice)] == [202]
    stage.exchange.step()
    assert stage.fills() == []
    stage.exchange.cancel(key)
    stage.exchange.cancel(OrderKey(1, 99))
    assert [one.code for one in stage.told(Notice)] == [202, 10147, 10147], "yesterday's orders are not known"


def test_what_the_broker_tells_is_of_the_current_day():
    stage = Stage(RISING)
    stage.place(1, "BUY", 100)
    stage.exchange.step()
    assert [one.status for one in stage.exchange.completed()] == ["Filled"]
    assert [one.price for one, _ in stage.exchange.executions()] == [102.0]
    assert stage.exchange.executions()[0][1].amount == 0.0
    stage.exchange.step()
    assert stage.exchange.completed() == []
    assert stage.exchange.executions() == []
    assert stage.exchange.positions(PAPER)[0].quantity == 100.0


def test_a_used_id_is_refused_and_the_next_one_is_told():
    stage = Stage(RISING)
    assert stage.exchange.next_order_id(1) == 1
    stage.place(7, "BUY", 1)
    assert stage.exchange.next_order_id(1) == 8
    assert stage.exchange.next_order_id(2) == 1
    stage.exchange.step()
    stage.place(7, "BUY", 1)
    assert [one.code for one in stage.told(Notice)] == [104]


def test_a_description_finds_its_contract_or_nothing():
    stage = Stage({"SPY": RISING, "IWM": RISING})
    (found,) = stage.exchange.contracts(Contract(0, "IWM"))
    assert stage.exchange.contracts(Contract(found.contract.con_id, "")) == [found]
    assert len(stage.exchange.contracts(Contract(0, "", "", ""))) == 2
    assert stage.exchange.contracts(Contract(0, "QQQ")) == []
    assert stage.exchange.contracts(Contract(0, "IWM", kind="OPT")) == []


def test_the_replay_ends_without_a_word():
    stage = Stage([FLAT, FLAT])
    assert stage.exchange.step()
    assert stage.exchange.over
    assert not stage.exchange.step()


def test_a_living_order_takes_the_numbers_of_a_later_ticket():
    stage = Stage(RISING)
    key = stage.place(1, "BUY", 100, "LMT", limit=90.0, tif="GTC")
    stage.exchange.step()
    assert stage.fills() == []
    stage.place(1, "BUY", 50, "LMT", limit=109.0, tif="GTC")
    assert [one.ticket.limit for one in stage.exchange.open_orders()] == [109.0]
    stage.exchange.step()
    assert stage.fills() == [(50.0, 109.0)]
    assert stage.statuses(key)[-1] == "Filled"


def test_a_bracket_is_sent_by_its_last_order():
    stage = Stage(RISING)
    entry = stage.place(1, "BUY", 100, transmit=False)
    loss = stage.place(2, "SELL", 100, "STP", aux=97.5, parent=1, tif="GTC", transmit=False)
    assert stage.statuses(entry) == ["PendingSubmit"]
    gain = stage.place(3, "SELL", 100, "LMT", limit=120.0, parent=1, tif="GTC")
    stage.exchange.step()
    assert stage.fills() == [(100.0, 102.0), (-100.0, 97.5)]
    assert [stage.statuses(key)[-1] for key in (entry, loss, gain)] == ["Filled", "Filled", "Cancelled"]


def test_fractions_of_a_share_are_whole_steps():
    stage = Stage([FLAT] * 5, settings={"fills": {"participation": None, "whole_shares": False, "step": 0.1}})
    for number, quantity in enumerate((0.1, 0.2)):
        stage.place(number + 1, "BUY", quantity)
        stage.exchange.step()
    assert stage.exchange.positions(PAPER)[0].quantity == 0.3
    key = stage.place(3, "SELL", 0.3, "LMT", limit=200.0, tif="GTC")
    stage.exchange.operator.fill(key, 0.1, 100.0)
    stage.exchange.operator.fill(key, 0.2, 100.0)
    assert stage.exchange.completed()[-1].filled == 0.3
    assert stage.exchange.positions(PAPER) == []
    assert stage.told(Position)[-1].quantity == 0.0


def test_a_position_is_told_again_when_its_value_changes():
    stage = Stage(RISING)
    stage.place(1, "BUY", 100)
    stage.exchange.step()
    stage.exchange.step()
    assert [one.value for one in stage.told(Position)][-1] == 11_100.0
