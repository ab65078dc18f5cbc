# SPDX-License-Identifier: Apache-2.0
"""The official client, unmodified, as a program of its own environment: it reads every message to its last field."""

import asyncio
from pathlib import Path

import pytest

from tests.sandbox.clients.pipe import converse, python_of

PYTHON = python_of("ibapi")

pytestmark = pytest.mark.skipif(PYTHON is None, reason="no environment with ibapi (make .venv/.clients-ready)")


@pytest.fixture(scope="module")
def results():
    return asyncio.run(converse(str(PYTHON), str(Path(__file__).with_name("official.py"))))


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("version", 157),
        ("left", []),
        ("errors", [[2, 202]]),
        ("details", ["S&P 500 ETF \u00e9", 0.01, "20240102:0930-20240102:1600;20240103:CLOSED", 1, "ETF"]),
        ("bars", [["20240105", 103.0, 104.5, 102.5, 104.0, 1e6], ["20240106", 104.0, 105.5, 103.5, 105.0, 1e6]]),
        ("head", "1704153600"),
        ("shortable", 3.0),
        ("live", [1704229205, 99.5, 100]),
        ("symbols", ["SPY"]),
        ("fill", ["BOT", 7.0, 99.5, "official-1.a1", "0000e0d5.00000000.01", "20240102 16:00:05 US/Eastern"]),
        ("again", ["0000e0d5.00000000.01", True]),
        ("cost", ["0000e0d5.00000000.01", 1.25, "USD"]),
        ("resting", ["STP", 90.25, "GTC", 2.0]),
        ("what_if", ["1000.0", "500.5", "1500.5", 1.25]),
        ("ended", [["official-1.a1", 7.0, "Filled", "Filled Size: 7"], ["", 0.0, "Cancelled", "Cancelled by Trader"]]),
        ("held", ["DU1000001", "SPY", 7.0, 0.1 + 0.2]),
        ("worth", "100000.3"),
        ("profit", [1.7976931348623157e308, 2.5, -1.5]),
    ],
)
def test_ibapi(results, what, seen):
    assert results[what] == seen
