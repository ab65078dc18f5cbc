# SPDX-License-Identifier: Apache-2.0
"""The sample market has the statistics of the real one: same functions, same ranges, both measured here."""

import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from engine.market.sample import sample_frame

FUNDS = ("SPY", "QQQ", "IWM", "KRE", "XLE", "XLY")
PAIRS = ("SPY IWM", "SPY QQQ", "IWM QQQ", "SPY KRE", "IWM KRE", "SPY XLE", "SPY XLY", "QQQ XLE")
SEEDS = (7, 0, 1, 2, 3)
FIRST, LAST = "2000-01-03", "2024-12-31"
YEAR = 252


class Range(NamedTuple):
    """A statistic: the real market's, 2000 to 2024 (IWM from 2000-05, KRE from 2006-06), and what a sample may have."""

    real: float
    low: float
    high: float


RANGES = {
    "volatility SPY": Range(0.194, 0.16, 0.22),
    "volatility QQQ": Range(0.270, 0.22, 0.30),
    "volatility IWM": Range(0.241, 0.20, 0.29),
    "volatility KRE": Range(0.339, 0.28, 0.38),
    "volatility XLE": Range(0.291, 0.26, 0.35),
    "volatility XLY": Range(0.227, 0.19, 0.26),
    "growth SPY": Range(0.077, 0.06, 0.095),
    "growth IWM": Range(0.080, 0.05, 0.105),
    "max drawdown SPY": Range(0.552, 0.33, 0.85),
    "max drawdown IWM": Range(0.586, 0.40, 0.88),
    "excess kurtosis SPY": Range(11.18, 4.0, 26.0),
    "excess kurtosis IWM": Range(5.94, 3.0, 20.0),
    "skewness SPY": Range(-0.26, -1.5, 0.2),
    "skewness IWM": Range(-0.45, -1.2, 0.25),
    "autocorrelation r SPY 1": Range(-0.084, -0.10, 0.06),
    "autocorrelation r IWM 1": Range(-0.065, -0.10, 0.06),
    "autocorrelation abs r SPY 1": Range(0.294, 0.18, 0.42),
    "autocorrelation abs r SPY 10": Range(0.307, 0.12, 0.36),
    "autocorrelation abs r SPY 50": Range(0.134, 0.04, 0.28),
    "autocorrelation abs r IWM 1": Range(0.259, 0.15, 0.40),
    "autocorrelation abs r IWM 10": Range(0.256, 0.11, 0.32),
    "autocorrelation abs r IWM 50": Range(0.106, 0.04, 0.28),
    "correlation SPY IWM": Range(0.889, 0.85, 0.93),
    "correlation SPY QQQ": Range(0.852, 0.78, 0.89),
    "correlation IWM QQQ": Range(0.781, 0.70, 0.83),
    "correlation SPY KRE": Range(0.741, 0.66, 0.78),
    "correlation IWM KRE": Range(0.819, 0.74, 0.84),
    "correlation SPY XLE": Range(0.672, 0.57, 0.72),
    "correlation SPY XLY": Range(0.864, 0.80, 0.90),
    "correlation QQQ XLE": Range(0.430, 0.30, 0.50),
    "correlation 63 SPY IWM lowest": Range(0.498, 0.10, 0.65),
    "beta IWM": Range(1.113, 1.02, 1.28),
    "beta 252 IWM lowest": Range(0.860, 0.65, 0.96),
    "beta 252 IWM mean": Range(1.179, 1.12, 1.22),
    "beta 252 IWM highest": Range(1.664, 1.36, 1.75),
    "volatility IWM/SPY": Range(0.112, 0.10, 0.135),
    "excess kurtosis IWM/SPY": Range(4.22, 2.5, 19.0),
    "autocorrelation abs r IWM/SPY 1": Range(0.225, 0.10, 0.26),
    "dividend yield SPY": Range(0.0180, 0.016, 0.020),
    "dividend yield QQQ": Range(0.0066, 0.006, 0.0073),
    "dividend yield IWM": Range(0.0130, 0.0115, 0.0145),
    "dividend yield KRE": Range(0.0242, 0.022, 0.027),
    "dividend yield XLE": Range(0.0260, 0.0235, 0.0285),
    "dividend yield XLY": Range(0.0116, 0.0105, 0.013),
    "overnight share SPY": Range(0.338, 0.29, 0.40),
    "overnight share QQQ": Range(0.279, 0.27, 0.40),
    "overnight share IWM": Range(0.301, 0.28, 0.40),
    "range to volatility SPY": Range(1.084, 1.04, 1.25),
    "range to volatility IWM": Range(1.172, 1.04, 1.25),
    "volume to abs r SPY": Range(0.398, 0.30, 0.45),
    "volume to abs r IWM": Range(0.268, 0.25, 0.43),
    "VIX mean": Range(19.87, 17.5, 21.0),
    "VIX median": Range(17.84, 15.5, 19.0),
    "VIX standard deviation": Range(8.46, 6.2, 10.8),
    "VIX lowest": Range(9.14, 9.0, 9.5),
    "VIX highest": Range(82.69, 79.0, 95.0),
    "VIX half-life": Range(35.5, 25.0, 45.0),
    "VIX log deviation": Range(0.361, 0.30, 0.41),
    "VIX log autocorrelation 21": Range(0.796, 0.60, 0.82),
    "VIX log autocorrelation 63": Range(0.617, 0.33, 0.68),
    "VIX log change deviation": Range(0.0710, 0.065, 0.082),
    "VIX log change excess kurtosis": Range(6.93, 1.2, 7.5),
    "VIX premium": Range(3.54, 2.2, 3.9),
    "VIX overnight share": Range(0.463, 0.36, 0.50),
    "VIX range": Range(0.0927, 0.080, 0.100),
    "correlation VIX SPY": Range(-0.799, -0.83, -0.63),
    "correlation 63 VIX SPY median": Range(-0.836, -0.86, -0.72),
    "correlation 63 VIX SPY weakest": Range(-0.427, -0.56, 0.15),
    "correlation 63 VIX SPY strongest": Range(-0.976, -0.99, -0.88),
}


