# SPDX-License-Identifier: Apache-2.0
"""The size at which costs eat the edge."""

from engine.runs.capacity.run import capacity

__all__ = ["capacity"]
