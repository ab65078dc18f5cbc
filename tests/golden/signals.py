# SPDX-License-Identifier: Apache-2.0
"""The decisions of five days on real bars as a trader reads them: texts of `tandem signals`, one file a strategy.

Writes them again: `python -m tests.golden.signals NAME ... --because "what has changed, and why"`; the reason stands in
CHANGES.md beside those of the runs. NAME is a configuration without `_real`, or `all`.
"""

import argparse
import datetime as dt
import io
import os
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.golden.digest import FOLDER
from tests.golden.regenerate import CHANGES, LEAST_WORDS, note
from tests.strategies.shipped import REAL_DATA, ROOT

TEXTS = FOLDER / "signals"
DAYS = tuple(
    dt.date.fromisoformat(day) for day in ("2007-07-24", "2020-03-16", "2024-07-11", "2024-08-05", "2025-04-04")
)
NAMES = (
    "spread", "double_agent", "double_agent_fund", "double_agent_calls", "vix_hedge", "vix_hedge_fund",
    "vix_hedge_puts", "vix_hedge_index_puts", "fund_replica", "classic_book", "portfolio",
)  # fmt: skip
EQUITY = 100_000.0
"""Of the account that holds nothing and follows the decision, where the strategy has no option slots."""


def file_of(name: str) -> Path:
    """Where the texts of a strategy stand."""
    return TEXTS / f"{name}.txt"


def days_of(name: str) -> tuple[dt.date, ...]:
    """The days up to the first beyond the end of the configuration's period: of that one the text says that it is."""
    from engine.config.loader import load_config

    end = load_config(ROOT / "configs" / f"{name}_real.yaml", [f"data.path={REAL_DATA}"]).config.period.end
    within = [day for day in DAYS if end is None or day <= end]
    return (*within, *[day for day in DAYS if day not in within][:1])


def text(name: str) -> str:
    """What the terminal of 80 columns shows of each day, without the folder of the bars."""
    return "\n".join(text_of(name, day) for day in days_of(name))


def text_of(name: str, day: dt.date) -> str:
    """What it shows of one day."""
    from engine.config.loader import load_config
    from engine.errors import InputError
    from engine.report.signals.terminal import show
    from engine.runs.signals.account_decision import Holdings
    from engine.runs.signals.run import sessions_since, signals

    ready = load_config(ROOT / "configs" / f"{name}_real.yaml", [f"data.path={REAL_DATA}", "mode=interpreted"])
    try:
        decided = signals(ready, day, Holdings(EQUITY))
    except InputError as refused:
        if "option slots" not in str(refused):
            raise
        decided = signals(ready, day)
    market = replace(decided.result.market, label="csv $TANDEM_DATA")  # a longer path would break other lines
    decided = replace(decided, result=replace(decided.result, market=market))
    console = Console(width=80, file=io.StringIO(), highlight=False, color_system=None)
    show(decided, sessions_since(decided.result.market, day), console, past=True)
    lines = [line.rstrip() for line in console.file.getvalue().rstrip().splitlines()]
    return "\n".join([f"===== {day} =====", *lines, ""])


def main(arguments: list[str]) -> int:
    """Write what is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.signals", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", choices=[*NAMES, "all"])
    parser.add_argument("--because", required=True, metavar="REASON")
    asked = parser.parse_args(arguments)
    reason = " ".join(asked.because.split())
    if len(reason.split()) < LEAST_WORDS:
        parser.error(f"--because: {reason!r} is no reason; say in a sentence what has changed, and why it may")
    changed = []
    TEXTS.mkdir(exist_ok=True)
    for name in NAMES if "all" in asked.names else asked.names:
        made, file = text(name), file_of(name)
        if not file.is_file() or file.read_text(encoding="utf-8") != made:
            file.write_text(made, encoding="utf-8")
            changed.append(name)
    if changed:
        note(CHANGES, [f"signals of {', '.join(changed)}"], reason)
    sys.stdout.write(f"changed: {', '.join(changed) or 'nothing'}\n")
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
