# SPDX-License-Identifier: Apache-2.0
"""A stress test on disk: ROOT/NAME/stress-RUN with stress.html, stress.json and the resolved configuration."""

from __future__ import annotations

from pathlib import Path

from engine.report.folder.atomic_folder import whole_folder
from engine.report.folder.run_folder import run_name
from engine.report.kit.encoding import to_json
from engine.report.stress.document import document
from engine.report.stress.page import render
from engine.runs.stress.findings import Stress

PAGE = "stress.html"


def write(found: Stress, *, config_text: str, config_hash: str, source_hash: str, root: Path) -> Path:
    """Write the folder, whole or not at all; returns the page. A test of the same run takes the place of the last.

    Raises RunError when the disk refuses.
    """
    name = f"stress-{run_name(found.result, config_hash, source_hash)}"
    target = root / found.result.config.name / name
    with whole_folder(target) as folder:
        (folder / "config.yaml").write_text(config_text, encoding="utf-8", newline="\n")
        (folder / "stress.json").write_text(to_json(document(found)) + "\n", encoding="utf-8", newline="\n")
        (folder / PAGE).write_text(render(found), encoding="utf-8", newline="\n")
    return target / PAGE
