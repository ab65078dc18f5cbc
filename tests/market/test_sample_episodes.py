# SPDX-License-Identifier: Apache-2.0
"""What the sample market's episodes promise happens, on their dates, whatever the seed."""

import itertools

import numpy as np
import pandas as pd
import pytest

from engine.market.sample import EPISODES, SUPPORT_TESTS, sample_frame, support_level

SEEDS = (7, 0, 1, 2, 3, 4)
BY_NAME = {episode.name: episode for episode in EPISODES}


class Stretch:
    """One episode under one seed: `before` is the close ahead of it."""

    def __init__(self, name, seed):
        self.seed = seed
        self.first, self.last = map(pd.Timestamp, (BY_NAME[name].first, BY_NAME[name].last))

    def closes(self, symbol):
        close = sample_frame(symbol, self.seed).close
        start = close.index.get_loc(self.first)
        return close.iloc[start - 1 : close.index.get_loc(self.last) + 1]

    def move(self, symbol):
        return self.closes(symbol).iloc[-1] / self.closes(symbol).iloc[0] - 1


def test_episodes_are_ordered_do_not_overlap_and_begin_and_end_on_sessions():
    sessions = sample_frame("SPY", 7).index
    for episode in EPISODES:
        assert episode.first <= episode.last
        assert {pd.Timestamp(episode.first), pd.Timestamp(episode.last)} <= set(sessions)
        assert episode.title
        assert episode.summary.endswith(".")
    for earlier, later in itertools.pairwise(EPISODES):
        assert earlier.last < later.first
    assert len(BY_NAME) == len(EPISODES)


@pytest.mark.parametrize("seed", SEEDS, scope="module")
class TestEpisodes:
    def test_vix_decoupling(self, seed):
        here = Stretch("vix_decoupling", seed)
        assert here.move("VIX") > 0.3
        assert here.move("SPY") > 0
        vix, spy = here.closes("VIX").diff(), np.log(here.closes("SPY")).diff()
        assert vix.corr(spy) > -0.55
        whole = sample_frame("VIX", seed).close.diff().corr(np.log(sample_frame("SPY", seed).close).diff())
        assert vix.corr(spy) > whole + 0.2

    def test_quant_deleveraging(self, seed):
        here = Stretch("quant_deleveraging", seed)
        assert here.move("IWM") == pytest.approx(-0.10, abs=0.01)
        assert 2.5 < here.move("IWM") / here.move("SPY") < 3.5
        for symbol in ("VIX", "RVX"):
            assert here.closes(symbol).max() < 1.25 * here.closes(symbol).iloc[0]
            assert here.closes(symbol).iloc[-1] < 1.15 * here.closes(symbol).iloc[0]
        assert here.closes("VIX").max() < 17

    def test_quant_rebound(self, seed):
        fall, back = (Stretch(name, seed).move("IWM") for name in ("quant_deleveraging", "quant_rebound"))
        assert 0.4 < back / -fall < 0.65

    def test_crash(self, seed):
        here = Stretch("crash", seed)
        assert here.move("SPY") == pytest.approx(-0.34, abs=0.01)
        assert here.move("IWM") == pytest.approx(-0.41, abs=0.01)
        assert here.closes("VIX").iloc[0] == pytest.approx(16, abs=0.1)
        assert here.closes("VIX").iloc[-1] == pytest.approx(80, abs=0.1)
        assert np.log(here.closes("SPY")).diff().min() < -0.04

    def test_crash_rebound(self, seed):
        here = Stretch("crash_rebound", seed)
        assert 0.18 < here.move("SPY") < 0.25
        assert here.closes("VIX").iloc[-1] == pytest.approx(27, abs=0.1)

    def test_support_line(self, seed):
        closes, level = Stretch("support_line", seed).closes("IWM").iloc[1:], support_level(seed)
        assert closes.min() >= level - 0.01
        touches = closes.loc[pd.DatetimeIndex(SUPPORT_TESTS)]
        assert len(touches) == 6
        assert (touches < 1.01 * level).all()
        for earlier, later in itertools.pairwise(touches.index):
            assert closes.loc[earlier:later].max() > 1.08 * level
        assert (closes > 1.08 * level).mean() > 0.3

    def test_support_break(self, seed):
        closes, level = Stretch("support_break", seed).closes("IWM").iloc[1:], support_level(seed)
        assert closes.iloc[5] < 0.93 * level
        assert closes.iloc[5:].max() < 0.985 * level
        assert closes.iloc[-1] < 0.90 * level

    def test_small_cap_squeeze(self, seed):
        here = Stretch("small_cap_squeeze", seed)
        assert len(here.closes("IWM")) == 6
        assert (1 + here.move("IWM")) / (1 + here.move("SPY")) - 1 == pytest.approx(0.115, abs=0.01)
        assert here.closes("VIX").max() < 17
        short = sample_frame("SHORT_INTEREST", seed).close
        before, year_ago, after = (
            short.asof(here.first),
            short.asof(pd.Timestamp("2020-12-31")),
            short.asof(pd.Timestamp("2022-01-15")),
        )
        assert before > 1.15 * year_ago
        assert after < 0.75 * before

    def test_the_days_of_an_episode_trade_more_than_the_quarter_before(self, seed):
        volume = sample_frame("IWM", seed).volume
        start = volume.index.get_loc(pd.Timestamp(BY_NAME["crash"].first))
        stop = volume.index.get_loc(pd.Timestamp(BY_NAME["crash"].last)) + 1
        assert volume.iloc[start:stop].median() > 1.5 * volume.iloc[start - 63 : start].median()
