# SPDX-License-Identifier: Apache-2.0
"""The first gate: whose money it is. It is asked before a single byte of an order can leave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import InputError, Problem

PAPER = "DU"
"""How the broker's paper accounts begin."""


def the_account(accounts: Sequence[str], wanted: str, *, live: bool) -> str:
    """The account to trade.

    Every account behind the login must be a paper account, unless `live` is said and the account's id is typed.

    Raises InputError otherwise, and where it is not clear which account is meant.
    """
    real = [one for one in accounts if not one.startswith(PAPER)]
    if not accounts:
        raise InputError(Problem("the broker names no account", path="paper.account"))
    if real and not (live and wanted):
        raise InputError(
            Problem(
                "this is not a paper account; nothing was sent",
                path="paper.account",
                found=", ".join(real),
                allowed=f"accounts that begin with {PAPER}; or `--live ACCOUNT`, with the account's id typed",
            )
        )
    if wanted and wanted not in accounts:
        raise InputError(
            Problem(
                "the broker has no such account",
                path="paper.account",
                found=wanted,
                allowed=", ".join(accounts),
            )
        )
    if not wanted and len(accounts) > 1:
        raise InputError(
            Problem("the login has several accounts: say which", path="paper.account", allowed=", ".join(accounts))
        )
    return wanted or accounts[0]


def check_same_account(account: str, before: str | None, journal: Path) -> None:
    """A journal is of one account. Raises InputError where it was begun with another one."""
    if before not in {None, account}:
        raise InputError(
            Problem(
                "this journal is another account's",
                file=str(journal),
                found=account,
                allowed=f"{before}; another account needs another folder",
            )
        )
