# SPDX-License-Identifier: Apache-2.0
"""`python -m benchmarks NAME [--json]`: run one benchmark and print its figures."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import machine
from benchmarks.show import show
from engine.errors import TandemError

NAMES = {
    "kernel": "ns per bar-step of the compiled spread trade with every cost, on a million bars",
    "steps": "ns per bar-step of the kernel step by step, beside a bare loop, in turns",
    "options": "ns per bar-step while two option contracts are held and marked on every bar",
    "agents": "ns per bar-step of the Double Agent, its bull in shares and in call spreads, on a million bars",
    "hedges": "ns per bar-step of the VIX hedges, sold net, in puts and in put spreads, on a million bars",
    "rules": "ns per bar-step of six rules in YAML, and of the same rules in Python, in turns",
    "roles": "ns per bar-step of a rotation over a list of two roles and of fifty, on daily bars",
    "memory": "peak memory of a million bars against the bytes of the data",
    "moved": "time, page faults and bytes moved of W2b's rule on a million bars, beside a copy of as many",
    "process": "the default backtest as a whole process, cold and warm, and tandem --help",
    "sweep": "a thousand parameter sets on twenty-five years of daily bars, one core",
    "sets": "peak memory and time a set of a sweep over windows, from a thousand sets to a hundred thousand",
    "cluster": "a sweep by two Dask workers against one, in turns; what a task costs and what travels with it",
    "bridge": "connect, compare and first order through bridge and sandbox; memory over ten thousand orders",
    "significance": "200 sweeps of noise, planted edges, coverage of intervals: what the statistics call merit",
    "peers": "side by side with other engines (needs their scripts, see --harness)",
    "against": "processor time over that of an older checkout, in turns (needs --checkout)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every benchmark asked for ran, or says why it was skipped; 1 when one failed."""
    given = _parser().parse_args(arguments)
    if given.name == "list":
        print("\n".join(f"{name:12s} {words}" for name, words in NAMES.items()))
        return 0
    documents = []
    for name in NAMES if given.name == "all" else [given.name]:
        try:
            document = {"benchmark": name, "machine": machine(), "figures": _measure(name, given)}
        except TandemError as error:
            sys.stderr.write(f"error: {name}: {error}\n")
            return error.exit_code
        documents.append(document)
        if not given.json:
            show(document)
    if given.json:
        print(json.dumps(documents if given.name == "all" else documents[0], indent=2))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*NAMES, "all", "list"])
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")
    parser.add_argument("--repeats", type=_positive, help="how often; each benchmark has its own default")
    parser.add_argument("--harness", type=Path, dest="harness_folder", help="peers: folder of the peers' scripts")
    parser.add_argument("--works", type=_words, help="peers, against: only these, as W1,W2b")
    parser.add_argument("--checkout", type=Path, help="against: folder of the older checkout, with its environment")
    parser.add_argument("--sets", type=_positive, help="cluster, rules: combinations of the sweep")
    parser.add_argument("--bars", type=_positive, help="against: minute bars of kernel, agents and hedges")
    return parser


def _measure(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """Call benchmarks.NAME.measure with the options that it knows and that were given."""
    measure = importlib.import_module(f"benchmarks.{name}").measure
    known = inspect.signature(measure).parameters
    options = {key: value for key, value in vars(given).items() if key in known and value is not None}
    figures: dict[str, Any] = measure(**options)
    return figures


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        msg = f"{number} is not at least 1"
        raise argparse.ArgumentTypeError(msg)
    return number


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


if __name__ == "__main__":
    sys.exit(main())
