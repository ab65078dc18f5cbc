# SPDX-License-Identifier: Apache-2.0
"""Signals: what each sleeve of an account decided at one close, read off a backtest that ends there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.analytics.attribution.sleeve_result import sleeve_results
from engine.config.positions import check_positions
from engine.engines.interpretation import interpret
from engine.engines.port import run
from engine.engines.run_record import RunRecord
from engine.errors import DataError, Problem, StrategyError
from engine.inputs.prepared import Prepared, prepare
from engine.kernel.codes import OrderStatus
from engine.market.hours import still_trading
from engine.market.panel import Market
from engine.model.sleeves import bound_roles
from engine.notice import Notice, note
from engine.runs.backtest import Config, load_bars, loaded, placed
from engine.runs.signals.account_decision import AccountDecision, Holdings
from engine.runs.signals.account_desk import decide_for, refuse_options
from engine.runs.signals.decision import Decision, at_any_price, read_decision
from engine.strategy.foreign import foreign_class


@dataclass(frozen=True)
class NetPosition:
    """One symbol in the account: signed shares over all sleeves.

    held    at this close
    buy     shares that this decision's market orders buy, over the sleeves that buy;  sell  the same, both >= 0
    target  held + buy - sell
    """

    symbol: str
    close: float
    held: float
    buy: float
    sell: float

    @property
    def target(self) -> float:
        """Signed shares once the market orders of this decision have filled."""
        return self.held + self.buy - self.sell


@dataclass(frozen=True)
class Signals:
    """One day's decisions of an account.

    result   the run of the whole account
    asof     session of the decisions, the last one the run knew
    sleeves  the decision of each sleeve by its name, on its own part of the account; of a single run one, named ""
    net      what they come to at the broker, by symbol
    account  the same for an account of one's own, where one was given
    asked    the day that was asked for; None where it was the last one
    other    why that is another day than `asof`, in a sentence; empty where it is the same
    """

    result: RunRecord
    asof: dt.date
    sleeves: Mapping[str, Decision]
    net: tuple[NetPosition, ...]
    account: AccountDecision | None = None
    asked: dt.date | None = None
    other: str = ""

    @property
    def lone(self) -> Decision | None:
        """The decision of a single run; None where several strategies run as sleeves."""
        return self.sleeves.get("")


LATE = 5
"""Sessions without a price after which a decision takes a role for over: before, its file may be late."""


def signals(config: Config, asof: dt.date | None = None, holdings: Holdings | None = None) -> Signals:
    """The decisions at the close of `asof`, or of the last session there is.

    holdings  an account of one's own that they are carried to
    Nothing later than `asof` is read, not even by features. Raises what `backtest` raises, DataError where `asof` lies
    before the first bar of the period, and InputError for holdings that the configuration's account cannot have.
    """
    ready = loaded(config)
    for strategy in ready.strategies.values():
        if foreign_class(strategy) is not None:
            raise StrategyError(f"{strategy.__name__} is written for backtrader: it keeps its decisions to itself")
    if holdings is not None:
        symbols = tuple(dict.fromkeys(bound_roles(ready.config).values()))
        check_positions(holdings.shares, symbols, ready.config.fills.quantity_step, "--positions")
    with placed(ready):
        market, start, stop = load_bars(ready)
    market, open_now = as_it_stands(market, start)
    stop = min(stop, len(market))
    end, stop = stop, last_row(market, start, stop, asof)
    known = market.head(stop)
    if stop == len(market):  # of an earlier decision it says nothing that is open now
        known = replace(known, notices=(*known.notices, *open_now))
    with placed(ready):
        prepared = prepare(ready.config, ready.strategies, known, start, stop)
        if holdings is not None:
            refuse_options(prepared)
        _refuse_late(prepared)
        result = run(prepared)
    parts = zip(prepared.sleeves, _interpreted(result, prepared), strict=True)
    decisions = {sleeve.part.name: read_decision(own, sleeve.strategy, sleeve.past) for sleeve, own in parts}
    own = None if holdings is None else decide_for(holdings, result, prepared, known)
    day = result.market.sessions[-1].item()
    other = "" if asof in (None, day) else another_day(market, end, asof, day)
    return Signals(result, day, decisions, net_positions(decisions), own, asof, other)


def as_it_stands(market: Market, start: int) -> tuple[Market, list[Notice]]:
    """The bars that have closed by now; of an intraday session that still trades none is its last. Made-up ones whole.

    Beside them what a decision at the last of them must say: what is left out, and of which bar of a session it is.
    Raises DataError where none from row `start` on has closed.
    """
    if market.synthetic:
        return market, []
    from engine.clock import now

    instant = int(now().timestamp()) * 1_000_000_000
    closed = int(np.searchsorted(market.bars["ts"], instant, side="right"))
    left = len(market) - closed
    if closed <= start:
        found = f"{market.sessions[start]} to {market.sessions[-1]}"
        raise DataError(Problem("no bar of the period has closed yet", path="period", found=found))
    known = still_trading(market.head(closed), instant)
    said = []
    if left:
        bars = f"the bar of {market.sessions[-1]} has" if left == 1 else f"{left:,} bars to {market.sessions[-1]} have"
        said.append(note(f"{bars} not closed yet and {'is' if left == 1 else 'are'} left out"))
    if known.bar_minutes and not known.bars["last"][-1]:
        last = str(np.datetime64(int(known.bars["ts"][-1]), "ns").astype("M8[m]")).replace("T", " ")
        said.append(note(f"the session of {known.sessions[-1]} still trades: this is decided at the bar to {last} UTC"))
    return known, said


def _refuse_late(prepared: Prepared) -> None:
    """Raise DataError for roles whose bars ended a few sessions ago: the file may be late, and the role not over."""
    market, late = prepared.market, []
    for role, symbol in market.symbols.items():
        there = np.flatnonzero(~np.isnan(market.bars[role]["close"]))
        if len(there) and 0 < len(np.unique(market.bars["session"][there[-1] + 1 :])) <= LATE:
            late.append(f"{symbol} to {market.sessions[there[-1]]}")
    if late:
        allowed = f"its bars to that day; what ended more than {LATE} sessions ago is taken to be over"
        message = f"no price on {market.sessions[-1]}: the role is over, or its bars are late"
        raise DataError(Problem(message, path="spans", found=", ".join(dict.fromkeys(late)), allowed=allowed))


def _interpreted(result: RunRecord, prepared: Prepared) -> tuple[RunRecord, ...]:
    """Each sleeve's part of the account with what it declares; of a single run that is the run itself."""
    if prepared.lone:
        return (result,)
    parts = zip(sleeve_results(result), prepared.sleeves, strict=True)
    return tuple(replace(own, interpretation=interpret(own, sleeve)) for own, sleeve in parts)


