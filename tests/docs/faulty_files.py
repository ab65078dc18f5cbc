# SPDX-License-Identifier: Apache-2.0
"""A file for each fault of docs/data_quality.md, with this fault and no other, and the run on it."""

import math

import numpy as np

from tests.cases import HEAD, days
from tests.cli.test_rows import DATES as ROW_DATES
from tests.cli.test_rows import market, swapped

DATES = days("2024-01-02", 60)
SPLIT, LONG = 30, days("2022-01-03", 504)
OHLCV = "date,open,high,low,close,volume"


def walk(scale=lambda _: 1.0):
    """Rows of cells: 0.5 % up and down in turn, each price times `scale(row)`."""
    for row, date in enumerate(DATES):
        close = round(100 * (1 + 0.005 * (row % 3 - 1)) * scale(row), 4)
        yield dict(
            zip(HEAD.split(","), [date, close, close * 1.002, close * 0.998, close, 1_000_000, 0, 1], strict=True)
        )


def bars(case, rows, **cells):
    """X.csv of these rows, with `cells` changed in the row of 2024-02-14."""
    rows = list(rows)
    rows[SPLIT] |= cells
    case.bars([",".join(str(cell) for cell in row.values()) for row in rows], ",".join(rows[0]))


def series(case, name, values, keys="", symbol="VIX"):
    case.write("rule.py", (case.folder / "rule.py").read_text().replace("series = ()", f'series = ("{name}",)'))
    case.bars([f"{date},{value}" for date, value in values], "date,value", f"{symbol}.csv")
    case.add(f"series: {{{name}: {{symbol: {symbol}, path: {symbol}.csv, column: value{keys}}}}}")


def tbill(case, value, keys):
    bars(case, walk())
    case.bars([f"{date},{value}" for date in DATES], "date,value", "TBILL.csv")
    case.add(f"series: {{tbill: {{symbol: TBILL, path: TBILL.csv, column: value{keys}}}}}")
    return case.run("--set", "costs.benchmark=tbill")


def paying(case, *, digits=6, scale=1.0, adjusted=False, column=True, change=None):
    """Two years that pay 0.75 each quarter, in cents, with Yahoo's adjusted close or adjusted throughout."""
    prices, factor, told = [], 1.0, []
    for row in range(len(LONG)):
        ex = row > 0 and row % 63 == 0
        before = prices[-1] if prices else 100.0
        prices.append(round(before + (0.11, -0.07, 0.05, -0.04)[row % 4] - 0.75 * ex, 2))
    for row in range(len(LONG) - 1, -1, -1):
        told.append(prices[row] * factor * scale)
        factor *= 1.0 - 0.75 / prices[row - 1] if row and row % 63 == 0 else 1.0
    told.reverse()
    lines = []
    for row, date in enumerate(LONG):
        price = told[row] if adjusted else prices[row]
        paid = 0.75 if row and row % 63 == 0 else 0.0
        paid = change if change is not None and row == 4 * 63 else paid
        cells = [date, *[f"{price:.6f}"] * 4, "1000000", *([] if adjusted else [f"{told[row]:.{digits}f}"])]
        lines.append(",".join([*cells, *([str(paid)] if column else [])]))
    case.bars(lines, f"{OHLCV}{'' if adjusted else ',adj_close'}{',dividend' if column else ''}")
    return case.run("--set", "data.prices=split_adjusted")


def changed(case, change, head=None, **kept):
    """`paying` with the cells of each line changed: {column: function of the row and the cell}."""
    paying(case, **kept)
    lines = [line.split(",") for line in (case.folder / "X.csv").read_text().splitlines()]
    names = lines[0]
    for row, line in enumerate(lines[1:]):
        for name, new in change.items():
            line[names.index(name)] = f"{new(row, float(line[names.index(name)])):.10g}"
    keep = [at for at, name in enumerate(names) if name not in (head or {}) or head[name]]
    names = [(head or {}).get(name, name) for name in names]
    case.bars([",".join(line[at] for at in keep) for line in lines[1:]], ",".join(names[at] for at in keep))
    return case.run("--set", OFF)


