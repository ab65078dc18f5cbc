# SPDX-License-Identifier: Apache-2.0
"""No figure that a reader sees is a negative zero: where nothing was paid or moved its sign says nothing."""

import base64
import json
import math
import re

import numpy as np
import pyarrow.parquet as pq
import pytest

import engine
from engine.arrays import unsign
from engine.report.kit.arrow_columns import as_it_is, column
from engine.report.kit.encoding import figures_json, packed, to_json
from tests import programs
from tests.cli.data_desk import RULE, DataDesk, bars_text, session_days

DATES = np.array(session_days("2024-01-02", 30)).astype("M8[D]").astype(str).tolist()


@pytest.fixture(scope="module", params=["delisted", "flat"])
def ran(request, tmp_path_factory):
    """A short of X that is paid nothing at its end, without any cost; and a run that never trades."""
    folder = tmp_path_factory.mktemp(request.param)
    desk = DataDesk(folder, {"HOME": str(folder), "TANDEM_CACHE_DIR": str(folder / "cache"), "PATH": "/usr/bin"})
    desk.write("X.csv", bars_text(DATES[:15], [10 + row % 3 for row in range(15)]))
    desk.write("Y.csv", bars_text(DATES, [50.0] * 30))
    words = "target(0, -0.5)" if request.param == "delisted" else "close(0)"
    desk.write("short.py", RULE.replace('("x",)', '("x", "y")').replace("ORDER", words))
    spans = {"X": {"until": "end", "pays": 0}}
    found = desk.run(strategy="short.py", roles={"x": "X", "y": "Y"}, spans=spans, benchmark="Y").ok()
    return desk, found


def signed(values) -> int:
    return int(((values == 0) & np.signbit(values)).sum())


def test_a_short_of_what_ends_worthless_is_bought_back_at_nothing(ran):
    desk, found = ran
    trips = found.table("round_trips")
    if len(trips):
        (price,) = trips["exit_price"]
        assert (price, math.copysign(1, price)) == (0, 1)
    assert len(trips) == int("delisted" in desk.folder.name)


def test_no_table_of_a_run_has_a_negative_zero(ran):
    _, found = ran
    tables = {path.stem: pq.read_table(path).to_pandas() for path in found.made[0].glob("*.parquet")}
    floats = {(stem, name): table[name] for stem, table in tables.items() for name in table.select_dtypes("float64")}
    assert len(floats) > 30
    assert [name for name, values in floats.items() if signed(values)] == []


def test_nor_has_a_document_or_the_page(ran):
    desk, found = ran
    folder = found.made[0]
    done = programs.tandem("backtest", "run.yaml", "--json", cwd=desk.folder, env=desk.env)
    documents = [done.stdout, *(path.read_text() for path in folder.glob("*.json"))]
    shown = programs.tandem("report", str(folder), "--json", cwd=desk.folder, env=desk.env).stdout
    page = (folder / "report.html").read_text()
    figures = page.partition('id="figure-data">')[2].partition("</script>")[0]
    assert figures
    for text in [*documents, shown, figures, re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)]:
        assert re.findall(r"[\[:,( ]-0(?:\.0+)?(?=[\],)}\s])", text) == []
    said = programs.tandem("backtest", "run.yaml", cwd=desk.folder, env=desk.env).stdout
    assert re.findall(r"(?<!\w)[-\N{MINUS SIGN}]0(?:\.0+)?(?![.\d])", said) == []


def test_nor_has_what_python_gives(ran):
    held = engine.read_run(ran[1].made[0])
    figures = [value for value in held.analysis.metrics.values.values() if isinstance(value, float)]
    assert len(figures) > 40
    assert signed(np.array(figures)) == 0
    for table in (held.fills, held.orders, held.ledger, held.trades):
        assert sum(signed(table[name]) for name in table.select_dtypes("float64")) == 0


def test_the_doors_take_the_sign_of_a_zero_and_of_nothing_else():
    given = np.array([-0.0, 0.0, -1.5, np.nan, -1e-300])
    assert column(given).to_numpy(zero_copy_only=False).tobytes() == (given + 0.0).tobytes()
    assert signed(as_it_is(given).to_numpy(zero_copy_only=False)) == 1, "what an author computed stays as it is"
    assert signed(given) == 1, "what is given is not changed"
    assert json.loads(to_json({"a": [-0.0, {"b": -0.0}], "c": -1e-300})) == {"a": [0.0, {"b": 0.0}], "c": -1e-300}
    assert "-0.0" not in to_json({"a": [-0.0, (-0.0,), {"b": -0.0}]})
    assert '"x":[0.0,-1.5]' in figures_json({"one": {"data": [{"x": [-0.0, -1.5]}], "layout": {"at": 0.0}}})
    for kind in ("f4", "f8"):
        body = base64.b64decode(packed(given[:3], kind)["bdata"])
        assert np.frombuffer(body, kind).tolist() == [0.0, 0.0, -1.5]
        assert signed(np.frombuffer(body, kind)) == 0


def test_records_lose_the_signs_of_their_zeros_in_place():
    records = np.array([(-0.0, -1, -2.5), (0.0, 0, -0.0)], [("a", "f8"), ("n", "i8"), ("b", "f8")])
    assert unsign(records) is records
    assert records.tolist() == [(0.0, -1, -2.5), (0.0, 0, 0.0)]
    assert signed(records["a"]) == signed(records["b"]) == 0
