# SPDX-License-Identifier: Apache-2.0
"""A benchmark looks for dead objects before each reading; here it looks among its own."""

import gc

import pytest


@pytest.fixture(autouse=True)
def _others_are_left_alone() -> None:
    gc.freeze()
