# SPDX-License-Identifier: Apache-2.0
"""A self-contained page: it asks nothing of the network; the plotting code is inside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from importlib import resources, util
from pathlib import Path

from engine.errors import RunError
from engine.report import kit
from engine.report.kit.encoding import Figure, figures_json


def page(title: str, body: str, drawn: Mapping[str, Figure], reload: int | None = None) -> str:
    """A self-contained page around `body`, in whose `chart` places the figures are drawn, each under its id.

    reload  seconds after which an open page reads its file anew, at the same place; None: never
    """
    again = f"<script>setTimeout(() => location.reload(), {1000 * reload})</script>" if reload else ""
    return "".join(
        (
            _opened(title, body),
            f"<script>{plotly_source()}</script>",
            f'<script type="application/json" id="figure-data">{figures_json(dict(drawn))}</script>',
            f"<script>{_asset('report.js')}</script>{again}</body></html>\n",
        )
    )


def plain_page(title: str, body: str) -> str:
    """The same without a chart: no script in it, a few kilobytes."""
    return f"{_opened(title, body)}</body></html>\n"


def _opened(title: str, body: str) -> str:
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>',
            f"<style>{_asset('report.css')}</style></head><body><main>",
            body,
            "</main>",
        )
    )


@lru_cache(maxsize=1)
def plotly_source() -> str:
    """The plotting code as plotly ships it, found without importing plotly. Raises RunError where it is missing."""
    spec = util.find_spec("plotly")
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()
    path = folder / "package_data" / "plotly.min.js"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RunError(
            "the report needs plotly's own plotly.min.js; reinstall it: pip install --force-reinstall plotly"
        ) from error


@lru_cache(maxsize=2)
def _asset(name: str) -> str:
    return (resources.files(kit) / "assets" / name).read_text(encoding="utf-8")
