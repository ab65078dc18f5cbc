# SPDX-License-Identifier: Apache-2.0
"""Which worker runs which test: a file stays with one, and so do files whose compiled code shares its parts.

Compiling takes a third of the suite. A kernel takes up to twenty seconds and serves every strategy with as many roles,
from the cache in other processes; an `on_bar` takes two to six. So the two groups below run first, each in one process.
The fixtures of a file are made once for the same reason. What is in no group follows file by file, to whoever is free.
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "shipped strategies": (
        "tests/parity/test_modes.py",
        "tests/parity/test_portfolios.py",
        "tests/benchmarks/",
        "tests/engines/test_interpretation.py",
        "tests/runs/signals/test_run.py",
        "tests/api/test_sweep.py",
        "tests/cli/test_sweep.py",
        "tests/cli/test_sweep_cluster.py",
        "tests/cli/test_sweep_search.py",
        "tests/cli/test_walkforward.py",
        "tests/report/run/test_chance_section.py",
        "tests/docs/test_notebooks.py",
        "tests/runs/walkforward/test_walk_forward.py",
        "tests/strategies/test_fund_replica.py",
    ),
    "small strategies": (
        "tests/kernel/",
        "tests/properties/",
        "tests/strategy/",
        "tests/authors/test_port",
        "tests/docs/test_life_of_a_bar.py",
        "tests/api/test_given.py",
        "tests/runs/chance/",
        "tests/runs/test_capacity.py",
        "tests/runs/walkforward/test_stitch.py",
    ),
}


FIRST = "tests/kernel/test_sleeves.py"
"""Compiles another kernel than the one both groups need: the other worker puts that into the cache meanwhile."""

LONG = ("tests/strategies/test_lookahead.py", "tests/paper/chaos/")
"""Files in no group that go first of these: last, one of them leaves the other worker without work for long."""


def group_of(nodeid: str) -> str:
    """The group of a test's file, the file itself where it is in none."""
    file = nodeid.partition("::")[0]
    return next((name for name, paths in TOGETHER.items() if file.startswith(paths)), file)


class Sharing(LoadScopeScheduling):
    """Hands out groups, then files, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
