# SPDX-License-Identifier: Apache-2.0
"""The market: contracts, history, bars that are kept up to date, five-second bars, ticks with shortability."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.sandbox.desk import spoken
from engine.sandbox.desk.accounts import ender
from engine.sandbox.desk.client import BarFeed, Client, TickFeed
from engine.sandbox.exchange.hours import SECOND, moment
from engine.sandbox.exchange.orders import KINDS
from engine.sandbox.tickets import Contract, HistoryBar, HistoryQuery, Listing, Tick
from engine.sandbox.venue import Refused

Values = Mapping[str, Any]

INVALID = 321
MOST_BARS = 100_000
"""Of one answer: clients take no frame of more than 16 MB."""

UNKNOWN_SIZE = -1.0
"""What the broker writes where it has no average price or no count of trades."""

_BARS = ("1 secs", "5 secs", "10 secs", "15 secs", "30 secs", "1 min", "2 mins", "3 mins", "5 mins", "10 mins")
_LONG_BARS = ("15 mins", "20 mins", "30 mins", "1 hour", "2 hours", "3 hours", "4 hours", "8 hours")
_DAILY = {"1 day": "1 day", "1D": "1 day", "1 week": "1 week", "1W": "1 week", "1 month": "1 month", "1M": "1 month"}
_BAR_SIZES = {name: name for name in (*_BARS, *_LONG_BARS)} | _DAILY
_DURATION = re.compile(r"([1-9]\d{0,8}) ([SDWMY])\Z")
_SHOWN = ("TRADES", "ADJUSTED_LAST", "MIDPOINT", "BID", "ASK")
_MARKET_RULE = 26
_ORDER_TYPES = ",".join(sorted(KINDS))
_SHORTABLE = "236"


def contract_details(client: Client, values: Values) -> None:
    """Every contract that fits, then the end; error 200 where there is none."""
    request = values["reqId"]
    found = client.venue.contracts(spoken.sought(values))
    if not found or values["secIdType"]:
        raise Refused(200, "No security definition has been found for the request")
    for listing in found:
        client.say("contractDetails", reqId=request, **_details(listing))
    client.say("contractDetailsEnd", reqId=request)


def matching_symbols(client: Client, values: Values) -> None:
    """Contracts whose symbol begins with the pattern."""
    pattern = values["pattern"].upper()
    shares = [one for one in client.venue.contracts(Contract(0, "", "STK", "", "")) if pattern]
    found = [one for one in shares if one.contract.symbol.startswith(pattern)]
    client.say(
        "symbolSamples",
        reqId=values["reqId"],
        contracts=[
            {
                "conId": one.contract.con_id,
                "symbol": one.contract.symbol,
                "secType": one.contract.kind,
                "primaryExchange": one.contract.primary,
                "currency": one.contract.currency,
                "description": _ascii(one.long_name),
            }
            for one in found
        ],
    )


def option_chains(client: Client, values: Values) -> None:
    """Expiries and strikes of the options on a symbol, a line for each trading class."""
    request = values["reqId"]
    classes: dict[tuple[str, str, str], list[Contract]] = {}
    for listing in client.venue.contracts(Contract(0, values["symbol"], "OPT", "", "")):
        one = listing.contract
        classes.setdefault((one.exchange, one.trading_class, one.multiplier), []).append(one)
    for (exchange, name, multiplier), options in classes.items():
        client.say(
            "securityDefinitionOptionParameter",
            reqId=request,
            exchange=exchange,
            underConId=values["conId"],
            tradingClass=name,
            multiplier=multiplier,
            expirations=[{"expiry": expiry} for expiry in sorted({one.expiry for one in options})],
            strikes=[{"strike": strike} for strike in sorted({one.strike for one in options})],
        )
    client.say("securityDefinitionOptionParameterEnd", reqId=request)


def market_rule(client: Client, values: Values) -> None:
    """The steps of prices: a cent everywhere."""
    if values["ruleId"] != _MARKET_RULE:
        raise Refused(INVALID, f"Error validating request: the one market rule here is {_MARKET_RULE}")
    client.say("marketRule", ruleId=_MARKET_RULE, increments=[{"lowEdge": 0.0, "increment": 0.01}])


def head_timestamp(client: Client, values: Values) -> None:
    """When the history of a contract begins."""
    listing = client.only(spoken.sought(values))
    first = client.venue.first_bar(listing.contract.con_id)
    text = str(first // SECOND) if values["formatDate"] == 2 else spoken.when(first, listing.zone)
    client.say("headTimestamp", reqId=values["reqId"], time=text)


def history(client: Client, values: Values) -> None:
    """Bars that have closed; where they are kept up to date, each change of the last one from now on too."""
    request, listing = values["reqId"], client.only(spoken.sought(values))
    query = _query(client, listing.contract.con_id, values)
    bars = client.venue.history(query)
    if len(bars) > MOST_BARS:
        raise Refused(162, f"Historical Market Data Service error message:Time length exceed max. {MOST_BARS} bars")
    feed = BarFeed(query.con_id, epoch=values["formatDate"] == 2, daily=query.bar in _DAILY.values(), zone=listing.zone)
    ends = [spoken.when(bar.time, listing.zone) for bar in (bars[0], bars[-1])] if bars else ["", ""]
    client.say("historicalData", reqId=request, start=ends[0], end=ends[1], bars=[_bar(feed, bar) for bar in bars])
    if values["keepUpToDate"]:
        client.bars[request] = feed


def market_data_type(_client: Client, _values: Values) -> None:
    """What a client asks for here is a wish: each feed says what type it is."""


def market_data(client: Client, values: Values) -> None:
    """Ticks of one contract: the last one, and each that follows unless a snapshot was asked for."""
    request, listing = values["reqId"], client.only(spoken.sought(values))
    feed = TickFeed(listing.contract.con_id, _SHORTABLE in re.split(r"[,\s]+", values["genericTicks"]))
    client.say("tickReqParams", reqId=request, minTick=listing.min_tick, exchange="9c0001", snapshotPermissions=3)
    client.say("marketDataType", reqId=request, kind=3 if client.terms.delayed else 1)
    last = client.venue.quote(feed.con_id)
    if last is not None:
        _say_tick(client, request, feed, last)
    if values["snapshot"]:
        client.say("tickSnapshotEnd", reqId=request)
    else:
        client.ticks[request] = feed


def five_seconds(client: Client, values: Values) -> None:
    """A bar of five seconds for each tick from now on."""
    listing = client.only(spoken.sought(values))
    if values["barSize"] != 5:
        raise Refused(INVALID, "Error validating request: real-time bars have 5 seconds")
    client.five_seconds[values["reqId"]] = listing.contract.con_id


def hear_tick(client: Client, tick: Tick) -> None:
    """Tell a client of a tick, as ticks and as a bar of five seconds."""
    for request, feed in client.ticks.items():
        if feed.con_id == tick.con_id:
            _say_tick(client, request, feed, tick)
    for request, con_id in client.five_seconds.items():
        if con_id == tick.con_id:
            seconds = tick.time // SECOND
            client.say(
                "realtimeBar",
                reqId=request,
                time=seconds - seconds % 5,
                **dict.fromkeys(("open", "high", "low", "close"), tick.last),
                volume=tick.last_size,
                average=tick.last,
                count=1,
            )


def hear_bar(client: Client, con_id: int, bar: HistoryBar) -> None:
    """Tell a client what the last bar of a contract looks like now."""
    for request, feed in client.bars.items():
        if feed.con_id == con_id:
            client.say("historicalDataUpdate", reqId=request, **_bar(feed, bar))


def _query(client: Client, con_id: int, values: Values) -> HistoryQuery:
    bar, span = _BAR_SIZES.get(values["barSize"]), _DURATION.match(values["duration"])
    if bar is None:
        raise Refused(INVALID, f"Error validating request: bar size {values['barSize']!r} is none of {_names()}")
    if span is None:
        raise Refused(INVALID, f"Error validating request: duration {values['duration']!r} is none such as 30 D or 1 Y")
    if values["whatToShow"] not in _SHOWN:
        raise Refused(INVALID, f"Error validating request: whatToShow is one of {', '.join(_SHOWN)}")
    if values["keepUpToDate"] and (values["end"] or bar != client.venue.bar):
        raise Refused(
            INVALID, f"Error validating request: what is kept up to date has no end, and bars of {client.venue.bar}"
        )
    try:
        end = moment(values["end"]) if values["end"] else None
    except ValueError as error:
        raise Refused(INVALID, f"Error validating request: end {error}") from error
    return HistoryQuery(con_id, end, int(span[1]), span[2], bar, values["whatToShow"], values["useRTH"])


def _names() -> str:
    return ", ".join(dict.fromkeys(_BAR_SIZES.values()))


def _bar(feed: BarFeed, bar: HistoryBar) -> dict[str, Any]:
    if feed.daily:
        date = spoken.date_of(bar.session)
    else:
        date = str(bar.time // SECOND) if feed.epoch else spoken.when(bar.time, feed.zone)
    prices = {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close}
    return {"date": date, **prices, "volume": bar.volume, "average": UNKNOWN_SIZE, "count": int(UNKNOWN_SIZE)}


def _say_tick(client: Client, request: int, feed: TickFeed, tick: Tick) -> None:
    bid, ask, last, volume, stamp = (66, 67, 68, 74, 88) if client.terms.delayed else (1, 2, 4, 8, 45)
    for kind, price, size in (
        (bid, tick.bid, tick.bid_size),
        (ask, tick.ask, tick.ask_size),
        (last, tick.last, tick.last_size),
    ):
        client.say("tickPrice", reqId=request, tick=kind, price=price, size=size, mask=1)
    client.say("tickSize", reqId=request, tick=volume, size=tick.volume)
    client.say("tickString", reqId=request, tick=stamp, value=str(tick.time // SECOND))
    if feed.shortable:
        client.say("tickGeneric", reqId=request, tick=46, value=tick.shortable)


def _details(listing: Listing) -> dict[str, Any]:
    contract = listing.contract
    return {
        **spoken.traded(contract),
        "marketName": contract.trading_class or contract.symbol,
        "minTick": listing.min_tick,
        "orderTypes": _ORDER_TYPES,
        "validExchanges": ",".join(dict.fromkeys(filter(None, ("SMART", contract.primary)))),
        "priceMagnifier": 1,
        "underConId": listing.under_con_id,
        "longName": _ascii(listing.long_name),
        "primaryExchange": contract.primary,
        "contractMonth": contract.expiry[:6],
        **dict.fromkeys(("industry", "category", "subcategory"), ""),
        "zone": listing.zone,
        "tradingHours": listing.trading_hours,
        "liquidHours": listing.liquid_hours,
        "aggGroup": 1,
        "underSymbol": listing.under_symbol,
        "underSecType": "STK" if listing.under_symbol else "",
        "marketRuleIds": str(_MARKET_RULE),
        "realExpirationDate": contract.expiry,
        "stockType": listing.stock_type,
    }


def _ascii(name: str) -> str:
    """As clients read names: with what is beyond ASCII, and backslashes, escaped."""
    return name.encode("unicode-escape").decode("ascii")


HANDLERS: dict[str, Callable[[Client, Values], None]] = {
    "reqContractDetails": contract_details,
    "reqMatchingSymbols": matching_symbols,
    "reqSecDefOptParams": option_chains,
    "reqMarketRule": market_rule,
    "reqHeadTimeStamp": head_timestamp,
    "reqHistoricalData": history,
    "cancelHistoricalData": ender("bars"),
    "reqMarketDataType": market_data_type,
    "reqMktData": market_data,
    "cancelMktData": ender("ticks"),
    "reqRealTimeBars": five_seconds,
    "cancelRealTimeBars": ender("five_seconds"),
}
