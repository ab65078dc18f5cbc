# SPDX-License-Identifier: Apache-2.0
"""What is refused and doubted of a table's dividends."""

from __future__ import annotations

import numpy as np

from engine.market.judging.found import Found, Rows
from engine.market.table import payouts

MOST_A_YEAR = 0.5
"""Of the price: funds that pay more fall by what they pay."""
OF_ADJUSTED = 0.9
"""Dividends below this part of those of adj_close, or above its inverse, are others."""
EACH = 20
"""Up to so many dividends that lack are told one by one."""
FEW, PARTED = 5, 0.005
"""Days, and the part of the price, by which close and adj_close may part in a file that is sound otherwise."""
CASH = "a dividend is cash a share, in the currency and on the base of the prices: neither cents nor a yield"


def fat_dividends(found: Found) -> None:
    """Refuse dividends of a seventh of the price and more that it does not fall by: before its moves are judged."""
    frame = found.table.frame
    rows = found.ask(payouts.unfallen(frame))
    if len(rows):
        close, paid = frame["close"].to_numpy(), frame["dividend"].to_numpy()
        shown = [
            f"{paid[row]:g}, {paid[row] / close[row - 1]:.0%} of the {close[row - 1]:g} before" for row in rows[:3]
        ]
        message = "the price does not fall by the dividend"
        found.refuse("dividend", message, rows, shown, f"{CASH}; or {found.confirm(rows[0])}")


def _bases(found: Found, prices: str) -> bool:
    """Doubt dividends on another base than the prices before a split; whether there are any."""
    frame, before = found.table.frame, len(found.doubts)
    for row, times in payouts.off_splits(frame, raw=prices == "raw"):
        if found.open[row]:
            split = f"the split of {float(frame['split'].iloc[row]):g} on {found.date(row)}"
            words = f"by the price, dividends before {split} are {times:.2g} times those after it"
            theirs = (
                "adjusted for it, and the prices are not" if prices == "raw" else "as paid, and the prices adjusted"
            )
            remedy = f"bring both on one base, or {found.confirm(row)}"
            found.doubt(f"{words}, as where they are {theirs}: {remedy}", [0, row])
    return len(found.doubts) > before


def _yields(found: Found) -> None:
    frame = found.table.frame
    if payouts.as_yields(frame):
        paid = np.flatnonzero(np.asarray(frame["dividend"], np.float64))[[0, -1]]
        found.doubt(
            f"no dividend is above {payouts.THIN:.2%} of the price, as where a yield stands for it: {CASH}", paid
        )


def judge_payouts(found: Found, prices: str) -> None:
    """What prices and an adjusted close say of the dividends beside them; `prices` as in `data.prices`."""
    frame = found.table.frame
    why = "" if _bases(found, prices) else payouts.counted_twice(frame)
    year = payouts.paid_a_year(frame) if why else 0.0
    if year > MOST_A_YEAR:
        first = np.flatnonzero(np.asarray(frame["dividend"], np.float64))[:1]
        words = f"{year:.0%} of the price a year, and it does not fall by them"
        found.refuse("dividend", "the dividends are too large for the prices", first, [words], CASH)
        return
    if why:
        message = "the prices hold the dividends that stand beside them, which would count twice"
        allowed = "prices not adjusted for dividends (yfinance: auto_adjust=False); or data.prices: total_return"
        first = np.flatnonzero(np.asarray(frame["dividend"], np.float64))[:1]
        found.refuse("dividend", message, first, [why], f"{allowed} with costs.dividends: false")
        return
    for row in found.ask(payouts.odd_dividends(frame)):
        paid = f"a dividend of {float(frame['dividend'].iloc[int(row)]):g} on {found.date(row)}"
        words = f"{paid} is over five times those around it, and the price did not fall by it"
        found.doubt(f"{words}; correct it, or {found.confirm(row)}", [row])
    for row in found.ask(payouts.skipped(frame)):
        words = f"dividends are regular before and after, and one seems to be lacking before {found.date(row)}"
        found.doubt(f"{words}; add it to the file, or {found.confirm(row)}", [row])
    _twice(found)
    _yields(found)
    told = payouts.implied(frame, splits=prices == "raw")
    if told and payouts.falls_behind(told):
        _against_adjusted(found, told)
    else:
        _ended(found)


