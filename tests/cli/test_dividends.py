# SPDX-License-Identifier: Apache-2.0
"""Dividends that a file holds twice, or in its adjusted close alone: paid once, or refused with both remedies."""

import pytest

from tests.cases import Case, days

DATES = days("2022-01-03", 504)
YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume"
EVERY = 63
PAID = 0.75


def closes():
    """Cents a share that rise and fall, and fall by the dividend on each ex-date."""
    made, price = [], 100.0
    for row in range(len(DATES)):
        price += (0.11, -0.07, 0.05, -0.04)[row % 4] - (PAID if row and row % EVERY == 0 else 0.0)
        made.append(round(price, 2))
    return made


def adjusted(prices):
    """As Yahoo adjusts: what lies before an ex-date is multiplied by 1 - dividend / close before."""
    factor, made = 1.0, []
    for row in range(len(prices) - 1, -1, -1):
        made.append(prices[row] * factor)
        if row and row % EVERY == 0:
            factor *= 1.0 - PAID / prices[row - 1]
    return made[::-1]


EX = [row for row in range(1, len(DATES)) if row % EVERY == 0]
PRICES = closes()


def worth(paid):
    """100,000 held in whole shares from the second open on, with `paid` a share in cash on each ex-date."""
    shares = 100_000 // PRICES[0]
    return round(100_000 - shares * PRICES[1] + shares * (PRICES[-1] + paid * len(EX)), 2)


def rows(prices, *, adjusted_close=None, dividend=None, digits=6):
    """Bars whose open, high and low are the close."""
    for row, (date, price) in enumerate(zip(DATES, prices, strict=True)):
        cells = [date, *[f"{price:.6f}"] * 4]
        cells += [] if adjusted_close is None else [f"{adjusted_close[row]:.{digits}f}"]
        cells += ["1000000"]
        cells += [] if dividend is None else [str(dividend if row in EX else 0.0)]
        yield ",".join(cells)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def test_the_dividends_of_an_adjusted_close_are_paid(case):
    case.bars(rows(PRICES, adjusted_close=adjusted(PRICES)), YAHOO)
    done = case.run()
    assert done.equity == pytest.approx(worth(PAID), abs=5.0)  # 999 shares, seven times, to the tenth of a cent
    assert worth(PAID) - worth(0) == pytest.approx(0.75 * 7 * 998)
    assert done.loud == []
    assert (
        f"X: 7 dividends from {DATES[EX[0]]} to {DATES[EX[-1]]} taken from adj_close, which tells them to the cent"
        in done.said
    )


def test_a_column_of_zeros_beside_an_adjusted_close_is_no_record_of_dividends(case):
    case.bars(rows(PRICES, adjusted_close=adjusted(PRICES), dividend=0.0), f"{YAHOO},Dividends")
    assert case.run().equity == pytest.approx(worth(PAID), abs=5.0)


def test_an_adjusted_close_in_cents_is_refused_with_both_remedies(case):
    low = [price / 40 for price in adjusted(PRICES)]  # a cent is a great part of it
    case.bars(rows(PRICES, adjusted_close=low, digits=2), YAHOO)
    done = case.run()
    assert done.refused
    assert "adj_close holds dividends that no column gives, and does not tell them to the cent" in done.said
    assert "a column dividend; or data.prices: total_return with costs.dividends: false" in done.said
    remedy = case.run("--set", "data.prices=total_return", "--set", "costs.dividends=false")
    assert remedy.code == 0


def test_dividends_on_record_stay_as_they_are(case):
    case.bars(rows(PRICES, adjusted_close=adjusted(PRICES), dividend=PAID), f"{YAHOO},Dividends")
    done = case.run()
    assert (done.equity, done.loud) == (worth(PAID), [])


def test_one_dividend_that_only_the_adjusted_close_knows_is_loud(case):
    lines = list(rows(PRICES, adjusted_close=adjusted(PRICES), dividend=PAID))
    lines[EX[3]] = lines[EX[3]].rsplit(",", 1)[0] + ",0.0"
    case.bars(lines, f"{YAHOO},Dividends")
    (said,) = case.run().loud
    assert said.startswith(f"X: adj_close holds a dividend of 0.7500 on {DATES[EX[3]]} that is not on record")


