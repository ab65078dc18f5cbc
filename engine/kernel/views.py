# SPDX-License-Identifier: Apache-2.0
"""Sleeves see the bytes of the account under their own names: numpy dtypes with explicit offsets.

A strategy that runs as a sleeve reads `bar.small` and `account.equity` as it does alone; here that is role
`hedge.small` of the kernel and the equity of the sleeve. Every view has the item size of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.sleeves import prefix
from engine.records import ASSET_BAR, CONTRACT, HOLDING, LISTED, OWN, SLEEVE

CLOCK_FIELDS = 4
"""Fields of a bar before the roles."""


@dataclass(frozen=True)
class Part:
    """A sleeve's place in the account: sleeve `number`, kernel roles from `first_role`, option slots from `first_slot`.

    roles and options are the strategy's own names. The one sleeve of a single run has no name.
    plain  those of the roles, from the first on, that on_bar may read by name: all of them but in a list
    listed  whether on_bar counts its roles: `bar.at(i)`
    """

    number: int
    name: str
    roles: tuple[str, ...]
    first_role: int
    options: tuple[str, ...]
    first_slot: int
    plain: tuple[str, ...] = ()
    listed: bool = False

    def named(self, own: str) -> str:
        """One of the strategy's own names as the account has it."""
        return prefix(self.name) + own

    def option_shift(self, roles: int) -> int:
        """What turns own number of roles + own slot into those of the account, which has `roles` in all."""
        return roles + self.first_slot - len(self.roles)


def place_parts(
    strategies: Mapping[str, tuple[Sequence[str], Sequence[str]]], plain: Mapping[str, Sequence[str]] | None = None
) -> tuple[Part, ...]:
    """The parts side by side; strategies: sleeve -> (roles, option slots); plain: one with a list -> its names."""
    parts, role, slot = [], 0, 0
    for number, (name, (roles, options)) in enumerate(strategies.items()):
        named = tuple((plain or {}).get(name, roles))
        parts.append(Part(number, name, tuple(roles), role, tuple(options), slot, named, name in (plain or {})))
        role, slot = role + len(roles), slot + len(options)
    return tuple(parts)


def bar_view(whole: np.dtype[Any], part: Part, roles: int) -> np.dtype[Any]:
    """A bar with the sleeve's roles, and every series; `roles` is how many the whole bar has."""
    names = whole.names or ()
    own = names[CLOCK_FIELDS + part.first_role :][: len(part.roles)]
    theirs = [*names[:CLOCK_FIELDS], *own, *names[CLOCK_FIELDS + roles :]]
    called = [*names[:CLOCK_FIELDS], *part.roles, *names[CLOCK_FIELDS + roles :]]
    return _view(whole, dict(zip(called, [(whole[name], _offset(whole, name)) for name in theirs], strict=True)))


def orders_view(book: np.dtype[Any], part: Part, sleeves: int) -> np.dtype[Any]:
    """The book for the order API: the sleeve's holdings, contracts and weights by index, its money, all orders.

    `owner` is the account's, and so is what is counted as it: an order says by its role of the account whose it is.
    """
    asset = (np.dtype((HOLDING, (len(part.roles),))), _holding(book, part.first_role))
    contract = (np.dtype((CONTRACT, (len(part.options),))), _contract(book, part.first_slot))
    order = (book["order"], _offset(book, "order"))
    weighed = (np.dtype(("f8", (len(part.roles),))), _offset(book, "weighed") + 8 * part.first_role)
    noted = (np.dtype(("i8", (len(part.roles),))), _offset(book, "noted") + 8 * part.first_role)
    own = {
        "asset": asset,
        "order": order,
        "contract": contract,
        "weighed": weighed,
        "noted": noted,
        **{name: (book[name], _offset(book, name)) for name in ("owner", "cut", "cut_at", "rules", "spans")},
    }
    return _view(book, {**_scalars(book, part, sleeves), **own})


