# SPDX-License-Identifier: Apache-2.0
"""Bars beyond the session's hours, and sessions that begin late or end early, through the real command."""

import numpy as np
import pandas as pd
import pytest

from tests.cli.data_desk import FREE, RULE, DataDesk, bars_text, opens, rising, session_days, written

NEW_YORK = "America/New_York"
EXTENDED = {"before": 330, "after": 240}


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def extended(desk, first="2024-03-06", sessions=3, minutes=30, **hours) -> pd.Series:
    """X.csv from 04:00 to 20:00; the price of each bar by the New York time at which it ends."""
    index = opens(first, sessions, minutes, **(hours or EXTENDED))
    prices = rising(len(index), step=0.1)
    desk.write("X.csv", bars_text(written(index, "UTC", "%Y-%m-%dT%H:%M:%SZ"), prices))
    return pd.Series(prices, (index + pd.Timedelta(minutes=minutes)).tz_convert(NEW_YORK))


def fill(ran) -> tuple[float, str]:
    row = ran.ok().table("fills").iloc[0]
    return float(row["price"]), f"{row['ts'].tz_convert(NEW_YORK):%Y-%m-%d %H:%M}"


class TestMarketOnClose:
    """The auction is at the session's close, whatever trades after it."""

    @pytest.mark.parametrize("hours", [None, "regular", "all"])
    def test_fills_in_the_auction(self, desk, hours):
        prices = extended(desk)
        ran = desk.run({"hours": hours} if hours else None, "market_on_close(0, 100.0)")
        assert fill(ran) == (prices[pd.Timestamp("2024-03-06 16:00", tz=NEW_YORK)], "2024-03-06 16:00")
        assert fill(ran)[0] == pytest.approx(102.3)

    def test_on_a_half_day_at_one(self, desk):
        prices = extended(desk, "2024-11-29", 2)
        ran = desk.run({"hours": "all"}, "market_on_close(0, 100.0)")
        assert fill(ran) == (prices[pd.Timestamp("2024-11-29 13:00", tz=NEW_YORK)], "2024-11-29 13:00")

    def test_sent_after_the_close_it_waits_for_the_next_auction(self, desk):
        prices = extended(desk, before=0, after=240)
        rule = RULE.replace("if s.n == 0:", "if bar.ts == 1709762400000000000:  # 17:00 in New York on 2024-03-06")
        desk.write("late.py", rule.replace("ORDER", "market_on_close(0, 100.0)"))
        ran = desk.run({"hours": "all"}, strategy="late.py")
        assert fill(ran) == (prices[pd.Timestamp("2024-03-07 16:00", tz=NEW_YORK)], "2024-03-07 16:00")


class TestWhatIsLeftOut:
    def test_by_default_loudly_with_both_remedies(self, desk):
        extended(desk)
        ran = desk.run().ok()
        assert len(ran.table("features")) == 3 * 13
        assert "! X: 57 of 96 bars lie outside the exchange's regular hours and are left out" in ran.out
        assert "data.hours: all trades them" in ran.out

    def test_as_asked_for_quietly(self, desk):
        extended(desk)
        ran = desk.run({"hours": "regular"}).ok()
        assert len(ran.table("features")) == 3 * 13
        assert "- X: 57 of 96 bars" in ran.out

    def test_all_are_traded_where_that_is_asked_for_and_what_it_means_is_said(self, desk):
        extended(desk)
        ran = desk.run({"hours": "all"}).ok()
        features = ran.table("features")
        assert len(features) == 96
        assert features["clock.last"].sum() == 3
        assert "before the opening auction" in ran.out

    def test_a_dividend_before_the_open_is_not_lost(self, desk):
        index = opens("2024-03-06", 3, 30, **EXTENDED)
        rows = bars_text(written(index, "UTC", "%Y-%m-%dT%H:%M:%SZ"), [100.0] * len(index)).splitlines()
        paid = [f"{row},{'1.5' if n == 32 else '0'}" for n, row in enumerate(rows[1:])]
        desk.write("X.csv", "\n".join([rows[0] + ",dividend", *paid]) + "\n")
        ran = desk.run(costs=FREE | {"dividends": True}).ok()
        assert ran.table("equity")["equity"].iloc[-1] == 100_000 + 150

    def test_regular_hours_say_nothing(self, desk):
        index = opens("2024-11-27", 5, 30)
        desk.write("X.csv", bars_text(written(index, "UTC", "%Y-%m-%dT%H:%M:%SZ"), rising(len(index))))
        ran = desk.run().ok()
        assert "!" not in ran.out
        assert len(ran.table("features")) == len(index)


