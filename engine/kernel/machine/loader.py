# SPDX-License-Identifier: Apache-2.0
"""Stored machine code in this process: into memory, and called, without the compiler that made it.

Only LLVM's loader is needed for that, which is imported in a tenth of the time that numba takes.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import llvmlite
import numpy as np
from llvmlite import binding
from numpy.typing import NDArray

from engine.kernel.machine.layouts import UNREAD, Count, Function, Row, Table

ENTRY, NATIVE = "tandem_entry", "tandem_native"
"""Symbols of stored code: its entry from C, and the function as compiled code calls it."""

VALUE_WORD, THROWN_WORD, FIRST_WORD = 0, 1, 2
"""Of the block that an entry is given: what the function returns, what it raises, and its first argument."""


class Stored(NamedTuple):
    """Machine code as it is kept.

    needs  functions outside of it that it calls, such as those of the C library's mathematics
    """

    code: bytes
    needs: tuple[str, ...]


class _Thrown(ctypes.Structure):
    """How numba tells of an exception: the pickle of its class, arguments and place."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_int32),
        ("digest", ctypes.c_void_p),
        ("dynamic", ctypes.c_void_p),
        ("allocated", ctypes.c_int32),
    )


class Program:
    """Machine code in memory, which stays there until the process ends."""

    def __init__(self, stored: Stored, called: Function) -> None:
        """Load it. Its functions outside must be `known`: LLVM ends the process over one that is not."""
        self.called = called
        self._engine = _engine()
        self._engine.add_object_file(binding.ObjectFileRef.from_data(stored.code))
        self._engine.finalize_object()
        self.address: int = self._engine.get_function_address(NATIVE)
        self._enter = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(self._engine.get_function_address(ENTRY))

    def __call__(self, *given: Any) -> int:
        """Call it; another thread may run Python meanwhile. Raises what compiled code raises, such as IndexError.

        given  a Program for a function, a table for a table and for a row, which is its first; whole numbers
        Raises TypeError for anything else: the machine would take one number for another.
        """
        block = array("q", (0, 0, *_words(self.called.takes, given)))
        if status := self._enter(block.buffer_info()[0]):
            raise _thrown(status, block[THROWN_WORD])
        return block[VALUE_WORD]


def _words(taken: Sequence[Any], given: Sequence[Any]) -> list[int]:
    """The arguments as an entry reads them."""
    words: list[int] = []
    for kind, value in zip(taken, given, strict=True):
        match kind:
            case Row() | Table():
                words += _table(kind, value)
            case Count():
                words.append(value)
            case Function():
                words.append(_address(kind, value))
    return words


def _address(kind: Function, program: Program) -> int:
    takes, wanted = len(program.called.takes), len(kind.takes)
    if takes != wanted or program.called.counts != kind.counts:
        raise TypeError(f"a function of {takes} arguments, where one of {wanted} is called")
    return program.address


def _table(kind: Row | Table, table: NDArray[Any]) -> list[int]:
    if not isinstance(table, np.ndarray):
        raise TypeError(f"{type(table).__name__}, where rows of {kind.row} are read")
    if (kind.row is not UNREAD and table.dtype != kind.row) or table.ndim != 1:
        raise TypeError(f"rows of {table.dtype} in {table.ndim} dimensions, where rows of {kind.row} are read")
    if isinstance(kind, Row):
        if not len(table):
            raise TypeError("no row, where one is read")
        return [data_address(table)]
    if (kind.writes and not table.flags.writeable) or (kind.packed and not table.flags.c_contiguous):
        raise TypeError(f"rows of {table.dtype} that cannot be written, or that are not side by side")
    return [data_address(table), len(table), table.strides[0]]


def data_address(table: NDArray[Any]) -> int:
    """Where its first byte is, as `table.ctypes.data` says by way of several objects of Python's.

    The address stands behind what every object begins with: `PyArrayObject_fields` of numpy's interface for C, which
    numba's code reads likewise. A run asks for fifteen.
    """
    return ctypes.c_size_t.from_address(id(table) + object.__basicsize__).value


def _thrown(status: int, address: int) -> BaseException:
    """The exception behind a status that is not 0."""
    if status != 1:
        return RuntimeError(f"compiled code ended with status {status}")
    told = _Thrown.from_address(address)
    kind, arguments, _ = pickle.loads(ctypes.string_at(told.data, told.size))  # noqa: S301 - it stands in our own code
    error: BaseException = kind(*(arguments or ()))
    return error


def _engine() -> Any:
    """A loader of one object: two of them may have functions of one name."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_triple(binding.get_process_triple()).create_target_machine()
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


@cache
def _symbols() -> Callable[[str], int | None]:
    """What finds a function of this process: LLVM looks into it from its first loader on."""
    _engine()
    found: Callable[[str], int | None] = binding.address_of_symbol
    return found


def known(names: Sequence[str]) -> bool:
    """Whether code that needs these functions finds them in this process."""
    return all(_symbols()(name) for name in names)


@cache
def machine() -> str:
    """What machine code depends on beside its source: LLVM, the processor, and the Python whose bytecode was read."""
    try:
        features = binding.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM cannot tell on every processor
        features = ""
    llvm = ".".join(map(str, binding.llvm_version_info))
    parts = (llvmlite.__version__, llvm, binding.get_process_triple(), binding.get_host_cpu_name(), features)
    return " ".join((*parts, str(sys.implementation.cache_tag)))
