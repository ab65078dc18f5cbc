# SPDX-License-Identifier: Apache-2.0
"""A sweep cut into chunks for workers: a second of their time each, less towards the end, and none of them lost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.config.loader import LoadedConfig
from engine.errors import RunError
from engine.runs.backtest import placed
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.contradictions import Contradicting
from engine.runs.sweep.executor import Found
from engine.runs.sweep.figures import left_out
from engine.runs.sweep.job import Answer, bars_key, packed

SECONDS = 1.0
"""Of a worker that a chunk should take: a hundred times what it costs to send, and little to lose."""

FIRST = 16
"""Combinations of the first chunks, before any speed is known."""

GROWTH = 4
"""A chunk is at most so many times the one whose speed it goes by: the first ones of a worker load compiled code."""

AHEAD = 2
"""Chunks of each thread of a worker: one that runs and one that waits."""

TRIES = 20
"""How often a chunk may come back for want of its bars; workers that join get them, one that never can does not."""


@dataclass(frozen=True)
class Chunk:
    """Combinations of one stand: their rows in a part, and their numbers.

    job      what `engine.runs.sweep.job.packed` made of the stand; ready: its configuration, for what is refused
    bars     the key of its bars
    tries    how often it came back for want of them
    """

    part: int
    rows: NDArray[np.int64]
    numbers: NDArray[np.int64]
    stretches: int
    job: bytes = field(repr=False)
    ready: LoadedConfig = field(repr=False)
    bars: str
    tries: int = 0


class Crew(Protocol):
    """Processes that run chunks, here or elsewhere; they come and go."""

    def slots(self) -> int:
        """Threads that run chunks now, all workers together."""
        ...

    def provide(self, key: str, bars: NDArray[Any] | None = None) -> None:
        """Give the bars of this key to every worker that has not got them; None where they were given here before.

        Raises InputError for a worker that is not of this Python or this Tandem.
        """
        ...

    def send(self, chunk: Chunk) -> None:
        """Have a chunk run by whoever is free."""
        ...

    def receive(self) -> tuple[Chunk, Answer | None]:
        """The next chunk that is back, waited for; None where it ended every worker that had it.

        Raises RunError where nobody is left to run it.
        """
        ...


class Workers:
    """An executor whose chunks a crew runs."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._rate, self._size = 0.0, FIRST

    def run(self, bench: Bench, parts: Mapping[int, Sequence[int]], stretches: int) -> Iterator[Found]:
        """The chunks of all parts as they come back."""
        flying = 0
        for chunk in self._cut(bench, parts, stretches):
            if not isinstance(chunk, Chunk):
                yield chunk
                continue
            self._crew.send(chunk)
            flying += 1
            while flying >= AHEAD * max(self._crew.slots(), 1):
                back, change = self._back()
                flying += change
                yield from back
        while flying:
            back, change = self._back()
            flying += change
            yield from back

    def chunk_size(self, left: int) -> int:
        """Combinations of the next chunk where so many are left to send."""
        wanted = math.ceil(self._rate * SECONDS) if self._rate else FIRST
        share = math.ceil(left / (AHEAD * max(self._crew.slots(), 1)))
        return max(1, min(wanted, GROWTH * self._size, share))

    def _cut(self, bench: Bench, parts: Mapping[int, Sequence[int]], stretches: int) -> Iterator[Chunk | Found]:
        """Chunks, each cut when it is asked for, by the speed known then. What contradicts itself is not sent."""
        left = sum(map(len, parts.values()))
        given: dict[tuple[str, str, int], str] = {}
        for part, numbers in parts.items():
            asked = np.asarray(numbers, np.int64)
            for members in bench.by_stand(asked):
                try:
                    ready, market, *rows = bench.stands.bars(bench.grid.values(int(asked[members[0]])))
                except Contradicting:
                    left -= len(members)
                    yield part, members, left_out(len(members), stretches)
                    continue
                same = (market.fingerprint, repr(market.bars.dtype.descr), len(market))
                if same not in given:
                    given[same] = bars_key(market.bars)
                    self._crew.provide(given[same], market.bars)
                with placed(ready):
                    job = packed(bench.grid, ready, market, given[same], (rows[0], rows[1]))
                at = 0
                while at < len(members):
                    chosen = members[at : at + self.chunk_size(left)]
                    at, left = at + len(chosen), left - len(chosen)
                    yield Chunk(part, chosen, asked[chosen], stretches, job, ready, given[same])

    def _back(self) -> tuple[list[Found], int]:
        """What one chunk that is back brings, and how many more chunks there are under way than before."""
        chunk, answer = self._crew.receive()
        if answer is None:
            return [], self._halved(chunk) - 1
        if answer.refused:
            kind, problems = answer.refused
            with placed(chunk.ready):
                raise kind(problems)
        if answer.lacks:
            if chunk.tries >= TRIES:
                raise RunError(f"a worker cannot be given its bars, in {TRIES} tries")
            self._crew.provide(answer.lacks)
            self._crew.send(replace(chunk, tries=chunk.tries + 1))
            return [], 0
        assert answer.figures is not None  # neither refused nor lacking
        self._rate, self._size = len(chunk.rows) / max(answer.seconds, 1e-6), len(chunk.rows)
        return [(chunk.part, chunk.rows, answer.figures)], -1

    def _halved(self, chunk: Chunk) -> int:
        """Send again what ended its workers, in halves: one combination may need more memory than there is."""
        if len(chunk.rows) == 1:
            raise RunError(f"combination {chunk.numbers[0]} ended every worker that ran it")
        middle = len(chunk.rows) // 2
        for half in (slice(middle), slice(middle, None)):
            self._crew.send(replace(chunk, rows=chunk.rows[half], numbers=chunk.numbers[half]))
        return 2
