# SPDX-License-Identifier: Apache-2.0
"""A plan as the source of a strategy: the file that an author would write who says the same in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model.parameter import Parameter
from engine.rules.book import BookWriter
from engine.rules.outlook import outlook
from engine.rules.plan import Plan
from engine.rules.python import Source

HEADER = "# Written from a section `rules`; `tandem config new --from rules` writes it anew."

WIDTH = 100

_REMEMBERED = {"side": "{} side {{}} (1 long, -1 short)", "bars": "{} held for {{}} bars"}
"""Field of State -> what signals say of it; the first gap is for the role of a book."""


@dataclass(frozen=True)
class Reasons:
    """Reasons in the order of their codes: name, words, kind."""

    rows: list[tuple[str, str, str]]

    def of(self, name: str, words: str, kind: str) -> str:
        """`Reason.NAME`, which is declared by it."""
        if name not in [row[0] for row in self.rows]:
            self.rows.append((name, words, kind))
        return f"Reason.{name}"


def write(plan: Plan, name: str, says: str) -> str:
    """Python source of `name`, a class; `says` is the first line of its doc. Raises Mistake as Source does."""
    source, reasons = Source(plan.checker), Reasons([])
    source.name_features()
    state: dict[str, str] = {}
    body: list[str] = []
    writers = [BookWriter(plan, book, source, reasons.of) for book in plan.books]
    for one in writers:
        body += one.lines()
        state |= one.state
    told = outlook(writers)
    sections = [
        _imports(source, plan, told),
        [f"{', '.join(role.upper() for role in plan.scope.roles)} = {_positions(len(plan.scope.roles))}"],
        ["", "class Reason(ReasonCode):", *(_reason(at, *row) for at, row in enumerate(reasons.rows, 1))],
        ["", f"class {name}(Strategy):", f"    {_text(says, doc=True)}", "", *_declared(plan)],
        [f"    {line}" for line in _params(list(plan.scope.params.values()))],
        ["    class State:", *(f"        {key}: {value}" for key, value in state.items())],
        ["    Reason = Reason", *_watch(source), *_remembers(state)],
        _features(source),
        ["    def conditions(self, market, f, p, s):", *(f"        {line}" for line in told)] if told else [],
        [
            "    @staticmethod",
            "    def on_bar(bar, f, p, s, account, orders):",
            *(f"        {line}" if line else "" for line in body),
        ],
    ]
    return "\n".join([HEADER, *(line for section in sections if section for line in (*section, ""))]).rstrip() + "\n"


def _positions(roles: int) -> str:
    return "0" if roles == 1 else ", ".join(str(role) for role in range(roles))


def _imports(source: Source, plan: Plan, told: Sequence[str]) -> list[str]:
    text = "".join(source.features.values())
    used = [module for module in ("elementwise",) if f"{module}." in text]
    lines = ["from engine import indicators"] if "indicators." in text else []
    lines += ["from engine.indicators import elementwise"] if used else []
    specs = plan.scope.params.values()
    makers = [
        *(["lookback"] if any(one.lookback for one in specs) else []),
        *(["param"] if any(not one.lookback for one in specs) else []),
    ]
    names = [*(["Condition"] if told else []), "ReasonCode", "ReasonKind", "Strategy", *makers]
    return [*lines, f"from engine.strategy import {', '.join(names)}"]


def _reason(code: int, name: str, words: str, kind: str) -> str:
    return f"    {name} = {code}, {_text(words)}, ReasonKind.{kind}"


def _declared(plan: Plan) -> Iterator[str]:
    yield f"    roles = {_tuple(plan.scope.roles)}"
    if plan.scope.used_series:
        yield f"    series = {_tuple(list(plan.scope.used_series))}"


def _params(specs: Sequence[Parameter]) -> list[str]:
    return ["class Params:", *(f"    {_param(one)}" for one in specs)] if specs else []


def _param(one: Parameter) -> str:
    maker = "lookback" if one.lookback else "param"
    default = int(one.default) if one.kind is int else float(one.default)
    parts = [repr(default)]
    for key in ("low", "high"):
        bound = getattr(one, key)
        if bound is not None:
            parts.append(f"{key}={int(bound) if one.kind is int and float(bound).is_integer() else repr(bound)}")
    parts += [f"{key}={_text(getattr(one, key))}" for key in ("not_below", "unit", "doc") if getattr(one, key)]
    return f"{one.name}: {one.kind.__name__} = {maker}({', '.join(parts)})"


def _watch(source: Source) -> list[str]:
    if not source.watched:
        return []
    pairs = (f"{_text(name)}: {_tuple(list(params))}" for name, params in source.watched.items())
    return [f"    watch = {{{', '.join(pairs)}}}"]


def _remembers(state: Mapping[str, str]) -> list[str]:
    """The side and the bars of a book in words; order ids say nothing to a reader."""
    said = {name: _REMEMBERED[name.partition("_")[0]] for name in state if name.partition("_")[0] in _REMEMBERED}
    pairs = (f'"{name}": "{words.format(name.partition("_")[2]).strip()}"' for name, words in said.items())
    return [f"    remembers = {{{', '.join(pairs)}}}"]


def _features(source: Source) -> list[str]:
    if not source.features:
        return []
    lines = [f"        {name} = {text}" for name, text in source.features.items()]
    given = [f'"{name}": {name}' for name in source.features]
    back = [f"        return {{{', '.join(given)}}}"]
    if len(back[0]) > WIDTH:
        back = ["        return {", *(f"            {pair}," for pair in given), "        }"]
    return ["    def features(self, market, p):", *lines, *back]


def _tuple(names: Sequence[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"({quoted},)" if len(names) == 1 else f"({quoted})"


def _text(text: str, *, doc: bool = False) -> str:
    """A text of the author's as a string of Python: nothing in it can end the string."""
    plain = "".join(
        sign if " " <= sign <= "~" and sign not in '"\\' else "'" if sign == '"' else _escaped(sign) for sign in text
    )
    return f'"""{plain}"""' if doc else f'"{plain}"'


def _escaped(sign: str) -> str:
    return " " if sign in "\n\r\t" else sign.encode("unicode_escape").decode("ascii") if sign != "\\" else "\\\\"
