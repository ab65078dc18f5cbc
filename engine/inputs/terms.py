# SPDX-License-Identifier: Apache-2.0
"""From the configuration's dated tables to the rows that the kernel reads: the broker's terms, day by day."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, cleared, fixed
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
    RegulatoryRow,
    Step,
)
from engine.records import TIERS, terms_dtype

Row = TypeVar("Row", bound=Dated)
InForce = list[tuple[Row, slice]]
"""Rows of a dated table, each with the places of the sessions on which it is in force."""

EPOCH = dt.date(1970, 1, 1).toordinal()


def build_terms(market: Market, costs: Costs, margin: Margin, *, monthly: bool = False) -> NDArray[Any]:
    """The terms in force over the market's sessions: one row for each date on which anything changes.

    monthly: each month begins a row too, for what happens once a period.
    The tables of `costs` and `margin` must be resolved to rows. Raises ConfigError where a table does not cover the
    first session. Nobody can write into the result: the next run under the same terms is given it too.
    """
    asked = _asked(market, costs, margin, monthly)
    for before, terms in tuple(_built):
        if before == asked:
            return terms
    terms = fixed(_build(market, costs, margin, monthly=monthly))
    _built.append((asked, terms))
    return terms


_built: deque[tuple[Any, NDArray[Any]]] = deque(maxlen=4)
"""The terms built last, each with what they were built from: a notebook runs a few configurations over and over."""


def _asked(market: Market, costs: Costs, margin: Margin, monthly: bool) -> tuple[Any, ...]:
    """All that terms follow from: the rows, which nobody can change, and copies of the lists and dicts around them."""
    sessions = market.bars["session"]
    borrow, spread = costs.borrow, costs.slippage.half_spread
    return (
        (int(sessions[0]), int(sessions[-1]), *market.symbols.values()),
        monthly,
        _copied(costs.commission, "per_share"),
        _copied(costs.regulatory),
        _copied(costs.interest, "debit", "rebate_spread"),
        _copied(margin.table),
        {symbol: _copied(rows) for symbol, rows in borrow.items()} if isinstance(borrow, dict) else borrow,
        dict(spread) if isinstance(spread, dict) else spread,
        dict(margin.multiples),
    )


def _copied(rows: str | Sequence[Dated], *schedules: str) -> Any:
    """The rows with copies of the schedules that they have; a table's name is itself."""
    if isinstance(rows, str) or not schedules:
        return rows if isinstance(rows, str) else list(rows)
    steps = [list(given) for row in rows for name in schedules if isinstance(given := getattr(row, name), list)]
    return [*rows, *steps]


def _build(market: Market, costs: Costs, margin: Margin, *, monthly: bool) -> NDArray[Any]:
    sessions = _dates_of_change(market, costs, margin, monthly)
    terms = cleared(len(sessions), terms_dtype(len(market.symbols)))
    terms["session"], terms["month"] = sessions, list(map(_month, sessions))
    _commissions(terms, _in_force(sessions, costs.commission, "costs.commission"))
    _regulation(terms, _in_force(sessions, costs.regulatory, "costs.regulatory"))
    _interest(terms, _in_force(sessions, costs.interest, "costs.interest"))
    margins = _in_force(sessions, margin.table, "account.margin.table")
    borrow = costs.borrow
    if isinstance(borrow, str):
        raise _unresolved("costs.borrow", borrow)
    for role, symbol in enumerate(market.symbols.values()):
        asset = terms["asset"][:, role]
        asset["half_spread"] = by_symbol(costs.slippage.half_spread, symbol, "costs.slippage.half_spread")
        _borrow(asset, _in_force(sessions, by_symbol(borrow, symbol, "costs.borrow"), "costs.borrow"))
        _margin(asset, margins, margin.multiples.get(symbol, 1.0))
    return terms


def _dates_of_change(market: Market, costs: Costs, margin: Margin, monthly: bool) -> list[int]:
    """The first session, and every later date up to the last one from which a table has a new row.

    Where commissions step by the shares of a month, each month begins a row too: it starts the count again.
    """
    first, last = int(market.bars["session"][0]), int(market.bars["session"][-1])
    borrow = costs.borrow.values() if isinstance(costs.borrow, dict) else ()
    tables = [costs.commission, costs.regulatory, costs.interest, margin.table, *borrow]
    dates = {_session(row) for table in tables if not isinstance(table, str) for row in table}
    stepped = any(not isinstance(row, str) and not isinstance(row.per_share, float) for row in costs.commission)
    if stepped or monthly:
        months = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D"), dtype="datetime64[M]") + 1
        dates |= set(months.astype("datetime64[D]").astype(np.int64).tolist())
    return [first, *sorted(date for date in dates if first < date <= last)]


