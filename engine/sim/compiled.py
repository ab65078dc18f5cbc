# SPDX-License-Identifier: Apache-2.0
"""The compiled twin: the same functions through numba, cached on disk. The only module that imports numba.

Rows are numba Records (bare pointers, no reference counting), on_bar is a first-class function of an explicit
signature. The kernel's cache is keyed by the engine's sources, on_bar's by its own module's too, because numba does
not notice changes in the functions that a cached one calls.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numba import config as numba_config
from numba import from_dtype, njit, types
from numba.core.errors import NumbaError as NumbaError
from numba.core.typing.templates import _OverloadMethodTemplate, infer_getattr, make_overload_attribute_template
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable

from engine import types as layout
from engine.sim import loop, pad, sweep
from engine.sim.dual import DUAL, EVERY_BAR
from engine.types import ENTRY, ORDER, OUTCOME, POINT, RULES

FAST = {"error_model": "numpy", "nogil": True}


def _cache_root() -> Path:
    return Path(os.environ.get("TANDEM_CACHE_DIR") or platformdirs.user_cache_dir("tandem")) / "compiled"


@cache
def engine_digest() -> str:
    """Hash of every source that compiled code is made from."""
    digest = hashlib.sha256()
    for path in sorted([*Path(loop.__file__).parent.glob("*.py"), Path(layout.__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _register() -> None:
    """Make the dual functions callable from compiled code, and the order pad's functions methods of records."""
    for function in DUAL:
        register_jitable(**FAST)(function)
    for function in EVERY_BAR:
        register_jitable(**FAST, forceinline=True)(function)
    for name, function in pad.PAD_METHODS.items():
        _register_method(name, function)


class _BookMethod(_OverloadMethodTemplate):  # type: ignore[misc]  # numba has no types
    """Gives a method to the book's record alone: other records may have fields of the same name (`close`, `stop`)."""

    def _resolve(self, typ: Any, attr: str) -> Any:
        return super()._resolve(typ, attr) if "next_id" in typ.fields else None


def _register_method(name: str, function: Callable[..., Any]) -> None:
    @wraps(function)  # numba reads defaults and argument names off the signature
    def method(*_args: Any, **_named: Any) -> Callable[..., Any]:
        return function

    template = make_overload_attribute_template(
        types.Record, name, method, base=_BookMethod, strict=False, jit_options=FAST
    )
    infer_getattr(template)
    overload(method, strict=False, jit_options=FAST)(method)


def _rows(dtype: np.dtype[Any], *, readonly: bool = False) -> types.Array:
    return types.Array(from_dtype(dtype), 1, "C", readonly=readonly, aligned=True)


def _compile(function: Callable[..., Any], signature: Any, digest: str) -> Any:
    """njit with an explicit signature, cached under a folder that names the sources it depends on."""
    before = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(_cache_root() / digest)
    try:
        return njit(signature, cache=True, **FAST)(function)
    finally:
        numba_config.CACHE_DIR = before


