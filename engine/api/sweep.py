# SPDX-License-Identifier: Apache-2.0
"""Many runs in one call and one DataFrame: a row a combination of values, its parameters first, then its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.of_run import definitions
from engine.api.given import ready, refuse_no_numbers
from engine.api.result import Result
from engine.api.runs import counted, warn_of
from engine.api.told import told_in_python
from engine.config.canonical import config_hash
from engine.config.frames import is_table
from engine.config.loader import read_config
from engine.errors import InputError, Problem, nearest_name
from engine.kernel.codes import RunCode
from engine.market.spacing import distinct_sessions
from engine.model.sweep import Sweep
from engine.progress import unwatched
from engine.runs.backtest import Config
from engine.runs.backtest import backtest as run
from engine.runs.sweep import Bench, Grid
from engine.runs.sweep.asked import MOST_VALUES, check_size, told
from engine.runs.sweep.contradictions import only_contradicts
from engine.runs.sweep.executing import executing
from engine.runs.sweep.executor import Executor, figures_by
from engine.runs.sweep.figures import FIGURES, OBJECTIVES, Objective, ratios_run, scores_of, stopped_by
from engine.runs.sweep.front import front_of
from engine.runs.sweep.grid import drawn, grid_of
from engine.runs.sweep.run import run_parts
from engine.runs.sweep.search import Search, check_search, search_of
from engine.runs.sweep.stand import Stand
from engine.runs.sweep.stands import Configure
from engine.runs.trials.standing import count_combinations, key_of
from engine.runs.witness import Witness
from engine.strategy.source.identity import source_hash

if TYPE_CHECKING:
    from engine.api.frames import SweepFrame

SEARCHES = ("random", "tpe")


@told_in_python
def sweep(
    config: Config | None = None,
    grid: Mapping[str, Iterable[Any]] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    search: str = "random",
    tries: int | None = None,
    objectives: Sequence[str] | None = None,
    workers: int = 0,
    cluster: str | None = None,
    **given: Any,
) -> SweepFrame:
    """Run every combination of `grid`, or some of them: a row each, in the order of its values, the last name fastest.

    config   as `engine.backtest` takes it; left out, where `strategy` and `roles` are given
    grid     a parameter of the strategy, with or without `params.`, or any key of the configuration with its dots,
             such as `costs.slippage.half_spread` or `sleeves.hedge.params.band`, to the values to try
    metrics  names of docs/metrics.md to have in the columns, each combination being a whole backtest, and error, "" or
             "contradiction" of a set that is not run. None: what the compiled kernel keeps of each run, without
             recording any: final_equity in the account's currency, total_return, mean and deviation of the simple
             returns bar to bar, max_drawdown (fractions), turnover, costs, fills, margin_calls, reward_to_variability
             a year, and error, "" or why the run stopped
    tries    so many combinations: drawn at random by the configuration's `seed`; with search="tpe" chosen where those
             before them did well, as `tandem sweep --search tpe` does, and in the order of that choice
    objectives  what is searched for: reward_to_variability (left out: this), total_return, max_drawdown. They add the
             column `front`: whether no other row is equal or better in all of them and better in one
    workers  so many processes of this machine run it; cluster: those of the scheduler at this address. The figures are
             the same: docs/cluster.md. Neither: threads, one a core
    given    as `engine.backtest` takes it: strategy, params, data, other keys

    Its `plot()` draws a figure by what was varied. Columns of the grid are called as there. Several parameters of one
    strategy share the market, and what their features are made from. Raises what `backtest` raises, InputError for a
    grid without values or of more combinations than a sweep runs, for an unknown metric and for a search that cannot be
    made, MissingExtra without Optuna.
    """
    refuse_no_numbers(workers=workers)
    tried = grid_of(values_of(grid))
    asked = asked_for(search, tries, objectives, metrics)
    check_size(tried, asked.tries, "tries=10_000")
    check_search(tried, asked)
    _bars_of_each(tried, given.get("data"))
    _known(metrics or ())
    from engine.api.frames import records, swept

    if metrics is not None and (workers or cluster is not None):
        allowed = "no metrics: what the kernel keeps of each run; or no workers"
        raise InputError(Problem("whole backtests are run in this process", path="metrics", allowed=allowed))
    named = [one.name for one in tried.axes]
    if metrics is not None:
        rows = records(list(_backtests(config, tried, asked, metrics, given)))
        return swept(rows[[*named, *metrics, "error"]], named)
    with executing(workers, cluster) as executor:
        numbers, figures = _figures(config, tried, asked, given, executor)
    told = records([tried.values(number) | _told(found) for number, found in zip(numbers, figures, strict=True)])
    columns = [*named, *(FIGURES.names or ())]
    if objectives is not None or asked.search == "tpe":
        told["front"] = np.isin(np.arange(len(told)), front_of(scores_of(figures, _objectives(asked))))
        columns.append("front")
    return swept(told[columns], named)


def asked_for(search: str, tries: int | None, objectives: Sequence[str] | None, metrics: Sequence[str] | None) -> Sweep:
    """What is tried and what is best, as the section `sweep` of a configuration has it. Raises InputError."""
    problems = []
    if search not in SEARCHES:
        allowed, near = " or ".join(SEARCHES), nearest_name(str(search), SEARCHES)
        problems.append(Problem("no such search", path="search", found=repr(search), allowed=allowed, nearest=near))
    if tries is not None and (isinstance(tries, bool) or not isinstance(tries, int | np.integer) or tries < 1):
        problems.append(Problem("not a number of tries", path="tries", found=repr(tries), allowed="1 or more"))
    if isinstance(objectives, str) or (objectives is not None and not objectives):
        allowed = '["reward_to_variability", "max_drawdown"]'
        problems.append(Problem("not a list of names", path="objectives", found=repr(objectives), allowed=allowed))
    else:
        problems += [
            Problem("no such objective", path="objectives", found=repr(name), allowed=", ".join(OBJECTIVES),
                    nearest=nearest_name(str(name), list(OBJECTIVES)))
            for name in objectives or () if name not in OBJECTIVES
        ]  # fmt: skip
    if metrics is not None and (search == "tpe" or objectives is not None):
        found, allowed = "metrics too", "no metrics: a search goes by what the kernel keeps of each run"
        problems.append(Problem("searched by other figures", path="metrics", found=found, allowed=allowed))
    if problems:
        raise InputError(problems)
    named = {} if objectives is None else {"objective": list(objectives)}
    return Sweep.model_validate({"search": search, "tries": None if tries is None else int(tries), **named})


def _objectives(asked: Sweep) -> list[Objective]:
    return [OBJECTIVES[name] for name in asked.objectives]


def values_of(grid: Mapping[str, Iterable[Any]] | None) -> dict[str, list[Any]]:
    """The values of each name of a grid, each in its own unit.

    Raises InputError where there are none, or what is given is no list of them.
    """
    if not isinstance(grid, Mapping):
        allowed = 'names and lists of values, such as {"enter": [0.5, 1.0]}'
        raise InputError(Problem("not a grid", path="grid", found=type(grid).__name__, allowed=allowed))
    tried: dict[str, list[Any]] = {}
    for name, values in grid.items():
        single = isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable)
        tried[str(name)] = [] if single else list(islice(values, MOST_VALUES + 1))
        if not tried[str(name)]:
            found = repr(values) if single else ""
            raise InputError(Problem("no values to try", path=str(name), found=found, allowed="a list of its values"))
        if len(tried[str(name)]) > MOST_VALUES:
            allowed = f"{MOST_VALUES:,} or fewer"
            raise InputError(Problem("too many values on one axis", path=str(name), allowed=allowed))
    if not tried:
        raise InputError(Problem("no values to try", path="grid", allowed="a name and a list of its values"))
    return tried


def _bars_of_each(grid: Grid, data: object) -> None:
    """Raise InputError where one table without a symbol would stand for every symbol that a role takes in turn."""
    bound = next((one for one in grid.axes if one.path[0] == "roles"), None)
    if bound and is_table(data):
        symbols = ", ".join(f"{symbol!r}: ..." for symbol in bound.values)
        problem = Problem("one table is one symbol", path="data", found=f"{bound.name} takes several in turn",
                          allowed=f"tables by symbol: data={{{symbols}}}")  # fmt: skip
        raise InputError(problem)


def _backtests(
    config: Config | None, grid: Grid, asked: Sweep, metrics: Sequence[str], given: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    configure, witness = configured(config, given), Witness()
    seed = configure(()).config.seed if asked.tries else 0
    for values in map(grid.values, drawn(grid, asked.tries or grid.size, seed)):
        put = [one.setting(values[one.name]) for one in grid.axes]
        try:
            wanted = configure(put)
        except InputError as error:
            if not only_contradicts(error):
                raise
            yield values | dict.fromkeys(metrics, math.nan) | {"error": stopped_by(RunCode.CONTRADICTION)}
            continue
        witness.see(wanted)
        result = Result(run(wanted, glance=False), source_hash(*wanted.strategies.values()))
        witness.check()
        counted(result)
        yield values | {name: result.analysis.metrics[name] for name in metrics} | {"error": ""}


def _figures(
    config: Config | None, grid: Grid, asked: Sweep, given: Mapping[str, Any], executor: Executor
) -> tuple[list[int], NDArray[Any]]:
    """The combinations that are tried, in the order of their choice, and the figures of each."""
    bench = Bench(grid, configured(config, given))
    first = bench.check()
    search = search_of(grid, asked, first.ready.config.seed, grid.size)
    if search.free == search.total:
        numbers = search.numbers(np.zeros(0)).tolist()
        figures = figures_by(executor, bench, numbers)
    else:
        figures = run_parts(bench, search, _Unkept(), unwatched, executor)
        numbers = figures["combination"].tolist()
    bench.stands.witness.check()
    _count(first, bench, search, numbers, figures)
    return numbers, figures


class _Unkept:
    """Parts of a sweep that is over when the call is."""

    def read(self, part: int, kind: np.dtype[Any]) -> None:
        """None of them has been run."""

    def write(self, part: int, figures: NDArray[Any]) -> None:
        """None of them is needed again."""


def _count(first: Stand, bench: Bench, search: Search, numbers: Sequence[int], figures: NDArray[Any]) -> None:
    """Count every combination among the trials of the best one's strategy; a RuntimeWarning says where that failed."""
    ratios, sources = figures["reward_to_variability"], source_hash(*first.ready.strategies.values())
    known = np.isfinite(ratios) & (figures["error"] == RunCode.OK)
    best = numbers[int(np.argmax(np.where(known, ratios, -np.inf)))]
    own = first.ready, first.market, first.start, first.stop
    ready, market, start, stop = bench.stands.bars(bench.grid.values(best)) if known.any() else own
    some = [
        repr(one) for one in (search.told() if search.total < bench.grid.size else {}, bench.stands.inputs()) if one
    ]
    key = key_of("sweep", config_hash(first.ready.config), first.market.fingerprint, repr(told(bench.grid.axes)),
                 sources, *some)  # fmt: skip
    sessions = len(distinct_sessions(market.bars["session"][start:stop]))
    warn_of(count_combinations(ready.config, market.symbols, key, *ratios_run(figures, search.free), sessions))


def _told(found: Any) -> dict[str, Any]:
    """Figures by name; NaN in those of a run that stopped before its end, and why it did."""
    error = stopped_by(int(found["error"]))
    return {name: math.nan if error else found[name].item() for name in FIGURES.names or ()} | {"error": error}


def configured(config: Config | None, given: Mapping[str, Any]) -> Configure:
    """The configuration that `engine.backtest` would take, a file read once, with settings of axes put on last."""
    rest = dict(given)
    overrides = tuple(rest.pop("overrides", ()))
    written = read_config(config) if isinstance(config, str | Path) else config
    return lambda put: ready(written, [*overrides, *put], **rest)


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
