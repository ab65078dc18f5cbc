# SPDX-License-Identifier: Apache-2.0
"""When a fill was made, as the run folder says it: the open, the close, or the bar in whose range it was."""

import pandas as pd
import pytest

from tests.cli.data_desk import RULE, DataDesk, bars_text, opens, rising, session_days, written

RANGE = [(100.0, 101.0, 99.0), (100.5, 103.0, 100.0), (102.0, 104.0, 97.0), (103.0, 105.0, 102.0)]
"""Open, high, low of four sessions; each closes at its open."""


ORDERS = [
    ("market(0, 100.0)", ("2024-11-29 14:30", "open", 1)),
    ("market_on_close(0, 100.0)", ("2024-11-29 18:00", "close", 1)),
    ("limit(0, 100.0, 98.0)", ("2024-12-02 21:00", "range", 2)),
    ("limit(0, 100.0, 100.5)", ("2024-11-29 14:30", "open", 1)),
    ("stop(0, 100.0, 101.0)", ("2024-11-29 18:00", "range", 1)),
    ("stop(0, 100.0, 100.25)", ("2024-11-29 14:30", "open", 1)),
]


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def daily(desk, first: str) -> None:
    days = pd.DatetimeIndex([pd.Timestamp(day, unit="D") for day in session_days(first, 4)]).strftime("%Y-%m-%d")
    rows = [f"{day},{o},{h},{low},{o},100000" for day, (o, h, low) in zip(days, RANGE, strict=True)]
    desk.write("X.csv", "\n".join(["date,open,high,low,close,volume", *rows]) + "\n")


def told(ran) -> list[tuple[str, str, int]]:
    """(time in UTC, moment, row) of each fill."""
    rows = ran.ok().table("fills")[["ts", "moment", "row"]].to_numpy()
    return [(f"{ts:%Y-%m-%d %H:%M}", moment, row) for ts, moment, row in rows]


class TestDailyBars:
    """Of 2024-11-27, a half day on the 29th, and Monday the 2nd: New York opens at 14:30 UTC, half days close at 18."""

    @pytest.mark.parametrize(("order", "said"), ORDERS, ids=[order for order, _ in ORDERS])
    def test_each_order_says_when(self, desk, order, said):
        daily(desk, "2024-11-27")
        assert told(desk.run(None, order)) == [said]

    @pytest.mark.parametrize(
        ("at", "said"),
        [("this_close", ("2024-11-27 21:00", "close", 0)), ("next_close", ("2024-11-29 18:00", "close", 1))],
    )
    def test_fills_at_the_close(self, desk, at, said):
        daily(desk, "2024-11-27")
        assert told(desk.run(None, fills={"participation": None, "at": at})) == [said]

    def test_summer_time(self, desk):
        daily(desk, "2024-07-03")
        assert told(desk.run(None)) == [("2024-07-05 13:30", "open", 1)]


class TestBothEngines:
    """backtrader's fills carry the same times."""

    @pytest.mark.parametrize(("order", "said"), ORDERS, ids=[order for order, _ in ORDERS])
    def test_of_each_order(self, desk, order, said):
        pytest.importorskip("backtrader")
        daily(desk, "2024-11-27")
        assert told(desk.run(None, order, engine="backtrader")) == [said]


