# SPDX-License-Identifier: Apache-2.0
"""What an interpreted run does to its process: Python looks for no cycles while it goes on, and as before after it."""

import gc

import numpy as np
import pytest

from engine.engines import native
from engine.errors import StrategyError
from engine.inputs.prepared import prepare
from engine.runs.backtest import load_bars, loaded
from engine.strategy import Strategy


class Idle(Strategy):
    roles = ("small",)

    def features(self, market, p):
        return {"nothing": np.zeros(len(market))}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass


class Divides(Idle):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.target(0, 1.0 / f.nothing)


@pytest.fixture(scope="module")
def ready():
    ready = loaded("configs/double_agent_sample.yaml", ["period.start=2016-01-04", "period.end=2016-01-29"])
    market, start, stop = load_bars(ready)
    config = ready.config.model_copy(update={"params": {}})
    return lambda strategy: prepare(config, strategy, market.head(stop), start)


@pytest.fixture(params=[True, False], ids=["collecting", "not collecting"])
def before(request):
    assert gc.isenabled()
    if not request.param:
        gc.disable()
    yield request.param
    gc.enable()


def test_nothing_is_collected_in_a_run(ready, before):
    seen = []
    native.run(ready(Idle), "interpreted", watch=lambda *_: seen.append(gc.isenabled()))
    assert seen
    assert not any(seen)
    assert gc.isenabled() == before


def test_nor_is_that_left_behind_by_a_run_that_fails(ready, before):
    with pytest.raises(StrategyError, match="division by zero"):
        native.run(ready(Divides), "interpreted")
    assert gc.isenabled() == before
