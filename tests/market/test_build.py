# SPDX-License-Identifier: Apache-2.0
"""The panel: roles on their common stamps, series as they were known, splits and dividends where they belong."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.market.align import Values, align, as_of
from engine.market.build import load_market, period_rows
from engine.market.calendar import NS_PER_DAY, exchange
from engine.market.table.adjust import Bars
from engine.model.run import Period, RunConfig, SampleData, SeriesSource
from engine.notice import loud, note


def utc(text):
    return pd.Timestamp(text, tz="UTC").value


def test_the_clock_of_daily_bars(folder):
    market = load_market(folder.config(), (), (), folder.path)
    bars = market.bars[:5]
    assert [str(one) for one in market.sessions[:5]] == [
        *("2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08")
    ]
    assert bars["ts"][0] == utc("2020-01-02 21:00")
    assert bars["days"].tolist() == [0, 1, 3, 1, 1]
    assert bars["last"].tolist() == [1] * 5
    assert (market.frequency, market.calendar, market.prices, market.synthetic) == (
        "1d",
        "XNYS",
        "split_adjusted",
        False,
    )
    assert market.label == f"csv {folder.path}"
    assert market.notices == ()


def test_the_order_of_the_roles_is_the_strategys(folder):
    config = folder.config(roles={"small": "BBB", "large": "AAA"})
    assert load_market(config, (), (), folder.path).roles == ("small", "large")
    market = load_market(config, (), (), folder.path, roles=("large", "small"))
    assert market.symbols == {"large": "AAA", "small": "BBB"}
    assert market.kernel_bars["asset"]["close"][0, 0] == market.large.close[0]
    with pytest.raises(DataError, match=r"roles.middle: the role has no symbol"):
        load_market(config, (), (), folder.path, roles=("large", "middle"))


def test_bars_that_one_role_lacks_are_dropped_and_counted(folder, make_bars):
    folder.write("BBB.csv", make_bars(rows=50, seed=2, first=5).drop(index=[10, 11]))
    market = load_market(folder.config(), (), (), folder.path)
    assert len(market) == 48
    assert market.notices == (
        note("AAA: 5 bars before and 5 after the roles' common span 2020-01-09..2020-03-20 are not used"),
        note("AAA: 2 bars dropped that another role lacks: 2020-01-24, 2020-01-27"),
        loud(
            "2 of 50 sessions of XNYS have no bar: 2020-01-24, 2020-01-27; nothing trades, and nothing is marked, on "
            "them. Complete the files where they lack them"
        ),
    )


def test_a_dividend_on_a_dropped_bar_is_paid_on_the_next_one(folder, make_bars):
    paying = make_bars(seed=1).assign(dividend=0.0)
    paying.loc[[10, 11, 12], "dividend"] = [0.25, 0.5, 0.125]
    folder.write("AAA.csv", paying)
    folder.write("BBB.csv", make_bars(seed=2).drop(index=[10, 11]))
    dividend = load_market(folder.config(), (), (), folder.path).bars["large"]["dividend"]
    assert dividend[10] == 0.25 + 0.5 + 0.125
    assert dividend.sum() == dividend[10]


def test_raw_prices_split_and_the_factor_keeps_them_continuous(folder, make_bars):
    frame = make_bars(seed=1).assign(split=1.0)
    for name in ("open", "high", "low", "close"):
        frame.loc[30:, name] /= 2
    frame.loc[30, "split"] = 2.0
    folder.write("AAA.csv", frame)
    market = load_market(folder.config(data={"prices": "raw"}), (), (), folder.path)
    bars = market.bars["large"]
    assert bars["split"].tolist() == [1.0] * 30 + [2.0] + [1.0] * 29
    assert bars["factor"].tolist() == [1.0] * 30 + [2.0] * 30
    assert bars["close"][30] == frame["close"][30]
    continuous = make_bars(seed=1)
    assert np.allclose(market.large.close, continuous["close"])


def test_splits_in_adjusted_prices_are_not_applied_again(folder, make_bars):
    frame = make_bars(seed=1).assign(split=1.0)
    frame.loc[30, "split"] = 2.0
    folder.write("AAA.csv", frame)
    market = load_market(folder.config(), (), (), folder.path)
    assert (market.bars["large"]["split"] == 1).all()
    assert market.notices == (
        note("AAA: 1 split on record not applied, the prices contain them; costs a share count the shares of the day"),
    )


def test_what_is_doubted_is_loud_where_a_run_can_see_it(folder, make_bars):
    """After the run's last session it is nothing; more than three years before the first, a note; kept in the cache."""
    frame = make_bars(seed=1)
    frame.loc[30:34, ["open", "high", "low", "close"]] = frame.loc[30, "close"]
    folder.write("AAA.csv", frame)

    def said(**period):
        notices = load_market(folder.config(period=Period(**period)), (), (), folder.path).notices
        return [one.level for one in notices if "stand still from 2020-02-14 to 2020-02-21" in one.text]

    assert said() == said() == ["loud"]
    assert said(end=dt.date(2020, 2, 13)) == []
    assert said(start=dt.date(2020, 3, 2)) == ["loud"]
    assert said(start=dt.date(2024, 3, 1)) == ["note"]


