# SPDX-License-Identifier: Apache-2.0
"""What is committed stays, once and for ever; what cannot be told apart is refused."""

import sqlite3

import pytest

from engine.errors import InputError
from engine.paper.comparison.evidence import Witness
from engine.paper.comparison.person import resume
from engine.paper.instructions import IntentState
from engine.paper.journal.halts import HaltKind
from engine.paper.journal.journal import Journal
from engine.paper.verdict import Outcome, Verdict
from tests.paper.words import ACCOUNT, CLIENT, NOON, commission, decision, execution, instruction, order, sent, status


@pytest.fixture
def witness(journal):
    return Witness(journal, ACCOUNT, CLIENT)


def kinds(journal):
    return [halt.kind for halt in journal.halts.standing()]


def test_it_is_written_through_to_the_disk(journal):
    assert journal.store.read("PRAGMA journal_mode")[0][0] == "wal"
    assert journal.store.read("PRAGMA synchronous")[0][0] == 2  # FULL


def test_a_decision_comes_back_to_the_bit(journal):
    wanted = decision(instruction("a", 1 / 3, limit=0.1 + 0.2), cancel=["z"], memory='{"x": 0.30000000000000004}')
    assert journal.record(wanted, ())
    assert journal.last_decision() == wanted
    assert journal.intents_of(NOON)[0].instruction == wanted.send[0]


def test_the_same_decision_again_changes_nothing(journal):
    wanted = decision(instruction("a"))
    assert journal.record(wanted, ())
    assert not journal.record(wanted, ())
    assert len(journal.open_intents()) == 1


def test_another_decision_for_the_same_bar_is_refused(journal):
    journal.record(decision(instruction("a")), ())
    with pytest.raises(InputError, match="another decision for this bar"):
        journal.record(decision(instruction("a", 11.0)), ())
    assert journal.intent("a").instruction.quantity == 10.0


def test_a_reference_is_used_once(journal):
    journal.record(decision(instruction("a")), ())
    with pytest.raises(InputError, match="holds order a for another bar"):
        journal.record(decision(instruction("b"), instruction("a"), decided=NOON + 1), ())
    assert journal.intent("b") is None


def test_a_lost_journal_does_not_send_again_what_the_broker_knows(journal, witness):
    witness.take([order(9001, 55, ref="a")])
    with pytest.raises(InputError, match="the broker already knows a of a run of this name"):
        journal.record(decision(instruction("a")), ())
    assert kinds(journal) == [HaltKind.CONTRADICTION]


OLD = "run-202601051500-7.a0"


@pytest.mark.parametrize(("seen", "ref", "refused"), [
    ([order(1, 55, ref=OLD)], "run-202601051500-1.a0", True),
    ([order(1, 55, "Cancelled", ref=OLD)], "run-202601051500-1.a0", True),
    ([execution("e.1.01", 10.0, 1, 55, ref=OLD)], "run-202601051500-1.a0", True),
    ([order(1, 55, ref=OLD)], "run-202601061500-1.a0", True),  # it works beside whatever the next bar sends
    ([order(1, 55, "Cancelled", ref=OLD)], "run-202601061500-1.a0", False),
    ([execution("e.1.01", 10.0, 1, 55, ref=OLD)], "run-202601061500-1.a0", False),
    ([order(1, 55, ref=OLD)], "other-202601051500-1.a0", False),
    ([order(1, 55, ref="a-run-202601051500-7.a0")], "run-202601051500-1.a0", False),
    ([order(1, 55, ref="by hand")], "run-202601051500-1.a0", False),
])  # fmt: skip
def test_a_new_journal_of_a_name_does_not_double_what_the_lost_one_sent(journal, witness, seen, ref, refused):
    witness.take(seen)
    if not refused:
        assert journal.record(decision(instruction(ref)), ())
        return
    with pytest.raises(InputError, match=f"the broker already knows {OLD} of a run of this name"):
        journal.record(decision(instruction(ref)), ())
    assert journal.intent(ref) is None
    assert kinds(journal) == [HaltKind.CONTRADICTION]


def test_a_refused_order_is_dead_before_it_left(journal):
    no = Verdict("a", "order value", Outcome.REFUSE, "too much", {"value": 2.0, "limit": 1.0})
    journal.record(decision(instruction("a")), (no,))
    assert journal.intent("a").state is IntentState.DEAD
    assert journal.assign(["a"], CLIENT, 1) == {}
    assert journal.verdicts("a") == (no,)


