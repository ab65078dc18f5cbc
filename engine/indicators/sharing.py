# SPDX-License-Identifier: Apache-2.0
"""Results of indicators that the sets of a sweep share: made once, by what they are made from.

A sweep asks features() once for each feature table that its sets need. While it does, every indicator, and every
function under `shared`, is looked up by the function, the content of its arrays and its arguments. So a grid of
10 x 10 x 10 windows makes 30 arrays, whoever wrote features(). Outside of a sweep nothing is kept.
"""

from __future__ import annotations

import functools
import hashlib
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engine.arrays import fixed, is_fixed

ROOM = 1 << 27
"""Bytes of results that are kept; what was asked for longest ago makes way. Memory is flat in the number of sets."""

Function = TypeVar("Function", bound=Callable[..., Any])


class _Unshared(Exception):
    """Something among arguments or results that has no content to be known by, or could be changed by who gets it."""


class Memory:
    """Results by what they are made from.

    private  each asker gets a copy, because features() writes into what it gets; else all get the same arrays, into
             which nobody can write
    made     results that had to be computed
    """

    def __init__(self, room: int = ROOM) -> None:
        self.private = False
        self.made = 0
        self._room, self._bytes = room, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._known: dict[int, tuple[weakref.ref[Any], Hashable]] = {}

    @contextmanager
    def used(self) -> Iterator[None]:
        """Within the block this thread's indicators are looked up here."""
        before = _ACTIVE.set(self)
        try:
            yield
        finally:
            _ACTIVE.reset(before)

    def recall(self, made_by: Hashable, given: Hashable, compute: Callable[[], Any]) -> Any:
        """What `made_by` gives for `given`, computed where it is not kept."""
        key = (made_by, given)
        if key in self._kept:
            self._kept.move_to_end(key)
            return _each(self._kept[key][0], self._handed, records=True)
        inside = _ACTIVE.set(None)  # what it asks of others is a part of it
        try:
            value = compute()
        finally:
            _ACTIVE.reset(inside)
        self.made += 1
        sizes: list[int] = []
        try:
            kept = _each(value, lambda array: _taken(array, sizes), records=True, strict=True)
        except _Unshared:
            return value
        self._kept[key] = (kept, sum(sizes))
        self._bytes += sum(sizes)
        while self._bytes > self._room and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1][1]
        return _each(kept, self._handed, records=True)

    def content(self, array: NDArray[Any]) -> Hashable:
        """A name for what an array holds; of one into which nobody can write it is found once."""
        place = id(array)
        known = self._known.get(place)
        if known is not None and known[0]() is array:
            return known[1]
        _numbers_only(array)
        digest = hashlib.sha256(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data).digest()
        name = (array.dtype.str, array.shape, digest)
        if is_fixed(array):
            names = self._known
            names[place] = (weakref.ref(array, lambda _: names.pop(place, None)), name)
        return name

    def _handed(self, array: NDArray[Any]) -> NDArray[Any]:
        return array.copy() if self.private else array


_ACTIVE: ContextVar[Memory | None] = ContextVar("indicators that a sweep shares", default=None)


def is_sharing() -> bool:
    """Whether sets of a sweep are being asked, which share what indicators make."""
    return _ACTIVE.get() is not None


def recalled(
    made_by: Hashable, arrays: Sequence[NDArray[Any]], params: Mapping[str, Any], compute: Callable[[], Any]
) -> Any:
    """What `compute` gives, which is `made_by` of arrays and of numbers and words by name."""
    memory = _ACTIVE.get()
    if memory is None:
        return compute()
    return memory.recall(made_by, (_word(params, memory), *map(memory.content, arrays)), compute)


def shared(function: Function) -> Function:
    """A function of your own for features() whose results the sets of a sweep share, as they do those of indicators.

        @shared
        def typical(high, low, close):
            return (high + low + close) / 3

    It must depend on nothing but its arguments: arrays, numbers and words, and tuples, lists and dicts of them. It
    gives an array, or a tuple, dict or dataclass of arrays. In every run, swept or not, it cannot write into the arrays
    that it is given. What cannot be known by its content, such as a market or a function, is computed each time.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        def compute() -> Any:
            asked = _each((args, kwargs), _unwritable)
            return _each(function(*asked[0], **asked[1]), _writable, records=True)

        memory = _ACTIVE.get()
        if memory is None:
            return compute()
        try:
            given = _word((args, kwargs), memory)
        except _Unshared:
            return compute()
        return memory.recall(function, given, compute)

    return cast("Function", call)


_PLAIN = (bool, int, float, complex, str, bytes, type(None), Enum, np.number, np.bool_)


def _word(value: Any, memory: Memory) -> Hashable:
    """A name for arguments: -0.0 is not 0.0, nor is 1 True. Arrays go by what they hold."""
    if isinstance(value, _PLAIN):
        return type(value), repr(value)
    if isinstance(value, tuple | list):
        return (type(value), *(_word(one, memory) for one in value))
    if isinstance(value, dict):
        return (dict, *((_word(name, memory), _word(one, memory)) for name, one in value.items()))
    if isinstance(value, np.ndarray):
        return memory.content(value)
    raise _Unshared


def _each(value: Any, how: Callable[[NDArray[Any]], Any], *, records: bool = False, strict: bool = False) -> Any:
    """The same with `how` of every array, in tuples, lists and dicts, and where `records` in dataclasses.

    strict  raise _Unshared for what is neither these nor a number or word
    """

    def again(part: Any) -> Any:
        return _each(part, how, records=records, strict=strict)

    if isinstance(value, np.ndarray):
        return how(value)
    if isinstance(value, tuple):
        parts = map(again, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if type(value) is list:
        return list(map(again, value))
    if type(value) is dict:
        return {name: again(part) for name, part in value.items()}
    if records and is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: again(getattr(value, one.name)) for one in fields(value) if one.init})
    if strict and not isinstance(value, _PLAIN):
        raise _Unshared
    return value


def _taken(array: NDArray[Any], sizes: list[int]) -> NDArray[Any]:
    """An array of one's own with the same numbers, into which nobody can write."""
    _numbers_only(array)
    sizes.append(array.nbytes)
    return fixed(array.copy())


def _numbers_only(array: NDArray[Any]) -> None:
    if type(array) not in {np.ndarray, np.memmap} or array.dtype.hasobject:
        raise _Unshared


def _unwritable(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _writable(array: NDArray[Any]) -> NDArray[Any]:
    return array if array.flags.writeable else array.copy()
