# SPDX-License-Identifier: Apache-2.0
"""Short ways to write instructions, decisions and what a broker says of them."""

import shutil

from engine.kernel.codes import OrderKind
from engine.paper.broker.port import CommissionSeen, ExecutionSeen, Listed, OrderSeen
from engine.paper.broker.wire import tif_of
from engine.paper.instructions import Decision, Instruction
from engine.paper.journal.journal import Journal

NOON = 1_767_625_200_000_000_000  # 2026-01-05 15:00 UTC, a Monday


class Clock:
    def __init__(self):
        self.ns = NOON

    def __call__(self):
        return self.ns

    def forward(self, seconds):
        self.ns += int(seconds * 1e9)


ACCOUNT, CLIENT = "DU1234567", 7
DAY = 86_400_000_000_000


def instruction(ref, quantity=10.0, symbol="IWM", kind=OrderKind.MARKET, **fields):
    base = {
        "order": 1, "limit": None, "stop": None, "trail": None, "parent": "", "reduce_only": False,
        "group": "", "decided": NOON, "session": "2026-01-05", "reason": "enter",
        "tif": tif_of(kind, day=fields.pop("day", True)),
    }  # fmt: skip
    return Instruction(ref=ref, symbol=symbol, kind=kind, quantity=quantity, **{**base, **fields})


def decision(*send, cancel=(), decided=NOON, memory="{}"):
    return Decision(decided=decided, session="2026-01-05", send=send, cancel=tuple(cancel), memory=memory)


def order(perm, order_id, status="Submitted", **fields):
    """openOrder: the broker's word with reference and symbol."""
    base = {"client": CLIENT, "account": ACCOUNT, "symbol": "IWM", "quantity": 10.0}
    return OrderSeen(perm=perm, order_id=order_id, status=status, **{**base, **fields})


def status(perm, order_id, word, filled=0.0):
    """orderStatus: neither reference nor symbol."""
    return OrderSeen(perm=perm, client=CLIENT, order_id=order_id, status=word, filled=filled)


def completed(perm, word, ref, filled=None, **fields):
    """completedOrder: neither order id nor client."""
    base = {"account": ACCOUNT, "symbol": "IWM", "quantity": 10.0, "listed": Listed.ENDED, **fields}
    return OrderSeen(perm=perm, client=0, order_id=0, status=word, ref=ref, filled=filled, **base)


def execution(exec_id, quantity, perm, order_id, ref="", price=200.0, **fields):
    base = {"client": CLIENT, "account": ACCOUNT, "symbol": "IWM", "time": NOON, **fields}
    return ExecutionSeen(exec_id=exec_id, perm=perm, order_id=order_id, ref=ref, quantity=quantity, price=price, **base)


def commission(exec_id, amount=1.0):
    return CommissionSeen(exec_id=exec_id, amount=amount, currency="USD")


def sent(journal, *refs_and_quantities, symbol="IWM", least=100):
    """Orders that are decided, have their ids and have left; returns their ids."""
    wanted = [instruction(ref, quantity, symbol) for ref, quantity in refs_and_quantities]
    journal.record(decision(*wanted), ())
    ids = journal.assign([one.ref for one in wanted], CLIENT, least)
    journal.mark_sent(ids)
    return ids


def quick(path, cut):
    """A journal cut from `cut`, a closed one, that does not wait for the disk: what is asked is the order of words."""
    shutil.copyfile(cut, path)
    journal = Journal(path, Clock())
    journal.store.db.execute("PRAGMA synchronous = OFF")
    return journal
