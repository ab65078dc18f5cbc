# SPDX-License-Identifier: Apache-2.0
"""Closes that are others than when they were decided on: by a cent, by more, accepted by a person, after a split."""

from dataclasses import replace

import pytest

from engine.errors import DataError, InputError
from engine.paper.decision.bars import Latest
from engine.paper.decision.look import Step
from engine.paper.decision.revised import Revision, accept_closes, accepted_closes, let_stand, revised, revisions

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

from tests.paper.test_session import house, played

__all__ = ["house"]
AT = 1_433_188_800 * 10**9
WORDS = "the close of X at 2015-06-01T20:00 UTC is another one than when it was decided on"


def test_only_what_has_changed_is_a_revision():
    found = revisions(AT, {"X": 100.0, "Y": 50.0}, {"X": 100.01, "Y": 50.0})
    assert found == (Revision("X", AT, 100.0, 100.01),)
    assert revisions(AT, {"X": 100.0}, {"X": 100.0}) == ()
    assert let_stand((), 0.0, {}) == ()


@pytest.mark.parametrize(("now", "tolerance", "stands"), [
    (100.2, 0.003, True), (99.8, 0.003, True), (100.25, 0.0025, True), (100.2501, 0.0025, False),
    (99.7, 0.0025, False), (100.01, 0.0, False), (float("nan"), 0.1, False), (0.0, 0.1, False),
])  # fmt: skip
def test_within_the_tolerance_a_decision_stands_and_beyond_it_does_not(now, tolerance, stands):
    one = Revision("X", AT, 100.0, now)
    if stands:
        assert let_stand([one], tolerance, {}) == (f"{WORDS}: {now!r} in place of 100.0; what was decided stands",)
    else:
        with pytest.raises(DataError, match="is another one than when it was decided on; found") as told:
            let_stand([one], tolerance, {})
        for said in ("`tandem paper accept-prices CONFIG`", "guard the positions by hand", "the strategy's memory"):
            assert said in str(told.value)


def test_what_a_person_accepted_stands_and_no_other_close():
    assert len(let_stand([Revision("X", AT, 100.0, 110.0)], 0.002, {"X": 110.0})) == 1
    for accepted in ({"X": 110.01}, {"Y": 110.0}):
        with pytest.raises(DataError):
            let_stand([Revision("X", AT, 100.0, 110.0)], 0.002, accepted)


def changed(house, by):
    """The bars of the house with the close of its first bar times `by`."""
    bars = house.prepared.market.bars.copy()
    bars["large"]["close"][0] *= by
    return replace(house.prepared, market=replace(house.prepared.market, bars=bars))


def decided_then(house, by, scene):
    """Decide the first bar; then its close is another one, and the next bar is there."""

    async def whole(session, server):
        told = []

        async def heard(kind, symbol, text):
            told.append((kind, symbol, text))

        first = await session.once()
        house.exchange.step_bar()
        session.bars.prepared = changed(house, by)
        session.settings = session.settings.model_copy(update={"compared": 0})
        session.bridge.alerts.send = heard
        return first, await scene(session, server), told

    return played(house, whole)


def test_a_close_that_was_revised_by_a_cent_is_loud_and_the_run_goes_on(house):
    async def scene(session, _):
        return await session.once(), session.bridge.journal.store.read("SELECT text FROM told WHERE code = 0")

    first, (second, kept), told = decided_then(house, 1.0001, scene)
    assert (first.step, second.step) == (Step.DECIDED, Step.DECIDED)
    assert "the close of SPY at 2015-06-01T20:00 UTC is another one than" in second.notices[0]
    assert second.notices[0].endswith("what was decided stands")
    assert [row["text"] for row in kept] == [second.notices[0]]
    assert told == [("data", "", second.notices[0])]


def test_one_beyond_the_tolerance_stops_until_a_person_accepts_it(house):
    async def scene(session, server):
        journal, placed = session.bridge.journal, server.counts["placeOrder"]
        with pytest.raises(DataError, match="accept-prices"):
            await session.once()
        assert server.counts["placeOrder"] == placed
        found = revised(journal, session.bars.latest(house.exchange.now))
        assert [(one.symbol, one.now / one.then) for one in found] == [("SPY", pytest.approx(1.03))]
        accept_closes(journal, found)
        last = journal.last_decision()
        assert accepted_closes(journal, last.decided) == {"SPY": found[0].now}
        assert accepted_closes(journal, last.decided + 1) == {}
        session.bars.prepared = changed(house, 1.04)  # and once more: that one was not accepted
        with pytest.raises(DataError, match="accept-prices"):
            await session.once()
        session.bars.prepared = changed(house, 1.03)
        return await session.once()

    _, report, _ = decided_then(house, 1.03, scene)
    assert (report.step, report.decision.session) == (Step.DECIDED, "2015-06-02")
    assert report.notices[0].endswith("what was decided stands")


def test_what_looks_like_a_split_cannot_be_accepted(journal):
    with pytest.raises(InputError, match="that looks like a split, 1 for 2") as told:
        accept_closes(journal, [Revision("Y", AT, 50.0, 51.0), Revision("X", AT, 100.0, 50.3)])
    assert "guard the positions by hand" in str(told.value)
    assert accepted_closes(journal, AT) == {}
    accept_closes(journal, [])
    assert accepted_closes(journal, AT) == {}


def test_without_a_decision_or_its_bar_there_is_nothing_to_accept(house):
    async def scene(session, _):
        with pytest.raises(InputError, match="nothing has been decided yet"):
            revised(session.bridge.journal, session.bars.latest(house.exchange.now))
        await session.once()
        assert revised(session.bridge.journal, session.bars.latest(house.exchange.now)) == ()
        later = replace(house.prepared, market=house.prepared.market.slice(1, 3))
        for latest in (None, Latest(later, 0)):
            with pytest.raises(DataError, match="the bar of the last decision is not in the data"):
                revised(session.bridge.journal, latest)

    played(house, scene)