def test_a_dividend_ten_times_too_high_is_loud(case):
    lines = list(rows(PRICES, adjusted_close=adjusted(PRICES), dividend=PAID))
    lines[EX[3]] = lines[EX[3]].rsplit(",", 1)[0] + ",7.5"
    case.bars(lines, f"{YAHOO},Dividends")
    done = case.run()
    assert f"X: a dividend of 7.5 on {DATES[EX[3]]}, where adj_close says 0.7500" in done.said
    assert done.loud[0].startswith(f"X: a dividend of 7.5 on {DATES[EX[3]]} is over five times those around it")


def test_what_is_confirmed_is_not_asked_again(case):
    lines = list(rows(PRICES, adjusted_close=adjusted(PRICES), dividend=PAID))
    lines[EX[3]] = lines[EX[3]].rsplit(",", 1)[0] + ",7.5"
    case.bars(lines, f"{YAHOO},Dividends")
    assert case.run("--set", f"data.confirmed={{X: [{DATES[EX[3]]}]}}").loud == []


def test_adjusted_prices_with_a_dividend_column_are_refused(case):
    """What yfinance gives by itself: closes in cents after the last dividend alone."""
    case.bars(rows(adjusted(PRICES), dividend=PAID), "Date,Open,High,Low,Close,Volume,Dividends")
    done = case.run()
    assert done.refused
    assert "the prices hold the dividends that stand beside them, which would count twice" in done.said
    assert "yfinance: auto_adjust=False" in done.said
    remedy = case.run("--set", "data.prices=total_return", "--set", "costs.dividends=false")
    assert remedy.code == 0


def test_adjusted_prices_of_every_digit_are_told_by_the_nights_before_ex_dates(case):
    case.bars(
        rows([1.0123 * one for one in adjusted(PRICES)], dividend=PAID),
        "Date,Open,High,Low,Close,Volume,Dividends",
    )
    done = case.run()
    assert done.refused
    assert "on 7 ex-dates the price opens lower by" in done.said


def test_one_dividend_in_a_year_is_told_by_the_cents(case):
    prices = [price * (0.99 if row < 200 else 1.0) for row, price in enumerate(PRICES)]
    lines = [
        f"{date},{','.join([f'{price:.6f}'] * 4)},1000000,{1.0 if row == 200 else 0.0}"
        for row, (date, price) in enumerate(zip(DATES, prices, strict=True))
    ]
    case.bars(lines, "Date,Open,High,Low,Close,Volume,Dividends")
    done = case.run()
    assert done.refused
    assert "closes are in cents after the last dividend and in fractions of one before it" in done.said


def test_capital_gains_are_paid(case):
    """Ten dollars a share that the price falls by: nothing is won or lost."""
    lines = [
        f"{date},{price},{price},{price},{price},90,1000000,0.0,0.0,{10.0 if row == 4 else 0.0}"
        for row, date in enumerate(DATES[:8])
        for price in [100 if row < 4 else 90]
    ]
    case.bars(lines, "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits,Capital Gains")
    done = case.run()
    assert done.equity == 100_000.0
    assert f"X: 1 distribution of capital gains, 10 on {DATES[4]} the first, paid as dividends are" in done.said


def test_capital_gains_are_added_to_the_dividend_of_the_day(case):
    lines = [
        f"{date},{price},{price},{price},{price},1000000,{6.0 if row == 4 else 0.0},{4.0 if row == 4 else ''}"
        for row, date in enumerate(DATES[:8])
        for price in [100 if row < 4 else 90]
    ]
    case.bars(lines, "date,open,high,low,close,volume,dividend,capital_gain")
    assert case.run().equity == 100_000.0


def test_a_lacking_dividend_of_a_regular_row_is_loud(case):
    dates = days("2015-01-02", 1500)
    lines = []
    for row, date in enumerate(dates):
        price = f"{100 + 0.5 * ((row - 40) % 63) / 63 + row % 3 / 10:.2f}"
        paid = 0.5 if row % 63 == 40 and row // 63 != 11 else 0.0
        lines.append(",".join([date, *[price] * 4, "1000000", str(paid)]))
    case.bars(lines, "date,open,high,low,close,volume,dividend")
    done = case.run()
    assert (
        f"dividends are regular before and after, and one seems to be lacking before {dates[12 * 63 + 40]}" in done.said
    )
