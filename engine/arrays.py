# SPDX-License-Identifier: Apache-2.0
"""The type of columns of numbers: what market, indicators, analytics and strategies hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
"""An array of float64; its docstring says the shape, (T,) one number a bar where none is given."""
