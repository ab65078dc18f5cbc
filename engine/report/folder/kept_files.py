# SPDX-License-Identifier: Apache-2.0
"""What the files of a run folder held when the run wrote them: their digests, kept in its manifest.

A file that was cut, edited or taken from another run often reads without an error. Half of a config.yaml is a whole
configuration with other costs, and its figures look like the run's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REDRAWN = "report.html"
"""Drawn again from the others whenever a person asks, so nothing is held to what it was."""


def digests(folder: Path) -> dict[str, str]:
    """File names to SHA-256 in hex of every file of a folder that is being written, but for the page."""
    return {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.name != REDRAWN}


def what_changed(file: Path, manifest: Mapping[str, Any]) -> str:
    """Why `file` is not what the run of `manifest` wrote; "" where it is.

    A manifest from before it kept digests says nothing, and nothing is held against the file.
    Raises OSError where the file cannot be read, ValueError where it should be text and is none.
    """
    kept = manifest.get("files")
    if kept is None or (isinstance(kept, dict) and kept.get(file.name) == _digest(file)):
        return ""
    return "other content than the run wrote: it was changed or cut since"


def _digest(file: Path) -> str:
    """SHA-256, in hex. Of text with its lines ended as the run ends them, however it was carried here."""
    if file.suffix != ".parquet":
        return hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
