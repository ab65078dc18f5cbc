# SPDX-License-Identifier: Apache-2.0
"""Where a request goes in and events come by: the table of all handlers."""

from __future__ import annotations

from engine.sandbox.desk import accounts, market, orders
from engine.sandbox.desk.client import NOT_OFFERED, Client
from engine.sandbox.faults import TEXTS
from engine.sandbox.tickets import (
    AccountValue,
    BarClosed,
    BarForming,
    Commission,
    Event,
    Execution,
    Notice,
    OrderView,
    Position,
    Tick,
)
from engine.sandbox.venue import Refused
from engine.sandbox.wire.requests import Request

HANDLERS = accounts.HANDLERS | orders.HANDLERS | market.HANDLERS

_SILENT = frozenset(
    {
        "setServerLogLevel",
        "cancelHeadTimeStamp",
        "cancelMktDepth",
        "cancelNewsBulletins",
        "cancelScannerSubscription",
        "cancelFundamentalData",
        "cancelCalculateImpliedVolatility",
        "cancelCalculateOptionPrice",
        "cancelHistogramData",
        "cancelTickByTickData",
        "cancelWshMetaData",
        "cancelWshEventData",
        "unsubscribeFromGroupEvents",
    }
)
"""Nothing was begun that these could end."""

CUT_OFF = 2110
LINKS = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)
"""What a client is told of the broker's farms when it has begun."""


def welcome(client: Client) -> None:
    """What a client waits for before it counts itself connected."""
    accounts.managed(client, {})
    accounts.next_id(client, {})
    for code, text in LINKS:
        client.error(-1, code, text)
    if not client.venue.linked:
        client.error(-1, CUT_OFF, TEXTS[CUT_OFF])


def serve(client: Client, request: Request) -> None:
    """Carry out one request. What cannot be done is said to the client under the id of its request."""
    handler = HANDLERS.get(request.name)
    if handler is None:
        if request.name not in _SILENT:
            client.error(request.key, NOT_OFFERED, f"The sandbox does not offer {request.name}.")
        return
    try:
        handler(client, request.values)
    except Refused as no:
        client.error(request.key, no.code, no.text)


def hear(client: Client, event: Event) -> None:
    """Tell a client of an event, if it concerns what the client has or has subscribed to."""
    match event:
        case OrderView():
            orders.hear_order(client, event)
        case Execution():
            orders.hear_execution(client, event)
        case Commission():
            orders.hear_commission(client, event)
        case Position():
            accounts.hear_position(client, event)
        case AccountValue():
            accounts.hear_value(client, event)
        case Notice():
            orders.hear_notice(client, event)
        case Tick():
            market.hear_tick(client, event)
        case BarClosed() | BarForming():
            market.hear_bar(client, event.con_id, event.bar)
