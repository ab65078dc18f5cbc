# SPDX-License-Identifier: Apache-2.0
"""A study of funds on disk: ROOT/NAME/funds-FIRST_LAST-HASH with funds.html and funds.json."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.report.folder.atomic_folder import whole_folder
from engine.report.funds.document import document
from engine.report.funds.page import render
from engine.report.kit.encoding import to_json
from engine.runs.funds import Funds

PAGE = "funds.html"


def write(found: Funds, root: Path) -> Path:
    """Write the folder, whole or not at all; returns the page. The same study takes the place of the last.

    Raises RunError when the disk refuses.
    """
    told = to_json(document(found)) + "\n"
    months = found.panel.months
    name = f"funds-{months[0]}_{months[-1]}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    target = root / found.title / name
    with whole_folder(target) as folder:
        (folder / "funds.json").write_text(told, encoding="utf-8", newline="\n")
        (folder / PAGE).write_text(render(found), encoding="utf-8", newline="\n")
    return target / PAGE
