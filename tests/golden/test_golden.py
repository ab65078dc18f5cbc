# SPDX-License-Identifier: Apache-2.0
"""The shipped runs give what they gave, and each ledger adds up to its account.

A change on purpose: `python -m tests.golden.regenerate NAME ... --because "..."`.
"""

import json
from pathlib import Path

import pytest

from tests.golden.digest import RUNS, digest, file_of, run


def check(name: str, real_data: Path | None = None) -> None:
    golden = json.loads(file_of(name).read_text(encoding="utf-8"))
    result = run(name, real_data)
    found = digest(result)
    assert found["fills"] + found.get("options", 0) > 50
    assert found == golden
    assert sum(golden["totals"].values()) == pytest.approx(result.points["cash"][-1], abs=0.05)  # one account, no list


@pytest.mark.parametrize("name", [name for name in RUNS if name.endswith("_sample")])
def test_on_the_sample_market(name: str):
    check(name)


@pytest.mark.parametrize("name", [name for name in RUNS if name.endswith("_real")])
def test_on_real_bars(name: str, real_data: Path):
    check(name, real_data)
