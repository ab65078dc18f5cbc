# SPDX-License-Identifier: Apache-2.0
"""Tandem: honest backtests and signals for two-sided small-cap/large-cap trades.

    import engine

    result = engine.backtest("configs/spread_sample.yaml")
    outcomes = engine.sweep("configs/spread_sample.yaml", {"params.enter": [0.5, 1.0, 1.5]})

Names load when they are first used, so that importing one part does not pay for the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api.capacity import CapacityResult, capacity
    from engine.api.compare import CompareResult, compare
    from engine.api.funds import FundsResult, funds
    from engine.api.result import Result
    from engine.api.runs import backtest, read_run
    from engine.api.signals import SignalsResult, signals
    from engine.api.significance import SignificanceResult, significance
    from engine.api.stress import StressResult, stress
    from engine.api.sweep import sweep
    from engine.api.verify import VerifyResult, verify
    from engine.api.walk_forward import WalkForwardResult, walk_forward
    from engine.config.loader import load_config
    from engine.strategy import ReasonCode, ReasonKind, Strategy, param

__all__ = [
    "CapacityResult",
    "CompareResult",
    "FundsResult",
    "ReasonCode",
    "ReasonKind",
    "Result",
    "SignalsResult",
    "SignificanceResult",
    "Strategy",
    "StressResult",
    "VerifyResult",
    "WalkForwardResult",
    "backtest",
    "capacity",
    "compare",
    "funds",
    "load_config",
    "param",
    "read_run",
    "signals",
    "significance",
    "stress",
    "sweep",
    "verify",
    "walk_forward",
]

_HOMES = {
    "CapacityResult": "api.capacity",
    "CompareResult": "api.compare",
    "FundsResult": "api.funds",
    "ReasonCode": "strategy",
    "ReasonKind": "strategy",
    "Result": "api.result",
    "SignalsResult": "api.signals",
    "SignificanceResult": "api.significance",
    "Strategy": "strategy",
    "StressResult": "api.stress",
    "VerifyResult": "api.verify",
    "WalkForwardResult": "api.walk_forward",
    "backtest": "api.runs",
    "capacity": "api.capacity",
    "compare": "api.compare",
    "funds": "api.funds",
    "load_config": "config.loader",
    "param": "strategy",
    "read_run": "api.runs",
    "signals": "api.signals",
    "significance": "api.significance",
    "stress": "api.stress",
    "sweep": "api.sweep",
    "verify": "api.verify",
    "walk_forward": "api.walk_forward",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """What a person looks for when Tab is pressed; parts of the engine are found by their paths."""
    return sorted(__all__)
