# SPDX-License-Identifier: Apache-2.0
"""The compiled twin: the same functions through numba, as machine code to be kept and loaded by `programs`.

Rows are numba Records (bare pointers, no reference counting); a decision and the kernel are called by their address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from numba import config, njit
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from engine.kernel import loop, seam, sweep
from engine.kernel.codes import RunCode
from engine.kernel.loop import Inputs, Outputs
from engine.kernel.machine.decisions import Decision, UncompiledError
from engine.kernel.machine.layouts import AccountLayout, Function, Layout
from engine.kernel.machine.loader import Stored, known
from engine.kernel.machine.numba_entry import Whole
from engine.kernel.machine.numba_rows import INNER, seen_with
from engine.kernel.machine.numba_types import numba_signature, register, register_all, unowned, viewed_as


def _made(function: Callable[..., Any], called: Function, *, checked: bool = False) -> Stored:
    """The machine code of a function and all that it calls.

    checked: a position that a table does not have raises IndexError, in place of reading other memory.
    """
    how = {**INNER, "pipeline_class": Whole, "no_cpython_wrapper": True, "boundscheck": checked}
    signature = numba_signature(called)
    library = njit(signature, **how)(function).overloads[signature.args].library
    module = library._final_module  # noqa: SLF001
    code = library.codegen._tm.emit_object(module)  # noqa: SLF001
    return Stored(code, _needs(module))


def _needs(module: Any) -> tuple[str, ...]:
    """The functions outside that its machine code may call: those that it names, and what LLVM calls for its own.

    LLVM has names of its own for the C library's functions, and calls these where the processor has no instruction.
    """
    named = [function.name for function in module.functions if function.is_declaration]
    outside = {name for name in named if not name.startswith("llvm.")}
    own = {name.split(".")[1] for name in named if name not in outside}
    if re.search(r"\bfrem\b", str(module)):
        own.add("fmod")
    return tuple(sorted(outside | {name for name in own if known([name])}))


def switched_off() -> bool:
    """Whether the environment has told numba to compile nothing."""
    return bool(config.DISABLE_JIT)


def lend_symbols() -> None:
    """Put what numba's own library has into the process, for code that calls it."""
    cpu_target.target_context.refresh()


def _simulate_unowned(
    decide: Any, bars: Any, kernel_bars: Any, features: Any, terms: Any, benchmark: Any, option_inputs: Any,
    cost_inputs: Any, p: Any, s: Any, account: Any, book: Any, entries: Any, log: Any, points: Any, marks: Any,
    start: int, stop: int,
) -> int:  # fmt: skip
    return loop.simulate(
        decide, unowned(bars), unowned(kernel_bars), unowned(features), unowned(terms), unowned(benchmark),
        unowned(option_inputs), unowned(cost_inputs), p, s, account, book, unowned(entries), unowned(log),
        unowned(points), unowned(marks), start, stop,
    )  # fmt: skip


def _simulate_many_unowned(
    simulate: Any, decide: Any, bars: Any, kernel_bars: Any, features: Any, terms: Any, benchmark: Any,
    option_inputs: Any, cost_inputs: Any, params: Any, states: Any, accounts: Any, books: Any, entries: Any, log: Any,
    points: Any, marks: Any, outcomes: Any, stretches: Any,
) -> None:  # fmt: skip
    read = Inputs(
        unowned(bars), unowned(kernel_bars), unowned(features), unowned(terms), unowned(benchmark),
        unowned(option_inputs), unowned(cost_inputs),
    )  # fmt: skip
    write = Outputs(unowned(entries), unowned(log), unowned(points), unowned(marks))
    sweep.simulate_many(
        simulate, decide, read, unowned(params), unowned(states), unowned(accounts), unowned(books), write,
        unowned(outcomes), unowned(stretches),
    )  # fmt: skip


def make_decision(one: Decision) -> Stored:
    """on_bar of a lone strategy. Raises UncompiledError for what numba refuses."""
    register_all()
    try:
        return _made(_decision(one), one.made_of.decide, checked=_checked(one))
    except NumbaError as error:
        raise UncompiledError(one.on_bar) from error


def _checked(one: Decision) -> bool:
    """Whether its State has fields of several places, whose number on_bar computes."""
    state = one.made_of.state
    return any(state[name].shape for name in state.names or ())


def _decision(one: Decision) -> Callable[..., Any]:
    """A function of on_bar's arguments as the layout has them, with all that it calls known to numba."""
    checked = _checked(one)
    for helper in one.helpers:
        register(
            helper, inlined=True, checked=checked
        )  # 15.9 ns a bar-step of the spread trade with leg stops, 20.2 with calls
    if not one.made_of.listed:
        return one.on_bar
    register(one.on_bar, inlined=True, checked=checked)
    assert one.made_of.seen is not None
    names = {"on_bar": one.on_bar, "seen_with": seen_with, "view": viewed_as(one.made_of.seen)}
    return _written(
        "def decide(bar, f, p, s, account, orders):\n"
        "    on_bar(seen_with(bar, orders), seen_with(f, orders), p, s, view(account), orders)\n",
        names,
    )


def make_portfolio(decisions: tuple[Decision, ...], made_of: Layout) -> Stored:
    """The on_bars of all sleeves as one decision of the account, in their order; an error ends it.

    Its source is written, one call a sleeve, because compiled code cannot loop over functions of different types.
    Raises UncompiledError for what numba refuses.
    """
    register_all()
    names: dict[str, Any] = {}
    lines = ["def decide(bar, f, p, s, account, orders):"]
    for number, one in enumerate(decisions):
        names[f"on_bar_{number}"] = _part(one)
        seen: list[str] = []
        for argument, part in zip(("bar", "f", "p", "s", "orders", "orders"), one.made_of.decide.takes, strict=True):
            view = f"view_{number}_{len(seen)}"
            names[view] = viewed_as(part.row)
            seen.append(f"{view}({argument})")
        lines += [f"    orders.deciding = {number}", f"    on_bar_{number}({', '.join(seen)})"]
        lines += [f"    if orders.error != {RunCode.OK:d}:", "        return"]
    return _made(_written("\n".join(lines) + "\n", names), made_of.decide)


def _part(one: Decision) -> Any:
    """The on_bar of a sleeve, to be taken into the decision of the account."""
    try:
        return njit(numba_signature(one.made_of.decide), **INNER, boundscheck=_checked(one))(_decision(one))
    except NumbaError as error:
        raise UncompiledError(one.on_bar) from error


def _written(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `decide` of a source."""
    exec(compile(source, "<portfolio>", "exec", dont_inherit=True), names)  # noqa: S102
    function: Callable[..., Any] = names["decide"]
    return function


def make_of_account(kind: str, whole: AccountLayout) -> Stored:
    """What depends on the layout alone: seam, kernel or sweep."""
    register_all()
    programs: dict[str, tuple[Callable[..., Any], Function]] = {
        "seam": (seam.close_book, whole.decide),
        "kernel": (_simulate_unowned, whole.kernel),
        "sweep": (_simulate_many_unowned, whole.sweep),
    }
    return _made(*programs[kind])
