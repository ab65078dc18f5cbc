# SPDX-License-Identifier: Apache-2.0
"""A capacity test on disk: ROOT/NAME/capacity-RUN with capacity.html, capacity.json and the resolved configuration."""

from __future__ import annotations

from pathlib import Path

from engine.report.capacity.document import document
from engine.report.capacity.page import render
from engine.report.folder.atomic_folder import whole_folder
from engine.report.folder.run_folder import run_name
from engine.report.kit.encoding import to_json
from engine.runs.capacity.findings import Capacity

PAGE = "capacity.html"


def write(found: Capacity, *, config_text: str, config_hash: str, source_hash: str, root: Path) -> Path:
    """Write the folder, whole or not at all; returns the page. A test of the same run takes the place of the last.

    Raises RunError when the disk refuses.
    """
    name = f"capacity-{run_name(found.result, config_hash, source_hash)}"
    target = root / found.config.name / name
    with whole_folder(target) as folder:
        (folder / "config.yaml").write_text(config_text, encoding="utf-8", newline="\n")
        (folder / "capacity.json").write_text(to_json(document(found)) + "\n", encoding="utf-8", newline="\n")
        (folder / PAGE).write_text(render(found), encoding="utf-8", newline="\n")
    return target / PAGE
