# SPDX-License-Identifier: Apache-2.0
"""`engine: backtrader`: the same Strategy, or one written for backtrader, run by backtrader into the same Result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from engine.backends.backtest import load_bars, placed
from engine.backends.backtrader.cerebro import Broker, run_cerebro
from engine.backends.backtrader.charges import Charges
from engine.backends.backtrader.driver import Driver, rank
from engine.backends.backtrader.own_strategy import run_own
from engine.backends.backtrader.shadow_book import ShadowBook
from engine.backends.backtrader.splits import splits_of
from engine.backends.prepared import Prepared, prepare
from engine.backends.reading import read
from engine.backends.reduced import left_out, reduced
from engine.config.loader import LoadedConfig
from engine.config.model import RunConfig
from engine.errors import ConfigError, DataError, Problem
from engine.market.panel import Market
from engine.result import Result
from engine.sim.codes import FillAt
from engine.sim.rules import fill_convention
from engine.strategy.absent_series import done_without
from engine.strategy.foreign import foreign_class
from engine.strategy.reasons import reason_table

__all__ = ["backtest", "left_out", "run"]


def backtest(ready: LoadedConfig) -> Result:
    """Run a configuration on backtrader, without what backtrader cannot express; the notices say what that is.

    Raises InputError for what the user can mend (DataError where a split meets a strategy
    written for backtrader), RunError otherwise.
    """
    with placed(ready):
        market, start, stop = load_bars(ready)
        own = foreign_class(ready.strategy)
        if own is not None:
            refuse_splits(market.slice(start, stop))
            return run_own(ready.config, own, market.slice(start, stop))
        prepared = prepare(reduced(ready.config), ready.strategy, market, start, stop)
        result = run(prepared, ready.config)
        return replace(result, reading=read(result, ready.strategy, prepared.past))


def run(prepared: Prepared, asked: RunConfig | None = None) -> Result:
    """Run what `prepared` holds, a configuration that `reduced` made; `asked` is the one before, for the result."""
    if prepared.options:
        raise ConfigError(
            Problem(
                f"{prepared.strategy.__name__} trades options, which backtrader does not have",
                path="engine",
                found="backtrader",
                allowed="native",
            )
        )
    config = asked or prepared.config
    shadow = ShadowBook(prepared)
    order_of_events = partial(rank, stops_first=prepared.config.fills.intrabar == "pessimistic")
    broker = Broker(
        prepared.market,
        Charges(prepared.terms),
        told=shadow.executed,
        lends=True,
        rank=order_of_events,
        most=shadow.most,
        after=shadow.after_split,
        split=shadow.split,
        numbers=shadow.ids,
    )
    broker.set_checksubmit(False)
    fill_at = FillAt[prepared.config.fills.at.upper()]
    broker.set_coc(fill_at == FillAt.THIS_CLOSE)
    run_cerebro(prepared.market, broker, prepared.config.account.cash, Driver, shadow=shadow, fill_at=fill_at)
    ledger, orders, points = shadow.tables()
    return Result(
        config=config,
        market=prepared.market,
        ledger=ledger,
        points=points,
        orders=orders,
        features=prepared.features,
        params=prepared.params,
        reasons=reason_table(prepared.strategy),
        engine="backtrader",
        mode="interpreted",
        state=shadow.state(),
        fill_convention=fill_convention(prepared.config),
        notices=(
            *prepared.market.notices,
            *done_without(prepared.strategy, prepared.market.missing),
            *(f"left out by backtrader: {words}" for words in left_out(config)),
        ),
    )


def refuse_splits(market: Market) -> None:
    """Refuse bars with a split to a strategy written for backtrader, whose indicators would see it as a fall."""
    if splits_of(market):
        raise DataError(
            "a split falls into the period, and a strategy written for backtrader sees its prices jump there: use "
            "prices that are adjusted for splits (data.prices: split_adjusted), or a period without one"
        )
