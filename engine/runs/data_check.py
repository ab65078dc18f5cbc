# SPDX-License-Identifier: Apache-2.0
"""What `tandem data check` is asked to look at: a run's YAML, files, a folder of them, the sample market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import available_timezones

from engine.errors import InputError, Problem, nearest_name
from engine.market.judging.checkup import Checked, config_checks, path_checks, sample_checks
from engine.market.sources.layout import COMMAND, Layout
from engine.market.sources.slashed import ORDERS
from engine.model.run import SampleData


def checks_of(
    target: str, symbols: Sequence[str] = (), timezone: str = "", stamp: str = "", dates: str = ""
) -> list[Callable[[], Checked]]:
    """The checks a target asks for: a YAML file, another file, a folder, or "" for the sample market.

    timezone, stamp and dates are what the keys of `data` are in a YAML file, and only for files without one.
    Raises InputError where they are given beside one, or wrong; DataError where there is nothing to check.
    """
    described = not target or target.endswith((".yaml", ".yml"))
    if (timezone or stamp or dates) and described:
        words = "--timezone, --stamp and --dates are for files"
        raise InputError(f"{words}; a configuration has data.timezone, data.stamp and data.dates")
    if not target:
        return sample_checks(SampleData().seed, symbols)
    if described:
        from engine.config.loader import load_config

        loaded = load_config(target)
        return config_checks(loaded.config, loaded.base_dir, symbols)
    return path_checks(Path(target), symbols, _layout(timezone, stamp, dates))


def _layout(timezone: str, stamp: str, dates: str) -> Layout:
    if stamp not in {"", "open", "close"}:
        raise InputError(Problem("no such end of a bar", path="--stamp", found=stamp, allowed="open, close"))
    zones = available_timezones() if timezone else {"UTC"}
    if timezone and timezone not in zones:
        nearest = nearest_name(timezone, zones)
        raise InputError(Problem("no such time zone", path="--timezone", found=timezone, nearest=nearest))
    order = next((one for one in ORDERS if one == dates), None)
    if dates and order is None:
        raise InputError(Problem("no such order of a date", path="--dates", found=dates, allowed=", ".join(ORDERS)))
    return Layout(timezone or "UTC", "close" if stamp == "close" else "open", dates=order, prefix=COMMAND)
