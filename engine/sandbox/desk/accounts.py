# SPDX-License-Identifier: Apache-2.0
"""Accounts: their values, positions, summaries, profit and loss; what a client syncs at its start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.sandbox.desk import spoken
from engine.sandbox.desk.client import Client, Summary
from engine.sandbox.exchange.hours import SECOND
from engine.sandbox.tickets import AccountValue, Position

Values = Mapping[str, Any]

EVERYBODY = ("", "All")
"""Groups of all accounts."""


def managed(client: Client, _values: Values) -> None:
    """All accounts, as one list with commas."""
    client.say("managedAccounts", accounts=",".join(client.venue.accounts))


def next_id(client: Client, _values: Values) -> None:
    """An order id that this client has not used."""
    client.say("nextValidId", orderId=client.venue.next_order_id(client.id))


def current_time(client: Client, _values: Values) -> None:
    """Time of the market, not of a wall clock."""
    client.say("currentTime", time=client.venue.now // SECOND)


def positions(client: Client, _values: Values) -> None:
    """Positions of all accounts, now and whenever one changes."""
    client.positions = True
    for account in client.venue.accounts:
        for held in client.venue.positions(account):
            _say_position(client, held)
    client.say("positionEnd")


def cancel_positions(client: Client, _values: Values) -> None:
    """End of the subscription."""
    client.positions = False


def positions_multi(client: Client, values: Values) -> None:
    """Positions of one account under an id of their own."""
    request, account = values["reqId"], client.known(values["account"])
    client.positions_multi[request] = account
    for held in client.venue.positions(account):
        _say_position(client, held, request)
    client.say("positionMultiEnd", reqId=request)


def account_updates(client: Client, values: Values) -> None:
    """Values and portfolio of one account, now and whenever they change."""
    if not values["subscribe"]:
        client.account = None
        return
    client.account = account = client.known(values["account"])
    for value in client.venue.account_values(account):
        _say_value(client, value)
    for held in client.venue.positions(account):
        _say_portfolio(client, held)
    client.say("updateAccountTime", time=spoken.hour(client.venue.now))
    client.say("accountDownloadEnd", account=account)


def account_multi(client: Client, values: Values) -> None:
    """Values of one account under an id of their own."""
    request, account = values["reqId"], client.known(values["account"])
    client.accounts_multi[request] = account
    for value in client.venue.account_values(account):
        _say_multi(client, request, value)
    client.say("accountUpdateMultiEnd", reqId=request)


def summary(client: Client, values: Values) -> None:
    """Values whose keys are asked for, of all accounts or of the one that the group names."""
    request, tags = values["reqId"], frozenset(tag.strip() for tag in values["tags"].split(","))
    accounts = client.venue.accounts if values["group"] in EVERYBODY else [client.known(values["group"])]
    client.summaries[request] = Summary(frozenset(accounts), tags)
    for account in accounts:
        for value in client.venue.account_values(account):
            _say_summary(client, request, value)
    client.say("accountSummaryEnd", reqId=request)


def profit(client: Client, values: Values) -> None:
    """Profit and loss of an account, now and whenever a value of it changes."""
    client.pnl[values["reqId"]] = client.known(values["account"])
    _say_profit(client, values["reqId"])


def profit_single(client: Client, values: Values) -> None:
    """Profit and loss of one position, now and whenever it changes."""
    account, con_id = client.known(values["account"]), values["conId"]
    client.pnl_single[values["reqId"]] = (account, con_id)
    for held in client.venue.positions(account):
        if held.contract.con_id == con_id:
            _say_profit_single(client, values["reqId"], held)


def ender(subscriptions: str) -> Callable[[Client, Values], None]:
    """A handler that ends one subscription of that kind by its id; to end one that is not there is no mistake."""

    def end(client: Client, values: Values) -> None:
        getattr(client, subscriptions).pop(values["reqId"], None)

    return end


def hear_position(client: Client, held: Position) -> None:
    """Tell a client of a position that changed, in every way it asked for."""
    if client.positions:
        _say_position(client, held)
    if client.account == held.account:
        _say_portfolio(client, held)
    for request, account in client.positions_multi.items():
        if account == held.account:
            _say_position(client, held, request)
    for request, (account, con_id) in client.pnl_single.items():
        if account == held.account and con_id == held.contract.con_id:
            _say_profit_single(client, request, held)


def hear_value(client: Client, value: AccountValue) -> None:
    """Tell a client of a figure that changed, in every way it asked for."""
    if client.account == value.account:
        _say_value(client, value)
    for request, account in client.accounts_multi.items():
        if account == value.account:
            _say_multi(client, request, value)
    for request in client.summaries:
        _say_summary(client, request, value)
    if value.key in _PROFITS:
        for request, account in client.pnl.items():
            if account == value.account:
                _say_profit(client, request)


_PROFITS = {"DailyPnL": "daily", "UnrealizedPnL": "unrealized", "RealizedPnL": "realized"}


def _say_position(client: Client, held: Position, request: int | None = None) -> None:
    fields = spoken.instrument(held.contract) | {"exchange": "", "account": held.account}
    figures = {"position": held.quantity, "averageCost": held.average}
    if request is None:
        client.say("position", **fields, **figures)
    else:
        client.say("positionMulti", reqId=request, **fields, **figures)


def _say_portfolio(client: Client, held: Position) -> None:
    client.say(
        "updatePortfolio",
        **spoken.instrument(held.contract),
        primaryExchange=held.contract.primary,
        position=held.quantity,
        price=held.price,
        value=held.value,
        averageCost=held.average,
        unrealized=held.unrealized,
        realized=held.realized,
        account=held.account,
    )


def _say_value(client: Client, value: AccountValue) -> None:
    client.say("updateAccountValue", key=value.key, value=value.value, currency=value.currency, account=value.account)


def _say_multi(client: Client, request: int, value: AccountValue) -> None:
    client.say(
        "accountUpdateMulti",
        reqId=request,
        account=value.account,
        model="",
        key=value.key,
        value=value.value,
        currency=value.currency,
    )


def _say_summary(client: Client, request: int, value: AccountValue) -> None:
    wanted = client.summaries[request]
    if value.key in wanted.tags and value.account in wanted.accounts:
        client.say(
            "accountSummary",
            reqId=request,
            account=value.account,
            key=value.key,
            value=value.value,
            currency=value.currency,
        )


def _say_profit(client: Client, request: int) -> None:
    figures: dict[str, float | None] = dict.fromkeys(_PROFITS.values())
    for value in client.venue.account_values(client.pnl[request]):
        if value.key in _PROFITS:
            figures[_PROFITS[value.key]] = float(value.value)
    client.say("pnl", reqId=request, **figures)


def _say_profit_single(client: Client, request: int, held: Position) -> None:
    client.say(
        "pnlSingle",
        reqId=request,
        position=int(held.quantity),
        daily=None,
        unrealized=held.unrealized,
        realized=held.realized,
        value=held.value,
    )


HANDLERS: dict[str, Callable[[Client, Values], None]] = {
    "reqManagedAccts": managed,
    "reqIds": next_id,
    "reqCurrentTime": current_time,
    "reqPositions": positions,
    "cancelPositions": cancel_positions,
    "reqPositionsMulti": positions_multi,
    "cancelPositionsMulti": ender("positions_multi"),
    "reqAccountUpdates": account_updates,
    "reqAccountUpdatesMulti": account_multi,
    "cancelAccountUpdatesMulti": ender("accounts_multi"),
    "reqAccountSummary": summary,
    "cancelAccountSummary": ender("summaries"),
    "reqPnL": profit,
    "cancelPnL": ender("pnl"),
    "reqPnLSingle": profit_single,
    "cancelPnLSingle": ender("pnl_single"),
}
