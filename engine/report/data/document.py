# SPDX-License-Identifier: Apache-2.0
"""The JSON documents of `tandem data`: what was checked, what there is, what was written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.market.export import Written
from engine.market.judging.checkup import Checked

SOURCES = {
    "sample": "synthetic market, embedded; the default",
    "csv": "folder with one SYMBOL.csv each",
    "parquet": "folder with one SYMBOL.parquet each",
    "memory": "DataFrames, given to engine.backtest in Python",
    "yahoo": "Yahoo Finance, daily; needs the extra `yahoo`",
}


def check_document(checked: Sequence[Checked]) -> dict[str, Any]:
    """Of `tandem data check`: every table with its findings."""
    return {
        "ok": not any(one.refused for one in checked),
        "tables": [
            {
                "symbol": one.symbol,
                "file": one.file,
                "rows": one.rows,
                "first": one.first,
                "last": one.last,
                "frequency": one.frequency,
                "findings": [
                    {"severity": found.severity, "kind": found.kind, "words": found.words, "dates": list(found.dates)}
                    for found in one.findings
                ],
            }
            for one in checked
        ],
    }


def list_document() -> dict[str, Any]:
    """Of `tandem data list`: sources, symbols of the sample market, cached panels."""
    from engine.market import cache
    from engine.market.sample import sample_symbols

    panels = cache.entries()
    return {
        "sources": SOURCES,
        "sample_symbols": list(sample_symbols()),
        "cache": {
            "folder": str(cache.folder()),
            "bytes": sum(panel.size for panel in panels),
            "panels": [
                {
                    "key": panel.path.name,
                    "label": panel.label,
                    "symbols": panel.symbols,
                    "series": panel.series,
                    "frequency": panel.frequency,
                    "bars": panel.bars,
                    "bytes": panel.size,
                }
                for panel in panels
            ],
        },
    }


def written_document(written: Sequence[Written], folder: Path) -> dict[str, Any]:
    """Of `tandem data pull` and `build-sample`: the files."""
    files = [
        {
            "symbol": one.symbol,
            "file": str(one.file),
            "rows": one.rows,
            "first": one.first,
            "last": one.last,
            "notices": [notice.as_dict() for notice in one.notices],
        }
        for one in written
    ]
    return {"folder": str(folder), "files": files}