def account_view(book: np.dtype[Any], part: Part, sleeves: int) -> np.dtype[Any]:
    """The book for the author: the sleeve's holdings and contracts by name, those of a list by number."""
    holdings = {role: (HOLDING, _holding(book, part.first_role + at)) for at, role in enumerate(part.plain)}
    if part.listed:
        holdings["asset"] = (np.dtype((HOLDING, (len(part.roles),))), _holding(book, part.first_role))
    contracts = {slot: (CONTRACT, _contract(book, part.first_slot + at)) for at, slot in enumerate(part.options)}
    return _view(book, {**_scalars(book, part, sleeves), **holdings, **contracts})


def listed_bar(bar: np.dtype[Any], roles: int, plain: int) -> np.dtype[Any]:
    """A bar with `roles` roles by number, the first `plain` of them by name too; the names of the others are not in it.

    So two lists of one length are one type to the compiler.
    """
    names = bar.names or ()
    kept = (*names[: CLOCK_FIELDS + plain], *names[CLOCK_FIELDS + roles :])
    by_number = (np.dtype((ASSET_BAR, (roles,))), _offset(bar, names[CLOCK_FIELDS]))
    return _view(bar, {**{name: (bar[name], _offset(bar, name)) for name in kept}, LISTED: by_number})


def listed_features(features: np.dtype[Any], roles: int) -> np.dtype[Any]:
    """Features with those of each role by its number; their columns are `score.SPY`, role by role."""
    names = features.names or ()
    of_roles = [name for name in names if "." in name]
    fields = {name: (features[name], _offset(features, name)) for name in names if "." not in name}
    if of_roles:
        each = [(name.partition(".")[0], "f8") for name in of_roles[: len(of_roles) // roles]]
        fields[LISTED] = (np.dtype((np.dtype(each), (roles,))), _offset(features, of_roles[0]))
    return _view(features, fields)


def side_by_side(parts: Sequence[Part], tables: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """One table of the sleeves' tables, field `sleeve.field` of each."""
    own = list(zip(parts, tables, strict=True))
    fields = [(part.named(field), table.dtype[field]) for part, table in own for field in table.dtype.names or ()]
    whole = np.zeros(len(own[0][1]), fields)
    for part, table in own:
        for field in table.dtype.names or ():
            whole[part.named(field)] = table[field]
    return whole


def part_view(whole: np.dtype[Any], part: Part, own: np.dtype[Any]) -> np.dtype[Any]:
    """One of the records that `side_by_side` put together, under its own names."""
    return _view(whole, {field: (own[field], _offset(whole, part.named(field))) for field in own.names or ()})


def _scalars(book: np.dtype[Any], part: Part, sleeves: int) -> dict[str, tuple[Any, int]]:
    """Single numbers of the book; of several sleeves each has its own money."""
    found = {}
    for name in book.names or ():
        if book[name].shape or book[name].names:
            continue
        found[name] = (book[name], _offset(book, name))
        if sleeves > 1 and name in OWN:
            own = _offset(book, "sleeve") + part.number * SLEEVE.itemsize
            found[name] = (SLEEVE[name], own + _offset(SLEEVE, name))
    return found


def _holding(book: np.dtype[Any], role: int) -> int:
    return _offset(book, "asset") + role * HOLDING.itemsize


def _contract(book: np.dtype[Any], slot: int) -> int:
    return _offset(book, "contract") + slot * CONTRACT.itemsize


def _offset(whole: np.dtype[Any], name: str) -> int:
    return int(whole.fields[name][1])  # type: ignore[index]


def _view(whole: np.dtype[Any], fields: Mapping[str, tuple[Any, int]]) -> np.dtype[Any]:
    return np.dtype(
        {
            "names": list(fields),
            "formats": [kind for kind, _ in fields.values()],
            "offsets": [offset for _, offset in fields.values()],
            "itemsize": whole.itemsize,
        }
    )
