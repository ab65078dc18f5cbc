# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with the input, the real command says so on one screen, exits 2 and leaves nothing behind."""

import codecs
import datetime as dt

import pytest

# What is added to a run.yaml of five lines that works, and what the screen then says.
ADDED = {
    "unknown key": (
        "acount: {cash: 5}",
        "error acount: no such key at run.yaml:6:1",
        "allowed name, description, strategy,",
        "did you mean account?",
    ),
    "unknown key inside": ("fills: {att: next_open}", "fills.att: no such key at run.yaml:6:9", "did you mean at?"),
    "duplicate key": ("name: u", "name: given twice: first in line 1, column 1 at run.yaml:6:1"),
    "unknown parameter": (
        "params: {weigth: 1}",
        "params.weigth: no such parameter at run.yaml:6:10",
        "did you mean weight?",
    ),
    "parameter out of bounds": (
        "params: {weight: 20}",
        "params.weight: not allowed at run.yaml:6:18",
        "6 │ params: {weight: 20} │ ^^",
        "allowed a number from 0 to 2 of equity",
    ),
    "text for a number": ("account: {cash: lots}", "account.cash: not allowed at run.yaml:6:17", "a number above 0"),
    "more cash than there is": ("account: {cash: 1e300}", "account.cash: out of range", "up to 1e+12"),
    "an infinite number": ("account: {cash: .inf}", "account.cash: not allowed at run.yaml:6:17"),
    "no number": ("params: {weight: .nan}", "params.weight: not allowed at run.yaml:6:18", "from 0 to 2"),
    "list for a mapping": (
        "period: [2020-01-21, 2020-01-31]",
        "period: not allowed at run.yaml:6:9",
        "found a list",
        "allowed a mapping with start, end",
    ),
    "word for a mapping": ("costs: none", "costs: not allowed at run.yaml:6:8", "allowed a mapping with commission,"),
    "fraction for a whole number": ("seed: 1.5", "seed: not allowed at run.yaml:6:7", "a whole number of at least 0"),
    "no is a word": ("costs: {dividends: no}", "costs.dividends: not allowed at run.yaml:6:20", "did you mean false?"),
    "on is a word": ("fills: {whole_shares: on}", "fills.whole_shares: not allowed", "did you mean true?"),
    "12:30 is no number": (
        "period: {start: 12:30}",
        "period.start: not allowed at run.yaml:6:17",
        "such as 2008-01-31",
    ),
    "a mapping without its end": ("params: {weight: 1\nseed: 3", "does not end: a `}` or a comma", "run.yaml:6:9"),
    "a tab": ("params:\n\tweight: 1", "a tab: YAML is indented with spaces at run.yaml:7:1"),
    "start after end": (
        "period: {start: 2020-01-31, end: 2020-01-21}",
        "period: the period ends before it starts: 2020-01-31 to 2020-01-21 at run.yaml:6:9",
    ),
    "no bar in the period": (
        "period: {start: 2030-01-01}",
        "period: no bar in the period at run.yaml:6:9",
        "found 2030-01-01 to the last bar allowed sessions from 2020-01-21 to 2020-01-31",
    ),
    "a period between two bars": ("period: {start: 2020-01-25, end: 2020-01-26}", "period: no bar in the period"),
    "one bar in the period": (
        "period: {start: 2020-01-31}",
        "period: a single bar in the period; a run needs two or more at run.yaml:6:9",
    ),
    "unknown engine": ("engine: nativ", "engine: not allowed at run.yaml:6:9", "did you mean native?"),
    "unknown mode": ("mode: fast", "mode: not allowed at run.yaml:6:7", "allowed auto, interpreted or compiled"),
    "unknown cost table": ("costs: {commission: ibkr_fixd}", "costs.commission: no cost table", "ibkr_fixed?"),
    "a series that nothing reads": ("series: {vix: VIX}", "series.vix: Rule reads no such series", "run.yaml:6:10"),
}

