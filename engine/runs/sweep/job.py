# SPDX-License-Identifier: Apache-2.0
"""What travels to a worker, and what the worker makes of it; nothing here knows how it travels.

A worker reads no file of the person who asks: the configuration comes resolved, the strategies as sources, the market
as bars that the worker has been given once.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config.loader import LoadedConfig
from engine.distribution import PACKAGE, VERSION
from engine.errors import InputError, Problem
from engine.indicators.sharing import Memory
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.grid import Grid
from engine.runs.sweep.stand import Stand, stand_of
from engine.strategy.roles import bound_to
from engine.strategy.source.sent import SentStrategy, receive, send

STANDS = 4
"""That a thread of a worker keeps: sweeps over costs or dates come back to them."""


@dataclass(frozen=True)
class Job:
    """One stand on its way: all but the bars, which are told by their key."""

    grid: Grid
    config: RunConfig
    strategies: Mapping[str, SentStrategy]
    market: Market
    bars: str
    start: int
    stop: int


@dataclass(frozen=True)
class Answer:
    """What became of a chunk.

    figures   (K,) `kept_dtype`; None where there are none
    seconds   that the worker took
    lacks     the key of bars that the worker has not been given
    refused   the kind of an InputError and its problems
    """

    figures: NDArray[Any] | None = None
    seconds: float = 0.0
    lacks: str = ""
    refused: tuple[type[InputError], tuple[Problem, ...]] | None = None


def bars_key(bars: NDArray[Any]) -> str:
    """A name for bars: the hash of their layout and of every byte."""
    digest = hashlib.sha256(repr(bars.dtype.descr).encode())
    digest.update(np.ascontiguousarray(bars).view(np.uint8).data)
    return digest.hexdigest()


def packed(grid: Grid, ready: LoadedConfig, market: Market, bars: str, rows: tuple[int, int]) -> bytes:
    """A stand to be sent. Raises StrategyError for a strategy that cannot be."""
    strategies = {name: send(one) for name, one in ready.strategies.items()}
    bare = replace(market, bars=np.empty(0, market.bars.dtype))
    return zlib.compress(pickle.dumps(Job(grid, ready.config, strategies, bare, bars, *rows)), 1)


def installed() -> dict[str, str]:
    """What the figures of this process depend on beside the job: Python, Tandem, its sources, numpy, numba."""
    from importlib.metadata import version

    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return {
        "Python": ".".join(map(str, sys.version_info[:2])),
        "Tandem": VERSION,
        "the sources of Tandem": digest.hexdigest()[:12],
        **{name: version(name) for name in ("numpy", "numba")},
    }


_given: dict[str, NDArray[Any]] = {}
_kept = threading.local()


def take_bars(key: str, file: str) -> bool:
    """Whether this process has the bars: from before, or out of a file that it can read, mapped into memory.

    A file of this name on another machine is not taken for them: every byte counts in the key.
    """
    if key not in _given:
        try:
            bars = np.load(file, mmap_mode="r")
        except (OSError, ValueError):
            return False
        if bars_key(bars) != key:
            return False
        _given[key] = bars
    return True


def put_bars(key: str, bars: NDArray[Any]) -> None:
    """Keep bars that were sent, as nobody may write them."""
    bars.flags.writeable = False
    _given[key] = bars


def drop_bars(keys: list[str]) -> None:
    """Forget the bars of a sweep that has ended, on every worker that has them."""
    for key in keys:
        _given.pop(key, None)


def run_chunk(job: bytes, numbers: NDArray[np.int64], stretches: int) -> Answer:
    """The figures of combinations of one stand, on a worker: one thread, one chunk."""
    start = perf_counter()
    try:
        bench, stand = _stand(job)
        figures = bench.on(stand, numbers, stretches)
    except _Lacking as lacking:
        return Answer(lacks=lacking.key)
    except InputError as error:
        return Answer(refused=(type(error), error.problems))
    return Answer(figures, perf_counter() - start)


class _Lacking(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _stand(packed: bytes) -> tuple[Bench, Stand]:
    """The stand of a job; each thread keeps its own last ones."""
    key = hashlib.sha256(packed).digest()
    stands: dict[bytes, tuple[Bench, Stand]] = _kept.__dict__.setdefault("stands", {})
    if key not in stands:
        job: Job = pickle.loads(zlib.decompress(packed))  # noqa: S301 - whoever sends it may run code here anyway
        if job.bars not in _given:
            raise _Lacking(job.bars)
        while len(stands) >= STANDS:
            stands.pop(next(iter(stands)))
        stands[key] = _opened(job)
    return stands[key]


def _opened(job: Job) -> tuple[Bench, Stand]:
    sleeves = job.config.sleeves
    strategies = {
        name: bound_to(receive(one), sleeves[name].roles if name else job.config.roles)
        for name, one in job.strategies.items()
    }
    ready = LoadedConfig(job.config, None, Path(), strategies, {})
    market = replace(job.market, bars=_given[job.bars])
    memory: Memory = _kept.__dict__.setdefault("memory", Memory())  # bars and indicators are those of stand after stand
    return Bench(job.grid, lambda _: ready, 1, memory), stand_of(ready, market, job.start, job.stop)
