# SPDX-License-Identifier: Apache-2.0
"""Workers of a Dask cluster: the only import of Dask there is."""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import signal
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from time import monotonic, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, Problem, RunError
from engine.runs.sweep.chunks import Chunk
from engine.runs.sweep.job import Answer, drop_bars, installed, put_bars, run_chunk, take_bars
from engine.strategy.source.own_files import temporary_folder

try:
    import dask
    from distributed import Client, Future, KilledWorker, LocalCluster, Security
    from distributed.comm import connect
except ImportError as missing:
    from engine.distribution import install_extra
    from engine.errors import MissingExtra

    raise MissingExtra(
        "Dask is not installed: it is the optional extra of sweeps on several processes or machines; "
        f"install it with `{install_extra('cluster')}`"
    ) from missing

ANSWER = 3.0
"""Seconds in which a scheduler must answer."""

EMPTY = 60.0
"""Seconds that a sweep waits while there is no worker: a batch system or Kubernetes may bring the next one."""

LOOPBACK = "127.0.0.1"
ADDRESSES = "tcp://HOST:PORT or tls://HOST:PORT, as `dask scheduler` prints it"


class DaskCrew:
    """The workers of one scheduler."""

    def __init__(self, client: Client, name: str, empty: float = EMPTY) -> None:
        self._client, self._name, self._empty = client, name, empty
        self._back: queue.Queue[Future] = queue.Queue()
        self._flying: dict[str, tuple[Chunk, Future]] = {}
        self._seen: set[str] = set()
        self._sent = self._slots = 0
        self._counted = -1.0
        self._folder, self._forget = temporary_folder("sweep")
        self._given: dict[str, NDArray[Any]] = {}

    def slots(self) -> int:
        """Threads of all workers, as they were a second ago."""
        if monotonic() - self._counted > 1.0:
            self._slots, self._counted = sum(self._threads().values()), monotonic()
        return self._slots

    def begin(self) -> None:
        """Wait for the first worker. Raises RunError where none comes, InputError for one as `provide` does."""
        self._someone(monotonic())
        self._compare()

    def provide(self, key: str, bars: NDArray[Any] | None = None) -> None:
        """Have workers of this machine map a file of the bars; send them once to each of the others."""
        file = self._folder / f"{key}.npy"
        if bars is not None:
            self._given[key] = bars
            np.save(file, bars)
        self._compare()
        with self._asking():
            took = self._client.run(take_bars, key, str(file), on_error="ignore")
            if absent := [worker for worker, has in took.items() if not has]:
                plain = np.array(self._given[key])  # not mapped: it leaves this machine
                sent = self._client.scatter(plain, workers=absent, broadcast=True, hash=False)
                self._client.run(_take_sent, key, sent.key, workers=absent, on_error="ignore")

    def send(self, chunk: Chunk) -> None:
        """Submit a chunk."""
        self._sent += 1
        future = self._client.submit(
            run_chunk, chunk.job, chunk.numbers, chunk.stretches, key=f"tandem-{id(self):x}-{self._sent}", pure=False
        )
        self._flying[future.key] = (chunk, future)
        future.add_done_callback(self._back.put)

    def receive(self) -> tuple[Chunk, Answer | None]:
        """The next chunk that is back."""
        since = monotonic()
        while True:
            try:
                future = self._back.get(timeout=1.0)
            except queue.Empty:
                self._someone(since)
                continue
            if not future.done():  # the worker that had the answer died with it: another one makes it
                future.add_done_callback(self._back.put)
                continue
            chunk, _ = self._flying.pop(future.key)
            if future.status == "cancelled":
                raise self._gone()
            with self._asking():
                error = future.exception()
                answer: Answer | None = None if error else future.result()
            if error is None or isinstance(error, KilledWorker):
                return chunk, answer
            raise error

    def close(self) -> None:
        """Call back what is under way, and forget the bars; a scheduler that is gone is not waited for."""
        with suppress(Exception):  # whatever the cluster says now, the sweep is over
            self._client.cancel([future for _, future in self._flying.values()], force=True)
            if self._client.status == "running":
                self._client.run(drop_bars, list(self._given), on_error="ignore")
        with suppress(Exception):
            self._client.close(timeout=2)
        self._forget()

    def _someone(self, since: float) -> None:
        """Raise RunError where the scheduler is gone, or no worker has been there for long."""
        while True:
            if self._client.status != "running":
                raise self._gone()
            if self._threads():
                return
            if monotonic() - since > self._empty:
                raise RunError(f"the cluster at {self._name} has had no worker for {self._empty:.0f} s")
            sleep(0.2)

    def _threads(self) -> dict[str, int]:
        with self._asking():
            threads: dict[str, int] = self._client.nthreads()
        return threads

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What Dask raises where the scheduler does not answer any more, in words."""
        try:
            yield
        except (OSError, TimeoutError, asyncio.CancelledError) as error:
            raise self._gone() from error

    def _gone(self) -> RunError:
        return RunError(f"the scheduler at {self._name} is gone")

    def _compare(self) -> None:
        """Raise InputError for workers on which the same job may come to something else."""
        new = [worker for worker in self._threads() if worker not in self._seen]
        if not new:
            return
        here = installed()
        with self._asking():
            versions = self._client.get_versions()["workers"]
        python = {name: str(versions[name]["host"]["python"]) for name in new if versions.get(name)}
        found = {name: {"Python": ".".join(version.split(".")[:2])} for name, version in python.items()}
        same = [name for name in found if found[name]["Python"] == here["Python"]]
        with self._asking():
            told = self._client.run(_installed_there(__name__), workers=same, on_error="ignore") if same else {}
        for name, own in found.items():
            if name not in same:  # another Python could not even be asked
                raise _differs(name, own, {"Python": here["Python"]})
            if name in told and told[name] != here:
                raise _differs(name, told[name], here)
        self._seen.update(told)


def _differs(worker: str, found: Mapping[str, str], here: Mapping[str, str]) -> InputError:
    wrong = [part for part in here if found.get(part) != here[part]]
    words = ", ".join(f"{part} {found.get(part) or 'none'}" for part in wrong)
    allowed = ", ".join(f"{part} {here[part]}" for part in wrong) + ", as here"
    return InputError(Problem(f"the worker {worker} may come to other figures", found=words, allowed=allowed))


def _installed_there(module: str) -> Any:
    """A function that says what is installed on a worker; it travels whole, for the worker may have no Tandem."""
    job = f"{module.rpartition('.')[0]}.job"

    def ask() -> dict[str, str]:
        import importlib

        try:
            found: dict[str, str] = importlib.import_module(job).installed()
        except ImportError:
            return {}
        return found

    return ask


def _take_sent(key: str, sent: str, dask_worker: Any) -> None:
    """Keep bars that Dask has brought to this worker, before it thinks that a copy elsewhere is enough."""
    if sent in dask_worker.data:
        put_bars(key, dask_worker.data[sent])


@contextmanager
def remote_crew(address: str) -> Iterator[DaskCrew]:
    """The workers of a scheduler that runs already. Raises InputError where none answers at the address."""
    wrong = Problem("not the address of a scheduler", path="--cluster", found=address or "nothing", allowed=ADDRESSES)
    if "://" in address and not address.startswith(("tcp://", "tls://")):
        raise InputError(wrong)
    try:
        with ThreadPoolExecutor(1) as aside:  # a notebook's own loop runs in this thread
            aside.submit(asyncio.run, _greet(address)).result()
    except ValueError as error:
        raise InputError(wrong) from error
    except OSError as error:
        message = f"no scheduler of Dask answers within {ANSWER:g} s"
        allowed = "the address of one that runs, such as `dask scheduler` prints"
        raise InputError(Problem(message, path="--cluster", found=address, allowed=allowed)) from error
    with _quiet():
        client = Client(address, timeout=ANSWER, set_as_default=False)
    crew = DaskCrew(client, address)
    try:
        crew.begin()
        yield crew
    finally:
        crew.close()


async def _greet(address: str) -> None:
    """Shake hands with a scheduler; a client by itself waits for ever for one that accepts and then says nothing."""
    security = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=ANSWER, **security), ANSWER)
    await comm.close()


@contextmanager
def local_crew(workers: int) -> Iterator[DaskCrew]:
    """So many processes of this machine, a thread each, that listen on loopback alone and end with the block.

    Whatever they put down goes with it too: what Dask has for its workers, and what is temporary in them.
    """
    routes: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
    own, forget = temporary_folder("workers")
    # no `with`: a start that is interrupted leaves Dask's thread behind, which makes a scheduler still; not elsewhere
    as_before = dask.config.set({**routes, "temporary-directory": str(own)})
    with _quiet(), _deaf_to_interrupts():
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host=LOOPBACK, scheduler_port=0, memory_limit=0,
            dashboard_address=f"{LOOPBACK}:0", worker_dashboard_address=f"{LOOPBACK}:0", silence_logs=logging.CRITICAL,
            env={"TMPDIR": str(own)},
        )  # fmt: skip
        crew = DaskCrew(Client(cluster, set_as_default=False), cluster.scheduler_address)
    try:
        crew.begin()
        yield crew
    finally:
        started = [one.pid for one in cluster.workers.values() if one.pid]
        crew.close()
        with suppress(Exception):
            cluster.close(timeout=5)
        _end(started)
        as_before.__exit__(None, None, None)
        forget()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Threads that start in the block, and all processes that these start ever, do not hear Ctrl-C: this process does.

    A terminal sends it to all of them, and each would answer with a traceback of its own.
    """
    resource_tracker.ensure_running()  # by itself it would open the ears of the thread that starts the first process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(processes: list[int]) -> None:
    """End those of these processes, all children of this one, that have not ended by themselves."""
    for process in processes:
        with suppress(ChildProcessError, ProcessLookupError):
            if os.waitpid(process, os.WNOHANG) == (0, 0):
                os.kill(process, signal.SIGKILL)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask says on stderr what is no news here: that a port is taken, that versions differ; those are compared.

    Some of its loggers have a level of their own: a client whose scheduler was killed showed a traceback.
    """
    for name in ("distributed", *(one for one in logging.root.manager.loggerDict if one.startswith("distributed."))):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
