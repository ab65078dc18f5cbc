# SPDX-License-Identifier: Apache-2.0
"""The sample market keeps its contract: sessions, columns, bars that fit together, the same numbers everywhere."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from engine.errors import DataError
from engine.market.leveraged import leveraged_path
from engine.market.sample import sample_frame, sample_series, sample_symbols
from engine.market.sample.hedge_fund import ALPHA, NOISE, WEIGHTS
from engine.market.sample.streams import reverting, stream

FUNDS = ("SPY", "QQQ", "IWM", "KRE", "XLE", "XLY")
INVERSE = {"RWM": -1.0, "TWM": -2.0, "SRTY": -3.0}
PRICES = ["open", "high", "low", "close"]
SEEDS = (7, 0, 123_456_789_012)

LAST_CLOSES = {
    "SPY": 758.51,
    "QQQ": 1214.34,
    "IWM": 249.23,
    "RWM": 41.31,
    "TWM": 64.99,
    "SRTY": 27.03,
    "KRE": 86.19,
    "XLE": 104.51,
    "XLY": 208.0,
    "VIX": 15.46,
    "RVX": 19.13,
    "SHORT_INTEREST": 5.33,
    "TBILL": 4.21,
    "FUND": -2.64,
}

DIGEST = (
    "import hashlib\n"
    "from engine.market.sample import sample_frame, sample_symbols\n"
    "digest = hashlib.sha256()\n"
    "for symbol in sample_symbols():\n"
    "    frame = sample_frame(symbol, 7)\n"
    "    digest.update(frame.index.asi8.tobytes() + frame.to_numpy().tobytes())\n"
    "print(digest.hexdigest())\n"
)


def total_returns(frame):
    return ((frame.close + frame.dividend) * frame.split / frame.close.shift() - 1).to_numpy()[1:]


def test_symbols():
    assert sample_symbols() == (*("SPY", "QQQ", "IWM", "RWM", "TWM", "SRTY", "KRE", "XLE", "XLY"), *sample_series())
    assert sample_series() == ("VIX", "RVX", "SHORT_INTEREST", "TBILL", "FUND")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("symbol", sample_symbols())
class TestEverySymbol:
    def test_shape(self, symbol, seed):
        frame = sample_frame(symbol, seed)
        assert list(frame.columns) == [*PRICES, "volume", "dividend", "split"]
        assert set(map(str, frame.dtypes)) == {"float64"}
        assert isinstance(frame.index, pd.DatetimeIndex)
        assert frame.index.tz is None
        assert frame.index.is_monotonic_increasing
        assert frame.index.is_unique

    def test_bars_fit_together(self, symbol, seed):
        frame = sample_frame(symbol, seed)
        assert np.isfinite(frame[PRICES]).all(axis=None)
        assert (frame.low > 0).all() or symbol == "FUND"  # returns
        assert (frame.high >= frame[["open", "close"]].max(axis=1)).all()
        assert (frame.low <= frame[["open", "close"]].min(axis=1)).all()
        cents = frame[PRICES].to_numpy() * 100
        assert cents == pytest.approx(np.round(cents), abs=1e-6)

    def test_volume_belongs_to_funds_alone(self, symbol, seed):
        volume = sample_frame(symbol, seed).volume
        if symbol in sample_series():
            assert volume.isna().all()
        else:
            assert (volume >= 100).all()
            assert (volume % 100 == 0).all()


@pytest.mark.parametrize("symbol", [symbol for symbol in sample_symbols() if symbol not in ("SHORT_INTEREST", "FUND")])
@pytest.mark.filterwarnings("ignore:Series.values")  # exchange_calendars with pandas 3.1
def test_every_session_of_the_exchange_has_a_bar(symbol):
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start="2000-01-03", end="2024-12-31")
    assert sample_frame(symbol, 7).index.equals(calendar.sessions.as_unit("ns").rename("date"))


@pytest.mark.parametrize("disabled", ["", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"])
def test_the_same_seed_gives_the_same_bytes_in_another_process_and_without_vector_instructions(disabled):
    """Without them numpy's exp and log differ in their last bits, as they do on another machine."""
    setting = {"NPY_DISABLE_CPU_FEATURES": disabled} if disabled else {}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DIGEST],
        env=os.environ | setting,
        check=True,
        capture_output=True,
        text=True,
    )
    digest = hashlib.sha256()
    for symbol in sample_symbols():
        frame = sample_frame(symbol, 7)
        digest.update(frame.index.asi8.tobytes() + frame.to_numpy().tobytes())
    assert run.stdout.strip() == digest.hexdigest()


