# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/classic_book.md: tables against the strategy, the summer of 2007 against the raw files."""

import numpy as np
import pandas as pd
import pytest

from strategies.classic_book import ClassicBook, Reason
from tests.docs.conftest import declared_rows, reason_rows, tables_with

PAGE = "strategies/classic_book.md"


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    assert rows == declared_rows(ClassicBook.Params)


def test_every_reason_is_on_the_page_with_its_words_and_its_rule():
    (rows,) = tables_with(PAGE, "code", "words")
    assert rows == reason_rows(Reason)
    (rules,) = tables_with(PAGE, "rule", "reason")
    assert {row["reason"].strip("`") for row in rules} == {one.name.lower() for one in Reason}


def test_the_summer_of_2007_is_that_of_the_raw_files(real_data):
    """By pandas: betas by covariance, dollars by the hedge of the close before, sigmas of the year before."""
    closes = pd.DataFrame({
        name: pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)["close"]
        for name in ("IWM", "SPY")
    }).dropna()["2000-05-26":]  # fmt: skip
    logs, returns = np.log(closes).diff(), closes.pct_change()
    hedge, book = (
        logs.rolling(n).cov().xs("SPY", level=1)["IWM"] / logs["SPY"].rolling(n).var() for n in (60, 20)
    )  # fmt: skip
    slipped = 100e6 * (returns["IWM"] - hedge.shift(1) * returns["SPY"])
    slippage = slipped.rolling(10).sum()
    sigma = slippage / (slipped.rolling(252).std().shift(10) * np.sqrt(10))
    (rows,) = tables_with(PAGE, "close of", "sigma")
    assert [row["close of"] for row in rows] == [f"{day:%Y-%m-%d}" for day in closes["2007-07-02":"2007-08-31"].index]
    for row in rows:
        day = row["close of"]
        assert row["book beta"] == f"{book[day]:.2f}"
        assert row["hedge beta"] == f"{hedge[day]:.2f}"
        assert float(row["slipped, $"].replace(",", "")) == round(slipped[day])
        assert float(row["in ten sessions, $"].replace(",", "")) == round(slippage[day])
        assert row["sigma"] == f"{sigma[day]:.1f}"
        assert ("slipping" in row["alarm"]) == (sigma[day] <= -2.0)
        assert ("too long" in row["alarm"]) == (book[day] - hedge[day] >= 0.25)
    assert [row["close of"] for row in rows if row["alarm"]] == ["2007-07-24", "2007-07-25"]
    gone, back = slipped["2007-07-11":"2007-08-07"].sum(), slipped["2007-08-08":"2007-08-20"].sum()
    assert back / -gone == pytest.approx(0.8, abs=0.02)  # four fifths