def rebased(row, price):
    return price * (1.03 if row >= 300 else 1.0)


def other_base(case):
    paying(case)
    lines = (case.folder / "X.csv").read_text().splitlines()
    first, kept = LONG.index("2023-01-03"), [line.split(",") for line in lines[1:]]
    names = [*lines[0].split(","), "split"]
    for row, line in enumerate(kept):
        at = names.index("dividend")
        line[at] = f"{float(line[at]) * (2 if row < first else 1):g}"
        line.append("2" if row == first else "1")
    keep = [at for at, name in enumerate(names) if name != "adj_close"]
    case.bars([",".join(line[at] for at in keep) for line in kept], ",".join(names[at] for at in keep))
    return case.run("--set", OFF)


def held(case):
    """Whole cents from the middle on, and half cents before, as prices stand that hold a split of two for one."""
    rows = []
    for row, date in enumerate(LONG):
        cents = round(10_000 * (1 + 0.05 * math.sin(row / 7)))
        price = cents / 100 if row >= len(LONG) // 2 else (2 * cents + row % 2) / 200
        rows.append(f"{date},{price},{price},{price},{price},1000000")
    case.bars(rows, OHLCV)
    return case.run()


def rows_of(case, change):
    """Four years of a market, with its rows of open, high, low, close and volume changed."""
    values = market()
    dates = list(ROW_DATES)
    change(values, dates)
    lines = [f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in zip(dates, values, strict=True)]
    case.bars(lines, OHLCV)
    return case.run("--set", OFF)


def pasted(values, _):
    values[400:420] = values[100:120]


def early(values, _):
    values[:-1] = values[1:].copy()


def added_up(values, _):
    values[:, 4] = np.cumsum(values[:, 4])


def run_with(case, rows, *words, **cells):
    bars(case, rows, **cells)
    return case.run(*words)


def at_row(case, row, **cells):
    rows = list(walk())
    rows[row] |= cells
    bars(case, rows)
    return case.run()


def lone_closes(case):
    rows = [one | {"open": 100, "high": 101, "low": 99} for one in walk()]
    for row in (SPLIT, SPLIT + 1, SPLIT + 2):
        rows[row] |= {"high": 130.5, "close": 130}
    bars(case, rows)
    return case.run()


def lost(case):
    rows = list(walk())
    del rows[SPLIT]
    bars(case, rows)
    return case.run()


def frozen(case):
    rows = list(walk())
    for row in range(SPLIT, SPLIT + 5):
        rows[row] |= {name: rows[SPLIT][name] for name in ("open", "high", "low", "close")}
    bars(case, rows)
    return case.run()


def named(case, symbol):
    bars(case, walk())
    (case.folder / "X.csv").rename(case.folder / f"{symbol}.csv")
    return case.run("--set", f"roles={{x: {symbol}}}")


def twice(case):
    bars(case, walk())
    case.write("daily/X.csv", (case.folder / "X.csv").read_text())
    return case.run()


def quoted(case, price):
    case.bars(
        [";".join([date, *[price] * 4, "86655700", "0.0"]) for date in DATES], f"{OHLCV},dividend".replace(",", ";")
    )
    return case.run()


def intraday(case, *, seconds=0, paid=()):
    """Half hours of two sessions; `paid` are the bars with a dividend."""
    import pandas as pd

    stamps = [f"{day} 14:30" for day in DATES[:2]]
    index = [pd.Timestamp(one) + pd.Timedelta(minutes=30 * at, seconds=seconds) for one in stamps for at in range(13)]
    rows = [f"{stamp},100,100,100,100,1000,{0.5 * (at in paid):g}" for at, stamp in enumerate(index)]
    case.bars(rows, f"{OHLCV},dividend")
    return case.run()


def paid_again(case):
    """Each dividend once more on the session after its ex-date."""

    def paid(row, cell):
        return 0.75 if row > 1 and row % 63 == 1 else cell

    return changed(case, {"dividend": paid}, {"adj_close": ""})


