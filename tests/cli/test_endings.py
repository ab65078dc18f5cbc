# SPDX-License-Identifier: Apache-2.0
"""Runs that are stopped from outside: Ctrl-C, kill, a full disk, a reader that is gone. Nothing half-written stays."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.cli import _cut_bytecode
from tests.programs import TANDEM

INTERRUPTED = "Interrupted; nothing half-written was left behind.\n"
BARS = 'return {"x": market.large.close}'
STAGES = {
    # What stands in rule.py so that the stage lasts, and says when it has begun.
    "reading the strategy": ("LARGE, SMALL = 0, 1", "SAY\n__import__('time').sleep(60)"),
    "computing features": (BARS, "SAY; __import__('time').sleep(60)"),
    "simulating": (BARS, "SAY; " + BARS),
}
SLOW = "for _ in range(100000000):\n            s.n = s.n + 1.0\n        "


def wait_for(there, process, seconds=60.0):
    """Poll until `there()` gives something, the process has ended, or time is up."""
    for _ in range(int(seconds / 0.001)):
        found = there()
        if found or process.poll() is not None:
            return found
        time.sleep(0.001)
    raise TimeoutError


def writing(desk):
    """The folders under results that are being written."""
    return [*(desk.folder / "out").glob("*/.writing-*")]


def runs(desk):
    """Run folders that a reader would see."""
    return [path for path in (desk.folder / "out").glob("t/2*") if path.is_dir()]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("number", "code", "says"),
    [(signal.SIGINT, 130, INTERRUPTED), (signal.SIGTERM, 143, "")],
    ids=["interrupted", "terminated"],
)
def test_stopped_in_a_stage(desk, stage, number, code, says):
    old, new = STAGES[stage]
    desk.replace("rule.py", old, new.replace("SAY", "open('begun', 'w').close()"))
    if stage == "simulating":
        desk.replace("rule.py", "    def features", "    class State:\n        n: float = 0.0\n\n    def features")
        desk.replace("rule.py", "if account.large.qty == 0.0:", SLOW + "if account.large.qty == 0.0:")
    process = desk.start("backtest", "run.yaml", "--mode", "interpreted")
    assert wait_for((desk.folder / "begun").exists, process)
    time.sleep(0.3)  # from the mark into the stage
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (code, "", says)
    assert desk.leftovers() == []


def test_interrupted_while_writing(desk):
    for _ in range(10):
        process = desk.start("backtest", "run.yaml")
        if wait_for(lambda: writing(desk), process):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert writing(desk) == []
        assert all((run / "report.html").is_file() and (run / "manifest.json").is_file() for run in runs(desk))
        if process.returncode == 130:
            assert (out, err) == ("", INTERRUPTED)
            return
        assert process.returncode == 0, err
    pytest.fail("ten runs were over before they could be interrupted")


def test_killed_while_writing_and_run_again(desk):
    for _ in range(10):
        process = desk.start("backtest", "run.yaml")
        if wait_for(lambda: writing(desk), process):
            process.kill()
        process.communicate(timeout=30)
        if writing(desk):
            break
    else:
        pytest.fail("ten runs were over before they could be killed")
    done = desk.tandem("backtest", "run.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert writing(desk) == []
    (run,) = runs(desk)
    assert (desk.folder / "out" / "t" / "latest").resolve() == run


def test_a_full_disk(desk):
    """A limit on the size of files stands for it: the system refuses to write in the same way."""

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    desk.env["PYTHONDONTWRITEBYTECODE"] = "1"  # Python 3.11 would leave half of one, and fail on it ever after
    says = ("cannot write the run folder out/t/20200121-20200131-", ": file too large; nothing of it was kept")
    (desk.folder / "out").mkdir()
    desk.refused("backtest", "run.yaml", code=1, says=says, preexec_fn=full)
    before = sorted(path.name for path in desk.folder.iterdir())
    done = desk.tandem("config", "schema", "--out", "s.json", preexec_fn=full)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written: File too large" in " ".join(done.stderr.split())
    assert sorted(path.name for path in desk.folder.iterdir()) == before
    desk.write("s.json", "mine")
    assert desk.tandem("config", "schema", "--out", "s.json", preexec_fn=full).returncode == 2
    assert (desk.folder / "s.json").read_text() == "mine"


def test_half_of_a_new_configuration_is_not_left(desk):
    """It would read as a whole one, with the defaults in the place of what is missing."""

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))

    desk.env["PYTHONDONTWRITEBYTECODE"] = "1"
    done = desk.tandem("config", "new", "--strategy", "spread_trade", "--out", "new.yaml", preexec_fn=full)
    assert done.returncode == 2
    assert "cannot be written: File too large" in " ".join(done.stderr.split())
    assert not [path.name for path in desk.folder.iterdir() if "new.yaml" in path.name]
    assert desk.tandem("config", "new", "--strategy", "spread_trade", "--out", "/dev/full").returncode == 2


def test_a_file_that_a_link_names_is_written_where_it_lies(desk):
    desk.write("schemas/real.json", "old")
    (desk.folder / "s.json").symlink_to("schemas/real.json")
    assert desk.tandem("config", "schema", "--out", "s.json").returncode == 0
    assert (desk.folder / "s.json").is_symlink()
    assert (desk.folder / "schemas" / "real.json").read_text().startswith("{")


@pytest.mark.parametrize("file", ["out", "out/t"])
def test_a_file_where_the_results_go(desk, file):
    desk.write(file, "mine")
    done = desk.tandem("backtest", "run.yaml", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"a file stands where the run folders go\n   at {file}\n" in done.stderr
    assert (desk.folder / file).read_text() == "mine"


def test_a_market_cache_that_cannot_be_written_costs_a_notice_alone(desk):
    desk.write("cache", "no folder")
    desk.env["TANDEM_CACHE_DIR"] = str(desk.folder / "cache")
    done = desk.tandem("backtest", "run.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot be written" in done.stdout


def test_a_market_cache_that_is_broken_is_made_again(desk):
    desk.env["TANDEM_CACHE_DIR"] = str(desk.folder / "cache")
    first = desk.tandem("backtest", "run.yaml")
    for file in (desk.folder / "cache" / "panels").glob("*/*"):
        file.write_bytes(file.read_bytes()[:-3] + b"???")
    again = desk.tandem("backtest", "run.yaml")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[:-3] == first.stdout.splitlines()[:-3]


@pytest.mark.parametrize("words", [("config", "schema"), ("runs", "list", "--results", "out")])
def test_a_reader_that_leaves(desk, words):
    desk.write("out/t/keep", "")
    reading, writing_end = os.pipe()
    os.close(reading)
    done = desk.tandem(*words, stdout=writing_end)
    os.close(writing_end)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_behind_the_output(desk):
    with Path("/dev/full").open("w") as full:
        done = desk.tandem("config", "check", "run.yaml", "--json", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "error cannot write the output: no space left on device\n"


def test_no_output_at_all(desk):
    done = subprocess.run(
        ["/bin/sh", "-c", f"{Path(sys.executable).with_name('tandem')} config check run.yaml >&-"],
        cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_compiled_module_that_was_cut_is_named(desk, kept):
    """As a full disk leaves it; Python does not look whether a .pyc is whole."""
    copies = desk.folder / "copies"
    env = {**desk.env, "PYTHONPYCACHEPREFIX": str(copies)}
    words = [TANDEM, "config", "check", "run.yaml"]
    subprocess.run(words, cwd=desk.folder, env=env, capture_output=True, check=True)
    (copy,) = copies.rglob("engine/config/loader.*.pyc")
    copy.write_bytes(copy.read_bytes()[: int(kept * copy.stat().st_size)])
    done = subprocess.run(words, cwd=desk.folder, env=env, capture_output=True, text=True, check=False)
    said = " ".join(done.stderr.split())
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "Python's compiled copy of a module is damaged" in said
    assert f"delete {copy}, and the same command runs" in said
    copy.unlink()
    assert subprocess.run(words, cwd=desk.folder, env=env, capture_output=True, check=False).returncode == 0


def test_what_is_no_cut_module_keeps_its_own_words():
    with pytest.raises(ValueError, match="could not convert") as told:
        float("none")
    assert _cut_bytecode(told.value) == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="this system has no such names")
@pytest.mark.parametrize(
    ("words", "inside"),
    [
        (("backtest", "run.yaml"), True),
        (("stress", "run.yaml"), True),
        (("data", "check", b"caf\xe9/bars"), False),
        (("compare", "AAA", "BBB", "--data", b"caf\xe9/bars"), False),
    ],
)
def test_a_name_that_is_no_text_is_refused(desk, words, inside):
    """A folder from a system with another encoding: no file of ours can name it, and no traceback says so."""
    folder = os.fsencode(desk.folder) + b"/caf\xe9"
    shutil.copytree(os.fsencode(desk.folder), folder)
    there = folder if inside else os.fsencode(desk.folder)
    done = subprocess.run([TANDEM, *words], cwd=there, capture_output=True, check=False, timeout=120)
    said = done.stderr.decode()
    assert (done.returncode, "Traceback" in said) == (2, False), said
    assert "a name of a file or folder that is no text in UTF-8" in said
    assert "caf\\xe9" in said
    assert not list(desk.folder.rglob(".writing*"))
