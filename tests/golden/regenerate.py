# SPDX-License-Identifier: Apache-2.0
"""Writes golden files again: `python -m tests.golden.regenerate NAME ... --because "what has changed, and why"`.

Every line of `git diff tests/golden` is a result that has changed. Only the runs that are named are written, and the
reason stands in CHANGES.md beside them; it is printed once more for the message of the commit. Runs on real bars are
left as they are where the bars are absent.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.golden.digest import FOLDER, RUNS, digest, file_of, run
from tests.strategies.shipped import REAL_DATA

CHANGES = FOLDER / "CHANGES.md"
LEAST_WORDS = 3
"""A reason is a sentence."""


def main(arguments: list[str]) -> int:
    """Write what is named; 2 where the names or the reason are missing or wrong, and nothing is written then."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.regenerate", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", choices=RUNS, help=f"one of {', '.join(RUNS)}")
    parser.add_argument("--because", required=True, metavar="REASON", help="what has changed, and why it may")
    asked = parser.parse_args(arguments)
    reason = " ".join(asked.because.split())
    if len(reason.split()) < LEAST_WORDS:
        parser.error(f"--because: {reason!r} is no reason; say in a sentence what has changed, and why it may")
    changed = [name for name in dict.fromkeys(asked.names) if regenerated(name)]
    if changed:
        note(CHANGES, changed, reason)
        sys.stdout.write(f"\nFor the commit: {reason} ({', '.join(changed)})\n")
    return 0


def regenerated(name: str) -> bool:
    """Write one file; whether it is another than before."""
    if name.endswith("_real") and not (REAL_DATA / "daily").is_dir():
        sys.stdout.write(f"{name}: left as it is, no real bars in {REAL_DATA}\n")
        return False
    text = json.dumps(digest(run(name, REAL_DATA)), indent=2) + "\n"
    file = file_of(name)
    same = file.is_file() and file.read_text(encoding="utf-8") == text
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{name}: {'unchanged' if same else 'CHANGED'}\n")
    return not same


def note(file: Path, names: list[str], reason: str) -> None:
    """Add one line to the list of changes, under those that are there."""
    file.write_text(f"{file.read_text(encoding='utf-8')}- {', '.join(names)}: {reason}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