def measure(frames: dict[str, pd.DataFrame], returns: dict[str, pd.Series]) -> dict[str, float]:
    """Every statistic of RANGES; `returns` are log total returns."""
    table = pd.DataFrame(returns)
    found: dict[str, float] = {}
    for symbol in FUNDS:
        found |= of_fund(symbol, frames[symbol], table[symbol].dropna())
    found |= {f"correlation {pair}": table[pair[:3]].corr(table[pair[4:]]) for pair in PAIRS}
    found |= of_ratio(table[["SPY", "IWM"]].dropna())
    return found | of_vix(frames["VIX"], table["SPY"])


def of_fund(symbol: str, frame: pd.DataFrame, r: pd.Series) -> dict[str, float]:
    wealth, size = r.cumsum(), r.abs()
    before = frame.close.shift()
    log_volume = np.log(frame.volume.where(frame.volume > 0))
    return {
        f"volatility {symbol}": r.std() * YEAR**0.5,
        f"growth {symbol}": math.expm1(r.mean() * YEAR),
        f"max drawdown {symbol}": -math.expm1((wealth - wealth.cummax()).min()),
        f"excess kurtosis {symbol}": r.kurt(),
        f"skewness {symbol}": r.skew(),
        f"autocorrelation r {symbol} 1": r.autocorr(1),
        **{f"autocorrelation abs r {symbol} {lag}": size.autocorr(lag) for lag in (1, 10, 50)},
        f"dividend yield {symbol}": (frame.dividend.fillna(0) / before).mean() * YEAR,
        f"overnight share {symbol}": np.log(frame.open / before).var() / r.var(),
        f"range to volatility {symbol}": np.log(frame.high / frame.low).mean() / r.std(),
        f"volume to abs r {symbol}": (log_volume - log_volume.rolling(63).mean()).corr(size),
    }


def of_ratio(r: pd.DataFrame) -> dict[str, float]:
    relative = r.IWM - r.SPY
    beta = r.IWM.rolling(YEAR).cov(r.SPY) / r.SPY.rolling(YEAR).var()
    return {
        "beta IWM": r.IWM.cov(r.SPY) / r.SPY.var(),
        "beta 252 IWM lowest": beta.min(),
        "beta 252 IWM mean": beta.mean(),
        "beta 252 IWM highest": beta.max(),
        "correlation 63 SPY IWM lowest": r.IWM.rolling(63).corr(r.SPY).min(),
        "volatility IWM/SPY": relative.std() * YEAR**0.5,
        "excess kurtosis IWM/SPY": relative.kurt(),
        "autocorrelation abs r IWM/SPY 1": relative.abs().autocorr(1),
    }


