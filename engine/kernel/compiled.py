# SPDX-License-Identifier: Apache-2.0
"""The compiled twin: the same functions through numba, cached on disk.

Rows are numba Records (bare pointers, no reference counting), on_bar is a first-class function of an explicit
signature. The kernel's cache is keyed by the engine's sources, on_bar's by a digest of its own too, because numba
does not notice changes in the functions that a cached one calls.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import platformdirs
from numba import config as numba_config
from numba import njit
from numba.core.errors import NumbaError

from engine import records as layout
from engine.kernel import (
    allocator,
    codes,
    loop,
    numba_inner,
    numba_rows,
    numba_types,
    order_method,
    seam,
    sweep,
    two_modes,
)
from engine.kernel.codes import RunCode
from engine.kernel.loop import Inputs, Outputs
from engine.kernel.numba_rows import FAST, seen_with
from engine.kernel.numba_types import (
    AccountLayout,
    Layout,
    SleeveLayout,
    register,
    register_all,
    rows_as,
    unowned,
    unread,
    viewed_as,
)
from engine.kernel.two_modes import EVERY_BAR, TWO_MODES

__all__ = [
    "AccountLayout",
    "Layout",
    "NumbaError",
    "SleeveLayout",
    "compile_decision",
    "compile_kernel",
    "compile_portfolio",
    "compile_seam",
    "compile_sweep",
    "rows_as",
    "unread",
]


def _cache_root() -> Path:
    return Path(os.environ.get("TANDEM_CACHE_DIR") or platformdirs.user_cache_dir("tandem")) / "compiled"


def compiled_sources() -> list[Path]:
    """The files that compiled code is made from: functions of two modes, their codes and records, and the compiling."""
    register_all()
    modules = {function.__module__ for function in (*TWO_MODES, *EVERY_BAR)}
    others = (allocator, codes, numba_inner, numba_rows, numba_types, order_method, two_modes)
    modules |= {one.__name__ for one in others} | {__name__}
    files = {Path(sys.modules[module].__file__ or "") for module in modules}
    return sorted(files | set(Path(layout.__file__).parent.glob("*.py")))


@cache
def engine_digest() -> str:
    """Hash of every source that compiled code is made from."""
    digest = hashlib.sha256()
    for path in compiled_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _compile(function: Callable[..., Any], signature: Any, digest: str, *, checked: bool = False) -> Any:
    """Njit with an explicit signature, cached under a folder that names the sources it depends on and the signature.

    numba numbers what it keeps of a function: two processes with two signatures in one folder may give both one number.

    checked: a position that a table does not have raises IndexError, in place of reading other memory.
    Where that folder cannot be written, the function is compiled for this process alone; so is one that stands in no
    file, such as a notebook's, whose cache numba would keep elsewhere, without an eye on what the function calls.
    """
    how = {**FAST, "boundscheck": checked}
    if not Path(function.__code__.co_filename).is_file():
        return njit(signature, **how)(function)
    own = hashlib.sha256(str(signature).encode()).hexdigest()[:16]
    folder, before = _cache_root() / digest / own, numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return njit(signature, cache=True, **how)(function)
    except (OSError, RuntimeError):  # RuntimeError: numba has no place for it
        return njit(signature, **how)(function)
    finally:
        numba_config.CACHE_DIR = before


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


@cache
def compile_decision(
    on_bar: Callable[..., Any], made_of: Layout | SleeveLayout, helpers: tuple[Callable[..., Any], ...], digest: str
) -> Any:
    """on_bar as a compiled first-class function. Typing errors of numba pass through for the border to explain.

    helpers  the author's functions that on_bar calls, callees first
    digest   hash of everything on_bar is made from; names its cache together with the engine's
    """
    register_all()
    checked = any(made_of.state[name].shape for name in made_of.state.names or ())
    for helper in helpers:
        register(
            helper, inlined=True, checked=checked
        )  # 15.9 ns a bar-step of the spread trade with leg stops, 20.2 with calls
    folder = f"decisions/{engine_digest()}-{digest}"
    decision = _counting(on_bar, made_of.seen, folder, checked=checked) if made_of.listed else on_bar
    made = _compile(decision, made_of.decide, folder, checked=checked)
    return _for_kernel(made, made_of) if isinstance(made_of, Layout) else made


def _counting(on_bar: Callable[..., Any], account: Any, folder: str, *, checked: bool) -> Callable[..., Any]:
    """A decision that gives on_bar its bar, features and account with roles by number."""
    register(on_bar, inlined=True, checked=checked)
    names: dict[str, Any] = {"__name__": __name__, "on_bar": on_bar, "seen_with": seen_with}
    names["view"] = viewed_as(account)
    source = (
        "def decide(bar, f, p, s, account, orders):\n"
        "    on_bar(seen_with(bar, orders), seen_with(f, orders), p, s, view(account), orders)\n"
    )
    return _written(source, folder, names)


@cache
def compile_portfolio(
    decisions: tuple[Any, ...], sleeves: tuple[SleeveLayout, ...], made_of: Layout, digest: str
) -> Any:
    """The compiled on_bars of all sleeves as one decision of the account, in their order; an error ends it.

    digest  hash of all that the decisions are made from
    Its source is written, one call a sleeve, because compiled code cannot loop over functions of different types.
    """
    names: dict[str, Any] = {"__name__": __name__}  # a cached function asks for its module, which must be one
    names |= {f"on_bar_{number}": decision for number, decision in enumerate(decisions)}
    lines = ["def decide(bar, f, p, s, account, orders):"]
    for number, sleeve in enumerate(sleeves):
        seen: list[str] = []
        for argument, part in zip(("bar", "f", "p", "s", "orders", "orders"), sleeve.parts, strict=True):
            view = f"view_{number}_{len(seen)}"
            names[view] = viewed_as(part)
            seen.append(f"{view}({argument})")
        lines += [f"    orders.deciding = {number}", f"    on_bar_{number}({', '.join(seen)})"]
        lines += [f"    if orders.error != {RunCode.OK:d}:", "        return"]
    folder = f"decisions/{engine_digest()}-{digest}"
    function = _written("\n".join(lines) + "\n", folder, names)
    return _for_kernel(_compile(function, made_of.decide, folder), made_of)


def _for_kernel(decision: Any, made_of: Layout) -> Any:
    """The decision, known to numba under the kernel's signature too: to the machine both are six addresses."""
    decision.overloads[made_of.whole.decide.args] = decision.overloads[made_of.decide.args]
    return decision