def _session(row: Dated) -> int:
    """The session from which the row is in force."""
    return row.since.toordinal() - EPOCH


def _month(session: int) -> int:
    """Months since 1970-01."""
    day = dt.date.fromordinal(session + EPOCH)
    return 12 * (day.year - 1970) + day.month - 1


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


def _commissions(terms: NDArray[Any], rows: InForce[CommissionRow]) -> None:
    for row, here in rows:
        _steps(terms, here, "per_share", "shares_upto", row.per_share)
        for name in ("minimum", "maximum", "notional", "clearing", "pass_through"):
            terms[name][here] = getattr(row, name)


def _regulation(terms: NDArray[Any], rows: InForce[RegulatoryRow]) -> None:
    for row, here in rows:
        terms["sell_notional"][here] = row.sec
        terms["sell_share"][here] = row.taf
        terms["sell_share_cap"][here] = np.inf if row.taf_cap is None else row.taf_cap


def _interest(terms: NDArray[Any], rows: InForce[InterestRow]) -> None:
    for row, here in rows:
        _steps(terms, here, "debit_spread", "debit_upto", row.debit)
        terms["credit_spread"][here] = row.credit_spread
        terms["credit_exempt"][here] = row.credit_exempt
        terms["over_benchmark"][here] = float(row.over_benchmark)
        given = row.rebate_spread
        rebate = [(step.spread, step.upto) for step in given] if isinstance(given, list) else [(given, None)]
        spreads = [np.inf if spread is None else spread for spread, _ in rebate]
        _schedule(terms, here, "rebate_spread", "rebate_upto", spreads, [upto for _, upto in rebate])


def _borrow(asset: NDArray[Any], rows: InForce[BorrowRow]) -> None:
    for row, here in rows:
        asset["borrow"][here] = row.rate
        asset["shortable"][here] = float(row.available)


def _margin(asset: NDArray[Any], rows: InForce[MarginRow], multiple: float) -> None:
    for row, here in rows:
        long, short = min(1.0, multiple * row.maintenance_long), min(1.0, multiple * row.maintenance_short)
        asset["initial_long"][here], asset["maintenance_long"][here] = max(row.initial_long, long), long
        asset["initial_short"][here], asset["maintenance_short"][here] = max(row.initial_short, short), short
        asset["floor_high"][here] = row.floor_high
        asset["floor_low"][here] = row.floor_low


def _steps(
    terms: NDArray[Any], here: slice, rate_name: str, upto_name: str, given: float | Sequence[Step | DebitStep]
) -> None:
    """Write a schedule of at most TIERS steps; the last one and the unused ones never end."""
    if isinstance(given, int | float):
        _schedule(terms, here, rate_name, upto_name, [given], [None])
    else:
        _schedule(terms, here, rate_name, upto_name, [step.rate for step in given], [step.upto for step in given])


def _schedule(
    terms: NDArray[Any],
    here: slice,
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


def _in_force(sessions: Sequence[int], rows: str | Sequence[Row], path: str) -> InForce[Row]:
    """Each row that is in force on any of these sessions, with their places."""
    if isinstance(rows, str):
        raise _unresolved(path, rows)
    since = list(map(_session, rows))
    if since != sorted(set(since)):
        raise ConfigError(Problem("dated rows must be in order of `from`, without repeats", path=path))
    if since[0] > sessions[0]:
        first = dt.date.fromordinal(sessions[0] + EPOCH)
        raise ConfigError(
            Problem(f"no row is in force on {first}, the first session", path=path, found=f"from: {rows[0].since}")
        )
    later = [bisect_left(sessions, date) for date in since[1:]]
    places = zip(rows, [0, *later], [*later, len(sessions)], strict=True)
    return [(row, slice(start, end)) for row, start, end in places if start < end]


def _unresolved(path: str, name: str) -> ConfigError:
    return ConfigError(
        Problem(
            "a table's name was not resolved to its rows; load the config through load_config", path=path, found=name
        )
    )


def by_symbol(given: Any, symbol: str, path: str) -> Any:
    """The entry of a symbol, or `default`; what is no mapping stands for all. Raises ConfigError naming `path`."""
    if not isinstance(given, dict):
        return given
    if symbol in given:
        return given[symbol]
    if "default" in given:
        return given["default"]
    raise ConfigError(Problem(f"no entry for {symbol} and no default", path=path, allowed=f"{symbol} or default"))
