# SPDX-License-Identifier: Apache-2.0
"""What the functions of a strategy read besides their text: values that one text may have many of.

`K = json.load(file)["k"]` or `K = float(os.environ["K"])` is one text with many values, and so is a cell of a notebook,
a function made by another one, or a name that is bound to one function or another.
"""

from __future__ import annotations

import datetime as dt
import dis
import functools
import inspect
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.model.parameter import Parameter
from engine.strategy.source.authors import is_authors

_PLAIN = (
    bool, int, float, complex, str, bytes, type(None), range, np.generic, Decimal, Fraction, dt.date, dt.time,
    dt.timedelta,
)  # fmt: skip

_WRAPPERS = (
    functools.partial, functools.partialmethod, functools.cached_property, property, staticmethod, classmethod,
    MethodType, np.vectorize,
)  # fmt: skip
_WRAPPED = ("func", "fget", "__func__", "pyfunc", "args", "keywords")
"""Where these keep what they call, and with what."""


class Reading:
    """What a strategy reads, gathered from its class on through every function of the author's that it may call.

    own      the file of the class
    name_of  what a module is called, from its file and its name, wherever it lies
    modules  the author's modules that the strategy imports: a function may import a name of theirs by itself
    line_of  what stands for the line of a file on which a function begins

    Values that nobody changes on the way count: numbers, words, dates, members of an enumeration, tuples and frozen
    dataclasses of these. Lists, dicts, arrays, tables and attributes of other objects do not, for a function may fill
    those as it goes, nor does what a function reads from a file by itself.
    """

    def __init__(
        self, strategy: type, own: str, name_of: Callable[[str, str], str], modules: Iterable[ModuleType] = (),
        line_of: Callable[[str, int], int] = lambda _, line: line,
    ) -> None:  # fmt: skip
        self.files: dict[str, str] = {}
        """Files of functions and classes that were reached, with the names of their modules."""
        self._own, self._name_of, self._line_of, modules = own, name_of, line_of, tuple(modules)
        self._placed = _placing(own, {str(one.__file__): one.__name__ for one in modules}, name_of)
        self._modules = [(self._called(one), vars(one)) for one in modules]
        self._found: set[tuple[str, str]] = set()
        self._assigned: set[str] = set()
        self._seen: dict[int, Any] = {}
        self._waiting: deque[tuple[str, Any]] = deque()
        self._value(strategy.__qualname__, strategy)
        while self._waiting:
            label, one = self._waiting.popleft()
            (self._class if inspect.isclass(one) else self._function)(label, one)

    @property
    def constants(self) -> list[str]:
        """Every value, "module: NAME = value", and every function behind a name, "module: NAME is function", sorted."""
        return sorted(f"{label}{text}" for label, text in self._found if label not in self._assigned)

    def _value(self, label: str, value: Any) -> None:
        """Something that was read under this name."""
        text = _text(value, self._placed)
        if text is not None:
            self._found.add((label, f" = {text}"))
        elif isinstance(value, Parameter):
            self._value(label, value.default)
        elif isinstance(value, FunctionType) or inspect.isclass(value):
            self._callable(label, value)
            if "__wrapped__" in vars(value):
                self._value(f"{label}.__wrapped__", vars(value)["__wrapped__"])
        else:
            for name, part in _parts(value):
                self._value(f"{label}.{name}", part)
            if callable(value) and not self._is_authors(type(value)):
                self._callable(label, value)
            else:
                self._later(label, type(value))

    def _callable(self, label: str, value: Any) -> None:
        """Which one it is: by its name and line where it is the author's, of others where the name is not theirs."""
        called = getattr(value, "__qualname__", getattr(value, "__name__", ""))
        if isinstance(value, FunctionType) and self._is_authors(value):
            self._found.add((label, f" is {called}:{self._line_of(_file_of(value), value.__code__.co_firstlineno)}"))
        elif called and called.rpartition(".")[2] != label.rpartition(" ")[2].rpartition(".")[2]:
            self._found.add((label, f" is {called}"))
        self._later(label, value)

    def _later(self, label: str, thing: Any) -> None:
        if id(thing) not in self._seen and self._is_authors(thing):
            self._seen[id(thing)] = thing
            self._waiting.append((label, thing))
            self.files.setdefault(_file_of(thing), thing.__module__)

    def _is_authors(self, thing: Any) -> bool:
        known = isinstance(thing, FunctionType) or inspect.isclass(thing)
        return known and is_authors(_file_of(thing), self._own)

    def _where(self, thing: Any) -> str:
        return self._name_of(_file_of(thing), thing.__module__)

    def _class(self, _label: str, thing: type) -> None:
        """What stands in it and in the author's classes that it is made from."""
        made_from = [base for base in thing.__mro__ if self._is_authors(base)]
        if len(made_from) > 1:
            order = ", ".join(base.__qualname__ for base in made_from)
            self._found.add((f"{self._where(thing)}: {order}", ""))
        for base in made_from:
            for name, value in sorted(vars(base).items()):
                written = getattr(value, "__func__", value)
                by_hand = isinstance(written, FunctionType) and _file_of(written) == _file_of(base)
                by_hand = by_hand and not name.startswith("__annotate")  # Python's own, since 3.14
                if by_hand or not (name.startswith("_") and name.endswith("_")):
                    self._value(f"{self._where(base)}: {base.__qualname__}.{name}", value)

    def _function(self, label: str, function: FunctionType) -> None:
        """What it finds outside of itself by a name, of its module, of modules it knows, and of where it was made."""
        given = dict(enumerate(function.__defaults__ or ())) | (function.__kwdefaults__ or {})
        for name, value in given.items():
            self._value(f"{label}({name})", value)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            for value in _content(cell):
                self._value(f"{label}.{name}", value)
        self._assigned |= {f"{self._where(function)}: {name}" for name in _assigned(function.__code__)}
        names = sorted(set(_names(function.__code__)))
        known = [(self._where(function), function.__globals__), *self._modules]
        seen: set[str] = set()
        while known:
            where, held = known.pop()
            if where in seen:
                continue
            seen.add(where)
            for name in names:
                if isinstance(value := held.get(name), ModuleType):
                    known += [(self._called(value), vars(value))] if self._is_authors_module(value) else []
                elif name in held:
                    self._value(f"{where}: {name}", value)

    def _called(self, module: ModuleType) -> str:
        return self._name_of(getattr(module, "__file__", None) or "", module.__name__)

    def _is_authors_module(self, module: ModuleType) -> bool:
        return is_authors(getattr(module, "__file__", None) or "<frozen >", self._own)


