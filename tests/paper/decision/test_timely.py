# SPDX-License-Identifier: Apache-2.0
"""Whether the data are there: late bars, a clock that is behind, series without a value, what is loud."""

import datetime as dt
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from engine.market.calendar import exchange
from engine.market.doubts import Doubt
from engine.market.sources.series import as_source
from engine.notice import loud, note
from engine.paper.broker.port import DailyBar
from engine.paper.decision.bars import Latest
from engine.paper.decision.look import UNDECIDED, Step
from engine.paper.decision.timely import clock_words, early_words, in_time, lacking, late_words, loud_words, ripe
from engine.paper.schedule import sessions_within

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

from tests.paper.test_session import house, played

VIX = ("configs/vix_hedge_sample.yaml", ["fills.participation=null"], "2015-06-01")
__all__ = ["house"]


def ns(text):
    return int(dt.datetime.fromisoformat(text).timestamp()) * 10**9


@pytest.fixture
def hedge(tmp_path):
    from tests.paper.sandboxed import Sandboxed

    return Sandboxed(tmp_path, *VIX, 5)


@pytest.mark.parametrize(("now", "late"), [
    ("2015-06-02T13:00+00:00", ""),
    ("2015-06-02T19:59+00:00", ""),
    ("2015-06-02T20:00+00:00", "the last finished session is 2015-06-02"),
    ("2015-06-08T13:00+00:00", "the last finished session is 2015-06-05"),
])  # fmt: skip
def test_a_session_that_has_closed_is_missed(house, now, late):
    words = late_words(Latest(house.prepared, 0), exchange(), "1d", ns(now))
    assert (late in words) if late else not words


HALF_AN_HOUR = 30 * 60 * 10**9


@pytest.mark.parametrize(("now", "early"), [
    ("2015-06-02T19:59+00:00", False),  # of the day before
    ("2015-06-02T20:00+00:00", True),
    ("2015-06-02T20:29+00:00", True),  # also where the data do not have it yet: the one before is too old for orders
    ("2015-06-02T20:30+00:00", False),
    ("2015-11-27T18:05+00:00", True),  # a half day
    ("2015-11-27T21:05+00:00", False),
])  # fmt: skip
def test_a_session_that_has_just_closed_may_not_be_final(house, now, early):
    words = early_words(Latest(house.prepared, 0), exchange(), ns(now), HALF_AN_HOUR)
    assert bool(words) is early
    assert early_words(Latest(house.prepared, 0), exchange(), ns(now), 0) == ""
    if now.startswith("2015-06-02T20:29"):
        assert words == (
            "the bar that closed at 2015-06-02T20:00 UTC may not be final yet: it is decided from 2015-06-02T20:30 UTC "
            "on, 30 minutes after its close (`paper.decide_after`)"
        )


def test_within_the_day_the_newest_bar_that_is_old_enough_is_decided(house):
    market = replace(house.prepared.market, frequency="30min", bars=house.prepared.market.bars[:3].copy())
    market.bars["ts"] = [ns(f"2015-06-02T{one}+00:00") for one in ("14:00", "14:30", "15:00")]
    latest = Latest(replace(house.prepared, market=market), 2)
    for now, row in (("15:29", 1), ("15:30", 2), ("15:00", 1), ("14:59", 0), ("14:30", 0)):
        assert ripe(latest, ns(f"2015-06-02T{now}+00:00"), HALF_AN_HOUR).row == row
    assert ripe(latest, ns("2015-06-02T14:29+00:00"), HALF_AN_HOUR) is None
    assert early_words(latest, exchange(), ns("2015-06-02T15:29+00:00"), HALF_AN_HOUR)
    assert not early_words(latest, exchange(), ns("2015-06-02T15:30+00:00"), HALF_AN_HOUR)
    daily = Latest(house.prepared, 1)
    assert ripe(daily, daily.stamp, HALF_AN_HOUR) is daily


