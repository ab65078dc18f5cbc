# SPDX-License-Identifier: Apache-2.0
"""What a reader of any figure or decision must know of the account behind it: its rules where they flatter, its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.analytics.attribution.sleeves import SleevePath, sleeve_paths
from engine.analytics.ledger_paths import fold
from engine.engines.run_record import RunRecord
from engine.notice import Notice, loud


def account_notices(result: RunRecord, sleeves: Sequence[SleevePath] | None = None) -> list[Notice]:
    """Loud: no margin rules, optimistic fills, ruin of the account or of a sleeve with its session.

    sleeves  as `sleeve_paths` has them; None: they are made from the ledger
    """
    config, said = result.config, []
    if config.account.margin.kind == "none":
        said.append(
            f"No margin rules: this account could borrow without limit, which no broker offers{_unlent(result)}."
        )
    if config.fills.at == "this_close":
        said.append("Same-bar fills: orders fill at the close that decided them, which is optimistic.")
    if config.fills.intrabar == "optimistic":
        said.append("Optimistic fills: where a bar touched both sides, the better one was taken first.")
    sessions, ruined = result.market.sessions, np.flatnonzero(~(result.points["equity"] > 0))
    if len(ruined):
        said.append(f"Ruined: equity was not positive on {sessions[ruined[0]]}.")
    if sleeves is None:
        sleeves = sleeve_paths(result, fold(result)) if result.sleeves else ()
    for sleeve in sleeves:
        gone = np.flatnonzero(~(sleeve.equity > 0))
        if len(gone):
            said.append(f"Sleeve {sleeve.name} had no equity left on {sessions[gone[0]]}: what it held was closed.")
    return [loud(text) for text in said]


def _unlent(result: RunRecord) -> str:
    """What else nobody refuses without margin rules: shorts of what the borrow table has no shares of."""
    borrow = result.config.costs.borrow
    rows = [row for table in borrow.values() for row in table] if isinstance(borrow, dict) else []
    return "" if all(row.available for row in rows) else "; `available: false` of costs.borrow refuses no short either"
