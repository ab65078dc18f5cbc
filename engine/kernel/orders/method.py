# SPDX-License-Identifier: Apache-2.0
"""The list of what `orders` offers to on_bar."""

from collections.abc import Callable
from typing import Any

from engine.kernel.two_modes import F, two_modes

ORDER_API: dict[str, Callable[..., Any]] = {}
"""Every method of `orders` by name; the first argument of each function is the book itself."""


def order_method(function: F) -> F:
    """Offer the function, which runs in two modes, as a method of `orders`."""
    ORDER_API[function.__name__] = function
    return two_modes(function)
