# SPDX-License-Identifier: Apache-2.0
"""What a file can be called: where a name that a person gave would not do, before anything runs."""

import errno
import hashlib
import os
from pathlib import Path

from engine.errors import InputError, Problem

MOST_BYTES = 255
"""Of one name, in UTF-8: what Linux, macOS and Windows take; some file systems take less."""


def long_name(path: str | Path, where: str = "", most: int = MOST_BYTES) -> Problem | None:
    """Why no file or folder can be called `path`; None where one can, whether it is there or not.

    where  the option or key that names it
    most   bytes that its own name, the last one of the path, may have; each of the others may have MOST_BYTES
    """
    parts = Path(path).parts
    allowed = "a name of at most {} bytes in UTF-8"
    for place, part in enumerate(parts, 1):
        limit = most if place == len(parts) else MOST_BYTES
        size = len(os.fsencode(part))
        if size > limit:
            message = f"too long for the name of a file: {size} bytes"
            return Problem(message, path=where, found=str(path), allowed=allowed.format(limit))
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            message = f"longer than the system takes here: {len(os.fsencode(path))} bytes"
            return Problem(message, path=where, found=str(path), allowed="a shorter path, of shorter names")
    except ValueError:  # a character that no name has: whoever looks for it finds no such file
        pass
    return None


def readable(path: str | Path) -> str:
    r"""The name as text that can be written down: a byte that is no UTF-8 is `\xff`."""
    return os.fsencode(path).decode(errors="backslashreplace")


def no_text(path: str | Path) -> Problem | None:
    """Why no text, page or mail can name `path`: bytes that are no UTF-8. None where all of them can."""
    try:
        str(path).encode()
    except UnicodeEncodeError:  # what Python lets stand for such bytes can be written to no file
        message = "a name of a file or folder that is no text in UTF-8"
        return Problem(message, found=readable(path), allowed="another name")
    return None


def check_name(path: str | Path, where: str = "", most: int = MOST_BYTES) -> None:
    """Raise InputError where no file or folder can be called `path`. Arguments as of `long_name`."""
    problem = long_name(path, where, most)
    if problem is not None:
        raise InputError(problem)


def beside(name: str) -> str:
    """What the file `name` is called while this process writes it: a hidden name in the same folder."""
    made = f".{name}.{os.getpid()}"
    if len(os.fsencode(made)) <= MOST_BYTES:
        return made
    return f".{hashlib.sha256(os.fsencode(name)).hexdigest()}.{os.getpid()}"
