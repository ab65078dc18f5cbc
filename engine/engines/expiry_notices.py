# SPDX-License-Identifier: Apache-2.0
"""What a run says of option contracts that were settled before the day they name."""

from __future__ import annotations

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.market.calendar import exchange
from engine.notice import Notice, loud, note


def early_settlements(result: RunRecord) -> tuple[Notice, ...]:
    """A notice for each contract whose expiry has no bars: a note on a holiday, loud where bars are missing."""
    sessions, said = result.market.bars["session"], []
    for place in np.flatnonzero(result.ledger["kind"] == EntryKind.OPTION_EXPIRY).tolist():
        contract, settled = result.entry_contracts[place], int(sessions[result.ledger["t"][place]])
        if contract.expiry > settled:
            said.append(_told(result.market.calendar, str(contract), contract.expiry, settled))
    return tuple(said)


def _told(calendar: str, name: str, expiry: int, settled: int) -> Notice:
    day, before = (str(np.datetime64(number, "D")) for number in (expiry, settled))
    if exchange(calendar).is_session([expiry])[0]:
        return loud(
            f"{name} expires on {day}, a session without bars: it was settled at the close of {before}, without the "
            f"move of the days between. Bars of {day} settle it there."
        )
    return note(f"{name} names {day}, which is no session: it was settled at the close before, on {before}.")
