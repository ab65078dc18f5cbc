# SPDX-License-Identifier: Apache-2.0
"""Whatever becomes of the broker's messages on their way, the ledger comes out the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.paper.broker.port import Listed
from engine.paper.comparison.evidence import Witness
from engine.paper.instructions import IntentState
from engine.paper.journal.journal import Journal
from engine.paper.orders.missed import is_over
from tests.paper.words import ACCOUNT, CLIENT, Clock, commission, completed, execution, order, quick, sent, status

REFS = ("run-1.a1", "run-2.a1")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "journal.db"
    Journal(path, Clock()).close()
    return path


@st.composite
def histories(draw):
    """What a broker does with two orders of ours and one of somebody else's: messages, and what is true at the end."""
    news, alive, ended, done, truth = [], [], [], [], {}
    for number, ref in enumerate((*REFS, "")):
        perm, order_id = 9001 + number, (100 + number if ref else 0)
        named = {"ref": ref} if ref else {"client": 0}
        parts = draw(st.lists(st.integers(1, 5), max_size=4))
        ends = draw(st.sampled_from(["Filled", "Cancelled", "Submitted"]))
        quantity = sum(parts) + (0 if ends == "Filled" and parts else draw(st.integers(1, 5)))
        side = draw(st.sampled_from([1, -1]))
        whole = {"quantity": float(side * quantity), **named}
        news.append(order(perm, order_id, "PreSubmitted", **whole))
        news.append(order(perm, order_id, **whole))
        for part, shares in enumerate(parts):
            told = draw(st.booleans())  # a client's release once lost the reference
            for revision in range(1, 2 + draw(st.booleans())):
                name = f"0000.{perm}.{part:02d}.{revision:02d}"
                by = {"ref": ref if told else "", "price": 200.0 + revision, **({} if ref else {"client": 0})}
                done.append(execution(name, float(side * shares), perm, order_id, **by))
                news.append(commission(name, revision / 4))
            news.append(status(perm, order_id, "Submitted", float(sum(parts[: part + 1]))))
        full = bool(parts) and sum(parts) == quantity
        if full or ends == "Cancelled":
            word = "Filled" if full else "Cancelled"
            news.append(status(perm, order_id, word, float(sum(parts))))
            ended.append(completed(perm, word, ref, float(sum(parts)), quantity=float(side * quantity)))
        else:
            alive.append(order(perm, order_id, listed=Listed.ALIVE, filled=float(sum(parts)), **whole))
        state = IntentState.FILLED if full else IntentState.DEAD if ends == "Cancelled" else IntentState.WORKING
        truth[ref] = (side * quantity, side * sum(parts), state)
    return news, alive, ended, done, truth


@st.composite
def deliveries(draw, messages, *, lossy):
    """The messages dropped (where that may be), repeated and in another order, cut into reads."""
    order_of = draw(st.permutations(range(len(messages))))
    copies = draw(st.lists(st.integers(0 if lossy else 1, 2), min_size=len(messages), max_size=len(messages)))
    line = [messages[i] for i in order_of for _ in range(copies[i])]
    late = draw(st.integers(0, len(line)))
    line = line[late:] + line[:late]
    cuts = sorted(draw(st.lists(st.integers(0, len(line)), max_size=4)))
    return [line[a:b] for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]


def books(journal):
    fills = [fill for _, fill in journal.ledger.fills_since(0)]
    return (
        sorted((f.base, f.revision, f.ref, f.quantity, f.price, f.commission) for f in fills),
        journal.ledger.positions(),
        {one.ref: one.state for ref in REFS for one in [journal.intent(ref)]},
    )


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_interleaving_gives_the_same_ledger(data, empty):
    news, alive, ended, done, truth = data.draw(histories())
    commissions = [one for one in news if type(one).__name__ == "CommissionSeen"]
    with tempfile.TemporaryDirectory() as folder:
        results = []
        for name, reads in (
            ("in order", [news[:1], done, news[1:]]),
            ("another", data.draw(deliveries([*news, *done], lossy=True))),
        ):
            journal = quick(Path(folder) / name, empty)
            sent(journal, *[(ref, float(truth[ref][0])) for ref in REFS])
            witness = Witness(journal, ACCOUNT, CLIENT)
            for read in reads:
                witness.take(read)
            for _ in range(2):
                witness.take([*alive, *ended, *done, *commissions])  # what a reconcile asks for
            results.append(books(journal))
            assert [halt.kind for halt in journal.halts.standing()] == []
            journal.close()
        assert results[0] == results[1]
        fills, held, states = results[1]
        assert held.get("IWM", 0) == sum(filled for _, filled, _ in truth.values())
        for ref in REFS:
            assert sum(one[3] for one in fills if one[2] == ref) == truth[ref][1]
            assert states[ref] is truth[ref][2]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_without_a_loss_no_reconcile_is_needed_for_the_ledger(data, empty):
    news, _, _, done, truth = data.draw(histories())
    reads = data.draw(deliveries([*news, *done], lossy=False))  # drawn before a journal is open: a draw may give up
    with tempfile.TemporaryDirectory() as folder:
        journal = quick(Path(folder) / "journal.db", empty)
        sent(journal, *[(ref, float(truth[ref][0])) for ref in REFS])
        witness = Witness(journal, ACCOUNT, CLIENT)
        for read in reads:
            witness.take(read)
        assert journal.ledger.positions().get("IWM", 0) == sum(filled for _, filled, _ in truth.values())
        assert {ref: journal.ledger.filled(ref) for ref in REFS} == {ref: truth[ref][1] for ref in REFS}
        journal.close()


@pytest.mark.parametrize("told", [
    (0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (2, 1, 0, 0), (0, 0, 2, 1, 0),
])  # fmt: skip
def test_a_guard_that_shrank_and_filled_whole_owes_nothing(tmp_path, told):
    """The broker shows it with the quantity that it was sent for; what it filled is told beside that."""
    journal = Journal(tmp_path / "journal.db", Clock())
    sent(journal, ("run-1.a1", -212.0))
    witness = Witness(journal, ACCOUNT, CLIENT)
    shown = [
        order(9001, 1, "Filled", quantity=-212.0, ref="run-1.a1"),
        execution("0000.9001.00.01", -75.0, 9001, 1, ref="run-1.a1"),
        status(9001, 1, "Filled", 75.0),
    ]
    for one in told:
        witness.take([shown[one]])
    assert journal.intent("run-1.a1").state is IntentState.DEAD
    assert not is_over(journal, journal.intent("run-1.a1"))
    witness.take([status(9001, 1, "Filled", 90.0)])
    assert journal.intent("run-1.a1").state is IntentState.WORKING, "fills are owed"
    journal.close()
