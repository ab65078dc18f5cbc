# SPDX-License-Identifier: Apache-2.0
"""Finished panels on disk: one .npy of records and one meta.json in a folder named by what determines them.

Written to a temporary name and renamed, so a reader sees a whole panel or none. Nothing here may stop a run: a
panel that cannot be read is made again, one that cannot be written is used from memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.doubts import Doubt
from engine.market.panel import Market
from engine.market.spacing import told_length
from engine.notice import Notice

VARIABLE = "TANDEM_CACHE_DIR"
MOST_BYTES = 2 * 1024**3
"""What the panels together may take on disk; the ones unused for longest go first."""
LEFT = 0.8
"""Part of it that is left when room is made: then many panels are stored before all are looked at again."""
META_BYTES = 4096
"""What stands beside a panel's records: about a block of the disk."""
_META = (
    "symbols",
    "series",
    "missing",
    "label",
    "fingerprint",
    "frequency",
    "calendar",
    "prices",
    "synthetic",
    "absent",
    "sessions_per_year",
    "session_minutes",
    "session_opens",
    "odd_days",
    "contained",
    "unpaid",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One cached panel: what is in it and how many bytes it takes. `used` is when a run last read it, ns UTC.

    frequency  as `told_length` has it
    """

    path: Path
    label: str
    symbols: dict[str, str]
    series: dict[str, str]
    frequency: str
    bars: int
    size: int
    used: int


def folder() -> Path:
    """Where panels are kept: $TANDEM_CACHE_DIR/panels, else the user's cache folder."""
    own = os.environ.get(VARIABLE)
    if own:
        return Path(own) / "panels"
    from platformdirs import user_cache_path

    return user_cache_path("tandem") / "panels"


def key_of(recipe: Any) -> str:
    """A name for everything that determines a panel, given as JSON values."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True, allow_nan=False).encode()).hexdigest()[:32]


def fingerprint(bars: NDArray[Any]) -> str:
    """sha256 of the records' bytes, hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(bars).view(np.uint8).data).hexdigest()


def load(key: str, dtype: np.dtype[Any]) -> Market | None:
    """The panel of a key, memory-mapped and read-only; None where there is none or it is not what was written."""
    place = folder() / key
    if not place.is_dir():
        return None
    try:
        meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
        mapped = np.load(place / "bars.npy", mmap_mode="r", allow_pickle=False, max_header_size=1_000_000)
        bars = np.asarray(mapped)
        market = Market(
            bars, **{name: _from_json(meta[name]) for name in _META}, notices=_notices(meta), doubts=_doubts(meta)
        )
        whole = bars.dtype == dtype and fingerprint(bars) == market.fingerprint
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        shutil.rmtree(place, ignore_errors=True)
        return None
    with contextlib.suppress(OSError):
        os.utime(place)  # what was used last goes last
    return market


def store(key: str, market: Market) -> str:
    """Write a panel. Returns "", or a sentence that says why it could not be written."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        _make_room(place, market.bars.nbytes + META_BYTES)
        made = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=place))
        try:
            _sweep(place, made.stat().st_mtime_ns)
            np.save(made / "bars.npy", market.bars, allow_pickle=False)
            meta = {name: getattr(market, name) for name in _META}
            meta |= {"notices": [one.as_dict() for one in market.notices], "bars": len(market)}
            meta["length"] = told_length(market.frequency, market.spacing)
            meta["doubts"] = [asdict(one) for one in market.doubts]
            (made / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
            _rename(made, place / key)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        why = error.strerror or str(error)
        return f"the market cache {place} cannot be written ({why}); the next run reads the sources again"
    return ""


def entries() -> list[Entry]:
    """Every readable panel, the one used last first."""
    return sorted(_entries(folder()), key=lambda entry: (-entry.used, entry.path.name))


def _rename(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        # Another process wrote the same panel first; it has the same bytes.


def _entries(place: Path) -> Iterator[Entry]:
    if not place.is_dir():
        return
    for path in place.iterdir():
        if path.name.startswith("."):
            continue
        try:
            meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
            size = sum(file.stat().st_size for file in path.iterdir())
            known = {name: meta[name] for name in ("label", "symbols", "series", "bars")}
            known["frequency"] = meta.get("length", meta["frequency"])  # a panel of before says its bars' alone
            yield Entry(path=path, size=size, used=path.stat().st_mtime_ns, **known)
        except (OSError, ValueError, KeyError):
            continue


def _make_room(place: Path, wanted: int) -> None:
    """Count `wanted` bytes in. Only where the count is lost or the room used up are the panels looked at, all of them.

    The count stands beside the folder: what the panels took when they were last looked at, and what was stored since.
    Processes that store at once may lose each other's bytes from it: the bound is one of tidiness.
    """
    count = place.with_suffix(".bytes")
    try:
        before = int(count.read_text(encoding="ascii"))
    except (OSError, ValueError):
        before = -1
    total = before + wanted
    if before < 0 or total > MOST_BYTES:
        kept = sorted(_entries(place), key=lambda entry: entry.used)
        total = wanted + sum(entry.size for entry in kept)
        most = MOST_BYTES if total <= MOST_BYTES else LEFT * MOST_BYTES
        for entry in kept:
            if total <= most:
                break
            shutil.rmtree(entry.path, ignore_errors=True)
            total -= entry.size
    count.write_text(str(total), encoding="ascii")


def _sweep(place: Path, now: int) -> None:
    """Remove what processes that were killed while writing left behind an hour ago or longer, by the disk's clock."""
    for path in place.glob(".*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime_ns < now - 3_600_000_000_000:
                shutil.rmtree(path, ignore_errors=True)


def _notices(meta: dict[str, Any]) -> tuple[Notice, ...]:
    return tuple(Notice(**one) for one in meta["notices"])


def _doubts(meta: dict[str, Any]) -> tuple[Doubt, ...]:
    return tuple(Doubt(**{**one, "absent": tuple(one["absent"])}) for one in meta["doubts"])


def _from_json(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