def stopped(case):
    """Three years of quarters, and none in the last one."""
    dates = days("2019-01-02", 1010)
    rows = []
    for row, date in enumerate(dates):
        pays = 0 < row < 757 and row % 63 == 0
        price = round(100 + (0.11, -0.07, 0.05, -0.04)[row % 4] - 0.75 * (min(row, 757) // 63), 2)
        rows.append(f"{date},{price},{price},{price},{price},1000000,{0.75 * pays:g}")
    case.bars(rows, f"{OHLCV},dividend")
    return case.run("--set", OFF)


def gains(case):
    rows = [row | {"Capital Gains": 10 if at == SPLIT else 0} for at, row in enumerate(walk())]
    bars(case, rows)
    return case.run()


def vix(case, values, name="vix", symbol="VIX"):
    bars(case, walk())
    series(case, name, values, symbol=symbol)
    return case.run()


def days_off(case):
    import numpy as np

    return vix(case, [(np.datetime64(date) + 1, 20 + row % 5 / 4) for row, date in enumerate(DATES)])


def beside(case, other):
    """X.csv of a market, and Y.csv of what `other` makes of its rows, both of them traded."""
    rule = (case.folder / "rule.py").read_text().replace('("x",)', '("x", "y")')
    case.write("rule.py", rule)
    values = market()
    for name, rows in (("X.csv", values), ("Y.csv", other(values))):
        told = zip(ROW_DATES, rows, strict=False)
        case.bars([f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in told], OHLCV, name)
    return case.run("--set", OFF, "--set", "costs.dividends=false", "--set", "roles={x: X, y: Y}")


def behind(values):
    """Another symbol that moves with the first, its dates a session late: the first is early beside it."""
    noise = np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.003, len(values))))[:, None]
    own = np.column_stack([values[:, :4] * noise, values[:, 4]])
    return np.concatenate([own[:1], own[:-1]])


def fear(case, shift=0, scale=1.0):
    """A VIX that moves against X, its dates `shift` sessions early."""
    values = market()
    rows_of(case, lambda *_: None)
    index = 20 * scale * (values[:, 3] / values[0, 3]) ** -4
    told = zip(ROW_DATES, np.roll(index, -shift)[: len(index) - shift], strict=False)
    series(case, "vix", list(told))
    return case.run("--set", OFF)


