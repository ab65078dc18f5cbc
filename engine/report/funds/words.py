# SPDX-License-Identifier: Apache-2.0
"""A month's commentary on a fund index, written from its figures."""

from __future__ import annotations

import math

from engine.hedgefunds.against import Against, Capture
from engine.hedgefunds.allocators import STRUCTURE
from engine.hedgefunds.bands import DRAWS
from engine.hedgefunds.claim import CLAIMED, Share
from engine.hedgefunds.effects import turnover
from engine.report.kit.words import NOTHING, counted, decimal, percent
from engine.runs.funds import Funds


def commentary(found: Funds) -> list[str]:
    """What a reader wants to know of the last month, the year and the market, a sentence each."""
    one, market = found.against, found.panel.benchmark_name
    if one is None:
        return [f"The index and {market} have no month in common."]
    said = [_returns(one, str(found.panel.months[one.row]), market)]
    if not math.isnan(one.beta):
        said.append(_sensitivity(one, market, found.panel.bill_name))
    said += [
        sentence
        for span, up, down in (
            (f"the last {one.months} months", one.up, one.down),
            (f"all {one.all_months} months", one.up_all, one.down_all),
        )
        if (sentence := _captures(span, up, down, market))
    ]
    return [*said, *_structure(found)]


def _returns(one: Against, month: str, market: str) -> str:
    told = [
        f"{span} the index {_moved(index)}, {market} {_moved(other)}"
        for span, (index, other) in (
            (f"In {month}", one.month), ("Since the beginning of the year", one.year_to_date),
            ("in an average month of the year", one.average),
        )
    ]  # fmt: skip
    return f"{told[0]}. {told[1]}; {told[2]}."


def _moved(value: float) -> str:
    if math.isnan(value):
        return f"made {NOTHING}"
    return f"{'lost' if value < 0 else 'gained'} {percent(abs(value))}"


def _sensitivity(one: Against, market: str, bill: str) -> str:
    words = f"Over the last {one.months} months the index moved by {percent(one.beta, 0)} of what {market} did"
    if not math.isnan(one.calmer):
        words += (
            f"; its volatility was {decimal(one.calmer, 1)} times lower" if one.calmer >= 1.0
            else f"; its volatility was {decimal(1.0 / one.calmer, 1)} times higher"
        )  # fmt: skip
    words += f". Its alpha was {percent(one.alpha, plus=True)} a month, {percent(12 * one.alpha, 1, plus=True)} a year"
    if not math.isnan(one.alpha_excess):
        words += (
            f"; above {bill} it was {percent(one.alpha_excess, plus=True)} a month, "
            f"{percent(12 * one.alpha_excess, 1, plus=True)} a year"
        )
    return f"{words}."


def _captures(span: str, up: Capture, down: Capture, market: str) -> str:
    told = []
    if up.months:
        times = counted(up.months, "month")
        told.append(f"in the {times} in which {market} rose, {_short_of(up.part)}")
    if down.months:
        times = counted(down.months, "month")
        told.append(f"in the {times} in which it fell, {_better(down.part)}")
    return f"Of {span}: {'; '.join(told)}." if told else ""


def _short_of(part: float) -> str:
    """What a part of the market's rise is to a reader."""
    if part < 0.0:
        return "the index lost"
    if part <= 1.0:
        return f"the index stayed {percent(1.0 - part, 0)} short of the rise"
    return f"the index rose {percent(part - 1.0, 0)} more"


def _better(part: float) -> str:
    if part < 0.0:
        return "the index gained"
    if part <= 1.0:
        return f"it held up {percent(1.0 - part, 0)} better in the fall"
    return f"it fell {percent(part - 1.0, 0)} more"


def _structure(found: Funds) -> list[str]:
    one = found.study.portfolios.get(STRUCTURE)
    if one is None or found.study.decided is None:
        return []
    row = found.study.decided[1]
    rated = int((found.study.rating.rs[row] >= 0.0).sum())
    admitted = int(found.study.rating.admitted[row].sum())
    month = found.panel.months[row] + 1
    held = "all is in cash" if not admitted else f"the portfolio holds {counted(admitted, 'fund')}"
    exchanged = turnover(one)
    moved = "" if math.isnan(exchanged) else f" In a year {percent(exchanged, 0)} of it was exchanged."
    return [f"For {month}: {counted(rated, 'fund')} with a rating, {admitted} admitted; {held}.{moved}"]


def sides_words(found: Funds) -> str:
    """What the table of portfolios is made from."""
    one = found.sides
    if one is None:
        return "Too few months in common for bands."
    return (
        f"{found.panel.months[one.first]} to {found.panel.months[one.last]}, {one.months} months; per cent a year, no "
        f"costs. Bands: {DRAWS:,} draws of whole months in blocks of {decimal(one.block, 1)} months on average."
    )


def frictions_words(found: Funds) -> str:
    """The months of the table of notice and lock-up, which are fewer than those of the portfolios."""
    one = found.frictions[0]
    span = f"{one.first} to {one.last}, {counted(one.months, 'month')}: those that every notice leaves"
    return f"{span}, so that 0 and 1 is the portfolio by Return Structure over fewer months than above."


def claim_words(found: Funds) -> list[str]:
    """The claim against each interval, a sentence each."""
    return [_claim(one) for one in found.shares]


def _claim(one: Share) -> str:
    if one.verdict == "unknown":
        return f"Explained by {', '.join(one.factors)}: the {one.of} may be none, so that no share of it has a meaning."
    claimed = f"{percent(CLAIMED[0], 0, sign=False)} to {percent(CLAIMED[1], 0)}"
    span = f"{percent(one.low, 0, sign=False)} to {percent(one.high, 0)}"
    told = {
        "below": f"the claim of {claimed} lies below the interval: there was more alpha",
        "above": f"the claim of {claimed} lies above the interval: there was less alpha",
        "agrees": f"the claim of {claimed} is not contradicted, nor is much else",
    }[one.verdict]
    return (
        f"Explained by {', '.join(one.factors)}, {percent(one.share, 0)} of the {one.of} is alpha, "
        f"{span} with 95 % confidence; {told}."
    )