def test_total_return_prices_are_scaled_and_pay_no_dividend(folder, make_bars):
    frame = make_bars(seed=1).assign(dividend=0.0)
    frame["adj_close"] = frame["close"] * 0.8
    frame.loc[30, "dividend"] = 0.3
    folder.write("AAA.csv", frame)
    config = folder.config(roles={"large": "AAA"}, data={"prices": "total_return"}, costs={"dividends": False})
    market = load_market(config, (), (), folder.path)
    assert np.allclose(market.large.open, frame["open"] * 0.8)
    assert (market.bars["large"]["dividend"] == 0).all()
    assert market.notices == (
        note("AAA: open, high, low and close scaled by adj_close / close to total return"),
        note("AAA: 1 dividend on record not paid, the prices contain them"),
    )


class TestSeries:
    def load(self, folder, text, bound, **kwargs):
        folder.write("X.csv", text)
        source = SeriesSource(symbol="X", path=str(folder.path / "X.csv"), **bound)
        return load_market(folder.config(series={"x": source}), ("x",), (), folder.path, **kwargs)

    def test_a_value_is_carried_for_as_long_as_it_is_fresh(self, folder):
        market = self.load(folder, "date,v\n2020-01-03,7\n2020-01-14,.\n", {"column": "v", "stale_after": 4})
        expected = [np.nan, 7, 7, 7, np.nan]  # the 3rd is a Friday; the 7th is four days later
        assert np.array_equal(market.x[:5], expected, equal_nan=True)
        assert market.notices == (note("x (X): no value on 57 of 60 bars, 2020-01-02 to 2020-03-27"),)

    def test_per_cent_becomes_a_fraction(self, folder):
        assert self.load(folder, "date,v\n2020-01-02,5\n", {"column": "v", "unit": "percent"}).x[0] == 0.05

    def test_a_value_of_a_day_without_a_session_is_known_at_the_next_one(self, folder):
        market = self.load(folder, "date,v\n2020-01-02,1\n2020-01-04,2\n", {"column": "v"})
        assert market.x[:3].tolist() == [1, 1, 2]

    def test_an_index_is_read_as_it_is(self, folder):
        text = "date,open,high,low,close\n2020-01-02,12,11,13,-1\n"
        assert self.load(folder, text, {}).x[0] == -1

    def test_disorder_is_refused_all_the_same(self, folder):
        with pytest.raises(DataError, match=r"X.csv:3: dates are not in order"):
            self.load(folder, "date,v\n2020-01-03,1\n2020-01-02,2\n", {"column": "v"})

    def test_a_series_of_another_time_is_refused(self, folder):
        with pytest.raises(
            DataError, match=r"series.x: series x has no value on any bar; found X 1999-01-04..1999-01-05"
        ):
            self.load(folder, "date,v\n1999-01-04,1\n1999-01-05,2\n", {"column": "v"})

    def test_a_symbol_of_the_data_source_and_its_column(self, folder, make_bars):
        folder.write("index/VIX.csv", make_bars(seed=3))
        series = {"close": "VIX", "high": SeriesSource(symbol="VIX", column="high")}
        market = load_market(folder.config(series=series), ("close",), (), folder.path)
        assert np.array_equal(market.close, make_bars(seed=3)["close"])
        assert np.array_equal(market.high, make_bars(seed=3)["high"])

    def test_a_column_the_symbol_does_not_have_is_refused(self, folder):
        series = {"x": SeriesSource(symbol="AAA", column="hihg")}
        with pytest.raises(DataError, match=r"series.x.column: AAA has no column hihg.*did you mean 'high'"):
            load_market(folder.config(series=series), ("x",), (), folder.path)

    def test_an_optional_series_is_nan_unless_bound(self, folder):
        market = load_market(folder.config(), (), ("rvx",), folder.path)
        assert market.missing == ("rvx",)
        assert np.isnan(market.rvx).all()
        with pytest.raises(DataError, match=r"no file RVX.csv"):
            load_market(folder.config(series={"rvx": "RVX"}), (), ("rvx",), folder.path)

    def test_intraday_bars_see_the_daily_value_of_the_day_before_until_the_close(self, folder):
        lines = ["datetime_et,open,high,low,close"]
        for day in ("2020-01-02", "2020-01-03"):
            lines += [f"{day} {hour}:30,10,10,10,10" for hour in ("13", "14", "15")]
        folder.write("AAA.csv", "\n".join(lines))
        folder.write("X.csv", "date,v\n2020-01-02,1\n2020-01-03,2\n")
        series = {"x": SeriesSource(symbol="X", path="X.csv", column="v")}
        market = load_market(folder.config(roles={"large": "AAA"}, series=series), (), (), folder.path)
        assert np.array_equal(market.x, [np.nan, np.nan, 1, 1, 1, 2], equal_nan=True)
        assert market.bars["last"].tolist() == [0, 0, 1, 0, 0, 1]
        assert market.bars["days"].tolist() == [0, 0, 0, 1, 0, 0]
        assert market.frequency == "60min"


