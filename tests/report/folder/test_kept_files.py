# SPDX-License-Identifier: Apache-2.0
"""Files of a run folder that were cut, edited or exchanged, and still read: none of them may pass for the run's."""

import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from engine.config.yaml_reader import read_yaml
from engine.errors import InputError
from engine.model.run import RunConfig
from engine.report.folder.read_run import read_run
from engine.report.folder.run_index import list_runs

READ = ["config.yaml", "equity.parquet", "features.parquet", "ledger.parquet", "orders.parquet"]
CHANGED = r"{}: cannot be read as part of a run folder; found other content than the run wrote"


@pytest.fixture
def folder(written, result):
    return written(result).folder


def refused(folder, name):
    with pytest.raises(InputError, match=CHANGED.format(name)):
        read_run(folder)


def test_the_manifest_has_the_digest_of_every_file_but_the_page_and_itself(folder):
    by_hand = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    told = json.loads((folder / "manifest.json").read_text())["files"]
    assert set(by_hand) - set(told) == {"manifest.json", "report.html"}
    assert told == {name: by_hand[name] for name in told}


def test_half_a_configuration_is_a_configuration_but_not_the_run_s(folder):
    lines = (folder / "config.yaml").read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("costs:"))
    half = "".join(lines[:at])
    (folder / "config.yaml").write_text(half)
    assert RunConfig.model_validate(read_yaml(half, "config.yaml").data), "it reads: nothing else would tell"
    refused(folder, "config.yaml")


@pytest.mark.parametrize(
    ("name", "column"), [("equity", "equity"), ("ledger", "amount"), ("features", "large.close"), ("orders", "filled")]
)
def test_one_number_of_a_table(folder, name, column):
    file = folder / f"{name}.parquet"
    table = pq.read_table(file)
    place = table.column_names.index(column)
    at = pa.array([row == 1 for row in range(table.num_rows)])
    values = pc.if_else(at, pc.add(table.column(column), 1.0), table.column(column))
    pq.write_table(table.set_column(place, column, values), file, compression="zstd")
    refused(folder, file.name)


@pytest.mark.parametrize("name", READ)
def test_a_file_of_another_run(folder, written, later, tmp_path, name):
    other = written(later, root=tmp_path / "other").folder
    shutil.copy(other / name, folder / name)
    refused(folder, name)


def test_figures_that_were_changed_are_not_listed(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | {"sharpe": 9.9}))
    found = list_runs(folder.parent.parent)
    assert found.runs == []
    assert [problem.found for problem in found.broken] == [
        "other content than the run wrote: it was changed or cut since"
    ]


def test_lines_may_be_ended_as_another_system_does(folder, result):
    for name in ("config.yaml", "metrics.json"):
        text = (folder / name).read_bytes()
        (folder / name).write_bytes(text.replace(b"\n", b"\r\n"))
    assert read_run(folder).config == result.config
    assert len(list_runs(folder.parent.parent).runs) == 1


def test_a_manifest_from_before_it_kept_digests_holds_nothing_against_a_file(folder, result):
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    config = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(config + "# looked at\n")
    assert read_run(folder).config == result.config
    manifest["files"] = []
    (folder / "manifest.json").write_text(json.dumps(manifest))
    refused(folder, "config.yaml")
