# SPDX-License-Identifier: Apache-2.0
"""configs/*_real.yaml through the command: one setting leads each to its bars, and one sentence asks for it."""

import json
import os

import pytest

from tests.strategies.shipped import CONFIGS

REAL = sorted(CONFIGS.glob("*_real.yaml"), key=str)
NAMES = [file.stem for file in REAL]
OTHERS = {"qqq_kre_real": "KRE.csv", "reverse_book_real": "IWN.csv"}
"""What those need that have no small caps of the Russell 2000."""


def test_all_are_here():
    assert len(REAL) == 14


@pytest.mark.parametrize("file", REAL, ids=NAMES)
def test_by_either_setting_alone(desk, real_data, file):
    given = desk.tandem("config", "check", str(file), "--set", f"data.path={real_data}", "--json")
    desk.env["TANDEM_DATA"] = str(real_data)
    named = desk.tandem("config", "check", str(file), "--json")
    assert (given.returncode, given.stderr) == (0, "")
    assert (named.returncode, named.stdout, named.stderr) == (0, given.stdout, "")


def test_a_backtest(desk, real_data):
    desk.env["TANDEM_DATA"] = str(real_data)
    words = ("--set", "period.end=2003-12-31", "--out", "out", "--json")
    done = desk.tandem("backtest", str(CONFIGS / "vix_hedge_real.yaml"), *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["data"] | {"fingerprint": ""} == {
        "label": f"csv {real_data}", "synthetic": False, "fingerprint": ""
    }  # fmt: skip


@pytest.mark.parametrize("file", REAL, ids=NAMES)
def test_without_the_folder_one_sentence_says_what_it_needs(desk, file):
    desk.refused(
        "backtest", str(file), "--out", "out",
        says=("data.path: the run reads its data from a folder, and TANDEM_DATA does not name one",
              OTHERS.get(file.stem, "IWM.csv"), "rates/DTB3.csv", "TANDEM_DATA=FOLDER",
              "--set data.path=FOLDER", "tandem data pull"),
    )  # fmt: skip
    done = desk.tandem("backtest", str(file), "--set", f"data.path={os.devnull}/none")
    assert done.returncode == 2
    assert done.stderr.count("error ") == 1
    assert f"found    {os.devnull}/none" in done.stderr
