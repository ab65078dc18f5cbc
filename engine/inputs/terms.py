# SPDX-License-Identifier: Apache-2.0
"""From the configuration's dated tables to the rows that the kernel reads: the broker's terms, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import ConfigError, DataError, Problem
from engine.market.panel import Market
from engine.model.run import (
    BorrowRow,
    CommissionRow,
    Costs,
    Dated,
    DebitStep,
    InterestRow,
    Margin,
    MarginRow,
    RebateStep,
    RegulatoryRow,
    Step,
)
from engine.records import TIERS, terms_dtype

Row = TypeVar("Row", bound=Dated)
EPOCH = dt.date(1970, 1, 1)


def build_terms(market: Market, costs: Costs, margin: Margin, *, monthly: bool = False) -> NDArray[Any]:
    """The terms in force over the market's sessions: one row for each date on which anything changes.

    monthly: each month begins a row too, for what happens once a period.
    The tables of `costs` and `margin` must be resolved to rows. Raises ConfigError where a table does not cover the
    first session.
    """
    sessions = _dates_of_change(market, costs, margin, monthly)
    terms = np.zeros(len(sessions), terms_dtype(len(market.symbols)))
    terms["session"] = sessions
    terms["month"] = sessions.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    _commissions(terms, sessions, _rows(costs.commission, CommissionRow, "costs.commission"))
    _regulation(terms, sessions, _rows(costs.regulatory, RegulatoryRow, "costs.regulatory"))
    _interest(terms, sessions, _rows(costs.interest, InterestRow, "costs.interest"))
    borrow = costs.borrow
    if isinstance(borrow, str):
        raise _unresolved("costs.borrow", borrow)
    for role, symbol in enumerate(market.symbols.values()):
        asset = terms["asset"][:, role]
        asset["half_spread"] = by_symbol(costs.slippage.half_spread, symbol, "costs.slippage.half_spread")
        _borrow(asset, sessions, by_symbol(borrow, symbol, "costs.borrow"))
        _margin(
            asset, sessions, _rows(margin.table, MarginRow, "account.margin.table"), margin.multiples.get(symbol, 1.0)
        )
    return terms


def _dates_of_change(market: Market, costs: Costs, margin: Margin, monthly: bool) -> NDArray[np.int64]:
    """The first session, and every later date up to the last one from which a table has a new row.

    Where commissions step by the shares of a month, each month begins a row too: it starts the count again.
    """
    first, last = int(market.bars["session"][0]), int(market.bars["session"][-1])
    borrow = costs.borrow.values() if isinstance(costs.borrow, Mapping) else ()
    tables = [costs.commission, costs.regulatory, costs.interest, margin.table, *borrow]
    dates = {(row.since - EPOCH).days for table in tables if not isinstance(table, str) for row in table}
    stepped = any(not isinstance(row, str) and not isinstance(row.per_share, float) for row in costs.commission)
    if stepped or monthly:
        months = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D"), dtype="datetime64[M]") + 1
        dates |= set(months.astype("datetime64[D]").astype(np.int64).tolist())
    return np.array([first, *sorted(date for date in dates if first < date <= last)], np.int64)


def benchmark_rates(market: Market, costs: Costs) -> FloatArray:
    """Annual benchmark rate, a fraction: (T,) by bar, or (1,) when it is constant. Sharpe and interest start from it.

    Raises ConfigError when the name is not a bound series, DataError when it has no value on a bar.
    """
    if isinstance(costs.benchmark, float):
        return np.array([costs.benchmark])
    if costs.benchmark not in market.series:
        bound = ", ".join(market.series) or "none"
        raise ConfigError(
            Problem("no such series is bound", path="costs.benchmark", found=costs.benchmark, allowed=bound)
        )
    rates: FloatArray = getattr(market, costs.benchmark)
    if np.isnan(rates).any():
        missing = np.unique(market.sessions[np.isnan(rates)])
        raise DataError(
            f"series {costs.benchmark!r} ({market.series[costs.benchmark]}) has no value on {len(missing)} sessions, "
            f"first {missing[0]}, last {missing[-1]}; bind one that covers the run, raise its stale_after, or set "
            "costs.benchmark to a fraction a year"
        )
    return rates


def _commissions(terms: NDArray[Any], sessions: NDArray[np.int64], rows: Sequence[CommissionRow]) -> None:
    at = _in_force(sessions, rows, "costs.commission")
    for index, row in enumerate(rows):
        here = at == index
        _steps(terms, here, "per_share", "shares_upto", row.per_share)
        for name in ("minimum", "maximum", "notional", "clearing", "pass_through"):
            terms[name][here] = getattr(row, name)


def _regulation(terms: NDArray[Any], sessions: NDArray[np.int64], rows: Sequence[RegulatoryRow]) -> None:
    at = _in_force(sessions, rows, "costs.regulatory")
    for index, row in enumerate(rows):
        here = at == index
        terms["sell_notional"][here] = row.sec
        terms["sell_share"][here] = row.taf
        terms["sell_share_cap"][here] = np.inf if row.taf_cap is None else row.taf_cap


def _interest(terms: NDArray[Any], sessions: NDArray[np.int64], rows: Sequence[InterestRow]) -> None:
    at = _in_force(sessions, rows, "costs.interest")
    for index, row in enumerate(rows):
        here = at == index
        _steps(terms, here, "debit_spread", "debit_upto", row.debit)
        terms["credit_spread"][here] = row.credit_spread
        terms["credit_exempt"][here] = row.credit_exempt
        terms["over_benchmark"][here] = float(row.over_benchmark)
        rebate = row.rebate_spread if isinstance(row.rebate_spread, list) else [RebateStep(spread=row.rebate_spread)]
        spreads = [np.inf if step.spread is None else step.spread for step in rebate]
        _schedule(terms, here, "rebate_spread", "rebate_upto", spreads, [step.upto for step in rebate])


def _borrow(asset: NDArray[Any], sessions: NDArray[np.int64], rows: Sequence[BorrowRow]) -> None:
    at = _in_force(sessions, rows, "costs.borrow")
    asset["borrow"] = np.array([row.rate for row in rows])[at]
    asset["shortable"] = np.array([float(row.available) for row in rows])[at]


def _margin(asset: NDArray[Any], sessions: NDArray[np.int64], rows: Sequence[MarginRow], multiple: float) -> None:
    at = _in_force(sessions, rows, "account.margin.table")
    for name in ("maintenance_long", "maintenance_short"):
        asset[name] = np.minimum(1.0, multiple * np.array([getattr(row, name) for row in rows])[at])
    for side in ("long", "short"):
        given = np.array([getattr(row, f"initial_{side}") for row in rows])[at]
        asset[f"initial_{side}"] = np.maximum(given, asset[f"maintenance_{side}"])
    for name in ("floor_high", "floor_low"):
        asset[name] = np.array([getattr(row, name) for row in rows])[at]


def _steps(
    terms: NDArray[Any],
    here: NDArray[np.bool_],
    rate_name: str,
    upto_name: str,
    given: float | Sequence[Step | DebitStep],
) -> None:
    """Write a schedule of at most TIERS steps; the last one and the unused ones never end."""
    steps = [Step(rate=given)] if isinstance(given, int | float) else list(given)
    _schedule(terms, here, rate_name, upto_name, [step.rate for step in steps], [step.upto for step in steps])


def _schedule(
    terms: NDArray[Any],
    here: NDArray[np.bool_],
    rate_name: str,
    upto_name: str,
    rates: Sequence[float],
    ends: Sequence[float | None],
) -> None:
    if len(rates) > TIERS:
        raise ConfigError(f"a schedule has {len(rates)} steps; the most is {TIERS}")
    unused = TIERS - len(rates)
    terms[rate_name][here] = [*rates, *[rates[-1]] * unused]
    terms[upto_name][here] = [*(np.inf if end is None else end for end in ends[:-1]), *[np.inf] * (unused + 1)]


def _in_force(sessions: NDArray[np.int64], rows: Sequence[Dated], path: str) -> NDArray[np.intp]:
    """Index of the row in force on each session."""
    since = np.array([(row.since - EPOCH).days for row in rows])
    if (np.diff(since) <= 0).any():
        raise ConfigError(Problem("dated rows must be in order of `from`, without repeats", path=path))
    at = np.searchsorted(since, sessions, side="right") - 1
    if at[0] < 0:
        first = np.int64(sessions[0]).astype("datetime64[D]")
        raise ConfigError(
            Problem(f"no row is in force on {first}, the first session", path=path, found=f"from: {rows[0].since}")
        )
    return at


def _rows(given: str | Sequence[Row], _kind: type[Row], path: str) -> Sequence[Row]:
    if isinstance(given, str):
        raise _unresolved(path, given)
    return given


def _unresolved(path: str, name: str) -> ConfigError:
    return ConfigError(
        Problem(
            "a table's name was not resolved to its rows; load the config through load_config", path=path, found=name
        )
    )


def by_symbol(given: Any, symbol: str, path: str) -> Any:
    """The entry of a symbol, or `default`; what is no mapping stands for all. Raises ConfigError naming `path`."""
    if not isinstance(given, Mapping):
        return given
    if symbol in given:
        return given[symbol]
    if "default" in given:
        return given["default"]
    raise ConfigError(Problem(f"no entry for {symbol} and no default", path=path, allowed=f"{symbol} or default"))
