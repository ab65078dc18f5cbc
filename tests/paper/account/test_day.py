# SPDX-License-Identifier: Apache-2.0
"""The day's loss is that of trading: a deposit hides none, and a withdrawal is none once a person has said so."""

import pytest

from engine.paper.account.day import accept_flow, flow_of, kept_flow, watch_loss
from engine.paper.comparison.person import accept, shown
from engine.paper.journal.halts import HaltKind, Halts
from engine.sandbox.exchange.exchange import PAPER
from tests.paper.sandboxed import LIMITS, desk, written
from tests.paper.words import decision, execution

HOUR = 3600.0
MOST = 0.05

BUYS = """
from engine import Strategy

class Buys(Strategy):
    roles = ("x",)

    class Params:
        pass

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.market(0, 100)
"""


def look(journal, equity, cash):
    with journal.store.write("look") as db:
        watch_loss(db, journal, equity, cash, MOST)


def kinds(journal):
    return [one.kind.value for one in journal.halts.standing()]


def heard(journal, quantity, price, *, base="e", symbol="IWM"):
    from engine.paper.comparison.evidence import Witness
    from tests.paper.words import ACCOUNT, CLIENT

    seen = execution(f"{base}.01", quantity, 5, 0, symbol=symbol, price=price)
    Witness(journal, ACCOUNT, CLIENT).take([seen])


@pytest.mark.parametrize(("equity", "cash", "halts"), [
    (94_900.0, 50_000.0, ["loss"]),
    (95_001.0, 50_000.0, []),
    (104_000.0, 60_000.0, ["loss"]),  # ten thousand came in, and six were lost
    (105_100.0, 60_000.0, []),
    (90_000.0, 40_000.0, ["loss"]),  # ten thousand went out: a loss until somebody says what it is
    (94_900.0, 50_999.0, ["loss"]),  # less than a hundredth is interest, or a dividend
    (95_900.0, 50_999.0, []),
    (96_100.0, 51_000.0, []),
    (95_900.0, 51_000.0, ["loss"]),
])  # fmt: skip
def test_what_counts_as_the_days_loss(journal, equity, cash, halts):
    look(journal, 100_000.0, 50_000.0)
    look(journal, equity, cash)
    assert kinds(journal) == halts


def test_a_withdrawal_is_no_loss_by_a_persons_word_and_what_is_lost_beside_it_is(journal, clock):
    look(journal, 100_000.0, 50_000.0)
    look(journal, 90_000.0, 40_000.0)
    (stands,) = journal.halts.standing()
    assert "10,000.00 dollars of cash went out without a fill: where that was a withdrawal" in stands.text
    assert "`tandem paper accept-cash CONFIG`" in stands.text
    assert kept_flow(journal) == -10_000.0
    assert accept_flow(journal, -10_000.0, 90_000.0, MOST, "rent")
    assert (kinds(journal), kept_flow(journal)) == ([], 0.0)
    look(journal, 85_501.0, 40_000.0)
    assert kinds(journal) == []
    look(journal, 85_499.0, 40_000.0)
    assert kinds(journal) == ["loss"]
    clock.forward(24 * HOUR)
    look(journal, 40_000.0, 10_000.0)
    assert kept_flow(journal) == 0.0


def test_a_loss_beyond_the_withdrawal_stays_a_halt(journal):
    look(journal, 100_000.0, 50_000.0)
    look(journal, 84_000.0, 40_000.0)
    assert not accept_flow(journal, -10_000.0, 84_000.0, MOST, "rent")
    assert kinds(journal) == ["loss"]


def test_what_fills_paid_is_no_flow_and_fresh_ones_are_not_judged(journal, clock):
    look(journal, 100_000.0, 50_000.0)
    heard(journal, 100.0, 200.0)
    assert flow_of(journal, 50_000.0) == 0.0, "the broker's cash may not have it yet"
    clock.forward(299.0)
    assert flow_of(journal, 50_000.0) == 0.0
    clock.forward(1.0)
    assert flow_of(journal, 30_000.0) == 0.0
    assert flow_of(journal, 50_000.0) == 20_000.0
    look(journal, 100_000.0, 40_000.0)
    heard(journal, 10.0, 200.0, base="f")
    assert flow_of(journal, 99_000.0) == 10_000.0, "as at the look before"
    clock.forward(HOUR)
    assert flow_of(journal, 38_000.0) == 10_000.0
    heard(journal, 1.0, 5.0, base="g", symbol="OPT SPY 300")
    clock.forward(HOUR)
    assert flow_of(journal, 99_000.0) == 0.0, "what an option cost is not known here"


def test_a_day_that_begins_beside_a_fill_takes_its_cash_once_it_is_quiet(journal, clock):
    heard(journal, 100.0, 200.0)
    look(journal, 100_000.0, 50_000.0)  # of before the fill
    clock.forward(HOUR)
    look(journal, 100_000.0, 30_000.0)
    assert kept_flow(journal) == 0.0
    look(journal, 100_000.0, 35_000.0)
    assert kept_flow(journal) == 5_000.0


def test_what_a_fill_paid_that_nobody_told_is_no_flow(journal, clock):
    """While the shares differ nothing is known of it; once a person has accepted them cash begins anew."""
    look(journal, 100_000.0, 50_000.0)
    with journal.store.write("differ") as db:
        Halts.add(db, HaltKind.POSITIONS, "IWM", "the broker has sold", clock.ns)
    look(journal, 100_000.0, 60_000.0)
    assert (kept_flow(journal), kinds(journal)) == (0.0, ["positions"])
    differs = {"IWM": (10.0, 0.0)}
    assert accept(journal, shown(journal, differs), differs, "sold") == ()
    look(journal, 100_000.0, 60_000.0)
    look(journal, 100_000.0, 60_000.0)
    assert (kept_flow(journal), kinds(journal)) == (0.0, [])
    look(journal, 100_000.0, 65_000.0)
    assert kept_flow(journal) == 5_000.0


def test_without_cash_nothing_is_called_a_flow(journal):
    look(journal, 100_000.0, None)
    look(journal, 94_000.0, 50_000.0)
    assert kinds(journal) == ["loss"]
    assert flow_of(journal, 90_000.0) == 40_000.0
    assert flow_of(journal, None) == 0.0
    journal.record(decision(), ())


def test_a_deposit_hides_no_loss_from_the_gate(tmp_path):
    """Bought; then a tenth is lost, and as much paid in: the account is worth what it was."""
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

    async def acts(house, session, _):
        bridge = session.bridge
        clock, moved = bridge.journal.clock, [0]
        bridge.journal.clock = lambda: clock() + moved[0]
        await session.once()
        house.exchange.step_bar()
        await bridge.reconcile("fills")
        moved[0] = int(HOUR * 1e9)
        await bridge.reconcile("quiet")
        values, book = bridge.broker.account_values, house.exchange.blotters[PAPER].account.book

        async def told(account):
            seen = await values(account)
            return {**seen, "NetLiquidation": repr(book.equity), "TotalCashValue": repr(book.cash + 100_000.0)}

        bridge.broker.account_values = told
        await bridge.reconcile("paid in")
        (stands,) = bridge.journal.halts.standing()
        assert stands.text.startswith("the account lost 10.")
        assert "(100,000.00 dollars of cash that came in without a fill are not counted)" in stands.text
        facts = await bridge._gatherer.facts(decision(), bridge.account, ["SPY"], asks=False)
        assert facts.equity == pytest.approx(book.equity - 100_000.0)

    limits = LIMITS.model_copy(update={"daily_loss": 0.05})
    desk(tmp_path, written(tmp_path, BUYS), acts, limits=limits)
