# SPDX-License-Identifier: Apache-2.0
"""Syntax that on_bar cannot use, each with what to write instead.

Everything here is refused for one of three reasons: numba cannot compile it; it would mean something else compiled
than interpreted; or it cannot be stopped or seen from compiled code. tests/strategy holds the evidence.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_PLAIN = "on_bar is plain arithmetic on one row"
_COMPREHENSION = (
    "no comprehensions: they allocate on every bar; write `for i in range(...)`, or compute it in features()"
)
_TEXT = "no text in on_bar: say why with a Reason code, and put words in its declaration"
_LOOP = "no `while`: in compiled code an endless loop cannot be interrupted; write `for i in range(limit): ... break`"

SENTENCES: dict[type[ast.AST], str] = {
    ast.While: _LOOP,
    ast.Try: "no `try`: compiled code has no errors to catch (1 / 0 is inf there); test the number before you divide",
    ast.TryStar: "no `try`: compiled code has no errors to catch; test the number before you divide",
    ast.Raise: "no `raise`: a decision has no caller to tell; return without an order",
    ast.Assert: "no `assert`: a decision has no caller to tell; return without an order, or check in features()",
    ast.With: f"no `with`: {_PLAIN}",
    ast.Import: "no `import` inside: write it at the top of the file",
    ast.ImportFrom: "no `import` inside: write it at the top of the file",
    ast.Global: "no `global`: compiled code sees module values as they were; what changes belongs in State",
    ast.Nonlocal: "no `nonlocal`: what changes between bars belongs in State",
    ast.Delete: "no `del`: a name holds one number, there is nothing to free",
    ast.Match: "no `match`: write if / elif",
    ast.FunctionDef: "no function inside a function: write it at the top level of the file",
    ast.AsyncFunctionDef: "no `async`: a decision waits for nothing",
    ast.AsyncFor: "no `async`: a decision waits for nothing",
    ast.AsyncWith: "no `async`: a decision waits for nothing",
    ast.Await: "no `await`: a decision waits for nothing",
    ast.ClassDef: "no class inside a function: what is remembered belongs in State",
    ast.Lambda: "no `lambda`: write a function at the top level of the file",
    ast.Yield: "no `yield`: on_bar must run to its end on every bar",
    ast.YieldFrom: "no `yield`: on_bar must run to its end on every bar",
    ast.ListComp: _COMPREHENSION,
    ast.SetComp: _COMPREHENSION,
    ast.DictComp: _COMPREHENSION,
    ast.GeneratorExp: _COMPREHENSION,
    ast.List: "no lists: they allocate on every bar; use names, State fields, or compute it in features()",
    ast.Set: "no sets: they allocate on every bar; compare with `==`, or `in (1, 2)` for whole numbers",
    ast.Dict: "no dicts: write if / elif, or compute it in features()",
    ast.JoinedStr: _TEXT,
    ast.Starred: "no `*`: write every name or argument",
    ast.NamedExpr: "no `:=`: numba cannot type it inside a condition; give the name its value on a line of its own",
    ast.Pow: (
        "no `**`: its last bits differ between compiled and interpreted; write `x * x`, `math.sqrt(x)`, "
        "or `math.exp(y * math.log(x))`"
    ),
    ast.MatMult: "no `@`: there are no matrices in on_bar; compute it in features()",
    ast.LShift: "no `<<`: compiled whole numbers have 64 bits; multiply instead",
    ast.RShift: "no `>>`: compiled whole numbers have 64 bits; use `//` instead",
    ast.Invert: "no `~`: on a condition it is -2 interpreted and False compiled; write `not`",
    ast.Is: "no `is`: numbers are compared with `==`; a missing value is NaN, tested with math.isnan(x)",
    ast.IsNot: "no `is not`: numbers are compared with `!=`; a missing value is NaN, tested with math.isnan(x)",
}


def refused(body: list[ast.stmt]) -> Iterator[tuple[ast.AST, str]]:
    """Each refused node below `body` with its sentence; what stands inside a refused node is not looked at."""
    queue: list[tuple[ast.AST, ast.AST]] = [(statement, statement) for statement in body]
    while queue:
        node, place = queue.pop(0)
        if isinstance(node, ast.Expr) and (isinstance(node.value, ast.Constant) or looks_in(node)):
            continue  # a docstring; or what is for the calls to allow or refuse as a whole
        here = node if hasattr(node, "lineno") else place
        sentence = SENTENCES.get(type(node)) or _constant(node)
        if sentence:
            yield here, sentence
        else:
            queue += [(child, here) for child in ast.iter_child_nodes(node) if not _is_annotation(node, child)]


def looks_in(statement: ast.Expr) -> bool:
    """Whether the statement is one of debugging: `print(...)`, `breakpoint()`."""
    call = statement.value
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"print", "breakpoint"}


def _is_annotation(node: ast.AST, child: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and child is node.annotation


def _constant(node: ast.AST) -> str:
    """Why a literal is refused."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool | float):
        return ""
    if isinstance(node.value, int):
        return "" if node.value < 2**63 else "this number does not fit in 64 bits, which compiled whole numbers have"
    if isinstance(node.value, str | bytes):
        return _TEXT
    if node.value is None:
        return "no None: a missing number is math.nan, tested with math.isnan(x)"
    return "only whole numbers, fractions, True and False"
