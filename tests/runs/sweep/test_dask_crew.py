# SPDX-License-Identifier: Apache-2.0
"""What comes back of a chunk whose worker died: its answer, or word that it must be sent again."""

import queue
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")

from distributed.scheduler import KilledWorker

from engine.runs.sweep.dask_crew import DaskCrew


class Future:
    """One of Dask's, as `receive` asks it; `lost` how often it is called back before its answer is there."""

    key = "one"

    def __init__(self, status, error, answer, lost):
        self.status, self._error, self._answer, self._lost = status, error, answer, lost

    def done(self):
        return self._lost == 0

    def add_done_callback(self, call):
        self._lost -= 1
        call(self)

    def exception(self):
        assert self.done()
        return self._error

    def result(self):
        assert self.done()
        return self._answer


def crew_with(status, error, answer, lost=0):
    crew = object.__new__(DaskCrew)
    future = Future(status, error, answer, lost)
    crew._flying, crew._back, crew._asking = {"one": ("chunk", future)}, queue.SimpleQueue(), nullcontext
    crew._back.put(future)
    return crew


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_answer_that_was_lost_and_made_again_is_waited_for(lost):
    """The worker died between the end of its chunk and its answer: Dask takes back that it is done."""
    crew = crew_with("finished", None, "answer", lost)
    assert crew.receive() == ("chunk", "answer")
    assert crew._flying == {}


def test_a_chunk_whose_workers_were_killed_is_sent_again():
    killed = KilledWorker("one", SimpleNamespace(address="tcp://gone"), 3)
    assert crew_with("error", killed, None).receive() == ("chunk", None)


def test_what_the_chunk_itself_raised_is_raised():
    with pytest.raises(ValueError, match="wrong"):
        crew_with("error", ValueError("wrong"), None).receive()
