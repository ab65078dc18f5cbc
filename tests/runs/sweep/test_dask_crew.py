# SPDX-License-Identifier: Apache-2.0
"""What comes back of a chunk whose worker died: its answer, or word that it must be sent again."""

import queue
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")

from distributed.scheduler import KilledWorker

from engine.runs.sweep.dask_crew import DaskCrew


def crew_with(status, error, answer):
    crew = object.__new__(DaskCrew)
    future = SimpleNamespace(key="one", status=status, exception=lambda: error, result=lambda: answer)
    crew._flying, crew._back, crew._asking = {"one": ("chunk", future)}, queue.SimpleQueue(), nullcontext
    crew._back.put(future)
    return crew


def test_an_answer_that_was_lost_and_made_again_is_waited_for():
    """The worker died between the end of its chunk and its answer: Dask calls the future pending once more."""
    assert crew_with("pending", None, "answer").receive() == ("chunk", "answer")
    assert crew_with("finished", None, "answer").receive() == ("chunk", "answer")


def test_a_chunk_whose_workers_were_killed_is_sent_again():
    killed = KilledWorker("one", SimpleNamespace(address="tcp://gone"), 3)
    assert crew_with("error", killed, None).receive() == ("chunk", None)


def test_what_the_chunk_itself_raised_is_raised():
    with pytest.raises(ValueError, match="wrong"):
        crew_with("error", ValueError("wrong"), None).receive()
