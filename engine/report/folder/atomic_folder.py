# SPDX-License-Identifier: Apache-2.0
"""Folders and files that are there whole or not at all: written beside their place, then renamed into it."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import RunError
from engine.model.file_names import MOST_BYTES, beside, check_name

WRITING, REPLACED = ".writing-", ".replaced-"
"""Prefixes of a folder being written and of one that is being replaced; both end in host and process number."""


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends well; nothing is left when not.

    An existing `target` is replaced. What killed processes left behind is swept first.
    Raises RunError with the operating system's reason, such as a full disk; InputError where its name leaves no room
    for those of the temporary folders beside it.
    """
    check_name(target, most=MOST_BYTES - len(f"{REPLACED}-{_owner()}".encode()))
    temporary = target.parent / f"{WRITING}{target.name}-{_owner()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        _take_place(temporary, target)
    except OSError as error:
        raise RunError(
            f"cannot write the run folder {target}: {plain_reason(error)}; nothing of it was kept"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not target.exists():
            with suppress(OSError):  # where the folder around it holds other runs
                target.parent.rmdir()


def write_whole(text: str, file: Path) -> None:
    """Write `file`, UTF-8 with lines ended by a line feed, whole or not at all; what it held before stays till then.

    A link stays a link, and what is no file, such as /dev/stdout, is written to as it is: it must not be replaced.
    Raises OSError as the disk refuses, InputError where no file can be called so.
    """
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8", newline="\n")
        return
    whole = file.resolve()
    check_name(whole)
    temporary = whole.with_name(beside(whole.name))
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(whole)
    finally:
        temporary.unlink(missing_ok=True)


def plain_reason(error: OSError) -> str:
    """The operating system's reason in its own words, also where a library has wrapped it in more."""
    return (os.strerror(error.errno) if error.errno else str(error)).lower()


def _take_place(temporary: Path, target: Path) -> None:
    """Rename into place. A folder cannot be renamed over a full one, so the old one steps aside for a moment.

    Another process may put the same run there in that moment: it is whole too, and steps aside in its turn.
    """
    aside = target.parent / f"{REPLACED}{target.name}-{_owner()}"
    try:
        while True:
            with suppress(FileNotFoundError):
                target.rename(aside)
            try:
                temporary.rename(target)
                break
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
            shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        with suppress(OSError):
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove temporary folders of processes of this machine that no longer run; put back what was being replaced."""
    for prefix in (REPLACED, WRITING):
        for folder in sorted(parent.glob(f"{prefix}*")):
            name, host, number = folder.name.removeprefix(prefix).rsplit("-", 2)
            if host != _host() or not number.isdigit() or _alive(int(number)):
                continue
            if prefix == REPLACED and not (parent / name).exists():
                with suppress(OSError):  # another process was quicker
                    folder.rename(parent / name)
            elif folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.unlink(missing_ok=True)


def point_latest(target: Path, name: str = "latest") -> None:
    """Make `latest` beside `target` name it: a symbolic link, or a text file where links cannot be made."""
    link = target.parent / name
    temporary = target.parent / f"{WRITING}{name}-{_owner()}"
    temporary.unlink(missing_ok=True)
    try:
        temporary.symlink_to(target.name, target_is_directory=True)
    except (OSError, NotImplementedError):
        temporary.write_text(target.name + "\n", encoding="utf-8")
    try:
        temporary.replace(link)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(f"cannot write {link}: {plain_reason(error)}; the run itself is in {target}") from error


def _owner() -> str:
    return f"{_host()}-{os.getpid()}"


def _host() -> str:
    return socket.gethostname().replace("-", "_").replace(os.sep, "_")


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False  # a name of our own: we write one folder at a time
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