@intrinsic  # type: ignore[untyped-decorator]
def unowned(_typing: Any, array: Any) -> Any:
    """The same array without its owner: counting references on it costs nothing (two atomic operations a call otherwise).

    Measured on 6,300 daily bars: 43 ns a bar-step with owned tables, see docs/benchmarks.md for without. The caller keeps the
    array alive for the whole call, which the Python frame around the kernel does.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        for field in ("meminfo", "parent"):
            setattr(made, field, cgutils.get_null_value(getattr(made, field).type))
        return made._getvalue()

    return array(array), codegen


def _simulate_unowned(
    decide: Any, bars: Any, kernel_bars: Any, features: Any, p: Any, s: Any, account: Any, book: Any, rules: Any,
    terms: Any, benchmark: Any, entries: Any, log: Any, points: Any, start: int, stop: int,
) -> int:  # fmt: skip
    return loop.simulate(
        decide, unowned(bars), unowned(kernel_bars), unowned(features), p, s, account, book, rules,
        unowned(terms), unowned(benchmark), unowned(entries), unowned(log), unowned(points), start, stop,
    )  # fmt: skip


def _simulate_many_unowned(
    decide: Any, bars: Any, kernel_bars: Any, features: Any, params: Any, states: Any, accounts: Any, books: Any, rules: Any,
    terms: Any, benchmark: Any, entries: Any, log: Any, points: Any, outcomes: Any,
) -> None:  # fmt: skip
    sweep.simulate_many(
        decide, unowned(bars), unowned(kernel_bars), unowned(features), unowned(params), unowned(states), unowned(accounts),
        unowned(books), rules, unowned(terms), unowned(benchmark), unowned(entries), unowned(log), unowned(points), unowned(outcomes),
    )  # fmt: skip


RATES = types.Array(types.float64, 1, "C", readonly=True, aligned=True)


@dataclass(frozen=True)
class Layout:
    """The record types of one kind of run: roles, series, features, params and state decide them."""

    bars: np.dtype[Any]
    roles: tuple[str, ...]
    features: np.dtype[Any]
    params: np.dtype[Any]
    state: np.dtype[Any]

    @property
    def kernel_bars(self) -> np.dtype[Any]:
        return layout.kernel_bar_dtype(self.bars, len(self.roles))

    @property
    def account(self) -> np.dtype[Any]:
        return layout.account_dtype(self.roles)

    @property
    def book(self) -> np.dtype[Any]:
        return layout.book_dtype(len(self.roles))

    @property
    def terms(self) -> np.dtype[Any]:
        return layout.terms_dtype(len(self.roles))

    @property
    def decide(self) -> Any:
        """Signature of on_bar(bar, f, p, s, account, orders)."""
        parts = (self.bars, self.features, self.params, self.state, self.account, self.book)
        return types.void(*(from_dtype(part) for part in parts))

    @property
    def _common(self) -> tuple[Any, ...]:
        inputs = (_rows(part, readonly=True) for part in (self.bars, self.kernel_bars, self.features))
        return (types.FunctionType(self.decide), *inputs)

    @property
    def kernel(self) -> Any:
        """Signature of loop.simulate."""
        records = (from_dtype(part) for part in (self.params, self.state, self.account, self.book, RULES))
        written = (_rows(part) for part in (ENTRY, ORDER, POINT))
        return types.int64(*self._common, *records, _rows(self.terms, readonly=True), RATES, *written, types.int64, types.int64)

    @property
    def sweep(self) -> Any:
        """Signature of sweep.simulate_many."""
        runs = (_rows(part) for part in (self.params, self.state, self.account, self.book))
        written = (_rows(part) for part in (ENTRY, ORDER, POINT, OUTCOME))
        terms = _rows(self.terms, readonly=True)
        return types.void(*self._common, *runs, from_dtype(RULES), terms, RATES, *written)


@cache
def compile_decision(
    on_bar: Callable[..., Any], made_of: Layout, helpers: tuple[Callable[..., Any], ...], digest: str
) -> Any:
    """on_bar as a compiled first-class function. Typing errors of numba pass through for the border to explain.

    helpers  the author's functions that on_bar calls, callees first
    digest   hash of everything on_bar is made from; names its cache together with the engine's
    """
    _register()
    for helper in helpers:
        register_jitable(**FAST)(helper)
    return _compile(on_bar, made_of.decide, f"decisions/{engine_digest()}-{digest}")


@cache
def compile_kernel(made_of: Layout) -> Any:
    """loop.simulate for one layout."""
    _register()
    return _compile(_simulate_unowned, made_of.kernel, f"kernels/{engine_digest()}")


@cache
def compile_sweep(made_of: Layout) -> Any:
    """sweep.simulate_many for one layout."""
    _register()
    return _compile(_simulate_many_unowned, made_of.sweep, f"kernels/{engine_digest()}")
