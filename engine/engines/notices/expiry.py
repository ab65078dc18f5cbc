# SPDX-License-Identifier: Apache-2.0
"""What a run says of option contracts that were settled before the day they name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.market.calendar import exchange
from engine.notice import Notice, loud, note

FEW = 3
"""Contracts that are told one by one; of more the first and their number say what to look at."""


def early_settlements(result: RunRecord) -> tuple[Notice, ...]:
    """What is said of contracts whose expiry has no bars: a note on a holiday, loud where bars are missing."""
    sessions, calendar = result.market.bars["session"], result.market.calendar
    missing, holidays = [], []
    for place in np.flatnonzero(result.ledger["kind"] == EntryKind.OPTION_EXPIRY).tolist():
        contract, settled = result.entry_contracts[place], int(sessions[result.ledger["t"][place]])
        if contract.expiry > settled:
            name, day, before = str(contract), _date(contract.expiry), _date(settled)
            if exchange(calendar).is_session([contract.expiry])[0]:
                missing.append(
                    f"{name} expires on {day}, a session without bars: it was settled at the close of {before}, "
                    f"without the move of the days between. Bars of {day} settle it there."
                )
            else:
                holidays.append(
                    f"{name} names {day}, which is no session: it was settled at the close before, on {before}."
                )
    return (*_told(loud, missing), *_told(note, holidays))


def _told(level: Callable[[str], Notice], said: list[str]) -> tuple[Notice, ...]:
    """All of a few; the first of many, with how many there are."""
    if len(said) <= FEW:
        return tuple(level(one) for one in said)
    return (level(f"{said[0]} {len(said) - 1:,} more contracts likewise."),)


def _date(number: int) -> str:
    return str(np.datetime64(number, "D"))
