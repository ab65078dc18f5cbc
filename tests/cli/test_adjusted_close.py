# SPDX-License-Identifier: Apache-2.0
"""What an adjusted close says of the close beside it, on bars of days and of weeks, through the real command."""

import numpy as np
import pandas as pd
import pytest

from tests.cases import Case
from tests.cli.test_rows import DATES, market

OFF = ("--set", "data.prices=split_adjusted")
PRICES = ["open", "high", "low", "close"]


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def daily():
    """Four years of days that pay 0.75 each quarter, with the adjusted close that a vendor makes of it."""
    frame = pd.DataFrame(market(), columns=[*PRICES, "volume"], index=pd.DatetimeIndex(DATES, name="date"))
    paid = np.where(np.arange(len(frame)) % 63 == 61, 0.75, 0.0)
    frame[PRICES] -= np.cumsum(paid)[:, None]
    frame[PRICES] = frame[PRICES].round(2)
    frame["dividend"] = paid
    factor = np.append((1 - frame["dividend"].to_numpy()[1:] / frame["close"].to_numpy()[:-1]), 1.0)
    frame["adj_close"] = frame["close"] * np.cumprod(factor[::-1])[::-1]
    return frame


def weekly(frame):
    dated = frame.assign(date=frame.index).groupby(frame.index.to_period("W"))
    made = dated.agg(
        {"date": "last", "open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum",
         "dividend": "sum", "adj_close": "last"}
    )  # fmt: skip
    return made.set_index("date")


def run(case, frame):
    case.write("X.csv", frame.to_csv(float_format="%.6f"))
    return case.run(*OFF)


@pytest.mark.parametrize("columns", [[], ["adj_close"]], ids=["with it", "without it"])
@pytest.mark.parametrize("made", [daily, lambda: weekly(daily())], ids=["days", "weeks"])
def test_sound_files_are_silent(case, made, columns):
    """A dividend within a week falls on no bar's open, and was taken off a close that no bar of a week has."""
    done = run(case, made().drop(columns=columns))
    assert (done.code, done.loud) == (0, []), done.said


@pytest.mark.parametrize("step", [0.97, 1.01, 1.03])
def test_a_close_on_another_base_from_a_day_on_is_loud(case, step):
    frame = daily()
    frame.loc[frame.index[300] :, PRICES] *= step
    (said,) = run(case, frame).loud
    moved = f"on {DATES[300]} the close moves by {step - 1:+.1%} against adj_close"
    assert said.startswith(f"X: {moved}, which no dividend on record makes it do")


@pytest.mark.parametrize("keep", [5, 10])
def test_rows_that_are_left_out_lose_their_dividends_loudly(case, keep):
    said = run(case, daily().iloc[1::keep]).loud
    assert any("that is not on record and not paid" in text or "against adj_close" in text for text in said), said
