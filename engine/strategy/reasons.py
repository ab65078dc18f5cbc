# SPDX-License-Identifier: Apache-2.0
"""Reason codes in words: the strategy's own, and the engine's."""

from engine.strategy.base import Strategy

ENGINE_REASONS: dict[int, tuple[str, str]] = {
    0: ("none", "no reason given"),
    -1: ("margin_call", "the broker sold to restore the margin"),
    -2: ("ruined", "the account's equity was gone and everything was closed"),
    -3: ("expiry", "the option expired and was settled in cash at its intrinsic value"),
}


def reason_table(strategy: type[Strategy]) -> dict[int, tuple[str, str]]:
    """(lower-case name, words) by code of everything an order of this strategy can carry."""
    own = {int(member): (member.name.lower(), member.words or member.name.lower()) for member in strategy.Reason}
    return {**ENGINE_REASONS, **own}
