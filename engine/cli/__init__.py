# SPDX-License-Identifier: Apache-2.0
"""`tandem`: the command line. `engine.cli.application` lists the commands; here is how each of them ends."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys

from engine.cli.plain_output import write_what_fits
from engine.cli.stopping import Stopped, stop_in_order
from engine.errors import InputError, Problem, RunError, TandemError, left_the_debugger

INTERRUPTED = 130

COLLECT_AFTER = 250_000
"""Objects made and not dropped before Python looks for cycles among them.

A backtest ends with half as many, most of them modules that stay; by Python's own 700 it looks through them over 300
times, a seventh of the command. Whoever goes on for longer is collected as ever: these are some tens of megabytes.
"""


def main() -> None:
    """Entry point: one clear message and an exit code in place of every traceback we can foresee.

    0 fine, 1 the run failed or a check did not hold, 2 the user's input is wrong, 130 interrupted, 128 + n stopped by
    signal n.
    """
    gc.set_threshold(COLLECT_AFTER)
    try:
        stop_in_order()
        write_what_fits()
        _run()
    except TandemError as error:
        _say(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except Stopped as stopped:
        sys.exit(128 + stopped.number)
    except MemoryError:
        _say(RunError("there is not enough memory for this"))
        sys.exit(RunError.exit_code)
    except Exception as error:
        if _cut_bytecode(error):
            _say(_damaged(error))
            sys.exit(RunError.exit_code)
        if not left_the_debugger(error):
            raise
        _interrupted()
    finally:
        gc.freeze()  # the interpreter looks for cycles twice on its way out, and all memory goes back in any case


def _run() -> None:
    """Run the command and hand its output over; what reads it may be gone (`| head`), what holds it may be full."""
    from engine.cli.application import app

    for word in sys.argv[1:]:
        _refuse_no_text(word)
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:  # it is where the command was started with >&-
                sys.stdout.flush()
    except SystemExit as stopped:
        cause = stopped.__context__ and stopped.__context__.__cause__
        if isinstance(cause, EOFError) and _cut_bytecode(cause):  # typer says "Aborted!" of it
            raise _damaged(cause) from cause
        if stopped.code == INTERRUPTED or left_the_debugger(stopped):  # typer turns a KeyboardInterrupt into an exit
            _interrupted()
        raise
    except BrokenPipeError:
        _leave_stdout()
        sys.exit(1)
    except UnicodeEncodeError as error:
        before, after = error.object[: error.start], error.object[error.start :]
        _refuse_no_text(before.rpartition('"')[2] + after.partition('"')[0])  # the name alone, of what was written
        raise
    except OSError as error:
        _leave_stdout()
        if error.errno == errno.ENAMETOOLONG and error.filename:  # nobody but a person gives such a name
            from engine.model.file_names import long_name

            raise InputError(
                long_name(error.filename)
                or Problem("longer than the system takes", found=str(error.filename), allowed="a shorter name")
            ) from error
        said = (error.strerror or str(error)).lower()
        raise RunError(f"{error.filename}: {said}" if error.filename else f"cannot write the output: {said}") from error


def _refuse_no_text(text: str) -> None:
    from engine.model.file_names import no_text

    problem = None if text.isascii() else no_text(text)
    if problem is not None:
        raise InputError(problem)


def _leave_stdout() -> None:
    """What is still buffered goes nowhere, so that the interpreter does not trip over it on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cut_bytecode(error: Exception) -> str:
    """The .pyc file over which an import ended, "" where it was something else: Python does not make it anew."""
    trace, path, inside = error.__traceback__, "", False
    while trace is not None:
        name, local = trace.tb_frame.f_code.co_name, trace.tb_frame.f_locals
        path = str(local.get("bytecode_path") or "") if name == "get_code" else path
        inside = name == "_compile_bytecode"
        trace = trace.tb_next
    return path if inside else ""


def _damaged(error: Exception) -> RunError:
    said = "Python's compiled copy of a module is damaged, as a full disk cuts it"
    return RunError(f"{said}: delete {_cut_bytecode(error)}, and the same command runs")


def _interrupted() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stderr.write("Interrupted; nothing half-written was left behind.\n")
    sys.exit(INTERRUPTED)


def _say(error: TandemError) -> None:
    from engine.report.kit.problems import error_console, show_error

    show_error(error, error_console())
