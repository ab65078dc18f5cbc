# SPDX-License-Identifier: Apache-2.0
"""Where the C library is glibc, freed memory stays; elsewhere nothing is asked of it."""

import ctypes
import platform
import subprocess
import sys

import pytest

from engine.kernel.machine.allocator import keep_freed_memory


@pytest.fixture(autouse=True)
def _asked_anew():
    keep_freed_memory.cache_clear()
    yield
    keep_freed_memory.cache_clear()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_glibc_keeps_what_is_freed():
    assert keep_freed_memory()


LARGE_BLOCKS = """
import resource
import numpy as np
from engine.kernel.machine.allocator import LARGEST, keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.empty(LARGEST + (8 << 20), np.uint8).fill(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

keep_freed_memory()
np.empty(LARGEST - (8 << 20), np.uint8).fill(1)
print(faults(), faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_a_block_larger_than_kept_memory_grows_for_comes_from_it_too():
    done = subprocess.run([sys.executable, "-c", LARGE_BLOCKS], capture_output=True, text=True, check=True)
    first, again = map(int, done.stdout.split())
    assert first > 4
    assert again <= 4


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert not keep_freed_memory()


def test_no_c_library_is_no_error(monkeypatch):
    def refuse(_name):
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert not keep_freed_memory()
