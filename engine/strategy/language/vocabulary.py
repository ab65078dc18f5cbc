# SPDX-License-Identifier: Apache-2.0
"""The words of the language: what bar, account and `orders` offer, and the functions that both modes agree on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from engine import records
from engine.kernel.orders.api import ORDER_API
from engine.records import ASSET_BAR, account_dtype, bar_dtype
from engine.strategy.language.values import BOOL, FEATURE_ROWS, FLOAT, INT, ORDERS, Number, Record, Several, Value
from engine.strategy.params import FirstValue
from engine.strategy.roles import BoundRoles, plain_roles


def _kinds(row: np.dtype[Any], *, shown: Collection[str] = (), hidden: Collection[str] = ()) -> dict[str, Number]:
    """Fields of a record and their kind: those that are `shown`, or all that are not `hidden`."""
    names = shown or [name for name in row.names or () if name not in hidden]
    return {name: FLOAT if row[name].kind == "f" else INT for name in names}


CLOCK = _kinds(bar_dtype(()))
"""Fields of `bar` beside roles and series."""

DATES = _kinds(records.dtype_of(records.Dates))
"""Fields of `bar` that a run has only where its on_bar reads them."""

ACCOUNT = _kinds(
    account_dtype(()),
    shown=(
        "cash", "equity", "gross", "net", "maintenance", "peak", "multiplier", "margin_calls", "ruined", "frozen", "t",
    ),
)  # fmt: skip
"""Fields of `account` beside roles. The rest of the book is the kernel's bookkeeping, some of it kept in sweeps
only (max_drawdown): a decision that read it would differ between a sweep and the single run."""

HOLDING = _kinds(records.HOLDING, hidden=("filled", "stood", "impact", "lot"))

CONTRACT = _kinds(records.CONTRACT, hidden=("at_money", "role", "order"))
"""Fields of `account.<slot>`, one option slot; all 0 while it is empty."""


def _said(function: Callable[..., Any]) -> inspect.Signature:
    """What an author writes of a function whose first parameter is the book."""
    taken = inspect.signature(function)
    return taken.replace(parameters=list(taken.parameters.values())[1:])


ORDER_METHODS = {name: _said(function) for name, function in ORDER_API.items()}
"""Methods of `orders` by name: parameters, each an int or a float, and what they return, are those of the kernel."""

KINDS = {bool: BOOL, int: INT, float: FLOAT}
"""The kind of number that an annotation of the kernel stands for."""

BUILTINS = {
    "abs": (1, 1),
    "min": (2, 99),
    "max": (2, 99),
    "int": (1, 1),
    "float": (1, 1),
    "bool": (1, 1),
    "round": (1, 1),
}
"""Built-in functions with the fewest and most arguments. range stands in `for` only."""

MATH_FLOAT = (
    "acos", "asin", "atan", "cos", "cosh", "degrees", "erf", "exp", "expm1", "fabs", "log", "log10", "log1p", "log2",
    "radians", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
MATH_TWO = ("atan2", "copysign")
MATH_INT = ("ceil", "floor", "trunc")
MATH_BOOL = ("isfinite", "isinf", "isnan")
MATH = (*MATH_FLOAT, *MATH_TWO, *MATH_INT, *MATH_BOOL)
"""Functions of math that give the same bits in both modes (tested)."""

MATH_REFUSED = {
    "pow": "its last bits differ between compiled and interpreted; write `x * x`, or `math.exp(y * math.log(x))`",
    "hypot": "its last bits differ between compiled and interpreted; write `math.sqrt(a * a + b * b)`",
    "exp2": "its last bits can differ between compiled and interpreted; write `math.exp(x * math.log(2.0))`",
    "gamma": "its last bits differ between compiled and interpreted; compute it in features()",
    "lgamma": "its last bits differ between compiled and interpreted; compute it in features()",
    "fmod": "numba has no math.fmod; write `x % y`",
}

BUILTINS_REFUSED = {
    "print": "compiled code cannot print; `mode: interpreted` allows it, as a statement of its own",
    "sum": "nothing in on_bar can be summed over; add the numbers, or compute it in features()",
    "pow": "its last bits differ between compiled and interpreted; write `x * x`, or `math.exp(y * math.log(x))`",
    "len": "of all that on_bar has only bar has a length, where roles are a list, and a State field of slots",
    "divmod": "write `x // y` and `x % y`",
    "any": "write `a or b`",
    "all": "write `a and b`",
    "range": "range stands in `for i in range(...)` only",
    "isinstance": "every name has one kind of number, known before the run",
    "getattr": "write the field's name: bar.small.close",
    "setattr": "write the field's name: s.side = 1",
    "breakpoint": "compiled code cannot stop; `mode: interpreted` allows it, as a statement of its own",
}

NUMPY_INSTEAD = {
    "isnan": "math.isnan(x)",
    "isfinite": "math.isfinite(x)",
    "isinf": "math.isinf(x)",
    "sign": "(x > 0) - (x < 0)",
    "where": "a if condition else b",
    "clip": "min(max(x, low), high)",
    "maximum": "max(a, b)",
    "minimum": "min(a, b)",
    "power": "math.exp(y * math.log(x))",
    "absolute": "abs(x)",
    **{name: f"{name}(a, b)" for name in ("max", "min")},
    **{name: f"{name}(x)" for name in ("abs", "round")},
    **{name: f"math.{name}(x)" for name in (*MATH_FLOAT, *MATH_INT)},
}

ONE_LEDGER = (
    "on_bar does not write it: positions and cash change through orders only, and every change is in one ledger"
)
MARKET_DATA = "on_bar does not write it: prices are what they were"
FEATURES = "on_bar does not write it: features() computes it; what on_bar remembers belongs in State (s.name = ...)"
PARAMS = "on_bar does not write it: parameters stay as configured; what changes belongs in State (s.name = ...)"


def arguments(
    roles: Sequence[str],
    series: tuple[str, ...],
    features: tuple[str, ...] | None,
    params: dict[str, type],
    state: Mapping[str, tuple[type, FirstValue]],
    options: tuple[str, ...] = (),
) -> dict[str, Value]:
    """What on_bar receives, by name. features=None lets every feature through.

    Of a list of roles only those before it have names; bar, account and f have each role by its number.
    """
    listed, named = isinstance(roles, BoundRoles), plain_roles(roles)
    asset: Value = Record("bar of a role", "field", dict.fromkeys(ASSET_BAR.names or (), FLOAT), MARKET_DATA)
    holding: Value = Record("holding of a role", "field", dict(HOLDING), ONE_LEDGER)
    contract: Value = Record("option slot", "field", dict(CONTRACT), ONE_LEDGER)
    held: dict[str, Value] = {**dict.fromkeys(named, holding), **dict.fromkeys(options, contract), **ACCOUNT}
    bar: dict[str, Value] = {**dict.fromkeys(named, asset), **dict.fromkeys(series, FLOAT), **CLOCK, **DATES}
    known = None if features is None else {name: FLOAT for name in features if "." not in name}
    each = None if features is None else {name.partition(".")[0]: FLOAT for name in features if "." in name}
    of_role: Value = Record(FEATURE_ROWS[1], "feature of each role", each, FEATURES)
    return {
        "bar": Record("bar", "role, series or field", bar, MARKET_DATA, each=asset if listed else None),
        "f": Record(FEATURE_ROWS[0], "feature", known, FEATURES, each=of_role if listed else None),
        "p": Record("p", "parameter", {name: number(kind) for name, kind in params.items()}, PARAMS),
        "s": Record("s", "State field", {name: _kept(*one) for name, one in state.items()}),
        "account": Record(
            "account",
            "role, option slot or field" if options else "role or field",
            held,
            ONE_LEDGER,
            each=holding if listed else None,
        ),
        "orders": ORDERS,
    }


def _kept(kind: type, first: FirstValue) -> Value:
    """A State field: one number, or as many as `slots` says."""
    one = number(kind)
    return Several(one.kind, len(first)) if isinstance(first, tuple) else one


def number(kind: Any) -> Number:
    """The kind on_bar sees of a declared Parameter or State field: bool and IntEnum are whole numbers there."""
    return FLOAT if kind is float else INT
