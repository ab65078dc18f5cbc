# SPDX-License-Identifier: Apache-2.0
"""The memory of a process, read by the process itself: with nothing imported that a measured one does not need."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """Most memory this process has had resident.

    Linux keeps the parent's peak in ru_maxrss across exec, so the high-water mark of the process itself is read there.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
