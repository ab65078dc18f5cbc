# SPDX-License-Identifier: Apache-2.0
"""What one section alone cannot know: the strategy's roles, series and params, the symbols of tables, files on disk.

Every check reads the draft, not the model, so that its mistakes are told together with the model's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.config.describe import plain
from engine.config.draft import Draft
from engine.config.files import file_problems
from engine.config.large_rates import large_rates
from engine.config.mistakes import meant, unknown_key
from engine.config.role_checks import missing, role_problems, same_symbols
from engine.config.runners import runners, symbols, what_runs_problems
from engine.config.tables import LISTS
from engine.config.yaml_reader import KeyPath, shown
from engine.errors import Problem, StrategyError, nearest_name
from engine.model.options import VOLATILITY_INDICES
from engine.model.run import IMPACT, NO_BENCHMARK
from engine.model.sleeves import prefix
from engine.model.spelling import known_as
from engine.notice import Notice, loud, note
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params, resolve_params

__all__ = [
    "draft_problems",
    "notices",
    "runners",
    "strategy_problems",
    "symbols",
    "what_runs_problems",
]

BY_SYMBOL: tuple[KeyPath, ...] = (
    ("costs", "slippage", "half_spread"),
    ("costs", "slippage", "impact"),
    ("costs", "borrow"),
)
"""Where a mapping of symbols may stand that must have each role's symbol, or `default`."""

LEAST_COEFFICIENT = 0.3
"""Of the law of market impact, above 0 and below this: said loudly."""


def strategy_problems(
    draft: Draft, strategies: Mapping[KeyPath, type[Strategy]], *, complete: bool
) -> Iterator[Problem]:
    """Roles, series and params that the strategies and the draft do not agree on.

    strategies  path of a sleeve, () for a single run, -> what runs there; complete: none of them is missing
    """
    for at, strategy in strategies.items():
        yield from role_problems(draft, strategy, at)
    if strategies and complete:
        yield from _series(draft, tuple(strategies.values()))
    for at, strategy in strategies.items():
        yield from _params(draft, strategy, at)


def draft_problems(draft: Draft, base_dir: Path) -> Iterator[Problem]:
    """What sections contradict each other in, and files that are not there."""
    yield from same_symbols(draft)
    yield from _benchmark(draft)
    yield from _compared_with(draft)
    yield from _dividends(draft)
    yield from _coverage(draft)
    yield from file_problems(draft, base_dir)


def notices(draft: Draft) -> Iterator[Notice]:
    """What is not wrong and yet worth a sentence: entries for symbols that no role holds count for nothing."""
    held = symbols(draft)
    for path in (*BY_SYMBOL, *LISTS):
        given = draft.get(path)
        main = draft.place(()).file
        if isinstance(given, dict):
            used = {"default", *(known_as(symbol, given) for symbol in held)}
            idle = [name for name in given if name not in used and draft.place((*path, name)).file == main]
            if idle:
                names = ", ".join(idle)
                yield note(f"{shown(path)} has entries for {names}, which no role holds: they count for nothing")
    yield from _old_impact(draft)
    yield from large_rates(draft)


def _old_impact(draft: Draft) -> Iterator[Notice]:
    """A coefficient far below what studies find was probably written for the unit of before."""
    given = draft.get(("costs", "slippage", "impact"))
    values = given.values() if isinstance(given, dict) else (given,)
    small = [value for value in values if isinstance(value, int | float) and 0 < value < LEAST_COEFFICIENT]
    if small:
        yield loud(
            f"costs.slippage.impact {small[0]:g} is the coefficient of daily volatility x sqrt(shares / daily volume), "
            f"which studies put at 0.5 to 1. It was once the move at a bar's whole volume, 0.05 by default: leave it "
            f"out for {IMPACT:g}, or set 0 for none"
        )


def _series(draft: Draft, strategies: Sequence[type[Strategy]]) -> Iterator[Problem]:
    """Series are shared: each must be of use to one strategy at least, and those that one needs must be there."""
    given = draft.get(("series",))
    if not isinstance(given, dict | None):
        return
    bound = given or {}
    known = tuple(dict.fromkeys(name for one in strategies for name in (*one.series, *one.optional_series)))
    priced = {name for one in strategies for name in _volatility_series(draft, one)}
    reader = strategies[0].__name__ if len(strategies) == 1 else "no sleeve"
    verb = "reads no such series" if len(strategies) == 1 else "reads such a series"
    for name in bound:
        if (
            name not in known
            and name not in priced
            and name not in (draft.get(("costs", "benchmark")), draft.get(("benchmark",)))
        ):
            message = f"{reader} {verb}, and it is no benchmark"
            yield unknown_key(("series", name), known, draft.places, message)
    for strategy in strategies:
        for name in strategy.rates:
            yield from _unit_of_rate(draft, name, f"{strategy.__name__} reads")
    needed = {name: strategy.__name__ for strategy in reversed(strategies) for name in strategy.series}
    for name, needs in needed.items():
        if name not in bound:
            yield missing(draft, ("series", name), f"{needs} needs this series and nothing is bound to it")


