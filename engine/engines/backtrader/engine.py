# SPDX-License-Identifier: Apache-2.0
"""`engine: backtrader`: the same Strategy, or one written for backtrader, run by backtrader into the same RunRecord."""

from __future__ import annotations

from functools import partial

from engine.engines.backtrader.cerebro import Broker, run_cerebro
from engine.engines.backtrader.charges import Charges
from engine.engines.backtrader.driver import Driver, rank
from engine.engines.backtrader.nights import Nights
from engine.engines.backtrader.own_strategy import run_own
from engine.engines.backtrader.shadow_book import ShadowBook
from engine.engines.backtrader.splits import splits_of
from engine.engines.backtrader.subset import left_out, reduced
from engine.engines.notices.factors import alike_factors
from engine.engines.order_mistakes import refuse_unknown_reasons
from engine.engines.run_record import RunRecord
from engine.errors import ConfigError, DataError, Problem
from engine.inputs.prepared import Prepared
from engine.inputs.rules import fill_convention
from engine.kernel.codes import FillAt
from engine.market.panel import Market
from engine.notice import loud
from engine.progress import Watch, unwatched
from engine.strategy.absent_series import done_without
from engine.strategy.foreign import foreign_class
from engine.strategy.reasons import reason_table


def run(prepared: Prepared, watch: Watch = unwatched) -> RunRecord:
    """Run it without what backtrader cannot express, which the notices name; a strategy written for it as it is."""
    watch("running backtrader")
    refuse(prepared)
    (sleeve,) = prepared.sleeves
    own = foreign_class(sleeve.strategy)
    if own is not None:
        return run_own(prepared, own)
    config, prepared = prepared.config, reduced(prepared)
    shadow = ShadowBook(prepared)
    order_of_events = partial(rank, stops_first=config.fills.intrabar == "pessimistic")
    broker = Broker(
        prepared.market,
        Charges(prepared.terms, prepared.cost_inputs),
        told=shadow.executed,
        lends=True,
        rank=order_of_events,
        most=shadow.most,
        grown=shadow.grown,
        after=shadow.after_split,
        split=shadow.split,
        nights=Nights(prepared, shadow.flow),
        numbers=shadow.ids,
    )
    broker.set_checksubmit(False)
    fill_at = FillAt[config.fills.at.upper()]
    broker.set_coc(fill_at == FillAt.THIS_CLOSE)
    run_cerebro(prepared.market, broker, config.account.cash, Driver, shadow=shadow, fill_at=fill_at)
    ledger, orders, points = shadow.tables()
    refuse_unknown_reasons(prepared, orders)
    return RunRecord(
        config=config,
        market=prepared.market,
        ledger=ledger,
        points=points,
        orders=orders,
        features=prepared.features,
        params=prepared.params,
        reasons=dict(reason_table(sleeve.strategy)),
        engine="backtrader",
        mode="interpreted",
        state=shadow.state(),
        fill_convention=fill_convention(prepared.config),
        notices=(
            *prepared.market.notices,
            *done_without(sleeve.strategy, prepared.market.missing),
            *alike_factors(prepared),
            *(loud(f"left out by backtrader: {words}") for words in left_out(config)),
        ),
    )


def refuse(prepared: Prepared) -> None:
    """Refuse what backtrader cannot run, before it runs: option slots, and splits that its own strategies would see."""
    (sleeve,) = prepared.sleeves
    if foreign_class(sleeve.strategy) is not None:
        refuse_splits(prepared.market)
    elif prepared.slots:
        raise ConfigError(
            Problem(
                f"{sleeve.strategy.__name__} trades options, which backtrader does not have",
                path="engine",
                found="backtrader",
                allowed="native",
            )
        )


def refuse_splits(market: Market) -> None:
    """Refuse bars with a split to a strategy written for backtrader, whose indicators would see it as a fall."""
    if splits_of(market):
        raise DataError(
            "a split falls into the period, and a strategy written for backtrader sees its prices jump there: use "
            "prices that are adjusted for splits (data.prices: split_adjusted), or a period without one"
        )