def _twice(found: Found) -> None:
    """Doubt dividends that stand twice."""
    twice = [pair for pair in payouts.repeated(found.table.frame) if found.open[list(pair)].all()]
    if twice:
        row, again = twice[0]
        paid = float(found.table.frame["dividend"].iloc[row])
        more = f", and {len(twice) - 1} more so" if len(twice) > 1 else ""
        words = f"a dividend of {paid:g} stands on {found.date(row)} and again on {found.date(again)}{more}"
        remedy = f"each is paid: take the second ones out, or {found.confirm(row)}"
        found.doubt(f"{words}, as where ex-dates and other dates are mixed; {remedy}", [row, twice[-1][1]])


def _ended(found: Found) -> None:
    """Doubt a regular row of dividends that ends long before the bars do, where no adjusted close bears it out."""
    last = payouts.ended(found.table.frame)
    if last is not None and found.open[last]:
        rest = len(found.days) - 1 - last
        words = f"dividends are regular up to {found.date(last)}, and none stands in the {rest:,} bars after it"
        found.doubt(f"{words}: none is paid or owed; add them, or {found.confirm(last)}", [last, len(found.days) - 1])


def _parted(found: Found, told: payouts.Implied, on_record: Rows) -> None:
    """The few days on which close and adj_close part by more than any dividend on record makes them."""
    before = np.concatenate([[np.nan], found.table.frame["close"].to_numpy()[:-1]])
    rows = np.union1d(told.taken_back, np.setdiff1d(told.paid, on_record))
    rows = rows[np.abs(told.dividend[rows]) > PARTED * before[rows]]
    if len(rows) > FEW:
        return  # adj_close is on another footing throughout
    for row in found.ask(rows):
        words = f"on {found.date(row)} the close moves by {-told.dividend[row] / before[row]:+.1%} against adj_close"
        why = "which no dividend on record makes it do: one of them is wrong, for a bar or from then on"
        found.doubt(f"{words}, {why}; compare another source, or {found.confirm(row)}", [row])


def _against_adjusted(found: Found, told: payouts.Implied) -> None:
    """adj_close against the dividends on record: none on record is refused where adj_close cannot give them exactly."""
    dividend = np.asarray(found.table.frame["dividend"], np.float64)
    on_record = np.flatnonzero(dividend > 0)
    if not len(on_record):
        if not payouts.exact(told):  # else `adjust` pays them
            message = "adj_close holds dividends that no column gives, and does not tell them to the cent"
            lost = f"{-np.expm1(-told.step.sum()):.2%} of the price from the first bar to the last"
            allowed = "a column dividend; or data.prices: total_return with costs.dividends: false"
            found.refuse("dividend", message, [0], [lost], allowed)
        return
    slack = 2 * payouts.HALF_CENT + told.unsure[on_record] + payouts.within_long_bars(found.table.frame)[on_record]
    agree = np.abs(told.dividend[on_record] - dividend[on_record]) < slack
    times = payouts.times_adjusted(told, dividend)
    if not len(told.taken_back) and not OF_ADJUSTED < times < 1 / OF_ADJUSTED:
        rows = on_record[[0, -1]]
        words = f"its dividends are {times:.2g} times those that adj_close holds, from {found.date(rows[0])} on"
        found.doubt(f"{words}; one of the two is on another base or in another unit: {CASH}", rows)
    if len(told.taken_back) or agree.mean() < 0.8:
        _parted(found, told, on_record)
        return  # day by day it is no witness
    for row in found.ask(on_record[~agree]):
        words = f"a dividend of {dividend[row]:g} on {found.date(row)}, where adj_close says {told.dividend[row]:.4f}"
        found.doubt(f"{words}; correct one of them, or {found.confirm(row)}", [row])
    lacking = found.ask(np.setdiff1d(told.paid, on_record))
    if len(lacking) > EACH:
        paid, first, last = told.dividend[lacking], found.date(lacking[0]), found.date(lacking[-1])
        words = f"adj_close holds {len(lacking)} dividends that are not on record and not paid, from {first} to {last}"
        together = f"{paid.sum():.4f} a share together; add them to the file"
        found.doubt(f"{words}, {together}, or data.prices: total_return with costs.dividends: false", lacking)
        return
    for row in lacking:
        words = f"adj_close holds a dividend of {told.dividend[row]:.4f} on {found.date(row)} that is not on record"
        found.doubt(f"{words} and not paid; add it to the file, or {found.confirm(row)}", [row])
