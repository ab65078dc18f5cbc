# SPDX-License-Identifier: Apache-2.0
"""One sleeve of a portfolio's run as a RunRecord of its own: what was measured of a strategy alone can be of a sleeve.

Its account is its part of the account: its deposit, its entries, its holdings. Fills were those of the whole account:
margin, borrow fee, interest and the cap on volume were the account's, so a run of the strategy alone may differ.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.attribution.sleeves import SleevePath, sleeve_paths
from engine.analytics.ledger_paths import LedgerPaths, fold, leg_closes
from engine.engines.run_record import RunRecord
from engine.kernel.views import Part, bar_view
from engine.market.panel import Market
from engine.model.sleeves import alone, prefix
from engine.records import POINT
from engine.strategy.interpretation import Interpretation
from engine.strategy.reasons import ReasonWords


def sleeve_results(result: RunRecord) -> tuple[RunRecord, ...]:
    """The run as each of its sleeves had it, under the strategy's own names; of a single run the run itself.

    Order ids and reason codes stay. `points.maintenance` is NaN: the broker asks it of the account alone.
    """
    if not result.sleeves:
        return (result,)
    paths = fold(result)
    return tuple(_of_sleeve(result, paths, own) for own in sleeve_paths(result, paths))


def _of_sleeve(result: RunRecord, paths: LedgerPaths, own: SleevePath) -> RunRecord:
    number = result.sleeves.index(own.name)
    mark = prefix(own.name)
    legs = np.flatnonzero(result.sleeve_numbers(np.arange(len(result.legs))) == number)
    market, options = _market(result.market, mark), _named(result.options, mark)
    part, mine = alone(result.config, own.name), result.sleeve_numbers(result.ledger["role"]) == number
    account = part.account.model_copy(update={"cash": float(own["deposits"][0])})
    return replace(
        result,
        config=part.model_copy(update={"account": account}),
        market=market,
        ledger=_renumbered(result.ledger[mine], legs),
        points=_points(result, paths, own, legs),
        orders=_renumbered(result.orders[result.sleeve_numbers(result.orders["role"]) == number], legs),
        features=_features(result.features, mark),
        params=_named(result.params, mark),
        reasons=_reasons(result, mark),
        options={slot: role.removeprefix(mark) for slot, role in options.items()},
        marks=_marks(result, legs),
        state=_named(result.state, mark),
        interpretation=Interpretation(),
    )


def _named(values: dict[str, Any], mark: str) -> dict[str, Any]:
    """The entries of one sleeve under its own names."""
    return {name.removeprefix(mark): value for name, value in values.items() if name.startswith(mark)}


def _market(market: Market, mark: str) -> Market:
    symbols = {role: symbol for role, symbol in market.symbols.items() if role.startswith(mark)}
    first = market.roles.index(next(iter(symbols)))
    part = Part(0, "", tuple(role.removeprefix(mark) for role in symbols), first, (), 0)
    seen = market.bars.view(bar_view(market.bars.dtype, part, len(market.roles)))
    return replace(market, bars=seen, symbols=dict(zip(part.roles, symbols.values(), strict=True)))


def _renumbered(records: NDArray[Any], legs: NDArray[np.int64]) -> NDArray[Any]:
    """A copy whose roles count the sleeve's legs; entries without a role have -1."""
    records = records.copy()
    records["role"] = np.where(records["role"] < 0, -1, np.searchsorted(legs, records["role"]))
    return records


def _points(result: RunRecord, paths: LedgerPaths, own: SleevePath, legs: NDArray[np.int64]) -> NDArray[Any]:
    points = np.zeros(len(result.points), POINT)
    points["equity"] = own.equity
    points["cash"] = own.equity - (paths.positions * leg_closes(result))[:, legs].sum(axis=1)
    points["maintenance"] = np.nan
    return points


def _features(features: NDArray[Any], mark: str) -> NDArray[Any]:
    names = [name for name in features.dtype.names or () if name.startswith(mark)]
    table = np.zeros(len(features), [(name.removeprefix(mark), features.dtype[name]) for name in names])
    for name in names:
        table[name.removeprefix(mark)] = features[name]
    return table


def _reasons(result: RunRecord, mark: str) -> dict[int, ReasonWords]:
    """The engine's reasons, and the sleeve's under their own names."""
    return {
        code: one._replace(name=one.name.removeprefix(mark))
        for code, one in result.reasons.items()
        if code <= 0 or one.name.startswith(mark)
    }


def _marks(result: RunRecord, legs: NDArray[np.int64]) -> NDArray[Any]:
    roles = len(result.market.roles)
    slots = legs[legs >= roles] - roles
    marks = result.marks[np.isin(result.marks["slot"], slots)].copy()
    marks["slot"] = np.searchsorted(slots, marks["slot"])
    return marks
