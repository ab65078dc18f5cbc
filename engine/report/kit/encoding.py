# SPDX-License-Identifier: Apache-2.0
"""Documents as JSON; a page's arrays and figures as compact JSON: typed arrays in base64, each long one stored once."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Figure = dict[str, Any]

NUMBER_KINDS = {"f4": np.float32, "f8": np.float64}


def to_json(document: Mapping[str, Any]) -> str:
    """One JSON document as people read it; NaN and infinities become null, and no zero has a sign."""
    return json.dumps(_finite(document), indent=2, allow_nan=False, ensure_ascii=False)


def packed(values: NDArray[Any], kind: str = "f4") -> dict[str, str]:
    """A plotly typed array. f4 keeps seven digits, enough for a screen; dates in milliseconds need f8."""
    data = np.ascontiguousarray(values, NUMBER_KINDS[kind]) + NUMBER_KINDS[kind](0)  # no zero has a sign
    return {"dtype": kind, "bdata": base64.b64encode(data.tobytes()).decode("ascii")}


def figures_json(figures: dict[str, Figure]) -> str:
    """One JSON document: figures by id, whose repeated typed arrays are numbers into `pool`.

    Safe inside a <script> element. Raises ValueError for NaN outside a typed array.
    """
    pool: list[dict[str, str]] = []
    places: dict[str, int] = {}
    slim = {
        name: _unsigned({**figure, "data": [_pooled(trace, pool, places) for trace in figure["data"]]})
        for name, figure in figures.items()
    }
    text = json.dumps({"pool": pool, "figures": slim}, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/")


def _pooled(trace: dict[str, Any], pool: list[dict[str, str]], places: dict[str, int]) -> dict[str, Any]:
    slim = dict(trace)
    for axis in ("x", "y"):
        array = trace.get(axis)
        if isinstance(array, dict):
            key = array["bdata"]
            if key not in places:
                places[key] = len(pool)
                pool.append(array)
            slim[axis] = {"pool": places[key]}
    return slim


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    return value


def _unsigned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _unsigned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unsigned(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
