# SPDX-License-Identifier: Apache-2.0
"""A run's Arrow tables and arrays as pandas: the one module of the Python API that imports pandas, when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from engine.analytics.metrics.of_run import Metrics
from engine.market.panel import Market

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class MetricSeries(pd.Series):
    """Metrics by name, each also an attribute: `metrics.sharpe`. A metric goes before a method of its name."""

    skew = property(lambda metrics: metrics.loc["skew"])
    kurtosis = property(lambda metrics: metrics.loc["kurtosis"])

    @property
    def _constructor(self) -> Any:
        """A part of the metrics, or what is computed from them, is a plain Series."""
        return pd.Series


class SweepFrame(pd.DataFrame):
    """What a sweep found, a row a combination: a DataFrame whose `plot` knows what was varied.

    The names that were varied are `attrs["over"]`; rows and columns that are chosen of it keep them.
    """

    @property
    def _constructor(self) -> Any:
        return SweepFrame

    def plot(self, figure: str | None = None, over: str | Sequence[str] | None = None) -> Figure:  # type: ignore[override]
        """A plotly figure of one column by what was varied: a line over one setting, a heat map over two, else all.

        figure  a column of numbers; None: reward_to_variability where it is there, else the first
        over    names of settings; None: all that take more than one value
        Raises InputError for a name that is not in the table. `pd.DataFrame(table).plot` is that of pandas.
        """
        from engine.api.sweep_plot import sweep_figure

        return sweep_figure(self, self.attrs.get("over", ()), figure, over)


def frame(table: pa.Table) -> pd.DataFrame:
    """The table's columns under their names; dates become datetime64, null in text stays null."""
    made: pd.DataFrame = table.to_pandas(date_as_object=False)
    dates = [column.name for column in table.schema if pa.types.is_date(column.type)]
    return made.astype(dict.fromkeys(dates, "datetime64[ns]"))


def on_clock(table: pa.Table, market: Market) -> pd.DataFrame:
    """A table of one row a bar, with its clock for the index: session dates of daily bars, else closes in UTC."""
    return frame(table).set_index(clock(market).name)


def series(values: NDArray[Any], market: Market, name: str) -> pd.Series[Any]:
    """(T,) values, one a bar, on the run's clock."""
    return pd.Series(np.asarray(values), clock(market), name=name)


def clock(market: Market) -> pd.DatetimeIndex:
    """(T,) session dates of daily bars; of intraday bars their closes, in UTC."""
    if market.frequency == "1d":
        return pd.DatetimeIndex(market.sessions.astype("M8[ns]"), name="session")
    return pd.DatetimeIndex(market.ts.astype("M8[ns]"), name="ts").tz_localize("UTC")


def metric_series(metrics: Metrics) -> MetricSeries:
    """Every metric by name; NaN where it is undefined, with the reason by name in `attrs["undefined"]`."""
    made = MetricSeries(metrics.values, dtype=object, name="metrics")
    made.attrs["undefined"] = dict(metrics.undefined)
    return made


def swept(table: pd.DataFrame, over: Sequence[str]) -> SweepFrame:
    """A table of a row a combination that knows which of its columns were varied."""
    made = SweepFrame(table)
    made.attrs["over"] = list(over)
    return made


def records(rows: Mapping[Any, Any] | list[dict[str, Any]]) -> pd.DataFrame:
    """Columns by name, or a list of rows, as a DataFrame."""
    return pd.DataFrame(rows)


def by_month(columns: Mapping[str, Any], first: np.datetime64) -> pd.DataFrame:
    """Columns of (T,) values, one a month, on the months from `first` on."""
    months = max((len(values) for values in columns.values()), default=0)
    return pd.DataFrame(dict(columns), index=pd.period_range(str(first), periods=months, freq="M", name="month"))


def arrow(data: pd.DataFrame | pd.Series[Any] | pa.Table) -> pa.Table:
    """A DataFrame or a Series as an Arrow table; an index that says something is its column `month`."""
    if isinstance(data, pa.Table):
        return data
    made = data.to_frame() if isinstance(data, pd.Series) else data
    plain = made if isinstance(made.index, pd.RangeIndex) else made.rename_axis("month").reset_index()
    periods = [name for name in plain.columns if isinstance(plain[name].dtype, pd.PeriodDtype)]
    return pa.Table.from_pandas(plain.astype(dict.fromkeys(periods, str)), preserve_index=False)