def cut_session(desk, minutes, first, lacking) -> None:
    """Three sessions, the second without as many bars from its `first` on; before 0 counts from its end."""
    index = opens("2024-03-06", 3, minutes)
    a_day = len(index) // 3
    begins = a_day + first % a_day
    kept = index.delete(slice(begins, begins + lacking))
    desk.write("X.csv", bars_text(written(kept, NEW_YORK), rising(len(kept))))


class TestSessionsThatBeginLate:
    """An order for the open fills in the first bar that there is, and its open is not the session's."""

    @pytest.mark.parametrize(
        ("minutes", "lacking", "says"),
        [
            (5, 6, "2024-03-07 (30 minutes after it)"),
            (30, 1, "2024-03-07 (30 minutes after it)"),
            (1, 11, "2024-03-07 (11 minutes after it)"),
        ],
    )
    def test_are_loud_with_symbol_date_and_remedy(self, desk, minutes, lacking, says):
        cut_session(desk, minutes, 0, lacking)
        ran = desk.run({"timezone": NEW_YORK}).ok()
        assert (
            "! X: the first bar of 1 session begins after the session does, and its open stands for the session's: "
            f"{says}. Complete the file" in ran.out
        )

    @pytest.mark.parametrize(("minutes", "lacking"), [(5, 2), (1, 10)])
    def test_a_thin_open_is_none(self, desk, minutes, lacking):
        cut_session(desk, minutes, 0, lacking)
        assert "begins after" not in desk.run({"timezone": NEW_YORK}).ok().out


class TestSessionsThatEndEarly:
    @pytest.mark.parametrize(
        ("minutes", "lacking", "says"),
        [
            (5, 68, "2024-03-07 (340 minutes before it, 10 of 78 bars)"),
            (30, 1, "2024-03-07 (30 minutes before it, 12 of 13 bars)"),
            (1, 60, "2024-03-07 (60 minutes before it, 330 of 390 bars)"),
        ],
    )
    def test_are_loud_with_symbol_date_and_remedy(self, desk, minutes, lacking, says):
        cut_session(desk, minutes, -lacking, lacking)
        ran = desk.run({"timezone": NEW_YORK}).ok()
        assert (
            "! X: the last bar of 1 session ends before the session does, and its close stands for the session's: "
            f"{says}" in ran.out
        )
        assert "Complete the file" in ran.out

    @pytest.mark.parametrize(("end", "told"), [("2024-03-07", True), ("2024-03-06", False)])
    def test_of_a_session_after_the_run_nothing_is_said(self, desk, end, told):
        cut_session(desk, 30, -1, 1)
        ran = desk.run({"timezone": NEW_YORK}, period={"end": end}).ok()
        assert ("the last bar of 1 session ends before the session does" in ran.out) is told

    def test_a_thin_close_is_no_cut(self, desk):
        cut_session(desk, 5, -1, 1)
        assert "ends before" not in desk.run({"timezone": NEW_YORK}).ok().out

    def test_half_a_session_of_holes_is_told(self, desk):
        index = opens("2024-03-06", 3, 5)
        kept = index.delete(np.arange(80, 150))
        desk.write("X.csv", bars_text(written(kept, NEW_YORK), rising(len(kept))))
        assert (
            "fewer than half of the bars of 1 session are there: 2024-03-07 (8 of 78)"
            in desk.run({"timezone": NEW_YORK}).ok().out
        )

    @pytest.mark.parametrize("gone", [slice(5, 6), slice(10, 262), slice(100, 130)])
    def test_sessions_without_a_bar_are_loud(self, desk, gone):
        days = np.array(session_days("2020-01-02", 300)).astype("M8[D]").astype(str).tolist()
        kept = [day for n, day in enumerate(days) if not gone.start <= n < gone.stop]
        desk.write("X.csv", bars_text(kept, rising(len(kept))))
        ran = desk.run().ok()
        assert f"! {gone.stop - gone.start} of 300 sessions of XNYS have no bar: {days[gone.start]}" in ran.out