def _written(source: str, folder: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `decide` of a source that stands in a file where one can be written: what has none is not cached."""
    file = _cache_root() / folder / f"written_{hashlib.sha256(source.encode()).hexdigest()[:16]}.py"
    try:
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_name(f"{file.name}.{os.getpid()}")
            temporary.write_text(source, encoding="utf-8")
            temporary.replace(file)
    except OSError:
        file = Path("<portfolio>")
    exec(compile(source, str(file), "exec", dont_inherit=True), names)  # noqa: S102
    function: Callable[..., Any] = names["decide"]
    return function


@cache
def compile_seam(whole: AccountLayout) -> Any:
    """seam.close_book in place of a decision."""
    register_all()
    return _compile(seam.close_book, whole.decide, f"kernels/{engine_digest()}")


@cache
def compile_kernel(whole: AccountLayout) -> Any:
    """loop.simulate for one layout."""
    register_all()
    return _compile(_simulate_unowned, whole.kernel, f"kernels/{engine_digest()}")


@cache
def compile_sweep(whole: AccountLayout) -> Any:
    """sweep.simulate_many for one layout, with its kernel."""
    kernel = compile_kernel(whole)
    return partial(_compile(_simulate_many_unowned, whole.sweep, f"kernels/{engine_digest()}"), kernel)
