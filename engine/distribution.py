# SPDX-License-Identifier: Apache-2.0
"""Tandem as a package: what it is called on the index, which version this is, and where what it ships lies."""

from __future__ import annotations

from pathlib import Path

NAME = "tandem-engine"
"""The distribution; `tandem` on the package index is somebody else's."""

VERSION = "0.1.0"
"""Read by pyproject.toml too."""

PACKAGE = Path(__file__).resolve().parent


def install_extra(extra: str) -> str:
    """The command that installs one of Tandem's optional parts, from the repository where Tandem lies in one."""
    installed = (PACKAGE / "strategies").is_dir()
    return f"pip install '{NAME if installed else '.'}[{extra}]'"


def shipped(folder: str) -> Path:
    """Where the `strategies` or `configs` of Tandem itself lie: inside the installed package, else beside engine/."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder
