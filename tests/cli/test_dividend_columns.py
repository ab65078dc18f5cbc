# SPDX-License-Identifier: Apache-2.0
"""Dividends under the names that vendors give them, under none, and on another base than the prices."""

import pytest

from tests.cases import Case, days

DATES = days("2022-01-03", 504)
SPLIT = 250
OHLCV = "date,open,high,low,close,volume"


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def bars(case, name, *, before=1.0, paid=0.75, split=1.0, scale=1.0):
    """Prices that fall by a dividend of 0.75 each quarter, and the column `name` with what it says of it.

    Before the split, prices are times `scale` and dividends times `before`.
    """
    lines, price = [], 100.0
    for row, date in enumerate(DATES):
        ex = row > 0 and row % 63 == 0
        price = round(price + (0.11, -0.07, 0.05, -0.04)[row % 4] - 0.75 * ex, 2)
        told, factor = price * (scale if row < SPLIT else 1), before if row < SPLIT else 1.0
        cells = [date, *[f"{told:g}"] * 4, "1000000"]
        lines.append(
            ",".join([*cells, *([f"{paid * factor * ex:g}"] if name else []), f"{split if row == SPLIT else 1:g}"])
        )
    case.bars(lines, ",".join([OHLCV, *([name] if name else []), "split"]))


@pytest.mark.parametrize(
    "name", ["dividend", "Div", "divCash", "Cash Dividend", "Distributions", "Dividends Per Share"]
)
def test_dividends_are_paid_whatever_their_column_is_called(case, name):
    """100,000 are 998 shares of 100.11; seven ex-dates lie in two years of 504 sessions."""
    bars(case, name)
    done = case.run()
    assert done.loud == []
    assert done.document["metrics"]["dividends"] == pytest.approx(998 * 7 * 0.75)


@pytest.mark.parametrize("name", ["", "Ex-Dividend", "Payout"])
def test_without_a_column_of_them_the_run_says_so(case, name):
    bars(case, name)
    done = case.run()
    assert done.document["metrics"]["dividends"] == 0
    *column, none = done.loud if not name else sorted(done.loud, key=lambda text: "no column" in text)
    assert none.startswith("X: no column dividend, so none is paid or owed: bring it, 0 where none is paid; or costs.")
    remedy = [f"X: the column '{name}' is not read; data.columns: {{dividend: {name}}} reads it"] if name else []
    assert column == remedy
    if name:
        read = case.run("--set", f"data.columns={{dividend: {name}}}")
        assert (read.loud, read.document["metrics"]["dividends"]) == ([], pytest.approx(998 * 7 * 0.75))
    assert all("no column" not in text for text in case.run("--set", "costs.dividends=false").loud)


@pytest.mark.parametrize("ratio", [2, 3, 0.5])
@pytest.mark.parametrize("prices", ["split_adjusted", "raw"])
def test_dividends_on_another_base_than_the_prices_are_loud(case, ratio, prices):
    """A split in the middle, that the prices hold and the dividends do not, or the other way round."""
    raw = prices == "raw"
    bars(case, "dividend", split=ratio, scale=ratio if raw else 1, before=1 if raw else ratio)
    (said,) = case.run("--set", f"data.prices={prices}").loud
    times = 1 / ratio if raw else ratio
    assert said.startswith(
        f"X: by the price, dividends before the split of {ratio:g} on {DATES[SPLIT]} are {times:.2g}"
    )
    assert case.run("--set", f"data.prices={prices}", "--set", f"data.confirmed={{X: [{DATES[SPLIT]}]}}").loud == []


@pytest.mark.parametrize("ratio", [2, 3, 0.5])
def test_dividends_on_the_base_of_the_prices_are_silent(case, ratio):
    bars(case, "dividend", split=ratio)
    assert case.run().loud == []
    bars(case, "dividend", split=ratio, scale=ratio, before=ratio)
    assert case.run("--set", "data.prices=raw").loud == []


def test_dividends_in_cents_are_refused_for_what_they_are(case):
    """The price falls by a hundredth of them; nothing is said of splits or of adjusted prices."""
    bars(case, "dividend", paid=75)
    done = case.run()
    assert done.refused
    assert f"the price does not fall by the dividend ({DATES[63]})" in done.said
    assert "cash a share, in the currency and on the base of the prices: neither cents nor a yield" in done.said
    assert "split" not in done.said


def test_dividends_that_are_yields_are_loud(case):
    bars(case, "dividend", paid=0.0075)
    (said,) = case.run().loud
    assert said.startswith("X: no dividend is above 0.01% of the price, as where a yield stands for it")
