# SPDX-License-Identifier: Apache-2.0
"""Orders: placed, changed, cancelled, asked for; and what is told of them, of their fills and of what those cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.sandbox.desk import spoken
from engine.sandbox.desk.client import Client
from engine.sandbox.desk.tickets_in import REJECTED, carried_values, ticket
from engine.sandbox.exchange.hours import moment
from engine.sandbox.tickets import Commission, Execution, Margins, Notice, OrderKey, OrderView, Ticket
from engine.sandbox.venue import Refused
from engine.sandbox.wire.order_answers import COMPLETED_ORDER, OPEN_ORDER

Values = Mapping[str, Any]

_SIDES = {"BUY": "BOT", "SELL": "SLD"}
_READ_ONLY = "Error validating request: The API interface is currently in Read-Only mode."


def place(client: Client, values: Values) -> None:
    """Place an order, change one that lives, or say what one would do."""
    if client.terms.read_only:
        raise Refused(321, _READ_ONLY)
    key = OrderKey(client.id, values["orderId"])
    if not client.is_mine(*key):
        raise Refused(REJECTED, f"Order rejected - reason: an order id is above 0, not {key.order}")
    wanted = ticket(client, values)
    if wanted.what_if:
        _say_what_if(client, key, wanted, client.venue.what_if(wanted))
    else:
        client.venue.place(key, wanted)


def cancel(client: Client, values: Values) -> None:
    """Cancel an order of this client."""
    if client.terms.read_only:
        raise Refused(321, _READ_ONLY)
    client.venue.cancel(OrderKey(client.id, values["orderId"]))


def cancel_all(client: Client, _values: Values) -> None:
    """Cancel the orders of every client."""
    if client.terms.read_only:
        raise Refused(321, _READ_ONLY)
    client.venue.cancel_all()


def open_orders(client: Client, _values: Values) -> None:
    """What lives of this client."""
    _say_open(client, [view for view in client.venue.open_orders(client.id) if client.is_mine(*view.key)])


def all_open_orders(client: Client, _values: Values) -> None:
    """What lives of every client."""
    _say_open(client, client.venue.open_orders(None))


def auto_bind(client: Client, values: Values) -> None:
    """Orders that a person entered by hand belong to client 0 from now on."""
    if client.id != 0:
        raise Refused(327, "Only the default client (i.e 0) can auto bind orders.")
    client.auto_bind = values["bind"]


def completed_orders(client: Client, values: Values) -> None:
    """Orders of the day that have ended; those entered by hand are left out where API orders alone are asked for."""
    for view in client.venue.completed():
        if view.key.order > 0 or not values["apiOnly"]:
            client.say("completedOrder", **_ended(view))
    client.say("completedOrdersEnd")


def executions(client: Client, values: Values) -> None:
    """Fills of the day that pass the filter, with their costs."""
    request = values["reqId"]
    since = _since(values["time"])
    for done, cost in client.venue.executions():
        if done.time >= since and _passes(done, values):
            _say_execution(client, done, request)
            if cost is not None:
                hear_commission(client, cost)
    client.say("execDetailsEnd", reqId=request)


def hear_order(client: Client, view: OrderView) -> None:
    """Tell a client of an order that changed."""
    if client.is_mine(*view.key):
        _say_order(client, view)
        _say_status(client, view)


def hear_execution(client: Client, done: Execution) -> None:
    """Tell a client of a fill."""
    if client.is_mine(*done.key):
        _say_execution(client, done, -1)


def hear_commission(client: Client, cost: Commission) -> None:
    """Tell a client what a fill cost. Every client hears of it, and ignores what is not its own, as with the broker."""
    client.say(
        "commissionReport", execId=cost.exec_id, commission=cost.amount, currency=cost.currency, realized=cost.realized
    )


def hear_notice(client: Client, notice: Notice) -> None:
    """Tell a client what concerns its order, or everybody."""
    if notice.key is None:
        client.error(-1, notice.code, notice.text)
    elif client.is_mine(*notice.key):
        client.error(notice.key.order, notice.code, notice.text)


def _say_open(client: Client, views: list[OrderView]) -> None:
    for view in views:
        _say_order(client, view)
        _say_status(client, view)
    client.say("openOrderEnd")


def _say_order(client: Client, view: OrderView, **state: Any) -> None:
    client.say(
        "openOrder",
        **_order(view.ticket, OPEN_ORDER.names),
        parentId=view.ticket.parent,
        orderId=view.key.order,
        clientId=view.key.client,
        permId=view.perm_id,
        status=view.status,
        **state,
    )


def _say_status(client: Client, view: OrderView) -> None:
    client.say(
        "orderStatus",
        orderId=view.key.order,
        status=view.status,
        filled=view.filled,
        remaining=view.remaining,
        average=view.average,
        permId=view.perm_id,
        parentId=view.ticket.parent,
        lastPrice=view.last_price,
        clientId=view.key.client,
        whyHeld=view.why_held,
    )


def _say_what_if(client: Client, key: OrderKey, wanted: Ticket, margins: Margins) -> None:
    client.say(
        "openOrder",
        **_order(wanted, OPEN_ORDER.names),
        parentId=wanted.parent,
        orderId=key.order,
        clientId=key.client,
        permId=0,
        whatIf=True,
        status="PreSubmitted",
        initMarginBefore=margins.initial_before,
        initMarginChange=margins.initial_after - margins.initial_before,
        initMarginAfter=margins.initial_after,
        maintMarginBefore=margins.maintenance_before,
        maintMarginChange=margins.maintenance_after - margins.maintenance_before,
        maintMarginAfter=margins.maintenance_after,
        equityWithLoanBefore=margins.equity_before,
        equityWithLoanChange=margins.equity_after - margins.equity_before,
        equityWithLoanAfter=margins.equity_after,
        commission=margins.commission,
        commissionCurrency=wanted.contract.currency,
        warningText=margins.warning,
    )


def _order(wanted: Ticket, names: frozenset[str]) -> dict[str, Any]:
    carried = {name: value for name, value in carried_values(wanted.carried).items() if name in names}
    return {
        **carried,
        **spoken.traded(wanted.contract),
        "action": wanted.action,
        "totalQuantity": wanted.quantity,
        "orderType": wanted.kind,
        "lmtPrice": wanted.limit,
        "auxPrice": wanted.aux,
        "tif": wanted.tif,
        "ocaGroup": wanted.oca_group,
        "account": wanted.account,
        "orderRef": wanted.ref,
        "outsideRth": wanted.outside_hours,
        "goodTillDate": wanted.good_till,
        "ocaType": wanted.oca_type,
        "trailStopPrice": wanted.trail_stop,
        "trailingPercent": wanted.trail_percent,
    }


def _ended(view: OrderView) -> dict[str, Any]:
    return {
        **_order(view.ticket, COMPLETED_ORDER.names),
        "permId": view.perm_id,
        "status": view.status,
        "filledQuantity": view.filled,
        "completedTime": spoken.when(view.ended),
        "completedStatus": view.cause or (f"Filled Size: {view.filled:g}" if view.status == "Filled" else view.status),
    }


def _say_execution(client: Client, done: Execution, request: int) -> None:
    client.say(
        "execDetails",
        reqId=request,
        orderId=done.key.order,
        clientId=done.key.client,
        **spoken.traded(done.contract),
        execId=done.exec_id,
        time=spoken.when(done.time),
        account=done.account,
        executedAt=done.contract.primary or done.contract.exchange,
        side=_SIDES.get(done.side, done.side),
        shares=done.quantity,
        price=done.price,
        permId=done.perm_id,
        liquidation=done.liquidation,
        cumQty=done.cumulative,
        avgPrice=done.average,
        orderRef=done.ref,
        lastLiquidity=0,
    )


def _since(text: str) -> int:
    try:
        return moment(text) if text else 0
    except ValueError as error:
        raise Refused(320, f"Server error when reading an API client request: {error}") from error


def _passes(done: Execution, values: Values) -> bool:
    wanted = {
        "clientId": values["clientId"] in (0, done.key.client),
        "account": values["account"] in ("", done.account),
        "symbol": values["symbol"] in ("", done.contract.symbol),
        "secType": values["secType"] in ("", done.contract.kind),
        "exchange": values["exchange"] in ("", "SMART", done.contract.exchange, done.contract.primary),
        "side": values["side"].upper() in ("", done.side, _SIDES.get(done.side)),
    }
    return all(wanted.values())


HANDLERS: dict[str, Callable[[Client, Values], None]] = {
    "placeOrder": place,
    "cancelOrder": cancel,
    "reqGlobalCancel": cancel_all,
    "reqOpenOrders": open_orders,
    "reqAllOpenOrders": all_open_orders,
    "reqAutoOpenOrders": auto_bind,
    "reqCompletedOrders": completed_orders,
    "reqExecutions": executions,
}