def test_the_default_market_is_the_one_that_documented_results_were_computed_on():
    """Whoever changes these changes every result on the sample market, and says so in the change log."""
    got = {symbol: float(sample_frame(symbol, 7).close.iloc[-1]) for symbol in sample_symbols()}
    assert got == LAST_CLOSES


def test_other_seeds_give_other_markets():
    closes = [tuple(sample_frame("SPY", seed).close) for seed in (1, 2, 3)]
    assert len(set(closes)) == 3


def test_the_caller_may_change_the_frame():
    mine = sample_frame("SPY", 7)
    mine.loc[:, "close"] = 0.0
    mine.iloc[0] = 1.0
    assert (sample_frame("SPY", 7).close > 50).all()


def test_generating_leaves_numpys_global_generator_alone():
    np.random.seed(3)  # noqa: NPY002
    wanted = np.random.random(3)  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    sample_frame("SPY", 991)
    assert np.random.random(3).tolist() == wanted.tolist()  # noqa: NPY002


def test_importing_the_package_does_not_import_pandas():
    program = "import sys, engine.market.sample, engine.market.leveraged; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_symbol_is_told_the_nearest():
    with pytest.raises(DataError) as error:
        sample_frame("IWN", 7)
    assert error.value.problems[0].nearest == "IWM"
    assert "SHORT_INTEREST" in error.value.problems[0].allowed


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7"])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(DataError, match=r"data\.seed"):
        sample_frame("SPY", seed)


class TestDividends:
    @pytest.mark.parametrize("symbol", FUNDS)
    def test_four_a_year(self, symbol):
        frame = sample_frame(symbol, 7)
        paid = frame.dividend[frame.dividend > 0]
        assert paid.groupby(paid.index.year).count().tolist() == [4] * 25
        assert set(paid.index.month) == {3, 6, 9, 12}
        assert (frame.split == 1).all()

    def test_the_price_opens_without_the_dividend(self):
        frames = {symbol: sample_frame(symbol, 7) for symbol in FUNDS}
        gaps, kept = [], []
        for frame in frames.values():
            before = frame.close.shift()
            ex = frame.dividend > 0
            gaps += list(((frame.open + frame.dividend) / before - 1)[ex])
            kept += list((frame.dividend / before)[ex])
        assert abs(np.mean(gaps)) < 0.0015
        assert np.mean(kept) > 0.0035


class TestInverseFunds:
    @pytest.mark.parametrize("seed", SEEDS)
    @pytest.mark.parametrize("symbol", INVERSE)
    def test_they_follow_the_published_model_on_the_published_index(self, symbol, seed):
        fund, bill = sample_frame(symbol, seed), sample_frame("TBILL", seed).close.to_numpy() / 100
        wanted = leveraged_path(total_returns(sample_frame("IWM", seed)), INVERSE[symbol], bill[:-1], 0.0095)
        ticks = 0.011 * (1 + fund.split) / fund.close.shift()
        assert (np.abs(total_returns(fund) - wanted) <= ticks.to_numpy()[1:]).all()

    @pytest.mark.parametrize("symbol", INVERSE)
    def test_prices_never_become_absurd(self, symbol):
        for seed in SEEDS:
            fund = sample_frame(symbol, seed)
            assert fund.low.min() > 2
            assert fund.high.max() < 500

    def test_shares_are_merged_on_the_first_session_of_a_month(self):
        fund = sample_frame("SRTY", 7)
        splits = fund.split[fund.split != 1]
        assert set(splits) == {0.25, 2.0} or set(splits) == {0.25}
        assert len(splits) > 5
        first = ~fund.index.to_series().dt.to_period("M").duplicated()
        assert first[splits.index].all()
        around = fund.close.shift()[splits.index] / splits
        assert (fund.open[splits.index] / around).between(0.7, 1.4).all()

    def test_they_pay_out_interest_only_when_there_is_some(self):
        fund, bill = sample_frame("RWM", 7), sample_frame("TBILL", 7).close
        paid = fund.dividend > 0
        assert (bill.shift()[paid] > 0.95).all()
        assert 20 < paid.sum() < 90


