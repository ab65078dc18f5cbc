# SPDX-License-Identifier: Apache-2.0
"""From placeOrder to a ticket: what the exchange acts on, what is carried along, and what makes it refuse the order.

A field that would change an order's life and that the exchange does not act on is no detail to drop: an order that asks
for it would fill where it should not. So it is refused, by the field's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.sandbox.desk import spoken
from engine.sandbox.desk.client import Client
from engine.sandbox.tickets import Ticket
from engine.sandbox.venue import Refused
from engine.sandbox.wire.layout import Row
from engine.sandbox.wire.order_request import PLACE_ORDER
from engine.sandbox.wire.rows import SOUGHT

REJECTED = 201
INVALID = 321
NO_SIZE = 434

_ACTED_ON = frozenset(
    {
        *(row.name for row in SOUGHT),
        "orderId",
        "action",
        "totalQuantity",
        "orderType",
        "lmtPrice",
        "auxPrice",
        "tif",
        "ocaGroup",
        "account",
        "orderRef",
        "transmit",
        "parentId",
        "outsideRth",
        "goodTillDate",
        "ocaType",
        "trailStopPrice",
        "trailingPercent",
        "whatIf",
    }
)

_CARRIED = frozenset(
    {
        "openClose",
        "origin",
        "blockOrder",
        "sweepToFill",
        "displaySize",
        "triggerMethod",
        "hidden",
        "shortSaleSlot",
        "designatedLocation",
        "exemptCode",
        "rule80A",
        "settlingFirm",
        "eTradeOnly",
        "firmQuoteOnly",
        "auctionStrategy",
        "overridePercentageConstraints",
        "continuousUpdate",
        "optOutSmartRouting",
        "clearingAccount",
        "clearingIntent",
        "notHeld",
        "algoId",
        "orderMiscOptions",
        "solicited",
        "extOperator",
        "softDollarTierName",
        "softDollarTierValue",
        "mifid2DecisionMaker",
        "mifid2DecisionAlgo",
        "mifid2ExecutionTrader",
        "mifid2ExecutionAlgo",
        "dontUseAutoPriceForHedge",
        "isOmsContainer",
        "usePriceMgmtAlgo",
        "advancedErrorOverride",
        "manualOrderTime",
    }
)
"""Venue, clearing and audit: nothing that a replayed market could act on, but for the C of openClose.

With it the order may only shrink the position. outsideRth, above, is shown again as these are, and changes nothing.
"""

_KINDS = {row.name: row.kind for row in PLACE_ORDER.rows if isinstance(row, Row)}


def ticket(client: Client, values: Mapping[str, Any]) -> Ticket:
    """The order that was sent. Refused where it is not taken, with the broker's code."""
    _check(values)
    return Ticket(
        account=_account(client, values["account"]),
        contract=client.only(spoken.sought(values)).contract,
        action=values["action"],
        quantity=values["totalQuantity"],
        kind=values["orderType"],
        limit=values["lmtPrice"],
        aux=values["auxPrice"],
        trail_percent=values["trailingPercent"],
        trail_stop=values["trailStopPrice"],
        tif=values["tif"] or "DAY",
        good_till=values["goodTillDate"],
        outside_hours=values["outsideRth"],
        parent=values["parentId"],
        transmit=values["transmit"],
        oca_group=values["ocaGroup"],
        oca_type=values["ocaType"],
        ref=values["orderRef"],
        what_if=values["whatIf"],
        carried={name: _KINDS[name].write(values[name]) for name in sorted(_CARRIED & values.keys()) if values[name]},
    )


def carried_values(carried: Mapping[str, str]) -> dict[str, Any]:
    """What a ticket carries along, as values of the protocol."""
    return {name: _KINDS[name].read(text) for name, text in carried.items()}


def _check(values: Mapping[str, Any]) -> None:
    if values["action"] not in ("BUY", "SELL"):
        raise Refused(INVALID, f"Error validating request: action {values['action']!r} is neither BUY nor SELL")
    if not values["totalQuantity"] > 0:
        raise Refused(NO_SIZE, "The order size cannot be zero.")
    if values["secType"] == "BAG":
        raise Refused(REJECTED, "Order rejected - reason: the sandbox trades single contracts, not combinations (BAG)")
    strange = [name for name in values if name not in _ACTED_ON and name not in _CARRIED and values[name]]
    if strange:
        named = ", ".join(f"{name}={values[name]!r}" for name in strange)
        raise Refused(
            REJECTED, f"Order rejected - reason: the sandbox does not act on {named}, so it takes no order that has it"
        )


def _account(client: Client, account: str) -> str:
    accounts = client.venue.accounts
    if account in accounts:
        return account
    if not account and len(accounts) == 1:
        return accounts[0]
    if not account:
        raise Refused(435, f"You must specify an account: one of {', '.join(accounts)}.")
    raise Refused(REJECTED, f"Order rejected - reason: account {account!r} is none of {', '.join(accounts)}")