def last_row(market: Market, start: int, stop: int, asof: dt.date | None) -> int:
    """The row after the last one that a decision of `asof` knows, of the rows start..stop-1 of a period."""
    if asof is not None:
        stop = min(stop, int(np.searchsorted(market.sessions, np.datetime64(asof), side="right")))
    if stop <= start:
        allowed = f"{market.sessions[start]} or later"
        raise DataError(Problem("no decision that early", path="--asof", found=str(asof), allowed=allowed))
    return stop


def another_day(market: Market, end: int, asof: dt.date, day: dt.date) -> str:
    """Why the decision of `asof` is the one of `day`, the last session before it; `end` is the row after the period."""
    from engine.market.calendar import date_of, day_of, exchange

    missed = exchange(market.calendar).between(day_of(day) + 1, day_of(asof))
    if not len(missed):
        return f"{asof} is no session of {market.calendar}: this is the decision at the close of {day}, not of {asof}"
    if day_of(asof) > int(market.bars["session"][end - 1]):
        why = f"the {'bars end' if end == len(market) else 'period ends'} on {market.sessions[end - 1]}"
    else:
        why = f"the bars lack the session of {date_of(missed[-1])}"
    late = f"{len(missed):,} session{'' if len(missed) == 1 else 's'} later"
    return f"{why}: this is the decision at the close of {day}, not of {asof}, {late}"


def sessions_since(market: Market, asked: dt.date | None = None) -> int:
    """Sessions of the exchange after the last bar of a run: those up to the date asked, else those closed by now.

    0 for synthetic data without a date, for they have no present.
    """
    if market.synthetic and asked is None:
        return 0
    from engine.market.calendar import day_of, exchange

    calendar, after = exchange(market.calendar), int(market.bars["session"][-1]) + 1
    if asked is not None:
        return len(calendar.between(after, day_of(asked)))
    from engine.clock import now

    instant = now()
    later = calendar.between(after, day_of(instant.date()))
    return int((calendar.close_of(later) <= int(instant.timestamp()) * 1_000_000_000).sum())


def net_positions(decisions: Mapping[str, Decision]) -> tuple[NetPosition, ...]:
    """Every symbol of the account, in the order of the sleeves."""
    found: dict[str, NetPosition] = {}
    for decision in decisions.values():
        market = decision.result.market
        for place, (role, symbol) in enumerate(market.symbols.items()):
            if np.isnan(market.bars[role]["close"][-1]):
                continue
            now = decision.sent[at_any_price(decision.sent) & (decision.sent["role"] == place)]
            shares = now["qty"][now["status"] == OrderStatus.WORKING]
            before = found.get(symbol, NetPosition(symbol, float(market.bars[role]["close"][-1]), 0.0, 0.0, 0.0))
            found[symbol] = replace(
                before,
                held=before.held + decision.held[place],
                buy=before.buy + float(shares[shares > 0].sum()),
                sell=before.sell - float(shares[shares < 0].sum()),
            )
    return tuple(found.values())