@pytest.mark.parametrize(("now", "row"), [("15:14", 2), ("15:15", 2), ("15:00", 1), ("15:01", 2), ("14:14", 0)])
def test_a_bar_whose_orders_would_be_too_old_gives_way_to_the_one_that_soon_is_final(house, now, row):
    """Half-hour bars, a quarter of an hour each, orders for half an hour of open market: a start between two."""
    market = replace(house.prepared.market, frequency="30min", bars=house.prepared.market.bars[:3].copy())
    market.bars["ts"] = [ns(f"2015-06-02T{one}+00:00") for one in ("14:00", "14:30", "15:00")]
    moment, calendar = ns(f"2015-06-02T{now}+00:00"), exchange()
    rows = int(np.searchsorted(market.ts, moment, side="right"))
    newest = Latest(replace(house.prepared, market=market.head(rows)), rows - 1)
    spans = partial(sessions_within, calendar)
    assert in_time(newest, moment, HALF_AN_HOUR // 2, spans, 30.0).row == row


@pytest.mark.parametrize("send", [True, False])
def test_a_start_right_after_a_close_sends_nothing_until_its_bar_is_final(house, send):
    house.settings = house.settings.model_copy(update={"decide_after": 30.0})

    async def scene(session, server):
        session.waits, moved = True, [0]
        session.bridge.terms = session.bridge._sender.terms = replace(session.bridge.terms, send=send)
        session.bridge.journal.clock = lambda: house.exchange.now + moved[0]
        early = await session.once()
        assert server.counts["placeOrder"] == 0
        moved[0] = HALF_AN_HOUR - 1
        assert (await session.once()).step is early.step
        moved[0] = HALF_AN_HOUR
        return early, await session.once()

    early, report = played(house, scene)
    words = "the bar that closed at 2015-06-01T20:00 UTC may not be final yet"
    if send:
        assert (early.step, early.step in UNDECIDED, report.step) == (Step.TOO_EARLY, True, Step.DECIDED)
        assert early.why[0].startswith(words)
    else:
        assert (early.step, early.why, report.step) == (Step.JUDGED, (), Step.JUDGED)
        assert early.notices[0].startswith(words)
    assert not any("not be final" in one for one in report.notices)


def test_a_bar_that_was_decided_before_is_not_too_early(house):
    async def scene(session, _):
        first = await session.once()
        session.waits = True
        return first, await session.once()

    assert [one.step for one in played(house, scene)] == [Step.DECIDED, Step.NOTHING_NEW]


@pytest.mark.parametrize(("stamp", "now", "late"), [
    ("2015-06-02T14:30+00:00", "2015-06-02T14:59+00:00", False),
    ("2015-06-02T14:30+00:00", "2015-06-02T15:30+00:00", True),
    ("2015-06-02T15:00+00:00", "2015-06-02T15:45+00:00", False),  # cut on the hour, not from the open on
    ("2015-06-02T15:00+00:00", "2015-06-02T16:00+00:00", True),
    ("2015-06-02T19:30+00:00", "2015-06-02T20:00+00:00", True),  # the last bar ends with the session
    ("2015-06-02T20:00+00:00", "2015-06-03T13:00+00:00", False),
    ("2015-06-02T20:00+00:00", "2015-06-03T14:30+00:00", True),
])  # fmt: skip
def test_a_bar_within_the_day_is_missed(house, stamp, now, late):
    bars = house.prepared.market.bars[:1].copy()
    bars["ts"] = ns(stamp)
    latest = Latest(replace(house.prepared, market=replace(house.prepared.market, bars=bars)), 0)
    words = late_words(latest, exchange(), "60min", ns(now))
    assert bool(words) == late
    assert not late or words.startswith(f"the data end at {stamp[:16]} UTC, the last bar closed at ")


def test_a_clock_that_is_a_day_behind_decides_nothing(house):
    """Also where the bar before has been decided: its word would be that nothing is missing."""
    told = [DailyBar("2015-06-02", 1.0, 1.0, 1.0, 1.0, 1.0)]
    assert clock_words(told, exchange(), ns("2015-06-02T13:31+00:00")) == ""
    assert clock_words([], exchange(), ns("2015-06-02T13:31+00:00")) == ""
    words = clock_words(told, exchange(), ns("2015-06-01T20:16+00:00"))
    assert words == (
        "the broker has a bar of 2015-06-02, and this machine's clock is at 2015-06-01T20:16 UTC: set the clock"
    )

    async def scene(session, _):
        first = await session.once()
        house.exchange.step_bar()
        clock = session.bridge.journal.clock
        session.bridge.journal.clock = lambda: clock() - 24 * 3600 * 10**9
        behind = await session.once()
        session.bridge.journal.clock = clock
        return first, behind, await session.once()

    first, behind, right = played(house, scene)
    assert [one.step for one in (first, behind, right)] == [Step.DECIDED, Step.DATA_DIFFER, Step.DECIDED]
    assert behind.why == (words.replace("20:16", "20:00"),)


def without_vix(hedge, row, **changes):
    """The last value of the VIX, carried into a row, as the market tells it."""
    day = int(hedge.prepared.market.bars["session"][row])
    doubt = Doubt("vix: no value", day, day, "vix", (day,))
    market = replace(hedge.prepared.market, doubts=(doubt,), notices=(loud("vix: no value"), note("no matter")))
    return replace(hedge.prepared, market=replace(market, **changes))


def test_a_series_that_is_late_decides_nothing_until_it_is_there(hedge):
    kept, told = [], []

    async def scene(session, server):
        async def heard(kind, symbol, text):
            told.append((kind, symbol, text))

        session.bridge.alerts.send = heard
        session.bars.prepared = without_vix(hedge, 0)
        found = [await session.once(), await session.once()]
        assert server.counts["placeOrder"] == 0
        assert session.bridge.journal.last_decision() is None
        session.bars.prepared = hedge.prepared
        found.append(await session.once())
        kept.extend(session.bridge.journal.store.read("SELECT text FROM told WHERE code = 0"))
        return found

    found = played(hedge, scene)
    assert [one.step for one in found] == [Step.NO_VALUE, Step.NO_VALUE, Step.DECIDED]
    assert Step.NO_VALUE in UNDECIDED
    assert found[0].why == ("vix (VIX) has no value on 2015-06-01, and the strategy reads it: bring it",)
    assert [one.notices for one in found] == [("vix: no value",), (), ()]
    assert told == [("data", "", "vix: no value")]
    assert [row["text"] for row in kept] == ["vix: no value"]


def test_what_is_loud_is_an_alarm_once_in_a_journal_and_shown_at_every_start(hedge):
    """Of a value that was missing at an earlier bar the decision is made, and says so."""
    told = []

    async def scene(session, _):
        async def heard(kind, symbol, text):
            told.append((kind, symbol, text))

        session.bridge.alerts.send = heard
        session.bars.prepared = without_vix(hedge, 4)
        return await session.once()

    dry = played(hedge, scene, send=False)
    assert (dry.step, dry.notices, told) == (Step.JUDGED, ("vix: no value",), [])
    first, second = played(hedge, scene), played(hedge, scene)
    assert (first.step, second.step) == (Step.DECIDED, Step.NOTHING_NEW)
    assert first.notices == second.notices == ("vix: no value",)
    assert told == [("data", "", "vix: no value")]


def test_a_series_whose_value_has_grown_too_old_is_lacking_unless_bars_may_be_without(hedge):
    bars = hedge.prepared.market.bars.copy()
    bars["vix"][2] = np.nan
    market = replace(hedge.prepared.market, bars=bars)
    prepared = replace(hedge.prepared, market=market)
    assert lacking(Latest(prepared, 1)) == ()
    assert lacking(Latest(prepared, 2)) == (
        "vix (VIX) has no value on 2015-06-03, and the strategy reads it: bring it",
    )
    series = {
        name: as_source(one).model_copy(update={"stale_after": 0}) for name, one in prepared.config.series.items()
    }
    allowed = replace(prepared, config=prepared.config.model_copy(update={"series": series}))
    assert lacking(Latest(allowed, 2)) == ()


def test_an_optional_series_is_done_without(hedge):
    bars = hedge.prepared.market.bars.copy()
    day = int(bars["session"][1])
    doubts = (Doubt("rvx: no value", day, day, "rvx", (day,)),)
    prepared = replace(hedge.prepared, market=replace(hedge.prepared.market, doubts=doubts))
    assert lacking(Latest(prepared, 1)) == ()


def test_what_is_loud_is_said_once(hedge):
    market = replace(hedge.prepared.market, notices=(loud("a"), note("b"), loud("a"), loud("c")))
    assert loud_words(Latest(replace(hedge.prepared, market=market), 0)) == ("a", "c")
