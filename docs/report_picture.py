# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the picture it draws)
"""Draws docs/images/report.png, the top of the sample run's report: `python docs/report_picture.py`. Needs chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from page import CONFIGS, IMAGES

WIDTH, HEIGHT = 1280, 1674

if __name__ == "__main__":
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        sys.exit("No chromium on PATH: report.png is left as it was.")
    with tempfile.TemporaryDirectory() as folder:
        tandem = [sys.executable, "-c", "from engine.cli import main; main()"]
        config = str(CONFIGS / "spread_sample.yaml")
        command = [*tandem, "backtest", config, "--out", folder]
        environment = {**os.environ, "TANDEM_TRIALS": f"{folder}/trials.sqlite"}
        subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603
        (page,) = Path(folder).glob("*/2*/report.html")
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000"]
        size = [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={IMAGES / 'report.png'}"]
        subprocess.run([browser, *options, *size, page.as_uri()], check=True, capture_output=True)  # noqa: S603
