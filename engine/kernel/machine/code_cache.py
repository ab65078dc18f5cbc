# SPDX-License-Identifier: Apache-2.0
"""Machine code on the disk: under which key it is kept, and how it is written and read whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from engine import records
from engine.kernel.machine.loader import Stored, machine

NOT_COMPILED = {
    "__init__.py", "allocator.py", "code_cache.py", "contract_names.py", "flows.py", "listed_rows.py", "outlived.py",
    "programs.py", "rows.py", "views.py",
}  # fmt: skip
"""Files of the kernel that no compiled code is made from; a test holds every other one against what is compiled."""

PATIENCE = 120.0
"""Seconds to wait for another process that makes the same code; a kernel takes some twenty."""


def compiled_sources() -> list[Path]:
    """The files that compiled code is made from: functions of two modes, their codes and records, and the compiling."""
    kernel = {path for path in Path(__file__).parents[1].rglob("*.py") if path.name not in NOT_COMPILED}
    return sorted(kernel | set(Path(records.__file__).parent.glob("*.py")))


@cache
def engine_digest() -> str:
    """Hash of every source that compiled code is made from."""
    digest = hashlib.sha256()
    for path in compiled_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def code_key(kind: str, *parts: object) -> str:
    """A name for code of this kind: of the engine's sources, what makes machine code of them, the machine, and `parts`.

    parts  whose repr tells all else that the code is made from
    """
    told = (kind, _compiler(), machine(), *parts)
    return f"{engine_digest()}/{kind}-{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"


@cache
def _compiler() -> tuple[object, ...]:
    """The version of numba, whose import takes longer than most runs, and how it is told to compile."""
    found = importlib.util.find_spec("numba")
    assert found is not None
    assert found.origin is not None
    version = (Path(found.origin).parent / "_version.py").read_bytes()
    told = sorted((name, value) for name, value in os.environ.items() if name.startswith("NUMBA_"))
    return version, *told


def _file(key: str) -> Path:
    root = os.environ.get("TANDEM_CACHE_DIR")
    if not root:
        from platformdirs import user_cache_dir

        root = user_cache_dir("tandem")
    return Path(root) / "compiled" / f"{key}.code"


def stored(key: str) -> Stored | None:
    """What is kept under the key; None where nothing is, or not all of it: LLVM ends the process over half of it."""
    try:
        head, _, body = _file(key).read_bytes().partition(b"\n")
        digest, *needs = head.decode().split()
    except (OSError, ValueError):
        return None
    return Stored(body, tuple(needs)) if digest == _digest(needs, body) else None


def store(key: str, code: Stored) -> None:
    """Keep it, where that folder can be written: a line of its hash and of what it needs, then the object."""
    file, needs = _file(key), list(code.needs)
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    head = " ".join((_digest(needs, code.code), *needs))
    try:
        temporary.write_bytes(head.encode() + b"\n" + code.code)
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _digest(needs: list[str], code: bytes) -> str:
    return hashlib.sha256("\n".join(needs).encode() + b"\n\n" + code).hexdigest()


@contextmanager
def alone(key: str) -> Iterator[None]:
    """Keep other processes from making the same code meanwhile; whoever has waited long enough makes it too.

    A lock goes with the process that holds it. Without a folder to write in there is none.
    """
    from filelock import FileLock, Timeout

    file = _file(key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file.with_suffix(".lock"), timeout=PATIENCE)
        lock.acquire()
    except (OSError, Timeout):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def obtain(key: str | None, make: Callable[[], Stored]) -> Stored:
    """The code of this key, made where it is not kept; without a key it is made for this process alone."""
    if key is None:
        return make()
    if found := stored(key):
        return found
    with alone(key):
        found = stored(key)
        if found is None:
            found = make()
            store(key, found)
        return found
