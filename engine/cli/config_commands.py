# SPDX-License-Identifier: Apache-2.0
"""`tandem config`: check a YAML file, explain its keys, write a new one, give editors the schema."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from engine.errors import InputError, Problem

if TYPE_CHECKING:
    from engine.strategy.base import Strategy

app = typer.Typer(help="Check, explain and write configuration files.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="YAML file.", show_default=False)]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Overrule one value; may be repeated.")
]
_FORMS = "A name, file.py or package.module:Class."
OfStrategy = Annotated[str, typer.Option("--strategy", metavar="NAME", help=_FORMS, show_default=False)]
Strategies = Annotated[
    list[str] | None, typer.Option("--strategy", metavar="NAME", help=f"{_FORMS} Repeat for a portfolio.")
]
From = Annotated[
    Literal["rules"] | None,
    typer.Option("--from", help="Write the strategy in Python that the rules of FILE stand for."),
]
OfRules = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="YAML file with rules, for --from.")]
Out = Annotated[Path | None, typer.Option("--out", help="File to write.", show_default="standard output")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]


@app.command()
def check(file: File, settings: Settings = None, as_json: AsJson = False) -> None:
    """Do all that a run of FILE does before its first bar, and tell what is wrong; exit code 2 if anything is."""
    from engine.runs.backtest import check as checked

    try:
        loaded, notices = checked(file, settings or ())
    except InputError as error:
        from engine.report.kit import problems

        if as_json:
            _print_json({"ok": False, "problems": [problems.as_json(problem) for problem in error.problems]})
        else:
            problems.show_problems(error, problems.error_console())
        raise typer.Exit(error.exit_code) from error
    if as_json:
        from engine.config.canonical import config_hash

        config = loaded.config.model_dump(mode="json", by_alias=True)
        _print_json(
            {
                "ok": True,
                "hash": config_hash(loaded.config),
                "notices": [one.as_dict() for one in notices],
                "config": config,
            }
        )
    else:
        from engine.report.config.terminal import show_loaded

        show_loaded(loaded, notices)


@app.command()
def schema(strategy: OfStrategy = "", out: Out = None) -> None:
    """Print the JSON schema of a configuration file, which makes editors complete and check keys."""
    import json

    from engine.config.schema import config_schema

    text = json.dumps(config_schema(_found(strategy) if strategy else None), indent=2, ensure_ascii=False) + "\n"
    _deliver(text, out, overwrite=True)


@app.command()
def explain(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="Such as `costs`, `fills.at` or `params.enter`; or a YAML file with rules.",
            show_default="all",
        ),
    ] = "",
    strategy: OfStrategy = "",
    as_json: AsJson = False,
) -> None:
    """Say what a key means: its type, unit, bounds and default. Without KEY: all of them.

    Of a YAML file with rules: the strategy in Python that they stand for.
    """
    if key.endswith((".yaml", ".yml")):
        sources = _python_of(Path(key))
        _print_json(sources) if as_json else typer.echo("\n\n".join(sources.values()), nl=False)
        return
    from engine.config.explain import Key, explained, param_keys
    from engine.strategy.params import declared_params

    own = param_keys(declared_params(_found(strategy).Params)) if strategy else []
    found = explained(key, own)
    if as_json:
        _print_json([{name: getattr(one, name) for name in Key.__dataclass_fields__} for one in found])
        return
    from engine.report.config.terminal import show_keys

    show_keys(found, hint=key.startswith("params") and not strategy)


@app.command()
def new(
    file: OfRules = None,
    strategy: Strategies = None,
    source: From = None,
    out: Out = None,
) -> None:
    """Write a commented YAML file of a strategy, ready to run on the sample market; overwrites nothing.

    Several strategies become sleeves of one account. With --from rules FILE: the strategy in Python.
    """
    if source is not None or file is not None or not strategy:
        _deliver(_new_source(file, strategy or [], source), out)
        return
    from engine.config.template import new_config, new_portfolio

    found = [(spec, _found(spec, out.parent if out else Path())) for spec in strategy]
    _deliver(new_config(*found[0]) if len(found) == 1 else new_portfolio(found), out)


def _new_source(file: Path | None, strategy: list[str], source: str | None) -> str:
    """The Python of the one set of rules in `file`."""
    if strategy or source is None or file is None:
        allowed = "--strategy NAME for a YAML file, or --from rules FILE for the Python of its rules"
        found = " ".join([*(["--from rules"] if source else []), *(["--strategy"] if strategy else [])])
        raise InputError(Problem("what is to be written?", found=found or str(file or ""), allowed=allowed))
    sources = _python_of(file)
    if len(sources) > 1:
        allowed = "a file for each sleeve: `tandem config explain FILE` prints them all"
        raise InputError(
            Problem("several sleeves have rules", file=str(file), found=", ".join(sources), allowed=allowed)
        )
    return next(iter(sources.values()))


def _python_of(file: Path) -> dict[str, str]:
    from engine.config.loader import load_config
    from engine.config.rules import written

    sources = written(load_config(file).config)
    if not sources:
        raise InputError(Problem("there are no rules in it", file=str(file), allowed="a key `rules`: docs/rules.md"))
    return sources


def _found(spec: str, base_dir: Path = Path()) -> "type[Strategy]":
    from engine.strategy.source.discover import find_strategy

    return find_strategy(spec, base_dir)


def _deliver(text: str, out: Path | None, *, overwrite: bool = False) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    from engine.report.folder.atomic_folder import write_whole

    if out.exists() and not overwrite:
        problem = Problem("this file exists and is not overwritten", file=str(out), allowed="a name that is free")
        raise InputError(problem)
    try:
        write_whole(text, out)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", file=str(out))) from error
    typer.echo(f"wrote {out}")


def _print_json(document: Any) -> None:
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
