# SPDX-License-Identifier: Apache-2.0
"""`tandem note`: what several configurations decided at the last close, for a person and for a scheduler."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.backtest_commands import JSON, SET

if TYPE_CHECKING:
    from engine.config.loader import LoadedConfig
    from engine.paper.alerts import Alerts

UNDELIVERED = 3
"""Exit code where the note reached nobody, or not everybody."""


class Form(StrEnum):
    """What a command or a webhook gets."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


MEDIA = {Form.TEXT: "text/plain; charset=utf-8", Form.HTML: "text/html; charset=utf-8", Form.JSON: "application/json"}

GIVEN = Annotated[
    list[Path],
    typer.Argument(metavar="FOLDER|CONFIG...", help="Configurations, or folders of them.", show_default=False),
]
ASOF = Annotated[str | None, typer.Option(metavar="DATE", help="Session to decide on; default: the last.")]
NEAR = Annotated[float, typer.Option(metavar="PERCENT", min=0.0, help="How close to the close a level is, to be told.")]
HTML = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the page, self-contained.")]
TEXT = Annotated[Path | None, typer.Option("--text", metavar="FILE", help="Write the text of a mail.")]
COMMAND = Annotated[
    str | None, typer.Option(metavar="WORDS", help="Gets the note on its standard input; no shell is asked.")
]
WEBHOOK = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Gets it as the body of a POST.")]
FORM = Annotated[Form, typer.Option("--as", help="What command and webhook get.")]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("note")(note)


def note(
    given: GIVEN,
    asof: ASOF = None,
    set_: SET = None,
    near: NEAR = 2.0,
    html: HTML = None,
    text: TEXT = None,
    command: COMMAND = None,
    webhook: WEBHOOK = None,
    form: FORM = Form.TEXT,
    json_: JSON = False,
) -> None:
    """Show the morning note: regimes, alarms, orders to send, levels near, books, paper accounts, ages of data.

    Exit code 1: a decision is stale, or a paper account needs a person. 2: a configuration could not be decided; the
    others are. 3: the note was not delivered.
    """
    from engine.cli.progress import watched
    from engine.cli.signals_command import as_date
    from engine.report.folder.run_folder import write_page
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console
    from engine.report.note import page, terminal
    from engine.report.note.document import document
    from engine.runs.note import configurations
    from engine.runs.note import note as gather

    alerts = _alerts(command, webhook)
    asked, files = as_date(asof), configurations(given)
    _refuse_inputs(files, {"--html": html, "--text": text})
    with watched() as watch:
        found = gather(files, asked, set_ or (), _paper, watch)
    shown = document(found, near / 100.0)
    if html:
        write_page(page.render(shown), html)
    if text:
        write_page(terminal.text(shown), text)
    if json_:
        typer.echo(to_json(shown))
    else:
        terminal.show(shown, console())
    code = int(shown["exit_code"])
    if alerts is not None:
        made = {
            Form.TEXT: terminal.text,
            Form.HTML: page.render,
            Form.JSON: to_json,
        }[form](shown)
        code = code if _delivered(alerts, made, MEDIA[form]) else UNDELIVERED
    raise typer.Exit(code)


def _refuse_inputs(files: Sequence[Path], written: Mapping[str, Path | None]) -> None:
    """Refuse to write over a configuration that is read, and what no file can be called. Raises InputError."""
    from engine.errors import InputError, Problem
    from engine.model.file_names import check_name

    for option, path in written.items():
        if path is not None:
            check_name(path, option)
        if path is not None and path.resolve() in {file.resolve() for file in files}:
            message = "this would overwrite a configuration that the note reads"
            raise InputError(Problem(message, path=option, found=str(path), allowed="another file"))


def _alerts(command: str | None, webhook: str | None) -> "Alerts | None":
    """Who gets the note; None where nobody is named. Raises InputError for what cannot be."""
    import shlex

    from engine.errors import InputError, Problem
    from engine.paper.alerts import Alerts

    if command is None and webhook is None:
        return None
    if webhook is not None and not webhook.startswith(("http://", "https://")):
        allowed = "an address that begins with https:// or http://"
        raise InputError(Problem("no webhook", path="--webhook", found=webhook, allowed=allowed))
    try:
        words = shlex.split(command or "")
    except ValueError as wrong:
        raise InputError(Problem(f"no command: {wrong}", path="--command", found=str(command))) from None
    if command is not None and not words:
        raise InputError(
            Problem("no command", path="--command", found=repr(command), allowed="a program and its words")
        )
    return Alerts(words, webhook or "", _say)


def _say(_: str, **fields: object) -> None:
    """What the alerts' log would have: here on the error stream."""
    typer.echo(f"the note was not delivered to the {fields['way']}: {fields['why']}", err=True)


def _delivered(alerts: "Alerts", body: str, media: str) -> bool:
    import asyncio

    return asyncio.run(alerts.deliver(body, media))


def _paper(ready: "LoadedConfig") -> Mapping[str, Any] | None:
    """How the paper account of a configuration stands, or why it cannot be read; None where none was ever run."""
    from engine.cli.paper_start import journal_of, kill_file_of, reading
    from engine.errors import TandemError

    if not journal_of(ready).is_file():
        return None
    from engine.paper.views.standing import standing

    try:
        with reading(ready) as journal:
            return standing(journal, kill_file_of(ready))
    except TandemError as error:
        return {"unreadable": str(error)}