class TestSeries:
    def test_bill_is_a_rate(self):
        bill = sample_frame("TBILL", 7)
        assert bill.close.between(0.01, 7).all()
        assert (bill.open == bill.close).all()
        assert 1.0 < bill.close.mean() < 3.0
        assert bill.close.diff().abs().max() < 0.5

    @pytest.mark.parametrize("seed", SEEDS)
    def test_short_interest_is_published_twice_a_month(self, seed):
        short = sample_frame("SHORT_INTEREST", seed)
        assert short.index.isin(sample_frame("SPY", seed).index).all()
        assert short.groupby(short.index.year).size().iloc[1:].between(23, 25).all()
        assert np.diff(short.index).max() <= np.timedelta64(25, "D")
        assert short.close.between(2, 14).all()
        assert 4 < short.close.mean() < 5.5

    def test_short_interest_of_a_settlement_date_is_known_seven_sessions_later(self):
        short = sample_frame("SHORT_INTEREST", 7)
        # counted on 2024-07-15 and 2024-07-31
        assert list(short.loc["2024-07-20":"2024-08-12"].index.strftime("%m-%d")) == ["07-24", "08-09"]


class TestStreams:
    def test_a_part_has_numbers_of_its_own(self):
        assert stream(7, "a").random(3).tolist() == stream(7, "a").random(3).tolist()
        assert stream(7, "a").random() != stream(7, "b").random()
        assert stream(7, "a").random() != stream(8, "a").random()

    def test_a_reverting_path_has_fixed_moments_and_its_half_life(self):
        paths = [reverting(stream(seed, "x"), 20.0, 20_000) for seed in range(3)]
        for path in paths:
            assert path.mean() == pytest.approx(0, abs=1e-12)
            assert path.std() == pytest.approx(1)
            assert np.corrcoef(path[:-20], path[20:])[0, 1] == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fund_holds_the_book_it_is_said_to_hold(seed):
    """What is left of its returns after bills and its book is the alpha and noise that are independent of both."""
    sessions = sample_frame("SPY", seed).index
    ends = sessions[np.append(sessions.month[1:] != sessions.month[:-1], True)]
    rate = sample_frame("TBILL", seed).close.to_numpy()[:-1] / 100
    accrued = pd.Series(np.cumsum(np.append(0.0, rate * np.diff(sessions.asi8) / (365 * 86_400e9))), sessions)
    bill = accrued[ends].diff().iloc[1:]
    excess = {}
    for symbol in WEIGHTS:
        worth = pd.Series(np.cumprod(np.append(1.0, 1 + total_returns(sample_frame(symbol, seed)))), sessions)
        excess[symbol] = worth[ends].pct_change().iloc[1:] - bill
    fund = sample_frame("FUND", seed).close / 100
    assert fund.index.equals(ends[1:].rename("date"))
    rest = fund - bill - sum(weight * excess[symbol] for symbol, weight in WEIGHTS.items())
    assert rest.std() == pytest.approx(NOISE, rel=0.15)
    assert rest.mean() == pytest.approx(ALPHA, abs=3 * NOISE / np.sqrt(len(rest)))
    assert all(abs(rest.corr(returns)) < 0.15 for returns in excess.values())
