# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 (the table of mistakes reads best with one mistake a line)
"""Loading a configuration: what it is turned into, and what is said of each mistake."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config.loader import config_from_dict, load_config
from engine.errors import ConfigError, Problem
from engine.model.run import Costs


def test_a_good_file_is_resolved(folder, good):
    loaded = folder.load(good + "params: {enter: 1, hedge: beta}\n")
    config = loaded.config
    assert config.params == {"enter": 1.0, "window": 60, "hedge": "beta", "guard": True}
    assert config.strategy == f"{folder.path / 'tiny.py'}:Tiny"
    assert config.account.margin.multiples == {"SPY": 1.0, "IWM": 1.0}
    assert set(config.costs.borrow) == {"SPY", "IWM"}
    assert config.costs.commission[0].per_share == 0.005
    assert loaded.strategy.__name__ == "Tiny"
    assert loaded.base_dir == folder.path
    assert loaded.places["params", "enter"].line == 6
    assert loaded.notices == ()


def test_a_section_with_nothing_in_it_is_left_out(folder, good):
    assert folder.load(good + "params:\ncosts:\ndata:\nperiod:\n").config == folder.load(good).config


# One row a mistake: what is added to a good file, the place, words of the message, found, allowed, nearest.
MISTAKES = [
    ("parms: {enter: 1}", "6:1", "parms", "no such key", "", "params", "params"),
    ("params: {entr: 1}", "6:10", "params.entr", "no such parameter", "", "enter, window, hedge, guard", "enter"),
    ("params: {enter: 7}", "6:17", "params.enter", "not allowed", "7", "a number from 0 to 6 sigma", ""),
    ("params: {enter: 20%}", "6:17", "params.enter", "not allowed", "20%", "a number from 0 to 6", "0.2"),
    ("params: {window: 2.5}", "6:18", "params.window", "not allowed", "2.5", "a whole number of at least 2 bars", ""),
    ("params: {hedge: bta}", "6:17", "params.hedge", "not allowed", "bta", "dollar, beta", "beta"),
    ("params: {guard: yes}", "6:17", "params.guard", "not allowed", "yes", "true or false", ""),
    ("params: 3", "6:9", "params", "not allowed", "3", "a mapping", ""),
    ("data: {source: cvs, path: .}", "6:16", "data.source", "not allowed", "cvs", "sample, csv, parquet, memory or", "csv"),
    ("data: {path: .}", "6:1", "data.source", "missing", "", "sample, csv, parquet, memory or yahoo", ""),
    ("data: {source: csv}", "6:1", "data.path", "missing", "", "a folder", ""),
    ("data: {source: sample, path: .}", "6:24", "data.path", "no such key", "", "source, seed", ""),
    ("data: {source: csv, path: nowhere}", "6:27", "data.path", "no such folder", "nowhere", "existing folder", ""),
    ("data: {source: csv, path: tiny.py}", "6:27", "data.path", "this is no folder", "tiny.py", "", ""),
    ("data: {seed: -1, source: sample}", "6:14", "data.seed", "out of range", "-1", "a whole number of at least 0", ""),
    ("fills: {at: nextopen}", "6:13", "fills.at", "not allowed", "nextopen", "next_open, next_close or", "next_open"),
    ("fills: {whole_shares: on}", "6:23", "fills.whole_shares", "not allowed", "on", "true or false", "true"),
    ("fills: {whole_shares: 1}", "6:23", "fills.whole_shares", "not allowed", "1", "true or false", ""),
    ("fills: {participation: 0}", "6:24", "fills.participation", "out of range", "0", "above 0 up to 1, or null", ""),
    ("account: {cash: '1000'}", "6:17", "account.cash", "not allowed", "'1000'", "a number above 0", ""),
    ('account: {cash: "1,000,000"}', "6:17", "account.cash", "not allowed", "1,000,000", "a number", "1000000"),
    ("account: {cash: true}", "6:17", "account.cash", "not allowed", "true", "a number above 0", ""),
    ("account: {margin: {kind: regt}}", "6:26", "account.margin.kind", "not allowed", "regt", "reg_t", "reg_t"),
    ("account: {margin: {multiples: {IWM: 9}}}", "6:37", "account.margin.multiples.IWM", "out of range", "9", "1 to 4", ""),
    ("period: {start: 2010-01-01, end: 2009-01-01}", "6:9", "period", "ends before it starts", "", "", ""),
    ("period: {start: 2010}", "6:17", "period.start", "not allowed", "2010", "a day such as 2008-01-31, or null", ""),
    ("costs: {commission: ibkr_fixd}", "6:21", "costs.commission", "no cost table", "ibkr_fixd", "ibkr_tiered", "ibkr_fixed"),
    ("costs: {commission: ../x}", "6:21", "costs.commission", "no cost table of this name", "../x", "", ""),
    ("costs: {commission: []}", "6:21", "costs.commission", "empty", "[]", "a list of rows", ""),
    ("costs: {commission: 5}", "6:21", "costs.commission", "not allowed", "5", "the name of a cost table", ""),
    ("costs: {commission: [{minimun: 1}]}", "6:23", "costs.commission[0].minimun", "no such key", "", "minimum", "minimum"),
    ("costs: {commission: [{per_share: x}]}", "6:34", "costs.commission[0].per_share", "not allowed", "x", "list of rows", ""),
    ("costs: {borrow: {default: [{}]}}", "6:28", "costs.borrow.default[0].rate", "missing", "", "a number from 0 to 1", ""),
    ("costs: {borrow: {IWM: [{rate: 0.1}]}}", "6:9", "costs.borrow", "nothing for SPY", "", "an entry for SPY", ""),
    ("costs: {slippage: {impact: {SPY: 0.1}}}", "6:20", "costs.slippage.impact", "nothing for IWM", "", "default", ""),
    ("costs: {slippage: {impact: {default: -1}}}", "6:38", "costs.slippage.impact.default", "out of range", "-1", "0 to 10", ""),
    ("costs: {benchmark: tbill}", "6:20", "costs.benchmark", "no series of this name", "tbill", "vix", ""),
    ("costs: {benchmark: vxi}", "6:20", "costs.benchmark", "no series of this name", "vxi", "vix", "vix"),
    ("costs: {interest: [{debit: []}]}", "6:28", "costs.interest[0].debit", "empty", "[]", "a list of rows with upto, rate", ""),
    ("costs: {benchmark: 3}", "6:20", "costs.benchmark", "3 is 300 % a year", "3", "from -0.1 to 0.5", "0.03"),
    ("costs: {benchmark: 0.51}", "6:20", "costs.benchmark", "0.51 is 51 % a year", "0.51", "0.5", "0.0051"),
    ("costs: {benchmark: -0.11}", "6:20", "costs.benchmark", "-0.11 is -11 % a year", "-0.11", "from -0.1", ""),
    ("costs: {benchmark: vix}", "5:10", "series.vix.unit", "costs.benchmark reads", "", "unit: percent where 5.25", ""),
    ("costs: {interest: [{debit: [{rate: 1.5}]}]}", "6:36", "costs.interest[0].debit[0].rate", "150 % a year", "1.5", "0.5", "0.015"),
    ("costs: {interest: [{debit: [{rate: 0}], credit_spread: 0.6}]}", "6:56", "costs.interest[0].credit_spread", "60 % a year", "0.6", "0 to 0.5", "0.006"),
    ("costs: {borrow: {default: [{rate: 2.5}]}}", "6:35", "costs.borrow.default[0].rate", "250 % a year", "2.5", "0 to 1", "0.025"),
    ("costs: {slippage: {half_spread: 2}}", "6:33", "costs.slippage.half_spread", "200 % of the price", "2", "0 to 1", "0.02"),
    ("options: {volatility: 20}", "6:23", "options.volatility", "2,000 % a year", "20", "up to 5", "0.2"),
    ("options: {dividend_yield: 1.3}", "6:27", "options.dividend_yield", "130 % a year", "1.3", "0 to 0.5", "0.013"),
    ("options: {spread: {vega: 0.5}}", "6:26", "options.spread.vega", "50 % a year", "0.5", "0 to 0.2", "0.005"),
    ("seed: 1.5", "6:7", "seed", "not allowed", "1.5", "a whole number of at least 0", ""),
    ("engine: Native", "6:9", "engine", "not allowed", "Native", "native or backtrader", "native"),
    ("data: {source: yahoo, prices: total_return}", "6:31", "data.prices", "count them twice", "total_return", "split_adjusted", ""),
    ("costs: {dividends: false, withholding: 0.15}", "6:40", "costs.withholding", "nothing to withhold", "0.15", "dividends: true", ""),
    ("costs: {withholding: 15}", "6:22", "costs.withholding", "out of range", "15", "0 to 1", "0.15"),
    ("fills: {whole_shares: false, step: 2}", "6:36", "fills.step", "out of range", "2", "1e-09 to 1", ""),
    ("fills: {step: 0.1}", "6:8", "fills", "whole shares have a step of 1, not 0.1", "", "", ""),
    ("seed: 0777", "6:7", "seed", "readers of YAML disagree", "0777", "", ""),
    ("seed: 1\nseed: 2", "7:1", "seed", "given twice: first in line 6", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("added", "place", "path", "message", "found", "allowed", "nearest"), MISTAKES, ids=[case[0] for case in MISTAKES]
)
def test_one_mistake_is_one_problem_in_its_place(folder, good, added, place, path, message, found, allowed, nearest):
    problem = folder.problem(f"{good}{added}\n")
    assert f"{problem.line}:{problem.column}" == place
    assert problem.path == path
    assert message in problem.message
    assert problem.found == found
    assert allowed in problem.allowed
    assert problem.nearest == nearest
    assert problem.file.endswith("run.yaml")


TABLE_ORDER = [
    ("commission", "[{from: 2020-01-01}, {from: 2010-01-01}]", "costs.commission", "2010-01-01 comes after 2020-01-01"),
    ("commission", "[{}, {}]", "costs.commission", "must rise"),
    ("interest", "[{debit: [{upto: 5, rate: 0.01}]}]", "costs.interest[0].debit", "last step has no `upto`"),
    ("interest", "[{debit: [{rate: 0.01}, {rate: 0.02}]}]", "costs.interest[0].debit", "every step but the last"),
    (
        "interest",
        "[{debit: [{upto: 5, rate: 0.01}, {upto: 4, rate: 0}, {rate: 0.02}]}]",
        "costs.interest[0].debit",
        "rise",
    ),
    (
        "commission",
        f"[{{per_share: [{'{upto: 1, rate: 1}, ' * 5}{{rate: 1}}]}}]",
        "costs.commission[0].per_share",
        "too many",
    ),
]


@pytest.mark.parametrize(("table", "rows", "path", "message"), TABLE_ORDER)
def test_rows_out_of_order(folder, good, table, rows, path, message):
    problem = folder.problem(f"{good}costs: {{{table}: {rows}}}\n")
    assert problem.path == path
    assert message in problem.message


def test_roles_and_series_against_the_strategy(folder):
    problems = folder.problems("""
        name: x
        strategy: tiny.py
        roles: {large: SPY, smal: IWM}
        series: {rvxx: RVX}
        """)
    said = {problem.path: problem for problem in problems}
    assert set(said) == {"roles.smal", "roles.small", "series.vix", "series.rvxx"}
    assert said["roles.smal"].nearest == "small"
    assert said["roles.small"].line == 4
    assert said["series.rvxx"].nearest == "rvx"
    assert "needs this series" in said["series.vix"].message


def test_a_series_that_only_the_benchmark_reads_is_allowed(folder, good):
    rate = "{symbol: TBILL, unit: percent}"
    loaded = folder.load(good.replace("{vix: VIX}", f"{{vix: VIX, tbill: {rate}}}") + "costs: {benchmark: tbill}\n")
    assert loaded.config.series["tbill"].symbol == "TBILL"


def test_two_roles_cannot_hold_one_symbol(folder, good):
    problem = folder.problem(good.replace("IWM", "SPY"))
    assert (problem.path, problem.line) == ("roles.small", 4)


def test_a_name_in_capitals_is_no_role(folder, good):
    problems = folder.problems(good.replace("large:", "Large:"))
    assert {(problem.path, problem.nearest) for problem in problems} == {("roles.Large", "large"), ("roles.large", "")}


def test_all_mistakes_at_once_in_the_order_of_the_file(folder):
    problems = folder.problems("""
        name: my run
        strategy: tiny.py
        roles: {large: SPY, smal: IWM}
        series: {vix: VIX}
        params:
          enter: 9
        data: {source: cvs}
        costs:
          commission: ibkr_fixd
          dividends: yes
          borrow: {IWM: [{rate: 2}]}
        fils: {}
        seed: 0x1
        """, "account.cash=-1", "fills.at=never")  # fmt: skip
    assert [problem.path for problem in problems] == [
        "name",
        "roles.small",
        "roles.smal",
        "params.enter",
        "data.source",
        "costs.commission",
        "costs.dividends",
        "costs.borrow",
        "costs.borrow.IWM[0].rate",
        "fils",
        "seed",
        "account.cash",
        "fills.at",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the file is empty"), ("# nothing\n", "the file is empty"), ("- 1\n", "no mapping"), ("word", "no mapping")],
)
def test_a_file_without_a_mapping(folder, text, message):
    assert message in folder.problem(text).message


def test_a_file_that_is_not_there_and_its_neighbour(folder):
    folder.write("name: x", "spread_real.yaml")
    with pytest.raises(ConfigError) as caught:
        load_config(folder.path / "spread_reel.yaml")
    assert caught.value.problems[0].nearest.endswith("spread_real.yaml")
    with pytest.raises(ConfigError, match="this is a folder"):
        load_config(folder.path)


def test_bytes_that_are_no_text(folder):
    (folder.path / "run.yaml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(ConfigError, match="byte 7 is not UTF-8"):
        load_config(folder.path / "run.yaml")


def test_a_byte_order_mark_is_no_part_of_the_first_key(folder, good):
    (folder.path / "run.yaml").write_bytes(b"\xef\xbb\xbf" + good.lstrip().encode())
    assert load_config(folder.path / "run.yaml").config.name == "good"


class TestOverrides:
    def test_they_overrule_the_file_and_make_what_is_missing(self, folder, good):
        loaded = folder.load(
            good, "params.enter=1.5", "period.start=2010-01-01", "roles.small=IWO", "fills={at: next_close}"
        )
        assert loaded.config.params["enter"] == 1.5
        assert loaded.config.period.start == dt.date(2010, 1, 1)
        assert loaded.config.roles == {"large": "SPY", "small": "IWO"}
        assert loaded.config.fills.at == "next_close"

    def test_they_reach_into_tables_known_by_name(self, folder, good):
        usual = folder.load(good).config.costs.commission[0]
        changed = folder.load(good, "costs.commission[0].minimum=0.5").config.costs.commission[0]
        assert changed == usual.model_copy(update={"minimum": 0.5})

    def test_a_part_with_a_dot_is_quoted(self, folder, good):
        loaded = folder.load(good.replace("IWM", "BRK.B"), 'account.margin.multiples."BRK.B"=2')
        assert loaded.config.account.margin.multiples == {"SPY": 1.0, "BRK.B": 2.0}

    def test_a_seed_alone_means_the_sample_market(self, folder, good):
        assert folder.load(good, "data.seed=9").config.data.model_dump() == {"source": "sample", "seed": 9}

    def test_words_are_read_as_in_yaml(self, folder, good):
        assert folder.load(good, "description=no").config.description == "no"
        assert folder.load(good, "fills.participation=null").config.fills.participation is None

    @pytest.mark.parametrize(
        ("override", "text"),
        [
            ("data.path=x", "--set data.path: data.source: missing"),
            ("data.seed=x", "--set data.seed: not allowed; found x; allowed: a whole number of at least 0"),
            ("account.cash=-1", "--set account.cash: out of range; found -1; allowed: a number above 0"),
            ("params.entr=1", "--set params.entr: no such parameter"),
            ("params.enter", "--set params.enter: not a setting"),
            ("=1", "--set =1: not a setting"),
            ("a..b=1", "--set a..b=1: not a setting"),
            ("seed=0777", "--set seed: readers of YAML disagree"),
            ("fills=[1", "--set fills: this list does not end"),
            ("name.x=1", "--set name.x: name holds one value, nothing below it"),
            ("costs.commission[7].minimum=1", "no such row; allowed: costs.commission[0]"),
            ("roles[0]=1", "roles has no numbered rows"),
            ("fils.at=next_open", "--set fils.at: fils: no such key"),
        ],
    )
    def test_their_mistakes_name_the_setting(self, folder, good, override, text):
        problem = folder.problem(good, override)
        assert text in str(problem)
        assert problem.file.startswith("--set ")


class TestPaths:
    def test_relative_to_the_file_first_then_to_the_working_directory(
        self, folder, good, monkeypatch, tmp_path_factory
    ):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        monkeypatch.chdir(elsewhere)
        (elsewhere / "bars").mkdir()
        text = good + "data: {source: csv, path: bars}\n"
        assert Path(folder.load(text).config.data.path) == elsewhere / "bars"
        (folder.path / "bars").mkdir()
        assert Path(folder.load(text).config.data.path) == folder.path / "bars"

    def test_a_series_file(self, folder, good):
        (folder.path / "vix.csv").write_text("date,close\n")
        text = good.replace("{vix: VIX}", "{vix: {symbol: VIX, path: vix.csv}}")
        assert Path(folder.load(text).config.series["vix"].path) == folder.path / "vix.csv"
        problem = folder.problem(text.replace("vix.csv", "rvx.csv"))
        assert (problem.path, problem.message, problem.line) == ("series.vix.path", "no such file", 5)

    def test_a_series_file_in_the_folder_of_the_bars(self, folder, good, monkeypatch):
        """Beside the YAML comes first; the folder may be named by the environment, whole or as the head of a path."""
        (folder.path / "market" / "index").mkdir(parents=True)
        inside, beside = folder.path / "market" / "index" / "VIX.csv", folder.path / "index" / "VIX.csv"
        inside.write_text("date,close\n")
        text = good.replace("{vix: VIX}", "{vix: {symbol: VIX, path: index/VIX.csv}}")
        assert folder.problem(text).message == "no such file"
        monkeypatch.setenv("TANDEM_DATA", str(folder.path))
        for named in ("market", "$TANDEM_DATA/market"):
            config = folder.load(f"{text}data: {{source: csv, path: {named}}}\n").config
            assert (config.data.path, config.series["vix"].path) == (str(inside.parents[1]), str(inside))
        beside.parent.mkdir()
        beside.write_text("date,close\n")
        assert folder.load(f"{text}data: {{source: csv, path: market}}\n").config.series["vix"].path == str(beside)

    @pytest.mark.parametrize("value", [None, ""])
    def test_a_variable_that_names_no_folder(self, folder, good, monkeypatch, value):
        monkeypatch.setenv("TANDEM_DATA", value) if value is not None else monkeypatch.delenv("TANDEM_DATA", False)
        problem = folder.problem(good + "data: {source: csv, path: $TANDEM_DATA}\n")
        assert (problem.path, problem.found) == ("data.path", "$TANDEM_DATA")
        assert "TANDEM_DATA does not name one" in problem.message

    def test_a_folder_that_is_a_file(self, folder, good, monkeypatch):
        (folder.path / "bars").write_text("")
        monkeypatch.setenv("TANDEM_DATA", str(folder.path / "bars"))
        problem = folder.problem(good + "data: {source: csv, path: $TANDEM_DATA}\n")
        assert (problem.message, problem.found) == (
            "this is no folder",
            f"$TANDEM_DATA, which is {folder.path / 'bars'}",
        )


class TestStrategy:
    @pytest.mark.parametrize(
        ("spec", "message", "nearest"),
        [
            ("tinny.py", "no such file", "tiny.py"),
            ("spread_trad", "no such strategy", "spread_trade"),
            ("tiny.py:Tinny", "no such class", "Tiny"),
            ("no.such:Thing", "no module named no", ""),
        ],
    )
    def test_not_found_is_shown_at_the_word(self, folder, good, spec, message, nearest):
        problem = folder.problem(good.replace("tiny.py", spec) + "fills: {}\n")
        assert message in problem.message
        assert (problem.path, problem.line, problem.column, problem.nearest) == ("strategy", 3, 11, nearest)

    def test_a_mistake_in_its_source_is_shown_there(self, folder, good):
        (folder.path / "tiny.py").write_text("import engine\n\nx = 1 / 0\n")
        problem = folder.problem(good)
        assert (problem.file, problem.line) == (str(folder.path / "tiny.py"), 3)
        assert "ZeroDivisionError" in problem.message

    def test_the_model_s_mistakes_are_told_all_the_same(self, folder, good):
        assert len(folder.problems(good.replace("tiny.py", "tinny.py") + "seed: x\n")) == 2


class TestFromPython:
    def test_the_same_as_from_a_file(self, folder, good):
        data = {
            "name": "good", "strategy": "tiny.py", "roles": {"large": "SPY", "small": "IWM"}, "series": {"vix": "VIX"},
        }  # fmt: skip
        assert config_from_dict(data, folder.path).config == folder.load(good).config
        assert set(data) == {"name", "strategy", "roles", "series"}

    def test_mistakes_name_the_path_alone(self, folder):
        with pytest.raises(ConfigError) as caught:
            config_from_dict(
                {"name": "x", "strategy": "tiny.py", "roles": {"large": "SPY", "small": "IWM"}}, folder.path
            )
        assert str(caught.value).startswith("series.vix: Tiny needs this series")

    def test_sections_of_the_model_may_stand_in_it(self, folder, good):
        data = {
            "name": "good",
            "strategy": Path("tiny.py"),
            "roles": {"large": "SPY", "small": "IWM"},
            "series": {"vix": "VIX"},
        }
        loaded = config_from_dict({**data, "costs": Costs(benchmark=0.01)}, folder.path)
        assert loaded.config == folder.load(good, "costs.benchmark=0.01").config

    def test_dates_may_be_text(self, folder):
        data = {"name": "x", "strategy": "tiny.py", "roles": {"large": "SPY", "small": "IWM"}, "series": {"vix": "VIX"}}
        loaded = config_from_dict({**data, "period": {"start": "2010-01-04"}}, folder.path)
        assert loaded.config.period.start == dt.date(2010, 1, 4)


def test_a_problem_of_a_later_step_finds_its_line(folder, good):
    loaded = folder.load(good + "data: {source: sample, seed: 3}\n", "period.start=2010-01-01")
    assert loaded.located(Problem("no bars", path="data.seed")).line == 6
    assert loaded.located(Problem("no bars", path="data")).line == 6
    assert loaded.located(Problem("no bars", path="period.start")).file == "--set period.start"
    elsewhere = Problem("bad price", file="SPY.csv", line=7, path="data.path")
    assert loaded.located(elsewhere) == elsewhere


def test_loading_imports_nothing_heavy_and_makes_few_calls(folder, good):
    """41,000 calls where this was written; to read every strategy twice, say, would go over."""
    code = (
        "import sys\n"
        "from engine.config.loader import load_config\n"
        "from engine.model.run import RunConfig\n"
        "RunConfig.model_rebuild()\n"
        "made = 0\n"
        "def count(frame, event, argument):\n"
        "    global made\n"
        "    made += event in ('call', 'c_call')\n"
        f"sys.setprofile(count); load_config({str(folder.write(good))!r}); sys.setprofile(None)\n"
        "heavy = {'pandas', 'numba', 'pyarrow', 'plotly', 'talib', 'exchange_calendars', 'rich'} & set(sys.modules)\n"
        "print(made, *heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    made, *heavy = done.stdout.split()
    assert heavy == []
    assert 10_000 < int(made) < 60_000
