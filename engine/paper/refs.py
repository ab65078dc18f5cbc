# SPDX-License-Identifier: Apache-2.0
"""The references that a run gives its orders, `NAME-BAR-NUMBER.aATTEMPT`: how they are made, known and counted on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import numpy as np

LONGEST_NAME = 15
"""Characters that a ref has for the run's name; a longer one is cut, with four of its hash behind."""

OF_A_RUN = re.compile(r".+-\d{12}-\d+\.a\d+")
"""The form of `ref_of`."""


def ref_of(name: str, decided: int, order: int, attempt: int) -> str:
    """The reference of a run's order by its number, decided at a bar's stamp (ns UTC)."""
    at = np.datetime64(decided, "ns").astype("datetime64[m]").astype(str)
    return f"{short_name(name)}-{''.join(sign for sign in at if sign.isdigit())}-{order}.a{attempt}"


def next_attempt(ref: str, is_taken: Callable[[str], bool]) -> str:
    """The first later attempt of the same order whose reference is not taken."""
    base, dot, attempt = ref.rpartition(".a")
    base, number = (base, int(attempt)) if dot and attempt.isdecimal() else (ref, 0)
    while is_taken(f"{base}.a{number + 1}"):
        number += 1
    return f"{base}.a{number + 1}"


def short_name(name: str) -> str:
    """The run's name within LONGEST_NAME characters, another one for each name."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 5]}~{hashlib.sha256(name.encode()).hexdigest()[:4]}"
