# SPDX-License-Identifier: Apache-2.0
"""Whatever workers do, each combination comes back once, with the figures that this process would have found."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.config.loader import load_config
from engine.errors import InputError, RunError, StrategyError
from engine.records import OUTCOME, STRETCH
from engine.runs.sweep import bench as module
from engine.runs.sweep import job as travelling
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.chunks import AHEAD, FIRST, GROWTH, TRIES, Workers
from engine.runs.sweep.executing import executing
from engine.runs.sweep.executor import Threads, figures_by
from engine.runs.sweep.grid import grid_of
from engine.runs.sweep.job import Answer, put_bars, run_chunk
from engine.runs.sweep.run import run_parts
from engine.runs.sweep.search import Listed

CONFIG = Path(__file__).resolve().parents[3] / "configs" / "spread_sample.yaml"
PERIOD = ("period.start=2018-01-02", "period.end=2018-06-29")


@pytest.fixture(autouse=True)
def kernel(monkeypatch):
    """In place of the compiled one: what it would read, folded into an outcome."""

    def simulate(prepared, features, params, count):
        outcomes = np.zeros(len(params), OUTCOME)
        seen = float(np.nansum(features[features.dtype.names[0]]))
        outcomes["final_equity"] = seen + prepared.market.bars["small"]["close"].sum()
        outcomes["costs"] = prepared.config.costs.slippage.half_spread
        outcomes["turnover"] = params["enter"]
        sums = np.zeros((len(params), count), STRETCH)
        return outcomes, sums

    monkeypatch.setattr(module, "simulate_stretches", simulate)
    monkeypatch.setattr(travelling, "_given", {})
    monkeypatch.setattr(travelling, "_kept", travelling.threading.local())


class Crew:
    """Workers of this process: they answer in any order, and do what the test says they do."""

    def __init__(self, slots=2, rate=None, seed=0):
        self.chunks, self.sizes, self.provided, self.flown = [], [], [], 0
        self.known, self.rate, self.chance, self.count = {}, rate, random.Random(seed), slots
        self.kills = None

    def slots(self):
        return self.count

    def provide(self, key, bars=None):
        self.provided.append(key)
        self.known |= {key: bars} if bars is not None else {}
        put_bars(key, np.array(self.known[key]))

    def send(self, chunk):
        self.chunks.append(chunk)
        self.flown = max(self.flown, len(self.chunks))
        self.sizes.append(len(chunk.rows))

    def receive(self):
        chunk = self.chunks.pop(self.chance.randrange(len(self.chunks)))
        if self.kills and self.kills(chunk):
            return chunk, None
        answer = run_chunk(chunk.job, chunk.numbers, chunk.stretches)
        if self.rate and answer.figures is not None:
            answer = Answer(answer.figures, len(chunk.rows) / self.rate)
        return chunk, answer


def bench(grid, *settings):
    return Bench(grid_of(grid), lambda put: load_config(CONFIG, [*PERIOD, *settings, *put]), 1)


GRID = {"enter": [0.5, 1.0, 1.5, 2.0, 2.5], "z_window": [40, 60, 80], "costs.slippage.half_spread": [0.0001, 0.0002]}


@pytest.fixture
def here():
    made = bench(GRID)
    return made.figures(range(made.grid.size))


@pytest.mark.parametrize("seed", range(3))
def test_figures_do_not_depend_on_who_answers_first(here, seed):
    crew = Crew(seed=seed)
    assert figures_by(Workers(crew), bench(GRID), range(30)).tobytes() == here.tobytes()
    assert len(set(crew.provided)) == 1  # other costs, the same bars: sent once
    assert len(crew.provided) == 1
    assert crew.flown == AHEAD * 2


def test_parts_are_kept_whole_and_none_is_run_again(here):
    written = {}

    class Kept:
        def read(self, part, kind):
            if part != 1:
                return None
            half = np.zeros(10, kind)
            half["combination"] = np.arange(10, 20)
            for name in here.dtype.names:
                half[name] = here[name][10:20]
            return half

        def write(self, part, figures):
            written[part] = figures.tobytes()

    crew = Crew()
    made = run_parts(bench(GRID), Listed(range(30), 10, ()), Kept(), lambda *_: None, Workers(crew))
    by_threads = run_parts(bench(GRID), Listed(range(30), 10, ()), Kept(), lambda *_: None, Threads())
    assert made.tobytes() == by_threads.tobytes()
    assert sorted(written) == [0, 2]
    assert sum(crew.sizes) == 20
    assert made["combination"].tolist() == list(range(30))


def test_a_worker_that_lacks_the_bars_is_given_them(here):
    crew, forgotten = Crew(), iter([True, True])
    receive = crew.receive

    def forgetful():
        if next(forgotten, False):
            travelling._given.clear()
            travelling._kept.__dict__.clear()
        return receive()

    crew.receive = forgetful
    assert figures_by(Workers(crew), bench(GRID), range(30)).tobytes() == here.tobytes()
    assert len(crew.provided) == 3


def test_one_that_can_never_be_given_them_ends_the_sweep(monkeypatch):
    crew = Crew()
    monkeypatch.setattr(crew, "provide", lambda *given: crew.provided.append(given))
    with pytest.raises(RunError, match=f"cannot be given its bars, in {TRIES} tries"):
        figures_by(Workers(crew), bench(GRID), range(30))


def test_what_ends_its_workers_is_halved_until_it_runs(here):
    crew = Crew(rate=1e6)
    crew.kills = lambda chunk: len(chunk.rows) > 1
    assert figures_by(Workers(crew), bench(GRID), range(30)).tobytes() == here.tobytes()
    assert Counter(crew.sizes)[1] == 30


def test_a_combination_that_ends_every_worker_is_named():
    crew = Crew()
    crew.kills = lambda chunk: 13 in chunk.numbers
    with pytest.raises(RunError, match="combination 13 ended every worker that ran it"):
        figures_by(Workers(crew), bench(GRID), range(30))


def test_what_a_worker_refuses_is_said_as_it_would_be_here(monkeypatch):
    def refuse(*_):
        raise StrategyError("features() gave no number")

    monkeypatch.setattr(module, "simulate_stretches", refuse)
    with pytest.raises(StrategyError, match=r"features\(\) gave no number"):
        figures_by(Workers(Crew()), bench(GRID), range(30))


def test_chunks_follow_the_measured_speed_and_shrink_towards_the_end():
    grid = {"enter": [one / 1000 for one in range(1, 601)]}
    fast, slow = Crew(rate=100.0), Crew(rate=3.0)
    figures_by(Workers(fast), bench(grid), range(600))
    figures_by(Workers(slow), bench(grid), range(80))
    first = AHEAD * 2
    assert fast.sizes[:first] == [FIRST] * first
    assert fast.sizes[first] == FIRST * GROWTH
    assert max(fast.sizes) == 100
    assert fast.sizes[-1] == 1
    assert set(slow.sizes[first:]) <= {3, 2, 1}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"workers": 2, "cluster": "tcp://127.0.0.1:1"}, "found --cluster and --workers"),
        ({"workers": 2, "threads": 3}, "found --workers and --threads"),
        ({"cluster": "tcp://127.0.0.1:1", "threads": 1}, "found --cluster and --threads"),
        ({"workers": -1}, "--workers: not a number of processes; found -1"),
        ({"workers": 1000}, "allowed: 0 to 256 on one machine; more by --cluster"),
    ],
)
def test_one_executor_runs_a_sweep(asked, said):
    with pytest.raises(InputError) as caught, executing(**asked):
        pass
    assert said in str(caught.value)
