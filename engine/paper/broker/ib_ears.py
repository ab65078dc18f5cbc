# SPDX-License-Identifier: Apache-2.0
"""The client library's log: what its decoder complains of is a message lost; the rest is for whoever asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable


class Misheard(logging.Handler):
    """Listens to the library's complaints: it logs a message that it cannot read, and goes on as if it had not come."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on."""
        self._heard(record.getMessage())


def ears(library: str, misheard: Callable[[str], None] | None) -> None:
    """Listen to the decoder of a library, or no longer. One client at a time is listened to."""
    logger = logging.getLogger(f"{library}.Decoder")
    for old in [one for one in logger.handlers if isinstance(one, Misheard)]:
        logger.removeHandler(old)
    if misheard is not None:
        logger.addHandler(Misheard(misheard))


def quiet(library: str) -> None:
    """A library's log goes where somebody has asked for it, and else nowhere: what matters comes as evidence."""
    logger = logging.getLogger(library)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
