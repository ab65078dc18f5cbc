# SPDX-License-Identifier: Apache-2.0
"""Result: a finished run that people can hold. Everything in it is what the run folder would hold."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.sessions import simple_returns
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem, nearest_name
from engine.model.file_names import check_name
from engine.model.run import RunConfig
from engine.report.run.notices import notices

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from plotly.graph_objects import Figure

    from engine.api.frames import MetricSeries


class Result:
    """One finished run. Money is in the account's currency, quantities are signed, shares of something are fractions.

    record       the run as arrays of numpy records, for programs; everything else is made from it
    source_hash  sha256 of the strategy's source, "" where it is not known
    asked        what `engine.backtest` was asked for, bars and classes with it, so that the run can be made again; None
                 of a run that was read back, and of a result that was pickled

    pandas is imported when the first Series or DataFrame is asked for, plotly by `plot`.
    """

    def __init__(self, record: RunRecord, source_hash: str = "", asked: LoadedConfig | None = None) -> None:
        self.record = record
        self.source_hash = source_hash
        self.asked = asked

    def __getstate__(self) -> dict[str, Any]:
        """A result travels without frames and classes: a class of a function or of a cell cannot be pickled."""
        return self.__dict__ | {"asked": None}

    @property
    def config(self) -> RunConfig:
        """The configuration with every default, parameter and table row written out."""
        return self.record.config

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that change their meaning first."""
        return tuple(one.text for one in notices(self.record, self.analysis))

    @cached_property
    def analysis(self) -> Analysis:
        """What tables, metrics and report are made from, worked out once."""
        return analyse(self.record)

    @cached_property
    def equity(self) -> pd.Series[float]:
        """(T,) equity at each close, in the account's currency; on session dates, or bar closes in UTC if intraday."""
        return self._series(self.record.points["equity"], "equity")

    @cached_property
    def returns(self) -> pd.Series[float]:
        """(T,) simple return from close to close as a fraction, the first from the opening deposit.

        Money added later is no return. NaN once the account is ruined.
        """
        return self._series(simple_returns(self.analysis.sessions.bar_nav), "returns")

    @cached_property
    def drawdown(self) -> pd.Series[float]:
        """(T,) fraction of the highest equity so far that is lost at each close, >= 0."""
        return self._series(self.analysis.drawdown, "drawdown")

    @cached_property
    def account(self) -> pd.DataFrame:
        """(T,) rows: cash, equity, gross, net, leverage, drawdown, margin at each close; columns of equity.parquet."""
        return self.frame("equity")

    @cached_property
    def fills(self) -> pd.DataFrame:
        """One row an execution: symbol, signed quantity, price, costs, reason; columns of fills.parquet."""
        return self.frame("fills")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row an order, by id: type, quantity, prices, how it ended and why; columns of orders.parquet."""
        return self.frame("orders")

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """One row an entry, in the order posted; `amount` adds up to cash, `quantity` to positions."""
        return self.frame("ledger")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row a round trip: entry, exit, profit gross and net, costs, reasons; columns of round_trips.parquet."""
        return self.frame("round_trips")

    @cached_property
    def features(self) -> pd.DataFrame:
        """(T,) rows, what on_bar saw: features (NaN in their warm-up), then `role.close` and its like, then series."""
        return self.frame("features")

    @cached_property
    def state(self) -> pd.DataFrame:
        """(T,) rows, what the strategy remembered after each close; a cell of a field of `slots` is an array.

        Raises InputError for a run without `keep_state`.
        """
        if self.record.states is None:
            found = "keep_state: false" if self.record.engine == "native" else f"engine: {self.record.engine}"
            raise InputError(
                Problem("the run kept no state", found=found, allowed="keep_state: true, in a run by engine: native")
            )
        return self.frame("state")

    @cached_property
    def metrics(self) -> MetricSeries:
        """Every metric by name, also as an attribute: `result.metrics.sharpe`; docs/metrics.md has their units.

        NaN where a metric is undefined; the reason is in `metrics.attrs["undefined"]`.
        """
        from engine.api.frames import metric_series

        return metric_series(self.analysis.metrics)

    def frame(self, name: str) -> pd.DataFrame:
        """Any table of the run folder by its file's name without .parquet.

        `options`, `sleeves` and `state` are those of runs that have them. Tables with one row a bar have the clock for
        their index. Raises InputError for a table that the run has not.
        """
        from engine.api.frames import frame, on_clock

        table = self._tables.get(name)
        if table is None:
            known = tuple(self._tables)
            nearest = nearest_name(name, known)
            raise InputError(
                Problem("the run has no such table", found=name, allowed=", ".join(known), nearest=nearest)
            )
        return on_clock(table, self.record.market) if name in {"equity", "features", "state"} else frame(table)

    def plot(self) -> Figure:
        """A plotly figure: equity, drawdown, and the price of each symbol with every fill on it."""
        from engine.api.plot import figure

        return figure(self.record, self.analysis)

    def report(self, path: str | Path) -> Path:
        """Write the report, one self-contained HTML page, and return where it is.

        Raises InputError where `path` is a folder, RunError when the disk refuses.
        """
        from engine.report.folder.run_folder import write_page
        from engine.report.run.page import render

        return write_page(render(self.record, self.analysis), Path(path))

    def save(self, folder: str | Path) -> Path:
        """Write a run folder, whole or not at all, and return it; `engine.read_run` gives the same Result back.

        A run that is there already is replaced. Raises InputError where `folder` holds something else or no folder can
        be called so, RunError when the disk refuses.
        """
        from engine.config.canonical import config_hash, resolved_yaml
        from engine.report.folder.run_folder import write_folder
        from engine.report.run.page import render

        target = Path(folder)
        check_name(target)
        if target.exists() and not (target / "manifest.json").is_file():
            found = "a folder that is no run" if target.is_dir() else "a file"
            raise InputError(Problem("not written over", str(target), found=found, allowed="a new folder, or a run's"))
        write_folder(
            target,
            self.record,
            self.analysis,
            config_text=resolved_yaml(self.config),
            config_hash=config_hash(self.config),
            source_hash=self.source_hash,
            report_html=render(self.record, self.analysis),
        )
        return target

    def __repr__(self) -> str:
        """One line: what ran, when, and three figures."""
        from engine.api.card import headline

        return f"<Result {headline(self.record, self.analysis)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, the figures at a glance, equity and drawdown."""
        from engine.api.card import card

        return card(self.record, self.analysis)

    @cached_property
    def _tables(self) -> dict[str, pa.Table]:
        from engine.report.folder.tables import tables

        return tables(self.record, self.analysis)

    def _series(self, values: Any, name: str) -> pd.Series[Any]:
        from engine.api.frames import series

        return series(values, self.record.market, name)
