# SPDX-License-Identifier: Apache-2.0
"""The handshake: which versions of the protocol a client offers, and which one is spoken."""

from __future__ import annotations

import re

from engine.sandbox.wire.fields import WireError

OLDEST, NEWEST = 157, 178
DISPUTED = 158
"""Clients disagree on this one: IB's own reads the duration of an open order at it, ib_async and ib_insync from 159."""
GREETING = b"API\0"

_OFFER = re.compile(r"v(\d{1,9})(?:\.\.(\d{1,9}))?(?: .*)?\Z", re.DOTALL)


def agree(offer: str) -> int:
    """Newest version that both sides speak, of an offer such as `v157..178` or `v100..157 +PACEAPI`.

    Raises WireError, a sentence for people, where there is none.
    """
    found = _OFFER.match(offer)
    if not found:
        raise WireError(
            f"the first message of a client is its range of versions, such as v157..178, not {offer[:40]!r}"
        )
    low, high = int(found[1]), int(found[2] or found[1])
    version = min(high, NEWEST)
    if version == DISPUTED:
        version -= 1
    if version < max(low, OLDEST):
        raise WireError(_without_a_common_version(low, high))
    return version


def _without_a_common_version(low: int, high: int) -> str:
    spoken = f"the sandbox speaks versions {OLDEST} to {NEWEST} of the protocol without {DISPUTED}"
    if low > high:
        return f"{spoken}; a client's range begins with the lower version, this one says {low}..{high}"
    why = ", whose messages are protobuf" if low > NEWEST else ""
    return f"{spoken}; this client speaks {low} to {high} alone{why}"
