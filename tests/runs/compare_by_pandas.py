# SPDX-License-Identifier: Apache-2.0
"""Figures of a comparison worked out again from the raw files with pandas: no code of the engine is used.

python tests/runs/compare_by_pandas.py FOLDER IWM VIX
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

WINDOW = 90


def read(folder: Path, symbol: str) -> pd.DataFrame:
    """Close, and the factor by which a holding grew from one row to the next, dividends put in again."""
    (path,) = [path for path in folder.glob(f"*/{symbol}.csv") if path.parent.name in ("daily", "index")]
    table = pd.read_csv(path, index_col="date", parse_dates=True)
    paid = table["dividend"].fillna(0.0) if "dividend" in table else 0.0
    step = (table["close"] + paid) / table["close"].shift()
    return pd.DataFrame({"close": table["close"], "growth": step.fillna(1.0).cumprod()})


def pair(folder: Path, first: str, second: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(closes, growth) on the days that both have."""
    one, two = read(folder, first), read(folder, second)
    days = one.index.intersection(two.index)
    closes = pd.DataFrame({first: one["close"], second: two["close"]}).loc[days]
    return closes, pd.DataFrame({first: one["growth"], second: two["growth"]}).loc[days]


def figures(folder: Path, first: str, second: str) -> dict[str, float]:
    """Twenty-two figures by the place that they have in the document."""
    closes, growth = pair(folder, first, second)
    changes = np.log(growth).diff()
    last, inside = changes.tail(WINDOW), closes.tail(WINDOW)
    rolling = changes[first].rolling(WINDOW).corr(changes[second])
    ratio = np.log(closes[first] / closes[second])
    fallen = growth[first] / growth[first].cummax() - 1
    month = growth[first].pct_change(21)
    later = month.shift(-22)  # the 21 sessions that begin at the next close
    low, high = (-0.8, -0.5) if second == "VIX" else (-0.5, 0.5)
    bands = (rolling <= low, (rolling > low) & (rolling <= high), rolling > high)
    (number,) = [place for place, inside_it in enumerate(bands) if inside_it.iloc[-1]]
    here = bands[number]
    beta = last.cov().loc[first, second] / last[second].var()
    index, fund = (second, first)  # the response is that of the second line where none is a volatility index either
    x, y = changes[fund].iloc[1:], changes[index].iloc[1:]
    slopes, *_ = np.linalg.lstsq(np.column_stack([x * 0 + 1, x.clip(lower=0), x.clip(upper=0)]), y, rcond=None)
    simple = growth.pct_change()
    betas = (simple[fund].rolling(WINDOW).cov(simple[index]) / simple[index].rolling(WINDOW).var()).shift()
    hedged = (simple[fund] - betas * simple[index]).dropna()
    plain = simple[fund].loc[hedged.index]
    return {
        f"standing.{first}.last": closes[first].iloc[-1],
        f"standing.{first}.moves.21": month.iloc[-1],
        f"standing.{first}.moves_fraction.252": growth[first].pct_change(252).iloc[-1],
        f"standing.{second}.percentile.1260": (closes[second].tail(1260) <= closes[second].iloc[-1]).mean(),
        f"standing.{first}.volatility": last[first].std() * 252**0.5,
        f"standing.{first}.drawdown.now": -fallen.iloc[-1],
        f"standing.{first}.drawdown.worst": -fallen.min(),
        f"statistics.{second}.mean": inside[second].mean(),
        f"statistics.{second}.deviation": inside[second].std(),
        f"statistics.{second}.skew": inside[second].skew(),
        "together.correlation_levels.value": inside[first].corr(inside[second]),
        "together.correlation_changes.value": last[first].corr(last[second]),
        f"together.beta.{first}.value": beta,
        "ratio.z": (ratio.iloc[-1] - ratio.tail(WINDOW).mean()) / ratio.tail(WINDOW).std(),
        "convexity.0.up.value": slopes[1],
        "convexity.0.asymmetry.value": slopes[2] - slopes[1],
        "lead_lag.regimes.0.lags.11.value": changes[first].corr(changes[second].shift(-1)),
        "lead_lag.regimes.0.lags.10.value": changes[first].corr(changes[second]),
        "hedge.regimes.0.effectiveness.value": 1 - hedged.var(ddof=0) / plain.var(ddof=0),
        "hedge.earned": (hedged - plain).mean() * 252,
        f"correlation.bands.{number}.days": float(here.sum()),
        f"correlation.bands.{number}.afterwards.1.mean": later[here].mean(),
    }


if __name__ == "__main__":
    for name, figure in figures(Path(sys.argv[1]), sys.argv[2], sys.argv[3]).items():
        sys.stdout.write(f"{name:44} {figure:.12g}\n")
