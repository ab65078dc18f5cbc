# SPDX-License-Identifier: Apache-2.0
"""The cache gives back what was built, notices every change of what determines it, and never stops a run."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.market import assemble as cold
from engine.market import cache
from engine.market.build import load_market
from engine.model.run import SeriesSource
from engine.notice import note


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "panels"


@pytest.fixture
def builds(monkeypatch):
    """Counts the panels that are built from their sources."""
    count = []
    original = cold.assemble
    monkeypatch.setattr(cold, "assemble", lambda *given: count.append(1) or original(*given))
    return count


def load(folder, **config):
    return load_market(folder.config(**config), (), ("rvx",), folder.path)


def same(one, other):
    return one.bars.tobytes() == other.bars.tobytes() and {
        name: getattr(one, name) for name in ("symbols", "series", "missing", "label", "fingerprint", "notices")
    } == {name: getattr(other, name) for name in ("symbols", "series", "missing", "label", "fingerprint", "notices")}


def test_a_second_load_maps_the_first(folder, builds, make_bars):
    folder.write("BBB.csv", make_bars(rows=50, seed=2))  # so that there are notices to keep
    first, second = load(folder), load(folder)
    assert len(builds) == 1
    assert same(first, second)
    assert second.notices
    assert not first.bars.flags.writeable
    assert not second.bars.flags.writeable
    assert isinstance(second.bars.base, np.memmap)
    assert first.fingerprint == cache.fingerprint(second.bars)


def test_whatever_determines_the_panel_makes_another(folder, own_cache, builds, make_bars, monkeypatch):
    load(folder)
    load(folder, roles={"small": "BBB", "large": "AAA"})
    load(folder, roles={"large": "AAA"})
    load(folder, data={"prices": "raw"})
    load(folder, data={"timezone": "America/New_York"})
    load(folder, series={"x": "AAA"})
    load(folder, series={"x": SeriesSource(symbol="AAA", column="high")})
    load(folder, series={"x": SeriesSource(symbol="AAA", stale_after=6)})
    load_market(folder.config(), (), (), folder.path)
    file = folder.path / "AAA.csv"
    os.utime(file, ns=(1, 1))
    load(folder)
    folder.write("AAA.csv", make_bars(rows=59))
    load(folder)
    monkeypatch.setattr("engine.market.build.LAYOUT", 2)
    load(folder)
    assert len(builds) == 12
    assert len(list(own_cache.iterdir())) == 12


@pytest.mark.parametrize("name", ["bars.npy", "meta.json"])
@pytest.mark.parametrize("harm", ["empty", "half", "flipped", "gone", "folder"])
def test_a_panel_that_is_not_what_was_written_is_built_again(folder, own_cache, builds, name, harm):
    first = load(folder)
    (place,) = own_cache.iterdir()
    file = place / name
    whole = file.read_bytes()
    file.unlink()
    if harm == "folder":
        file.mkdir()
    elif harm != "gone":
        flipped = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:] if name == "bars.npy" else b"[" + whole + b"]"
        file.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "flipped": flipped}[harm])
    second = load(folder)
    assert len(builds) == 2
    assert same(first, second)
    load(folder)
    assert len(builds) == 2  # what was written again is whole


def test_a_full_disk_costs_a_notice_and_leaves_nothing_behind(folder, own_cache, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    market = load(folder)
    why = f"the market cache {own_cache} cannot be written (No space left on device)"
    assert market.notices == (note(f"{why}; the next run reads the sources again"),)
    assert list(own_cache.iterdir()) == []
    assert len(market) == 60


def test_a_cache_folder_that_is_a_file_costs_a_notice(folder, own_cache):
    own_cache.parent.write_text("in the way")
    (notice,) = load(folder).notices
    assert "cannot be written" in notice.text


def test_two_processes_may_write_the_same_panel(folder, own_cache):
    market = load(folder)
    (place,) = own_cache.iterdir()
    assert cache.store(place.name, market) == ""
    assert [one.name for one in own_cache.iterdir()] == [place.name]


def test_the_panels_unused_for_longest_make_room(folder, monkeypatch):
    for count in (1, 2, 3):
        load(folder, roles={f"role{one}": "AAA" for one in range(count)})
    entries = cache.entries()
    for age, entry in enumerate(entries):
        os.utime(entry.path, ns=(10**18 - age, 10**18 - age))
    oldest = cache.entries()[-1]
    monkeypatch.setattr(cache, "MOST_BYTES", sum(entry.size for entry in entries))
    load(folder, roles={"one": "BBB"})
    left = cache.entries()
    assert oldest.path not in [entry.path for entry in left]
    assert left[0].symbols == {"one": "BBB"}
    assert sum(entry.size for entry in left) <= cache.LEFT * cache.MOST_BYTES + cache.META_BYTES


def test_while_there_is_room_no_panel_is_looked_at(folder, monkeypatch):
    load(folder)
    monkeypatch.setattr(cache, "_entries", lambda place: pytest.fail(f"{place} is scanned"))
    assert cache.store("0" * 32, load(folder)) == ""


@pytest.mark.parametrize("text", ["", "many", "-5"])
def test_a_count_that_is_lost_is_counted_again(folder, own_cache, text):
    market = load(folder)
    count = own_cache.with_suffix(".bytes")
    count.write_text(text)
    assert cache.store("0" * 32, market) == ""
    assert int(count.read_text()) == cache.entries()[-1].size + market.bars.nbytes + cache.META_BYTES


def test_what_a_killed_process_left_is_swept_away(folder, own_cache):
    load(folder)
    old, new = own_cache / ".old.tmp", own_cache / ".new.tmp"
    for path in (old, new):
        path.mkdir()
    os.utime(old, ns=(10**18, 10**18))
    load(folder, roles={"large": "AAA"})
    assert not old.exists()
    assert new.exists()


def test_entries_say_what_is_in_them(folder, own_cache):
    market = load(folder, series={"x": "BBB"})
    (own_cache / "rubbish").mkdir()
    (entry,) = cache.entries()
    assert (entry.symbols, entry.series, entry.bars, entry.frequency) == (market.symbols, market.series, 60, "1d")
    assert entry.size > market.bars.nbytes


def test_a_warm_load_imports_no_data_frame_library(folder):
    code = (
        "import sys; from pathlib import Path; from engine.model.run import *\n"
        "from engine.market.build import load_market\n"
        f"folder = Path({str(folder.path)!r})\n"
        "data = FolderData(source='csv', path=str(folder))\n"
        "config = RunConfig(name='t', strategy='s', roles={'large': 'AAA', 'small': 'BBB'}, data=data)\n"
        "print(load_market(config, (), (), folder).fingerprint)\n"
        "print(sorted({'pandas', 'pyarrow', 'exchange_calendars', 'numba'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    outputs = [
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )
        for _ in range(2)
    ]
    assert outputs[0][0] == outputs[1][0]
    assert outputs[1][1] == "[]"


def test_the_folder_follows_the_variable_else_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    assert cache.folder() == tmp_path / "panels"
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.folder().name == "panels"
    assert "tandem" in str(cache.folder())


def test_a_removed_cache_is_no_loss(folder, own_cache, builds):
    first = load(folder)
    shutil.rmtree(own_cache)
    assert same(first, load(folder))
    assert len(builds) == 2


def test_what_is_doubted_of_a_series_comes_back_with_its_days(folder, builds, make_bars):
    frame = make_bars(rows=60)
    folder.write("BBB.csv", make_bars(rows=60, seed=2))
    values = frame[["date", "close"]].rename(columns={"close": "value"}).iloc[:-2]
    folder.write("vix.csv", values)
    config = folder.config(series={"vix": SeriesSource(symbol="VIX", path="vix.csv", column="value")})
    first, second = (load_market(config, ("vix",), ("rvx",), folder.path) for _ in range(2))
    assert len(builds) == 1
    assert first.doubts == second.doubts
    absent = [day for one in second.doubts if one.series == "vix" for day in one.absent]
    assert absent == second.bars["session"][-2:].tolist()
