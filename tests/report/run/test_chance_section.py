# SPDX-License-Identifier: Apache-2.0
"""`tandem report RUN --significance --null-markets N`: on the page, on the terminal, as JSON, and what is refused."""

import json
import shutil

import jsonschema
import numpy as np
import pytest

import engine
from engine.analytics.significance.chance import Chance, p_of_rank
from engine.errors import InputError
from engine.report.run.chance_section import chance_document, chance_html, chance_notices
from engine.runs.chance.findings import AgainstChance
from engine.runs.chance.random_entries import RandomEntries
from tests.report.run.conftest import CONFIG, SCHEMA, report


@pytest.fixture(scope="module")
def told(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("pages") / "page.html"
    found = json.loads(report(folder, "--significance", "--null-markets", 25, "--out", out, "--json").output)
    jsonschema.validate(found, SCHEMA)
    return found["significance"]["chance"] | {"page": out.read_text(encoding="utf-8")}


def test_the_document_has_every_ratio_and_p_is_their_rank(told):
    null = told["null_markets"]
    assert null["block"] >= 1.0
    assert null["first"] == "2017-01-03"
    for kind in ("together", "apart"):
        one = null[kind]
        assert one["runs"] == len(one["ratios"]) == 25
        assert one["as_high"] == sum(ratio >= one["own"] for ratio in one["ratios"])
        assert one["p"] == (1 + one["as_high"]) / 26
        assert sorted(one["ratios"])[12] == one["median"]
        assert one["stopped"] == 0
    assert null["together"]["own"] == null["apart"]["own"]
    assert null["together"]["ratios"] != null["apart"]["ratios"]


def test_what_it_is_held_against_is_the_run_itself(told, run):
    assert told["null_markets"]["together"]["own_fills"] == len(run.fills)
    own = told["null_markets"]["together"]["own"]
    assert own == pytest.approx(run.metrics.sharpe, abs=0.01)  # docs/sweep.md says in what they differ


def test_page_and_terminal_say_the_same(told, folder, tmp_path):
    said = report(folder, "--significance", "--null-markets", 25, "--out", tmp_path / "again.html").output
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == told["page"]
    for words in ("Against chance", "null markets, symbols", "Phipson and Smyth"):
        assert words in said
        assert words in told["page"]
    assert 'id="chart-chance"' in told["page"]
    assert max(map(len, said.splitlines()[:-1])) <= 80


def test_a_run_of_other_bars_or_another_source_is_not_made_again(folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    manifest["data"]["fingerprint"] = "0" * 16
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="the bars of the run: another today"):
        report(other, "--significance", "--null-markets", 5)
    manifest["source_hash"] = "0" * 64
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="the strategy's source of the run: another today"):
        report(other, "--significance", "--null-markets", 5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--significance", "--null-markets", 0], "1 to 100,000"),
        (["--significance", "--null-block", 5], "--null-markets N beside it"),
        (["--null-markets", 5], "--significance --null-markets beside it"),
        (["--significance", "--null-markets", 5, "--null-block", 400], "a quarter of the bars"),
    ],
)
def test_what_cannot_be_asked_is_refused(folder, words, said):
    with pytest.raises(InputError, match=said):
        report(folder, *words)


def test_random_entries_are_told_alike_on_page_and_as_data():
    drawn = np.array([0.1, 0.6, np.inf] + [0.2] * 17)
    chance = Chance(own=0.5, drawn=drawn, p=p_of_rank(0.5, drawn), idle=0, stopped=1, fills=40.0, own_fills=41)
    found = AgainstChance(entries=RandomEntries(trades=20, within=1, held=0.5, kept=0.4, chance=chance))
    document = chance_document(found)
    schema = SCHEMA["properties"]["significance"]["properties"]["chance"]
    jsonschema.validate(document, {**schema, "$defs": SCHEMA["$defs"]})
    told = document["random_entries"]
    assert (told["as_high"], told["runs"], told["p"]) == (2, 20, 3 / 21)
    assert told["ratios"][:3] == [0.1, 0.6, None]
    page = chance_html(found)
    for words in ("20 trades", "at 50 % of the closes", "a ratio of 0.40", "1 trade within one bar left out"):
        assert words in page
    assert [one.level for one in chance_notices(found)] == ["loud", "loud"]
    assert "2 of 20 runs (random entries) are as high. p 0.14" in page


def test_a_run_of_few_trades_is_not_scattered(folder):
    with pytest.raises(InputError, match="too few round trips to scatter"):
        report(folder, "--significance", "--random-entries", 5)


@pytest.fixture(scope="module")
def long_folder(tmp_path_factory):
    run = engine.backtest(CONFIG, ["mode=interpreted"])
    return run.save(tmp_path_factory.mktemp("runs") / "long")


def test_the_trades_in_another_order_need_no_run(long_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.report.folder.rebuilt.again", None)
    page = tmp_path / "page.html"
    words = ("--significance", "--trip-orders", 200, "--out", page)
    told = json.loads(report(long_folder, *words, "--json").output)
    jsonschema.validate(told, SCHEMA)
    found = told["significance"]["chance"]["trip_orders"]
    assert found["orders"] == 200
    assert found["trades"] >= 10
    assert 0.0 < found["quantiles"]["0.05"] <= found["quantiles"]["0.5"] <= found["quantiles"]["0.95"] < 1.0
    said = report(long_folder, *words).output
    assert "The trades in another order" in said
    assert "The trades in another order" in page.read_text(encoding="utf-8")
    assert "Against chance" not in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