# What is put in place of what in a file that works.
REPLACED = {
    "missing data folder": (
        ("run.yaml", "path: bars", "path: barz"),
        "data.path: no such folder at run.yaml:4:27",
        "allowed an existing folder; relative ones start in ",
    ),
    "a file for a folder": (("run.yaml", "path: bars", "path: rule.py"), "data.path: this is no folder"),
    "missing data file": (
        ("run.yaml", "small: BBB", "small: BBC"),
        "data.path: no file BBC.csv in ",
        "found BBC allowed AAA, BBB did you mean BBB?",
    ),
    "unknown source": (("run.yaml", "csv", "cvs"), "data.source: not allowed at run.yaml:4:16", "did you mean csv?"),
    "adjusted prices with dividends": (
        ("run.yaml", "path: bars", "path: bars, prices: total_return"),
        "total_return prices hold the dividends already: paying them again would count them twice at run.yaml:4:41",
        "allowed costs.dividends: false, or prices: split_adjusted",
    ),
    "unbound role": (
        ("run.yaml", ", small: BBB", ""),
        "roles.small: Rule trades this role and no symbol is bound to it at run.yaml:3:1",
        "allowed small: SYMBOL",
    ),
    "a role that is none": (
        ("run.yaml", "small: BBB", "smal: BBB"),
        "roles.smal: Rule has no such role",
        "did you mean small?",
    ),
    "required series missing": (
        ("rule.py", '("large", "small")', '("large", "small")\n    series = ("vix",)'),
        "series.vix: Rule needs this series and nothing is bound to it",
        "allowed vix: SYMBOL",
    ),
    "unknown strategy": (
        ("run.yaml", "rule.py", "spred_trade"),
        "strategy: no such strategy beside the configuration",
        "did you mean spread_trade?",
    ),
    "missing strategy file": (("run.yaml", "rule.py", "rul.py"), "strategy: no such file in ", "did you mean rule.py?"),
    "unknown class": (("run.yaml", "rule.py", "rule.py:Rul"), "strategy: no such class", "did you mean Rule?"),
    "no name": (("run.yaml", "name: t", ""), "name: missing at run.yaml"),
}

# What is given with --set.
SET = {
    "no value": ("params.weight", "not a setting at --set params.weight", "allowed path=value"),
    "unknown key": ("acount.cash=1", "acount: no such key at --set acount.cash", "did you mean account?"),
    "unknown parameter": ("params.weigth=1", "params.weigth: no such parameter", "did you mean weight?"),
    "not allowed": ("params.weight=ten", "params.weight: not allowed at --set params.weight found ten", "from 0 to 2"),
    "no YAML": ("roles={large: AAA", "this mapping does not end", "at --set roles"),
}

# What stands in line 6 of AAA.csv, in which column.
CELLS = {
    "no price": ("close", "", "close has no value (2020-01-27) at bars/AAA.csv:6", "allowed a price above zero"),
    "NaN": ("close", "nan", "close has no value (2020-01-27) at bars/AAA.csv:6", "allowed a price above zero"),
    "a negative price": ("low", "-99", "low is not above zero (2020-01-27) at bars/AAA.csv:6", "6 │ 2020-01-27,100.0"),
    "zero": ("open", "0", "open is not above zero (2020-01-27) at bars/AAA.csv:6", "allowed a price above zero"),
    "a word": ("close", "ten", "close is not a number at bars/AAA.csv:6", "found 'ten'"),
    "an infinite price": ("high", "inf", "high is not a number at bars/AAA.csv:6", "found an infinite number"),
    "a price beyond all prices": ("high", "1e300", "high is no price of anything", "a price from 1e-09 to 1e+12"),
    "high below low": ("high", "50", "high is below low (2020-01-27) at bars/AAA.csv:6", "found high 50, low 99"),
    "a date that is none": ("date", "soon", "unreadable date at bars/AAA.csv:6", "allowed YYYY-MM-DD"),
    "a duplicate date": ("date", "2020-01-24", "duplicate date (2020-01-24) at bars/AAA.csv:6"),
    "a date out of order": ("date", "2020-01-22", "dates are not in order", "at bars/AAA.csv:6"),
    "a day without trading": (
        "date",
        "2020-01-26",
        "not a session of XNYS (2020-01-26) at bars/AAA.csv:6",
        "a bar of a week or of a month has that of its last one",
    ),
    "a field too many": ("volume", "1,2", "a line with another number of fields than the header at bars/AAA.csv:6"),
}

# What AAA.csv holds.
FILES = {
    "nothing": (b"", "empty file at bars/AAA.csv"),
    "a header alone": (b"date,open,high,low,close\n", "no data lines at bars/AAA.csv"),
    "bytes that are no text": (bytes(range(256)) * 9, "at bars/AAA.csv:1"),
    "zeros": (bytes(5000), "at bars/AAA.csv"),
    "a missing column": (b"date,open,high,close\n2020-01-21,1,1,1\n", "missing column low", "date, open, high, close"),
    "one bar": (b"date,open,high,low,close\n2020-01-21,1,1,1,1\n", "a single bar in the period"),
}


@pytest.mark.parametrize("row", ADDED.values(), ids=ADDED)
def test_added_to_the_yaml(desk, row):
    yaml, *says = row
    desk.add(yaml)
    desk.refused("backtest", "run.yaml", says=says)


@pytest.mark.parametrize("row", REPLACED.values(), ids=REPLACED)
def test_replaced_in_a_file(desk, row):
    change, *says = row
    desk.replace(*change)
    desk.refused("backtest", "run.yaml", says=says)


@pytest.mark.parametrize("row", SET.values(), ids=SET)
def test_given_with_set(desk, row):
    setting, *says = row
    desk.refused("backtest", "run.yaml", "--set", setting, "--json", says=says)


