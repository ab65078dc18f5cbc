# SPDX-License-Identifier: Apache-2.0
"""Reason codes in words: the strategy's own, and the engine's."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.strategy.base import ReasonKind, Strategy


class ReasonWords(NamedTuple):
    """What a code stands for: its lower-case name, the words of it, and its kind."""

    name: str
    words: str
    kind: ReasonKind = ReasonKind.OTHER


ENGINE_REASONS = {
    0: ReasonWords("none", "no reason given"),
    -1: ReasonWords("margin_call", "the broker sold to restore the margin", ReasonKind.FORCED),
    -2: ReasonWords("ruined", "the account's equity was gone and everything was closed", ReasonKind.FORCED),
    -3: ReasonWords("expiry", "the option expired and was settled in cash at its intrinsic value"),
    -4: ReasonWords("seam", "closed before other parameters took over"),
    -5: ReasonWords("role_ended", "closed at the last close there is: what a holder got is not known"),
    -6: ReasonWords("delisted", "its bars ended, and a share was paid what spans declares"),
}


def reason_table(strategy: type[Strategy]) -> Mapping[int, ReasonWords]:
    """By code, everything an order of this strategy can carry."""
    return _table(strategy.Reason)


@cache
def _table(reasons: Any) -> Mapping[int, ReasonWords]:
    """Said once a process: a sweep and a notebook ask for it at every run."""
    names = [(member, member.name.lower()) for member in reasons]
    own = {int(one): ReasonWords(name, one.words or name, one.kind) for one, name in names}
    return MappingProxyType(ENGINE_REASONS | own)