class TestPeriod:
    def test_rows_of_the_sessions_inside(self, folder):
        market = load_market(folder.config(), (), (), folder.path)
        assert period_rows(market, Period()) == (0, 60)
        start, stop = period_rows(market, Period(start=dt.date(2020, 1, 4), end=dt.date(2020, 1, 8)))
        assert [str(one) for one in market.sessions[start:stop]] == ["2020-01-06", "2020-01-07", "2020-01-08"]

    def test_an_empty_one_says_which_there_are(self, folder):
        market = load_market(folder.config(), (), (), folder.path)
        with pytest.raises(
            DataError, match=r"no bar in the period; found 2021-01-01 to the last bar; allowed: .*2020-03-27"
        ):
            period_rows(market, Period(start=dt.date(2021, 1, 1)))

    def test_one_that_the_bars_do_not_fill_is_pointed_out(self, folder):
        period = Period(start=dt.date(2019, 1, 1), end=dt.date(2020, 6, 1))
        market = load_market(folder.config(period=period), (), (), folder.path)
        assert market.notices == (
            note("the period starts 2019-01-01, the bars 2020-01-02"),
            note("the period ends 2020-06-01, the bars 2020-03-27"),
        )


def test_the_sample_market_loads_with_its_reverse_splits():
    config = RunConfig(name="t", strategy="none", roles={"large": "SPY", "hedge": "SRTY"}, data=SampleData(seed=11))
    market = load_market(config, (), (), None)
    assert market.synthetic
    assert market.label == "synthetic sample market, seed 11"
    assert (market.bars["hedge"]["split"] < 1).any()
    returns = np.diff(np.log(market.hedge.close))
    assert np.abs(returns).max() < 1.0  # a reverse split left in would be 1.39


DAYS = st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True).map(sorted)


