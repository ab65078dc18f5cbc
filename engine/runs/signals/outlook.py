# SPDX-License-Identifier: Apache-2.0
"""What a strategy says it would do at a later close, in symbols and in prices as traded."""

from __future__ import annotations

import math
from types import SimpleNamespace

from engine.engines.run_record import RunRecord
from engine.errors import Problem, StrategyError
from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.conditions import Condition, ToldCondition
from engine.strategy.own_code import listed
from engine.strategy.params import ParamValues


def told_conditions(result: RunRecord, strategy: type[Strategy], past: Market) -> tuple[ToldCondition, ...]:
    """The conditions at the last bar of `result`, as the strategy gives them; past ends at that bar.

    Those without a number are left out. Raises StrategyError for what is no condition.
    """
    names = result.features.dtype.names or ()
    row = SimpleNamespace(**{name: float(result.features[name][-1]) for name in names})
    found = listed(strategy().conditions, past, row, ParamValues(**result.params), SimpleNamespace(**result.state))
    told = [_told(one, strategy, past) for one in found]
    return tuple(one for one in told if one is not None)


def _told(one: Condition, strategy: type[Strategy], past: Market) -> ToldCondition | None:
    path = f"{strategy.__name__}.conditions"
    if not isinstance(one, Condition):
        raise StrategyError(Problem("must give Condition", path=path, found=type(one).__name__))
    if one.unit:
        if not (math.isfinite(one.at) and math.isfinite(one.now)):
            return None
        return ToldCondition(one.does, one.of, one.above, one.at, one.now, one.unit, one.at - one.now, one.when)
    roles = one.of.split("/")
    if len(roles) > 2 or not set(roles) <= set(past.roles):
        allowed = f"{', '.join(past.roles)}, two of them as a/b, or other words with a unit"
        raise StrategyError(Problem("no such role", path=path, found=repr(one.of), allowed=allowed))
    closes = [float(past.bars[role]["close"][-1]) for role in roles]
    if not math.isfinite(one.at) or one.at <= 0.0 or any(map(math.isnan, closes)):
        return None
    factors = [float(past.bars[role]["factor"][-1]) for role in roles]
    now = closes[0] / closes[1] if len(roles) == 2 else closes[0]
    scale = factors[0] / factors[1] if len(roles) == 2 else factors[0]
    at, of = one.at / scale, "/".join(past.symbols[role] for role in roles)
    return ToldCondition(one.does, of, one.above, at, now, "", at / now - 1.0, one.when)
