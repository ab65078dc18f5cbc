# SPDX-License-Identifier: Apache-2.0
"""A run folder or a file is there whole, also where several processes publish the same run at once."""

import errno
import os
import subprocess
import sys

import pytest

from engine.errors import InputError, RunError
from engine.report.folder.atomic_folder import REPLACED, whole_folder, write_whole

PUBLISH = """
import sys
from pathlib import Path
from engine.report.folder.atomic_folder import whole_folder
for _ in range(int(sys.argv[2])):
    with whole_folder(Path(sys.argv[1])) as folder:
        (folder / "a").write_text("whole")
        (folder / "b").write_text("whole")
"""


def test_processes_that_publish_the_same_run_at_once_all_succeed(tmp_path):
    target = tmp_path / "name" / "run"
    command = [sys.executable, "-c", PUBLISH, str(target), "150"]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert said == [""] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert [path.name for path in target.parent.iterdir()] == ["run"]
    assert sorted(path.name for path in target.iterdir()) == ["a", "b"]


def test_what_another_process_has_just_put_there_steps_aside(tmp_path, monkeypatch):
    """The narrow moment itself: between stepping aside and taking the place, another run appears."""
    target = tmp_path / "run"
    rename, put = type(target).rename, []

    def meddled(path, other):
        if other == target and not put:
            put.append(target)
            target.mkdir()
            (target / "a").write_text("theirs")
        return rename(path, other)

    monkeypatch.setattr(type(target), "rename", meddled)
    with whole_folder(target) as folder:
        (folder / "a").write_text("ours")
    assert put
    assert (target / "a").read_text() == "ours"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_disk_that_refuses_leaves_the_old_run_where_it_was(tmp_path, monkeypatch):
    target = tmp_path / "run"
    target.mkdir()
    (target / "a").write_text("old")
    rename = type(target).rename

    def full(path, other):
        if other == target and not path.name.startswith(REPLACED):
            raise OSError(errno.ENOSPC, "full")
        return rename(path, other)

    monkeypatch.setattr(type(target), "rename", full)
    with pytest.raises(RunError, match="no space left"), whole_folder(target) as folder:
        (folder / "a").write_text("new")
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_link_stays_a_link(tmp_path):
    kept, link = tmp_path / "kept.yaml", tmp_path / "link.yaml"
    kept.write_text("old")
    link.symlink_to(kept)
    write_whole("new\n", link)
    assert link.is_symlink()
    assert kept.read_bytes() == b"new\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.yaml", "link.yaml"]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    """A pipe, as a device such as /dev/null is one too: its reader gets the text."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole("said\n", pipe)
        assert os.read(reader, 100) == b"said\n"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_folder_whose_name_leaves_no_room_for_those_beside_it(tmp_path):
    with (
        pytest.raises(InputError, match="too long for the name of a file: 255 bytes"),
        whole_folder(tmp_path / ("a" * 255)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
