# SPDX-License-Identifier: Apache-2.0
"""Who runs a sweep, as a person asks for it: threads, processes of this machine or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import InputError, Problem
from engine.progress import Watch, unwatched
from engine.runs.sweep.executor import Executor, Threads

MOST_WORKERS = 256


@contextmanager
def executing(
    workers: int = 0, cluster: str | None = None, threads: int = 0, watch: Watch = unwatched
) -> Iterator[Executor]:
    """The executor that was asked for; workers that it starts end with the block.

    workers  processes of a cluster on this machine; cluster: the address of a scheduler; neither: threads
    threads  given too, for they are of this process alone
    Raises InputError where more than one of them is asked for, for an address that is none or at which nobody answers,
    and for a cluster with another Python or Tandem; MissingExtra without Dask.
    """
    asked = {"--cluster": cluster, "--workers": workers, "--threads": threads}
    given = [name for name, value in asked.items() if value not in {0, None}]
    if len(given) > 1:
        allowed = "--cluster for the workers of a cluster, --workers for processes here, or --threads of this process"
        raise InputError(Problem("one of these runs the sweep", found=" and ".join(given), allowed=allowed))
    if not 0 <= workers <= MOST_WORKERS:
        allowed = f"0 to {MOST_WORKERS} on one machine; more by --cluster"
        raise InputError(Problem("not a number of processes", path="--workers", found=str(workers), allowed=allowed))
    if cluster is None and not workers:
        yield Threads()
        return
    from engine.runs.sweep.chunks import Workers
    from engine.runs.sweep.dask_crew import local_crew, remote_crew

    watch(f"asking for workers at {cluster}" if cluster is not None else "starting workers")
    with local_crew(workers) if cluster is None else remote_crew(cluster) as crew:
        yield Workers(crew)