EVEN = [(date, 20 + row % 5 / 4) for row, date in enumerate(DATES)]
OFF = "data.prices=split_adjusted"
EXAMPLES = {
    "a split of 1.5 for 1 or more": lambda c: run_with(c, walk(lambda row: 1.0 if row < SPLIT else 0.5)),
    "a split of 1.2 to 1.4 for 1": lambda c: run_with(c, walk(lambda row: 1.0 if row < SPLIT else 0.8)),
    "`prices: raw`, and the split": lambda c: run_with(c, walk(), split=1.231),
    "`prices: split_adjusted`, and": lambda c: run_with(
        c, walk(lambda row: 1.0 if row < SPLIT else 0.5), "--set", OFF, split=2
    ),
    "`prices: raw`, adjusted": held,
    "a bar at three times": lambda c: run_with(c, walk(lambda row: 10 if row == SPLIT else 1.0)),
    "a bar off by 12 %": lambda c: run_with(c, walk(lambda row: 1.3 if row == SPLIT else 1.0)),
    "the price stands three times": lambda c: run_with(c, walk(lambda row: 1.0 if row < SPLIT else 3.6)),
    "the last close at three times": lambda c: at_row(c, -1, high=1000, close=1000),
    "the last close off by 16 %": lambda c: at_row(c, -1, high=131, close=131),
    "an open alone at three times": lambda c: run_with(c, walk(), open=25, low=25),
    "an open alone off by 16 %": lambda c: run_with(c, walk(), open=75, low=75),
    "closes in a row": lone_closes,
    "a high or low alone": lambda c: run_with(c, walk(), close=100, high=1002),
    "open or close outside": lambda c: run_with(c, walk(), open=1000),
    "a symbol stands still": frozen,
    "open and close swapped": lambda c: rows_of(c, lambda values, _: swapped(values)),
    "five bars and more": lambda c: rows_of(c, pasted),
    "dates a session early": lambda c: rows_of(c, early),
    "a volume that is added": lambda c: rows_of(c, added_up),
    "no volume on any bar": lambda c: run_with(
        c, [row | {"volume": 0} for row in walk()], "--set", "fills.participation=0.1"
    ),
    "a volume in thousands": lambda c: run_with(
        c, [row | {"volume": 1_000} for row in walk()], "--set", "fills.participation=0.1"
    ),
    "no volume on a bar": lambda c: run_with(c, walk(), volume=0),
    "sessions without a bar": lost,
    "dividends in `Adj Close` alone, to": lambda c: paying(c, column=False),
    "dividends in `Adj Close` alone, rounded": lambda c: paying(c, column=False, digits=2, scale=0.025),
    "prices adjusted for dividends": lambda c: paying(c, adjusted=True),
    "a close on another base": lambda c: changed(c, dict.fromkeys(("open", "high", "low", "close"), rebased)),
    "one dividend that only": lambda c: paying(c, change=0.0),
    "no column of dividends": lambda c: changed(c, {}, {"adj_close": "", "dividend": ""}),
    "dividends in a column": lambda c: changed(c, {}, {"dividend": "Ex-Dividend"}),
    "dividends in cents": lambda c: changed(c, {"dividend": lambda _, paid: 100 * paid}),
    "dividends that are yields, as": lambda c: changed(c, {"dividend": lambda _, paid: paid / 100}),
    "dividends that are yields in": lambda c: changed(c, {"dividend": lambda _, paid: paid / 2}),
    "a split on record that prices hold": other_base,
    "a dividend that stands twice": paid_again,
    "a regular row of dividends": stopped,
    "a column `split` that": lambda c: run_with(
        c, [row | {"split": 1 + (at >= SPLIT)} for at, row in enumerate(walk())]
    ),
    "a dividend ten times": lambda c: paying(c, change=7.5),
    "`Capital Gains`": gains,
    "a leveraged fund under": lambda c: named(c, "tna.us"),
    "a symbol that begins": lambda c: named(c, "TNA_5m"),
    "prices such as 267,840": lambda c: quoted(c, "267,840"),
    "blanks, apostrophes": lambda c: quoted(c, "2 678,40"),
    "two files of one": twice,
    "a dividend or split within": lambda c: intraday(c, paid=(20,)),
    "intraday stamps a second": lambda c: intraday(c, seconds=1799),
    "a rate without its unit": lambda c: tbill(c, 5.25, ""),
    "per cent said to be fractions": lambda c: tbill(c, 5.25, ", unit: fraction"),
    "fractions said to be per cent": lambda c: tbill(c, 0.0525, ", unit: percent"),
    "`benchmark: 3`": lambda c: run_with(c, walk(), "--set", "costs.benchmark=3"),
    "`benchmark: 0.25`": lambda c: run_with(c, walk(), "--set", "costs.benchmark=0.25"),
    "a day that a series lacks": lambda c: vix(c, [one for one in EVEN if one[0] != DATES[SPLIT]]),
    "a value of a series": lambda c: vix(c, [(date, 200 if date == DATES[SPLIT] else value) for date, value in EVEN]),
    "a last value": lambda c: vix(c, [*EVEN[:-1], (DATES[-1], 200)]),
    "a daily series dated": days_off,
    "a symbol whose dates": lambda c: beside(c, behind),
    "a series whose dates": lambda c: fear(c, shift=1),
    "one file under two": lambda c: beside(c, np.copy),
    "the VIX or its kin": lambda c: fear(c, scale=0.01),
    "a monthly series": lambda c: vix(c, [(f"2024-0{month}-01", month) for month in (1, 2, 3)], "cpi", "CPI"),
}
