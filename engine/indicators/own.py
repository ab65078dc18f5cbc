# SPDX-License-Identifier: Apache-2.0
"""The decorator that makes a function one of our indicators: its signature says all that the registry needs."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

from engine.arrays import FloatArray
from engine.indicators.indicator import Indicator
from engine.indicators.parameter import Bounds
from engine.model.parameter import Parameter

OWN: dict[str, Indicator] = {}
"""Every indicator that is computed here, by name, in the order of definition."""

Kernel = TypeVar("Kernel", bound=Callable[..., FloatArray])


def indicator(*, warm_up: Callable[..., int], source: str, prices: bool = False) -> Callable[[Kernel], Kernel]:
    """Register a kernel. Arguments annotated FloatArray are its series, `FloatArray | float` may be one number,
    the others are parameters with their bounds.

    warm_up takes the parameters it needs by name and returns the leading rows without a value. The kernel itself
    sees finite, contiguous, equally long float64 series of more rows than that; positive ones where `prices` is true.
    """  # noqa: D205

    def register(kernel: Kernel) -> Kernel:
        hints = typing.get_type_hints(kernel, include_extras=True)
        signature = inspect.signature(kernel)
        levels = frozenset(name for name in signature.parameters if hints[name] == FloatArray | float)
        inputs = tuple(name for name in signature.parameters if hints[name] == FloatArray or name in levels)
        wanted = tuple(inspect.signature(warm_up).parameters)
        entry = Indicator(
            name=kernel.__name__,
            library="tandem",
            inputs=inputs,
            parameters=tuple(
                _parameter(name, hints[name], spec.default)
                for name, spec in signature.parameters.items()
                if name not in inputs
            ),
            compute=kernel,
            lost=lambda params: warm_up(**{name: params[name] for name in wanted}),
            summary=(kernel.__doc__ or "").split("\n", 1)[0],
            source=source,
            levels=levels,
            prices=prices,
        )
        OWN[entry.name] = entry

        @functools.wraps(kernel)
        def call(*args: Any, **kwargs: Any) -> FloatArray:
            return entry(*args, **kwargs)

        return cast("Kernel", call)

    return register


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    settled = None if default is inspect.Parameter.empty else default
    if typing.get_origin(hint) is Literal:
        return Parameter(name, str, settled, choices=typing.get_args(hint))
    kind, bounds = typing.get_args(hint)
    assert isinstance(bounds, Bounds)
    return Parameter(name, kind, settled, bounds.low, bounds.high)
