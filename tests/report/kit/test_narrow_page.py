# SPDX-License-Identifier: Apache-2.0
"""A page on a telephone, 390 pixels wide: names that nothing breaks do not push it sideways."""

import re
import shutil
import subprocess

import pytest

from engine.notice import loud, note
from engine.report.kit.markup import cards, header, notice_list, paragraph, section
from engine.report.kit.page import plain_page

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LONG = "a_configuration_with_a_very_long_name_" * 3
FRAME = """\
<iframe src="page.html" style="width:390px;height:900px;border:0"></iframe>
<script>onload = () => {
  document.body.dataset.width = document.querySelector("iframe").contentDocument.documentElement.scrollWidth
}</script>
"""


def width(folder, body):
    """How many pixels wide the page becomes in a place of 390."""
    (folder / "page.html").write_text(plain_page(LONG, body), encoding="utf-8")
    (folder / "frame.html").write_text(FRAME, encoding="utf-8")
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    asked = [BROWSER, *words, f"--user-data-dir={folder / 'profile'}", str(folder / "frame.html")]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=True)
    return int(re.search(r'data-width="(\d+)"', done.stdout)[1])


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_long_names_do_not_push_the_page_sideways(tmp_path):
    facts = (("Strategy", f"{LONG}:{LONG}"), ("Data", f"csv {LONG}"))
    parts = {
        "head": header(f"backtest of {LONG}", LONG, facts, LONG),
        "notices": notice_list([loud(LONG), note(LONG)]),
        "cards": cards([(LONG, "1", LONG, "")]),
        "section": section("x", LONG, f"<h3>{LONG}</h3>", paragraph(LONG), lead=LONG),
    }
    assert {name: width(tmp_path, part) <= 390 for name, part in parts.items()} == dict.fromkeys(parts, True)
