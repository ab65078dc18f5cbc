# SPDX-License-Identifier: Apache-2.0
"""Finding the file of a symbol, without reading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.errors import DataError, Problem, nearest_name
from engine.model.file_names import long_name

SUFFIXES = (".csv", ".parquet", ".gz", ".zip")
PACKED = (".csv.gz", ".csv.zip", ".zip")
"""What a packed CSV file may be called; one that is not packed comes first."""
SHOWN = 15
"""How many names a message lists before it says how many more there are."""


def resolve(given: str, base_dir: Path, where: str) -> Path:
    """A path as the configuration gives it: relative to `base_dir`, then to the working directory.

    Raises DataError with the nearest name beside it where neither exists, and for what no file can be called.
    """
    wanted = Path(given).expanduser()
    problem = long_name(wanted, where)
    if problem:
        raise DataError(problem)
    places = [wanted] if wanted.is_absolute() else [base_dir / wanted, Path.cwd() / wanted]
    for place in places:
        if place.exists():
            return place.resolve()
    parent = next((place.parent for place in places if place.parent.is_dir()), None)
    beside = sorted(entry.name for entry in parent.iterdir()) if parent else []
    raise DataError(
        Problem(
            "no such file or folder",
            path=where,
            found=given,
            allowed="a path relative to the configuration's folder or to the working directory",
            nearest=nearest_name(wanted.name, beside),
        )
    )


def find(folder: Path, symbol: str, suffix: str, files: Mapping[str, str]) -> Path:
    """The file of `symbol`: the one `files` names, else SYMBOL.suffix in `folder` or in exactly one folder below it.

    Raises DataError where there is none, or more than one.
    """
    if not folder.is_dir():
        raise DataError(Problem("not a folder", path="data.path", found=str(folder)))
    if symbol in files:
        return resolve(files[symbol], folder, f"data.files.{symbol}")
    name = f"{symbol}{suffix}"
    below = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    names = [name, *(f"{symbol}{packed}" for packed in PACKED if suffix == ".csv")]
    found = _called(names, [folder, *below])
    if len({path.parent for path in found}) > 1 or len({path.name.casefold() for path in found}) < len(found):
        raise DataError(
            Problem(
                f"more than one file is called {name}",
                path="data.files",
                found=words(str(path.relative_to(folder)) for path in found),
                allowed=f"one of them named in data.files: {{{symbol}: {found[0].relative_to(folder)}}}",
            )
        )
    if found:
        return found[0].resolve()
    there = sorted({path.stem for place in [folder, *below] for path in place.glob(f"*{suffix}")})
    raise DataError(
        Problem(
            f"no file {name} in {folder} or one folder below",
            path="data.path",
            found=symbol,
            allowed=words(there) or f"none: there is no {suffix} file at all",
            nearest=nearest_name(symbol, there),
        )
    )


def symbol_of(file: Path) -> str:
    """The symbol that a file is called by: `SPY` of SPY.csv, SPY.parquet, SPY.csv.gz and SPY.zip."""
    return next((file.name.removesuffix(end) for end in PACKED if file.name.endswith(end)), file.stem)


def words(names: Iterable[str]) -> str:
    """Names as a message lists them, cut where there are too many."""
    listed = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def _called(names: Sequence[str], places: Iterable[Path]) -> list[Path]:
    """Files of these names in any case, by the order of the names; a link to another of them is no second file."""
    order = {name.casefold(): rank for rank, name in reversed(list(enumerate(names)))}
    there = [path for place in places for path in sorted(place.iterdir()) if path.name.casefold() in order]
    ranked = sorted(there, key=lambda path: (order[path.name.casefold()], path.name not in names))
    files = list({path.resolve(): path for path in reversed(ranked) if path.is_file()}.values())[::-1]
    return files or ranked  # a folder of that name is told when it is read
