# SPDX-License-Identifier: Apache-2.0
"""A run on bars that are not daily, read back from its folder: the same figures and the same page."""

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.report.folder.read_run import read_run
from tests import programs
from tests.cases import Case, days


@pytest.mark.parametrize(("step", "a_year"), [(5, 52.0), (21, 12.0)], ids=["weekly", "monthly"])
def test_spacing_survives_the_folder(tmp_path, step, a_year):
    case = Case(tmp_path)
    draw = np.random.default_rng(3).normal(0.0, 0.02, 40)
    prices = np.round(100.0 * np.exp(np.cumsum(draw)), 2).tolist()
    dates = days("2019-01-04", 40 * step)[::step]
    case.bars(f"{day},{p},{p},{p},{p},1000000,0,1" for day, p in zip(dates, prices, strict=True))
    assert case.run().code == 0
    folder = (tmp_path / "out" / "case" / "latest").resolve()
    page = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    read = read_run(folder)
    assert read.market.spacing.per_year == a_year
    written = (folder / "metrics.json").read_text(encoding="utf-8")
    assert f'"cagr": {analyse(read).metrics.values["cagr"]!r}' in written
    assert programs.tandem("report", str(folder), cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}).returncode == 0
    assert (folder / "report.html").read_bytes() == page
