# SPDX-License-Identifier: Apache-2.0
"""Compiled code out of the cache: run without the compiler, made again where it does not hold, by one of several."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from llvmlite import binding

from engine.engines import native
from engine.engines.compiled_run import layout_of, programs_of
from engine.errors import StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.machine import code_cache, loader, programs
from engine.kernel.machine.code_cache import code_key, obtain, store, stored
from engine.kernel.machine.decisions import Decision
from engine.kernel.machine.layouts import UNREAD, AccountLayout, Count, Function, Row, Table
from engine.kernel.machine.loader import Program, Stored
from engine.runs.sweep import simulate_sets
from engine.strategy import Strategy
from tests.kernel.instructed import COLUMNS
from tests.kernel.instructed_pair import Idle
from tests.kernel.replay import instruct, settings
from tests.kernel.test_sleeves import flat_bars
from tests.properties.portfolios import pair_settings, paired

ROOT = Path(__file__).resolve().parents[3]

PAIR = """
import sys
from engine.engines import native
from engine.engines.compiled_run import programs_of
from engine.inputs.prepared import prepare
from engine.runs.sweep import simulate_sets
from tests.properties.portfolios import pair_settings, paired
from tests.kernel.instructed import MARKET
from tests.kernel.instructed_pair import Idle
from tests.kernel import replay
from tests.kernel.test_sleeves import flat_bars

market = replay.instruct(flat_bars(1, 1), [])
pair = prepare(pair_settings({}), {"one": Idle, "two": Idle}, paired(market))
"""

DECIDED = (
    PAIR
    + """
decide, books = programs_of(pair).decide, pair.first_book()
decide(pair.market.bars, pair.features, pair.params_row(), pair.first_state(), books, books)
print("numba" in sys.modules, books["deciding"][0])
"""
)

RUN = (
    PAIR
    + """
told = replay.instruct(flat_bars(1, 2, 3), [replay.Instruction(0, MARKET, 0, 5.0)])
single = replay.prepare(told, replay.settings())
silent = replay.prepare(single.market, replay.settings(), recording=False)
for one in (pair, single):
    print(native.run(one, "compiled").points["equity"].tolist())
print(simulate_sets(silent, silent.features, silent.params_row())["final_equity"].tolist())
print("numba" in sys.modules)
"""
)


def begun(script: str, cache: Path | str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TANDEM_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, **told)


def ended(process: subprocess.Popen[str]) -> str:
    said, wrong = process.communicate()
    assert process.returncode == 0, wrong
    return said.strip()


def test_a_run_a_portfolio_and_a_sweep_whose_code_is_there_import_no_numba():
    """In the tests' own cache: kernels take long to make."""
    cache = os.environ["TANDEM_CACHE_DIR"]
    made, found = (ended(begun(RUN, cache)).splitlines() for _ in range(2))
    assert found[:-1] == made[:-1]
    assert len(set(found)) == 4
    assert found[-1] == "False"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A cache that two processes began with at once, and what they said."""
    cache = tmp_path_factory.mktemp("made")
    return cache, sorted(map(ended, [begun(DECIDED, cache), begun(DECIDED, cache)]))


def test_of_two_processes_at_once_one_makes_the_code_and_both_have_it(made: tuple[Path, list[str]]):
    assert made[1] == ["False 1", "True 1"]


def test_damaged_code_is_made_again(made: tuple[Path, list[str]], tmp_path: Path):
    """LLVM ends the process over an object that is not whole."""
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    (file,) = tmp_path.glob("compiled/*/*.code")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert ended(begun(DECIDED, tmp_path)) == "True 1"
    assert len(file.read_bytes()) == len(whole)
    assert ended(begun(DECIDED, tmp_path)) == "False 1"


def test_without_a_folder_to_write_it_is_compiled_each_time(tmp_path: Path):
    """Both processes find a file where the cache should be."""
    (tmp_path / "compiled").write_text("in the way")
    assert [ended(begun(DECIDED, tmp_path)) for _ in range(2)] == ["True 1", "True 1"]


LISTED = """
from engine.strategy import Roles, Strategy