class TestIntradayBars:
    """An open fill carries the start of its bar, where the file stamps opens and where it stamps closes."""

    @pytest.mark.parametrize("stamp", ["open", "close"])
    def test_the_start_of_the_bar(self, desk, stamp):
        index = opens("2024-03-06", 2, 30) + pd.Timedelta(minutes=30 * (stamp == "close"))
        desk.write("X.csv", bars_text(written(index, "UTC", "%Y-%m-%dT%H:%M:%SZ"), rising(len(index))))
        assert told(desk.run({"stamp": stamp})) == [("2024-03-06 15:00", "open", 1)]
        desk.write("late.py", RULE.replace("s.n == 0", "s.n == 12").replace("ORDER", "market(0, 100.0)"))
        ran = desk.run({"stamp": stamp}, strategy="late.py")
        assert told(ran) == [("2024-03-07 14:30", "open", 13)]
        assert f"{ran.table('ledger')['ts'].iloc[-1]:%H:%M}" == "15:00"  # an entry carries its bar's close

    def test_a_short_bar_starts_where_the_one_before_ends(self, desk):
        index = opens("2024-03-06", 2, 60)  # the last one of seven lasts half an hour
        desk.write("X.csv", bars_text(written(index, "UTC", "%Y-%m-%dT%H:%M:%SZ"), rising(len(index))))
        desk.write("late.py", RULE.replace("s.n == 0", "s.n == 5").replace("ORDER", "market(0, 100.0)"))
        assert told(desk.run({"stamp": "open"}, strategy="late.py")) == [("2024-03-06 20:30", "open", 6)]

    @pytest.mark.parametrize(
        ("first", "minutes", "ends", "bar", "said"),
        [
            ("2024-03-06", 60, ("10:00", "16:00"), 6, "2024-03-07 14:30"),
            ("2024-07-02", 120, ("11:00", "16:00"), 3, "2024-07-03 13:30"),
            ("2024-03-06", 60, ("10:00", "16:00"), 0, "2024-03-06 15:00"),
        ],
        ids=["hours", "two hours before a half day", "the second bar"],
    )
    def test_a_bar_that_closes_on_the_hour_opens_with_the_session(self, desk, first, minutes, ends, bar, said):
        """Stamps of closes at 10:00, 11:00 and so on: the first bar has lasted half an hour."""
        days = [pd.Timestamp(day, unit="D") for day in session_days(first, 2)]
        closes = [
            stamp
            for day in days
            for stamp in pd.date_range(f"{day:%Y-%m-%d} {ends[0]}", f"{day:%Y-%m-%d} {ends[1]}", freq=f"{minutes}min")
            if not (day == pd.Timestamp("2024-07-03") and stamp.hour > 13)
        ]
        closes += [pd.Timestamp("2024-07-02 16:00")] if minutes == 120 else []
        stamps = sorted(set(closes))
        desk.write("X.csv", bars_text([f"{stamp:%Y-%m-%d %H:%M}" for stamp in stamps], rising(len(stamps))))
        desk.write("late.py", RULE.replace("s.n == 0", f"s.n == {bar}").replace("ORDER", "market(0, 100.0)"))
        ran = desk.run({"stamp": "close", "timezone": "America/New_York"}, strategy="late.py")
        assert told(ran)[0][0] == said


class TestOtherTables:
    def test_round_trips_carry_the_times_of_their_fills(self, desk):
        daily(desk, "2024-11-27")
        ran = desk.run(None, "market(0, 100.0)\n            orders.market_on_close(0, -100.0)")
        trip = ran.ok().table("round_trips").iloc[0]
        assert [f"{trip[name]:%m-%d %H:%M}" for name in ("open_ts", "close_ts")] == ["11-29 14:30", "11-29 18:00"]

    def test_entries_say_when_in_the_bar(self, desk):
        daily(desk, "2024-11-27")
        costs = {"commission": "ibkr_fixed", "interest": "no_interest", "benchmark": 0.0}
        ledger = desk.run(None, "market_on_close(0, 100.0)", costs=costs).ok().table("ledger")
        assert dict(zip(ledger["kind"], ledger["moment"], strict=True)) == {
            "deposit": "night", "fill": "close", "commission": "close",
        }  # fmt: skip

    def test_the_open_of_a_weekly_bar_is_not_known(self, desk):
        days = pd.DatetimeIndex([pd.Timestamp(day, unit="D") for day in session_days("2023-01-06", 100)[::5]])
        desk.write("X.csv", bars_text(list(days.strftime("%Y-%m-%d")), rising(len(days))))
        ts, moment, row = told(desk.run())[0]
        assert (moment, row) == ("open", 1)
        assert ts == f"{days[1]:%Y-%m-%d} 21:00"
