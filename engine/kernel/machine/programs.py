# SPDX-License-Identifier: Apache-2.0
"""The compiled programs of a run, each as machine code: from the cache, and made by `compiled` where it is not there.

Only what is made imports numba. The kernel's code is keyed by the engine's sources and the layout, a decision's by a
digest of its own too.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from engine.errors import InputError, Problem
from engine.kernel.machine.code_cache import code_key, obtain
from engine.kernel.machine.decisions import Decision
from engine.kernel.machine.layouts import AccountLayout, Function, Layout
from engine.kernel.machine.loader import Program, Stored, known

_one_at_a_time = Lock()
"""A program is made or loaded once, whichever thread of a sweep asks first."""


def decision(one: Decision) -> Program:
    """on_bar of a lone strategy. Raises UncompiledError."""
    return _program(
        ("decision", one),
        lambda: one.made_of.decide,
        lambda: one.key and (one.key,),
        lambda compiled: compiled.make_decision(one),
    )


def portfolio(decisions: tuple[Decision, ...], made_of: Layout) -> Program:
    """The on_bars of all sleeves as one decision of the account, in their order. Raises UncompiledError."""

    def key() -> tuple[Any, ...] | None:
        keys = [one.key for one in decisions]
        return None if None in keys else (*keys, repr(made_of))

    return _program(
        ("portfolio", *decisions, made_of),
        lambda: made_of.decide,
        key,
        lambda compiled: compiled.make_portfolio(decisions, made_of),
    )


def seam(whole: AccountLayout) -> Program:
    """seam.close_book in place of a decision."""
    return _of_account("seam", whole, lambda: whole.decide)


def kernel(whole: AccountLayout) -> Program:
    """loop.simulate for one layout."""
    return _of_account("kernel", whole, lambda: whole.kernel)


def sweep(whole: AccountLayout) -> Program:
    """sweep.simulate_many for one layout; it is given the kernel."""
    return _of_account("sweep", whole, lambda: whole.sweep)


def _of_account(kind: str, whole: AccountLayout, called: Callable[[], Function]) -> Program:
    return _program(
        (kind, whole), called, lambda: (whole, called()), lambda compiled: compiled.make_of_account(kind, whole)
    )


_programs: dict[tuple[Any, ...], Program] = {}


def _program(
    asked: tuple[Any, ...],
    called: Callable[[], Function],
    key: Callable[[], tuple[Any, ...] | None],
    make: Callable[[Any], Stored],
) -> Program:
    """The program that was asked for, loaded once a process.

    asked   its kind, and what it is made of
    called  tells what it takes
    key     tells what its code is kept under beside its kind; None: it is not kept
    make    makes it by the module `compiled`
    Raises RuntimeError for code that calls what is not in this process, InputError where numba is switched off.
    """
    if asked in _programs:
        return _programs[asked]
    with _one_at_a_time:
        if asked not in _programs:
            parts = key()
            code = obtain(None if parts is None else code_key(asked[0], *parts), lambda: make(_compiled()))
            if not known(code.needs):
                _lend_symbols()
            if not known(code.needs):
                raise RuntimeError(f"compiled code calls one of {', '.join(code.needs)}, which this process has not")
            _programs[asked] = Program(code, called())
    return _programs[asked]


def _compiled() -> Any:
    """The module that compiles, which imports numba. Raises InputError where the environment has switched numba off."""
    from engine.kernel.machine import compiled

    if compiled.switched_off():
        allowed = "no such variable; for one run `mode: interpreted`, which makes the same figures"
        raise InputError(
            Problem("numba is switched off: nothing can be compiled", "NUMBA_DISABLE_JIT", allowed=allowed)
        )
    return compiled


def _lend_symbols() -> None:
    """Some functions, such as those of vector mathematics, are in the process from numba's import on."""
    from engine.kernel.machine import compiled

    compiled.lend_symbols()