@given(DAYS, DAYS, st.integers(0, 10), st.integers(0, 2**32))
def test_as_of_is_the_last_known_fresh_value(bar_days, value_days, stale_after, seed):
    """Against a loop that a person can check."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(len(value_days)) < 0.2, np.nan, rng.random(len(value_days)))
    days, known = np.array(bar_days), np.array(value_days)
    expected = []
    for day in bar_days:
        past = [(d, v) for d, v in zip(value_days, values, strict=True) if d <= day and not np.isnan(v)]
        expected.append(past[-1][1] if past and day - past[-1][0] <= stale_after else np.nan)
    series = Values("X", known * NS_PER_DAY, known, values, stale_after)
    if np.isnan(expected).all():
        with pytest.raises(DataError):
            as_of("x", series, days * NS_PER_DAY, days)
    else:
        assert np.array_equal(as_of("x", series, days * NS_PER_DAY, days)[0], expected, equal_nan=True)


@given(st.integers(0, 2**32))
def test_what_a_holder_gets_does_not_depend_on_the_bars_that_are_dropped(seed):
    """Holding one share through all bars, or through the common ones only, ends in the same shares and cash."""
    rng = np.random.default_rng(seed)
    sessions = exchange().between(18262, 18262 + 60)
    ts = exchange().close_of(sessions)
    kept = np.sort(rng.choice(len(ts), size=rng.integers(2, len(ts)), replace=False))
    values = {name: np.full(len(ts), 10.0) for name in ("open", "high", "low", "close", "volume")}
    values["split"] = rng.choice([1.0, 1.0, 1.0, 2.0, 0.5], len(ts))
    values["dividend"] = rng.choice([0.0, 0.0, 0.25], len(ts))
    some = {name: column[kept] for name, column in values.items()}
    some |= {"split": np.ones(len(kept)), "dividend": np.zeros(len(kept))}
    roles = {"a": Bars("A", "1d", ts, sessions, values), "b": Bars("B", "1d", ts[kept], sessions[kept], some)}
    records, _ = align(roles, {}, (), exchange())

    def hold(split, dividend):
        shares, cash = 1.0, 0.0
        for ratio, paid in zip(split[1:], dividend[1:], strict=True):
            shares *= ratio
            cash += shares * paid
        return shares, cash

    whole = slice(kept[0], kept[-1] + 1)
    expected = hold(values["split"][whole], values["dividend"][whole])
    assert np.allclose(hold(records["a"]["split"], records["a"]["dividend"]), expected)
    assert np.allclose(records["a"]["factor"], np.cumprod(records["a"]["split"]))


def test_real_bars_load_as_they_stand_in_the_files(real_data):
    config = RunConfig(
        name="t",
        strategy="none",
        roles={"large": "SPY", "small": "IWM"},
        series={
            "vix": SeriesSource(symbol="VIX", path="index/VIX.csv"),
            "tbill": SeriesSource(symbol="DTB3", path="rates/DTB3.csv", column="dtb3_pct", unit="percent"),
        },
        data={"source": "csv", "path": "daily"},
    )
    market = load_market(config, ("vix",), ("rvx",), real_data)
    row = int(np.searchsorted(market.sessions, np.datetime64("2020-03-16")))
    assert (str(market.sessions[row]), market.vix[row]) == ("2020-03-16", 82.69)
    crash = int(np.searchsorted(market.sessions, np.datetime64("2020-03-23")))
    assert round(market.large.close[crash], 2) == 222.95
    assert (str(market.sessions[0]), str(market.sessions[-1]), len(market)) == ("2000-05-26", "2026-05-01", 6521)
    assert market.bars["large"]["dividend"].sum() == pytest.approx(99.9797)
    assert market.notices == (
        note("SPY: 101 bars before and 0 after the roles' common span 2000-05-26..2026-05-01 are not used"),
        note("tbill (DTB3): no value on 61 of 6,521 bars, 2026-02-04 to 2026-05-01"),
        loud(
            "IWM: adj_close holds a dividend of 0.1150 on 2003-12-16 that is not on record and not paid; add it to the "
            "file, or data.confirmed: {IWM: [2003-12-16]} where the file is right"
        ),
    )


def test_real_five_minute_bars(real_data):
    config = RunConfig(
        name="t",
        strategy="none",
        roles={"large": "SPY_5m", "small": "IWM_5m"},
        data={"source": "csv", "path": "intraday"},
    )
    market = load_market(config, (), (), real_data)
    assert (market.frequency, len(market)) == ("5min", 4520)
    assert market.bars["ts"][0] == utc("2025-12-23 14:35")
    assert market.bars["last"].sum() == len(np.unique(market.bars["session"])) == 60
    half_day = market.bars["ts"][market.sessions == np.datetime64("2025-12-24")]
    assert half_day[-1] <= utc("2025-12-24 18:00")
