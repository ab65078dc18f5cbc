# SPDX-License-Identifier: Apache-2.0
"""A program: the bridge on a folder whose disk is small, filled while an order works and emptied again."""

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from engine.paper.journal.store import Unwritable
from tests.paper.house import House
from tests.paper.test_failure_modes import agrees


async def live(folder: Path) -> None:
    async with House(folder) as house:
        await house.start()
        await house.trade(("a", 10))
        house.journal.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 512)
        house.step()
        with pytest.raises(Unwritable, match="no space left on its disk; make room"):
            await until_it_is_full(house)
        said = ["told", house.state("a")]
        (folder / "filler").unlink()
        await house.bridge.reconcile("room")
        agrees(house, 10.0)
        sys.stdout.write(" ".join([*said, house.state("a")]))


async def until_it_is_full(house):
    for _ in range(200):
        await asyncio.sleep(0.01)
        house.bridge.drain()
        house.journal.note_about("more", "x" * 4000)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1])))