def of_vix(frame: pd.DataFrame, spy: pd.Series) -> dict[str, float]:
    vix, log_vix = frame.close, np.log(frame.close)
    rolling = vix.diff().rolling(63).corr(spy)
    realised = spy.rolling(21).std() * YEAR**0.5 * 100
    whole = frame.loc["2004":]  # before, Cboe published no open
    return {
        "VIX mean": vix.mean(),
        "VIX median": vix.median(),
        "VIX standard deviation": vix.std(),
        "VIX lowest": vix.min(),
        "VIX highest": vix.max(),
        "VIX half-life": math.log(0.5) / math.log(log_vix.autocorr(1)),
        "VIX log deviation": log_vix.std(),
        "VIX log autocorrelation 21": log_vix.autocorr(21),
        "VIX log autocorrelation 63": log_vix.autocorr(63),
        "VIX log change deviation": log_vix.diff().std(),
        "VIX log change excess kurtosis": log_vix.diff().kurt(),
        "VIX premium": (vix.shift(21) - realised).mean(),
        "VIX overnight share": np.log(whole.open / whole.close.shift()).var() / np.log(whole.close).diff().var(),
        "VIX range": np.log(whole.high / whole.low).mean(),
        "correlation VIX SPY": vix.diff().corr(spy),
        "correlation 63 VIX SPY median": rolling.median(),
        "correlation 63 VIX SPY weakest": rolling.max(),
        "correlation 63 VIX SPY strongest": rolling.min(),
    }


def of_sample(seed: int) -> dict[str, float]:
    frames = {symbol: sample_frame(symbol, seed) for symbol in (*FUNDS, "VIX")}
    returns = {s: np.log((frames[s].close + frames[s].dividend) / frames[s].close.shift()) for s in FUNDS}
    return measure(frames, returns)


def of_real(folder: Path) -> dict[str, float]:
    def read(path: str) -> pd.DataFrame:
        return pd.read_csv(folder / path, parse_dates=["date"], index_col="date").loc[FIRST:LAST]

    frames = {symbol: read(f"daily/{symbol}.csv") for symbol in FUNDS} | {"VIX": read("index/VIX.csv")}
    return measure(frames, {symbol: np.log(frames[symbol].adj_close).diff() for symbol in FUNDS})


def outside(found: dict[str, float]) -> dict[str, float]:
    return {name: found[name] for name, allowed in RANGES.items() if not allowed.low <= found[name] <= allowed.high}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sample_market_lies_within_the_ranges(seed):
    assert outside(of_sample(seed)) == {}


def test_the_real_market_lies_within_the_ranges_and_is_what_the_table_says(real_data):
    found = of_real(real_data)
    assert outside(found) == {}
    assert {name: found[name] for name in RANGES} == pytest.approx(
        {name: allowed.real for name, allowed in RANGES.items()}, rel=0.01, abs=0.001
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_small_caps_are_more_volatile_than_large_caps_and_rvx_than_vix(seed):
    found = of_sample(seed)
    assert found["volatility IWM"] > 1.1 * found["volatility SPY"]
    vix, rvx = (sample_frame(symbol, seed).close for symbol in ("VIX", "RVX"))
    assert (rvx / vix).mean() == pytest.approx(1.23, abs=0.02)
    assert 0.05 < (rvx / vix).std() < 0.12
    assert np.log(rvx).diff().corr(np.log(vix).diff()) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_volume_rises_with_volatility(seed):
    spy, vix = sample_frame("SPY", seed), sample_frame("VIX", seed)
    dollars = spy.volume * spy.close
    wild, calm = vix.close > vix.close.quantile(0.9), vix.close < vix.close.quantile(0.5)
    assert dollars[wild].median() > 1.5 * dollars[calm].median()


def test_the_page_about_the_sample_market_prints_what_is_measured():
    page = (Path(__file__).resolve().parents[2] / "docs" / "sample_market.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) to ([^|]+?) \| ([^|]+?) \|$", page, re.MULTILINE)
    printed = {name: tuple(map(float, numbers)) for name, *numbers in rows}
    seven = of_sample(7)
    assert printed == {
        name: pytest.approx((*allowed, seven[name]), rel=0.005, abs=0.0006) for name, allowed in RANGES.items()
    }