def test_ids_are_never_reused(journal, witness):
    first = sent(journal, ("a", 1.0), least=100)
    witness.take([order(9001, 300, ref="manual", client=0)])
    journal.record(decision(instruction("b"), decided=NOON + 1), ())
    assert first == {"a": 100}
    assert journal.assign(["b"], CLIENT, 1) == {"b": 301}, "the broker rolled its own counter back to 1"
    assert journal.assign(["b"], CLIENT, 1) == {}, "an order has one id for ever"


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(InputError, match="another version of Tandem"):
        Journal(path, lambda: NOON)


def test_what_is_no_journal_is_refused(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("no database, but long enough to look at" * 40)
    with pytest.raises(InputError, match="this is no journal"):
        Journal(path, lambda: NOON)


def test_one_process_carries_orders(journal, clock):
    journal.store.lock()
    second = Journal(journal.store.path, clock)
    with pytest.raises(InputError, match="another process carries orders"):
        second.store.lock()
    assert second.ledger.positions() == {}, "it may read"
    second.close()


def test_a_correction_replaces_its_fill(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([execution("x.01.01", 10.0, 9001, 100, "a"), commission("x.01.01", 1.0)])
    witness.take([execution("x.01.02", 10.0, 9001, 100, price=201.0)])
    assert journal.ledger.positions() == {"IWM": 10.0}
    (fill,) = journal.ledger.fills("a")
    assert (fill.revision, fill.price, fill.commission) == (2, 201.0, 1.0)
    assert [fill.base for _, fill in journal.ledger.fills_since(1)] == ["x.01"], "readers hear of it again"


def test_an_unknown_commission_is_none(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([execution("x.01.01", 10.0, 9001, 100, "a")])
    assert journal.ledger.fills("a")[0].commission is None


def test_an_execution_told_in_two_ways_halts_its_symbol(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([execution("x.01.01", 10.0, 9001, 100, "a"), execution("x.01.01", 9.0, 9001, 100, "a")])
    assert kinds(journal) == [HaltKind.CONTRADICTION]
    assert journal.ledger.positions() == {"IWM": 10.0}


def test_more_than_was_ordered_halts(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([execution("x.01.01", 10.0, 9001, 100, "a"), execution("x.02.01", 1.0, 9001, 100, "a")])
    assert kinds(journal) == [HaltKind.OVERFILLED]
    assert journal.ledger.positions() == {"IWM": 11.0}, "the ledger says what is"


def test_what_the_broker_tells_again_does_not_undo_a_persons_word(journal, witness):
    sent(journal, ("a", 10.0))
    told = [execution("x.01.01", 10.0, 9001, 100, "a"), execution("x.02.01", 1.0, 9001, 100, "a")]
    witness.take(told)
    (halt,) = journal.halts.standing()
    assert halt.text.endswith("`tandem paper resume CONFIG IWM`")
    assert resume(journal, "IWM", "kept") == (HaltKind.OVERFILLED,)
    witness.take(told)  # every look of the day brings them again
    assert kinds(journal) == []
    witness.take([execution("x.03.01", 1.0, 9001, 100, "a")])
    assert kinds(journal) == [HaltKind.OVERFILLED], "one share more is another fact"


def test_ids_that_name_two_orders_halt_everything(journal, witness):
    sent(journal, ("a", 10.0), ("b", 5.0))
    witness.take([order(9001, 100, ref="a"), order(9001, 101, ref="b")])
    (halt,) = journal.halts.standing("ANY")
    assert halt.text.endswith("`tandem paper resume CONFIG`")
    assert (halt.kind, halt.symbol) == (HaltKind.CONTRADICTION, "")


def test_an_id_of_another_symbol_is_not_ours(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([execution("x.01.01", -3.0, 9009, 100, symbol="SPY")])
    assert journal.ledger.filled("a") == 0
    assert journal.ledger.positions() == {"SPY": -3.0}
    assert journal.intent("a").state is IntentState.SENT


def test_a_late_status_does_not_revive_what_ended(journal, witness):
    sent(journal, ("a", 10.0))
    witness.take([order(9001, 100, ref="a"), status(9001, 100, "Cancelled"), status(9001, 100, "Submitted")])
    assert journal.intent("a").state is IntentState.DEAD
    assert kinds(journal) == []


def test_evidence_of_another_account_is_left_out(journal, witness):
    witness.take([execution("x.01.01", 10.0, 9001, 0, account="DU7654321")])
    assert journal.ledger.positions() == {}


def test_nothing_of_a_failed_transaction_stays(tmp_path, clock):
    class Stop(Exception):
        pass

    def stop(name):
        if name == "before commit decision":
            raise Stop

    journal = Journal(tmp_path / "j.db", clock, stop)
    with pytest.raises(Stop):
        journal.record(decision(instruction("a")), ())
    assert journal.last_decision() is None
    assert journal.intent("a") is None
    journal.close()