@pytest.mark.parametrize("row", CELLS.values(), ids=CELLS)
def test_a_cell_of_the_bars(desk, row):
    column, value, *says = row
    desk.cell(6, column, value)
    desk.refused("backtest", "run.yaml", says=says)


@pytest.mark.parametrize("row", FILES.values(), ids=FILES)
def test_a_file_of_bars(desk, row):
    content, *says = row
    desk.write("bars/AAA.csv", content)
    desk.refused("backtest", "run.yaml", says=says)


def test_a_run_that_works_is_not_refused(desk):
    done = desk.tandem("backtest", "run.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "t  rule.py:Rule on large AAA, small BBB"


def test_numba_that_is_switched_off_is_no_traceback(desk, tmp_path_factory):
    desk.env |= {"NUMBA_DISABLE_JIT": "1", "TANDEM_CACHE_DIR": str(tmp_path_factory.mktemp("empty"))}
    says = ("numba is switched off: nothing can be compiled at NUMBA_DISABLE_JIT", "mode: interpreted")
    desk.refused("backtest", "run.yaml", "--mode", "compiled", says=says)
    assert desk.tandem("backtest", "run.yaml").returncode == 0


def test_no_such_configuration(desk):
    desk.refused("backtest", "runn.yaml", says=("no such file at runn.yaml", "did you mean run.yaml?"))


def test_a_folder_for_a_configuration(desk):
    desk.refused("backtest", "bars", says=("this is a folder at bars", "allowed a YAML file"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "the file is empty"), (b"- a\n", "no mapping of keys"), (b"a: \xff\xfe\n", "byte 4 is not UTF-8 text")],
)
def test_a_configuration_that_is_none(desk, content, says):
    desk.write("run.yaml", content)
    desk.refused("backtest", "run.yaml", says=(says, "at run.yaml"))


def test_a_configuration_in_another_encoding_names_the_remedy(desk):
    desk.write("run.yaml", (desk.folder / "run.yaml").read_bytes() + "description: caf\xe9\n".encode("latin-1"))
    desk.refused("backtest", "run.yaml", says=("is not UTF-8 text", "save the file in that encoding"))
    desk.write("run.yaml", b"\xff\xfen\x00a")
    desk.refused("backtest", "run.yaml", says=("is not UTF-16 text", "save the file in that encoding"))


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_configuration_as_powershell_writes_it(desk, mark):
    text = (desk.folder / "run.yaml").read_text().replace("\n", "\r\n")
    desk.write("run.yaml", mark + text.encode("utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"))
    done = desk.tandem("backtest", "run.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_in_place_of_the_bars(desk):
    desk.own_bars()
    (desk.folder / "bars" / "AAA.csv").unlink()
    (desk.folder / "bars" / "AAA.csv").mkdir()
    desk.refused("backtest", "run.yaml", says=("cannot be read at bars/AAA.csv", "found Is a directory"))


def test_bars_in_the_wrong_order(desk):
    lines = (desk.folder / "bars" / "AAA.csv").read_text().splitlines()
    desk.bars("AAA", [*lines[5:], *lines[1:5]])  # neither oldest nor newest first
    desk.refused("backtest", "run.yaml", says=("dates are not in order", "bars/AAA.csv:7"))


def test_no_common_dates(desk):
    text = (desk.folder / "bars" / "BBB.csv").read_text()
    later = {f"2020-01-{day}": f"{dt.date(2020, 1, day) + dt.timedelta(28)}" for day in range(21, 32)}
    for old, new in later.items():
        text = text.replace(old, new)
    desk.write("bars/BBB.csv", text)
    desk.refused(
        "backtest",
        "run.yaml",
        says=("no bar in common at run.yaml:3:8", "found AAA 2020-01-21..2020-01-31; BBB 2020-02-18"),
    )


def test_many_mistakes_are_all_told_and_fit_one_screen(desk):
    desk.add("acount: 1\nseed: -1\nmode: fast\nengine: nativ\nfills: {att: 1}\ncosts: {dividends: yes}\nlists: []")
    done = desk.tandem("backtest", "run.yaml")
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert len(lines) < 24
    assert [line.split()[0] for line in lines if "run.yaml:" in line].count("error") >= 4, "one line each"
    for key in ("acount", "seed", "mode", "engine", "fills.att", "costs.dividends", "lists"):
        assert f"{key}: " in done.stderr
    assert "7 mistakes; nothing was run (`tandem config check` shows all in full)" in done.stderr
    full = desk.tandem("config", "check", "run.yaml").stderr
    assert full.count("\n   at run.yaml:") == 7


def test_a_hundred_mistakes_fit_one_screen(desk):
    desk.add("\n".join(f"key_{number}: 1" for number in range(100)))
    desk.refused("backtest", "run.yaml", says=("key_0: no such key", "more; nothing was run"))