def _volatility_series(draft: Draft, strategy: type[Strategy]) -> tuple[str, ...]:
    """Series that price the strategy's options, whether or not it reads them."""
    if not strategy.options:
        return ()
    given = draft.get(("options", "volatility"))
    return (given,) if isinstance(given, str) else VOLATILITY_INDICES


def _params(draft: Draft, strategy: type[Strategy], at: KeyPath) -> Iterator[Problem]:
    below = (*at, "params")
    given = draft.get(below)
    if not isinstance(given, dict | None):
        return
    known = declared_params(strategy.Params)
    try:
        resolve_params(strategy.Params, given or {}, shown(below))
    except StrategyError as error:
        for problem in error.problems:
            name = problem.path.removeprefix(f"{shown(below)}.")
            unknown = name not in known
            place = draft.place((*below, name)).problem("", at_key=unknown)
            yield replace(
                problem,  # of its own kind
                file=place.file,
                line=place.line,
                column=place.column,
                found="" if unknown else plain((given or {}).get(name)),
                nearest=problem.nearest or meant((given or {}).get(name), ()),
            )


def _benchmark(draft: Draft) -> Iterator[Problem]:
    path = ("costs", "benchmark")
    given = draft.get(path)
    series = draft.get(("series",))
    bound = tuple(series) if isinstance(series, dict) else ()
    if isinstance(given, str) and given.isidentifier() and given not in bound:
        yield draft.place(path).problem(
            "no series of this name is bound",
            path=shown(path),
            found=plain(given),
            allowed=", ".join([*bound, "or a fraction a year such as 0.03"]),
            nearest=nearest_name(given, bound),
        )
    elif isinstance(given, str):
        yield from _unit_of_rate(draft, given, "costs.benchmark reads")


def _compared_with(draft: Draft) -> Iterator[Problem]:
    """A role, a series or the symbol of one: what is compared with must be among what the run reads."""
    given = draft.get(("benchmark",))
    series = draft.get(("series",))
    bound = tuple(series) if isinstance(series, dict) else ()
    roles = [name for at in runners(draft) for name in _names_of_roles(draft, at)]
    known = tuple(dict.fromkeys((*roles, *symbols(draft), *bound)))
    if isinstance(given, str) and known and given != NO_BENCHMARK and given not in known:
        yield draft.place(("benchmark",)).problem(
            "nothing of this name is bound; bind it under series to compare with it",
            path="benchmark",
            found=plain(given),
            allowed=", ".join([*known, NO_BENCHMARK]),
            nearest=nearest_name(given, known),
        )


def _names_of_roles(draft: Draft, at: KeyPath) -> Iterator[str]:
    """Roles as the run names them: those of a sleeve behind its name."""
    roles = draft.get((*at, "roles"))
    yield from (prefix(str(at[-1]) if at else "") + str(role) for role in (roles if isinstance(roles, dict) else ()))


def _unit_of_rate(draft: Draft, series: str, reader: str) -> Iterator[Problem]:
    """A rate without a unit may be a hundred times what it is taken for: it is asked for, never guessed."""
    path = ("series", series)
    given = draft.get(path)
    if given is None or (isinstance(given, dict) and given.get("unit") in ("percent", "fraction")):
        return
    unit = (*path, "unit")
    where = unit if unit in draft.places else path
    yield draft.place(where).problem(
        f"{reader} this series as a rate a year, and its unit is not said",
        at_key=where == path,
        path=shown(unit),
        found=plain(draft.get(unit)) if where == unit else "",
        allowed="unit: percent where 5.25 is 5.25 % a year, unit: fraction where 0.0525 is",
    )


def _dividends(draft: Draft) -> Iterator[Problem]:
    path = ("costs", "dividends")
    if draft.get(("data", "prices")) == "total_return" and draft.get(path) in (None, True):
        where = path if path in draft.places else ("data", "prices")
        yield draft.place(where).problem(
            "total_return prices hold the dividends already: paying them again would count them twice",
            path=shown(where),
            found=plain(draft.get(where)),
            allowed="costs.dividends: false, or prices: split_adjusted",
        )
    tax = ("costs", "withholding")
    if draft.get(tax) not in (None, 0, 0.0) and draft.get(path) is False:
        yield draft.place(tax).problem(
            "no dividend is paid in this run, so there is nothing to withhold from",
            path=shown(tax),
            found=plain(draft.get(tax)),
            allowed="0, or costs.dividends: true",
        )


def _coverage(draft: Draft) -> Iterator[Problem]:
    for path in BY_SYMBOL:
        given = draft.get(path)
        if isinstance(given, dict) and "default" not in given:
            for symbol in symbols(draft):
                if known_as(symbol, given) is None:
                    allowed = f"an entry for {symbol}, or one for `default`"
                    yield draft.place(path).problem(
                        f"nothing for {symbol}", at_key=True, path=shown(path), allowed=allowed
                    )
