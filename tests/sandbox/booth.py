# SPDX-License-Identifier: Apache-2.0
"""A venue of one price a contract that a test moves by hand: what is told, and when, is the test's."""

from collections import defaultdict
from dataclasses import replace

from engine.sandbox.tickets import (
    AccountValue,
    BarClosed,
    Commission,
    Contract,
    Execution,
    HistoryBar,
    Listing,
    Margins,
    Notice,
    OrderKey,
    OrderView,
    Position,
    Tick,
    Ticket,
)
from engine.sandbox.venue import Refused

PAPER, SECOND_PAPER, REAL = "DU1000001", "DU1000002", "U1000003"
DAY, FIRST_SESSION, CLOSE = 86_400 * 10**9, 19_724, 75_600 * 10**9  # 2024-01-02, 21:00 UTC
SPY, QQQ = Contract(1, "SPY", primary="ARCA"), Contract(2, "QQQ", primary="NASDAQ")
PUT = Contract(
    9, "SPY", "OPT", local_symbol="SPY   240315P00400000", trading_class="SPY", expiry="20240315", strike=400.0,
    right="P", multiplier="100",
)  # fmt: skip
HOURS = "20240102:0930-20240102:1600;20240103:CLOSED"
FEE = 1.25
ODD = 0.1 + 0.2
LIVING = ("PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel")


def closed_bars(count=5):
    return [
        HistoryBar(
            (FIRST_SESSION + day) * DAY + CLOSE,
            FIRST_SESSION + day,
            100.0 + day,
            101.5 + day,
            99.5 + day,
            101.0 + day,
            1e6,
        )
        for day in range(count)
    ]


class Booth:
    """Market orders fill at once at the last price, limits and stops when a price reaches them."""

    bar = "1 day"

    def __init__(self, accounts=(PAPER,)):
        self.accounts = accounts
        self.now = FIRST_SESSION * DAY + CLOSE
        self.listings = [
            Listing(SPY, "S&P 500 ETF \u00e9", trading_hours=HOURS, liquid_hours=HOURS, stock_type="ETF"),
            Listing(QQQ, "Nasdaq ETF", trading_hours=HOURS, liquid_hours=HOURS, stock_type="ETF"),
            Listing(PUT, "SPY put", under_con_id=1, under_symbol="SPY"),
        ]
        self.last = {1: 100.0, 2: 50.0, 9: 3.0}
        self.orders, self.done, self.held = {}, [], defaultdict(float)
        self.highest, self.listeners, self.next_perm = {}, [], 1000
        self.answers_to_come, self.fills_at_once = [], True

    def listen(self, hear):
        self.listeners.append(hear)
        return lambda: self.listeners.remove(hear)

    def tell(self, event):
        for hear in list(self.listeners):
            hear(event)

    def contracts(self, wanted):
        if wanted.con_id:
            return [one for one in self.listings if one.contract.con_id == wanted.con_id]
        parts = (
            "symbol",
            "kind",
            "currency",
            "local_symbol",
            "trading_class",
            "expiry",
            "strike",
            "right",
            "multiplier",
        )
        return [
            one
            for one in self.listings
            if all(
                getattr(wanted, part) in ("", 0, getattr(one.contract, part) or one.contract.symbol) for part in parts
            )
        ]

    def history(self, query):
        self.asked = query
        if query.end is not None and query.end < FIRST_SESSION * DAY:
            raise Refused(
                162, "Historical Market Data Service error message:HMDS query returned no data: SPY@SMART Trades"
            )
        return closed_bars()[-query.count :]

    linked = True

    def first_bar(self, con_id):
        return FIRST_SESSION * DAY

    def quote(self, con_id):
        last = self.last[con_id]
        return Tick(con_id, self.now, last - 0.01, last + 0.01, last, 300.0, 200.0, 100.0, 1e6, 3.0)

    def next_order_id(self, client):
        return self.highest.get(client, 0) + 1

    def positions(self, account):
        return [self.position(name, con_id) for (name, con_id), held in self.held.items() if held and name == account]

    def position(self, account, con_id):
        held = self.held[account, con_id]
        contract = next(one.contract for one in self.listings if one.contract.con_id == con_id)
        return Position(account, contract, held, ODD, self.last[con_id], held * self.last[con_id], 2.5, -1.5)

    def account_values(self, account):
        return [
            AccountValue(account, "NetLiquidation", repr(100_000 + ODD)),
            AccountValue(account, "UnrealizedPnL", "2.5"),
            AccountValue(account, "RealizedPnL", "-1.5"),
            AccountValue(account, "AccountReady", "true", ""),
        ]

    def open_orders(self, client):
        return [one for one in self.orders.values() if one.status in LIVING and client in (None, one.key.client)]

    def completed(self):
        return [one for one in self.orders.values() if one.status not in LIVING]

    def executions(self):
        return list(self.done)

    def what_if(self, ticket):
        if ticket.quantity > 1000:
            raise Refused(201, "Order rejected - reason: no buying power")
        return Margins(1000.0, 1500.5, 800.0, 1200.25, 100_000.0, 99_999.0, FEE)

    def place(self, key, ticket):
        self.highest[key.client] = max(key.order, self.highest.get(key.client, 0))
        old = self.orders.get(key)
        self.next_perm += not old
        new = old or OrderView(key, self.next_perm, ticket, "Submitted", born=self.now)
        view = replace(new, ticket=ticket, remaining=ticket.quantity - new.filled)
        notice, changes = self.answers_to_come.pop(0) if self.answers_to_come else (None, {})
        if changes is not None:
            self.show(replace(view, **changes))
        if notice:
            self.tell(replace(notice, key=key))
        self.fill_what_can()

    def cancel(self, key):
        if key not in self.orders:
            self.tell(Notice(10147, f"OrderId {key.order} that needs to be cancelled is not found.", key))
            return
        self.show(replace(self.orders[key], status="Cancelled", ended=self.now, cause="Cancelled by Trader"))
        self.tell(Notice(202, "Order Canceled - reason:", key))

    def cancel_all(self):
        for view in self.open_orders(None):
            self.cancel(view.key)

    def show(self, view):
        self.orders[view.key] = view
        self.tell(view)

    def price(self, con_id, price):
        self.last[con_id], self.now = price, self.now + 5 * 10**9
        self.tell(self.quote(con_id))
        self.fill_what_can()

    def close_bar(self, con_id, session, price):
        bar = HistoryBar(session * DAY + CLOSE, session, price, price, price, price, 10.0)
        self.tell(BarClosed(con_id, bar))

    def fill_what_can(self):
        if not self.fills_at_once:
            return
        for view in self.open_orders(None):
            ticket, last = view.ticket, self.last[view.ticket.contract.con_id]
            up = ticket.action == "BUY"
            at_limit = ticket.kind == "LMT" and (last <= ticket.limit if up else last >= ticket.limit)
            at_stop = ticket.kind == "STP" and (last >= ticket.aux if up else last <= ticket.aux)
            if ticket.transmit and (ticket.kind == "MKT" or at_limit or at_stop):
                self.fill(view.key, ticket.quantity, last)

    def fill(self, key, quantity, price, exec_id="", status=True):
        view = self.orders[key]
        filled = view.filled + quantity
        sign = 1 if view.ticket.action == "BUY" else -1
        exec_id = exec_id or f"0000e0d5.{len(self.done):08x}.01"
        done = Execution(
            exec_id, key, view.perm_id, view.ticket.account, view.ticket.contract, view.ticket.action, quantity, price,
            self.now, filled, price, view.ticket.ref,
        )  # fmt: skip
        cost = Commission(exec_id, FEE, realized=None if sign > 0 else 7.5)
        self.done.append((done, cost))
        self.held[view.ticket.account, view.ticket.contract.con_id] += sign * quantity
        self.tell(done)
        remaining = view.ticket.quantity - filled
        ended = {"status": "Filled", "ended": self.now} if not remaining else {}
        after = replace(view, filled=filled, remaining=remaining, average=price, last_price=price, **ended)
        self.orders[key] = after
        if status:
            self.tell(after)
        self.tell(cost)
        self.tell(self.position(view.ticket.account, view.ticket.contract.con_id))

    def trade_by_hand(self, quantity):
        """A person buys SPY in the broker's own program."""
        self.next_perm += 1
        key = OrderKey(0, -self.next_perm)
        ticket = Ticket(self.accounts[0], SPY, "BUY", float(quantity), "MKT")
        self.show(OrderView(key, self.next_perm, ticket, "Submitted"))
        self.fill(key, float(quantity), self.last[1])