def _file_of(thing: Any) -> str:
    """The file of a class or a function; "<" and more for one that stands in none."""
    if isinstance(thing, FunctionType):
        return thing.__code__.co_filename
    module = sys.modules.get(thing.__module__)
    typed_in = "<session>" if thing.__module__ == "__main__" else "<frozen >"
    return getattr(module, "__file__", None) or typed_in


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value is made of that nobody changes: items, fields, and the functions that others wrap."""
    if isinstance(value, tuple):
        yield from ((str(number), item) for number, item in enumerate(value))
    elif is_dataclass(value) and getattr(value, "__dataclass_params__").frozen:  # noqa: B009  typed in no stub
        yield from ((one.name, getattr(value, one.name)) for one in fields(value))
    elif isinstance(value, _WRAPPERS):
        kept = ((name, getattr(value, name, None)) for name in _WRAPPED)
        for name, part in kept:
            if isinstance(part, dict):
                yield from ((f"{name}.{key}", part[key]) for key in sorted(part))
            elif part is not None:
                yield name, part
    elif callable(value):  # of functools.cache, of a compiler
        wrapped = getattr(value, "py_func", None) or getattr(value, "__wrapped__", None)
        if isinstance(wrapped, FunctionType):
            yield "__wrapped__", wrapped


def _content(cell: Any) -> Iterator[Any]:
    try:
        yield cell.cell_contents
    except ValueError:  # it is empty
        return


def _names(code: CodeType) -> Iterator[str]:
    """Names that a function looks up, and words that it may look up by `getattr` or `globals()`."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)
        elif isinstance(part, str) and part.isidentifier():
            yield part


def _assigned(code: CodeType) -> Iterator[str]:
    """Names of the module that a function binds anew as it goes, by `global`."""
    if dis.opmap["STORE_GLOBAL"] in code.co_code[::2]:  # to list the instructions takes a hundred times as long
        yield from (one.argval for one in dis.get_instructions(code) if one.opname == "STORE_GLOBAL")
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _assigned(part)


def _placing(own: str, files: Mapping[str, str], name_of: Callable[[str, str], str]) -> Callable[[str], str]:
    """What gives a word that may be a path as it reads from the file of the class or another one, wherever they lie.

    files  with their modules' names
    """
    folder = Path(own).parent
    beside = {Path(file).parent: f"beside {name_of(file, files[file])}" for file in sorted(files, reverse=True)}
    beside |= {folder: "."} if own else {}
    known = sorted(((str(place), name) for place, name in beside.items()), key=lambda pair: -len(pair[0]))

    def placed(text: str) -> str:
        for place, name in known:
            text = text.replace(place, name)
        if own and Path(text).is_absolute() and folder.is_relative_to(text):
            return "/".join([".."] * len(folder.relative_to(text).parts))
        return text

    return placed


def _text(value: Any, placed: Callable[[str], str]) -> str | None:
    """A value in words that are the same wherever its file lies; None for what is none, or holds more than values."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}: {_text(value.value, placed)}"
    if isinstance(value, str | PurePath):
        return repr(placed(str(value)))
    if isinstance(value, _PLAIN):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple | frozenset):
        parts = [_text(part, placed) for part in value]
        parts = parts if isinstance(value, tuple) else sorted(parts, key=str)
        return None if None in parts else f"({', '.join(map(str, parts))})"
    return None
