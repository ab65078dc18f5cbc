# SPDX-License-Identifier: Apache-2.0
"""Golden files are written again by name and for a reason, and for nothing less."""

import json

import pytest

from tests.golden import regenerate
from tests.golden.digest import RUNS


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The golden files elsewhere, and runs that give what stands in `results`."""
    results = {name: {"fills": number} for number, name in enumerate(RUNS)}
    for name, found in results.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (tmp_path / "CHANGES.md").write_text("# Changes\n\n", encoding="utf-8")
    monkeypatch.setattr(regenerate, "file_of", lambda name: tmp_path / f"{name}.json")
    monkeypatch.setattr(regenerate, "CHANGES", tmp_path / "CHANGES.md")
    monkeypatch.setattr(regenerate, "run", lambda name, _: results[name])
    monkeypatch.setattr(regenerate, "digest", dict)
    return tmp_path, results


def contents(folder):
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


@pytest.mark.parametrize(("given", "says"), [
    ([], "required: NAME, --because"),
    (["spread_sample"], "required: --because"),
    (["--because", "the spread now rolls"], "required: NAME"),
    (["all", "--because", "the spread now rolls"], "invalid choice: 'all'"),
    (["spread_sample", "--because", ""], "no reason"),
    (["spread_sample", "--because", " fix  it "], "'fix it' is no reason"),
])  # fmt: skip
def test_without_names_or_a_reason_nothing_is_written(desk, capsys, given, says):
    folder, results = desk
    results["spread_sample"]["fills"] += 1
    before = contents(folder)
    with pytest.raises(SystemExit) as stopped:
        regenerate.main(given)
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err
    assert contents(folder) == before


def test_what_is_named_is_written_and_the_reason_kept(desk, capsys):
    folder, results = desk
    for found in results.values():
        found["fills"] += 100
    before = contents(folder)
    reason = "Borrow fees are charged\n  on the settlement date"
    assert regenerate.main(["spread_sample", "vix_hedge_sample", "spread_sample", "--because", reason]) == 0
    changed = {name for name, text in contents(folder).items() if text != before[name]}
    assert changed == {"spread_sample.json", "vix_hedge_sample.json", "CHANGES.md"}
    assert json.loads((folder / "spread_sample.json").read_text()) == results["spread_sample"]
    line = "Borrow fees are charged on the settlement date"
    assert (folder / "CHANGES.md").read_text() == f"# Changes\n\n- spread_sample, vix_hedge_sample: {line}\n"
    assert f"For the commit: {line} (spread_sample, vix_hedge_sample)" in capsys.readouterr().out


def test_what_has_not_changed_is_no_change(desk, capsys):
    folder, _ = desk
    before = contents(folder)
    assert regenerate.main(["portfolio_sample", "--because", "to see that nothing moved"]) == 0
    assert contents(folder) == before
    assert capsys.readouterr().out == "portfolio_sample: unchanged\n"


def test_real_runs_stay_where_the_bars_are_absent(desk, capsys, monkeypatch, tmp_path):
    folder, results = desk
    monkeypatch.setattr(regenerate, "REAL_DATA", tmp_path / "nowhere")
    results["spread_real"]["fills"] += 1
    before = contents(folder)
    assert regenerate.main(["spread_real", "--because", "a reason of four words"]) == 0
    assert contents(folder) == before
    assert "left as it is" in capsys.readouterr().out
