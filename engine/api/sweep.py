# SPDX-License-Identifier: Apache-2.0
"""Many runs in one call and one DataFrame: a row a combination of values, its parameters first, then its figures."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics import definitions
from engine.api.given import ready
from engine.api.result import Result
from engine.config.draft import in_python, parse_path
from engine.config.frames import is_table, split_tables
from engine.errors import ConfigError, InputError, Problem, nearest_name
from engine.kernel.codes import RunCode
from engine.runs.backtest import Config
from engine.runs.backtest import backtest as run
from engine.runs.sweep import sweep as sweep_params

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "params."


def sweep(
    config: Config | None,
    grid: Mapping[str, Iterable[Any]],
    *,
    metrics: Sequence[str] | None = None,
    **given: Any,
) -> pd.DataFrame:
    """Run every combination of `grid` and return a row for each, in the order of its values, the last name fastest.

    grid     a parameter of the strategy, with or without `params.`, or any key of the configuration with its dots,
             such as `costs.slippage.half_spread` or `sleeves.hedge.params.band`, to the values to try
    metrics  names of docs/metrics.md to have in the columns; each combination is then a whole backtest. None: what
             the compiled kernel keeps of each run, without recording any: final_equity in the account's currency,
             total_return, mean and deviation of the simple returns bar to bar, max_drawdown (fractions), turnover,
             costs, fills, margin_calls, and error, "" or why the run stopped
    given    as `engine.backtest` takes it: strategy, params, data, other keys

    Columns of the grid are called as there. Several parameters of one strategy share the market, and the features that
    they do not change. Raises what `backtest` raises, InputError for a grid without values or an unknown metric.
    """
    tried = _values(grid)
    _one_setting_each(tried)
    _bars_of_each(tried, given.get("data"))
    _known(metrics or ())
    from engine.api.frames import records

    rows = _backtests(config, tried, metrics, given) if metrics is not None else _outcomes(config, tried, given)
    columns = [*tried, *(metrics if metrics is not None else OUTCOMES)]
    return records(list(rows))[columns]


def _values(grid: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """The values of each name. Raises InputError where there are none, or what is given is no list of them."""
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


def _one_setting_each(grid: Mapping[str, Sequence[Any]]) -> None:
    """Raise InputError where two names of the grid stand for one setting: only the last would count."""
    known: dict[tuple[str, ...], str] = {}
    for name in grid:
        other = known.setdefault(_path(name), name)
        if other != name:
            raise InputError(Problem("one setting under two names", path=name, found=other, allowed="one of them"))


def _bars_of_each(grid: Mapping[str, Sequence[Any]], data: object) -> None:
    """Raise InputError where one table without a symbol would stand for every symbol that a role takes in turn."""
    bound = next((name for name in grid if _path(name)[0] == "roles"), "")
    if bound and is_table(data):
        symbols = ", ".join(f"{symbol!r}: ..." for symbol in grid[bound])
        problem = Problem("one table is one symbol", path="data", found=f"{bound} takes several in turn",
                          allowed=f"tables by symbol: data={{{symbols}}}")  # fmt: skip
        raise InputError(problem)


OUTCOMES = (
    "final_equity", "total_return", "mean", "deviation", "max_drawdown", "turnover", "costs", "fills", "margin_calls",
    "error",
)  # fmt: skip


def _backtests(
    config: Config | None, grid: Mapping[str, Sequence[Any]], metrics: Sequence[str], given: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for values in _combinations(grid):
        result = Result(run(ready(config, **_with(given, values)), glance=False))
        yield values | {name: result.analysis.metrics[name] for name in metrics}


def _outcomes(
    config: Config | None, grid: Mapping[str, Sequence[Any]], given: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The kernel runs all parameters at once; it is asked again for each combination of whatever else there is."""
    inner = [name for name in grid if "." not in name.removeprefix(PREFIX)]
    outer = {name: values for name, values in grid.items() if name not in inner}
    found: dict[tuple[int, ...], dict[str, Any]] = {}
    for places, values in zip(_places(outer), _combinations(outer), strict=True):
        swept = sweep_params(ready(config, **_with(given, values)), {name: grid[name] for name in inner})
        at = dict(zip(outer, places, strict=True))
        for own, outcome in zip(_places({name: grid[name] for name in inner}), swept.outcomes, strict=True):
            both = at | dict(zip(inner, own, strict=True))
            found[tuple(both[name] for name in grid)] = _told(outcome)
    for places, values in zip(_places(grid), _combinations(grid), strict=True):
        yield values | found[places]


def _places(grid: Mapping[str, Sequence[Any]]) -> Iterator[tuple[int, ...]]:
    """Positions of the values of each combination."""
    return itertools.product(*(range(len(values)) for values in grid.values()))


def _combinations(grid: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def _told(outcome: Any) -> dict[str, Any]:
    """An outcome by name; NaN in the figures of a run that stopped before its end, and why it did."""
    code = RunCode(int(outcome["error"]))
    figures = {name: outcome[name].item() if code == RunCode.OK else math.nan for name in OUTCOMES[:-1]}
    return figures | {"error": "" if code == RunCode.OK else code.name.lower().replace("_", " ")}


def _with(given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of one combination put into those that all have."""
    asked = dict(given)
    tables, _ = split_tables(given)
    for name, value in values.items():
        path = _path(name)
        if path[0] == "data" and tables is not None:  # the bars stand where the section would
            asked["overrides"] = [
                *asked.get("overrides", ()),
                f"{name}={json.dumps(in_python(value).data, default=str)}",
            ]
            continue
        holder = asked
        for part in path[:-1]:
            inside = holder.get(part)
            holder[part] = dict(inside) if isinstance(inside, Mapping) else {}
            holder = holder[part]
        holder[path[-1]] = value
    return asked


def _path(name: str) -> tuple[str, ...]:
    """The key of the configuration that a name of the grid stands for; one without a dot is a parameter's."""
    try:
        path = parse_path(name if "." in name else PREFIX + name)
    except ValueError:
        path = (0,)
    if not all(isinstance(part, str) for part in path):
        allowed = "a parameter, or a key of the configuration with its dots"
        raise ConfigError(Problem("no name of a setting", path=name, allowed=allowed))
    return tuple(map(str, path))


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
