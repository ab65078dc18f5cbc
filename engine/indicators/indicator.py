# SPDX-License-Identifier: Apache-2.0
"""Indicator: a causal function of series with named, bounded parameters and a known warm-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError, nearest_name
from engine.indicators.series import equally_long, on_stretches, positive
from engine.indicators.sharing import recalled
from engine.model.parameter import Parameter

PRICE_COLUMNS = {"x": "close", **{name: name for name in ("open", "high", "low", "close", "volume")}}
"""Which column of a role an input is, for `Chosen.of`."""


@dataclass(frozen=True, eq=False)
class Indicator:
    """One indicator: call it as `indicator(series ..., parameters ...)`, each by position or by name.

    Series are (T,) numbers, the result is (T,) float64: NaN in the first `warm_up(...)` rows and where a value is
    missing or undefined (`engine.indicators.series` has the rule). Row t depends on rows 0..t alone, to the bit.
    The sets of a sweep share what is made from the same: `engine.indicators.sharing`.

    name        what `by_name` knows it by
    library     "tandem", "TA-Lib" or "ta": who computes it
    inputs      the series it needs, in order: columns of a bar, or x and y where any series will do
    parameters  in order
    compute     compute(*series, **parameters) on finite, contiguous series longer than the warm-up
    lost        leading rows without a value, of parameters by name
    source      where the formula is from
    window      the parameter that `n` stands for, where it has another name
    levels      inputs that may be one number in place of a series
    prices      the inputs are prices: one that is not positive counts as missing
    """

    name: str
    library: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    compute: Callable[..., Any] = field(repr=False)
    lost: Callable[[Mapping[str, Any]], int] = field(repr=False)
    summary: str = ""
    source: str = ""
    window: str = ""
    levels: frozenset[str] = frozenset()
    prices: bool = False
    fenced: Mapping[str, str] = field(default_factory=dict, repr=False)  # refused parameter -> why

    def __call__(self, *args: Any, **kwargs: Any) -> FloatArray:
        """Compute it. Raises StrategyError for a missing, unknown or bad argument."""
        given = self._sorted(args, kwargs)
        series = equally_long({name: given.pop(name) for name in self.inputs}, self.levels, self.name)
        params = self.parse(given)
        made: FloatArray = recalled(self, series, params, lambda: self._of(series, params))
        return made

    def _of(self, series: Sequence[FloatArray], params: Mapping[str, Any]) -> FloatArray:
        known = [positive(values) for values in series] if self.prices else series
        return on_stretches(lambda *values: self.compute(*values, **params), known, self.lost(params))

    def warm_up(self, **params: Any) -> int:
        """How many leading rows have no value with these parameters."""
        return self.lost(self.parse(params))

    def choose(self, **params: Any) -> Chosen:
        """This indicator with its parameters settled, ready for the series."""
        return Chosen(self, self.parse(params))

    def parse(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Defaults overlaid with `given`, each within its bounds. Raises StrategyError with one Problem a mistake."""
        known = {parameter.name: parameter for parameter in self.parameters}
        named = {self.window if name == "n" and self.window else name: value for name, value in given.items()}
        problems: list[Problem] = [self._unknown(name, list(known)) for name in named if name not in known]
        values: dict[str, Any] = {}
        for name, parameter in known.items():
            value = named.get(name, parameter.default)
            if value is None:
                problems.append(Problem("must be given", path=f"{self.name}.{name}", allowed=parameter.allowed))
                continue
            values[name] = parameter.parse(value)
            if values[name] is None:
                problems.append(parameter.refusal(value, f"{self.name}.{name}"))
        if problems:
            raise StrategyError(problems)
        return values

    def _sorted(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Positional and named arguments by name, series and parameters together."""
        order = [*self.inputs, *(parameter.name for parameter in self.parameters)]
        if len(args) > len(order):
            raise StrategyError(Problem("too many arguments", path=self.name, allowed=", ".join(order)))
        given = dict(zip(order, args, strict=False))
        twice = [name for name in kwargs if name in given]
        missing = [name for name in self.inputs if name not in given and name not in kwargs]
        if twice or missing:
            word = f"{twice[0]} is given twice" if twice else f"the series {missing[0]} is missing"
            raise StrategyError(Problem(word, path=self.name, allowed=", ".join(order)))
        return {**given, **kwargs}

    def _unknown(self, name: str, known: list[str]) -> Problem:
        if name in self.fenced:
            return Problem(f"refused: {self.fenced[name]}", path=f"{self.name}.{name}")
        words = ", ".join(known) or "none: it has no parameters"
        return Problem(
            "no such parameter", path=f"{self.name}.{name}", allowed=words, nearest=nearest_name(name, known)
        )


@dataclass(frozen=True, eq=False)
class Chosen:
    """An indicator with its parameters settled: `by_name("rsi", n=14)(close)`."""

    indicator: Indicator
    params: Mapping[str, Any]

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.indicator.inputs

    @property
    def warm_up(self) -> int:
        """Leading rows without a value."""
        return self.indicator.lost(self.params)

    def __call__(self, *series: Any) -> FloatArray:
        """The indicator of these series, in the order of `inputs`."""
        if len(series) != len(self.inputs):
            wanted = ", ".join(self.inputs)
            raise StrategyError(
                Problem("takes its series only", path=self.indicator.name, found=str(len(series)), allowed=wanted)
            )
        return self.indicator(*series, **self.params)

    def of(self, columns: Any) -> FloatArray:
        """The indicator of one role's columns: `by_name("atr", n=14).of(market.small)`. x stands for the close.

        (T,) in its own unit.
        """
        odd = [name for name in self.inputs if name not in PRICE_COLUMNS]
        if odd:
            raise StrategyError(
                Problem(f"{', '.join(odd)} is no column of a bar: call it with the series", path=self.indicator.name)
            )
        return self(*(getattr(columns, PRICE_COLUMNS[name]) for name in self.inputs))

    def __str__(self) -> str:
        settled = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.indicator.name}({settled})"
