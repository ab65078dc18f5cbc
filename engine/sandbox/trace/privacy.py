# SPDX-License-Identifier: Apache-2.0
"""What a trace keeps to itself: accounts and names become stand-ins, the same one wherever they come again."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

PAPER = ("DU", "DF", "DI")
"""How ids of paper accounts begin: a person's, an advisor's, and those under an advisor."""

NAMES = {
    "orderRef": "ref",
    "ocaGroup": "group",
    "faGroup": "advisor",
    "faProfile": "profile",
    "faPercentage": "percentage",
    "model": "model",
    "modelCode": "model",
    "clearingAccount": "clearing",
    "settlingFirm": "firm",
    "extOperator": "operator",
    "mifid2DecisionMaker": "maker",
    "mifid2ExecutionTrader": "trader",
    "advanced": "advanced",
    "options": "options",
    "orderMiscOptions": "options",
    "capabilities": "capabilities",
}
"""Fields that hold words of a person's own, and what stands in for those."""

_NUMBER = re.compile(r"[-+]?[0-9.]*(E[-+]?\d+)?\Z", re.IGNORECASE)


class NotPaper(Exception):
    """An account that is not a paper account: of it nothing is recorded."""


class Privacy:
    """Stand-ins, made as they are needed. Nothing is let through before the accounts are known."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}

    @property
    def knows_accounts(self) -> bool:
        """Whether the broker has said whose accounts these are."""
        return bool(self._accounts)

    def learn(self, accounts: str) -> None:
        """Take in the broker's list of accounts. Raises NotPaper where one of them is for real money."""
        named = [account for account in accounts.split(",") if account]
        for account in named:
            if not account.startswith(PAPER):
                raise NotPaper(f"an account that begins with {account[:1]!r} is no paper account: nothing is recorded")
        for account in named:
            self._accounts.setdefault(account, f"{account[:2]}{len(self._accounts) + 1:07d}")

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a message without what is private."""
        return {name: self._value(name, value) for name, value in values.items()}

    def fields(self, fields: list[str]) -> list[str]:
        """Fields of a message that could not be read: numbers stay, of texts only the length is told."""
        return [text if _NUMBER.match(text) else f"<{len(text)}>" for text in map(self.text, fields)]

    def text(self, text: str) -> str:
        """A text with stand-ins for accounts."""
        for account in sorted(self._accounts, key=len, reverse=True):
            text = text.replace(account, self._accounts[account])
        return text

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self.values(one) for one in value]
        if isinstance(value, float) and math.isinf(value):
            return "Infinite"
        if not isinstance(value, str) or not value:
            return value
        kind = NAMES.get(name)
        if kind is None:
            return self.text(value)
        count = sum(1 for known, _ in self._names if known == kind)
        return self._names.setdefault((kind, value), f"{kind}-{count + 1}")
