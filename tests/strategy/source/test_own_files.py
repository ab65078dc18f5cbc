# SPDX-License-Identifier: Apache-2.0
"""Sources that Tandem puts down itself: in the cache, or in a folder that goes with the process, however it ends."""

import os
import signal
import subprocess
import sys

import pytest

from engine.strategy.source.own_files import folder_with

PROGRAM = """
import multiprocessing, os, signal, sys
from engine.strategy.source.own_files import folder_with

def use():
    return folder_with("rules", {"a.py": b"A = 1"})

def show():
    mine = use()
    assert (mine / "a.py").read_bytes() == b"A = 1"
    print(mine, flush=True)

if __name__ == "__main__":
    for method in sys.argv[2:]:
        one = multiprocessing.get_context(method).Process(target=show)
        one.start()
        one.join()
    show()
    match sys.argv[1]:
        case "error":
            raise ValueError
        case "exit":
            sys.exit(3)
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
"""
ENDS = {"well": 0, "error": 1, "exit": 3, "interrupt": -signal.SIGINT}
NOWHERE = "/proc/nowhere" if sys.platform == "linux" else "/dev/null/nowhere"


@pytest.mark.parametrize("how", ENDS)
def test_without_a_cache_nothing_is_left_behind(tmp_path, how):
    (tmp_path / "program.py").write_text(PROGRAM)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = {**os.environ, "TANDEM_CACHE_DIR": NOWHERE, "TMPDIR": str(temporary)}
    words = [sys.executable, str(tmp_path / "program.py"), how, *(("fork", "spawn") if how == "well" else ())]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == ENDS[how], done.stderr
    folders = done.stdout.splitlines()
    assert len(set(folders)) == len(folders) == len(words) - 2, "each process has its own"
    assert all(folder.startswith(str(temporary)) for folder in folders)
    assert list(temporary.iterdir()) == []


def test_in_the_cache_files_are_written_once_and_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    folder = folder_with("sent/x", {"a.py": b"A = 1", "b/c.py": b"C = 1"})
    assert folder == tmp_path / "sent" / "x"
    (folder / "a.py").touch()
    os.utime(folder / "a.py", ns=(0, 0))
    (folder / "b" / "c.py").write_bytes(b"C = 2")
    folder_with("sent/x", {"a.py": b"A = 1", "b/c.py": b"C = 1"})
    assert (folder / "a.py").stat().st_mtime_ns == 0
    assert (folder / "b" / "c.py").read_bytes() == b"C = 1", "what somebody has changed is not run"


def test_half_a_file_is_not_left_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    (tmp_path / "rules" / "a.py").mkdir(parents=True)  # nothing can be renamed over it
    folder = folder_with("rules", {"a.py": b"A = 1"})
    assert not folder.is_relative_to(tmp_path)
    assert (folder / "a.py").read_bytes() == b"A = 1"
    assert [one.name for one in (tmp_path / "rules").iterdir()] == ["a.py"]