class Hands:
    """What a test does to a booth, in words that also go over a pipe: numbers, texts and nothing else."""

    def __init__(self, booth, server):
        self.booth, self.server = booth, server

    def price(self, con_id, price):
        self.booth.price(con_id, price)

    def close_bar(self, con_id, session, price):
        self.booth.close_bar(con_id, session, price)

    def fill(self, client, order, quantity, price, exec_id="", status=True):
        self.booth.fill(OrderKey(client, order), quantity, price, exec_id, status)

    def say(self, code, text, client=None, order=None):
        self.booth.tell(Notice(code, text, None if client is None else OrderKey(client, order)))

    def answer_next(self, code, text, status="", why_held=""):
        """The next order is shown with that status, not at all where it is none, and the error follows."""
        changes = {"status": status, "why_held": why_held} if status else None
        self.booth.answers_to_come.append((Notice(code, text) if code else None, changes))

    def by_hand_alone(self):
        self.booth.fills_at_once = False

    def trade_by_hand(self, quantity):
        self.booth.trade_by_hand(quantity)

    def drop(self, client=None):
        self.server.drop(client)

    def next_id_becomes(self, client, order):
        self.booth.highest[client] = order - 1

    def orders_received(self):
        return [
            [one.client, one.request.values["orderId"], one.request.values["orderRef"]]
            for one in self.server.received
            if one.name == "placeOrder"
        ]

    def asked(self):
        query = self.booth.asked
        return [query.con_id, query.end, query.count, query.unit, query.bar, query.what, query.regular]

    def resend(self, exec_id, new_id):
        """An execution comes once more: under its own id, or as a correction under another."""
        (done, cost) = next(pair for pair in self.booth.done if pair[0].exec_id == exec_id)
        self.booth.tell(replace(done, exec_id=new_id))
        self.booth.tell(replace(cost, exec_id=new_id))
