# SPDX-License-Identifier: Apache-2.0
"""Orders that cannot be meant: what the run that they stop says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import RunError, StrategyError
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.kernel.codes import RunCode
from engine.records import PLACES
from engine.strategy.reasons import reason_table


class Fault(NamedTuple):
    """Why the kernel stopped: a RunCode other than OK, the strategy's role (-1: of none), the number at fault."""

    code: int
    role: int
    number: float


SHOWN = 6
"""Features that a message names."""

_OPTION_MISTAKES = {
    RunCode.BAD_SLOT: "an order for an option slot that it does not declare",
    RunCode.BAD_CONTRACT: "an option order needs a strike above 0, CALL or PUT for its right, and a session's number "
    "(days since 1970-01-01, as bar.session) for its expiry",
    RunCode.NOT_FOR_OPTIONS: "attach, oco, reduce_only and move are not for option orders",
}

_MISTAKES = {
    RunCode.BAD_PRICE: "sent an order for {leg} with a price of {number:g}; prices are above 0",
    RunCode.BAD_DISTANCE: "sent a trailing stop for {leg} with a distance of {number:g}; a distance is above 0, and "
    "that of a sale is less than the price: a stop below 0 is never touched",
    RunCode.BAD_FRACTION: "sent a trail_percent for {leg} with a fraction of {number:g}; it lies between 0 and 1"
    "{meant}",
    RunCode.OTHER_ROLE: "attached an order for {leg} to one for {other}; a child guards what its parent fills, so both "
    "are of one role. To open a second leg when the first has filled, send it on the bar that sees the position "
    "(`account.{name}.qty`)",
    RunCode.OWN_CHILD: "attached an order for {leg} to itself, or to an order that waits for it: it would wait "
    "for ever",
    RunCode.BAD_DAY: "sent an order for {leg} with day={number:g}; 1 ends it with its session, 0 keeps it until it is "
    "cancelled",
    RunCode.BAD_EXIT: "sent an exit for {leg} at {number:g} from its fill; a distance, or a fraction such as "
    "0.05, is above 0, and below the price it is less than the price{meant}",
    RunCode.NO_ENTRY: "sent an exit for order {number:g}, which had ended before this decision; send "
    "stop_loss, trailing_stop and take_profit with their entry, or `orders.reduce_only(orders.stop(...))` for a "
    "position that stands",
    RunCode.BAD_REASON: "sent an order with a reason below 0, which is the engine's; reasons are the codes of its "
    "Reason, or 0",
}


def stopped(prepared: Prepared, deciding: int, fault: Fault, row: int) -> Exception:
    """Why a run ended early in `row`, as the error to raise; deciding is the sleeve whose orders these were."""
    sleeve, most = prepared.sleeves[deciding], prepared.config.account.orders
    name = sleeve.strategy.__name__
    when = sleeve.market.sessions[row]
    code = RunCode(fault.code)
    if code == RunCode.BOOK_FULL:
        return RunError(
            f"{name} has more than {most} orders working on {when}; cancel the old ones with orders.cancel, or allow "
            "more with account.orders"
        )
    if code == RunCode.NO_PLACE:
        return RunError(
            f"{name} has sent more than {PLACES * most} orders on {when}, those counted that it took back in the same "
            "bar; send what is to stay, or allow more with account.orders"
        )
    if code == RunCode.BAD_ROLE:
        return StrategyError(
            f"{name} sent an order on {when} for a role that does not exist; "
            f"roles count from 0 to {len(sleeve.market.symbols) - 1}"
        )
    if code == RunCode.NO_SUCH_ROLE:
        return StrategyError(
            f"{name} asked on {when} for at({fault.number:.0f}), and there is no such role; "
            f"roles count from 0 to {len(sleeve.market.symbols) - 1}"
        )
    if code in _OPTION_MISTAKES:
        slots = ", ".join(f"{slot} ({option})" for slot, option in enumerate(sleeve.part.options)) or "none"
        return StrategyError(f"{name} on {when}: {_OPTION_MISTAKES[code]}; its option slots: {slots}")
    if code in _MISTAKES:
        return StrategyError(f"{name} on {when} {_said(sleeve, code, fault)}")
    return StrategyError(
        f"{name} sent an order on {when} whose quantity or price is not a finite number; {_where_from(sleeve, row)}"
    )


def _where_from(sleeve: PreparedSleeve, row: int) -> str:
    """What to do about a number that is none: the features without a value in `row`, where there are any."""
    missing = [name for name in sleeve.features.dtype.names or () if np.isnan(sleeve.features[name][row])]
    if not missing:
        return (
            "guard divisions and NaN features (`if f.x != f.x: return`), or run with --mode interpreted, which stops "
            "at the line that divides by zero"
        )
    first = missing[0]
    told = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
    name = f"f.at(i).{first.partition('.')[0]}" if "." in first else f"f.{first}"
    return f"no value on this bar, for want of history or of a price: {told}; send nothing where `{name} != {name}`"


def refuse_unknown_reasons(prepared: Prepared, orders: NDArray[Any]) -> None:
    """Raise StrategyError on the first order that carries a number which is no reason of its strategy."""
    owner = None if prepared.lone else prepared.first_book()["owner"][0]
    for part, sleeve in zip(prepared.parts, prepared.sleeves, strict=True):
        known = reason_table(sleeve.strategy)
        mine = orders if owner is None else orders[owner[orders["role"]] == part.number]
        if _within(mine["reason"], known):
            continue
        unknown = mine[~np.isin(mine["reason"], list(known))]
        if len(unknown):
            first, name = unknown[np.argmin(unknown["id"])], sleeve.strategy.__name__
            own = ", ".join(f"{code} ({one.name})" for code, one in known.items() if code > 0)
            raise StrategyError(
                f"{name} sent an order on {sleeve.market.sessions[first['born']]} with the reason {first['reason']}, "
                f"which is no Reason of {name}; "
                + (
                    f"it has {own}"
                    if own
                    else "it has none: name a class of ReasonCode as its Reason, or send no reason"
                )
            )


def _within(codes: NDArray[Any], known: Collection[int]) -> bool:
    """Whether all codes are surely known: between the least and the most of `known`, where no number is left out.

    This is the common case, and takes a tenth of the time of looking each code up.
    """
    low, high = min(known), max(known)
    return len(known) == high - low + 1 and bool(codes.min(initial=low) >= low and codes.max(initial=high) <= high)


def _said(sleeve: PreparedSleeve, code: RunCode, fault: Fault) -> str:
    roles, number = list(sleeve.market.symbols.items()), fault.number
    role, symbol = roles[max(0, fault.role)]
    name, other = roles[int(number)] if code == RunCode.OTHER_ROLE else ("", "")
    meant = f" ({number:g} per cent is {number / 100.0:g})" if 1.0 <= number < 100.0 else ""
    return _MISTAKES[code].format(
        leg=f"{role} ({symbol})", number=number, meant=meant, name=name, other=f"{name} ({other})"
    )
