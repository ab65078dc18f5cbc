# SPDX-License-Identifier: Apache-2.0
"""What `ta` does wrong, shown on `ta` itself, and what comes out behind our fences."""

import numpy as np
import pandas as pd
import pytest
from ta.momentum import rsi
from ta.trend import ADXIndicator, DPOIndicator, IchimokuIndicator, PSARIndicator, TRIXIndicator, ichimoku_b
from ta.volatility import AverageTrueRange, BollingerBands, KeltnerChannel

from engine.indicators import by_name, find, names

NAN = np.nan


@pytest.fixture(scope="module")
def bars(market_of):
    small = market_of(120).small
    return {name: getattr(small, name) for name in ("high", "low", "close", "volume")}


def _pandas(bars, *columns):
    return [pd.Series(bars[name]) for name in columns]


def _fenced(name, bars, **params):
    return find(name)(*(bars[column] for column in find(name).inputs), **params)


def _same_from(row, found, theirs):
    assert np.isnan(found[:row]).all()
    np.testing.assert_array_equal(found[row:], theirs.to_numpy()[row:])


def test_zeros_while_atr_and_adx_warm_up(bars):
    high_low_close = _pandas(bars, "high", "low", "close")
    theirs = AverageTrueRange(*high_low_close, window=14).average_true_range()
    assert (theirs[:13] == 0).all()
    _same_from(13, _fenced("ta.average_true_range", bars), theirs)
    adx = ADXIndicator(*high_low_close, window=14)
    for output, first in (("adx", 27), ("adx_pos", 15), ("adx_neg", 15)):
        theirs = getattr(adx, output)()
        assert (theirs[:first] == 0).all()
        _same_from(first, _fenced(f"ta.{output}", bars), theirs)


def test_index_errors_on_short_input(bars):
    short = {name: values[:13] for name, values in bars.items()}
    high_low_close = _pandas(short, "high", "low", "close")
    with pytest.raises(IndexError):
        AverageTrueRange(*high_low_close, window=14)
    with pytest.raises(IndexError):
        ADXIndicator(*high_low_close, window=14)
    for name in ("ta.average_true_range", "ta.adx", "ta.adx_pos"):
        np.testing.assert_array_equal(_fenced(name, short), np.full(13, NAN))


def test_one_missing_bar_poisons_the_rest(bars):
    holed = {name: values.copy() for name, values in bars.items()}
    holed["high"][40] = NAN
    theirs = AverageTrueRange(*_pandas(holed, "high", "low", "close"), window=14).average_true_range()
    assert not theirs[41:].isna().any()  # worse than poison: pandas skips it, and a range without a high passes
    holed["close"] = holed["close"].copy()
    holed["close"][40] = NAN
    adx = ADXIndicator(*_pandas(holed, "high", "low", "close"), window=14).adx()
    assert adx[41:].isna().all()
    found = _fenced("ta.adx", holed)
    assert np.isnan(found[40 : 41 + 27]).all()
    assert np.isfinite(found[41 + 27 :]).all()


def test_part_windows(bars):
    high, low, close = _pandas(bars, "high", "low", "close")
    theirs = KeltnerChannel(high, low, close).keltner_channel_hband()
    assert theirs.notna().all()
    _same_from(19, _fenced("ta.keltner_channel_hband", bars), theirs)
    theirs = ichimoku_b(high, low)
    assert theirs.notna().all()
    _same_from(51, _fenced("ta.ichimoku_b", bars), theirs)
    theirs = BollingerBands(close).bollinger_hband_indicator()
    assert (theirs[:19] == 0).all()
    _same_from(19, _fenced("ta.bollinger_hband_indicator", bars), theirs)


def _looks_ahead(make, bars):
    """Whether an earlier row of a ta output changes with the last close (and high)."""
    bumped = {name: np.append(values[:-1], values[-1] * 3) for name, values in bars.items()}
    before, after = make(bars).to_numpy()[:-1], make(bumped).to_numpy()[:-1]
    return not np.array_equal(before, after, equal_nan=True)


LOOKS_AHEAD = {
    "ichimoku_a, visual": (lambda b: IchimokuIndicator(*_pandas(b, "high", "low"), visual=True).ichimoku_a(), True),
    "ichimoku_b, visual": (lambda b: IchimokuIndicator(*_pandas(b, "high", "low"), visual=True).ichimoku_b(), True),
    "ichimoku_a": (lambda b: IchimokuIndicator(*_pandas(b, "high", "low")).ichimoku_a(), False),
    "dpo of 1 bar": (lambda b: DPOIndicator(*_pandas(b, "close"), window=1).dpo(), True),
    "dpo of 2 bars": (lambda b: DPOIndicator(*_pandas(b, "close"), window=2).dpo(), True),
    "dpo of 3 bars": (lambda b: DPOIndicator(*_pandas(b, "close"), window=3).dpo(), False),
    "trix of 1 bar": (lambda b: TRIXIndicator(*_pandas(b, "close"), window=1).trix(), True),
}


@pytest.mark.parametrize("case", LOOKS_AHEAD)
def test_where_ta_looks_ahead(case, bars):
    make, ahead = LOOKS_AHEAD[case]
    assert _looks_ahead(make, bars) is ahead


def test_trix_of_one_bar_has_no_value_where_ta_shows_the_mean_of_the_future(bars):
    _same_from(1, _fenced("ta.trix", bars, window=1), TRIXIndicator(*_pandas(bars, "close"), window=1).trix())


def test_dpo_of_ta_is_the_causal_variant(bars):
    """It compares the average with the close of window / 2 + 1 bars ago; the centred one would shift the average."""
    close, window = bars["close"], 20
    average = pd.Series(close).rolling(window).mean().to_numpy()
    found = _fenced("ta.dpo", bars, window=window)
    np.testing.assert_allclose(found[19:], close[19 - 11 : -11] - average[19:], rtol=1e-12)


def test_the_first_bar_of_psar_is_no_reversal(bars):
    psar = PSARIndicator(*_pandas(bars, "high", "low", "close"))
    first = max(psar.psar_up_indicator()[2], psar.psar_down_indicator()[2])
    assert first == 1
    for output in ("psar_up_indicator", "psar_down_indicator"):
        _same_from(3, _fenced(f"ta.{output}", bars), getattr(psar, output)())
    _same_from(2, _fenced("ta.psar", bars), psar.psar())


def test_the_rest_is_tas_own_number(bars):
    theirs = rsi(pd.Series(bars["close"]), window=10)
    np.testing.assert_array_equal(by_name("ta.rsi", n=10)(bars["close"]), theirs.to_numpy())


def test_no_output_of_ta_is_zero_while_it_warms_up(market_of, inputs_of, settled):
    market = market_of(150)
    for name in (name for name in names() if name.startswith("ta.")):
        params = settled(name)
        warm_up = find(name).warm_up(**params)
        assert np.isnan(find(name)(*inputs_of(name, market), **params)[:warm_up]).all(), name