class Listed(Strategy):
    roles = Roles("fund", least=2)

    class State:
        risen: float = 0.0

    def features(self, market, p):
        return {"x": {role: shifted(market.at(role).close) for role in market.roles}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        for i in range(len(bar)):
            if f.at(i).x > 0.0:
                s.risen += 0.25


def shifted(prices):
    return prices + 1.0
"""

SLEEVES = """
name: pair
sleeves:
  one: {weight: 0.5, strategy: listed.py, roles: {fund: [SPY, IWM]}}
  two: {weight: 0.5, strategy: listed.py, roles: {fund: [QQQ, TWM]}}
"""

MOVED = """
import os, sys
import engine
from engine.engines.compiled_run import programs_of
from engine.runs.backtest import prepare

os.chdir({folder!r})
one = prepare(engine.load_config("pair.yaml"))
programs_of(one).decide
print("numba" in sys.modules)
"""


def test_code_is_found_again_where_its_file_has_moved_or_what_it_does_not_call_has_changed(tmp_path: Path):
    """A list of roles and a portfolio are decided by a function that is written around on_bar."""

    def asked(folder: str, text: str) -> str:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "listed.py").write_text(text)
        (tmp_path / folder / "pair.yaml").write_text(SLEEVES)
        return ended(begun(MOVED.format(folder=str(tmp_path / folder)), tmp_path))

    assert asked("here", LISTED) == "True"
    assert asked("there", LISTED) == "False"
    assert asked("here", LISTED + "# of a helper of features()\n") == "False"
    assert asked("here", LISTED.replace("0.25", "0.5")) == "True"


STEPS = (0.5, 1.0, 2.0)


class Asks(Strategy):
    """Asks a table for the row of the bar's number."""

    roles = ("a", "b")
    series = COLUMNS

    class State:
        bars: int = 0
        step: float = 0.0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.step = STEPS[s.bars]
        s.bars += 1


class TestARowThatATableDoesNotHave:
    @pytest.fixture
    def asks(self):
        def prepared(bars: int, *, recording: bool = True):
            return prepare(settings(), Asks, instruct(flat_bars(*[1.0] * bars), []), recording=recording)

        return prepared

    def test_it_ends_a_run(self, asks):
        assert native.run(asks(3), "compiled").state == {"bars": 3, "step": 2.0}
        with pytest.raises(StrategyError, match="a place that it does not have; run with --mode interpreted") as caught:
            native.run(asks(4), "compiled")
        assert isinstance(caught.value.__cause__, IndexError)

    def test_it_ends_a_sweep(self, asks):
        enough, missing = (asks(bars, recording=False) for bars in (3, 4))
        assert simulate_sets(enough, enough.features, enough.params_row())["error"] == 0
        with pytest.raises(StrategyError, match="a place that it does not have; run with --mode interpreted"):
            simulate_sets(missing, missing.features, missing.params_row())

    def test_the_exception_is_the_one_of_compiled_code(self, asks):
        prepared = asks(1)
        decide = programs_of(prepared).decide
        books, state = prepared.first_book(), prepared.first_state()
        state["bars"] = 3
        account = books.view(decide.called.takes[4].row)
        with pytest.raises(IndexError, match="tuple index out of range"):
            decide(prepared.market.bars, prepared.features, prepared.params_row(), state, account, books)


CODE = Stored(b"\x7fELF and so on", ("exp", "log"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    (tmp_path / "compiled" / "here").mkdir(parents=True)
    return tmp_path / "compiled" / "here"


def never() -> Stored:
    raise AssertionError("made again")


class TestWhatIsKept:
    def test_it_comes_back_as_it_was_and_leaves_nothing_beside_it(self, folder: Path):
        assert obtain("here/one", lambda: CODE) == CODE
        assert obtain("here/one", never) == CODE
        assert {path.suffix for path in folder.iterdir()} <= {".code", ".lock"}

    @pytest.mark.parametrize(
        "damage",
        [
            lambda held: held[:0],
            lambda held: held[:-1],
            lambda held: held.replace(b"ELF", b"elf"),
            lambda held: held.replace(b" log", b" exp"),
            lambda held: b"\xff" + held,
            lambda held: b"\n" + held,
        ],
        ids=["empty", "cut", "changed", "other needs", "no text", "no digest"],
    )
    def test_what_is_not_whole_is_made_again(self, folder: Path, damage):
        store("here/one", CODE)
        file = folder / "one.code"
        file.write_bytes(damage(file.read_bytes()))
        assert stored("here/one") is None
        assert obtain("here/one", lambda: CODE) == CODE
        assert stored("here/one") == CODE

    def test_what_has_no_key_is_not_kept(self, folder: Path):
        assert obtain(None, lambda: CODE) == CODE
        assert list(folder.iterdir()) == []

    def test_whoever_has_waited_long_enough_makes_it_too(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(code_cache, "PATIENCE", 0.01)
        with FileLock(folder / "one.lock"):
            assert obtain("here/one", lambda: CODE) == CODE
        assert stored("here/one") == CODE


class TestTheKey:
    def test_it_is_the_same_for_the_same(self):
        assert code_key("decision", "a", 1) == code_key("decision", "a", 1)
        keys = {code_key("decision", "a"), code_key("kernel", "a"), code_key("decision", "b"), code_key("decision")}
        assert len(keys) == 4

    @pytest.mark.parametrize(
        ("owner", "name", "other"),
        [
            (binding, "get_host_cpu_name", lambda: "another"),
            (binding, "get_host_cpu_features", lambda: binding.FeatureMap({"avx2": False})),
            (binding, "get_process_triple", lambda: "another-unknown-linux-gnu"),
            (loader.llvmlite, "__version__", "0.0.1"),
            (code_cache, "engine_digest", lambda: "another"),
            (sys.implementation, "cache_tag", "cpython-399"),
        ],
        ids=["processor", "features", "system", "llvmlite", "engine", "Python"],
    )
    def test_another_machine_or_compiler_has_another(self, monkeypatch: pytest.MonkeyPatch, owner, name: str, other):
        before = code_key("kernel")
        monkeypatch.setattr(owner, name, other)
        monkeypatch.setattr(code_cache, "machine", loader.machine.__wrapped__)
        assert code_key("kernel") != before

    def test_so_has_a_compiler_that_is_told_otherwise(self, monkeypatch: pytest.MonkeyPatch):
        before = code_key("kernel")
        monkeypatch.setenv("NUMBA_OPT", "1")
        monkeypatch.setattr(code_cache, "_compiler", code_cache._compiler.__wrapped__)
        assert code_key("kernel") != before

    def test_the_version_of_numba_is_in_it(self):
        from numba import __version__

        version, *_ = code_cache._compiler()
        assert f'"{__version__}"'.encode() in version

    def test_a_decision_of_other_rows_has_another(self):
        prepared = prepare(pair_settings({}), {"one": Idle, "two": Idle}, paired(instruct(flat_bars(1, 1), [])))
        made_of = layout_of(prepared)
        one = Decision(Idle.on_bar, made_of, (), "digest")
        wider = np.dtype({"names": ["z"], "formats": ["f8"], "offsets": [8]})
        other = Decision(Idle.on_bar, type(made_of)(**{**vars(made_of), "features": wider}), (), "digest")
        assert one.key != other.key
        assert one.key == Decision(Idle.on_bar, made_of, (), "digest").key

    def test_a_function_that_stands_in_no_file_has_none(self):
        names = {}
        exec(compile("def on_bar(bar, f, p, s, account, orders): pass", "<cell>", "exec"), names)
        assert Decision(names["on_bar"], None, (), "digest").key is None


def test_code_that_calls_what_the_process_has_not_is_refused():
    """LLVM would end the process."""
    code = Stored(b"", ("no_such_function_anywhere",))
    with pytest.raises(RuntimeError, match="calls one of no_such_function_anywhere"):
        programs._program(("lost",), lambda: Function(()), lambda: None, lambda _: code)


def undefined(code: bytes) -> set[str]:
    """Names of an ELF object's symbols that are in none of its sections."""
    assert code[:5] == b"\x7fELF\x02"
    (start,), (size, count) = struct.unpack_from("<Q", code, 40), struct.unpack_from("<HH", code, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, start + number * size) for number in range(count)]
    names = set()
    for _, kind, _, _, place, length, link, *_ in sections:
        for at in range(place, place + length, 24) if kind == 2 else ():
            name, _, _, section = struct.unpack_from("<IBBH", code, at)
            text = sections[link][4] + name
            if name and not section:
                names.add(code[text : code.index(b"\0", text)].decode())
    return names


@pytest.mark.skipif(sys.platform == "darwin", reason="objects are of another format there")
def test_what_code_leaves_open_is_what_it_says_it_needs():
    whole = AccountLayout(2)
    for kind, called in (("kernel", whole.kernel), ("seam", whole.decide)):
        getattr(programs, kind)(whole)
        code = stored(code_key(kind, whole, called))
        assert code is not None
        assert undefined(code.code) - {"_GLOBAL_OFFSET_TABLE_"} <= set(code.needs)
        assert not [name for name in code.needs if name.startswith(("Py", "numba", "NRT"))]


class TestWhatACallIsGiven:
    ROW = np.dtype([("x", "f8")])

    @pytest.mark.parametrize(
        ("kind", "given", "said"),
        [
            (Row(ROW), np.zeros(1, [("y", "f8")]), "rows of .*'y'.* where rows of .*'x'"),
            (Row(ROW), np.zeros(0, ROW), "no row"),
            (Table(ROW), np.zeros((2, 2), ROW), "in 2 dimensions"),
            (Table(ROW), np.zeros(4, ROW)[::2], "not side by side"),
            (Table(ROW), np.broadcast_to(np.zeros(1, ROW), (2,)), "cannot be written"),
            (Row(UNREAD), pd.Series([1.0]), "Series, where rows of .*'first'"),
        ],
        ids=["other rows", "no row", "two dimensions", "apart", "read only", "no array"],
    )
    def test_rows_that_compiled_code_would_mistake_are_refused(self, kind, given, said: str):
        with pytest.raises(TypeError, match=said):
            loader._words((kind,), (given,))

    def test_a_table_that_is_read_may_be_one_row_many_times(self):
        table = np.broadcast_to(np.zeros(1, self.ROW), (3,))
        kind = Table(self.ROW, writes=False, packed=False)
        assert loader._words((kind, Count()), (table, 7)) == [table.ctypes.data, 3, 0, 7]

    def test_what_is_handed_on_may_be_rows_of_any_type(self):
        table = np.zeros(3, self.ROW)
        assert loader._words((Row(UNREAD),), (table[1:],)) == [table.ctypes.data + 8]

    @pytest.mark.parametrize(
        "table",
        [
            np.zeros(3),
            np.zeros(0, ROW),
            np.zeros(9, ROW)[2::3],
            np.zeros(9)[::-1],
            np.broadcast_to(np.ones(1), (4,)),
            np.zeros((2, 3)).T,
            np.frombuffer(b"12345678", ROW),
            np.zeros(2).view(np.recarray),
        ],
        ids=["whole", "empty", "apart", "backwards", "one many times", "turned", "of bytes", "of a subclass"],
    )
    def test_a_table_begins_where_numpy_says(self, table):
        assert loader.data_address(table) == table.ctypes.data

    def test_a_function_of_other_arguments_is_refused(self):
        prepared = prepare(pair_settings({}), {"one": Idle, "two": Idle}, paired(instruct(flat_bars(1, 1), [])))
        decide = programs_of(prepared).decide
        assert isinstance(decide, Program)
        with pytest.raises(TypeError, match="a function of 6 arguments, where one of 2 is called"):
            loader._words((Function((Count(), Count())),), (decide,))

    def test_there_is_one_argument_for_each(self):
        with pytest.raises(ValueError, match="zip"):
            loader._words((Count(), Count()), (1,))
