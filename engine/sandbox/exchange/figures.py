# SPDX-License-Identifier: Apache-2.0
"""The figures of an account as the broker reports them, written so that they read back to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.kernel.codes import MarginKind
from engine.kernel.margin import add_shares
from engine.sandbox.exchange.account import Account
from engine.sandbox.exchange.holdings import Holding
from engine.sandbox.tickets import AccountValue, Contract, Position

DAY_TRADING = 4.0
"""A margin account may hold four times its available funds within a day; a cash account what it can pay."""


def values_of(account: Account, holdings: Sequence[Holding], day_equity: float) -> list[AccountValue]:
    """Every figure, in dollars where its currency says so. day_equity is that with which the day began."""
    book = account.book
    _, initial, _ = add_shares(book, account.terms, -1, 0.0, 0.0, book.cash, 0.0, 0.0)
    equity, maintenance = book.equity, book.maintenance
    available, excess = equity - initial, equity - maintenance
    power = available * (1.0 if book.rules.margin == MarginKind.CASH else DAY_TRADING)
    longs = sum(max(0.0, one.value) for one in book.asset)
    shorts = sum(min(0.0, one.value) for one in book.asset)
    unrealized = sum(_unrealized(one, own) for one, own in zip(book.asset, holdings, strict=True))
    dollars = {
        "NetLiquidation": equity,
        "TotalCashValue": book.cash,
        "TotalCashBalance": book.cash,
        "CashBalance": book.cash,
        "SettledCash": book.cash,
        "EquityWithLoanValue": equity,
        "GrossPositionValue": longs - shorts,
        "StockMarketValue": longs + shorts,
        "InitMarginReq": initial,
        "MaintMarginReq": maintenance,
        "FullInitMarginReq": initial,
        "FullMaintMarginReq": maintenance,
        "AvailableFunds": available,
        "ExcessLiquidity": excess,
        "FullAvailableFunds": available,
        "FullExcessLiquidity": excess,
        "BuyingPower": max(0.0, power),
        "DailyPnL": equity - day_equity,
        "UnrealizedPnL": unrealized,
        "RealizedPnL": sum(own.realized for own in holdings),
    }
    cushion = excess / equity if equity > 0.0 else 0.0
    words = [("AccountType", "INDIVIDUAL"), ("AccountReady", "true"), ("Cushion", repr(float(cushion)))]
    return [
        *(AccountValue(account.name, key, text, "") for key, text in words),
        *(AccountValue(account.name, key, repr(float(value))) for key, value in dollars.items()),
    ]


def position_of(account: str, contract: Contract, marked: Any, holding: Holding) -> Position:
    """One position at its mark."""
    return Position(
        account, contract, holding.quantity, holding.average, marked.close, holding.quantity * marked.close,
        _unrealized(marked, holding), holding.realized,
    )  # fmt: skip


def _unrealized(marked: Any, holding: Holding) -> float:
    return holding.quantity * (marked.close - holding.average) if holding.quantity else 0.0
