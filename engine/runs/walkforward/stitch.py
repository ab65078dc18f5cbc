# SPDX-License-Identifier: Apache-2.0
"""One account through all tests: each choice decides in its turn, with its own features, costs as in any run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config.loader import LoadedConfig
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.features import feature_table, in_columns_of
from engine.inputs.prepared import Prepared, Stretch, prepare
from engine.market.panel import Market
from engine.progress import Watch
from engine.runs.backtest import load_bars, placed
from engine.runs.walkforward.windows import Span
from engine.strategy.params import params_dtype, resolve_params


def stitch(
    ready: LoadedConfig, chosen: Sequence[tuple[Span, dict[str, Any]]], *, closed: bool, watch: Watch
) -> RunRecord:
    """Run `ready`, whose period is that of all tests, with the parameters of each test in its turn.

    chosen  the tests in order of time, without gaps, each with the parameters that differ from the configuration
    closed  what is held is sold with the last bar of each test but the last one, and the strategy begins anew

    The record names the parameters that are the same throughout. It is not interpreted: what a strategy declares of
    its result is of one set of parameters.
    """
    with placed(ready):
        market, start, stop = load_bars(ready)
        prepared = prepare(ready.config, ready.strategies, market, start, stop)
        sets = [resolve_params(ready.strategy.Params, {**ready.config.params, **values}) for _, values in chosen]
        changing = _with_changes(prepared, market, start, [span for span, _ in chosen], sets, closed=closed)
        result = native.run(changing, ready.config.mode, watch)
    same = {name: value for name, value in sets[0].items() if all(one[name] == value for one in sets)}
    return replace(result, params=same)


def _with_changes(
    prepared: Prepared,
    market: Market,
    start: int,
    spans: Sequence[Span],
    sets: Sequence[dict[str, int | float]],
    *,
    closed: bool,
) -> Prepared:
    (sleeve,) = prepared.sleeves
    sessions = prepared.market.bars["session"].astype("M8[D]")
    ends = [int(np.searchsorted(sessions, span.last, side="right")) for span in spans]
    features = sleeve.features.copy()
    changes: list[Stretch] = []
    for begin, end, params in zip([0, *ends[:-1]], ends, sets, strict=True):
        own = feature_table(sleeve.strategy, market, params)[start + begin : start + end]
        features[begin:end] = in_columns_of(own, features.dtype)
        changes += _stretches(begin, end, _row(sleeve.strategy.Params, params), closes=closed and end < ends[-1])
    return replace(prepared, sleeves=(replace(sleeve, features=features),), changes=tuple(changes))


def _stretches(begin: int, end: int, params: NDArray[Any], *, closes: bool) -> list[Stretch]:
    if not closes:
        return [Stretch(begin, end, params)]
    asked = [Stretch(begin, end - 1, params)] if end - begin > 1 else []
    return [*asked, Stretch(end - 1, end, params, closes=True)]


def _row(declared: type, params: dict[str, int | float]) -> NDArray[Any]:
    row = np.zeros(1, params_dtype(declared))
    for name, value in params.items():
        row[name] = value
    return row
