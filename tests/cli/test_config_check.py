# SPDX-License-Identifier: Apache-2.0
"""`tandem config check` refuses what would stop a run before its first bar, with the words of the run."""

import json

import pytest

from tests import programs
from tests.cases import CONFIG, RULE, Case, days, flat

READS_VIX = 'series = ("vix",)'


@pytest.fixture
def case(tmp_path) -> Case:
    made = Case(tmp_path)
    made.bars(flat(days("2024-01-02", 20)))
    return made


def checked(case: Case, *words: str):
    return programs.tandem("config", "check", "case.yaml", *words, cwd=case.folder, env=env(case))


def env(case: Case) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(case.folder), "TANDEM_CACHE_DIR": str(case.folder / "cache")}


def refused(case: Case, *says: str) -> None:
    """Both commands end with 2 and say the same mistake."""
    done, ran = checked(case), case.run()
    assert (done.returncode, done.stdout, ran.code) == (2, "", 2), done.stdout + done.stderr
    said = " ".join(done.stderr.split())
    for part in says:
        assert part in said, done.stderr
        assert part in ran.said
    document = json.loads(checked(case, "--json").stdout)
    assert document["ok"] is False
    assert document["problems"]


def test_what_can_run_is_ok_with_what_its_bars_say(case):
    case.bars([*flat(days("2024-01-02", 20))[:9], *flat(days("2024-01-02", 20))[10:]])
    done = checked(case)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 20 sessions of XNYS have no bar" in " ".join(done.stdout.split())
    notices = json.loads(checked(case, "--json").stdout)["notices"]
    assert notices[0]["level"] == "loud"
    assert not (case.folder / "out").exists()


class TestNames:
    @pytest.mark.parametrize("word", ["ts", "cash", "market", "last", "order"])
    def test_a_role_whose_name_is_taken(self, case, word):
        case.write("rule.py", (case.folder / "rule.py").read_text().replace('("x",)', f'("{word}",)'))
        case.write("case.yaml", CONFIG.replace("{x: X}", f"{{{word}: X}}").replace("PRICES", "raw"))
        refused(case, word, "is taken", "case.yaml:3:")

    def test_all_names_that_are_taken_are_listed(self, case):
        case.write("rule.py", (case.folder / "rule.py").read_text().replace('("x",)', '("cash",)'))
        case.write("case.yaml", CONFIG.replace("{x: X}", "{cash: X}").replace("PRICES", "raw"))
        said = " ".join(checked(case).stderr.split())
        listed = said.partition("any other name but ")[2].split(", ")
        assert {"asset", "equity", "market", "orders", "working"} < set(listed)
        assert "year" in listed[-1]
        assert "\N{HORIZONTAL ELLIPSIS}" not in said

    @pytest.mark.parametrize("word", ["last", "x", "cash"])
    def test_a_series_of_the_file_whose_name_is_taken(self, case, word):
        case.bars([f"{day},20" for day in days("2024-01-02", 20)], "date,close", "VIX.csv")
        case.add(f"series: {{{word}: {{symbol: VIX, path: VIX.csv}}}}")
        refused(case, f"series.{word}")

    @pytest.mark.parametrize("word", ["last", "x"])
    def test_a_benchmark_whose_name_is_taken(self, case, word):
        case.bars([f"{day},2" for day in days("2024-01-02", 20)], "date,close", "RATE.csv")
        text = CONFIG.replace("PRICES", "raw").replace("benchmark: 0.0", f"benchmark: {word}")
        case.write("case.yaml", text + f"series: {{{word}: {{symbol: RATE, path: RATE.csv, unit: percent}}}}\n")
        refused(case, f"series.{word}", "this name is taken by a role or by the bar")

    def test_a_feature_with_a_word_of_on_bar(self, case):
        rule = RULE.replace("SERIES", "pass").replace("FEATURES", '{"x.y": market.x.close}')
        case.write("rule.py", rule)
        refused(case, "x.y")


class TestImports:
    def test_a_package_that_is_not_there(self, case):
        case.write("rule.py", "import nothing_of_this_name\n" + (case.folder / "rule.py").read_text())
        refused(case, "nothing_of_this_name")

    def test_a_package_that_a_helper_of_the_strategy_needs(self, case):
        case.write("steps.py", "import nothing_of_this_name\n")
        case.write("rule.py", "import steps\n" + (case.folder / "rule.py").read_text())
        refused(case, "nothing_of_this_name")

    def test_an_import_inside_of_features(self, case):
        rule = (case.folder / "rule.py").read_text()
        case.write(
            "rule.py", rule.replace("        return {}", "        import nothing_of_this_name\n\n        return {}")
        )
        refused(case, "nothing_of_this_name")

    def test_a_line_of_on_bar_that_cannot_be_compiled(self, case):
        case.write("rule.py", (case.folder / "rule.py").read_text().replace("s.n += 1", "s.n = sorted([s.n])[0]"))
        refused(case, "on_bar")


class TestFiles:
    def test_a_symbol_without_a_file(self, case):
        (case.folder / "X.csv").unlink()
        refused(case, "X.csv")

    def test_a_series_without_its_file(self, case):
        self.bound(case, "{symbol: VIX, path: VIX.csv, column: close}")
        refused(case, "VIX.csv")

    def test_a_column_that_the_file_of_a_series_lacks(self, case):
        self.bound(case, "{symbol: VIX, path: VIX.csv, column: settle}")
        case.bars([f"{day},20" for day in days("2024-01-02", 20)], "date,close", "VIX.csv")
        refused(case, "settle", "series.vix.column")

    def test_the_column_of_publication_too(self, case):
        self.bound(case, "{symbol: VIX, path: VIX.csv, column: close, lag: {column: out}}")
        case.bars([f"{day},20" for day in days("2024-01-02", 20)], "date,close", "VIX.csv")
        refused(case, "out", "series.vix.lag.column")

    def test_bars_that_a_run_refuses(self, case):
        case.bars([*flat(days("2024-01-02", 10)), *flat(days("2024-01-02", 20)[10:], price=50.0)])
        refused(case, "as in a split of 2 for 1, and none is on record")

    def test_a_period_without_bars(self, case):
        case.add("period: {start: 2025-01-02}")
        refused(case, "no bar in the period")

    def bound(self, case: Case, binding: str) -> None:
        case.write(
            "rule.py",
            RULE.replace("SERIES", READS_VIX).replace("FEATURES", "{}").replace("    series = series", "    series"),
        )
        case.add(f"series: {{vix: {binding}}}")


def test_bars_that_a_run_downloads_are_not_read(case):
    case.write("case.yaml", CONFIG.replace("{source: csv, path: ., prices: PRICES}", "{source: yahoo}"))
    done = checked(case)
    assert done.returncode == 0, done.stderr
    assert "downloaded by a run: they and the features are not checked" in " ".join(done.stdout.split())
