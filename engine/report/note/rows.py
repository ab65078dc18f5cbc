# SPDX-License-Identifier: Apache-2.0
"""Words of the note that terminal, text and page share: a line of each order, the table of books, ages of data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, counted, decimal, money, percent, plain_name, shares, with_prices
from engine.report.signals.document import ENDS_WITH

BOOK_LEAD = "Each on the account of its configuration, as the backtest has it."


def title(shown: Mapping[str, Any]) -> str:
    """What the note is of."""
    return f"Morning note, close of {shown['session'] or shown['asked'] or 'no session'}"


def made(shown: Mapping[str, Any]) -> str:
    """When, to the minute."""
    return f"{shown['made'][:10]} {shown['made'][11:16]} UTC"


def name_of(one: Mapping[str, Any], sleeve: str = "") -> str:
    """A strategy by the name of its configuration, with the sleeve where there are several; dated where it is stale."""
    dated = f" ({one['asof']})" if one["other"] else ""
    return f"{one['name']}{dated}" + (f", {sleeve}" if sleeve else "")


def order_words(order: Mapping[str, Any]) -> str:
    """`sell 5,060 IWM market, gtc`."""
    side = "buy" if order["quantity"] > 0 else "sell"
    what = with_prices(order["type"], order["prices"])
    bound = ", with its entry" if order["parent"] > 0 else ", at most the position" if order["parent"] else ""
    if order["ends_with"] is not None:
        bound = f", {ENDS_WITH}"
    return f"{side} {shares(abs(order['quantity']))} {order['symbol']} {what}, {order['tif']}{bound}"


def broken_words(one: Mapping[str, str]) -> str:
    """A configuration that could not be decided; its file is named once."""
    why = " ".join(one["why"].split())
    place = why.removeprefix(f"{one['file']}:")
    at, _, rest = place.partition(": ")
    named = f"{one['file']}, line {at}" if place != why and at[:1].isdigit() else one["file"]
    return f"{named} could not be decided: {rest if named != one['file'] else why}"


def said(shown: Mapping[str, Any], part: str) -> Iterator[tuple[str, str]]:
    """(strategy, sentence) of a part that is a list of sentences."""
    yield from ((name_of(one), text) for one in shown["strategies"] for text in one[part])


def orders(shown: Mapping[str, Any], part: str) -> Iterator[tuple[str, str, str]]:
    """(strategy, order, reason) of `send` or `cancel`."""
    for one in shown["strategies"]:
        for order in one[part]:
            yield name_of(one, order["sleeve"]), order_words(order), order["why"]


def near(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(strategy, sentence) of each level within reach."""
    for one in shown["strategies"]:
        yield from ((name_of(one, level["sleeve"]), level["words"]) for level in one["near"])


def books_grid(shown: Mapping[str, Any]) -> Grid:
    """Equity, profit and exposure of each book."""
    fields = (
        Field("strategy", "strategy"), Field("equity", "equity"), Field("day", "day"), Field("", "of equity"),
        Field("month", "month"), Field("fall", "fall", "from the highest close"),
        Field("gross", "gross"), Field("net", "net"),
    )  # fmt: skip
    return Grid(fields, [_book(one) for one in shown["strategies"]])


def _book(one: Mapping[str, Any]) -> list[str]:
    book = one["book"]
    opened = None if book["day"] is None else book["equity"] - book["day"]
    part = book["day"] / opened if opened is not None and opened > 0 else None
    gross, net = (NOTHING if book[name] is None else f"{decimal(book[name], 2)}x" for name in ("gross", "net"))
    return [
        name_of(one),
        money(book["equity"]),
        money(book["day"]),
        percent(part, 2, plus=True),
        money(book["month"]),
        percent(book["drawdown"], 1),
        gross,
        net,
    ]


def held(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(strategy, what it holds and in which regime)."""
    for one in shown["strategies"]:
        for sleeve in dict.fromkeys([*(x["sleeve"] for x in one["positions"]), *(x["sleeve"] for x in one["regimes"])]):
            parts = [_position(x) for x in one["positions"] if x["sleeve"] == sleeve]
            regimes = [_regime(x) for x in one["regimes"] if x["sleeve"] == sleeve]
            yield name_of(one, sleeve), "; ".join([", ".join(parts) or "holds nothing", *regimes])
        if not one["positions"] and not one["regimes"]:
            yield name_of(one), "holds nothing"


def _position(one: Mapping[str, Any]) -> str:
    goes = f" → {shares(one['target'])}" if one["target"] != one["held"] else ""
    return f"{one['symbol']} {shares(one['held'])}{goes}"


def _regime(one: Mapping[str, Any]) -> str:
    return f"{plain_name(one['name'] or 'no regime')} since {one['since']}"


def papers(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(strategy, how its paper account stands)."""
    for one in shown["strategies"]:
        if (paper := one["paper"]) is None:
            continue
        parts = [f"last decided {paper['decided'] or 'never'}", f"compared {paper['compared'] or 'never'}"]
        parts += [f"{x['symbol']} {shares(x['held'])}" for x in paper["positions"] if x["held"]]
        parts += [f"{x['symbol']}: {x['state']}, {x['why']}" for x in paper["waiting"]]
        yield one["name"], "; ".join(parts)


def ages(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(strategy, its last close and inputs that are older)."""
    for one in shown["strategies"]:
        parts = [f"bars to {one['asof']}, {one['label']}"]
        parts += [f"synthetic prices: {one['name']} says nothing about a market"] if one["synthetic"] else []
        for series in one["series"]:
            if series["last"] is None:
                parts.append(f"{series['symbol']} has no value")
            elif series["age_sessions"]:
                parts.append(f"{series['symbol']} is {counted(series['age_sessions'], 'session')} old")
        yield one["name"], "; ".join(parts)


def doubt_words(doubt: Mapping[str, Any]) -> str:
    """A loud notice behind the names of those that it is about."""
    return f"{', '.join(doubt['names'])}: {doubt['text']}"
