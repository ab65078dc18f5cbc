# SPDX-License-Identifier: Apache-2.0
"""Work counted instead of timed: the same on every machine, however busy it is."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np


def calls(function: Callable[[], Any]) -> int:
    """How many functions of Python and of C a call of `function` calls."""
    made = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return made


class Counted(np.ndarray):
    """An array that counts the elements that are computed or converted from it, in `Counted.looked` for all of them."""

    looked = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Counted) else one for one in inputs]
        Counted.looked += max(np.size(one) for one in plain)
        found = getattr(ufunc, method)(*plain, **more)
        return found.view(Counted) if isinstance(found, np.ndarray) else found

    def astype(self, *more: Any, **named: Any) -> Any:
        Counted.looked += self.size
        return super().astype(*more, **named)
