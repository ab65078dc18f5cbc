# SPDX-License-Identifier: Apache-2.0
"""The account as plain numpy folds of the ledger, written apart from the kernel to check it."""

from fractions import Fraction

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind

TRADES = (EntryKind.FILL, EntryKind.LIQUIDATION)


def cash_path(result: RunRecord) -> np.ndarray:
    """(T,) cash at each close."""
    change = np.zeros(len(result.market))
    np.add.at(change, result.ledger["t"], result.ledger["amount"])
    return np.cumsum(change)


def quantity_path(result: RunRecord, role: int) -> np.ndarray:
    """(T,) shares held of one role at each close, a multiple of the step."""
    mine = result.ledger[result.ledger["role"] == role]
    change = np.zeros(len(result.market))
    np.add.at(change, mine["t"], mine["qty"])
    return in_steps(result, np.cumsum(change))


def in_steps(result: RunRecord, qty: np.ndarray) -> np.ndarray:
    """The multiples of the run's step nearest to sums of such multiples: the floats nearest to their decimals."""
    step, a_share = Fraction(repr(result.config.fills.quantity_step)).as_integer_ratio()
    return np.round(qty * a_share / step) * step / a_share


def values(result: RunRecord) -> np.ndarray:
    """(T, R) market value of each position at each close."""
    columns = [
        quantity_path(result, role) * result.market.bars[name]["close"] for role, name in enumerate(result.market.roles)
    ]
    return np.column_stack(columns)


def trades(result: RunRecord) -> np.ndarray:
    """Ledger entries that are executions."""
    return result.ledger[np.isin(result.ledger["kind"], TRADES)]


def of_kind(result: RunRecord, *kinds: EntryKind) -> np.ndarray:
    return result.ledger[np.isin(result.ledger["kind"], kinds)]
