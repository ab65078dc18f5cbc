# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files again: `python -m tests.golden.regenerate [NAME ...]`, all of them without a name.

Read the difference (`git diff tests/golden`) before you commit it: every line of it is a result that has changed, and
the commit should say why. Runs on real bars are left as they are where the bars are absent.
"""

import json
import sys

from tests.golden.digest import RUNS, digest, file_of, run
from tests.strategies.shipped import REAL_DATA


def main(names: list[str]) -> int:
    if unknown := set(names) - set(RUNS):
        sys.stderr.write(f"no such run: {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}\n")
        return 2
    for name in names or RUNS:
        if name.endswith("_real") and not (REAL_DATA / "daily").is_dir():
            sys.stdout.write(f"{name}: left as it is, no real bars in {REAL_DATA}\n")
            continue
        text = json.dumps(digest(run(name, REAL_DATA)), indent=2) + "\n"
        file = file_of(name)
        same = file.is_file() and file.read_text(encoding="utf-8") == text
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {'unchanged' if same else 'CHANGED'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
