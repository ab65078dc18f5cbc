# SPDX-License-Identifier: Apache-2.0
"""Where the C library is glibc, freed memory stays; elsewhere nothing is asked of it."""

import ctypes
import platform

import pytest

from engine.kernel.allocator import keep_freed_memory


@pytest.fixture(autouse=True)
def _asked_anew():
    keep_freed_memory.cache_clear()
    yield
    keep_freed_memory.cache_clear()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_glibc_keeps_what_is_freed():
    assert keep_freed_memory()


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert not keep_freed_memory()


def test_no_c_library_is_no_error(monkeypatch):
    def refuse(_name):
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert not keep_freed_memory()
