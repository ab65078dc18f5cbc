# SPDX-License-Identifier: Apache-2.0
"""`tandem funds`: an equal-weight index of funds, what is alpha in it, and the portfolios made of that."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import JSON

FILES = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="CSV or parquet: a column a fund, or a row a fund and month; run folders."),
]
RUNS = Annotated[
    bool, typer.Option("--runs", help="What is given are run folders, each a fund: --runs results/*/latest.")
]
PORTFOLIO = Annotated[
    Path | None, typer.Option(metavar="YAML", help="With --runs: write the portfolio of the next month as sleeves.")
]
UNIT = Annotated[
    str | None, typer.Option(metavar="UNIT", help="percent, fraction or nav (net asset values); never guessed.")
]
BENCHMARK = Annotated[
    str | None, typer.Option(metavar="COLUMN|FILE", help="The market: a column of FILE, daily bars, or FILE:COLUMN.")
]
BENCHMARK_UNIT = Annotated[
    str | None, typer.Option(metavar="UNIT", help="Of monthly returns in files beside FILE; default: as --unit.")
]
RISK_FREE = Annotated[
    str | None, typer.Option(metavar="COLUMN|FILE", help="Monthly return of cash: a column of FILE, or FILE:COLUMN.")
]
FACTORS = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Monthly returns of factors above the bill, for the alpha share.")
]
WITHOUT = Annotated[list[str] | None, typer.Option(metavar="NAME", help="A column to leave out; repeat for more.")]
DEADLINE = Annotated[
    int | None, typer.Option(metavar="DAYS", help="Days after a month's end by which it must be reported.")
]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("funds")(funds)


def funds(
    files: FILES,
    runs: RUNS = False,
    unit: UNIT = None,
    benchmark: BENCHMARK = None,
    window: Annotated[int, typer.Option(metavar="MONTHS", help="Months of a regression.")] = 12,
    benchmark_unit: BENCHMARK_UNIT = None,
    risk_free: RISK_FREE = None,
    excess: Annotated[bool, typer.Option("--excess", help="Alpha and beta of returns above --risk-free.")] = False,
    lags: Annotated[int, typer.Option(metavar="N", help="Months of the market's past in the regression.")] = 0,
    unsmooth: Annotated[bool, typer.Option("--unsmooth", help="Estimate from unsmoothed returns.")] = False,
    skip: Annotated[int, typer.Option(metavar="N", help="First months of a fund that do not count.")] = 1,
    without: WITHOUT = None,
    deadline: DEADLINE = None,
    factors: FACTORS = None,
    survivors: Annotated[bool, typer.Option("--survivors", help="Only funds of the last month; looks ahead.")] = False,
    ignore_flags: Annotated[bool, typer.Option("--ignore-flags", help="Let funds in whatever their flags.")] = False,
    base: Annotated[float, typer.Option(metavar="LEVEL", help="Of the index before its first month.")] = 100.0,
    portfolio: PORTFOLIO = None,
    out: Annotated[Path, typer.Option(help="Folder for results.")] = Path("results"),
    json_: JSON = False,
) -> None:
    """Make an equal-weight index of funds, split returns into alpha and beta, weigh funds by their Return Structure.

    The page is results/NAME/funds-MONTHS/funds.html. With --runs the funds are run folders.
    """
    from engine.cli.progress import watched
    from engine.hedgefunds.gather import Source
    from engine.hedgefunds.study import Terms
    from engine.report.funds import folder
    from engine.report.funds.document import document
    from engine.report.funds.portfolio_file import write_portfolio
    from engine.report.funds.run_folders import of_runs, one_file
    from engine.report.kit.encoding import to_json
    from engine.runs.funds import funds as find

    _check(out, portfolio)
    source = Source(
        unit, benchmark, benchmark_unit, risk_free, tuple(without or ()), deadline, factors, flags=not ignore_flags
    )
    terms = Terms(window, base, excess=excess, lags=lags, unsmooth=unsmooth, skip=skip, survivors=survivors)
    with watched() as watch:
        if runs:
            found = of_runs(files, source, terms, watch=watch)
        else:
            found = find(one_file(files, portfolio), source, terms, watch=watch)
        if portfolio is not None:
            write_portfolio(found, files, portfolio)
        watch("drawing the page")
        written = folder.write(found, out)
    if json_:
        typer.echo(to_json({**document(found), "page": str(written)}))
    else:
        from engine.report.funds import terminal
        from engine.report.kit.terminal import console, say_page

        screen = console()
        terminal.show(found, screen)
        say_page(written, screen)


def _check(out: Path, portfolio: Path | None) -> None:
    """Raise InputError where what is written in the end can be written nowhere."""
    from engine.report.folder.run_folder import check_root
    from engine.report.funds.portfolio_file import check_target

    check_root(out)
    if portfolio is not None:
        check_target(portfolio)
