# SPDX-License-Identifier: Apache-2.0
"""Recording into a file, entry by entry, until somebody interrupts it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from engine.errors import InputError, Problem, RunError
from engine.sandbox.trace.recorder import Entry, Gateway, Recorder


def record_to_file(gateway: Gateway, port: int, path: Path, say: Callable[[str], None]) -> int:
    """Record until an interrupt; returns how many entries the file has.

    InputError where the file exists or cannot be made, RunError where recording had to end: an account that is no paper
    account. What was written by then is whole.
    """
    try:
        out = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise InputError(
            Problem("exists already: a trace is written to a new file", file=str(path), allowed="a name that is free")
        ) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", file=str(path))) from error
    written, trouble = _Lines(out), ""
    try:
        with out, suppress(KeyboardInterrupt):
            trouble = asyncio.run(_record(gateway, port, written.add, say))
    finally:
        if not written.count:
            path.unlink()
    if trouble:
        raise RunError(trouble)
    return written.count


async def _record(gateway: Gateway, port: int, write: Callable[[Entry], None], say: Callable[[str], None]) -> str:
    recorder = Recorder(gateway, write)
    try:
        await recorder.start(port=port)
    except OSError as error:
        raise InputError(
            Problem(f"cannot listen: {error.strerror}", path="--port", found=str(port), allowed="a port that is free")
        ) from error
    say(f"Listening on 127.0.0.1:{recorder.port} for the Gateway at {gateway.host}:{gateway.port}.")
    say("Let a client connect here and trade on the paper account; interrupt (Ctrl-C) to end.")
    try:
        await recorder.ended.wait()
    finally:
        await recorder.stop()
        if recorder.trouble:
            say(recorder.trouble)
    return recorder.trouble


class _Lines:
    """A file of one entry a line, each handed over at once."""

    def __init__(self, out: IO[str]) -> None:
        self.count = 0
        self._out = out

    def add(self, entry: Entry) -> None:
        self._out.write(json.dumps(entry, allow_nan=False) + "\n")
        self._out.flush()
        self.count += 1
