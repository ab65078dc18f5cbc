# SPDX-License-Identifier: Apache-2.0
"""The bridge's log: one JSON object a line, without a secret in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from engine.clock import now

Say = Callable[..., None]
"""say("event", field=value ...): what is worth a line."""


def masked(account: str) -> str:
    """An account's id so that its owner knows it and nobody else does: `DU*****67`."""
    return account[:2] + "*" * max(len(account) - 4, 0) + account[-2:] if len(account) > 4 else "*" * len(account)


class Log:
    """Appends to a file. Whatever equals the account's id is masked, wherever it stands in a text.

    Lines that a full disk refuses are counted, and the first one that it takes again says how many: a log must not stop
    the orders.
    """

    def __init__(self, path: Path, account: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self.account, self._lost = account, 0

    def __call__(self, event: str, **fields: object) -> None:
        """Write one line and hand it to the system."""
        said = {"at": now().isoformat(timespec="milliseconds"), "event": event, **fields}
        line = json.dumps(said | ({"lines_lost": self._lost} if self._lost else {}), default=str)
        if self.account:
            line = line.replace(self.account, masked(self.account))
        data = f"{line}\n".encode()
        try:
            written = self._file.write(data)
            if written < len(data):  # the rest did not fit: it is no line
                self._file.truncate(self._file.tell() - written)
                self._lost += 1
            else:
                self._lost = 0
        except OSError:
            self._lost += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def silence(event: str, **fields: object) -> None:
    """Say nothing."""
