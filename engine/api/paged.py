# SPDX-License-Identifier: Apache-2.0
"""What the objects that have a page share: writing it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path


class Paged(ABC):
    """A finding with a page of its own."""

    @abstractmethod
    def _page(self) -> str:
        """The page as text; what draws it is imported when it is asked for."""

    def report(self, path: str | Path) -> Path:
        """Write the page, self-contained HTML, and return where it is.

        Raises InputError where `path` is a folder, RunError when the disk refuses.
        """
        from engine.report.folder.run_folder import write_page

        return write_page(self._page(), Path(path))
