# SPDX-License-Identifier: Apache-2.0
"""What each validator of the Double Agent says, on values worked out by hand, and when short interest is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from strategies.agents.validators import score_of, validators_of
from tests.cases import Case, days, flat
from tests.strategies.double_agent_desk import NAN, params

FIGURES = [8.0, 8.0, 9.0, 9.0, 10.0, 10.0, 9.0, 9.0, 9.0]


def market(**given):
    """Nine bars; sectors have no value."""
    nothing = np.full(len(FIGURES), NAN)
    series = {"short_interest": np.array(FIGURES), "kre": nothing, "xle": nothing, "xly": nothing, **given}
    return SimpleNamespace(missing=(), small=SimpleNamespace(volume=np.full(len(FIGURES), 100.0)), **series)


def said(name, bars=None, **given):
    bars = bars or market()
    windows = {"interest_window": 4, "interest_year": 3, "sector_window": 2}
    values = validators_of(bars, np.full(len(FIGURES), NAN), params(**{**windows, **given}))[name]
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


class TestShortInterest:
    def test_its_level_is_the_share_of_the_values_before_that_it_is_above(self):
        """10 after 8, 8, 9, 9 is above all four; 10 after 8, 9, 9, 10 above three; 9 after 9, 9, 10, 10 above none."""
        assert said("interest_level") == [None, None, None, None, 1.0, 0.75, 0.0, 0.0, 0.0]

    def test_its_change_is_against_so_many_bars_before(self):
        """9 after 8, 10 after 8, 10 after 9, 9 after 9, 9 after 10 twice."""
        assert said("interest_change") == [None, None, None, 0.125, 0.25, 0.1111, 0.0, -0.1, -0.1]

    def test_a_half_for_each_and_all_for_the_one_that_is_known(self):
        """The fourth bar knows a rise and no level."""
        assert said("interest") == [None, None, None, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
        assert said("interest", interest_high=0.75)[5] == 1.0
        assert said("interest", interest_high=0.76)[5] == 0.5  # up on the year, not high
        assert said("interest", interest_rise=0.1111)[5] == 1.0
        assert said("interest", interest_rise=0.1112)[5] == 0.5  # high, not up by enough
        assert said("interest", interest_rise=0.0)[6] == 0.0  # as it was is no rise
        assert said("interest", interest_year=250)[4:] == [1.0, 1.0, 0.0, 0.0, 0.0]  # the level alone
        assert said("interest", interest_year=250, interest_window=250) == [None] * 9

    def test_the_last_publication_alone_as_it_was(self):
        assert said("interest", interest="last") == [None, None, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]

    def test_of_nothing_shorted_no_part_is_a_rise(self):
        figures = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0])
        assert said("interest_change", market(short_interest=figures))[3:] == [None, None, 1.0, 1.0, 0.0, 0.0]


def test_weak_sectors_are_a_share_of_those_that_are_known():
    rising, falling = np.arange(1.0, 10.0), np.arange(9.0, 0.0, -1.0)
    late = np.where(np.arange(9) < 5, NAN, rising)
    assert said("sectors", market(kre=rising, xle=falling, xly=falling)) == [None, *[0.6667] * 8]
    assert said("sectors", market(kre=late, xle=falling, xly=rising))[4:] == [0.5, 0.5, 0.3333, 0.3333, 0.3333]


class TestScore:
    def score(self, **given):
        values = {"interest": 1.0, "sectors": 0.5, "volume": 1.0, "top": 0.0}
        values |= {name: given.pop(name) for name in tuple(given) if name in values}
        weights = {"weigh_volume": 1.0, "weigh_top": 1.0, **given}
        return float(score_of({name: np.array([value]) for name, value in values.items()}, params(**weights))[0])

    def test_is_the_weighted_mean_of_what_is_known(self):
        assert self.score() == pytest.approx(1.5 / 4)
        assert self.score(interest=NAN) == pytest.approx(0.5 / 3)
        assert self.score(weigh_sectors=0.0) == pytest.approx(1.0 / 3)
        assert self.score(weigh_sectors=3.0) == pytest.approx(2.5 / 6)

    def test_volume_counts_from_its_threshold_on(self):
        assert self.score(volume=1.2) - self.score(volume=1.19) == pytest.approx(0.25)
        assert self.score(volume=NAN) == pytest.approx(1.5 / 3)

    def test_short_interest_and_sectors_weigh_alike_and_alone_where_nothing_is_said(self):
        quiet = {"weigh_volume": 0.0, "weigh_top": 0.0}
        assert self.score(**quiet) == pytest.approx(0.75)
        assert self.score(interest=NAN, **quiet) == pytest.approx(0.5)
        assert params().weigh_volume == params().weigh_top == 0.0
        assert params().weigh_interest == params().weigh_sectors == 1.0

    def test_is_not_known_where_nobody_who_is_asked_is(self):
        assert np.isnan(self.score(interest=NAN, sectors=NAN, volume=NAN, top=NAN))
        assert np.isnan(self.score(interest=NAN, weigh_sectors=0.0, weigh_volume=0.0, weigh_top=0.0))

    def test_is_1_where_nobody_is_asked(self):
        assert self.score(weigh_interest=0.0, weigh_sectors=0.0, weigh_volume=0.0, weigh_top=0.0) == 1.0


SETTLED = [("2023-03-15", 8.0), ("2023-03-31", 9.0), ("2023-04-14", 10.0), ("2023-04-28", 9.0)]


def known(tmp_path, lag):
    """Session -> (change over five bars, what short interest says) of a whole run on a file of settlement dates."""
    case = Case(tmp_path)
    dates = days("2023-03-01", 64)
    case.bars(flat(dates))
    case.bars([f"{date},{value}" for date, value in SETTLED], "date,percent", "short.csv")
    text = (tmp_path / "case.yaml").read_text(encoding="utf-8")
    text = text.replace("rule.py", "double_agent:DoubleAgent").replace("{x: X}", "{small: X}")
    case.write("case.yaml", text)
    case.add(f"series: {{short_interest: {{symbol: X, path: short.csv, column: percent, stale_after: 26{lag}}}}}")
    case.add("params: {interest_year: 5}")
    done = case.run()
    assert done.code == 0, done.said
    made = pd.read_parquet(tmp_path / done.document["folder"] / "features.parquet")
    return made.set_index(made["session"].astype(str))[["interest_change", "interest"]], done


def test_short_interest_counts_from_the_close_after_its_publication(tmp_path):
    """FINRA publishes on the evening of the eighth business day: 28 March, 14 and 27 April (Good Friday is no session),
    11 May are the first closes that can know the figures of 15 and 31 March, 14 and 28 April."""
    made, done = known(tmp_path, ", lag: {sessions: 9}")
    change = made["interest_change"]
    assert change[:"2023-04-03"].isna().all()  # five bars after 28 March there are two figures to compare
    assert (change["2023-04-04":"2023-04-13"] == 0.0).all()
    assert change["2023-04-14":"2023-04-20"].tolist() == [0.125] * 5
    assert (change["2023-04-21":"2023-04-26"] == 0.0).all()
    assert change["2023-04-27"] == pytest.approx(1.0 / 9.0)
    assert change["2023-05-10"] == 0.0
    assert change["2023-05-11"] == pytest.approx(-0.1)
    assert made["interest"]["2023-04-13"] == 0.0
    assert made["interest"]["2023-04-14"] == 1.0
    assert not [text for text in done.loud if "settlement" in text]


def test_without_a_lag_it_is_said_loudly(tmp_path):
    made, done = known(tmp_path, "")
    assert made["interest_change"]["2023-03-31"] == 0.125  # two weeks before anybody could know it
    assert [text for text in done.loud if "as settlement dates are" in text]
