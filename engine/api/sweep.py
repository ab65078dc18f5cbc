# SPDX-License-Identifier: Apache-2.0
"""Many runs in one call and one DataFrame: a row a combination of values, its parameters first, then its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics import definitions
from engine.api.given import ready
from engine.api.result import Result
from engine.api.runs import counted, warn_of
from engine.config.canonical import config_hash
from engine.config.frames import is_table
from engine.errors import InputError, Problem, nearest_name
from engine.runs.backtest import Config
from engine.runs.backtest import backtest as run
from engine.runs.sweep import Bench, Grid
from engine.runs.sweep.asked import told
from engine.runs.sweep.bench import Configure, Stand
from engine.runs.sweep.executing import executing
from engine.runs.sweep.executor import Executor, figures_by
from engine.runs.sweep.figures import FIGURES, stopped_by
from engine.runs.sweep.grid import grid_of
from engine.runs.trials.standing import count_combinations, key_of
from engine.strategy.identity import source_hash

if TYPE_CHECKING:
    import pandas as pd


def sweep(
    config: Config | None,
    grid: Mapping[str, Iterable[Any]],
    *,
    metrics: Sequence[str] | None = None,
    workers: int = 0,
    cluster: str | None = None,
    **given: Any,
) -> pd.DataFrame:
    """Run every combination of `grid` and return a row for each, in the order of its values, the last name fastest.

    grid     a parameter of the strategy, with or without `params.`, or any key of the configuration with its dots,
             such as `costs.slippage.half_spread` or `sleeves.hedge.params.band`, to the values to try
    metrics  names of docs/metrics.md to have in the columns; each combination is then a whole backtest. None: what
             the compiled kernel keeps of each run, without recording any: final_equity in the account's currency,
             total_return, mean and deviation of the simple returns bar to bar, max_drawdown (fractions), turnover,
             costs, fills, margin_calls, reward_to_variability a year, and error, "" or why the run stopped
    workers  so many processes of this machine run it; cluster: those of the scheduler at this address. The figures are
             the same: docs/cluster.md. Neither: threads, one a core
    given    as `engine.backtest` takes it: strategy, params, data, other keys

    Columns of the grid are called as there. Several parameters of one strategy share the market, and the features that
    they do not change. Raises what `backtest` raises, InputError for a grid without values or an unknown metric.
    """
    tried = grid_of(values_of(grid))
    _bars_of_each(tried, given.get("data"))
    _known(metrics or ())
    from engine.api.frames import records

    if metrics is not None and (workers or cluster is not None):
        allowed = "no metrics: what the kernel keeps of each run; or no workers"
        raise InputError(Problem("whole backtests are run in this process", path="metrics", allowed=allowed))
    with executing(workers, cluster) as executor:
        made = (
            _figures(config, tried, given, executor) if metrics is None else _backtests(config, tried, metrics, given)
        )
        rows = list(made)
    columns = (FIGURES.names or ()) if metrics is None else metrics
    return records(rows)[[*(one.name for one in tried.axes), *columns]]


def values_of(grid: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """The values of each name of a grid, each in its own unit.

    Raises InputError where there are none, or what is given is no list of them.
    """
    if not isinstance(grid, Mapping):
        allowed = 'names and lists of values, such as {"enter": [0.5, 1.0]}'
        raise InputError(Problem("not a grid", path="grid", found=type(grid).__name__, allowed=allowed))
    tried: dict[str, list[Any]] = {}
    for name, values in grid.items():
        single = isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable)
        tried[str(name)] = [] if single else list(values)
        if not tried[str(name)]:
            found = repr(values) if single else ""
            raise InputError(Problem("no values to try", path=str(name), found=found, allowed="a list of its values"))
    if not tried:
        raise InputError(Problem("no values to try", path="grid", allowed="a name and a list of its values"))
    return tried


def _bars_of_each(grid: Grid, data: object) -> None:
    """Raise InputError where one table without a symbol would stand for every symbol that a role takes in turn."""
    bound = next((one for one in grid.axes if one.path[0] == "roles"), None)
    if bound and is_table(data):
        symbols = ", ".join(f"{symbol!r}: ..." for symbol in bound.values)  # noqa: PD011 - no DataFrame
        problem = Problem("one table is one symbol", path="data", found=f"{bound.name} takes several in turn",
                          allowed=f"tables by symbol: data={{{symbols}}}")  # fmt: skip
        raise InputError(problem)


def _backtests(
    config: Config | None, grid: Grid, metrics: Sequence[str], given: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    configure = configured(config, given)
    for values in map(grid.values, range(grid.size)):
        put = [one.setting(values[one.name]) for one in grid.axes]
        asked = configure(put)
        result = Result(run(asked, glance=False), source_hash(*asked.strategies.values()))
        counted(result)
        yield values | {name: result.analysis.metrics[name] for name in metrics}


def _figures(
    config: Config | None, grid: Grid, given: Mapping[str, Any], executor: Executor
) -> Iterator[dict[str, Any]]:
    bench = Bench(grid, configured(config, given))
    first = bench.check()
    figures = figures_by(executor, bench, range(grid.size))
    _count(grid, first, figures["reward_to_variability"].tolist())
    for number, found in enumerate(figures):
        yield grid.values(number) | _told(found)


def _count(grid: Grid, first: Stand, ratios: list[float]) -> None:
    """Count every combination among the trials of the strategy; a RuntimeWarning says where that failed."""
    market, config = first.market, first.ready.config
    key = key_of("sweep", config_hash(config), market.fingerprint, repr(told(grid.axes)),
                 source_hash(*first.ready.strategies.values()))  # fmt: skip
    warn_of(count_combinations(config, market.symbols, key, ratios))


def _told(found: Any) -> dict[str, Any]:
    """Figures by name; NaN in those of a run that stopped before its end, and why it did."""
    error = stopped_by(int(found["error"]))
    return {name: math.nan if error else found[name].item() for name in FIGURES.names or ()} | {"error": error}


def configured(config: Config | None, given: Mapping[str, Any]) -> Configure:
    """The configuration that `engine.backtest` would take, with settings of axes put on last."""
    rest = dict(given)
    overrides = tuple(rest.pop("overrides", ()))
    return lambda put: ready(config, [*overrides, *put], **rest)


def _known(metrics: Sequence[str]) -> None:
    if isinstance(metrics, str):
        raise InputError(Problem("not a list of names", path="metrics", found=metrics, allowed=f"[{metrics!r}]"))
    names = [entry.name for entry in definitions()]
    unknown = [
        Problem("no such metric", found=name, allowed="a name of docs/metrics.md", nearest=nearest_name(name, names))
        for name in metrics
        if name not in names
    ]
    if unknown:
        raise InputError(unknown)
